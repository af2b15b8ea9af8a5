"""Records of anonymous elections in which exactly one check fails: as in forgeries.py."""
import group
from anonymous import voter
from anonymous_election_maker import FIRST, NEXT, AnonymousElection, anonymous_election
from anonymous_election_maker import unvoted, votes
from election_maker import Election, contest
from forgeries import answer, bigger, last_scalar, one_more, other_key, put, when
from forgeries import election, without_roll
from pieces import opaque
from poll_maker import SUMMER


def unopened(tweaks=None, **arguments):
    """The manifest alone."""
    return AnonymousElection({"files": without_roll, **(tweaks or {})}, **arguments)


def then(*steps, **arguments):
    """An anonymous election with more ballots, which don't count."""
    return anonymous_election(between={"ballots": lambda e: [step(e) for step in steps]},
                              **arguments)


def first_ballot(i=2, sequence=1, tweaks=None, **changes):
    """A further voter of district 1; changes are of what the ring proof says."""
    return then(lambda e: e.ring_ballot(i, votes(0, True), sequence, **changes), tweaks=tweaks)


def later_ballot(i, sequence, tweaks=None, **changes):
    return then(lambda e: e.tag_ballot(i, votes(0, True), sequence, **changes), tweaks=tweaks)


def at_next(tweak):
    return when(lambda fields: fields.entry == NEXT, tweak)


def spoiled(proof, make):
    """The next ballot has a spoiled response in the first contest."""
    def step(e):
        e.tweaks = {**e.tweaks, "answers": when(lambda a: a.contest == 1, answer(proof))}
        make(e)
    return step


def tweaked(make, **tweaks):
    def step(e):
        e.tweaks = {**e.tweaks, **tweaks}
        make(e)
    return step


def ring_ballot(i=2, sequence=1):
    return lambda e: e.ring_ballot(i, votes(0, True), sequence)


def tag_ballot(i, sequence):
    return lambda e: e.tag_ballot(i, votes(0, True), sequence)


def other_ring(e):
    """What a voter of the one ring of district 1 says who claims to be in the other."""
    mine = e.ring_of(2)
    return {"number": 1 - mine, "hash": e.rings[1 - mine].hash}


def weighted(index=2):
    """One of those who may vote has a weight of 2."""
    everybody = [voter(i, 1 if i < 70 else 2) for i in range(74)]
    everybody[index] = voter(index, everybody[index].district, 2)
    return everybody


def counted_double(e):
    """A ballot weighs 2, and nobody says so."""
    e.votes[4][0].weight = 2


def with_epochs(tweaks=None, **arguments):
    """Somebody leaves the roll before the opening, which pins epoch 2."""
    def leave(e):
        e.roll.change((2, e.voters[69]))
        e.epoch = 2
    return anonymous_election(tweaks, {"keys": leave}, **arguments)


def pseudonymous(entry):
    """An election of version 1 with an entry of an anonymous one."""
    return election(between={"ballots": lambda e: e.append(
        "a stranger", anonymous_election().entries[entry])})


def named_ballot(e):
    """A ballot by credential."""
    Election.ballot(e, 3, votes(0, True))
    e.votes.pop()


def challenged(e):
    sealed = e.seal(3, votes(0, True))
    e.opening(sealed, e.challenge(sealed))


# With 225 options a Ballot has 65,176 bytes, and a RingBallot over a ring of 64 has 65,760; with
# 223 over one of 64 65,184, over one of 4,096 65,568.
def wide(options):
    return [contest(1, (0,) * options, rule=2, low=0, high=1)]


