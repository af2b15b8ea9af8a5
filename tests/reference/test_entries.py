"""The parser against the examples of docs/protocol.md 13.3, and its strictness."""
import re
import unittest

from support import DOCUMENT
from entries import ORDERS, NAMES, Entry, check_elements
from forgeries import election, petition
from group import Bad, L
from pieces import opaque as sized
from presentation import Reader, ascending, language, opaque, parse, struct, text, texts, u16
from presentation import vector

EXAMPLE = re.compile(r"\n(0x[0-9a-f]{2}) ([^\n]*?), ([0-9,]+) bytes:\n\n```hex\n(.*?)```", re.S)


def examples():
    for type_, name, size, data in EXAMPLE.findall(DOCUMENT):
        yield int(type_, 16), name, int(size.replace(",", "")), bytes.fromhex(data)


class ExampleTest(unittest.TestCase):
    def test_every_example_is_read(self):
        for type_, name, size, data in examples():
            with self.subTest(name):
                self.assertEqual((data[0], len(data)), (type_, size))
                self.assertIsNone(Entry(0, data).broken)

    def test_there_is_one_of_every_type_and_kind(self):
        self.assertEqual({type_ for type_, *_ in examples()}, NAMES.keys())
        kinds = {Entry(0, data).content.kind for type_, _, _, data in examples() if type_ == 0x30}
        self.assertEqual(kinds, ORDERS.keys())

    def test_nothing_shorter_or_longer_is_read(self):
        for _, name, size, data in examples():
            with self.subTest(name):
                for n in range(1, size, max(1, size // 60)):
                    self.assertTrue(Entry(0, data[:n]).broken, n)
                self.assertTrue(Entry(0, data + b"\0").broken)
                for version in {0, 1, 2, 3} - {data[1]}:
                    self.assertTrue(Entry(0, data[:1] + bytes([version]) + data[2:]).broken)

    def test_unknown_types(self):
        for type_ in set(range(256)) - NAMES.keys():
            self.assertTrue(Entry(0, bytes([type_]) + b"\1" + bytes(200)).broken)

    def test_no_change_of_a_byte_breaks_the_reader(self):
        for _, name, size, data in examples():
            for i in range(0, size, max(1, size // 100)):
                for value in (0, 1, 127, 255, data[i] ^ 1):
                    entry = Entry(0, data[:i] + bytes([value]) + data[i + 1:])
                    if not entry.broken:
                        try:
                            check_elements(entry)
                        except Bad:
                            pass


class StrictnessTest(unittest.TestCase):
    def refused(self, read, *data):
        for d in data:
            with self.assertRaises(Bad, msg=d):
                parse(read, d)

    def test_lengths(self):
        self.assertEqual(parse(opaque(2, 255), b"\2ab"), b"ab")
        self.assertEqual(parse(opaque(2, 256), b"\0\2ab"), b"ab")
        self.refused(opaque(2, 255), b"", b"\1a", b"\3ab", b"\2abc")
        self.refused(vector(0, 100, u16), b"\3abc")

    def test_texts(self):
        en, fi = sized(b"en", False) + sized(b"a"), sized(b"fi", False) + sized("å".encode())
        self.assertEqual(parse(texts, sized(en + fi)), {"en": "a", "fi": "å"})
        self.refused(texts, sized(fi + en), sized(en + en), sized(b""))
        self.refused(text(0, 99), b"\1\xff", b"\1\0", b"\3\xed\xa0\x80", b"\2\xc0\x80")
        self.refused(language, b"\1e", b"\2EN", b"\2e_", b"\2\xc3\xa5")

    def test_order_of_elements(self):
        read = ascending(vector(0, 100, u16))
        self.assertEqual(parse(read, b"\4\0\1\0\2"), [1, 2])
        self.refused(read, b"\4\0\2\0\1", b"\4\0\1\0\1")

    def test_names_of_fields_are_in_the_sentence(self):
        with self.assertRaisesRegex(Bad, "outer: inner: 1 bytes are missing"):
            struct(("outer", struct(("inner", u16))))(Reader(b"x"))

    def test_points_and_scalars(self):
        for poll in (election(), petition()):
            for data in poll.entries + poll.roll.entries:
                check_elements(Entry(0, data))
        poll = election()
        broken = {
            "credential": lambda d: d[:12] + bytes(32) + d[44:],
            "commitment": lambda d: d[:-96] + b"\xff" * 32 + d[-64:],
            "responses": lambda d: d[:-32] + L.to_bytes(32, "little"),
            "ciphertexts": lambda d: d[:50] + bytes(32) + d[82:],
        }
        ballot = next(d for d in poll.entries if d[0] == 0x40)
        for name, change in broken.items():
            entry = Entry(0, change(ballot))
            self.assertIsNone(entry.broken)
            with self.assertRaisesRegex(Bad, name):
                check_elements(entry)
        identity = Entry(0, ballot[:82] + bytes(32) + ballot[114:])
        check_elements(identity)                           # a β may be the identity


if __name__ == "__main__":
    unittest.main()
