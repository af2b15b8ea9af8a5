"""The checks of orders, S5 to S7, and of the place that every entry has, S8 (docs/protocol.md
sections 5 and 6)."""
from entries import ATTEMPT, CLOSE, COEFFICIENTS, COMMITMENT, COMPLAINT, DECRYPTION_SHARE, DRILL
from entries import KEY_ACKNOWLEDGEMENT, MESSAGES, OPEN, OPENINGS, OPEN_PETITION, ORDER
from entries import OPEN_ANONYMOUS_ELECTION
from entries import PETITION_RESULT, RESTORE, RESULT, REVOKE, ROLL_EPOCH, SHARES, SHARE_OPENING
from entries import SUM, WITNESSED
from group import T
from judging import Extra, officers_missing, told
from life import name_of, state_after
from state import STAGE_OF


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
        return "after the result, or the end" if STAGE_OF[r.phase] == "final" else None
    if e.type not in MESSAGES or r.kind == "petition":
        return None if e.type in (1, 2, *r.votes) else f"has no place in the log of this {r.kind}"
    if not 1 <= e.trustee <= r.n:
        return f"there is no trustee {e.trustee}"
    if e.type >= 0x60:
        return misplaced_count(r, e)
    return misplaced_key_message(r, e, r.attempts[r.attempt])


def misplaced_order(r, order):
    if r.has_life:
        if not state_after(r.manifest, r.phase, order):
            return f"{name_of(order) or f'an order of kind {order.kind}'} in the state {r.phase!r}"
        return r.epochs.misplaced(order) if order.kind == ROLL_EPOCH else None
    opening = OPEN_ANONYMOUS_ELECTION if r.anonymous else OPEN
    revocable = () if r.anonymous else ("voting", "closed")
    phases = {
        "election": {
            ATTEMPT: ("set-up",), opening: ("set-up",), CLOSE: ("voting",), SUM: ("closed",),
            RESULT: ("summed",), REVOKE: revocable, RESTORE: revocable},
        "petition": {
            OPEN_PETITION: ("set-up",), CLOSE: ("collecting",), PETITION_RESULT: ("closed",)},
    }[r.kind].get(order.kind, ())
    if r.phase not in phases:
        return f"an order of kind {order.kind} in the phase {r.phase!r}"
    if order.kind == ATTEMPT and order.attempt != r.attempt + 1:
        return f"attempt {order.attempt} after attempt {r.attempt}"
    if order.kind == opening and r.kind == "election" and order.attempt != r.attempt:
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
