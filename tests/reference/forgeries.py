"""Records in which exactly one check fails: {name: (check, function that makes the record)}."""
import base64
from collections import Counter
from types import SimpleNamespace

import group
from anonymous import NEXT, AnonymousPetition, anonymous, more, unsigned
from election_maker import Election, contest
from group import T32, u8, u16
from people import Person, Voter, Witness
from petition_maker import Petition
from pieces import Random, opaque, public, scalar_bytes, texts
from poll_maker import SUMMER

# One of two, at most one point each; a limit on the number that says the same; most votes.
CONTEST = contest(1, (0, 0), rule=2, low=0, high=1, limits=[(2, 0, 1, [0, 1])],
                  result=b"\1" + u16(1) + u8(1))


def put(**values):
    """A tweak that sets fields."""
    return lambda fields: vars(fields).update(values)


def when(condition, tweak):
    return lambda fields: condition(fields) and tweak(fields)


def election(tweaks=None, between=None, minimum=1, voters=None):
    """Four ballots, one of them challenged and cast again, one replaced, one revoked. Functions of
    `between` are called with the election after the step that they are named by."""
    def after(step):
        if step in (between or {}):
            between[step](e)

    e = Election(tweaks, contests=[CONTEST], challenges=1, minimum=minimum, voters=voters)
    e.keys()
    after("keys")
    e.open()
    after("open")
    e.ballot(0, {1: [1, 0]})
    sealed = e.seal(1, {1: [1, 0]})
    e.index = e.challenge(sealed)
    e.sealed = sealed
    after("challenge")
    e.ballot(1, {1: [0, 1]}, 2)
    e.ballot(2, {1: [0, 1]})
    e.ballot(0, {1: [1, 0]}, 2)
    after("ballots")
    e.order("revoke", 8, opaque(e.voters[2].credential), reason=b"voted on paper")
    e.close()
    after("close")
    e.opening(sealed, e.index)
    e.sum([1, 3], [(1, [1, 2], [1, 3])])
    e.count()
    after("count")
    e.result([(1, [0], [], [])])
    return e


def petition(tweaks=None, between=None):
    p = Petition(tweaks)
    p.open()
    for i in range(3):
        p.act(i)
    p.act(1, act=2, sequence=2)
    p.act(1, act=1, sequence=7)
    if between and "acts" in between:
        between["acts"](p)
    p.close()
    if between and "close" in between:
        between["close"](p)
    p.result(3, [(1, 2), (2, 1)], [(2, 1, 3), (3, 1, 4)])
    return p


def witnessed(tweaks=None, own=(10_005, 10_006, 0), times=((0, 3, 4), (10, 12, 0), (9_500,) * 3)):
    """A petition whose opening and closing lie between the witnesses' times: what is logged before
    the opening, after it and before the closing, and the record's own."""
    def files(f):
        name = "poll/checkpoint"
        f.files[name] = p.cosigned(f.files[name], [time and SUMMER + time for time in own])
        (tweaks or {}).get("checkpoint", lambda f: None)(f)

    def log(step):
        p.witnessed(*(time and SUMMER + time for time in times[step]))

    p = Petition({**(tweaks or {}), "files": files})
    log(0)
    p.open()
    log(1)
    for i in range(3):
        p.act(i)
    log(2)
    p.close()
    p.result(3, [(1, 2), (2, 1)], [(2, 1, 5), (3, 1, 6)])
    return p


def other_key(e):
    """The opening has a key that the trustees do hold, but that the ceremony did not give."""
    for i in e.polynomials:
        random = Random(f"another polynomial {i}")
        e.polynomials[i] = [random.scalar(), random.scalar()]
    e.secrets = {j: sum(a * j**k for f in e.polynomials.values() for k, a in enumerate(f)) % group.L
                 for j in e.polynomials}
    e.y = public(sum(f[0] for f in e.polynomials.values()))
    e.x = b"".join(public(e.secrets[j]) for j in e.secrets)


