"""What the checks of docs/protocol.md section 12 share: how they say what they found, what they may
ask for, and rules that several of them have.

A check is a function named after its number, check_L1 for L1. A check of the record is a generator:
for every thing that it looks at it yields None, or a sentence if that is not as it should be. An
Extra is a failure of none of those things. A check of single entries takes the record and an entry,
and returns None or the sentence; one of the proofs in an entry is a generator too.
Sections named in comments of the checks are the document's.
"""
import re
from collections import Counter

import group
import notes
import rings
from entries import BY_TAG, OVER_RINGS, element, elements
from group import Bad, challenge
from presentation import pieces


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


def rule(holds, sentence):
    if not holds:
        raise Bad(sentence)


# What a check may ask for

def policy_of(r):
    if not r.policy:
        raise NotRun("no policy was given")
    return r.policy


def roll_of(r):
    if not r.roll or not r.roll.readable:
        raise NotRun("the roll that the opening pins cannot be read")
    return r.roll


# Rules of manifests and roll headers (6, 4)

def check_people(people, what):
    for person in people:
        rule(notes.is_key_name(person.name), f"{what}: {person.name!r} is no key name")
        group.public_key(person.key)
    for values in ([p.name for p in people], [p.key for p in people]):
        rule(len(set(values)) == len(values), f"{what}: somebody stands twice")


def is_origin(text):
    return 1 <= len(text) <= 255 and re.fullmatch(r"[a-z0-9./-]+", text) and "/" in text \
        and not re.search(r"^[/.]|[/.]$|//|\.\.", text)


def check_log_rules(content):
    """What manifests and roll headers have in common: origin, log key, registrar."""
    rule(is_origin(content.origin), f"origin {content.origin!r} is not of the form board/name")
    group.public_key(content.log_key)
    check_people([content.registrar], "registrar")


# Signatures and proofs in entries

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


def ring_unproved(r, e, h):
    """Proof 3.8 of an entry's tag over the ring that it names, which there is."""
    ring = r.epochs.ring_of(e).ring
    if not ring:
        return None                                        # P8's, or B12's
    if not ring.fits(e.ring_commitments, e.ring_responses):
        return "a proof for rings of another size"
    try:
        holds = rings.ring_holds(ring, rings.tag_base(r.context), element("N", e.tag),
                                 e.ring_commitments, e.ring_responses,
                                 challenge(h, 65535, 65535, rings.RING))
    except Bad:
        return None                                        # L3's
    return None if holds else f"its tag is not proved to be of somebody in ring {e.ring}"


def tag_unproved(r, e, h):
    """Proof 3.7 of an entry's tag, whatever the tag."""
    try:
        holds = rings.tag_holds(rings.tag_base(r.context), element("N", e.tag),
                                group.decode(e.commitment),
                                challenge(h, 65535, 65535, rings.TAG), group.scalar(e.response))
    except Bad:
        return None                                        # L3's
    return None if holds else "its tag's proof does not verify"


# Rules of rings and tags that acts and ballots have in common (4.1, 7.6, 8.1)

def ring_fault(r, e, done):
    """What is wrong with the ring that an entry names; `done`: what its members do."""
    named = r.epochs.ring_of(e)
    if not named:
        return f"there is no ring {e.ring}"
    if r.tags_of_ring[r.epochs.name_of(e)] >= named.crowd:
        return f"all {named.crowd} members in ring {e.ring} have {done} before"
    return None


def sequence_fault(r, e):
    if e.type in OVER_RINGS and e.tag in r.tags:
        return "what its tag has done stands before it"
    if e.type in BY_TAG and e.tag not in r.tags:
        return None                                        # P3's, or B2's
    last = r.sequences.get(e.signer, 0)
    return None if e.sequence > last else f"sequence number {e.sequence} after {last}"


def ring_faults(r, epoch):
    """What is wrong with the rings that an order brings in."""
    order, fewest, found = epoch.entry.content, r.manifest.fewest, epoch.rings
    members = Counter(district for _, district in
                      rings.online(epoch.members, r.manifest.categories))
    faults = [f"only {members[d.number]} members in district {d.number}"
              for d in r.manifest.districts if 0 < members[d.number] < fewest]
    faults += [f"ring {number} is none" for number, named in enumerate(found) if not named.ring]
    if not found:
        faults.append("there is no ring")
    if (order.rings, order.rings_hash) != (len(found), rings.rings_hash(found)):
        faults.append(f"it does not pin the {len(found)} rings of the roll")
    faults += [f"its beacon is that of epoch {x.number}" for x in r.epochs.all
               if x.number < epoch.number and x.entry.content.beacon == order.beacon]
    return faults


def share_unproved(public, base, share, proof, c, e):
    """Proof 3.3 of a share."""
    try:
        d, (a1, a2, z) = group.decode(share), elements("PPS", proof)
    except Bad:
        return None                                        # L3's
    return None if group.equal_logarithms_hold(public, base, d, a1, a2, c, z) else \
        f"{e}: a share is not proved"
