"""The group, signatures, hashes and the equations of proofs: docs/protocol.md, sections 1 to 3.

A verifier sees public data only, so nothing here tries to run in constant time.

A point is (X, Y, Z, T) with x = X/Z, y = Y/Z, x·y = T/Z on the curve -x² + y² = 1 + d·x²·y² of
RFC 8032, which carries both Ed25519 and, as the quotient of RFC 9496, ristretto255.
"""
import functools
import hashlib

P = 2**255 - 19                                            # the field
L = 2**252 + 27742317777372353535851937790883648493        # ℓ, the order of the group
D = -121665 * pow(121666, -1, P) % P
D2 = 2 * D % P
SQRT_M1 = pow(2, (P - 1) // 4, P)
ZERO = (0, 1, 1, 0)


class Bad(Exception):
    """Something that is not as docs/protocol.md has it; the message says what."""


# Arithmetic of the curve (RFC 8032 section 5.1.4, Hisil et al. 2008)

def add(p, q):
    x1, y1, z1, t1 = p
    x2, y2, z2, t2 = q
    a = (y1 - x1) * (y2 - x2) % P
    b = (y1 + x1) * (y2 + x2) % P
    c = t1 * D2 % P * t2 % P
    d = 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(p):
    x, y, z, _ = p
    a, b = x * x % P, y * y % P
    h = a + b
    e = h - (x + y) * (x + y) % P
    g = a - b
    f = 2 * z * z % P + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def negate(p):
    return P - p[0], p[1], p[2], P - p[3]


def total(points):
    result = ZERO
    for p in points:
        result = add(result, p)
    return result


def equal(p, q):
    """Equality in ristretto255 (RFC 9496 section 4.3.3)."""
    return (p[0] * q[1] - p[1] * q[0]) % P == 0 or (p[1] * q[1] - p[0] * q[0]) % P == 0


def is_identity(p):
    return p[0] % P == 0 or p[1] % P == 0


def signed_digits(k, width):
    """Digits of k to the base 2^width, lowest first, each above -2^(width-1) and at most that."""
    half = 1 << (width - 1)
    while k:
        digit = k & (2 * half - 1)
        k >>= width
        if digit > half:
            digit, k = digit - 2 * half, k + 1
        yield digit


class Buckets:
    """A sum of small multiples: points with equal digits are summed first."""

    def __init__(self, width):
        self.sums = [None] * ((1 << (width - 1)) + 1)

    def put(self, digit, p):
        if digit < 0:
            digit, p = -digit, negate(p)
        if digit:
            self.sums[digit] = p if self.sums[digit] is None else add(self.sums[digit], p)

    def total(self):
        running = result = None
        for p in reversed(self.sums[1:]):
            if p is not None:
                running = p if running is None else add(running, p)
            if running is not None:
                result = running if result is None else add(result, running)
        return ZERO if result is None else result


class Multiples:
    """A point with its doublings, for several multiples of it: k·p costs about 80 additions."""
    WIDTH = 5

    def __init__(self, p):
        self.steps = [p]
        for _ in range(256 // self.WIDTH):
            for _ in range(self.WIDTH):
                p = double(p)
            self.steps.append(p)

    def times(self, k):
        """Yao's method: k = Σ digit·32^i with digits in -15..16."""
        buckets = Buckets(self.WIDTH)
        for i, digit in enumerate(signed_digits(k, self.WIDTH)):
            buckets.put(digit, self.steps[i])
        return buckets.total()


def multiply_all(terms):
    """The sum of k·p over many (k, p), by Pippenger's method: all share the doublings."""
    width = max(4, len(terms).bit_length() - 3)
    rows = [(list(signed_digits(k % L, width)), p) for k, p in terms]
    result = ZERO
    for i in reversed(range(max((len(digits) for digits, _ in rows), default=0))):
        for _ in range(width):
            result = double(result)
        buckets = Buckets(width)
        for digits, p in rows:
            if i < len(digits):
                buckets.put(digits[i], p)
        result = add(result, buckets.total())
    return result


class Table:
    """A point of which very many multiples are wanted: 32 rows of 255, k·p is 31 additions."""

    def __init__(self, p):
        self.rows = []
        for _ in range(32):
            row = [ZERO, p]
            for _ in range(254):
                row.append(add(row[-1], p))
            self.rows.append(row)
            p = add(row[-1], p)

    def times(self, k):
        result = ZERO
        for row, digit in zip(self.rows, k.to_bytes(32, "little")):
            if digit:
                result = add(result, row[digit])
        return result


def multiply(k, p):
    """k·p for any k and p."""
    result = ZERO
    for bit in bin(k % L)[2:]:
        result = double(result)
        if bit == "1":
            result = add(result, p)
    return result


# ristretto255 (RFC 9496 section 4)

def sqrt_ratio(u, v):
    """(is u/v a square, the non-negative root of u/v or of i·u/v)."""
    r = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    check = v * r * r % P
    if check == -u % P or check == -u * SQRT_M1 % P:
        r = r * SQRT_M1 % P
    return check in (u % P, -u % P), absolute(r)


def absolute(x):
    return P - x if x & 1 else x


INVSQRT_A_MINUS_D = sqrt_ratio(1, -1 - D)[1]
SQRT_AD_MINUS_ONE = P - sqrt_ratio(-D - 1, 1)[1]           # RFC 9496 section 4.1 has the odd root


@functools.lru_cache(1 << 12)
def decode(data):
    s = int.from_bytes(data, "little")
    if len(data) != 32 or s >= P or s & 1:
        raise Bad("not a canonical point")
    ss = s * s % P
    u1, u2 = 1 - ss, 1 + ss
    u2_squared = u2 * u2 % P
    v = (-D * u1 * u1 - u2_squared) % P
    square, inverse = sqrt_ratio(1, v * u2_squared % P)
    den_x = inverse * u2 % P
    x = absolute(2 * s * den_x % P)
    y = u1 * inverse * den_x * v % P
    t = x * y % P
    if not square or t & 1 or y == 0:
        raise Bad("not a canonical point")
    return x, y, 1, t


def encode(p):
    x, y, z, t = p
    u1, u2 = (z + y) * (z - y) % P, x * y % P
    inverse = sqrt_ratio(1, u1 * u2 * u2 % P)[1]
    den1, den2 = inverse * u1 % P, inverse * u2 % P
    z_inverse = den1 * den2 * t % P
    if t * z_inverse % P & 1:
        x, y, den = y * SQRT_M1 % P, x * SQRT_M1 % P, den1 * INVSQRT_A_MINUS_D % P
    else:
        den = den2
    if x * z_inverse % P & 1:
        y = -y % P
    return absolute(den * (z - y) % P).to_bytes(32, "little")


def scalar(data):
    k = int.from_bytes(data, "little")
    if len(data) != 32 or k >= L:
        raise Bad("not a canonical scalar")
    return k


def elligator(r0):
    """MAP of RFC 9496 section 4.3.4."""
    r = SQRT_M1 * r0 * r0 % P
    u = (r + 1) * (1 - D * D) % P
    c = -1
    v = (c - r * D) * (r + D) % P
    square, s = sqrt_ratio(u, v)
    if not square:
        s = -absolute(s * r0 % P) % P
        c = r
    n = (c * (r - 1) * (D - 1) * (D - 1) - v) % P
    w0, w1 = 2 * s * v % P, n * SQRT_AD_MINUS_ONE % P
    w2, w3 = (1 - s * s) % P, (1 + s * s) % P
    return w0 * w3 % P, w2 * w1 % P, w1 * w3 % P, w0 * w2 % P


def expand_message_xmd(message, tag, length):
    """RFC 9380 section 5.3.1 with SHA-512."""
    if len(tag) > 255:
        tag = hashlib.sha512(b"H2C-OVERSIZE-DST-" + tag).digest()
    tag += bytes([len(tag)])
    b0 = hashlib.sha512(bytes(128) + message + length.to_bytes(2, "big") + b"\0" + tag).digest()
    block, output = bytes(64), b""
    for i in range(1, -(-length // 64) + 1):
        block = bytes(x ^ y for x, y in zip(b0, block))
        block = hashlib.sha512(block + bytes([i]) + tag).digest()
        output += block
    return output[:length]


def hash_to_group(name, message):
    data = expand_message_xmd(message, b"urna/1/" + name.encode(), 64)
    halves = (int.from_bytes(data[i:i + 32], "little") % 2**255 for i in (0, 32))
    return total(elligator(r) for r in halves)


# Ed25519 (RFC 8032 section 5.1), as strict as section 1 asks

def decode_edwards(data):
    n = int.from_bytes(data, "little")
    y, sign = n % 2**255, n >> 255
    square, x = sqrt_ratio((y * y - 1) % P, (D * y * y + 1) % P)
    if len(data) != 32 or y >= P or not square or (x == 0 and sign):
        raise Bad("not a canonical Ed25519 point")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def encode_edwards(p):
    z = pow(p[2], -1, P)
    x, y = p[0] * z % P, p[1] * z % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def is_small(p):
    x, _, z, _ = q = double(double(double(p)))
    return x % P == 0 and q[1] == z


def public_key(data):
    """The point of an Ed25519 verification key that section 1 allows."""
    p = decode_edwards(data)
    if is_small(p):
        raise Bad("a key of small order")
    return p


@functools.lru_cache(1 << 12)
def signed(key, signature, message):
    """Whether this is key's signature of the message: S·B - k·A is R, byte for byte."""
    try:
        p, r, s = public_key(key), decode_edwards(signature[:32]), scalar(signature[32:])
    except Bad:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    found = add(G.times(s), negate(Multiples(p).times(k)))
    return not is_small(r) and encode_edwards(found) == signature[:32]


# Transcripts and challenges (section 2)

def u8(x):
    return x.to_bytes(1, "big")


def u16(x):
    return x.to_bytes(2, "big")


def u32(x):
    return x.to_bytes(4, "big")


def u64(x):
    return x.to_bytes(8, "big")


def T(purpose, *fields):
    """The transcript of pairs (label, bytes)."""
    h = hashlib.sha512()
    for label, value in (("protocol", b"urna/1"), ("purpose", purpose.encode()), *fields):
        h.update(u8(len(label)) + label.encode() + u32(len(value)) + value)
    return h.digest()


def T32(purpose, *fields):
    return T(purpose, *fields)[:32]


def challenge(h, i, j, kind):
    data = hashlib.sha512(b"urna/1/challenge" + h + u16(i) + u16(j) + u8(kind)).digest()
    return int.from_bytes(data, "little") % L


RANGE, LINEAR, CREDENTIAL, ENROLMENT, COEFFICIENT, DRILL, SHARE = range(7)
BASE = decode_edwards(bytes.fromhex("58" + "66" * 31))     # RFC 8032's, of the class of RFC 9496's
G = Table(BASE)
K_R = Table(hash_to_group("credential base", b""))


# The equations of proofs (section 3). Each says whether they hold.

def disjunction_holds(alpha, beta, key, values, c, commitments, challenges, responses):
    """3.2: beta - m·G is alpha·log(key) for one m of `values`; `key` is Y's table. Points and
    scalars come decoded: commitments A_0, B_0, …; all challenges but the last; responses."""
    c_all = [*challenges, (c - sum(challenges)) % L]
    alpha, beta = Multiples(alpha), Multiples(beta)
    return all(
        equal(G.times(z), add(a, alpha.times(c_i)))
        and equal(add(key.times(z), G.times(c_i * m % L)), add(b, beta.times(c_i)))
        for m, a, b, c_i, z in zip(values, commitments[::2], commitments[1::2], c_all, responses))


def equal_logarithms_hold(public, base, image, a1, a2, c, z):
    """3.3: public = x·G and image = x·base."""
    return (equal(G.times(z), add(a1, multiply(c, public)))
            and equal(multiply(z, base), add(a2, multiply(c, image))))


def credential_holds(credential, commitment, c, z_s, z_t):
    """3.4: credential = s·G + t·K_R."""
    return equal(add(G.times(z_s), K_R.times(z_t)), add(commitment, multiply(c, credential)))


def coefficient_holds(coefficient, commitment, c, z):
    """3.5: coefficient = a·G."""
    return equal(G.times(z), add(commitment, multiply(c, coefficient)))
