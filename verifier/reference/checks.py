"""The checks of docs/protocol.md section 12, each a function named after its number; those of
petitions are in petitions.py.

A check of the record is a generator: for every thing that it looks at it yields None, or a
sentence if that is not as it should be. An Extra is a failure of none of those things.
A check of single entries takes the record and an entry, and returns None or the sentence; one of
the proofs in an entry is a generator too.
Sections named in comments are the document's.
"""
import re
from collections import Counter

import group
import notes
from ballots import LISTS, alphas_of, ballot_hash, ballot_size, hash_of, is_total, named
from ballots import outcome, unproved
from entries import BALLOT, COEFFICIENTS, COMMITMENT, COMPLAINT, DRILL, MEMBER, MESSAGES
from entries import DECRYPTION_SHARE, KEY_ACKNOWLEDGEMENT, OPENING, ORDER, SHARE_OPENING, SHARES
from entries import ATTEMPT, CLOSE, OPEN, OPEN_ANONYMOUS, OPEN_PETITION, OPENINGS, PETITION_RESULT
from entries import RESTORE, RESULT, REVOKE, SUM, WITNESSED, element, elements, pieces
from group import Bad, T, T32, challenge, u16, u32, u64
from rings import DIGITS as RING_SIZES

BOUND = 10**8                                              # of the discrete logarithm, 9.1


class Extra(str):
    """A failure of none of the things looked at."""


class NotRun(Exception):
    """A check that cannot be made, and why."""


class Found:
    """What a check comes to: how many things it looked at, how many of them passed, failures."""

    def __init__(self, looked, passed, failures):
        self.looked, self.passed, self.failures = looked, passed, failures

    @classmethod
    def of(cls, sentences):
        sentences = list(sentences)
        looked = sum(not isinstance(sentence, Extra) for sentence in sentences)
        return cls(looked, sentences.count(None), [s for s in sentences if s])


def told(what, error):
    return f"{what}: {error}"


# The log

def check_L1(r):
    for name, log in r.logs():
        if isinstance(log, Bad):
            yield told(name, log)
            continue
        signer = r.manifest if name == "poll" else r.roll.header
        if signer is None:
            raise NotRun(f"{name} has no first entry that says who signs it")
        try:
            notes.check_signature(log.checkpoint, signer.origin, signer.log_key)
            check_lines(r, log.checkpoint, (signer.origin, notes.key_id(signer.origin, signer.log_key)))
            yield None
        except Bad as error:
            yield told(name, error)


def check_lines(r, checkpoint, log):
    """Where a policy is given, nobody but the log and the policy's witnesses has signed."""
    if r.policy and r.policy.witnesses.evaluate(checkpoint, log).unknown:
        raise Bad("a signature line of neither the log nor a witness of the policy")


def check_L2(r):
    pinned = {"poll"} | ({r.roll_name} if r.opening else set())
    faults = [r.faults + [f"{name!r}: no opening pins it" for name in sorted(r.names.keys() - pinned)]
              + [f"{name!r} is missing" for name in sorted(pinned - r.names.keys())]]
    if r.roll and r.roll.header and f"roll-{r.roll.id.hex()}" != r.roll_name:
        faults[0].append(f"{r.roll_name!r} is not named after the roll that it holds")
    faults += [[told(name, fault) for fault in log.faults]
               for name, log in r.logs() if not isinstance(log, Bad)]
    return Found(len(faults), faults.count([]), sum(faults, []))


def check_L3(r):
    if r.log.entries is None:
        raise NotRun("the poll's entries cannot be read")
    for e in r.entries + (r.roll.entries if r.roll else []):
        faults = [e.broken] if e.broken else e.found.get("L3")
        yield told(e, faults[0]) if faults else None


def in_log(r, checkpoint):
    """Refuses a checkpoint that the poll's log is not a continuation of."""
    notes.check_signature(checkpoint, r.manifest.origin, r.manifest.log_key)
    if checkpoint.size > r.log.checkpoint.size:
        raise Bad(f"a checkpoint of {checkpoint.size} entries, the record has fewer")
    if r.log.root(checkpoint.size) != checkpoint.root:
        raise Bad(f"the log's root at {checkpoint.size} entries is another")


def check_L4(r):
    for name, data in r.older:
        try:
            in_log(r, notes.parse_checkpoint(data))
            yield None
        except Bad as error:
            yield told(name, error)


