"""The small pieces of which the records of these tests are made: encodings of docs/protocol.md,
section 1, and randomness from fixed seeds."""
import hashlib

import group
from group import encode, u8, u16


def opaque(data, wide=True):
    return (u16 if wide else u8)(len(data)) + data


def texts(text):
    return opaque(opaque(b"en", False) + opaque(text.encode()))


def public(k):
    return encode(group.G.times(k % group.L))


def scalar_bytes(k):
    return (k % group.L).to_bytes(32, "little")


class Random:
    """Scalars and bytes from a seed."""

    def __init__(self, seed):
        self.seed, self.count = seed, 0

    def bytes(self, n):
        self.count += 1
        return hashlib.shake_256(f"{self.seed} {self.count}".encode()).digest(n)

    def scalar(self):
        return int.from_bytes(self.bytes(64), "little") % group.L
