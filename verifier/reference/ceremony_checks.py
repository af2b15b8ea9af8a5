"""The checks of the key ceremony, S9 to S13 (docs/protocol.md section 5)."""
import group
from entries import COEFFICIENTS, COMMITMENT, COMPLAINT, KEY_ACKNOWLEDGEMENT, element
from group import Bad, T, challenge, u16, u32
from judging import Extra, rule, share_unproved, told
from presentation import pieces


SMALL_ORDER = (0, 1, group.P - 1,
               325606250916557431795983626356110631294008115727848805560023387167927233504,
               39382357235489614581723060781553021112529911719440698176882885853963445705823)


def check_S9(r):
    for e in r.messages:                                   # S8 refuses those of no trustee
        yield None if not 1 <= e.trustee <= r.n or group.signed(
            r.manifest.trustees[e.trustee - 1].key, e.signature, r.message_hash(e)) else \
            f"{e}: the signature of trustee {e.trustee} does not verify"


def check_S10(r):
    for attempt in r.attempts.values():
        for e in attempt.rounds[COEFFICIENTS].values():
            fault = unopened(r, attempt, e)
            yield fault and told(e, fault)


def unopened(r, attempt, e):
    fields = (("attempt", u16(e.attempt)), ("trustee", u16(e.trustee)),
              ("coefficients", e.coefficients))
    if attempt.rounds[COMMITMENT][e.trustee].commitment != attempt.hash(
            "key commitment", *fields, ("proofs", e.proofs), ("encryption key", e.encryption_key),
            ("salt", e.salt)):
        return "the commitment is not to this message"
    t = r.manifest.trustee_threshold
    if (len(e.coefficients), len(e.proofs)) != (32 * t, 64 * t):
        return f"not {t} coefficients and proofs"
    u = int.from_bytes(e.encryption_key, "little")
    if u >= group.P or u in SMALL_ORDER:
        return "an encryption key of small order, or not canonical"
    commitments = b"".join(proof[:32] for proof in pieces(e.proofs, 64))
    h = T("key coefficients", ("poll", r.id), *fields, ("commitments", commitments),
          ("encryption key", e.encryption_key))
    for k, (a, proof) in enumerate(zip(pieces(e.coefficients), pieces(e.proofs, 64))):
        try:
            a, w, z = element("N", a), group.decode(proof[:32]), group.scalar(proof[32:])
        except Bad:
            continue                                       # L3's
        if not group.coefficient_holds(a, w, challenge(h, e.trustee, k, group.COEFFICIENT), z):
            return f"coefficient {k} is not proved"
    return None


def check_S11(r):
    if not r.opening:
        return
    attempt = r.attempts[r.opening.content.attempt]
    if attempt.rounds[COMPLAINT]:
        yield f"{r.opening}: somebody complained"
        return
    missing = []
    for i in range(1, r.n + 1):
        e = attempt.rounds[KEY_ACKNOWLEDGEMENT].get(i)
        try:
            if not e or (e.ceremony_digest, e.key_context) != (attempt.digest(), attempt.keys()[2]):
                missing.append(i)
        except Bad:
            missing.append(i)
    yield f"{r.opening}: no acknowledgement that fits of trustees {missing}" if missing else None


def check_S12(r):
    if not r.opening:
        return
    try:
        y, xs, _ = r.attempts[r.opening.content.attempt].keys()
        keys = [y] + xs
        rule(b"".join(map(group.encode, keys)) == r.opening.content.election_key
             + r.opening.content.verification_keys, "the keys are not those of the coefficients")
        rule(not any(map(group.is_identity, keys)), "a key is the identity")
        yield None
    except Bad as error:
        yield told(r.opening, error)


def check_S13(r):
    if not r.opening:
        return
    for attempt in r.attempts.values():
        last = {}
        for e in attempt.drills:
            yield f"{e}: its number does not rise" if e.drill <= last.get(e.trustee, -1) else \
                drill_unproved(attempt, e)
            last[e.trustee] = e.drill
    drills = r.attempts[r.opening.content.attempt].drills
    before = {e.trustee for e in drills if e.index < r.opening.index}
    for i in range(1, r.n + 1):
        if i not in before:
            yield Extra(f"{r.opening}: trustee {i} has made no drill before")


def drill_unproved(attempt, e):
    _, xs, context = attempt.keys()
    x = xs[e.trustee - 1]
    base = group.hash_to_group("drill base", context + u32(e.drill) + u16(e.trustee))
    h = T("drill", ("context", context), ("drill", u32(e.drill)), ("trustee", u16(e.trustee)),
          ("verification key", group.encode(x)), ("base", group.encode(base)), ("share", e.share),
          ("commitments", e.proof[:64]))
    return share_unproved(x, base, e.share, e.proof, challenge(h, e.trustee, 65535, group.DRILL), e)