def check_L5(r):
    for name, data in r.receipts:
        try:
            receipt = notes.parse_receipt(data)
            size, index = receipt.checkpoint.size, receipt.index
            if index >= min(size, len(r.log.leaves)):
                raise Bad(f"index {index} is not in the log")
            found = notes.root_from_proof(r.log.leaves[index], index, size, receipt.proof)
            if found != receipt.checkpoint.root:
                raise Bad("the inclusion proof does not lead to the root")
            in_log(r, receipt.checkpoint)
            yield None
        except Bad as error:
            yield told(name, error)


# Witnesses (10.4)

def policy_of(r):
    if not r.policy:
        raise NotRun("no policy was given")
    return r.policy


def times_of(r, checkpoint):
    """What the policy's witnesses show of a checkpoint of the poll's log."""
    m = r.manifest
    return r.policy.witnesses.evaluate(checkpoint, (m.origin, notes.key_id(m.origin, m.log_key)))


def check_L6(r):
    if policy_of(r).witnesses.quorum:
        yield None if times_of(r, r.log.checkpoint).existed_by else "the quorum has not cosigned"


def check_L7(r):
    for e in r.entries[1:]:
        if e.type == WITNESSED and not e.broken:
            try:
                checkpoint = notes.parse_checkpoint(e.note)
                in_log(r, checkpoint)
                if not 1 <= checkpoint.size <= e.index:
                    raise Bad(f"a checkpoint of {checkpoint.size} entries in entry {e.index}")
                if r.policy:
                    times_of(r, checkpoint)
                yield None
            except Bad as error:
                yield told(e, error)


def check_S17(r):
    if not policy_of(r).witnesses.quorum:
        return
    logged = [(e.index, notes.parse_checkpoint(e.note))
              for e in r.entries if e.type == WITNESSED and not e.broken]
    shown = [(index, c.size, times_of(r, c))
             for index, c in logged + [(len(r.entries), r.log.checkpoint)]]
    d = r.manifest.schedule.tolerance
    for e in r.orders:
        if e.misplaced or e.content.kind not in (*OPENINGS, CLOSE):
            continue
        time, i = e.content.time, e.index
        not_earlier = any(j < i and t.newest_at and t.newest_at + d >= time for j, _, t in shown)
        not_later = any(size > i and t.existed_by and t.existed_by <= time + d
                        for _, size, t in shown)
        yield None if not_earlier and not_later else \
            f"{e}: the witnesses don't show that it was logged within {d} seconds of {time}"


# Identity: what the policy says (11)


def check_I1(r):
    policy = policy_of(r)
    logs = [("log", r.manifest)] + ([("roll", r.roll.header)] if r.roll and r.roll.header else [])
    for line, log in logs:
        name, key = getattr(policy, line)
        yield None if (log.origin, log.log_key) == (name, key) else \
            f"{line}: {log.origin!r} with key {log.log_key.hex()} is not the policy's"


def same_people(ours, quorum, theirs, their_quorum):
    for i, (name, key) in enumerate(theirs):
        yield None if i < len(ours) and (ours[i].name, ours[i].key) == (name, key) else \
            f"number {i} of the policy, {name!r}, is not the record's"
    if (quorum, len(ours)) != (their_quorum, len(theirs)):
        yield Extra(f"{quorum} of {len(ours)}, but of the policy {their_quorum} of {len(theirs)}")


def check_I2(r):
    policy = policy_of(r)
    return same_people(r.manifest.officers, r.manifest.officer_quorum,
                       policy.officer, policy.officer_quorum)


def check_I3(r):
    policy = policy_of(r)
    for log in [r.manifest] + ([r.roll.header] if r.roll and r.roll.header else []):
        yield None if (log.registrar.name, log.registrar.key) == policy.registrar else \
            f"the registrar is {log.registrar.name!r}, not the policy's with the policy's key"


def check_I4(r):
    policy = policy_of(r)
    return same_people(r.manifest.trustees, r.manifest.trustee_threshold,
                       policy.trustee, policy.trustee_threshold)


def check_I5(r):
    policy = policy_of(r)
    if not r.opening:
        return                                             # nobody may know it yet
    if not policy.beacon:
        raise NotRun("the policy has no beacon")
    yield None if r.opening.content.beacon == policy.beacon else \
        f"{r.opening}: its beacon is not the policy's"


# The manifest (6)

def rule(holds, sentence):
    if not holds:
        raise Bad(sentence)


