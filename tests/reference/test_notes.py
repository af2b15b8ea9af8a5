"""Notes, receipts, trees and the policy, as strict as docs/protocol.md 10 and 11."""
import base64
import unittest

from support import notes
from group import Bad
from log_maker import Log
from people import Person, Witness
from petition_maker import Petition
from policy import parse_policy

VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"


class NoteTest(unittest.TestCase):
    def setUp(self):
        self.log = Log("board.example/log", {})
        for i in range(7):
            self.log.append("entry", b"entry %d" % i)
        self.note = self.log.checkpoint()
        self.key = self.log.signer.key

    def refused(self, parse, *inputs):
        for data in inputs:
            with self.assertRaises(Bad, msg=data):
                parse(data)

    def test_what_a_terminal_may_be_sent(self):
        self.assertEqual(notes.printable("a\x00\x1b[2J\nb\x7f\x80\x9f\xa0ä"),
                         "a  [2J b   \xa0ä")

    def test_verifier_keys(self):
        name, key = notes.verifier_key(VKEY)
        self.assertEqual((name, notes.key_id(name, key).hex()), ("example.com/foo", "530d903a"))
        self.refused(notes.verifier_key, "", VKEY[:-1], VKEY + "=", VKEY.replace("530d", "530e"),
                     VKEY.replace("530d903a", "530D903A"), VKEY.replace("foo", "f o"), " " + VKEY,
                     VKEY.replace("+530d903a", ""), VKEY.replace("example.com/foo", ""))

    def test_checkpoints(self):
        checkpoint = notes.parse_checkpoint(self.note)
        self.assertEqual((checkpoint.origin, checkpoint.size), ("board.example/log", 7))
        notes.check_signature(checkpoint, "board.example/log", self.key)
        for origin, key in (("board.example/lo", self.key), ("board.example/log", Person("x").key)):
            with self.assertRaises(Bad):
                notes.check_signature(checkpoint, origin, key)

    def test_a_changed_checkpoint_is_refused(self):
        for i in range(len(self.note)):
            data = self.note[:i] + bytes([self.note[i] ^ 1]) + self.note[i + 1:]
            with self.assertRaises(Bad, msg=i):
                notes.check_signature(notes.parse_checkpoint(data), "board.example/log", self.key)

    def test_forms_of_notes(self):
        text, line = self.note.split(b"\n\n")
        line = line.rstrip(b"\n")
        self.refused(
            notes.parse_checkpoint, b"", text, self.note[:-1], self.note + b"\n", text + b"\n\n",
            self.note.replace(b"\n7\n", b"\n07\n"), self.note.replace(b"\n7\n", b"\n-7\n"),
            self.note.replace(b"\n7\n", b"\n%d\n" % 2**63), self.note.replace(b"\n7\n", b"\n0\n"),
            self.note.replace(b"\n7\n", "\n\u0667\n".encode()), self.note.replace(b"\n", b"\r\n"),
            self.note.replace(b"log\n", b"log\t\n"), self.note.replace(b"log\n", b"l g\n"),
            text + b"\nmore\n\n" + line + b"\n", self.note.replace(b"=\n\n", b"\n\n"),
            text + b"\n\n" + line + b"\nfoo\n", text + b"\n\n" + (line + b"\n") * 201,
            text + b"\n\n-" + line[3:] + b"\n", text + b"\n\n" + line + b" \n", b"\xff" + self.note,
            b"x" * 2**20 + self.note, text + "\n\n\u2014 foo AAAA\n".encode())
        for extra in (line, "\u2014 somebody AAAAAAA=".encode()):
            self.assertEqual(len(notes.parse_checkpoint(self.note + extra + b"\n").signatures), 2)
        with self.assertRaises(Bad):                       # two of a known key
            notes.check_signature(notes.parse_checkpoint(self.note + line + b"\n"),
                                  "board.example/log", self.key)

    def test_empty_tree(self):
        root = base64.b64encode(notes.root_hash([]))
        data = self.log.signed(f"board.example/log\n0\n{root.decode()}\n")
        self.assertEqual(notes.parse_checkpoint(data).size, 0)

    def test_receipts(self):
        for index in range(7):
            receipt = notes.parse_receipt(self.log.receipt(index))
            leaf = notes.leaf_hash(self.log.entries[index])
            root = self.log.root()
            self.assertEqual(notes.root_from_proof(leaf, index, 7, receipt.proof), root)
            for other in set(range(9)) - {index}:
                try:
                    self.assertNotEqual(notes.root_from_proof(leaf, other, 7, receipt.proof), root)
                except Bad:
                    pass
            for proof in (receipt.proof[:-1], receipt.proof + [leaf]):
                with self.assertRaises(Bad):
                    notes.root_from_proof(leaf, index, 7, proof)
        data = self.log.receipt(3)
        line = data.split(b"\n")[2] + b"\n"
        self.refused(notes.parse_receipt, b"", data[1:], data.replace(b"index 3", b"index 03"),
                     data.replace(b"index 3\n", b""),
                     data.replace(b"index 3\n", b"extra AA==\nindex 3\n"),
                     data.replace(line, line * 65), data.replace(line, b"AA==\n"),
                     data.replace(line, line.replace(b"=", b"")), b"\xff" + data)

    def test_roots_of_all_sizes(self):
        def slow(leaves):                                  # RFC 6962 section 2.1
            if len(leaves) == 1:
                return leaves[0]
            k = 1 << (len(leaves) - 1).bit_length() - 1
            return notes.node_hash(slow(leaves[:k]), slow(leaves[k:]))
        leaves = [notes.leaf_hash(b"%d" % i) for i in range(40)]
        for n in range(1, 41):
            self.assertEqual(notes.root_hash(leaves[:n]), slow(leaves[:n]))
            log = notes.Log.__new__(notes.Log)
            log.leaves = leaves
            self.assertEqual(log.root(n), slow(leaves[:n]))
            log = notes.Log.__new__(notes.Log)
            log.leaves = leaves[:n]
            self.assertEqual((log.root(), log.root(0)), (slow(leaves[:n]), notes.root_hash([])))

    def test_paths_of_tiles(self):
        for number, width, path in ((0, 256, "tile/0/000"), (5, 9, "tile/0/005.p/9"),
                                    (1234067, 256, "tile/0/x001/x234/067"),
                                    (1000, 1, "tile/0/x001/000.p/1")):
            self.assertEqual(notes.tile_path(0, number, width), path)
        levels = {"entries": 300 * 256 + 7, 0: 300 * 256 + 7, 1: 300, 2: 1}
        for path in ("tile/0/299", "tile/0/300.p/7", "tile/1/000", "tile/1/001.p/44",
                     "tile/2/000.p/1", "tile/entries/300.p/7"):
            self.assertTrue(notes.Log.belongs(path, levels), path)
        for path in ("tile/0/300", "tile/0/300.p/6", "tile/0/301.p/7", "tile/00/299",
                     "tile/0/x000/299", "tile/0/0299", "tile/3/000.p/1", "tile/1/000.p/256",
                     "tile/x/000", "tile/0/",
                     "tile/entries/300.p/007", "tile/0/" + "x000/" * 30 + "000", "tile/0/٢٩٩"):
            self.assertFalse(notes.Log.belongs(path, levels), path)