def late_message(e):
    fields = u16(1) + u16(1) + bytes(32)
    e.message("late", 0x20, 1, fields)


def answer(proof):
    """Spoils one response of the proof at this position."""
    def tweak(a):
        a.answers[proof][0] += 1
    return tweak


def last_scalar(entries):
    entries.entries = [data[:-32] + b"\xff" * 32 for data in entries.entries]


def other_signature(f):
    f.files["poll/checkpoint"] = f.files["poll/checkpoint"][:-9] + b"AAAAAAA=\n"


def moved(f):
    """The last cosignature is of a second later."""
    head, blob = f.files["poll/checkpoint"].rstrip(b"\n").rsplit(b" ", 1)
    data = bytearray(base64.b64decode(blob))
    data[11] += 1
    f.files["poll/checkpoint"] = head + b" " + base64.b64encode(data) + b"\n"


def unlisted(f):
    f.files["poll/checkpoint"] = Witness("stranger").cosign(f.files["poll/checkpoint"], SUMMER)


def spoiled(entry):
    """The last cosignature has another last byte."""
    f = SimpleNamespace(files={"poll/checkpoint": entry[4:]})
    moved(f)
    return entry[:4] + f.files["poll/checkpoint"]


def without_roll(f):
    """No opening pins one yet."""
    f.files = {path: data for path, data in f.files.items() if path.startswith("poll/")}


def raised(a):
    """One more in the opening of a cell."""
    value = int.from_bytes(a.cells[0][:2], "big")
    a.cells = [u16(1 - value) + a.cells[0][2:]]


def bigger(p):
    """The proof has the sizes of one over a ring of 256."""
    put(commitments=p.commitments + bytes(32), responses=p.responses + bytes(96))(p)


def one_more(name):
    return lambda fields: put(**{name: getattr(fields, name) + 1})(fields)


def first_act(i=2, sequence=1, tweaks=None, **changes):
    """An anonymous petition with a further ring act, of a voter who stands in the list before
    the others of district 1; changes are of what it says before it is proved."""
    return anonymous(tweaks, {"acts": lambda p: p.ring_act(i, sequence, **changes)})


def later_act(i, act, sequence, **changes):
    return anonymous(between={"acts": lambda p: p.tag_act(i, act, sequence, **changes)})


def other_ring(p):
    """What a voter of the one ring of district 1 says who claims to be in the other."""
    mine = p.ring_of(2)
    return {"number": 1 - mine, "hash": p.rings[1 - mine].hash}


def withdrawn_twice(p):
    for act, sequence in ((2, 8), (2, 9), (1, 10)):
        p.tag_act(1, act, sequence)


def renamed(person, name="another.example"):
    return SimpleNamespace(name=name, key=person.key, sign=person.sign)


ANN, BEN = Person("ann.example"), Person("ben.example")
SMALL = SimpleNamespace(name="small", key=b"\1" + bytes(31))
EARLY = SUMMER - 1_000                                     # drafts begin here


def begun(tweaks=None, **manifest):
    p = AnonymousPetition({**(tweaks or {}), "files": without_roll}, **manifest)
    p.time = EARLY
    return p


def drafted(steps, tweaks=None, **manifest):
    """Steps are taken in the draft; then it is published, unless it is to be reviewed."""
    p = begun(tweaks, **manifest)
    steps(p)
    if not p.review:
        p.publish()
    return p


def confirmed(changes, time=None):
    """Ann confirms, the text is revised and comes back, and she confirms again. Changes of that: 0
    for what was right before. A third confirmation is right."""
    p = begun(initiators=1)
    p.invite(ANN, SUMMER - 900)
    first = {"text": p.text_hash, "revision": p.revision}
    p.confirm(1)
    p.revise("poll", "other")
    p.revise("poll", "text" if "revision" in changes else "another")
    p.confirm(1, time, **{name: value or first[name] for name, value in changes.items()})
    if time:
        p.invite(ANN)
        p.confirm(2)
    else:
        p.confirm(1)
    p.publish()
    return p


