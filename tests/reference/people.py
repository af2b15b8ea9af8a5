"""People with their secrets, from fixed seeds: who signs, who cosigns checkpoints, who votes."""
import base64
import hashlib

import group
import notes
from group import add, challenge, encode, u64
from pieces import Random, opaque, scalar_bytes


def named_key(person):
    return opaque(person.name.encode(), False) + person.key


class Person:
    """Somebody with an Ed25519 key."""

    def __init__(self, name):
        h = hashlib.sha512(name.encode()).digest()
        self.name, self.prefix = name, h[32:]
        self.secret = int.from_bytes(h[:32], "little") % 2**254 // 8 * 8 + 2**254
        self.key = group.encode_edwards(group.G.times(self.secret % group.L))

    def sign(self, message):
        def hashed(*parts):
            return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % group.L
        r = hashed(self.prefix, message)
        commitment = group.encode_edwards(group.G.times(r))
        s = r + hashed(commitment, self.key, message) * self.secret
        return commitment + scalar_bytes(s)

    def vkey(self, name=None):
        name = name or self.name
        key = base64.b64encode(notes.ED25519 + self.key).decode()
        return f"{name}+{notes.key_id(name, self.key).hex()}+{key}"


class Witness(Person):
    """Cosigns checkpoints."""

    def id(self):
        return hashlib.sha256(self.name.encode() + b"\n\x04" + self.key).digest()[:4]

    def line(self, number):
        """The line of a policy that introduces it."""
        key = base64.b64encode(b"\x04" + self.key).decode()
        return f"witness w{number} {self.name}+{self.id().hex()}+{key}"

    def cosign(self, note, time):
        """The note with one line more."""
        text = note[:note.rindex(b"\n\n") + 1]
        message = b"cosignature/v1\ntime %d\n" % time + text
        blob = base64.b64encode(self.id() + u64(time) + self.sign(message)).decode()
        return note + f"\u2014 {self.name} {blob}\n".encode()


class Voter:
    def __init__(self, i, district, weight=1, category=1):
        r = Random(f"voter {i}")
        self.s, self.t, self.district, self.weight = r.scalar(), r.scalar(), district, weight
        self.category = category
        self.credential = encode(self.point(self.s, self.t))

    @staticmethod
    def point(s, t):
        return add(group.G.times(s), group.K_R.times(t))

    def prove(self, random, make_hash):
        """(C, z_s ‖ z_t) for the transcript make_hash(C) of some kind of challenge."""
        a, b = random.scalar(), random.scalar()
        commitment = encode(self.point(a, b))
        h, kind = make_hash(commitment)
        c = challenge(h, 65535, 65535, kind)
        return commitment, scalar_bytes(a + c * self.s) + scalar_bytes(b + c * self.t)
