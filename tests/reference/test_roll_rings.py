"""Rings of a roll (docs/protocol.md 4.1) as the function that they are, and their vectors."""
import json
import random
import sys
import unittest

from support import VECTORS
import group
import rings
from group import T32, u32

sys.path.append(str(VECTORS))
import make_rings_of_rolls as vectors                      # noqa: E402

SEED = bytes(32)


def members(n, district=1, first=0):
    """Names of bytes that need be no points."""
    return [(T32("test member", ("i", u32(i))), district) for i in range(first, first + n)]


def divide(roll, districts=(1,), size=64, fewest=4, seed=SEED):
    return rings.divide(roll, districts, size, fewest, seed)


class CrowdTest(unittest.TestCase):
    def test_crowds_are_equal_and_whole(self):
        for n in (4, 63, 64, 65, 66, 127, 128, 129, 191, 192, 193, 640, 641, 1000):
            for size in (64, 256):
                found = divide(members(n), size=size)
                sizes = [len(crowd) for _, crowd in found]
                self.assertEqual(len(found), (n + size - 1) // size)
                self.assertLessEqual(max(sizes) - min(sizes), 1)
                self.assertTrue(len(sizes) == 1 or min(sizes) >= size // 2, (n, size, sizes))
                self.assertEqual(sorted(p for _, crowd in found for p in crowd),
                                 sorted(p for p, _ in members(n)))

    def test_the_i_th_member_by_the_seed_is_in_ring_i_mod_c(self):
        roll = members(150)
        in_order = sorted((p for p, _ in roll),
                          key=lambda p: T32("ring order", ("seed", SEED), ("credential", p)))
        found = divide(roll)
        for i, p in enumerate(in_order):
            self.assertIn(p, found[i % 3][1])

    def test_nothing_but_seed_and_members_matters(self):
        roll = members(150) + members(70, 2, 500)
        expected = divide(roll, (1, 2))
        for i in range(3):
            mixed = random.Random(i).sample(roll, len(roll))
            self.assertEqual(divide(mixed, (1, 2)), expected)
        self.assertEqual(divide(roll + members(500, 3, 1000), (1, 2)), expected)
        self.assertEqual(divide(roll), expected[:3])       # another district changes no other's
        others = divide(roll, (1, 2), seed=bytes(31) + b"\1")
        self.assertNotEqual(others[0], expected[0])
        self.assertNotEqual(divide(members(149), (1,))[0], expected[0])

    def test_the_seed_is_of_all_members_in_whatever_order(self):
        roll = [(*member, 7) for member in members(50) + members(5, 2, 500)]
        seed = rings.ring_seed(roll, SEED)
        self.assertEqual(rings.ring_seed(roll[::-1], SEED), seed)
        moved, changed = ([(roll[0][0], *place)] + roll[1:] for place in ((2, 7), (1, 8)))
        for other, beacon in ((roll[:-1], SEED), (moved, SEED), (changed, SEED),
                              (roll, bytes(31) + b"\1")):
            self.assertNotEqual(rings.ring_seed(other, beacon), seed)

    def test_who_is_of_no_category_of_the_petition_is_in_no_ring(self):
        roll = [(p, d, i % 3) for i, (p, d) in enumerate(members(90))]
        self.assertEqual(rings.online(roll, (0, 2)), [(p, d) for p, d, c in roll if c != 1])
        self.assertEqual(rings.online(roll, (5,)), [])

    def test_numbers_go_through_the_districts(self):
        roll = members(3, 9, 900) + members(65, 4, 400) + members(64, 2) + members(4, 7, 700)
        self.assertEqual([d for d, _ in divide(roll, (2, 3, 4, 7, 9))], [2, 4, 4, 7])

    def test_fewest(self):
        for n, fewest, expected in ((4, 4, 1), (3, 4, 0), (0, 2, 0), (16, 16, 1), (15, 16, 0)):
            self.assertEqual(len(divide(members(n), fewest=fewest)), expected)


class PaddingTest(unittest.TestCase):
    def setUp(self):
        self.crowd = [p for p, *_ in vectors.members()[:60]]

    def test_the_first_points_of_the_padding_fill_up(self):
        ring = rings.RollRing(5, self.crowd, 64)
        points = [group.encode(p) for p in ring.ring.points]
        self.assertEqual((ring.district, ring.crowd), (5, 60))
        self.assertEqual(points, sorted(points))
        self.assertEqual(set(points) - set(self.crowd), {rings.padding(i) for i in range(4)})
        self.assertEqual(ring.hash, T32("ring", ("points", b"".join(points))))
        self.assertEqual(ring.hash, ring.ring.hash)
        self.assertEqual(rings.padding(3), group.encode(
            group.hash_to_group("ring padding", b"\0\0\0\3")))

    def test_a_full_ring_has_none(self):
        full = [p for p, *_ in vectors.members()[:64]]
        points = {group.encode(p) for p in rings.RollRing(1, full, 64).ring.points}
        self.assertEqual(points, set(full))

    def test_what_is_no_ring_keeps_its_place(self):
        for bad in (rings.padding(0), bytes(32), b"\xff" * 32, self.crowd[1]):
            ring = rings.RollRing(1, [bad] + self.crowd[1:], 64)
            self.assertIsNone(ring.ring)
            self.assertEqual((ring.crowd, len(ring.hash)), (60, 32))
        used_by_none = rings.RollRing(1, [rings.padding(4)] + self.crowd[1:], 64)
        self.assertIsNotNone(used_by_none.ring)            # ownerless, but it stands once


class VectorTest(unittest.TestCase):
    def setUp(self):
        self.vectors = json.loads(vectors.FILE.read_text(encoding="utf-8"))

    def test_the_file_is_what_the_reference_gives(self):
        self.assertEqual(self.vectors, json.loads(json.dumps(vectors.vectors())))

    def test_the_file_is_what_the_document_says(self):
        """Written once more, from the members' positions and the padding in the file alone."""
        roll = [(bytes.fromhex(m["credential"]), m["district"], m["category"])
                for m in self.vectors["members"]]
        for case in self.vectors["cases"]:
            seed = bytes.fromhex(case["seed"])
            self.assertEqual(roll, sorted(roll))
            self.assertEqual(seed, T32(
                "ring seed", ("members", b"".join(
                    p + d.to_bytes(2, "big") + c.to_bytes(2, "big") for p, d, c in roll)),
                ("beacon", bytes.fromhex(case["beacon"]))))
            key = {p: T32("ring order", ("seed", seed), ("credential", p)) for p, *_ in roll}
            number = 0
            for district in case["districts"]:
                ours = sorted((p for p, d, c in roll
                               if d == district and c in case["categories"]), key=key.get)
                count = -(-len(ours) // case["ring_size"]) if len(ours) >= case["fewest"] else 0
                for i in range(count):
                    ring = case["rings"][number]
                    crowd = [p for place, p in enumerate(ours) if place % count == i]
                    self.assertEqual(sorted(crowd), [roll[at][0] for at in ring["members"]])
                    self.assertEqual((ring["district"], ring["crowd"]), (district, len(crowd)))
                    number += 1
            self.assertEqual(number, len(case["rings"]))
            self.assertEqual(bytes.fromhex(case["rings_hash"]), T32("rings", (
                "rings", b"".join(bytes.fromhex(ring["hash"]) for ring in case["rings"]))))

    def test_parameters_cover_the_rules(self):
        found = [ring for case in self.vectors["cases"] for ring in case["rings"]]
        self.assertIn(64, {ring["crowd"] for ring in found})
        self.assertIn([], [case["rings"] for case in self.vectors["cases"]])
        self.assertEqual({case["ring_size"] for case in self.vectors["cases"]}, {64, 256, 1024})
        whole = vectors.case(64, 4, (1,), 1, (1, 2, 3), vectors.members())
        self.assertEqual(whole["rings"][0]["crowd"], 5)


if __name__ == "__main__":
    unittest.main()
