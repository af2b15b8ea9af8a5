"""Makes anonymous elections for the tests of the reference verifier: docs/protocol.md, section 7.6.

Tweaks as in log_maker.py. `ring ballot` and `tag ballot` get what the proof of ring or tag says,
before it is made; `ring proof` and `tag proof` get the fields of the entry. What both should say
they get as changes. Ranges and linear claims are proved about the entry as it is, so that one of
the proofs can be wrong alone.
"""
from types import SimpleNamespace

import group
import rings
from anonymous import BEACON, FEWEST, SIZE, Transcript, place_of, prove_ring, prove_tag, voter
from ballots import contest_fields
from election_maker import Election, contest
from forgeries import CONTEST
from group import T32, encode, multiply, u8, u16, u32, u64
from pieces import opaque

# Yes or no, by district, if one in 25 of those who may vote do.
YES_OR_NO = contest(2, (0, 0), rule=1, by_district=1,
                    result=u8(4) + u16(400) + u8(1) + u16(1) + u16(2) + u8(1))
FIRST = 12                             # the entry of the first ballot
NEXT = 18                              # that of what `between` adds to anonymous_election()


def more(ring_size=SIZE, fewest=FEWEST, source=b"round 1000 of a beacon", categories=(1,)):
    """What the manifest of an anonymous election has behind the rest."""
    return (u8(2) + u16(ring_size) + u16(fewest) + opaque(source)
            + opaque(b"".join(map(u16, categories))))


class AnonymousElection(Election):
    """70 members in district 1, which is two rings; 4 in district 2, one ring; one elsewhere. Those
    who vote on paper have a weight of 5. Keywords: of more()."""
    version = 2

    def __init__(self, tweaks=None, sizes=(70, 4, 1), paper=(3, 2), voters=None, minimum=1,
                 challenges=0, contests=(CONTEST, YES_OR_NO), styles=None, **rules):
        everybody = voters or [
            voter(i, district) for i, district in
            enumerate(district for district, n in enumerate(sizes, 1) for _ in range(n))]
        on_paper = [voter(900 + i, district, 5, 2) for i, district in
                    enumerate(district for district, n in enumerate(paper, 1) for _ in range(n))]
        self.more = more(**rules)
        super().__init__(tweaks, list(contests), styles or {1: [1, 2], 2: [1, 2]}, challenges,
                         minimum, roll_districts=(1, 2, 3), voters=everybody + on_paper)

    def manifest_fields(self, **fields):
        styles = list(fields["styles"])
        by_district = dict(zip(self.districts, styles * 2))
        return super().manifest_fields(**{**fields, "district_style": by_district})

    def add_manifest(self, type_, body, signers):
        super().add_manifest(type_, body + self.tweaked("rules", more=self.more).more, signers)

    def divide(self):
        """The crowds and rings of those who are on the roll now."""
        on = [v for v in self.voters if v.credential in self.roll.on]
        members = [(v.credential, v.district, v.category) for v in on]
        self.crowds = rings.divide(
            [(v.credential, v.district) for v in on if v.category == 1], self.districts, SIZE,
            FEWEST, rings.ring_seed(members, BEACON))
        self.rings = [rings.RollRing(*crowd, SIZE) for crowd in self.crowds]

    def open(self):
        self.divide()
        keys = self.tweaked("keys", attempt=self.attempt, y=self.y, x=self.x)
        size = self.roll.ends[self.epoch - 1]
        pin = self.tweaked("pin", roll_id=self.roll.id, epoch=self.epoch, size=size,
                           root=self.roll.root(size))
        o = self.tweaked("rings", beacon=BEACON, count=len(self.rings),
                         hash=rings.rings_hash(self.rings), kind=18)
        roll = pin.roll_id + (u32(pin.epoch) if o.kind == 18 else b"") + u64(pin.size) + pin.root
        body = self.order("open", o.kind, u16(keys.attempt) + keys.y + opaque(keys.x) + roll
                          + (o.beacon + u32(o.count) + o.hash if o.kind == 18 else b""))
        self.context = T32("poll context", ("poll", self.id), ("opening", body))
        self.key = group.Table(group.decode(keys.y))
        self.base = rings.tag_base(self.context)

    def tag(self, i):
        return encode(multiply(self.voters[i].s, self.base))

    def ring_of(self, i):
        """The number of a voter's ring; that of district 2 for who is in no crowd."""
        return next((n for n, (_, crowd) in enumerate(self.crowds)
                     if self.voters[i].credential in crowd), 2)

    def ring_ballot(self, i, votes, sequence=1, **changes):
        """The first ballot of a voter. Changes: of what its ring proof says."""
        sealed, voter_, number = self.seal(i, votes, sequence), self.voters[i], self.ring_of(i)
        entry, contests = len(self.entries), self.contest_fields(sealed)
        a = self.tweaked("ring ballot", **{
            "entry": entry, "s": voter_.s, "t": voter_.t, "base": self.base,
            "place": place_of(voter_.credential, self.crowds[number][1]),
            "ring": self.rings[number].ring, "hash": self.rings[number].hash,
            "context": self.context, "sequence": sealed.sequence, "style": sealed.style,
            "number": number, "tag": self.tag(i), "contests": contests, **changes})
        commitments, responses = prove_ring(a.ring, a.place, a.s, a.t, a.base, ring_statement(
            a.context, a, a.contests, a.hash, a.base))
        p = self.tweaked("ring proof", entry=entry, sequence=a.sequence, style=a.style,
                         number=a.number, tag=a.tag, commitments=commitments, responses=responses)
        hash_ = self.rings[p.number].hash if p.number < len(self.rings) else a.hash
        sealed.h = ring_statement(self.context, p, contests, hash_, self.base)(p.commitments)
        self.log(sealed, "ring ballot", b"\x43\1" + u64(p.sequence) + u16(p.style) + u32(p.number)
                 + p.tag + opaque(self.answered(sealed)) + opaque(p.commitments)
                 + opaque(p.responses))

    def tag_ballot(self, i, votes, sequence, **changes):
        """A later ballot of a voter."""
        sealed, entry = self.seal(i, votes, sequence), len(self.entries)
        contests = self.contest_fields(sealed)
        a = self.tweaked("tag ballot", **{
            "entry": entry, "s": self.voters[i].s, "base": self.base, "context": self.context,
            "sequence": sealed.sequence, "style": sealed.style, "tag": self.tag(i),
            "contests": contests, **changes})
        commitment, response = prove_tag(a.s, a.base, tag_statement(
            a.context, a, a.contests, a.base))
        p = self.tweaked("tag proof", entry=entry, sequence=a.sequence, style=a.style, tag=a.tag,
                         commitment=commitment, response=response)
        sealed.h = tag_statement(self.context, p, contests, self.base)(p.commitment)
        self.log(sealed, "tag ballot", b"\x44\1" + u64(p.sequence) + u16(p.style) + p.tag
                 + opaque(self.answered(sealed)) + p.commitment + p.response)

    @staticmethod
    def contest_fields(sealed):
        return tuple(contest_fields(sealed.contests, [c.ciphertexts for c in sealed.contests]))

    def log(self, sealed, name, data):
        self.votes.append((SimpleNamespace(weight=1), len(self.entries), sealed))
        self.append(name, data)

    def policy(self):
        return super().policy() + f"beacon {BEACON.hex()}\n"