def ended(name, code, reason=b""):
    p = begun(review=1)
    p.step("submit")
    p.step(name, code, reason=reason)
    return p


def on_paper(*batches, tweaks=None, met=0, passed=None, **manifest):
    """Nobody signs online; batches: (name, districts, sheets)."""
    p = AnonymousPetition(tweaks, **manifest)
    p.open()
    total, index = Counter(), []
    for name, districts, *file in batches:
        for number, accepted, _ in districts:
            total[number] += accepted * (number < 3)
        p.batch(name, districts, file=T32("sheets of " + file[0]) if file else None)
        index.append((total.total(), len(p.entries) - 1))
    p.close()
    n = total.total()
    reached = [(t, 1, next(i for m, i in index if m >= t)) if n >= t else (t, 0, 0)
               for t in (2, 3)]
    if passed is None:
        passed = int(n >= 2 and met >= manifest.get("districts_needed", 0))
    p.result(0, [(1, 0, total[1]), (2, 0, total[2])], reached, n, met=met, passed=passed)
    return p


def with_minimums(tweaks=None):
    """Of two minimums one is missed, as the mark shows."""
    p = AnonymousPetition(tweaks, minimums=[(100, 1), (200, 2)])
    p.open()
    opened = p.time
    p.step("mark", time=opened + 100)
    p.batch("a", [(1, 2, 0)], time=opened + 150)
    p.step("mark", time=opened + 199)
    p.step("mark", time=opened + 201)
    p.close()
    p.result(0, [(1, 0, 2), (2, 0, 0)], [(2, 1, 5), (3, 0, 0)], 2,
             [(100, 1, 0, 0), (200, 2, 2, 1)], passed=0)
    return p


def after_the_result(name, code=0, steps=("verify", "hand over"), passed=True):
    p = on_paper(("a", [(1, 2, 0)])) if passed else on_paper()
    for step in (*steps, name):
        p.step(step, code if step == name else 0)
    return p


def expired_in_draft(confirm=False, time=SUMMER, code=30):
    p = begun(initiators=1)
    p.invite(ANN, SUMMER - 50)
    if confirm:
        p.confirm(1)
    p.step("expire", code, time=time)
    return p


def expired_collecting(mark=200, signatures=1, close=False):
    """Or, by default, rightly."""
    p = AnonymousPetition(minimums=[(200, 2)])
    p.open()
    opened = p.time
    p.batch("a", [(1, signatures, 0)], time=opened + 100)
    p.step("mark", time=opened + mark)
    if close:
        p.close()
    p.step("expire", 31, time=None if close else opened + 300)
    return p


def marked(newest):
    """Witnesses see a mark 600 seconds after the opening."""
    p = AnonymousPetition({"files": lambda f: f.files.update({
        "poll/checkpoint": p.cosigned(f.files["poll/checkpoint"], [SUMMER + 10_005] * 3)})})
    p.witnessed(*[SUMMER] * 3)
    p.open()
    p.witnessed(*[SUMMER + 10] * 3)
    p.witnessed(*[SUMMER + newest] * 3)
    p.step("mark", time=SUMMER + 2_000)
    p.witnessed(*[SUMMER + 2_100] * 3)
    p.witnessed(*[SUMMER + 9_500] * 3)
    p.close()
    p.result(0, [(1, 0), (2, 0)], [(2, 0, 0), (3, 0, 0)])
    return p


STRANGER = Voter(77, 1)
RARE = [Voter(0, 1), Voter(1, 1), Voter(2, 2), Voter(3, 2, weight=5)]

