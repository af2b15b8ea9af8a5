#!/usr/bin/env python3
"""Rewrites rings_of_rolls.json: the rings of small rolls (docs/protocol.md section 4.1), by the
reference verifier. Run it when the protocol changes; the C++ is compared with it."""
import json
import pathlib
import sys
from types import SimpleNamespace

HERE = pathlib.Path(__file__).resolve().parent
FILE = HERE / "rings_of_rolls.json"
sys.path.insert(0, str(HERE.parents[1] / "verifier" / "reference"))

import rings                                               # noqa: E402
from group import encode, hash_to_group, u32               # noqa: E402

SIZES = {1: 5, 3: 130, 4: 3, 5: 64, 300: 3}                 # members of the districts of the roll
CASES = [                                      # size, fewest, districts, beacon, categories
    (64, 4, (1, 2, 3, 5), 1, (1, 2, 3)), (64, 4, (1, 2, 3, 5), 2, (1, 2, 3)),
    (64, 16, (1, 3, 4, 5), 1, (1, 3)), (256, 3, (3, 4, 5), 1, (1, 2, 3)),
    (1024, 60, (3, 5), 3, (1, 2)), (64, 2, (2,), 1, (1,)), (64, 3, (1, 3, 5), 1, (2,)),
    (64, 4, (3, 5), 1, (7,)),
]


def members():
    """[(P, district, category)] in the order of a roll. Of five in a row three are of category 1,
    one of 2, one of 3; but every 17th in district 3 is of 4, which no case has."""
    districts = [d for d, n in SIZES.items() for _ in range(n)]
    return sorted((encode(hash_to_group("test member", u32(i))), d,
                   4 if d == 3 and i % 17 == 0 else max(1, i % 5 - 1))
                  for i, d in enumerate(districts))


def case(size, fewest, districts, beacon, categories, roll):
    beacon, places = bytes([beacon]) * 32, [p for p, *_ in roll]
    manifest = SimpleNamespace(ring_size=size, fewest=fewest, categories=categories, districts=[
        SimpleNamespace(number=d) for d in districts])
    seed = rings.ring_seed(roll, beacon)
    crowds = rings.divide(rings.online(roll, categories), districts, size, fewest, seed)
    found = rings.rings_of_roll(roll, manifest, beacon)
    return {
        "ring_size": size, "fewest": fewest, "districts": list(districts),
        "categories": list(categories), "beacon": beacon.hex(),
        "seed": seed.hex(),
        "rings": [{"district": ring.district, "crowd": ring.crowd,
                   "members": sorted(map(places.index, crowd)), "hash": ring.hash.hex()}
                  for (_, crowd), ring in zip(crowds, found)],
        "rings_hash": rings.rings_hash(found).hex()}


def vectors():
    roll = members()
    return {
        "specification": "docs/protocol.md §4.1; members of all cases in the order of the roll, "
                         "rings by their positions in it; the first points of the padding",
        "padding": "".join(rings.padding(i).hex() for i in range(4)),
        "members": [{"credential": p.hex(), "district": d, "category": c} for p, d, c in roll],
        "cases": [case(*parameters, roll) for parameters in CASES]}


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1) + "\n", encoding="utf-8")