class PolicyTest(unittest.TestCase):
    def test_policies(self):
        text = Petition().policy()
        policy = parse_policy(text.encode())
        self.assertEqual((len(policy.officer), policy.officer_quorum, policy.trustee), (3, 2, []))
        parse_policy(("# a comment\n\n" + text.rstrip("\n")).encode())
        lines = text.splitlines(keepends=True)
        parse_policy("".join(reversed(lines)).encode())
        bad = ["", text + text, text.replace("quorum none", "quorum all"), text + "what else\n",
               text.replace("officer-quorum 2", "officer-quorum 0"), text + "trustee-threshold 1\n",
               text.replace("officer-quorum 2", "officer-quorum 4"), text.replace("log ", "log  "),
               text.replace("officer-quorum 2", "officer-quorum 02"), text.replace("\n", "\r\n")]
        bad += ["".join(lines[:i] + lines[i + 1:]) for i, line in enumerate(lines)
                if not line.startswith("officer ")]
        for data in [b.encode() for b in bad] + [b"\xff", text.encode() + b"\0"]:
            with self.assertRaises(Bad, msg=data):
                parse_policy(data)

    def test_witnesses(self):
        text = Petition().policy().replace("quorum none\n", "")
        a, b = (Witness(name).line(i) + "\n" for i, name in enumerate(("a", "b")))
        group = "group g any w0 w1\n"
        policy = parse_policy((text + a + b + group + "quorum g\n").encode())
        self.assertEqual((len(policy.witnesses.witnesses), policy.witnesses.quorum), (2, "g"))
        parse_policy((text + a + "# b\nquorum none\n").encode())
        parse_policy((a.replace("\n", " https://w.example\n") + text + "quorum w0\n").encode())
        bad = [a + b, a + "quorum w1\n", "quorum w0\n" + a, a + a + "quorum w0\n",
               a + b.replace("w1", "w0") + "quorum w0\n", a + "quorum w0\nquorum w0\n",
               a + b.replace("w1", "none") + "quorum w0\n",
               a.replace("w0 ", "w0  ") + "quorum w0\n", a.replace("w0 ", "w0\t") + "quorum w0\n",
               a + "quorum w0 \n",
               a.replace("+", "-", 1) + "quorum none\n", a + "quorum\n",
               "witness w0 " + Person("a").vkey() + "\nquorum none\n"]
        bad += [a + b + line + "quorum none\n" for line in (
            "group g 0 w0\n", "group g 3 w0 w1\n", "group g 01 w0\n", "group g some w0\n",
            "group g any\n", "group g any w0 w0\n", "group w0 any w1\n", "group g any g\n",
            group + "group h any w0\n")]
        for lines in bad:
            with self.assertRaises(Bad, msg=lines):
                parse_policy((text + lines).encode())


if __name__ == "__main__":
    unittest.main()
