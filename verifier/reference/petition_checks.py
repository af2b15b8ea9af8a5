"""The checks of petitions, P1 to P8 (docs/protocol.md sections 4.1, 6.1, 8 and 12)."""
from collections import Counter

import group
import rings
from judging import Extra, credential_unproved, roll_of, told
from entries import REVISE, RING_ACT, TAG_ACT, element
from group import Bad, T, challenge, decode, scalar, u8, u32, u64

# What a roll epoch that repeats an epoch says as the order that brought it in.
OF_AN_EPOCH = "roll_size", "roll_root", "beacon", "rings", "rings_hash"


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
        return ring_not_open(r, act)
    if not act.member:
        return "the credential is not on the roll"
    if act.member.district not in {d.number for d in r.manifest.districts}:
        return f"the member's district {act.member.district} is not the petition's"
    return None


def ring_not_open(r, act):
    """Why the ring that an act names takes no act there."""
    named = r.ring_of(act)
    if act.epoch < r.earliest(act) or not r.epoch_of(act):
        return f"epoch {act.epoch} is not in force"
    if not named:
        return f"there is no ring {act.ring} of epoch {act.epoch}"
    if r.tags_of_ring[act.epoch, act.ring] >= named.crowd:
        return f"all {named.crowd} members in ring {act.ring} of epoch {act.epoch} have signed " \
            "before"
    most = r.epochs_before(act)[-1].different
    return f"all {most} members in rings have signed before" if len(r.tags) >= most else None


def check_P4(r, act):
    bound = ("context", r.context), ("text", r.opening.content.text_hash)
    if act.type == RING_ACT:
        return ring_unproved(r, act, bound)
    bound += ("act", u8(act.act)), ("sequence", u64(act.sequence))
    if act.type == TAG_ACT:
        return tag_unproved(r, act, bound)
    h = T("petition act", *bound, ("credential", act.credential), ("commitment", act.commitment))
    return credential_unproved(act, h, group.CREDENTIAL)


def ring_unproved(r, act, bound):
    """Proof 3.8 over the ring that the act names."""
    named = r.ring_of(act)
    if not named or not named.ring:
        return None                                        # P3's, or P8's
    if not named.ring.fits(act.ring_commitments, act.ring_responses):
        return "a proof for rings of another size"
    base = rings.tag_base(r.context)
    h = T("ring act", *bound, ("sequence", u64(act.sequence)), ("epoch", u32(act.epoch)),
          ("epoch order", r.epoch_of(act).order.order_hash), ("number", u32(act.ring)),
          *rings.ring_fields(named.hash, base, act.tag, act.ring_commitments))
    try:
        holds = rings.ring_holds(named.ring, base, element("N", act.tag), act.ring_commitments,
                                 act.ring_responses, challenge(h, 65535, 65535, rings.RING))
    except Bad:
        return None                                        # L3's
    return None if holds else f"its tag is not proved to be of somebody in ring {act.ring}"


def tag_unproved(r, act, bound):
    """Proof 3.7, whatever the tag."""
    base = rings.tag_base(r.context)
    h = T("tag act", *bound, ("tag base", group.encode(base)), ("tag", act.tag),
          ("commitment", act.commitment))
    try:
        holds = rings.tag_holds(base, element("N", act.tag), decode(act.commitment),
                                challenge(h, 65535, 65535, rings.TAG), scalar(act.response))
    except Bad:
        return None                                        # L3's
    return None if holds else "its tag's proof does not verify"


def check_P5(r, act):
    if act.type == RING_ACT and act.tag in r.tags:
        return "an act of its tag stands before it"
    if act.type == TAG_ACT and act.tag not in r.tags:
        return None                                        # P3's
    if (act.signer in r.signers) != (act.act == 2):
        return "who has not signed withdraws, or who has signed signs"
    last = r.sequences.get(act.signer, 0)
    return None if act.sequence > last else f"sequence number {act.sequence} after {last}"


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
    for e in r.pins:
        faults = epoch_faults(r, e)
        yield told(e, "; ".join(faults)) if faults else None


def epoch_faults(r, e):
    """What is wrong with the rings that an opening or a roll epoch pins."""
    epoch = next(epoch for epoch in r.epochs if epoch.number == e.content.epoch)
    if epoch.order is not e:
        fields, first = vars(e.content), vars(epoch.order.content)
        return [f"{name} is not that of {epoch.order}" for name in OF_AN_EPOCH
                if fields[name] != first[name]]
    order, fewest, members = e.content, r.manifest.fewest, Counter(d for _, d in epoch.online)
    faults = [f"only {members[d.number]} members in district {d.number}"
              for d in r.manifest.districts if 0 < members[d.number] < fewest]
    faults += [f"ring {number} is none" for number, named in enumerate(epoch.rings)
               if not named.ring]
    if not epoch.rings:
        faults.append("there is no ring")
    if (order.rings, order.rings_hash) != (len(epoch.rings), rings.rings_hash(epoch.rings)):
        faults.append(f"it does not pin the {len(epoch.rings)} rings of the roll")
    faults += [f"its beacon is that of {other.order}" for other in r.epochs
               if other.number < epoch.number and other.order.content.beacon == order.beacon]
    return faults
