"""The checks of ballots, their challenges and openings, B1 to B12 (docs/protocol.md section 7).
B1, B4 to B6 and B9 need nothing but the ballot and the opening."""
import group
from ballots import alphas_of, ballot_hash, hash_of, ring_ballot_hash, tag_ballot_hash, unproved
from entries import BALLOT, BALLOTS, CHALLENGE, OPENING, RING_BALLOT, TAG_BALLOT
from group import T, u64
from judging import credential_unproved, ring_fault, ring_faults, ring_unproved, roll_of
from judging import sequence_fault, tag_unproved, told
from presentation import pieces


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
    if e.type == TAG_BALLOT:                               # which needs no roll
        if e.tag not in r.tags:
            return "no ring ballot of its tag stands before it"
        if r.tags[e.tag] is None:
            return None                                    # of what ring it is nobody knows
        return style_fault(r, e, r.tags[e.tag])
    roll_of(r)
    if e.type == RING_BALLOT:
        return ring_fault(r, e, "voted") or style_fault(r, e, r.epochs.ring_of(e).district)
    if not e.member:
        return "the credential is not on the roll"
    return style_fault(r, e, e.member.district)


def style_fault(r, e, district):
    style = r.style_of(district)
    if style is None or e.type in BALLOTS and e.style != style:
        return f"district {district} does not vote so"
    return None


def check_B3(r, e):
    return sequence_fault(r, e)


def statement(r, ballot):
    """h of a ballot; None if it is not known, as the ring that it names there is not."""
    if ballot.type == RING_BALLOT:
        named = r.epochs.ring_of(ballot)
        return ring_ballot_hash(r.context, ballot, named.hash) if named else None
    return (hash_of if ballot.type == BALLOT else tag_ballot_hash)(r.context, ballot)


def claims_unproved(r, ballot, check):
    if r.key and not check_B1(r, ballot):                  # else it is L3's or B1's
        h = statement(r, ballot)
        for part in ballot.contests if h else ():
            yield from unproved(r.layouts[part.contest], part, check, h, r.key)


def check_B4(r, ballot):
    return claims_unproved(r, ballot, "B4")


def check_B5(r, ballot):
    return claims_unproved(r, ballot, "B5")


def check_B6(r, e):
    if e.type == CHALLENGE:
        h = T("ballot challenge", ("context", r.context), ("sequence", u64(e.sequence)),
              ("credential", e.credential), ("ballot", e.ballot_hash), ("commitment", e.commitment))
    else:
        h = statement(r, e)
    if e.type == RING_BALLOT:
        return h and ring_unproved(r, e, h)                # else it is B2's
    if e.type == TAG_BALLOT:
        return tag_unproved(r, e, h)
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
    if r.anonymous:
        return None                                        # there are no challenges
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


def check_B12(r):
    if r.opening:
        roll_of(r)
        r.epochs.rings_known()
        faults = ring_faults(r, r.epochs.all[0])
        yield told(r.opening, "; ".join(faults)) if faults else None


def encrypted(r, cell):
    """(r·G, v·G + r·Y) for a cell of an opening."""
    value, secret = int.from_bytes(cell[:2], "big"), group.scalar(cell[2:])
    return group.encode(group.G.times(secret)) + group.encode(
        group.add(group.G.times(value), r.key.times(secret)))
