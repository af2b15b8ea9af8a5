"""The checks of the roll, S3 and S4 (docs/protocol.md section 4), and of what a poll asks of it,
S14 to S16 (sections 6 and 9.1)."""
from collections import Counter

import group
from entries import MEMBER
from group import Bad, T
from judging import Extra, check_log_rules, credential_unproved, roll_of, rule, told
from presentation import pieces

BOUND = 10**8                                              # of the discrete logarithm, 9.1


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