FORGERIES = {
    "checkpoint signed by nobody": ("L1", lambda: election({"files": other_signature})),
    "a signature line of a stranger": ("L1", lambda: witnessed({"checkpoint": unlisted})),
    "a cosignature of another text": ("L1", lambda: witnessed({"checkpoint": moved})),
    "one cosignature where two are needed": ("L6", lambda: witnessed(own=(0, 10_005, 0))),
    "a checkpoint of the log as it is to be": ("L7", lambda: witnessed({"witnessed": when(
        lambda w: w.entry == 3, lambda w: put(note=w.note.replace(b"\n3\n", b"\n4\n"))(w))})),
    "a checkpoint of another history": ("L7", lambda: witnessed({"witnessed": when(
        lambda w: w.entry == 3, put(note=Petition({"manifest": put(opens=5)}).checkpoint()))})),
    "a logged cosignature of another text": ("L7", lambda: witnessed({"witnessed!": when(
        lambda e: len(e.log) == 3, lambda e: put(entries=[spoiled(e.entries[0])])(e))})),
    "opened later than the order says": ("S17", lambda: witnessed(
        times=((1_000,) * 3, (1_010,) * 3, (9_500,) * 3))),
    "logged earlier than the order says": ("S17", lambda: witnessed(
        times=((0, 3, 4), (10, 12, 0), (9_000,) * 3))),
    "closed later than the order says": ("S17", lambda: witnessed(own=(10_601, 10_602, 0))),
    "a file too many": ("L2", lambda: election({
        "files": lambda f: f.files.update({"poll/x": b""})})),
    "a scalar above the order": ("L3", lambda: election({"ballot!": last_scalar})),
    "no minimum of ballots": ("S1", lambda: Election({"manifest": put(minimum=0),
                                                      "files": without_roll})),
    "two manifests": ("S1", lambda: election({"open!": lambda e: e.entries.append(e.log[0])})),
    "a manifest of one officer": ("S2", lambda: election({"manifest": put(signers=[1])})),
    "a seal of somebody": ("S3", lambda: election({"seal": put(signer=Person("somebody"))})),
    "a member enrolled without proof": ("S4", lambda: election({
        "enrolment": when(lambda m: m.i == 1, put(responses=bytes(64)))})),
    "an order left out": ("S5", lambda: election({"close": put(number=4)})),
    "an order that follows another": ("S5", lambda: election({"close": put(previous=bytes(32))})),
    "an order of one officer": ("S6", lambda: election({"close": put(signers=[0])})),
    "closed early without a reason": ("S7", lambda: election({"close": put(time=SUMMER + 5000)})),
    "closed before it was opened": ("S7", lambda: election({
        "close": put(time=SUMMER, reason=b"?")})),
    "a key commitment while people vote": ("S8", lambda: election(
        between={"ballots": late_message})),
    "a drill that somebody signed": ("S9", lambda: election({
        "drill": when(lambda m: m.trustee == 2, put(signer=Person("somebody")))})),
    "a coefficient without proof": ("S10", lambda: election({
        "coefficient proofs": when(lambda p: p.trustee == 2,
                                   lambda p: put(proofs=p.proofs[:-32] + bytes(32))(p))})),
    "an acknowledgement of something else": ("S11", lambda: election({
        "key acknowledgement": when(lambda m: m.trustee == 2,
                                    lambda m: put(fields=m.fields[:-1] + b"\0")(m))})),
    "a key that is not the ceremony's": ("S12", lambda: election(between={"keys": other_key})),
    "a drill without proof": ("S13", lambda: election({
        "drill proof": lambda p: put(z=p.z + 1)(p)})),
    "no drill of one trustee": ("S13", lambda: election({"drill!": when(
        lambda d: d.entries[0][5] == 2, put(entries=[]))})),
    "another root of the roll": ("S14", lambda: election({"pin": put(root=bytes(32))})),
    "a revocation of nobody": ("S15", lambda: election({"revoke": lambda o: put(
        fields=opaque(b"".join(sorted([STRANGER.credential, o.fields[2:]]))))(o)})),
    "a revocation without a reason": ("S15", lambda: election({"revoke": put(reason=b"")})),
    "one voter of weight 5": ("S16", lambda: election(minimum=2, voters=RARE)),
    "a ballot without its contest": ("B1", lambda: election({
        "ballot": when(lambda b: b.voter.district == 2, put(contests=[]))})),
    "a ballot of a stranger": ("B2", lambda: election(between={
        "ballots": lambda e: (e.voters.append(STRANGER), e.ballot(4, {1: [1, 0]}))})),
    "an old sequence number": ("B3", lambda: election(between={
        "ballots": lambda e: e.ballot(0, {1: [0, 0]}, 1)}, tweaks={"ballot": when(
            lambda b: b.votes[1] == [0, 0], put(seed="another"))})),
    "a cell out of its range": ("B4", lambda: election({"answers": answer(1)})),
    "a sum out of its range": ("B5", lambda: election({"answers": answer(2)})),
    "a limit that is not kept": ("B9", lambda: election({"answers": answer(3)})),
    "a ballot that its credential did not cast": ("B6", lambda: election({
        "ballot credential": lambda p: put(z_s=p.z_s + 1)(p)})),
    "the same ciphertexts twice": ("B7", lambda: election({"ballot": put(seed="always the same")})),
    "a ballot after the end": ("B8", lambda: election(between={
        "close": lambda e: e.ballot(3, {1: [1, 0]})})),
    "one challenge too many": ("B10", lambda: election(between={
        "ballots": lambda e: e.challenge(e.seal(1, {1: [1, 0]}, 3))})),
    "a challenge of a cast ballot": ("B10", lambda: election(between={
        "ballots": lambda e: e.challenge(SimpleNamespace(
            sequence=7, voter=e.voters[0], h=e.votes[0][2].h))})),
    "an opening of something else": ("B11", lambda: election({"opening": raised})),
    "an opening of no challenge": ("B11", lambda: election({"opening": put(index=1)})),
    "another counted set": ("C1", lambda: election({"sum fields": put(hash=bytes(32))})),
    "a part of another weight": ("C2", lambda: election({"part": put(weight=3)})),
    "another sum": ("C3", lambda: election({"sum fields": put(sums_hash=bytes(32))})),
    "an acknowledgement of another log": ("C4", lambda: election({
        "acknowledgement": when(lambda a: a.trustee == 2, put(root=bytes(32)))})),
    "a share without proof": ("C5", lambda: election({"share": lambda s: put(
        proofs=s.proofs[:-32] + scalar_bytes(5))(s)})),
    "too few shares": ("C6", lambda: election({"decryption share!": when(
        lambda s: s.entries[0][3] == 2, put(entries=[]))})),
    "other totals": ("C7", lambda: election({"totals": put(
        totals=[[0, 1]], outcomes=[(1, [1], [], [])])})),
    "more votes than ballots": ("C8", lambda: election({"totals": put(totals=[[3, 1]])})),
    "another winner": ("C9", lambda: election({"totals": put(outcomes=[(1, [1], [], [])])})),
    "another text": ("P1", lambda: petition({"text": put(hash=bytes(32))})),
    "an act after the end": ("P2", lambda: petition(between={"close": lambda p: p.act(3)})),
    "an act of a stranger": ("P3", lambda: petition(between={
        "acts": lambda p: (p.voters.append(STRANGER), p.act(4))})),
    "an act without proof": ("P4", lambda: petition(
        {"proof of an act": when(lambda a: a.entry == 7, put(responses=bytes(64)))},
        {"acts": lambda p: p.act(3)})),
    "signing twice": ("P5", lambda: petition(between={"acts": lambda p: p.act(0, sequence=5)})),
    "one signature more": ("P6", lambda: petition({"counts": put(signatures=4)})),
    "a threshold reached by nobody": ("P7", lambda: petition({
        "counts": put(reached=[(2, 1, 3), (3, 1, 6)])})),
    "a ring act in a pseudonymous petition": ("S8", lambda: petition(between={
        "acts": lambda p: p.append("act", anonymous().entries[4])})),
}

