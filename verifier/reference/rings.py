"""Tags, and one of a ring with a tag: docs/protocol.md, sections 3.7 and 3.8.

A verifier sees public data only, so nothing here tries to run in constant time.
"""
import functools
from itertools import product

import group
from group import (Bad, G, K_R, L, T32, Multiples, add, decode, equal, hash_to_group, is_identity,
                   multiply, negate, scalar, total, u8)

RADIX = 4                                                  # n
DIGITS = {RADIX ** m: m for m in range(3, 7)}              # N: m
TAG, RING = 7, 8                                           # kinds of challenge


@functools.lru_cache(16)
def tag_base(manifest_hash):
    """H_e of a poll."""
    return hash_to_group("tag base", manifest_hash)


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


def ring_fields(ring_hash, base, tag, commitments):
    """The fields of a transcript with a ring proof; all bytes but the base, which is a point."""
    return (("ring", ring_hash), ("tag base", group.encode(base)), ("tag", tag),
            ("ring commitments", commitments))


def ring_holds(ring, base, tag, commitments, responses, c):
    """3.8. The commitments and responses are bytes, the tag and its base points, c is ξ. Raises Bad
    for what does not decode."""
    m = ring.digits
    if len(commitments) != 32 * (m + 5) or len(responses) != 32 * ((RADIX - 1) * m + 4):
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
    terms = [multiply(z_a, w)]
    for row, row_u, row_v in zip(f, rows_u, rows_v):
        for value, base_u, base_v in zip(row, row_u, row_v):
            terms += [multiply(value, base_u), multiply(value * (c - value), base_v)]
    return equal(total(terms), add(a, multiply(c, b)))


def member_holds(ring, f, x, opened, z, c):
    """Equation 2: the point that the digits choose is the opened one but for a multiple of K_R."""
    terms = [K_R.times(-z % L)]
    # The first digit of a place is the lowest, that of `product` is the one that changes last.
    for point, factors in zip(ring.points, product(*reversed(f))):
        value = 1
        for factor in factors:
            value = value * factor % L
        terms.append(Multiples(point).times(value))
    for d, point in enumerate([*x, opened]):
        terms.append(negate(multiply(pow(c, d, L), point)))
    return is_identity(total(terms))
