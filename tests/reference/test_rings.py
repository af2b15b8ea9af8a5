"""Tags and rings against the vectors of tests/vectors/ring.json, and against changes of them."""
import json
import unittest

from support import VECTORS
import group
import rings
from group import Bad, T, add, challenge, decode, encode, multiply, scalar
from rings import Ring, ring_fields, ring_holds, tag_base, tag_holds

UNHEX = bytes.fromhex
VECTOR = json.loads((VECTORS / "ring.json").read_text(encoding="utf-8"))
SMALL = [v for v in VECTOR["proofs"] if len(v["points"]) == 64 * 64]


def changed(data, at, by):
    """With other 32 bytes at a place."""
    i = 32 * at
    return data[:i] + by + data[i + 32:]


class BasesTest(unittest.TestCase):
    def test_bases(self):
        w, u, v = rings.bases()
        self.assertEqual(encode(w).hex(), VECTOR["w"])
        for name, rows in (("u", u), ("v", v)):
            self.assertEqual([b"".join(map(encode, row)).hex() for row in rows], VECTOR[name])


class TagTest(unittest.TestCase):
    def test_vectors(self):
        for vector in VECTOR["proofs"]:
            base = tag_base(UNHEX(vector["poll_context"]))
            self.assertEqual(encode(base).hex(), vector["tag_base"])
            s = scalar(UNHEX(vector["secret"])[:32])
            self.assertEqual(encode(multiply(s, base)).hex(), vector["tag"])
            proof, tag = vector["tag_proof"], decode(UNHEX(vector["tag"]))
            h = T("test vector", ("tag base", encode(base)), ("tag", encode(tag)),
                  ("commitment", UNHEX(proof["commitment"])))
            self.assertEqual(h.hex(), proof["h"])
            c, z = challenge(h, 65535, 65535, rings.TAG), scalar(UNHEX(proof["response"]))
            r = decode(UNHEX(proof["commitment"]))
            self.assertTrue(tag_holds(base, tag, r, c, z))
            self.assertFalse(tag_holds(base, tag, r, c, z + 1))
            self.assertFalse(tag_holds(base, tag, r, c + 1, z))
            self.assertFalse(tag_holds(add(base, group.BASE), tag, r, c, z))
            self.assertFalse(tag_holds(base, add(tag, base), r, c, z))

    def test_refuses_the_identity(self):
        base = tag_base(bytes(32))
        self.assertFalse(tag_holds(base, group.ZERO, multiply(5, base), 7, 5))


class RingTest(unittest.TestCase):
    def setUp(self):
        self.points = UNHEX(SMALL[0]["points"])

    def test_refuses_what_is_no_ring(self):
        swapped = self.points[32:64] + self.points[:32] + self.points[64:]
        twice = self.points[:32] + self.points[:32] + self.points[64:]
        identity = bytes(32) + self.points[32:]
        not_canonical = self.points[:-1] + bytes([self.points[-1] | 128])
        for bad in (swapped, twice, identity, not_canonical, self.points[:-1], self.points[32:],
                    self.points[:32 * 16], b""):
            with self.subTest(bad[:40].hex()), self.assertRaises(Bad):
                Ring(bad)

    def prepared(self, vector):
        base, tag = decode(UNHEX(vector["tag_base"])), UNHEX(vector["tag"])
        return Ring(UNHEX(vector["points"])), base, tag, UNHEX(vector["commitments"])

    def test_vectors(self):
        for vector in VECTOR["proofs"]:
            ring, base, tag, commitments = self.prepared(vector)
            self.assertEqual(ring.hash.hex(), vector["ring_hash"])
            h = T("test vector", *ring_fields(ring.hash, base, tag, commitments))
            self.assertEqual(h.hex(), vector["h"])
            c = challenge(h, 65535, 65535, rings.RING)
            self.assertTrue(ring_holds(ring, base, decode(tag), commitments,
                                       UNHEX(vector["responses"]), c))

    def test_refuses_every_changed_field(self):
        vector = SMALL[0]
        ring, base, tag, commitments = self.prepared(vector)
        responses = UNHEX(vector["responses"])
        c = challenge(UNHEX(vector["h"]), 65535, 65535, rings.RING)

        def holds(**other):
            given = {"base": base, "tag": decode(tag), "commitments": commitments,
                     "responses": responses, "c": c, **other}
            return ring_holds(ring, *given.values())

        self.assertTrue(holds())
        self.assertFalse(holds(base=add(base, group.BASE)))
        self.assertFalse(holds(tag=add(decode(tag), base)))
        self.assertFalse(holds(c=c + 1))
        for at in range(len(commitments) // 32):
            point = encode(add(decode(commitments[32 * at:32 * at + 32]), group.BASE))
            self.assertFalse(holds(commitments=changed(commitments, at, point)), at)
        for at in range(len(responses) // 32):
            value = (scalar(responses[32 * at:32 * at + 32]) + 1) % group.L
            self.assertFalse(holds(responses=changed(responses, at, value.to_bytes(32, "little"))),
                             at)

    def test_refuses_another_ring_and_the_identity(self):
        vector, other = SMALL[0], SMALL[1]
        _, base, tag, commitments = self.prepared(vector)
        c = challenge(UNHEX(vector["h"]), 65535, 65535, rings.RING)
        responses = UNHEX(vector["responses"])
        self.assertFalse(ring_holds(Ring(UNHEX(other["points"])), base, decode(tag), commitments,
                                    responses, c))
        ring = Ring(UNHEX(vector["points"]))
        self.assertFalse(ring_holds(ring, base, group.ZERO, commitments, responses, c))
        for bad in (commitments[32:], commitments + bytes(32)):
            with self.assertRaises(Bad):
                ring_holds(ring, base, decode(tag), bad, responses, c)
        with self.assertRaises(Bad):
            ring_holds(ring, base, decode(tag), commitments, responses[:-1] + b"\xff", c)


if __name__ == "__main__":
    unittest.main()
