"""Tags, one of a ring with a tag, the rings of a roll: docs/protocol.md, sections 3.7, 3.8, 4.1.

A verifier sees public data only, so nothing here tries to run in constant time.
"""
import functools
from itertools import product

import group
from group import (Bad, G, K_R, L, T32, add, decode, equal, hash_to_group, is_identity, multiply,
                   multiply_all, scalar, u8, u16, u32)

RADIX = 4                                                  # n
DIGITS = {RADIX ** m: m for m in range(3, 7)}              # N: m
TAG, RING = 7, 8                                           # kinds of challenge


@functools.lru_cache(16)
def tag_base(context):
    """H_e of a poll."""
    return hash_to_group("tag base", context)


def tag_fields(base, tag, commitment):
    """The fields of a transcript with a tag proof; all bytes but the base, which is a point."""
    return ("tag base", group.encode(base)), ("tag", tag), ("commitment", commitment)


def tag_holds(base, tag, commitment, c, z):
    """3.7: tag = s·base."""
    return (not is_identity(tag)
            and equal(multiply(z, base), add(commitment, multiply(c, tag))))


@functools.lru_cache(1)
def bases():
    """W, and the rows U_j and V_j."""
    rows = [[[hash_to_group(f"ring base {letter}", u8(j) + u8(i)) for i in range(RADIX)]
             for j in range(max(DIGITS.values()))] for letter in "UV"]
    return hash_to_group("ring base W", b""), *rows


def pieces(data):
    return [data[i:i + 32] for i in range(0, len(data), 32)]


class Ring:
    """The points of a ring, decoded."""

    def __init__(self, data):
        encodings = pieces(data)
        if len(encodings) not in DIGITS:
            raise Bad(f"a ring of {len(encodings)} points")
        if any(a >= b for a, b in zip(encodings, encodings[1:])):
            raise Bad("points of a ring that are not strictly ascending")
        self.points = [decode(encoding) for encoding in encodings]
        if is_identity(self.points[0]):
            raise Bad("the identity in a ring")
        self.digits = DIGITS[len(encodings)]
        self.hash = T32("ring", ("points", data))

    def fits(self, commitments, responses):
        """Whether these are of the sizes of a proof over this ring."""
        return (len(commitments), len(responses)) == (
            32 * (self.digits + 5), 32 * ((RADIX - 1) * self.digits + 4))


def ring_fields(ring_hash, base, tag, commitments):
    """The fields of a transcript with a ring proof; all bytes but the base, which is a point."""
    return (("ring", ring_hash), ("tag base", group.encode(base)), ("tag", tag),
            ("ring commitments", commitments))


def ring_holds(ring, base, tag, commitments, responses, c):
    """3.8. The commitments and responses are bytes, the tag and its base points, c is ξ. Raises Bad
    for what does not decode."""
    m = ring.digits
    if not ring.fits(commitments, responses):
        raise Bad("a ring proof of another size")
    a, b, *x, opened, r1, r2 = map(decode, pieces(commitments))
    *sent, z_a, z, u, v = map(scalar, pieces(responses))
    f = []
    for j in range(m):
        row = sent[(RADIX - 1) * j:(RADIX - 1) * (j + 1)]
        f.append([(c - sum(row)) % L, *row])
    return (not is_identity(tag)
            and equal(multiply(u, base), add(r2, multiply(c, tag)))
            and equal(add(G.times(u), K_R.times(v)), add(r1, multiply(c, opened)))
            and digits_hold(f, z_a, a, b, c)
            and member_holds(ring, f, x, opened, z, c))


def digits_hold(f, z_a, a, b, c):
    """Equation 1: every digit is committed to as zeros and one one."""
    w, rows_u, rows_v = bases()
    terms = [(z_a, w), (-1, a), (-c, b)]
    for row, row_u, row_v in zip(f, rows_u, rows_v):
        for value, base_u, base_v in zip(row, row_u, row_v):
            terms += [(value, base_u), (value * (c - value), base_v)]
    return is_identity(multiply_all(terms))


def member_holds(ring, f, x, opened, z, c):
    """Equation 2: the point that the digits choose is the opened one but for a multiple of K_R."""
    terms = [(-pow(c, d, L), point) for d, point in enumerate([*x, opened])]
    # The first digit of a place is the lowest, that of `product` is the one that changes last.
    for point, factors in zip(ring.points, product(*reversed(f))):
        value = 1
        for factor in factors:
            value = value * factor % L
        terms.append((value, point))
    return equal(multiply_all(terms), K_R.times(z))


# Rings of a roll (4.1)

@functools.cache
def padding(i):
    """The i-th point that fills up rings, which nobody can have a credential for."""
    return group.encode(hash_to_group("ring padding", u32(i)))


def divide(members, districts, size, fewest, seed):
    """[(district, crowd)] in the order of the rings' numbers. `members`: (P, district) of all who
    may sign online or vote; `districts`: those of the poll, ascending."""
    inside, found = {district: [] for district in districts}, []
    for credential, district in members:
        if district in inside:
            inside[district].append(credential)
    for district, crowd in inside.items():
        if len(crowd) >= fewest:
            crowd.sort(key=lambda p: T32("ring order", ("seed", seed), ("credential", p)))
            count = -(-len(crowd) // size)
            found += [(district, crowd[i::count]) for i in range(count)]
    return found


class RollRing:
    """A ring of a roll: the crowd's district, members and size, the hash of its points, and the
    points as a Ring, or None if they are no ring."""

    def __init__(self, district, crowd, size):
        points = b"".join(sorted(crowd + [padding(i) for i in range(size - len(crowd))]))
        self.district, self.members, self.crowd = district, crowd, len(crowd)
        self.hash = T32("ring", ("points", points))
        try:
            self.ring = Ring(points)
        except Bad:
            self.ring = None


def ring_seed(members, beacon):
    return T32("ring seed", ("members", b"".join(
        p + u16(district) + u16(category) for p, district, category in sorted(members))),
        ("beacon", beacon))


def online(members, categories):
    """[(P, district)] of those who may sign online or vote. `members`: (P, district, category)."""
    return [(p, district) for p, district, category in members if category in categories]


def rings_of_roll(members, manifest, beacon):
    """The rings, in the order of their numbers. `members`: (P, district, category) of all."""
    districts = [district.number for district in manifest.districts]
    crowds = divide(online(members, manifest.categories), districts, manifest.ring_size,
                    manifest.fewest, ring_seed(members, beacon))
    return [RollRing(district, crowd, manifest.ring_size) for district, crowd in crowds]


def rings_hash(rings):
    return T32("rings", ("rings", b"".join(ring.hash for ring in rings)))
