"""The checks of petitions, P1 to P8 (docs/protocol.md sections 4.1, 6.1, 8 and 12)."""
from collections import Counter

import group
import rings
from judging import Extra, credential_unproved, ring_fault, ring_faults, ring_unproved, roll_of
from judging import sequence_fault, tag_unproved, told
from entries import REVISE, RING_ACT, TAG_ACT
from group import T, u8, u32, u64


def check_P1(r):
    for e in r.placed:
        if e.content.kind == REVISE:
            texts = e.content.raw_title[0], e.content.raw_text[0]
            yield None if all(text.keys() == r.manifest.title.keys() for text in texts) else \
                f"{e}: languages differ from the manifest's title"
    if r.opening:
        yield None if r.opening.content.text_hash == r.text_hash else f"{r.opening}: another text"


def check_P2(r, act):
    return None if act.phase == "collecting" else f"it lies in the phase {act.phase!r}"


def check_P3(r, act):
    if act.type == TAG_ACT:                                # which needs no roll
        return None if act.tag in r.tags else "no ring act of its tag stands before it"
    roll_of(r)
    if act.type == RING_ACT:
        return ring_act_refused(r, act)
    if not act.member:
        return "the credential is not on the roll"
    if act.member.district not in {d.number for d in r.manifest.districts}:
        return f"the member's district {act.member.district} is not the petition's"
    return None


def ring_act_refused(r, act):
    if not r.epochs.in_force(act.epoch, act.index):
        return f"epoch {act.epoch} is not in force"
    fault = ring_fault(r, act, "signed")
    if fault:
        return f"{fault} (of epoch {act.epoch})"
    people = r.epochs.people_before(act.index)
    return f"all {people} members in rings have signed before" if len(r.tags) >= people else None


def check_P4(r, act):
    bound = ("context", r.context), ("text", r.opening.content.text_hash)
    if act.type == RING_ACT:
        named = r.epochs.ring_of(act)
        if not named:
            return None                                    # P3's
        order = r.epochs.by_number(act.epoch, act.index).entry
        return ring_unproved(r, act, T(
            "ring act", *bound, ("sequence", u64(act.sequence)), ("epoch", u32(act.epoch)),
            ("epoch order", order.order_hash), ("number", u32(act.ring)),
            *rings.ring_fields(named.hash, rings.tag_base(r.context), act.tag,
                               act.ring_commitments)))
    bound += ("act", u8(act.act)), ("sequence", u64(act.sequence))
    if act.type == TAG_ACT:
        return tag_unproved(r, act, T("tag act", *bound, *rings.tag_fields(
            rings.tag_base(r.context), act.tag, act.commitment)))
    h = T("petition act", *bound, ("credential", act.credential), ("commitment", act.commitment))
    return credential_unproved(act, h, group.CREDENTIAL)


def check_P5(r, act):
    if act.type == TAG_ACT and act.tag not in r.tags:
        return None                                        # P3's
    if (act.signer in r.signers) != (act.act == 2):
        return "who has not signed withdraws, or who has signed signs"
    return sequence_fault(r, act)


def check_P6(r):
    if not r.result:
        return
    order, online = r.result.content, Counter(r.signers.values())
    whole, listed = (order.tree_size,), [tuple(vars(d).values()) for d in order.districts]
    if r.anonymous:
        whole += order.online, order.paper
        counts, districts = r.counts_at(r.result.index), [
            (number, online[number], r.on_paper[number]) for number in r.district_numbers]
    else:
        whole += order.signatures,
        counts, districts = (len(r.signers),), [
            (number, online[number]) for number in r.district_numbers]
    yield None if whole == (r.result.index, *counts) else \
        f"{', '.join(map(str, whole[1:]))} signatures, not {', '.join(map(str, counts))}, or " \
        "tree_size is not its index"
    for i, expected in enumerate(districts):
        yield None if listed[i:i + 1] == [expected] else \
            f"district {expected[0]}: not {', '.join(map(str, expected[1:]))} signatures, or out " \
            "of place"
    if len(listed) > len(districts):
        yield Extra("more districts than the petition has")


def check_P7(r):
    if not r.result:
        return
    listed = [(t.threshold, t.reached, t.index) for t in r.result.content.thresholds]
    for i, threshold in enumerate(r.manifest.thresholds):
        expected = threshold, int(threshold in r.reached), r.reached.get(threshold, 0)
        yield None if listed[i:i + 1] == [expected] else \
            f"threshold of {threshold}: " + (
                f"it was reached at entry {expected[2]}" if expected[1] else "it was not reached")
    if len(listed) > len(r.manifest.thresholds):
        yield Extra("more thresholds than the petition has")


def check_P8(r):
    if not r.opening:
        return
    roll_of(r)
    r.epochs.rings_known()
    newest = None                                          # the epoch before
    for e in r.pins:
        epoch = r.epochs.brought_in_by(e)
        faults = ring_faults(r, epoch) if epoch else repeat_faults(e.content, newest.entry.content)
        newest = epoch or newest
        yield told(e, "; ".join(faults)) if faults else None


def repeat_faults(order, first):
    """Of a roll epoch that repeats the newest one."""
    return [f"it repeats epoch {first.epoch} with another {field}" for field in
            ("roll_size", "roll_root", "beacon", "rings", "rings_hash")
            if getattr(order, field) != getattr(first, field)]
