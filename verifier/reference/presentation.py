"""The presentation language of TLS (RFC 8446 section 3), as docs/protocol.md section 1 has it.

A field is read by a function from a Reader to a value; `struct` puts fields together, in the
order and with the names of the document. Whatever is not exactly as it says is refused.
"""
import re
from types import SimpleNamespace

from group import Bad
from notes import utf8

FULL = 2**16 - 1


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        if self.at + n > len(self.data):
            raise Bad(f"{self.at + n - len(self.data)} bytes are missing at byte {self.at}")
        self.at += n
        return self.data[self.at - n:self.at]

    def end(self):
        if self.at != len(self.data):
            raise Bad(f"{len(self.data) - self.at} bytes are left over at byte {self.at}")


def uint(size):
    return lambda r: int.from_bytes(r.take(size), "big")


def fixed(size):
    return lambda r: r.take(size)


def opaque(low, high):
    def read(r):
        length = uint(1 if high <= 255 else 2)(r)
        if not low <= length <= high:
            raise Bad(f"a length of {length} is not in {low}..{high}")
        return r.take(length)
    return read


def text(low, high):
    return lambda r: utf8(opaque(low, high)(r), "text")


def vector(low, high, element):
    """A list whose length in bytes is low..high."""
    def read(r):
        inside, result = Reader(opaque(low, high)(r)), []
        while inside.at < len(inside.data):
            try:
                result.append(element(inside))
            except Bad as error:
                raise Bad(f"element {len(result)}: {error}") from None
        return result
    return read


def ascending(read, key=lambda element: element):
    def checked(r):
        result = read(r)
        keys = [key(element) for element in result]
        if any(a >= b for a, b in zip(keys, keys[1:])):
            raise Bad("not strictly ascending")
        return result
    return checked


def one_of(read, *values):
    def checked(r):
        value = read(r)
        if value not in values:
            raise Bad(f"{value} is none of {', '.join(map(str, values))}")
        return value
    return checked


def struct(*fields):
    """A structure; a field is (name, reader), or a function from what was read to more fields."""
    def read(r, into=None, fields=fields):
        into = into or SimpleNamespace()
        for field in fields:
            if callable(field):
                read(r, into, field(into))
                continue
            try:
                setattr(into, field[0], field[1](r))
            except Bad as error:
                raise Bad(f"{field[0]}: {error}") from None
        return into
    return read


def parse(read, data):
    r = Reader(data)
    result = read(r)
    r.end()
    return result


def by_number(element):
    return element.number


u8, u16, u32, u64 = uint(1), uint(2), uint(4), uint(8)
flag = one_of(u8, 0, 1)
numbers16 = vector(0, FULL, u16)


# Section 1

def language(r):
    tag = opaque(2, 35)(r)
    if not re.fullmatch(b"[a-z0-9-]+", tag):
        raise Bad("not a language tag in lower case")
    return tag.decode()


def texts(r):
    """{language: text}"""
    pairs = ascending(vector(1, FULL, struct(("language", language), ("text", text(0, FULL)))),
                      lambda pair: pair.language.encode())(r)
    return {pair.language: pair.text for pair in pairs}


named_key = struct(("name", text(1, 255)), ("key", fixed(32)))
place = struct(("number", u16), ("name", texts))           # districts and categories without more


def raw_texts(r):
    """Texts together with their encoding, which text_hash needs."""
    start = r.at
    return texts(r), r.data[start:r.at]


def points(r):
    """An opaque vector of elements of 32 bytes."""
    data = opaque(32, FULL)(r)
    if len(data) % 32:
        raise Bad(f"a length of {len(data)} is not a multiple of 32")
    return data


def pieces(data, size=32):
    return [data[i:i + size] for i in range(0, len(data), size)]


def credentials(r):
    return b"".join(ascending(lambda r: pieces(points(r)))(r))