ANONYMOUS_ELECTION = {
    "an anonymous election with rings of 63": ("S1", lambda: unopened(ring_size=63)),
    "crowds of one voter": ("S1", lambda: unopened(fewest=1)),
    "crowds of more than half a ring": ("S1", lambda: unopened(fewest=33)),
    "challenges of anonymous ballots": ("S1", lambda: unopened(challenges=1)),
    "ring ballots that do not fit": ("S1", lambda: unopened(
        contests=wide(225), styles={1: [1]})),
    "ring ballots that do not fit with large rings": ("S1", lambda: unopened(
        contests=wide(223), styles={1: [1]}, ring_size=4096)),
    "an anonymous election opened early": ("S7", lambda: unvoted({"open": put(time=SUMMER - 1)})),
    "a revocation in an anonymous election": ("S8", lambda: then(lambda e: e.order(
        "revoke", 8, opaque(e.voters[2].credential), reason=b"voted on paper"))),
    "a restoration in an anonymous election": ("S8", lambda: anonymous_election(between={
        "close": lambda e: e.order("restore", 9, opaque(e.voters[2].credential), reason=b"?")})),
    "a ballot by credential": ("S8", lambda: then(named_ballot)),
    "a challenge and its opening": ("S8", lambda: then(challenged)),
    "an anonymous election opened as if pseudonymous": ("S8", lambda: unvoted({
        "rings": put(kind=1), "files": without_roll})),
    "an election opened as if anonymous": ("S8", lambda: election({
        "open": lambda o: put(kind=18, fields=as_anonymous(o.fields))(o), "files": without_roll})),
    "a ring ballot in a pseudonymous election": ("S8", lambda: pseudonymous(FIRST)),
    "a tag ballot in a pseudonymous election": ("S8", lambda: pseudonymous(FIRST + 3)),
    "anonymous ballots under an attempt that there is not": ("S8", lambda: unvoted({
        "keys": put(attempt=2), "files": without_roll})),
    "anonymous ballots under another key": ("S12", lambda: anonymous_election(between={
        "keys": other_key})),
    "an epoch that does not end there": ("S14", lambda: with_epochs({"pin": put(epoch=1)})),
    "an epoch in a roll of one": ("S14", lambda: unvoted({"pin": put(epoch=0)})),
    "another root of the roll of an anonymous election": ("S14", lambda: unvoted({
        "pin": put(root=bytes(32))})),
    "a voter of weight 2 in a crowd": ("S16", lambda: anonymous_election(voters=weighted())),
    "a voter of weight 2 whose ballot counts": ("S16", lambda: anonymous_election(
        voters=weighted(1))),
    "fewer who may vote than are decrypted": ("S16", lambda: unvoted(minimum=75)),
    "other rings of voters": ("B12", lambda: anonymous_election({"rings": put(hash=bytes(32))})),
    "a ring more of voters": ("B12", lambda: anonymous_election({"rings": one_more("count")})),
    "a district of three voters": ("B12", lambda: unvoted(sizes=(70, 3, 1))),
    "nobody who could vote": ("B12", lambda: unvoted(sizes=(0, 0, 5))),
    "nobody of the category that votes": ("B12", lambda: unvoted(paper=(), categories=(2,))),
    "a ring ballot without its contests": ("B1", lambda: then(tweaked(
        ring_ballot(), ballot=put(contests=[])))),
    "a tag ballot without its contests": ("B1", lambda: then(tweaked(
        tag_ballot(0, 9), ballot=put(contests=[])))),
    "a ballot over a ring that there is not": ("B2", lambda: first_ballot(number=3)),
    "a ring ballot of another district's style": ("B2", lambda: first_ballot(style=2)),
    "a tag ballot of another district's style": ("B2", lambda: later_ballot(0, 9, style=2)),
    "a ballot by a tag that nobody has proved": ("B2", lambda: later_ballot(2, 9)),
    "a second first ballot": ("B3", lambda: first_ballot(0, 9)),
    "a first ballot of sequence number 0": ("B3", lambda: first_ballot(sequence=0)),
    "a kept first ballot after the first": ("B3", lambda: then(
        ring_ballot(2, 2), ring_ballot(2, 1))),
    "an old sequence number of a voter's tag": ("B3", lambda: then(tweaked(
        tag_ballot(1, 7), ballot=put(seed="another")))),
    "a cell of a ring ballot out of its range": ("B4", lambda: then(spoiled(1, ring_ballot()))),
    "a cell of a tag ballot out of its range": ("B4", lambda: then(spoiled(1, tag_ballot(0, 9)))),
    "a sum of a ring ballot out of its range": ("B5", lambda: then(spoiled(2, ring_ballot()))),
    "a sum of a tag ballot out of its range": ("B5", lambda: then(spoiled(2, tag_ballot(0, 9)))),
    "a limit that a ring ballot does not keep": ("B9", lambda: then(spoiled(3, ring_ballot()))),
    "a limit that a tag ballot does not keep": ("B9", lambda: then(spoiled(3, tag_ballot(0, 9)))),
    "a ballot put under another ring's name": ("B6", lambda: first_ballot(tweaks={
        "ring proof": at_next(lambda p: put(number=1 - p.number)(p))})),
    "a ballot that says another ring": ("B6", lambda: then(
        lambda e: e.ring_ballot(2, votes(0, True), **other_ring(e)))),
    "a ballot from another's place": ("B6", lambda: first_ballot(tweaks={
        "ring ballot": at_next(one_more("place"))})),
    "a ballot of a secret that nobody enrolled": ("B6", lambda: first_ballot(t=5)),
    "a ballot under another's tag": ("B6", lambda: then(
        lambda e: e.ring_ballot(2, votes(0, True), tag=e.tag(3)))),
    "a ballot under a tag on another base": ("B6", lambda: first_ballot(base=group.BASE)),
    "a ring proof of another opening": ("B6", lambda: first_ballot(context=bytes(32))),
    "a ring proof about other votes": ("B6", lambda: first_ballot(contests=())),
    "a first ballot of another number than was proved": ("B6", lambda: first_ballot(tweaks={
        "ring proof": at_next(one_more("sequence"))})),
    "a ring proof of another style": ("B6", lambda: first_ballot(style=2, tweaks={
        "ring proof": at_next(put(style=1))})),
    "a ballot over larger rings": ("B6", lambda: first_ballot(tweaks={
        "ring proof": at_next(bigger)})),
    "a ring proof with a byte too many": ("B6", lambda: first_ballot(tweaks={
        "ring proof": at_next(lambda p: put(commitments=p.commitments + b"\0")(p))})),
    "a tag ballot of another's secret": ("B6", lambda: later_ballot(1, 9, s=5)),
    "a tag proof of another opening": ("B6", lambda: later_ballot(1, 9, context=bytes(32))),
    "a tag proof about other votes": ("B6", lambda: later_ballot(1, 9, contests=())),
    "a tag ballot of another number than was proved": ("B6", lambda: later_ballot(1, 9, {
        "tag proof": at_next(one_more("sequence"))})),
    "a tag proof of another style": ("B6", lambda: later_ballot(1, 9, {
        "tag proof": at_next(put(style=1))}, style=2)),
    "the identity as the tag of a ballot": ("L3", lambda: first_ballot(s=0, tag=bytes(32))),
    "a response of a ring above the order": ("L3", lambda: then(tweaked(
        ring_ballot(), **{"ring ballot!": last_scalar}))),
    "a response of a tag above the order": ("L3", lambda: then(tweaked(
        tag_ballot(0, 9), **{"tag ballot!": last_scalar}))),
    "a ring ballot with another's ciphertexts": ("B7", lambda: then(tweaked(
        ring_ballot(), ballot=put(seed="ballot of 70, 1")))),
    "a tag ballot with its own ciphertexts before": ("B7", lambda: then(tweaked(
        tag_ballot(0, 9), ballot=put(seed="ballot of 0, 5")))),
    "a first ballot after the end": ("B8", lambda: anonymous_election(between={
        "close": ring_ballot()})),
    "a later ballot after the end": ("B8", lambda: anonymous_election(between={
        "close": tag_ballot(0, 9)})),
    "a first ballot counted beside the last": ("C1", lambda: anonymous_election(
        counted=(1, 2, 4, 5),
        parts=[(1, [1, 2], [1, 2, 4, 5]), (2, [1], [1, 4, 5]), (2, [2], [2])])),
    "a ballot before the last of its tag counted": ("C1", lambda: anonymous_election(
        counted=(2, 3, 4), parts=[(1, [1, 2], [2, 3, 4]), (2, [1], [3, 4]), (2, [2], [2])])),
    "a ballot counted in another district": ("C2", lambda: anonymous_election(
        parts=[(1, [1, 2], [2, 4, 5]), (2, [1], [4]), (2, [2], [2, 5])])),
    "a ballot that weighs 2": ("C3", lambda: anonymous_election({
        "part": lambda p: put(weight=p.ballots)(p),
        "totals": put(totals=[[2, 1], [1, 1], [1, 0]])}, {"close": counted_double})),
    "an outcome as if all on the roll could vote": ("C9", lambda: anonymous_election(yes=1)),
}


def as_anonymous(fields):
    """The fields of order 18 from those of order 1."""
    return fields[:-40] + bytes(4) + fields[-40:] + bytes(68)