def check_people(people, what):
    for person in people:
        rule(notes.is_key_name(person.name), f"{what}: {person.name!r} is no key name")
        group.public_key(person.key)
    for values in ([p.name for p in people], [p.key for p in people]):
        rule(len(set(values)) == len(values), f"{what}: somebody stands twice")


def check_log_rules(content):
    """What manifests and roll headers have in common: origin, log key, registrar."""
    rule(re.fullmatch(r"[a-z0-9./-]+", content.origin) and "/" in content.origin
         and not re.search(r"^[/.]|[/.]$|//|\.\.", content.origin),
         f"origin {content.origin!r} is not of the form board/name")
    group.public_key(content.log_key)
    check_people([content.registrar], "registrar")


def check_poll_rules(m, every_text):
    check_log_rules(m)
    check_people(m.officers, "officers")
    rule(1 <= m.officer_quorum <= len(m.officers) <= 64, "officers: the quorum cannot be")
    rule(m.schedule.opens < m.schedule.closes, "it closes before it opens")
    rule(all(text.keys() == m.title.keys() for text in every_text), "languages differ")


def check_petition_rules(m, anonymous):
    check_poll_rules(m, [m.text] + [d.name for d in m.districts])
    rule(len(m.districts) <= 4000 and len(m.thresholds) <= 1000, "too many districts or thresholds")
    rule(0 not in m.thresholds, "a threshold of 0")
    if anonymous:
        rule(m.ring_size in RING_SIZES, f"ring_size {m.ring_size} is none of a ring")
        rule(2 <= m.fewest <= m.ring_size // 2, "fewest is not from 2 to half of ring_size")


def check_contest_rules(c):
    m, n = len(c.options), len(c.lists)
    rule(1 <= c.option_max <= (100 if c.rule > 2 else 1), "option_max cannot be")
    rule(c.sum_min <= c.sum_max and c.sum_max >= 1, "sum_min..sum_max cannot be")
    rule(c.rule != 1 or c.sum_max == 1, "one-of-n with another sum_max than 1")
    for named_ in (c.options, c.lists):
        rule(len({x.id for x in named_}) == len(named_), "an id stands twice")
    rule(all(o.cost < 2**40 for o in c.options), "a cost of 2^40 or more")
    if c.rule == LISTS:
        rule(n >= 1 and not c.limits, "no lists, or limits with lists")
        sizes = Counter(o.list for o in c.options)
        rule(sizes.keys() == set(range(n)), "an option's list does not exist, or a list is empty")
        rule(c.sum_max <= c.option_max * min(sizes.values()), "sum_max is too much for a list")
    else:
        rule(not n and all(o.list == 0 for o in c.options), "lists without the rule")
        rule(c.sum_max <= m * c.option_max, "sum_max is above what all options can get")
    for limit in c.limits:
        rule(limit.at_least <= limit.at_most < 2**48, "a limit's bounds cannot be")
        rule(max(limit.options) < m, "a limit on an option that does not exist")
        rule(limit.measure == 2 or all(c.options[o].cost for o in limit.options),
             "a cost of 0 in a limit")
    for check, _, low, high, made in named(c)[1]:
        rule(check != "B9" or made and low <= high, "a limit that cannot be kept, or broken")
    check_result_rule(c, c.result)


def check_result_rule(c, x):
    m = len(c.options)
    rule(x.kind == 0 or {
        1: lambda: c.rule != LISTS and 1 <= x.seats <= m and x.tie in (1, 2),
        2: lambda: c.rule == LISTS and 1 <= x.seats <= m and x.method in (1, 2, 3)
        and x.threshold <= 10000,
        3: lambda: c.rule != LISTS and all(o.cost for o in c.options) and 1 <= x.budget < 2**48
        and x.reading in (1, 2) and x.tie in (1, 2, 3),
        4: lambda: c.rule == 1 and m == 2 and x.quorum <= 10000 and x.base in (1, 2)
        and 1 <= x.numerator <= x.denominator <= 10000 and x.comparison in (1, 2),
    }[x.kind](), "a result rule that cannot be")


def check_election_rules(r):
    m = r.manifest
    texts = [d.name for d in m.districts]
    for c in m.contests:
        texts += [c.title] + [x.name for x in c.options + c.lists + c.limits]
    check_poll_rules(m, texts)
    check_people(m.trustees, "trustees")
    rule(1 <= m.trustee_threshold <= len(m.trustees) <= 32, "trustees: the threshold cannot be")
    rule(m.minimum_ballots >= 1, "minimum_ballots is 0")
    for c in m.contests:
        try:
            check_contest_rules(c)
        except Bad as error:
            raise Bad(f"contest {c.number}: {error}") from None
    rule({d.style for d in m.districts} == {s.number for s in m.styles},
         "styles of districts and styles are not the same")
    rule({q for s in m.styles for q in s.contests} == {c.number for c in m.contests},
         "contests of styles and contests are not the same")
    for style in m.styles:
        rule(ballot_size(r.layouts[q] for q in style.contests) <= 65535,
             f"a ballot of style {style.number} does not fit into an entry")
    size_sum = size_result = 0
    for c in m.contests:
        districts, cells = len(r.districts_with(c)), len(r.layouts[c.number].maxima)
        parts = districts if c.by_district else 1
        size_sum += 20 * parts + 2 * districts
        size_result += parts * (4 + 8 * cells) + 8 + 4 * cells
    rule(max(size_sum, size_result) <= 60000, "an order sum or result would not fit into an entry")


def manifest_fault(r):
    """What is wrong with the rules of the manifest."""
    try:
        if r.kind == "election":
            check_election_rules(r)
        else:
            check_petition_rules(r.manifest, r.anonymous)
        return None
    except Bad as error:
        return f"manifest: {error}"


def check_S1(r):
    first = r.entries[0]
    if first.broken:
        raise NotRun("the first entry is not canonical")
    yield r.manifest_fault if first.type in (1, 2) else "the first entry is no manifest"
    for e in r.entries[1:]:
        if e.type in (1, 2) and not e.broken:
            yield Extra(f"{e}: a second manifest")


def officers_missing(r, signatures, message):
    """What is wrong with the officers' signatures of a message."""
    for s in signatures:
        if s.officer >= len(r.manifest.officers):
            return f"there is no officer {s.officer}"
        if not group.signed(r.manifest.officers[s.officer].key, s.signature, message):
            return f"the signature of officer {s.officer} does not verify"
    if len(signatures) < r.manifest.officer_quorum:
        return f"{len(signatures)} signatures where {r.manifest.officer_quorum} are needed"
    return None


def check_S2(r):
    yield officers_missing(r, r.entries[0].signatures,
                           T("manifest signature", ("manifest", r.id)))


# The roll (4)

def roll_of(r):
    if not r.roll or not r.roll.readable:
        raise NotRun("the roll that the opening pins cannot be read")
    return r.roll


def check_S3(r):
    if r.roll and r.roll.entries and not r.roll.header:
        yield Extra("the roll has no header")
        return
    roll, seen, before = roll_of(r), set(), b""
    header = roll.header
    districts, categories = ({place.number for place in places}
                             for places in (header.districts, header.categories))
    for e in roll.members:
        yield f"{e}: out of order" if e.credential < before else \
            f"{e}: a credential stands twice" if e.credential in seen else \
            f"{e}: its district or category is not the header's" \
            if e.district not in districts or e.category not in categories else \
            f"{e}: a weight of 0" if e.weight == 0 else None
        seen.add(e.credential)
        before = max(before, e.credential)
    try:
        check_log_rules(header)
        rule(group.signed(header.registrar.key, roll.entries[0].signature,
                          T("roll header signature", ("roll", roll.id))),
             "the registrar's signature of the header does not verify")
    except Bad as error:
        yield Extra(f"roll header: {error}")
    for e in roll.entries[1:]:
        if not e.broken and e.type != MEMBER and e is not roll.seal:
            yield Extra(f"{e} has no place here in a roll")
    if not roll.seal:
        yield Extra("the roll has no seal")
        return
    seal, size = roll.seal.content, len(roll.entries)
    if (seal.epoch, seal.members, seal.root) != (1, len(roll.members), roll.log.root(size - 1)):
        yield Extra("the seal's epoch, members or root are not the roll's")
    if not group.signed(header.registrar.key, roll.seal.signature, T(
            "roll seal signature", ("roll", roll.id), ("body", roll.seal.body))):
        yield Extra("the registrar's signature of the seal does not verify")


def check_S4(r, member):
    h = T("enrolment", ("roll", r.roll.id), ("nonce", member.nonce),
          ("credential", member.credential), ("commitment", member.commitment))
    return credential_unproved(member, h, group.ENROLMENT)


def credential_unproved(e, h, kind):
    """Proof 3.4 of an entry's credential."""
    try:
        p, c = element("N", e.credential), group.decode(e.commitment)
        z_s, z_t = map(group.scalar, pieces(e.responses))
    except Bad:
        return None                                        # L3's
    if group.credential_holds(p, c, challenge(h, 65535, 65535, kind), z_s, z_t):
        return None
    return "the credential's proof does not verify"


# Orders (6)

def check_S5(r):
    number, previous = 0, r.id
    for e in r.orders:
        yield f"{e}: its number is not {number + 1}" if e.content.number != number + 1 else \
            f"{e}: it does not name the order before" if e.content.previous != previous else None
        number, previous = e.content.number, e.order_hash


def check_S6(r):
    for e in r.orders:
        fault = officers_missing(r, e.signatures, T(
            "order signature", ("poll", r.id), ("body", e.body)))
        yield fault and told(e, fault)


def check_S7(r):
    before, schedule = -1, r.manifest.schedule
    start = {**dict.fromkeys(OPENINGS, schedule.opens), CLOSE: schedule.closes}
    for e in r.orders:
        order = e.content
        due = start.get(order.kind, order.time)
        on_time = due <= order.time <= due + schedule.tolerance
        yield f"{e}: not later than the order before" if order.time <= before else \
            f"{e}: off the schedule, without a reason" if not (on_time or order.reason) else None
        before = order.time


def check_S8(r):
    for e in r.entries[1:]:
        if not e.broken and (e.type == ORDER or e.type in MESSAGES and r.kind == "election"):
            yield e.misplaced and told(e, e.misplaced)
        elif not e.broken and e.misplaced:
            yield Extra(told(e, e.misplaced))


def misplaced(r, e):
    """What S8 says of an entry, the record being as it is when the entry is logged."""
    if e.type == ORDER:
        return misplaced_order(r, e.content)
    if e.type == WITNESSED:
        return "after the result" if r.phase == "final" else None
    if e.type not in MESSAGES or r.kind == "petition":
        return None if e.type in (1, 2, *r.votes) else f"has no place in the log of this {r.kind}"
    if not 1 <= e.trustee <= r.n:
        return f"there is no trustee {e.trustee}"
    if e.type >= 0x60:
        return misplaced_count(r, e)
    return misplaced_key_message(r, e, r.attempts[r.attempt])


def misplaced_order(r, order):
    phases = {
        "election": {
            ATTEMPT: ("set-up",), OPEN: ("set-up",), CLOSE: ("voting",), SUM: ("closed",),
            RESULT: ("summed",), REVOKE: ("voting", "closed"), RESTORE: ("voting", "closed")},
        "petition": {
            OPEN_ANONYMOUS if r.anonymous else OPEN_PETITION: ("set-up",),
            CLOSE: ("collecting",), PETITION_RESULT: ("closed",)},
    }[r.kind].get(order.kind, ())
    if r.phase not in phases:
        return f"an order of kind {order.kind} in the phase {r.phase!r}"
    if order.kind == ATTEMPT and order.attempt != r.attempt + 1:
        return f"attempt {order.attempt} after attempt {r.attempt}"
    if order.kind == OPEN and order.attempt != r.attempt:
        return f"attempt {order.attempt} is opened, attempt {r.attempt} is the current one"
    return None


def misplaced_count(r, e):
    if r.phase != "summed":
        return f"a message of the count in the phase {r.phase!r}"
    if e.type != DECRYPTION_SHARE:
        return "a second acknowledgement" if e.trustee in r.acknowledgements else None
    if e.part >= len(r.sum.content.parts):
        return f"there is no part {e.part}"
    return f"a second share of part {e.part}" if (e.trustee, e.part) in r.shares else None


def misplaced_key_message(r, e, attempt):
    if e.attempt != attempt.number:
        return f"attempt {e.attempt}, the current one is {attempt.number}"
    if e.type == DRILL:
        return None if attempt.complete(KEY_ACKNOWLEDGEMENT) and r.phase != "final" else \
            "a drill before all have acknowledged, or after the end"
    if r.phase != "set-up":
        return f"a message of the key ceremony in the phase {r.phase!r}"
    rounds = attempt.rounds
    if e.trustee in rounds[e.type]:
        return f"a second such message of trustee {e.trustee}"
    if e.type == SHARE_OPENING:
        complaint = rounds[COMPLAINT].get(e.recipient)
        return None if complaint and complaint.dealer == e.trustee else "nobody complained so"
    if rounds[COMPLAINT]:
        return "after a complaint"
    before = {COEFFICIENTS: COMMITMENT, SHARES: COEFFICIENTS, KEY_ACKNOWLEDGEMENT: SHARES,
              COMPLAINT: SHARES}.get(e.type)
    if before and not attempt.complete(before):
        return "the round before is not complete"
    others = [i for i in range(1, r.n + 1) if i != e.trustee]
    if e.type == SHARES and [s.recipient for s in e.shares] != others:
        return "not exactly one share for every other trustee, ascending"
    if e.type == COMPLAINT and (e.dealer not in others or e.reason not in (1, 2)
                                or e.trustee in rounds[KEY_ACKNOWLEDGEMENT]):
        return "a complaint that cannot be made"
    return None


# The key ceremony (5)

def check_S9(r):
    for e in r.messages:                                   # S8 refuses those of no trustee
        yield None if not 1 <= e.trustee <= r.n or group.signed(
            r.manifest.trustees[e.trustee - 1].key, e.signature, r.message_hash(e)) else \
            f"{e}: the signature of trustee {e.trustee} does not verify"


SMALL_ORDER = (0, 1, group.P - 1,
               325606250916557431795983626356110631294008115727848805560023387167927233504,
               39382357235489614581723060781553021112529911719440698176882885853963445705823)


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


def share_unproved(public, base, share, proof, c, e):
    """Proof 3.3 of a share."""
    try:
        d, (a1, a2, z) = group.decode(share), elements("PPS", proof)
    except Bad:
        return None                                        # L3's
    return None if group.equal_logarithms_hold(public, base, d, a1, a2, c, z) else \
        f"{e}: a share is not proved"


# The roll for this poll (6, 9.1)

def check_S14(r):
    if not r.opening:
        return
    pinned, roll = r.opening.content, r.roll
    try:
        rule(roll and roll.header and roll.seal, "its roll is not at hand, or not sealed")
        rule((roll.id, len(roll.entries), roll.log.root())
             == (pinned.roll_id, pinned.roll_size, pinned.roll_root), "it pins another roll")
        ours, theirs = r.manifest.registrar, roll.header.registrar
        rule((ours.name, ours.key) == (theirs.name, theirs.key), "the roll is another registrar's")
        if r.kind == "election":
            most = max([1] + [c.option_max for c in r.manifest.contests])
            rule(most * sum(m.weight for m in roll.members) <= BOUND, "totals could be above 10^8")
        yield None
    except Bad as error:
        yield told(r.opening, error)


def check_S15(r):
    if r.opening:
        roll_of(r)                                          # needed even by no revocation
    for e in r.revocations:
        for credential in pieces(e.content.credentials):
            yield None if credential in roll_of(r).by_credential else \
                f"{e}: {credential.hex()} is not on the roll"
        if not e.content.reason:
            yield Extra(f"{e}: no reason")


def check_S16(r):
    if not r.opening:
        return
    members, least = roll_of(r).members, r.manifest.minimum_ballots
    rare = []
    for contest in r.manifest.contests:
        districts = set(r.districts_with(contest))
        weights = Counter(m.weight for m in members if m.district in districts)
        rare += [f"contest {contest.number}: {n} members of weight {weight}"
                 for weight, n in sorted(weights.items()) if n < least]
    yield f"{r.opening}: {'; '.join(rare)}" if rare else None


# Ballots (7). B1, B4 to B6 and B9 need nothing but the ballot and the opening.

def check_B1(r, ballot):
    style = next((s for s in r.manifest.styles if s.number == ballot.style), None)
    if not style or [c.contest for c in ballot.contests] != style.contests:
        return f"its contests are not those of style {ballot.style}"
    for part in ballot.contests:
        for name, length in vars(r.layouts[part.contest].lengths).items():
            if len(getattr(part, name)) != length:
                return f"contest {part.contest}: {name} are not {length} bytes"
    return None


def check_B2(r, e):
    roll_of(r)
    if not e.member:
        return "the credential is not on the roll"
    style = r.style_of(e.member.district)
    if style is None or e.type == BALLOT and e.style != style:
        return f"the member's district {e.member.district} does not vote so"
    return None


def check_B3(r, e):
    last = r.sequences.get(e.credential, 0)
    return None if e.sequence > last else f"sequence number {e.sequence} after {last}"


def claims_unproved(r, ballot, check):
    if r.key and not check_B1(r, ballot):                  # else it is L3's or B1's
        h = hash_of(r.context, ballot)
        for part in ballot.contests:
            yield from unproved(r.layouts[part.contest], part, check, h, r.key)


def check_B4(r, ballot):
    return claims_unproved(r, ballot, "B4")


def check_B5(r, ballot):
    return claims_unproved(r, ballot, "B5")


def check_B6(r, e):
    if e.type == BALLOT:
        h = hash_of(r.context, e)
    else:
        h = T("ballot challenge", ("context", r.context), ("sequence", u64(e.sequence)),
              ("credential", e.credential), ("ballot", e.ballot_hash), ("commitment", e.commitment))
    return credential_unproved(e, h, group.CREDENTIAL)


def check_B7(r, ballot):
    alphas = alphas_of(ballot)
    if len(set(alphas)) < len(alphas) or r.alphas & set(alphas):
        return "the first half of a ciphertext stands twice"
    return None


def check_B8(r, e):
    phases = ("voting", "closed") if e.type == OPENING else ("voting",)
    return None if e.phase in phases else f"it lies in the phase {e.phase!r}"


def check_B9(r, ballot):
    return claims_unproved(r, ballot, "B9")


def check_B10(r, e):
    if e.type == BALLOT:
        return "its credential has challenged it before" \
            if (e.credential, hash_of(r.context, e)) in r.challenged else None
    key = e.credential, e.ballot_hash
    if key in r.challenged or key in r.cast:
        return "the ballot has been cast or challenged before"
    if r.challenge_counts[e.credential] >= r.manifest.challenges:
        return f"more than {r.manifest.challenges} challenges"
    return None


def check_B11(r, e):
    if "L3" in e.found or r.key is None:
        return None                                        # L3's
    challenged = r.challenges.get(e.challenge)
    if not challenged or challenged.credential != e.credential:
        return f"entry {e.challenge} is no challenge of its credential that is still to be opened"
    style = next((s for s in r.manifest.styles if s.number == e.style), None)
    if not style or [c.contest for c in e.contests] != style.contests:
        return f"its contests are not those of style {e.style}"
    ciphertexts = []
    for part in e.contests:
        cells = pieces(part.cells, 34)
        if len(part.cells) != 34 * r.layouts[part.contest].cells:
            return f"contest {part.contest}: not one element for each cell"
        if any(group.scalar(cell[2:]) == 0 for cell in cells):
            return f"contest {part.contest}: an r is zero"
        ciphertexts.append(b"".join(encrypted(r, cell) for cell in cells))
    if ballot_hash(r.context, e, ciphertexts) != challenged.ballot_hash:
        return "it does not give the hash that was challenged"
    return None


def encrypted(r, cell):
    """(r·G, v·G + r·Y) for a cell of an opening."""
    value, secret = int.from_bytes(cell[:2], "big"), group.scalar(cell[2:])
    return group.encode(group.G.times(secret)) + group.encode(
        group.add(group.G.times(value), r.key.times(secret)))


# The count (9)

def sum_order(r):
    return [r.sum] if r.sum else []


def check_C1(r):
    for e in sum_order(r):
        order = e.content
        found = T32("counted set", ("context", r.context),
                    ("indices", b"".join(u64(b.index) for b in r.counted)))
        yield f"{e}: tree_size is not its own index" if order.tree_size != e.index else \
            f"{e}: {order.counted} ballots counted, not {len(r.counted)}" \
            if order.counted != len(r.counted) else \
            f"{e}: the counted set is another" if order.counted_hash != found else None


def check_C2(r):
    for e in sum_order(r):
        listed = [(p.contest, p.districts, p.ballots, p.weight) for p in e.content.parts]
        expected = [(contest.number, districts, len(ballots), sum(b.weight for b in ballots))
                    for contest, districts, ballots in r.parts]
        yield None if listed == expected else f"{e}: its parts are not those of the counted set"


def check_C3(r):
    for e in sum_order(r):
        data = [field for (contest, _, _), sums in zip(r.parts, r.sums) for field in (
            ("part", u16(contest.number)), ("ciphertexts", encode_sums(sums)))]
        yield None if e.content.sums_hash == T32("sums", ("context", r.context), *data) else \
            f"{e}: the sums are others"


def encode_sums(sums):
    return b"".join(group.encode(half) for sum_ in sums for half in sum_)


def check_C4(r):
    fitting = {}
    for i, e in r.acknowledgements.items():
        expected = (r.context, r.sum.index + 1, r.log.root(r.sum.index + 1), r.sum.order_hash,
                    r.sum.content.counted_hash, r.sum.content.sums_hash)
        if (e.context, e.size, e.root, e.sum_order, e.counted_hash, e.sums_hash) == expected:
            fitting[i] = e.index
            yield None
        else:
            yield f"{e}: it is not about this log and this order"
    for (i, part), e in r.shares.items():
        before = [j for j, index in fitting.items() if index < e.index]
        if i not in before or 2 * len(before) <= r.n + r.manifest.trustee_threshold - 1:
            yield Extra(f"{e}: too few acknowledgements stand before it, or not its own trustee's")


def check_C5(r):
    for (i, number), e in r.shares.items():
        contest, sums = r.parts[number][0], r.sums[number]
        shares, proofs = pieces(e.shares), pieces(e.proofs, 96)
        n = len(sums)
        if (len(e.shares), len(e.proofs), e.context) != (32 * n, 96 * n, r.context):
            yield from [f"{e}: not one share for each cell, or of another context"] * len(shares)
            continue
        key = r.opening.content.verification_keys[32 * (i - 1):32 * i]
        h = T("decryption share", ("context", r.context), ("sum", r.sum.order_hash),
              ("trustee", u16(i)), ("part", u16(number)), ("verification key", key),
              ("ciphertexts", encode_sums(sums)), ("shares", e.shares),
              ("commitments", b"".join(proof[:64] for proof in proofs)))
        for o, (sum_, share, proof) in enumerate(zip(sums, shares, proofs)):
            c = challenge(h, contest.number, o, group.SHARE)
            yield share_unproved(group.decode(key), sum_[0], share, proof, c, e)


def result_parts(r):
    return enumerate(r.sum.content.parts) if r.result else ()


def check_C6(r):
    for number, _ in result_parts(r):
        given = sum(part == number for _, part in r.shares)
        yield None if given >= r.manifest.trustee_threshold else f"part {number}: {given} shares"


def check_C7(r):
    for number, _ in result_parts(r):
        given = {i: pieces(e.shares) for (i, part), e in sorted(r.shares.items()) if part == number}
        trustees = list(given)[:r.manifest.trustee_threshold]
        for o, total in enumerate(r.result.content.results[number].totals):
            shares = {i: group.decode(given[i][o]) for i in trustees}
            yield None if is_total(total, r.sums[number][o], shares) else \
                f"part {number}: the total of cell {o} is another"


def check_C8(r):
    for number, part in result_parts(r):
        results = r.result.content.results
        contest = r.parts[number][0]
        if number >= len(results) or results[number].part != number:
            yield f"the result lacks part {number}, or has it out of its place"
            continue
        totals, w, (maxima, linear) = results[number].totals, part.weight, named(contest)
        if len(totals) != len(maxima):
            yield f"part {number}: {len(totals)} totals of {len(maxima)} counted cells"
            continue
        possible = all(total <= w * m for total, m in zip(totals, maxima)) and all(
            w * low <= sum(k * totals[cell] for cell, k in terms.items()) <= w * high
            for _, terms, low, high, _ in linear)
        yield None if possible else f"part {number}: totals that no ballots give"
    if r.result and len(r.result.content.results) > len(r.sum.content.parts):
        yield Extra("the result has parts that there are not")


def totals_of(r, contest):
    """The totals of a contest's counted cells over all its parts, and their weight."""
    mine = [i for i, (c, _, _) in enumerate(r.parts) if c is contest]
    columns = zip(*(r.result.content.results[i].totals for i in mine))
    return [sum(column) for column in columns], sum(r.sum.content.parts[i].weight for i in mine)


def check_C9(r):
    if not r.result:
        return
    listed = {o.contest: o for o in r.result.content.outcomes}
    expected = [c for c in r.manifest.contests if c.result.kind and totals_of(r, c)[0]]
    for c in expected:
        districts = set(r.districts_with(c))
        electorate = sum(m.weight for m in r.roll.members if m.district in districts)
        expected_, o = outcome(c, *totals_of(r, c), electorate), listed.get(c.number)
        yield None if o and (o.winners, o.tied, o.seats) == expected_ else \
            f"contest {c.number}: the outcome is another"
    if [o.contest for o in r.result.content.outcomes] != [c.number for c in expected]:
        yield Extra("the outcomes are not one for each contest that has one, ascending")