ANONYMOUS = {
    "an act by credential": ("S8", lambda: anonymous(between={"acts": lambda p: p.act(3)})),
    "opened as if pseudonymous": ("S8", lambda: unsigned({
        "rings": put(kind=6), "files": without_roll})),
    "rings of 63": ("S1", lambda: unsigned({
        "manifest": put(more=more(ring_size=63)), "files": without_roll})),
    "crowds of one": ("S1", lambda: unsigned({
        "manifest": put(more=more(fewest=1)), "files": without_roll})),
    "small crowds forbidden that must be": ("S1", lambda: unsigned({
        "manifest": put(more=more(fewest=33)), "files": without_roll})),
    "opened early without a reason": ("S7", lambda: unsigned({"open": put(time=SUMMER - 1)})),
    "another text opened": ("P1", lambda: anonymous({"text": put(hash=bytes(32))})),
    "other rings": ("P8", lambda: anonymous({"rings": put(hash=bytes(32))})),
    "a ring more": ("P8", lambda: anonymous({"rings": one_more("count")})),
    "a district of three": ("P8", lambda: anonymous(sizes=(70, 3, 1), signers=(0, 1, 2))),
    "nobody who could sign": ("P8", lambda: unsigned(sizes=(0, 0, 5))),
    "a first act after the end": ("P2", lambda: anonymous(between={
        "close": lambda p: p.ring_act(2)})),
    "a later act after the end": ("P2", lambda: anonymous(between={
        "close": lambda p: p.tag_act(0, 2, 2)})),
    "a ring that there is not": ("P3", lambda: first_act(number=3)),
    "an epoch that there is not": ("P3", lambda: first_act(epoch=2)),
    "a tag that nobody has proved": ("P3", lambda: later_act(2, 2, 2)),
    "a proof put under another ring's name": ("P4", lambda: first_act(tweaks={
        "ring proof": when(lambda p: p.entry == NEXT, lambda p: put(number=1 - p.number)(p))})),
    "a proof that says another ring": ("P4", lambda: anonymous(between={
        "acts": lambda p: p.ring_act(2, **other_ring(p))})),
    "a proof from another's place": ("P4", lambda: anonymous({
        "ring act": when(lambda a: a.entry == NEXT, one_more("place"))},
        {"acts": lambda p: p.ring_act(2)})),
    "a secret that nobody enrolled": ("P4", lambda: first_act(t=5)),
    "another's tag": ("P4", lambda: anonymous(between={
        "acts": lambda p: p.ring_act(2, tag=p.tag(3))})),
    "a tag on another poll's base": ("P4", lambda: first_act(base=group.BASE)),
    "a first act for another text": ("P4", lambda: first_act(text=bytes(32))),
    "a first act for another opening": ("P4", lambda: first_act(context=bytes(32))),
    "another sequence number than was proved": ("P4", lambda: first_act(tweaks={
        "ring proof": when(lambda p: p.entry == NEXT, one_more("sequence"))})),
    "a proof for larger rings": ("P4", lambda: first_act(tweaks={
        "ring proof": when(lambda p: p.entry == NEXT, bigger)})),
    "a proof with a byte too many": ("P4", lambda: first_act(tweaks={
        "ring proof": when(lambda p: p.entry == NEXT, lambda p: put(
            commitments=p.commitments + b"\0")(p))})),
    "the identity as a tag": ("L3", lambda: first_act(s=0, tag=bytes(32))),
    "a response above the order": ("L3", lambda: first_act(tweaks={
        "ring act!": when(lambda e: len(e.log) == NEXT, last_scalar)})),
    "a tag act of another's secret": ("P4", lambda: later_act(1, 2, 8, s=5)),
    "a tag act for another text": ("P4", lambda: later_act(1, 2, 8, text=bytes(32))),
    "a tag act for another opening": ("P4", lambda: later_act(1, 2, 8, context=bytes(32))),
    "a tag act of another kind than was proved": ("P4", lambda: anonymous({
        "tag proof": when(lambda p: p.entry == NEXT, put(act=2))},
        {"acts": lambda p: p.tag_act(1, 1, 8)})),
    "a first act after the first": ("P5", lambda: first_act(i=0, sequence=5)),
    "a first act of one who has withdrawn": ("P5", lambda: anonymous({"ring act": when(
        lambda a: a.entry == NEXT + 1, put(sequence=9))}, {"acts": lambda p: (
            p.tag_act(1, 2, 8), p.ring_act(1), p.tag_act(1, 1, 10))})),
    "a first act of sequence number 0": ("P5", lambda: first_act(sequence=0)),
    "an old sequence number of a tag": ("P5", lambda: later_act(1, 2, 7)),
    "a tag that signs twice": ("P5", lambda: later_act(1, 1, 8)),
    "a tag that withdraws twice": ("P5", lambda: anonymous(between={"acts": withdrawn_twice})),
    "minimums out of the schedule": ("S1", lambda: unsigned(
        {"files": without_roll}, minimums=[(10_001, 1)])),
    "a minimum of nobody": ("S1", lambda: unsigned({"files": without_roll}, minimums=[(1, 0)])),
    "one who signs in both ways": ("S1", lambda: unsigned(
        {"files": without_roll}, paper_categories=(1, 2))),
    "initiators invited for no time": ("S1", lambda: unsigned(
        {"files": without_roll}, initiators=1, invitation=0)),
    "an invitation of nobody": ("S1", lambda: unsigned({"files": without_roll}, invitation=9)),
    "a district without its minimum": ("S1", lambda: unsigned(
        {"files": without_roll}, district_minimums=[1], districts_needed=1)),
    "more districts needed than there are": ("S1", lambda: unsigned(
        {"files": without_roll}, district_minimums=[1, 1], districts_needed=3)),
    "published without a review": ("S8", lambda: drafted(lambda p: (
        p.step("submit"), p.step("publish")), review=1)),
    "a text in another language": ("P1", lambda: drafted(lambda p: p.revise("a", "b", (
        texts("a") + opaque(opaque(b"fi", False) + opaque(b"b")))))),
    "submitted with too few initiators": ("P9", lambda: drafted(
        lambda p: p.confirm(p.invite(ANN)), initiators=2)),
    "submitted with a text that nobody confirmed": ("P9", lambda: drafted(lambda p: (
        p.confirm(p.invite(ANN)), p.revise("poll", "other")), initiators=1)),
    "a confirmation of the text before": ("P9", lambda: confirmed({"text": 0})),
    "a confirmation used again for a text that came back": ("P9", lambda: confirmed(
        {"revision": 0})),
    "a confirmation of another invitation": ("P9", lambda: confirmed({"invitation": bytes(32)})),
    "a confirmation of another petition": ("P9", lambda: confirmed({"poll": bytes(32)})),
    "a confirmation that somebody else signed": ("P9", lambda: confirmed({"signer": BEN})),
    "a confirmation of no invitation": ("P9", lambda: confirmed({"said": 2})),
    "a confirmation in the second too late": ("P9", lambda: confirmed({}, SUMMER - 900 + 100)),
    "a confirmation twice": ("P9", lambda: drafted(lambda p: (
        p.confirm(p.invite(ANN)), p.confirm(1)), initiators=1)),
    "the same initiator invited twice": ("P9", lambda: drafted(lambda p: (
        p.invite(ANN), p.invite(Person("ann.example")), p.confirm(1)), initiators=1)),
    "the same key under another name": ("P9", lambda: drafted(lambda p: (
        p.confirm(p.invite(ANN)), p.invite(renamed(ANN), SUMMER + 300)), initiators=1)),
    "an initiator whose name is none": ("P9", lambda: drafted(lambda p: (
        p.invite(renamed(BEN, "two words")), p.confirm(p.invite(ANN))), initiators=1)),
    "an initiator whose key is none": ("P9", lambda: drafted(lambda p: p.invite(SMALL))),
    "a paper batch twice": ("P10", lambda: on_paper(
        ("a", [(1, 1, 0)]), ("a", [(1, 1, 0)], "other sheets"))),
    "the same sheets under another name": ("P10", lambda: on_paper(
        ("a", [(1, 1, 0)], "x"), ("b", [(1, 1, 0)], "x"))),
    "signatures on no sheet": ("P10", lambda: on_paper(
        ("a", [(1, 1, 0)]), ("b", [(1, 1, 0)]), tweaks={"batch": put(sheets=0)})),
    "paper of a district that there is not": ("P10", lambda: on_paper(
        ("a", [(1, 2, 0), (3, 1, 0)]))),
    "more on paper than members": ("P10", lambda: on_paper(
        ("a", [(1, 2, 9)]), ("b", [(1, 2, 0)]))),
    "paper that nobody may sign": ("P10", lambda: on_paper(
        ("a", [(1, 2, 0)]), paper_categories=())),
    "one more on paper": ("P6", lambda: on_paper(("a", [(1, 2, 0)]), tweaks={
        "counts": put(paper=3)})),
    "paper in another district": ("P6", lambda: on_paper(("a", [(1, 2, 0)]), tweaks={
        "counts": put(districts=[(1, 0, 0), (2, 0, 2)])})),
    "a threshold that no paper reached": ("P7", lambda: on_paper(("a", [(1, 2, 0)]), tweaks={
        "counts": put(reached=[(2, 0, 0), (3, 0, 0)])})),
    "a minimum that was missed": ("P11", lambda: with_minimums({"counts": put(
        minimums=[(100, 1, 1, 1), (200, 2, 2, 1)])})),
    "a minimum left out": ("P11", lambda: with_minimums({"counts": put(
        minimums=[(100, 1, 0, 0)])})),
    "a minimum that nobody asked for": ("P11", lambda: with_minimums({"counts": lambda c: put(
        minimums=[*c.minimums, (300, 1, 2, 1)])(c)})),
    "passed with a minimum missed": ("P11", lambda: with_minimums({"counts": put(passed=1)})),
    "passed below the threshold": ("P11", lambda: unsigned({"counts": put(passed=1)})),
    "passed in too few districts": ("P11", lambda: on_paper(
        ("a", [(1, 2, 0)]), district_minimums=[1, 1], districts_needed=2, met=1, passed=1)),
    "a district more than met its minimum": ("P11", lambda: on_paper(
        ("a", [(1, 2, 0)]), district_minimums=[2, 1], districts_needed=1, met=2)),
    "returned without a code": ("P12", lambda: drafted(lambda p: (
        p.step("submit"), p.step("return")), review=1)),
    "rejected for a reason that is not told": ("P12", lambda: ended("reject", 9)),
    "withdrawn with a code that there is not": ("P12", lambda: ended("withdraw", 23)),
    "published with a code": ("P12", lambda: drafted(lambda p: None, {
        "publish": put(code=1)})),
    "a response that is not there": ("P12", lambda: after_the_result("respond")),
    "handed over without having passed": ("P12", lambda: after_the_result(
        "hand over", steps=("verify",), passed=False)),
    "expired in draft though enough confirmed": ("P12", lambda: expired_in_draft(confirm=True)),
    "expired in draft before it was to open": ("P12", lambda: expired_in_draft(time=SUMMER - 1)),
    "expired in draft for a minimum": ("P12", lambda: expired_in_draft(code=31)),
    "expired with a minimum not seen yet": ("P12", lambda: expired_collecting(mark=199)),
    "expired with a minimum met": ("P12", lambda: expired_collecting(signatures=2)),
    "expired though it has passed": ("P12", lambda: after_the_result("expire", 32, ())),
    "one anonymous signature more": ("P6", lambda: anonymous({"counts": put(signatures=4)})),
    "an anonymous signature in another district": ("P6", lambda: anonymous({
        "counts": put(districts=[(1, 1), (2, 2)])})),
    "a mark that no witness saw in time": ("S17", lambda: marked(1_000)),
    "a threshold reached later": ("P7", lambda: anonymous({
        "counts": put(reached=[(2, 1, 5), (3, 1, 8)])})),
}

# Of these checks what is given beside the record, or the policy, is forged: test_report.py and, of
# I5, test_anonymous.py.
BESIDE_THE_RECORD = {"L4", "L5", "I1", "I2", "I3", "I4", "I5"}
