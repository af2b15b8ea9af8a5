#!/usr/bin/env python3
"""Checks the known answers in this directory with arithmetic of its own.

Standard library only; shares no line with the C++. Follows RFC 9496, RFC 9380 and docs/protocol.md
sections 1 to 5 and 9. What is sealed (X25519, XChaCha20-Poly1305) is left to the C++ tests, rings
(ring.json, rings_of_rolls.json) to tests/reference/test_rings.py and test_roll_rings.py.
"""
import hashlib
import json
import pathlib
import sys

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
I = pow(2, (P - 1) // 4, P)
HERE = pathlib.Path(__file__).resolve().parent


# --- ristretto255 (RFC 9496 section 4) ---

def negative(x):
    return x & 1


def absolute(x):
    return P - x if negative(x) else x


def sqrt_ratio(u, v):
    r = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    check = v * r * r % P
    if check in (-u % P, -u * I % P):
        r = r * I % P
    return check in (u % P, -u % P), absolute(r)


INVSQRT_A_MINUS_D = sqrt_ratio(1, (-1 - D) % P)[1]
# RFC 9496 section 4.1; the odd one of the two roots of a·d − 1 with a = −1.
SQRT_AD_MINUS_ONE = 25063068953384623474111414158702152701244531502492656460079210482610430750235
ONE_MINUS_D_SQ = (1 - D * D) % P
D_MINUS_ONE_SQ = (D - 1) * (D - 1) % P


def decode(data):
    if len(data) != 32:
        raise ValueError("length")
    s = int.from_bytes(data, "little")
    if s >= P or negative(s):
        raise ValueError("not canonical")
    ss = s * s % P
    u1, u2 = (1 - ss) % P, (1 + ss) % P
    v = (-(D * u1 * u1) - u2 * u2) % P
    square, invsqrt = sqrt_ratio(1, v * u2 * u2 % P)
    den_x = invsqrt * u2 % P
    x = absolute(2 * s * den_x % P)
    y = u1 * invsqrt * den_x * v % P
    t = x * y % P
    if not square or negative(t) or y == 0:
        raise ValueError("not a point")
    return (x, y, 1, t)


def encode(p):
    x0, y0, z0, t0 = p
    u1, u2 = (z0 + y0) * (z0 - y0) % P, x0 * y0 % P
    invsqrt = sqrt_ratio(1, u1 * u2 * u2 % P)[1]
    den1, den2 = invsqrt * u1 % P, invsqrt * u2 % P
    z_inv = den1 * den2 * t0 % P
    if negative(t0 * z_inv % P):
        x, y, den_inv = y0 * I % P, x0 * I % P, den1 * INVSQRT_A_MINUS_D % P
    else:
        x, y, den_inv = x0, y0, den2
    if negative(x * z_inv % P):
        y = -y % P
    return absolute(den_inv * (z0 - y) % P).to_bytes(32, "little")


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0])
    b = (p[1] + p[0]) * (q[1] + q[0])
    c = 2 * D * p[3] * q[3]
    d = 2 * p[2] * q[2]
    e, f, g, h = (b - a) % P, (d - c) % P, (d + c) % P, (b + a) % P
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def neg(p):
    return (-p[0] % P, p[1], p[2], -p[3] % P)


def mul(k, p):
    out = IDENTITY
    for bit in bin(k % L)[2:]:
        out = add(out, out)
        if bit == "1":
            out = add(out, p)
    return out


def total(points):
    out = IDENTITY
    for p in points:
        out = add(out, p)
    return out


def same(p, q):
    return encode(p) == encode(q)


