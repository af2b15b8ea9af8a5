"""The checks of the roll, S3 and S4 (docs/protocol.md sections 4 and 4.2), and of what a poll asks
of it, S14 to S16 (sections 6 and 9.1)."""
from collections import Counter

import group
from group import Bad, T
from judging import Extra, check_log_rules, credential_unproved, roll_of, rule, told
from presentation import pieces
from rolls import enrols

BOUND = 10**8                                              # of the discrete logarithm, 9.1


def check_S3(r):
    if r.roll and r.roll.entries and not r.roll.header:
        yield Extra("the roll has no header")
        return
    roll = roll_of(r)
    named = {e.index for e in roll.named}
    for e in roll.named:
        yield told(e, roll.faults[e.index]) if e.index in roll.faults else None
    try:
        check_log_rules(roll.header)
        rule(group.signed(roll.header.registrar.key, roll.entries[0].signature,
                          T("roll header signature", ("roll", roll.id))),
             "the registrar's signature of the header does not verify")
    except Bad as error:
        yield Extra(f"roll header: {error}")
    for e in roll.strangers:
        yield Extra(f"{e} has no place in a roll")
    for index, fault in roll.faults.items():
        if index not in named:
            yield Extra(told(roll.entries[index], fault))
    if not roll.ends:
        yield Extra("the roll has no seal")


def check_S4(r, entry):
    if not enrols(entry):
        return None
    member = getattr(entry, "content", entry)              # of a change its body
    h = T("enrolment", ("roll", r.roll.id), ("nonce", member.nonce),
          ("credential", member.credential), ("commitment", member.commitment))
    return credential_unproved(member, h, group.ENROLMENT)


def check_S14(r):
    for e in r.pins if r.opening else ():
        yield wrongly_pinned(r, e)


def wrongly_pinned(r, e):
    """What is wrong with the roll that an order pins, which is always the opening's."""
    pinned, roll = e.content, r.roll
    try:
        rule(roll and roll.header, "its roll is not at hand")
        rule(pinned.roll_size in roll.ends, "no epoch of the roll ends at the size that it pins")
        rule((roll.id, roll.log.root(pinned.roll_size)) == (
            r.opening.content.roll_id, pinned.roll_root), "it pins another roll")
        epoch = roll.ends[pinned.roll_size].epoch
        rule(getattr(pinned, "epoch", epoch) == epoch, f"the epoch that it pins is {epoch}")
        ours, theirs = r.manifest.registrar, roll.header.registrar
        rule((ours.name, ours.key) == (theirs.name, theirs.key), "the roll is another registrar's")
        if r.kind == "election":
            most = max([1] + [c.option_max for c in r.manifest.contests])
            rule(most * sum(m.weight for m in r.may_vote()) <= BOUND, "totals could be above 10^8")
        return None
    except Bad as error:
        return told(e, error)


def check_S15(r):
    if r.opening:
        roll_of(r)                                          # needed even by no revocation
    for e in r.revocations:
        for credential in pieces(e.content.credentials):
            yield None if credential in r.pinned.by_credential else \
                f"{e}: {credential.hex()} is not on the roll"
        if not e.content.reason:
            yield Extra(f"{e}: no reason")


def check_S16(r):
    if not r.opening:
        return
    roll_of(r)
    members, least = r.may_vote(), r.manifest.minimum_ballots
    rare = [f"a weight of {m.weight}" for m in members if r.anonymous and m.weight != 1]
    for contest in r.manifest.contests:
        districts = set(r.districts_with(contest))
        weights = Counter(m.weight for m in members if m.district in districts)
        rare += [f"contest {contest.number}: {n} members of weight {weight}"
                 for weight, n in sorted(weights.items()) if n < least]
    yield f"{r.opening}: {'; '.join(rare)}" if rare else None
