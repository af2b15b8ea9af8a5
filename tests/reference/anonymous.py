"""Makes anonymous petitions for the tests of the reference verifier, with a prover that hides
nothing: docs/protocol.md, sections 3.7, 3.8, 4.1, 6.1 and 8.1.

Tweaks as in log_maker.py. `ring act` and `tag act` get what an act says before it is proved, `ring
proof` and `tag proof` the proved entry's fields.
"""
import functools

import group
import rings
from group import T, T32, challenge, encode, hash_to_group, multiply, multiply_all, u8, u16
from group import u32, u64
from life import STEPS
from people import Voter, named_key
from petition_maker import Petition
from pieces import Random, opaque, scalar_bytes, texts

BEACON = bytes(range(32))
SIZE, FEWEST = 64, 4


def place_of(credential, crowd):
    """Where a member stands in the ring of a crowd."""
    return sorted(crowd + [rings.padding(i) for i in range(SIZE - len(crowd))]).index(credential)


def polynomials(digits, place, a):
    """p_k for every k: the coefficients of the product over j of σ_{j,k_j}·x + a_{j,k_j}."""
    for k in range(4**digits):
        p = [1]
        for j in range(digits):
            mine, i = place // 4**j % 4, k // 4**j % 4
            p = [(a[j][i] * low + (mine == i) * high) % group.L
                 for low, high in zip([*p, 0], [0, *p])]
        yield p