IDENTITY = (0, 1, 1, 0)
G = decode(bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"))


def one_way_map(data):
    def part(half):
        t = int.from_bytes(half, "little") % 2**255 % P
        r = I * t * t % P
        u = (r + 1) * ONE_MINUS_D_SQ % P
        v = (-1 - r * D) * (r + D) % P
        square, s = sqrt_ratio(u, v)
        s_prime = -absolute(s * t % P) % P
        s, c = (s, -1) if square else (s_prime, r)
        n = (c * (r - 1) * D_MINUS_ONE_SQ - v) % P
        w0, w1 = 2 * s * v % P, n * SQRT_AD_MINUS_ONE % P
        w2, w3 = (1 - s * s) % P, (1 + s * s) % P
        return (w0 * w3 % P, w2 * w1 % P, w1 * w3 % P, w0 * w2 % P)
    return add(part(data[:32]), part(data[32:64]))


# --- Ed25519 (RFC 8032, with the rules of docs/protocol.md section 1) ---

def ed_decode(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y % 2**255
    if len(data) != 32 or y >= P:
        raise ValueError("not canonical")
    square, x = sqrt_ratio((y * y - 1) % P, (D * y * y + 1) % P)
    if not square or (x == 0 and sign):
        raise ValueError("not a point")
    x = x if negative(x) == sign else P - x
    return (x, y, 1, x * y % P)


def ed_encode(p):
    z_inv = pow(p[2], P - 2, P)
    x, y = p[0] * z_inv % P, p[1] * z_inv % P
    return (y | negative(x) << 255).to_bytes(32, "little")


def ed_mul(k, p):
    """As mul, but k is not reduced: the point may be outside the subgroup of order L."""
    out = IDENTITY
    for bit in bin(k)[2:]:
        out = add(out, out)
        if bit == "1":
            out = add(out, p)
    return out


def key_is_good(key):
    try:
        return ed_encode(ed_mul(8, ed_decode(key))) != ed_encode(IDENTITY)
    except ValueError:
        return False


def signature_is_good(key, message, signature):
    r_bytes, s_bytes = signature[:32], signature[32:]
    if not key_is_good(key) or not key_is_good(r_bytes):
        return False
    s = int.from_bytes(s_bytes, "little")
    if s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(r_bytes + key + message).digest(), "little") % L
    base_y = 4 * pow(5, P - 2, P) % P
    base = ed_decode(base_y.to_bytes(32, "little"))
    return ed_encode(add(ed_mul(s, base), neg(ed_mul(h, ed_decode(key))))) == r_bytes


# --- hashing (docs/protocol.md section 2) ---

def expand_message_xmd(message, tag, length):
    suffix = tag + bytes([len(tag)])
    b0 = hashlib.sha512(bytes(128) + message + length.to_bytes(2, "big") + b"\0" + suffix).digest()
    block, out = bytes(64), b""
    for i in range(1, -(-length // 64) + 1):
        mixed = bytes(x ^ y for x, y in zip(b0, block))
        block = hashlib.sha512(mixed + bytes([i]) + suffix).digest()
        out += block
    return out[:length]


def hash_to_group(name, message):
    return one_way_map(expand_message_xmd(message, b"urna/1/" + name.encode(), 64))


def u16(x):
    return x.to_bytes(2, "big")


def transcript(purpose, *fields):
    data = b""
    for label, value in (("protocol", b"urna/1"), ("purpose", purpose.encode())) + fields:
        data += bytes([len(label)]) + label.encode() + len(value).to_bytes(4, "big") + value
    return hashlib.sha512(data).digest()


def challenge(h, i, j, kind):
    data = b"urna/1/challenge" + h + u16(i) + u16(j) + bytes([kind])
    assert len(data) == 85
    return int.from_bytes(hashlib.sha512(data).digest(), "little") % L


def scalar(data):
    value = int.from_bytes(data, "little")
    if len(data) != 32 or value >= L:
        raise ValueError("not a scalar")
    return value


def cut(data, size):
    if len(data) % size:
        raise ValueError("size")
    return [data[k:k + size] for k in range(0, len(data), size)]


# --- the files ---

LOOKED_AT = 0


def expect(condition, what):
    global LOOKED_AT
    LOOKED_AT += 1
    if not condition:
        sys.exit(f"check_vectors: {what}")


def load(name):
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def unhex(entry, *names):
    return [bytes.fromhex(entry[name]) for name in names]


def check_rfcs():
    vectors = load("rfc9496.json")
    point = IDENTITY
    for k, text in enumerate(vectors["small_multiples"]):
        expect(encode(point).hex() == text, f"RFC 9496, {k} G")
        expect(same(decode(bytes.fromhex(text)), point), f"RFC 9496, decoding {k} G")
        point = add(point, G)
    for bad in vectors["bad_encodings"]:
        try:
            decode(bytes.fromhex(bad["encoding"]))
            expect(False, f"RFC 9496 takes {bad['encoding']}")
        except ValueError:
            expect(True, "")
    for case in vectors["from_uniform"]:
        expect(encode(one_way_map(bytes.fromhex(case["input"]))).hex() == case["point"],
               "RFC 9496, one-way map")
    vectors = load("rfc9380.json")
    for case in vectors["expand_message_xmd"]:
        want = bytes.fromhex(case["output"])
        expect(expand_message_xmd(case["message"].encode(), case["tag"].encode(), len(want)) == want,
               "RFC 9380, expand_message_xmd")
    for case in vectors["blinded_hash_to_group"]:
        tag, message, blind = unhex(case, "tag", "message", "blind")
        point = mul(scalar(blind), one_way_map(expand_message_xmd(message, tag, 64)))
        expect(encode(point).hex() == case["point"], "RFC 9497, hash to group")


def check_hashing():
    vectors = load("transcript.json")
    for case in vectors["transcripts"]:
        fields = [(f["label"], bytes.fromhex(f["value"])) for f in case["fields"]]
        h = transcript(case["purpose"], *fields)
        expect(h.hex() == case["hash"], f"transcript '{case['purpose']}'")
        expect(h[:32].hex() == case["hash32"], f"transcript '{case['purpose']}', 32 bytes")
    for case in vectors["challenges"]:
        c = challenge(bytes.fromhex(case["h"]), case["i"], case["j"], case["kind"])
        expect(c == scalar(bytes.fromhex(case["challenge"])), f"challenge {case['kind']}")
    for case in load("hash_to_group.json")["points"]:
        expect(encode(hash_to_group(case["name"], bytes.fromhex(case["message"]))).hex()
               == case["point"], f"hash to group '{case['name']}'")


def check_signatures():
    for case in load("signature.json")["signatures"]:
        key, message, signature = unhex(case, "key", "message", "signature")
        expect(signature_is_good(key, message, signature), "signature")
    vectors = load("ed25519_edges.json")
    for case in vectors["keys"]:
        expect(key_is_good(bytes.fromhex(case["key"])) == case["good"], "key: " + case["why"])
    for case in vectors["signatures"]:
        key, message, signature = unhex(case, "key", "message", "signature")
        expect(signature_is_good(key, message, signature) == case["good"],
               "signature: " + case["why"])


def check_disjunctive():
    vectors = load("disjunctive.json")
    y = decode(bytes.fromhex(vectors["election_key"]))
    expect(same(mul(scalar(bytes.fromhex(vectors["election_secret"])), G), y), "election key")
    for case in vectors["proofs"]:
        name = f"proof that {case['value']} is in {case['lo']}..{case['hi']}"
        ciphertext, commitments = unhex(case, "ciphertext", "commitments")
        alpha, beta = (decode(part) for part in cut(ciphertext, 32))
        r = scalar(bytes.fromhex(case["randomness"]))
        expect(same(mul(r, G), alpha), name + ": alpha")
        expect(same(add(mul(case["value"], G), mul(r, y)), beta), name + ": beta")
        h = transcript("test vector", ("ciphertext", ciphertext), ("commitments", commitments))
        expect(h.hex() == case["h"], name + ": h")
        c = challenge(h, case["i"], case["j"], case["kind"])
        expect(c == scalar(bytes.fromhex(case["challenge"])), name + ": challenge")
        points = [decode(part) for part in cut(commitments, 32)]
        parts = [scalar(part) for part in cut(bytes.fromhex(case["challenges"]), 32)]
        parts.append((c - sum(parts)) % L)
        responses = [scalar(part) for part in cut(bytes.fromhex(case["responses"]), 32)]
        branches = case["hi"] - case["lo"] + 1
        expect((len(points), len(parts), len(responses)) == (2 * branches, branches, branches),
               name + ": sizes")
        for i in range(branches):
            shifted = add(beta, neg(mul(case["lo"] + i, G)))
            expect(same(mul(responses[i], G), add(points[2 * i], mul(parts[i], alpha))),
                   f"{name}: branch {i}, G")
            expect(same(mul(responses[i], y), add(points[2 * i + 1], mul(parts[i], shifted))),
                   f"{name}: branch {i}, Y")


def check_credentials():
    vectors = load("credential.json")
    base = hash_to_group("credential base", b"")
    expect(encode(base).hex() == vectors["credential_base"], "credential base")
    for case in vectors["enrolments"]:
        secret, roll, nonce, p_bytes, c_bytes, answers = unhex(
            case, "secret", "roll", "nonce", "credential", "commitment", "responses")
        s, t = (scalar(part) for part in cut(secret, 32))
        p = decode(p_bytes)
        expect(same(add(mul(s, G), mul(t, base)), p), "credential")
        h = transcript("enrolment", ("roll", roll), ("nonce", nonce), ("credential", p_bytes),
                       ("commitment", c_bytes))
        c = challenge(h, 65535, 65535, 3)
        z_s, z_t = (scalar(part) for part in cut(answers, 32))
        expect(same(add(mul(z_s, G), mul(z_t, base)), add(decode(c_bytes), mul(c, p))),
               "enrolment proof")


def check_equality(key, base, share, proof, c, name):
    a1, a2, z = cut(proof, 32)
    expect(same(mul(scalar(z), G), add(decode(a1), mul(c, key))), name + ": G")
    expect(same(mul(scalar(z), base), add(decode(a2), mul(c, share))), name + ": base")


def split_coefficients(message):
    """attempt, trustee, points, proofs, encryption key, salt of a KeyCoefficients message."""
    size = int.from_bytes(message[4:6], "big")
    points, rest = message[6:6 + size], message[6 + size:]
    size = int.from_bytes(rest[:2], "big")
    proofs, rest = rest[2:2 + size], rest[2 + size:]
    expect(len(rest) == 64, "KeyCoefficients: size")
    return message[:2], message[2:4], points, proofs, rest[:32], rest[32:]


def check_dealers(vectors, poll):
    polynomials, coefficients, messages = [], [], []
    for number, dealer in enumerate(vectors["dealers"], 1):
        message = bytes.fromhex(dealer["coefficients_message"])
        attempt, trustee, points, proofs, key, salt = split_coefficients(message)
        expect(attempt == u16(vectors["attempt"]) and trustee == u16(number), "KeyCoefficients")
        expect(transcript("key commitment", ("poll", poll), ("attempt", attempt),
                          ("trustee", trustee), ("coefficients", points), ("proofs", proofs),
                          ("encryption key", key), ("salt", salt))[:32].hex()
               == dealer["commitment"], "key commitment")
        polynomial = [scalar(part) for part in cut(bytes.fromhex(dealer["polynomial"]), 32)]
        decoded = [decode(part) for part in cut(points, 32)]
        proof_list = cut(proofs, 64)
        expect(len(decoded) == len(proof_list) == len(polynomial) == vectors["threshold"],
               "threshold")
        h = transcript("key coefficients", ("poll", poll), ("attempt", attempt),
                       ("trustee", trustee), ("coefficients", points),
                       ("commitments", b"".join(proof[:32] for proof in proof_list)),
                       ("encryption key", key))
        for k, proof in enumerate(proof_list):
            expect(same(mul(polynomial[k], G), decoded[k]), "coefficient")
            c = challenge(h, number, k, 4)
            expect(same(mul(scalar(proof[32:]), G), add(decode(proof[:32]), mul(c, decoded[k]))),
                   "coefficient proof")
        polynomials.append(polynomial)
        coefficients.append(decoded)
        messages.append(message)
    return polynomials, coefficients, messages


def check_ceremony():
    vectors = load("key_ceremony.json")
    poll = bytes.fromhex(vectors["poll"])
    attempt = ("attempt", u16(vectors["attempt"]))
    polynomials, coefficients, messages = check_dealers(vectors, poll)
    n = vectors["trustees"]

    def share(i, j):
        return sum(a * pow(j, k, L) for k, a in enumerate(polynomials[i - 1])) % L

    ceremony = transcript("ceremony", ("poll", poll), attempt,
                          *(("coefficients", message) for message in messages))[:32]
    expect(ceremony.hex() == vectors["ceremony_hash"], "ceremony hash")
    sealed = {i: b"" for i in range(1, n + 1)}
    for case in vectors["shares"]:
        expect(scalar(bytes.fromhex(case["share"])) == share(case["dealer"], case["recipient"]),
               "share")
        sealed[case["dealer"]] += (u16(case["recipient"]) + bytes.fromhex(case["nonce"])
                                   + bytes.fromhex(case["ciphertext"]))
    digest = transcript("ceremony digest", ("ceremony", ceremony),
                        *(("shares", attempt[1] + u16(i) + u16(len(sealed[i])) + sealed[i])
                          for i in range(1, n + 1)))[:32]
    expect(digest.hex() == vectors["ceremony_digest"], "ceremony digest")

    y = total(dealer[0] for dealer in coefficients)
    keys = [total(mul(pow(j, k, L), point) for dealer in coefficients
                  for k, point in enumerate(dealer)) for j in range(1, n + 1)]
    expect(encode(y).hex() == vectors["election_key"], "election key")
    expect(b"".join(map(encode, keys)).hex() == vectors["verification_keys"], "verification keys")
    context = transcript("key context", ("poll", poll), attempt, ("election key", encode(y)),
                         ("verification keys", b"".join(map(encode, keys))))[:32]
    expect(context.hex() == vectors["key_context"], "key context")

    for case in vectors["drills"]:
        j = case["trustee"]
        x = sum(share(i, j) for i in range(1, n + 1)) % L
        expect(x == scalar(bytes.fromhex(case["key_share"])), "key share")
        expect(same(mul(x, G), keys[j - 1]), "verification key")
        number = case["drill"].to_bytes(4, "big")
        base = hash_to_group("drill base", context + number + u16(j))
        share_bytes, proof = unhex(case, "share", "proof")
        expect(same(mul(x, base), decode(share_bytes)), "drill share")
        h = transcript("drill", ("context", context), ("drill", number), ("trustee", u16(j)),
                       ("verification key", encode(keys[j - 1])), ("base", encode(base)),
                       ("share", share_bytes), ("commitments", proof[:64]))
        check_equality(keys[j - 1], base, decode(share_bytes), proof, challenge(h, j, 65535, 5),
                       f"drill of trustee {j}")
    check_decryption(vectors["decryption"], keys)


def check_decryption(vectors, keys):
    parts = [cut(bytes.fromhex(text), 32) for text in vectors["ciphertexts"]]
    alpha = total(decode(part[0]) for part in parts)
    beta = total(decode(part[1]) for part in parts)
    ciphertext = encode(alpha) + encode(beta)
    expect(ciphertext.hex() == vectors["sum"], "sum of ciphertexts")
    trustees = [case["trustee"] for case in vectors["shares"]]
    message = beta
    for case in vectors["shares"]:
        j = case["trustee"]
        share, proof = unhex(case, "share", "proof")
        h = transcript("test vector", ("ciphertext", ciphertext), ("share", share),
                       ("commitments", proof[:64]))
        expect(h.hex() == case["h"], "decryption share: h")
        check_equality(keys[j - 1], alpha, decode(share), proof,
                       challenge(h, case["i"], case["j"], case["kind"]),
                       f"decryption share of trustee {j}")
        weight = 1
        for i in trustees:
            if i != j:
                weight = weight * i * pow(i - j, L - 2, L) % L
        expect(weight == scalar(bytes.fromhex(case["lagrange"])), "Lagrange coefficient")
        message = add(message, neg(mul(weight, decode(share))))
    expect(encode(message).hex() == vectors["message"], "decryption")
    expect(same(message, mul(vectors["total"], G)), "total")


def main():
    for check in (check_rfcs, check_hashing, check_signatures, check_disjunctive,
                  check_credentials, check_ceremony):
        check()
    print(f"check_vectors: {LOOKED_AT} of {LOOKED_AT} answers agree")


if __name__ == "__main__":
    main()
