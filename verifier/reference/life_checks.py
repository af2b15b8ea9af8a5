"""The checks of the life of an anonymous petition, P9 to P12 (docs/protocol.md section 6.1)."""
from collections import Counter

from entries import CONFIRM, INVITE, STEP
from judging import Extra, roll_of, told
from life import CODES, EXPIRY, Initiators, name_of


def check_P9(r):
    initiators = Initiators(r)
    for e in r.placed:
        fault = initiators.take(e)
        if e.content.kind in (INVITE, CONFIRM) or name_of(e.content) == "submit":
            yield fault and told(e, fault)


def check_P10(r):
    if r.batches:
        roll_of(r)
        members = Counter(member.district for member in r.pinned.members
                          if member.category in r.manifest.paper_categories)
    names, files, accepted = set(), set(), Counter()
    for e in r.batches:
        batch, faults = e.content, []
        if batch.batch in names:
            faults.append(f"{batch.batch!r} is the name of an earlier batch")
        if batch.sheets_hash in files:
            faults.append("its sheets are those of an earlier batch")
        if batch.sheets == 0:
            faults.append("no sheets")
        for d in batch.districts:
            accepted[d.district] += d.accepted
            if d.district not in r.district_numbers:
                faults.append(f"district {d.district} is not the petition's")
            elif accepted[d.district] > members[d.district]:
                faults.append(f"{accepted[d.district]} signatures in district {d.district}, which "
                              f"has {members[d.district]} members who sign on paper")
        names.add(batch.batch)
        files.add(batch.sheets_hash)
        yield told(e, "; ".join(faults)) if faults else None


def seen(r, minimum, orders):
    """The total at the first of these orders that is a mark or close and late enough for the
    minimum; None if there is none."""
    moment = r.opening.content.time + minimum.after
    return next((sum(r.counts_at(e.index)) for e in orders
                 if name_of(e.content) in ("mark", "close") and e.content.time >= moment), None)


def check_P11(r):
    if not r.result:
        return
    order, m, total = r.result.content, r.manifest, sum(r.counts_at(r.result.index))
    listed = [(x.after, x.at_least, x.seen, x.met) for x in order.minimums]
    every_one_met = True
    for i, minimum in enumerate(m.minimums):
        n = seen(r, minimum, r.placed)
        n = total if n is None else n
        met = n >= minimum.at_least
        every_one_met = every_one_met and met
        yield None if listed[i:i + 1] == [(minimum.after, minimum.at_least, n, met)] else \
            f"minimum after {minimum.after} seconds: {n} had signed of {minimum.at_least}, or it " \
            "is out of its place"
    if len(listed) > len(m.minimums):
        yield Extra("more minimums than the petition has")
    districts = sum(map(int.__ge__, r.totals_by_district(), m.district_minimums))
    passed = every_one_met and districts >= m.districts_needed and (
        not m.thresholds or total >= m.thresholds[0])
    yield None if (order.districts_met, order.passed) == (districts, passed) else \
        f"{districts} districts have met their minimum, and it has {'' if passed else 'not '}passed"


def check_P12(r):
    for e in r.placed:
        if e.content.kind == STEP:
            fault = step_fault(r, e)
            yield fault and told(e, fault)


def step_fault(r, e):
    step, name = e.content, name_of(e.content)
    if name == "expire":
        return expiry_fault(r, e)
    if step.code not in CODES.get(name, (0,)):
        return f"{name} with code {step.code}"
    if step.code in (9, 29) and not step.reason:
        return f"{name} with code {step.code}, without a reason"
    if name == "respond" and step.document == bytes(32):
        return "a response without its document"
    if name == "hand over" and not r.result.content.passed:
        return "it is handed over, and has not passed"
    return None


def expiry_fault(r, e):
    m, step, before = r.manifest, e.content, r.placed[:r.placed.index(e)]
    if step.code != EXPIRY[e.phase]:
        return f"it expires in the state {e.phase!r} with code {step.code}"
    if step.code == 30:
        initiators = Initiators(r)
        for earlier in before:
            initiators.take(earlier)
        return None if step.time >= m.schedule.opens and len(initiators.confirmed) < m.initiators \
            else "it expires before it was to open, or though enough have confirmed"
    if step.code == 31:
        found = [(seen(r, minimum, before), minimum.at_least) for minimum in m.minimums]
        return None if any(n is not None and n < least for n, least in found) else \
            "it expires, and no minimum was seen and missed before"
    return "it expires, and has passed" if r.result.content.passed else None