def ring_statement(context, says, contests, ring_hash, base):
    return Transcript((
        "ring ballot", "ring commitments", ("context", context), ("sequence", u64(says.sequence)),
        ("style", u16(says.style)), ("number", u32(says.number)), *contests, ("ring", ring_hash),
        ("tag base", encode(base)), ("tag", says.tag)))


def tag_statement(context, says, contests, base):
    return Transcript((
        "tag ballot", "commitment", ("context", context), ("sequence", u64(says.sequence)),
        ("style", u16(says.style)), *contests, ("tag base", encode(base)), ("tag", says.tag)))


def votes(first, yes):
    """For an option of the first contest, and yes or no in the second."""
    return {1: [int(first == 0), int(first == 1)], 2: [int(yes), int(not yes)]}


def begun(tweaks=None, between=None, **arguments):
    """An election that is open."""
    e = AnonymousElection(tweaks, **arguments)
    e.keys()
    (between or {}).get("keys", lambda e: None)(e)
    e.open()
    return e


def anonymous_election(tweaks=None, between=None, counted=(2, 4, 5), parts=None, yes=0,
                       **arguments):
    """Three vote, two of them again, one of these a third time. Functions of `between` are called
    with the election after the step that they are named by; `counted` are positions in e.votes."""
    e = begun(tweaks, between, **arguments)
    e.ring_ballot(0, votes(0, False))
    e.ring_ballot(1, votes(1, True))
    e.ring_ballot(70, votes(0, True))
    e.tag_ballot(1, votes(1, True), 2)
    e.tag_ballot(0, votes(0, True), 5)
    e.tag_ballot(1, votes(1, False), 7)
    (between or {}).get("ballots", lambda e: None)(e)
    e.close()
    (between or {}).get("close", lambda e: None)(e)
    e.sum(counted, parts or [(1, [1, 2], [2, 4, 5]), (2, [1], [4, 5]), (2, [2], [2])])
    e.count()
    e.result([(1, [0], [], []), (2, [yes], [], [])])
    return e


def unvoted(tweaks=None, **arguments):
    """Nobody votes."""
    e = begun(tweaks, **arguments)
    e.close()
    e.sum([], [])
    e.count()
    e.result()
    return e