@functools.lru_cache(None)
def prove_ring(ring, place, s, t, base, make_h):
    """(commitments, responses) of 3.8; make_h: a Transcript."""
    r = Random(f"ring {place} {s} {make_h}")
    m, (w, us, vs) = ring.digits, rings.bases()
    a = [[0, r.scalar(), r.scalar(), r.scalar()] for _ in range(m)]
    for row in a:
        row[0] = -sum(row) % group.L
    r_a, r_b, opened, alpha, beta = (r.scalar() for _ in range(5))
    rho = [r.scalar() for _ in range(m)]
    sigma = [[int(place // 4**j % 4 == i) for i in range(4)] for j in range(m)]
    cells = [(j, i) for j in range(m) for i in range(4)]
    p = list(polynomials(m, place, a))
    points = [
        multiply_all([(r_a, w)] + [(a[j][i], us[j][i]) for j, i in cells]
                     + [(-a[j][i]**2, vs[j][i]) for j, i in cells]),
        multiply_all([(r_b, w)] + [(sigma[j][i], us[j][i]) for j, i in cells]
                     + [(a[j][i] * (1 - 2 * sigma[j][i]), vs[j][i]) for j, i in cells]),
        *(multiply_all([(rho[d], K_R), *((q[d], point) for q, point in zip(p, ring.points))])
          for d in range(m)),
        multiply_all([(s, group.BASE), (opened, K_R)]),
        multiply_all([(alpha, group.BASE), (beta, K_R)]), multiply(alpha, base)]
    commitments = b"".join(map(encode, points))
    x = challenge(make_h(commitments), 65535, 65535, rings.RING)
    z = (t - opened) * x**m - sum(rho_d * x**d for d, rho_d in enumerate(rho))
    responses = [sigma[j][i] * x + a[j][i] for j, i in cells if i]
    responses += [r_a + x * r_b, z, alpha + x * s, beta + x * opened]
    return commitments, b"".join(map(scalar_bytes, responses))


class Transcript(tuple):
    """(purpose, label, *fields) of a transcript whose last field, of this label, comes later."""

    def __call__(self, last):
        purpose, label, *fields = self
        return T(purpose, *fields, (label, last))


@functools.lru_cache(None)
def prove_tag(s, base, make_h):
    """(commitment, response) of 3.7."""
    w = Random(f"tag {s} {make_h}").scalar()
    commitment = encode(multiply(w, base))
    c = challenge(make_h(commitment), 65535, 65535, rings.TAG)
    return commitment, scalar_bytes(w + c * s)


K_R = hash_to_group("credential base", b"")
voter = functools.lru_cache(None)(Voter)
ZEROS = bytes(32)
NEXT = 9                               # the entry of what `between` adds to the acts of anonymous()


def more(ring_size=SIZE, fewest=FEWEST, source=b"round 1000 of a beacon", profile=b"rules",
         categories=(1,), paper_categories=(2,), initiators=0, invitation=None, review=0,
         minimums=(), district_minimums=(), districts_needed=0):
    """What the manifest of an anonymous petition has behind the rest."""
    invitation = (100 if initiators else 0) if invitation is None else invitation
    return (u8(2) + u16(ring_size) + u16(fewest) + opaque(source) + opaque(profile, False)
            + opaque(b"".join(map(u16, categories))) + opaque(b"".join(map(u16, paper_categories)))
            + u8(initiators) + u32(invitation) + u8(review)
            + opaque(b"".join(u32(after) + u64(least) for after, least in minimums))
            + opaque(b"".join(map(u64, district_minimums))) + u16(districts_needed))


class AnonymousPetition(Petition):
    """70 members in district 1, which is two rings; 4 in district 2, one ring; one elsewhere. On
    paper 3 sign in district 1 and 2 in district 2. Keywords: of more()."""
    version = 2

    def __init__(self, tweaks=None, sizes=(70, 4, 1), paper=(3, 2), voters=None, **manifest):
        everybody = voters or [
            voter(i, district) for i, district in
            enumerate(district for district, n in enumerate(sizes, 1) for _ in range(n))]
        on_paper = [voter(900 + i, district, 1, 2) for i, district in
                    enumerate(district for district, n in enumerate(paper, 1) for _ in range(n))]
        self.more = more(**manifest)
        super().__init__(tweaks, roll_districts=(1, 2, 3), voters=everybody + on_paper)
        self.review, self.state = manifest.get("review", 0), "draft"
        self.invitations, self.revision = [], self.id

    # Orders before the opening

    def step(self, name, code=0, document=ZEROS, time=None, reason=b""):
        """A step, by its name; the tweak is called `step`."""
        s = self.tweaked(name, number=list(STEPS.values()).index(name) + 1, code=code,
                         document=document)
        self.order("step", 11, u8(s.number) + u16(s.code) + s.document, time=time, reason=reason)

    def invite(self, person, time=None):
        """The number of the invitation."""
        self.order("invite", 12, named_key(person), time=time)
        self.invitations.append((person, self.previous))
        return len(self.invitations)

    def confirm(self, number, time=None, **changes):
        person, hash_ = self.invitations[number - 1]
        c = self.tweaked("confirmation", **{
            "invitation": hash_, "revision": self.revision, "text": self.text_hash,
            "poll": self.id, "signer": person, "said": number, **changes})
        signature = c.signer.sign(T(
            "initiator confirmation", ("poll", c.poll), ("invitation", c.invitation),
            ("revision", c.revision), ("text", c.text)))
        self.order("confirm", 13, u16(c.said) + signature, time=time)

    def revise(self, title, text, fields=None):
        self.order("revise", 14, texts(title) + texts(text) if fields is None else fields)
        self.revision = self.previous
        self.text_hash = T32("petition text", ("title", texts(title)), ("text", texts(text)))

    def publish(self):
        self.step("submit")
        if self.review:
            self.step("accept")
        self.step("publish")
        self.state = "published"

    def open(self):
        if self.state == "draft":
            self.publish()
        self.text_hash = self.tweaked("text", hash=self.text_hash).hash
        entitled = [(v.credential, v.district) for v in self.voters if v.category == 1]
        members = [(v.credential, v.district, v.category) for v in self.voters]
        self.crowds = rings.divide(entitled, self.districts, SIZE, FEWEST,
                                   rings.ring_seed(members, BEACON))
        self.rings = [rings.RollRing(*crowd, SIZE) for crowd in self.crowds]
        o = self.tweaked("rings", beacon=BEACON, count=len(self.rings),
                         hash=rings.rings_hash(self.rings), kind=10)
        super(Petition, self).open(o.kind, self.text_hash,
                                   o.beacon + u32(o.count) + o.hash if o.kind == 10 else b"")
        self.base, self.newest = rings.tag_base(self.context), self.said_epoch
        self.brought_in = {self.newest: self.previous}     # {epoch: its order's hash}

    def batch(self, name, districts, sheets=1, file=None, time=None):
        """A paper batch; districts: (number, accepted, rejected)."""
        b = self.tweaked("batch", batch=name, file=file or T32("sheets of " + name), sheets=sheets,
                         districts=districts)
        self.order("paper batch", 15, opaque(b.batch.encode(), False) + b.file + u32(b.sheets)
                   + opaque(b"".join(u16(d) + u32(n) + u32(no) for d, n, no in b.districts)),
                   time=time)

    def result(self, online, districts, reached, paper=0, minimums=(), met=0, passed=None):
        """districts: (number, online) or (number, online, on paper)."""
        r = self.tweaked("counts", size=len(self.entries), signatures=online, paper=paper,
                         districts=districts, reached=reached, minimums=minimums, met=met,
                         passed=int(online + paper >= 2) if passed is None else passed)
        self.order("result", 16, u64(r.size) + u64(r.signatures) + u64(r.paper)
                   + opaque(b"".join(u16(d) + u64(n) + u64(sum(on_paper))
                                     for d, n, *on_paper in r.districts))
                   + opaque(b"".join(u64(t) + u8(is_) + u64(i) for t, is_, i in r.reached))
                   + opaque(b"".join(u32(after) + u64(least) + u64(seen) + u8(is_)
                                     for after, least, seen, is_ in r.minimums))
                   + u16(r.met) + u8(r.passed))

    # Acts

    def tag(self, i):
        return encode(multiply(self.voters[i].s, self.base))

    def ring_of(self, i):
        """The number of a voter's ring; that of district 2 for who is in no crowd."""
        return next((n for n, (_, crowd) in enumerate(self.crowds)
                     if self.voters[i].credential in crowd), 2)

    def ring_act(self, i, sequence=1, **changes):
        """The first act of a voter. Changes: of what it says, before it is proved."""
        voter, number = self.voters[i], self.ring_of(i)
        a = self.tweaked("ring act", **{
            "entry": len(self.entries), "s": voter.s, "t": voter.t, "base": self.base,
            "place": place_of(voter.credential, self.crowds[number][1])
            if "place" not in changes else 0,
            "ring": self.rings[number].ring, "hash": self.rings[number].hash,
            "context": self.context, "text": self.text_hash, "sequence": sequence,
            "epoch": self.newest, "epoch_order": self.brought_in[self.newest], "number": number,
            "tag": self.tag(i), **changes})
        commitments, responses = prove_ring(a.ring, a.place, a.s, a.t, a.base, Transcript((
            "ring act", "ring commitments", ("context", a.context), ("text", a.text),
            ("sequence", u64(a.sequence)), ("epoch", u32(a.epoch)),
            ("epoch order", a.epoch_order), ("number", u32(a.number)),
            ("ring", a.hash), ("tag base", encode(a.base)), ("tag", a.tag))))
        p = self.tweaked("ring proof", entry=a.entry, sequence=a.sequence, epoch=a.epoch,
                         number=a.number, tag=a.tag, commitments=commitments, responses=responses)
        self.append("ring act", b"\x51\1" + u64(p.sequence) + u32(p.epoch) + u32(p.number) + p.tag
                    + opaque(p.commitments) + opaque(p.responses))

    def tag_act(self, i, act, sequence, **changes):
        """A later act of a voter."""
        a = self.tweaked("tag act", **{
            "entry": len(self.entries), "s": self.voters[i].s, "base": self.base, "act": act,
            "context": self.context, "text": self.text_hash, "sequence": sequence,
            "tag": self.tag(i), **changes})
        commitment, response = prove_tag(a.s, a.base, Transcript((
            "tag act", "commitment", ("context", a.context), ("text", a.text), ("act", u8(a.act)),
            ("sequence", u64(a.sequence)), ("tag base", encode(a.base)), ("tag", a.tag))))
        p = self.tweaked("tag proof", entry=a.entry, act=a.act, sequence=a.sequence, tag=a.tag,
                         commitment=commitment, response=response)
        self.append("tag act", b"\x52\1" + u8(p.act) + u64(p.sequence) + p.tag + p.commitment
                    + p.response)

    def policy(self):
        return super().policy() + f"beacon {BEACON.hex()}\n"


def anonymous(tweaks=None, between=None, sizes=(70, 4, 1), signers=(0, 1, 70), **manifest):
    """Three sign; the second of them withdraws and signs again. Functions of `between` are called
    with the petition after the step that they are named by."""
    p = AnonymousPetition(tweaks, sizes, **manifest)
    p.open()
    for i in signers:
        p.ring_act(i)
    p.tag_act(1, 2, 2)
    p.tag_act(1, 1, 7)
    (between or {}).get("acts", lambda p: None)(p)
    p.close()
    (between or {}).get("close", lambda p: None)(p)
    districts = [p.voters[i].district for i in signers]
    p.result(3, [(d, districts.count(d)) for d in p.districts], [(2, 1, 5), (3, 1, 6)])
    return p


def unsigned(tweaks=None, sizes=(70, 4, 1), **manifest):
    """Nobody signs."""
    p = AnonymousPetition(tweaks, sizes, **manifest)
    p.open()
    p.close()
    p.result(0, [(d, 0) for d in p.districts], [(2, 0, 0), (3, 0, 0)])
    return p
