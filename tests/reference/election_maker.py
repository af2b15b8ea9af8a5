"""Makes elections, from the key ceremony to the result: docs/protocol.md, sections 5 to 7 and 9.
Anonymous ones are anonymous_election_maker.py's. Tweaks as in log_maker.py."""
from types import SimpleNamespace

import group
from ballots import Layout, ballot_hash
from entries import contest as contest_structure
from group import T, T32, add, challenge, encode, u8, u16, u32, u64
from people import Person, Voter, named_key
from pieces import Random, opaque, public, scalar_bytes, texts
from poll_maker import Poll
from presentation import parse


def contest(number=1, options=(0, 0), rule=1, option_max=1, low=0, high=1, blank=0, by_district=0,
            lists=(), limits=(), result=b"\0", costs=None):
    """Bytes of a Contest; options are their lists, limits (measure, least, most, options)."""
    costs = costs or [0] * len(options)
    return (u16(number) + texts(f"contest {number}") + u8(rule) + u16(option_max) + u32(low)
            + u32(high) + u8(blank) + u8(by_district)
            + opaque(b"".join(opaque(b"%d" % i, False) + texts(f"option {i}") + u64(cost) + u16(j)
                              for i, (j, cost) in enumerate(zip(options, costs))))
            + opaque(b"".join(opaque(b"%d" % j, False) + texts(f"list {j}") for j in lists))
            + opaque(b"".join(texts("limit") + u8(measure) + u64(least) + u64(most)
                              + opaque(b"".join(map(u16, members)))
                              for measure, least, most, members in limits)) + result)


class Election(Poll):
    """Every voter may vote, by name. `styles`: {number: its contests}; that of all districts is 1.
    There are n trustees, of whom t are needed."""

    kind = "election"

    def __init__(self, tweaks=None, contests=None, styles=None, challenges=1, minimum=1, n=2, t=2,
                 **arguments):
        super().__init__(tweaks, **arguments)
        self.trustees = [Person(f"trustee-{i}") for i in range(1, n + 1)]
        self.n, self.threshold, self.attempt = n, t, 1
        contests = contests or [contest()]
        m = self.manifest_fields(
            trustees=self.trustees, threshold=t, minimum=minimum, challenges=challenges,
            contests=contests, styles=styles or {1: [1]},
            district_style=dict.fromkeys(self.districts, 1))
        self.contests = [parse(contest_structure, data) for data in m.contests]
        self.layouts = {c.number: Layout(c) for c in self.contests}
        self.styles, self.style_of = m.styles, m.district_style
        body = (self.beginning(m) + self.people(m) + opaque(b"".join(map(named_key, m.trustees)))
                + u16(m.threshold) + u32(m.minimum) + u16(m.challenges)
                + opaque(b"".join(u16(d) + texts("district") + u16(m.district_style[d])
                                  for d in self.districts))
                + opaque(b"".join(u16(s) + opaque(b"".join(map(u16, qs)))
                                  for s, qs in m.styles.items()))
                + opaque(b"".join(m.contests)))
        self.add_manifest(1, body, m.signers)
        self.votes = []                                    # admitted: voter, entry, cells

    # The key ceremony

    def message(self, name, type_, trustee, fields):
        m = self.tweaked(name, trustee=trustee, fields=fields, signer=self.trustees[trustee - 1])
        self.append(name, u8(type_) + b"\1" + m.fields + m.signer.sign(T(
            "trustee message", ("poll", self.id), ("type", u8(type_)), ("message", m.fields))))
        return m.fields

    def commit(self):
        """Rounds 1 and 2."""
        self.polynomials, self.coefficients, messages = {}, {}, {}
        for i in range(1, self.n + 1):
            random = Random(f"trustee {i} {self.attempt}")
            self.polynomials[i] = [random.scalar() for _ in range(self.threshold)]
            k = self.tweaked("polynomial", trustee=i, key=u8(9) + random.bytes(30) + b"\0",
                             points=b"".join(map(public, self.polynomials[i])))
            nonces = [random.scalar() for _ in range(self.threshold)]
            fields = (("attempt", u16(self.attempt)), ("trustee", u16(i)),
                      ("coefficients", k.points))
            h = T("key coefficients", ("poll", self.id), *fields,
                  ("commitments", b"".join(map(public, nonces))), ("encryption key", k.key))
            proofs = b"".join(
                public(w) + scalar_bytes(w + challenge(h, i, j, group.COEFFICIENT) * a)
                for j, (w, a) in enumerate(zip(nonces, self.polynomials[i])))
            p = self.tweaked("coefficient proofs", trustee=i, proofs=proofs)
            messages[i] = (u16(self.attempt) + u16(i) + opaque(k.points) + opaque(p.proofs) + k.key
                           + bytes(32))
            self.coefficients[i] = k.points
            self.message("commitment", 0x20, i, u16(self.attempt) + u16(i) + T32(
                "key commitment", ("poll", self.id), *fields, ("proofs", p.proofs),
                ("encryption key", k.key), ("salt", bytes(32))))
        for i in messages:
            messages[i] = self.message("coefficients", 0x21, i, messages[i])
        self.ceremony = T32("ceremony", ("poll", self.id), ("attempt", u16(self.attempt)),
                            *(("coefficients", messages[i]) for i in messages))

    def deal(self):
        """Round 3; nobody can read these shares, and no verifier tries."""
        everybody = range(1, self.n + 1)
        messages = [self.message("shares", 0x22, i, u16(self.attempt) + u16(i) + opaque(b"".join(
            u16(j) + bytes(72) for j in everybody if j != i))) for i in everybody]
        self.digest = T32("ceremony digest", ("ceremony", self.ceremony),
                          *(("shares", m) for m in messages))
        self.secrets = {j: sum(a * j**k for f in self.polynomials.values() for k, a in enumerate(f))
                        % group.L for j in self.polynomials}
        self.y = public(sum(f[0] for f in self.polynomials.values()))
        self.x = b"".join(public(self.secrets[j]) for j in self.secrets)
        self.key_context = T32("key context", ("poll", self.id), ("attempt", u16(self.attempt)),
                               ("election key", self.y), ("verification keys", self.x))

    def acknowledge(self):
        for j in range(1, self.n + 1):
            self.message("key acknowledgement", 0x23, j,
                         u16(self.attempt) + u16(j) + self.digest + self.key_context)

    def drill(self, j, number=1):
        base = group.hash_to_group("drill base", self.key_context + u32(number) + u16(j))
        w = self.random.scalar()
        share, a1, a2 = (encode(group.multiply(k, p)) for k, p in (
            (self.secrets[j], base), (w, group.BASE), (w, base)))
        h = T("drill", ("context", self.key_context), ("drill", u32(number)), ("trustee", u16(j)),
              ("verification key", self.x[32 * j - 32:32 * j]), ("base", encode(base)),
              ("share", share), ("commitments", a1 + a2))
        z = w + challenge(h, j, 65535, group.DRILL) * self.secrets[j]
        p = self.tweaked("drill proof", trustee=j, z=z)
        self.message("drill", 0x26, j, u16(self.attempt) + u16(j) + u32(number) + share + a1 + a2
                     + scalar_bytes(p.z))

    def keys(self):
        self.commit()
        self.deal()
        self.acknowledge()
        for j in range(1, self.n + 1):
            self.drill(j)
        return self

    def open(self):
        o = self.tweaked("keys", attempt=self.attempt, y=self.y, x=self.x)
        super().open(1, u16(o.attempt) + o.y + opaque(o.x))
        self.key = group.Table(group.decode(o.y))

    # Ballots

    def values(self, layout, counted):
        """The cells' values with the slack bits that the claims need."""
        values = list(counted) + [0] * (layout.cells - len(counted))
        for claim in layout.claims():
            bits = [(cell, k) for cell, k in claim.terms.items() if cell >= len(counted)]
            if len(claim.values) > 1 or not bits:
                continue
            rest = claim.high - sum(k * values[cell] for cell, k in claim.terms.items()
                                    if cell < len(counted))
            for cell, k in [bits[-1]] + bits[-2::-1]:
                values[cell] = int(rest >= k)
                rest -= k * values[cell]
        return values

    def seal(self, i, votes, sequence=1):
        """A ballot without its responses: fields, and what the responses need."""
        voter = self.voters[i]
        style = self.style_of.get(voter.district, 1)
        b = self.tweaked("ballot", voter=voter, style=style, sequence=sequence, votes=votes,
                         contests=self.styles[style], seed=f"ballot of {i}, {sequence}")
        random = Random(b.seed)
        sealed = SimpleNamespace(sequence=b.sequence, style=b.style, voter=b.voter,
                                 credential=b.voter.credential, contests=[], cells=[], branches=[])
        for q in b.contests:
            layout = self.layouts[q]
            values = self.values(layout, b.votes[q])
            cells = [(v, random.scalar()) for v in values]
            sealed.cells.append(cells)
            branches = [self.commit_claim(claim, cells, random) for claim in layout.claims()]
            sealed.branches.append(branches)
            sealed.contests.append(SimpleNamespace(
                contest=q, cells=b"".join(u16(v) + scalar_bytes(r) for v, r in cells),
                ciphertexts=b"".join(self.encrypt(v, r) for v, r in cells),
                commitments=b"".join(b.commitments for b in branches)))
        sealed.nonces = random.scalar(), random.scalar()
        sealed.commitment = encode(Voter.point(*sealed.nonces))
        sealed.votes = b.votes
        sealed.h = ballot_hash(self.context, sealed, [c.ciphertexts for c in sealed.contests])
        return sealed

    def encrypt(self, v, r):
        return public(r) + encode(add(group.G.times(v), self.key.times(r)))

    def commit_claim(self, claim, cells, random):
        """Proof 3.2 up to the challenge: A_i = u·G, B_i = u·Y − c̃·(v − m_i)·G, u = z̃ − c̃·r."""
        v = sum(k * cells[cell][0] for cell, k in claim.terms.items())
        r = sum(k * cells[cell][1] for cell, k in claim.terms.items())
        c = [random.scalar() for _ in claim.values]
        z = [random.scalar() for _ in claim.values]
        data = b""
        for m, c_i, z_i in zip(claim.values, c, z):
            u = (z_i - c_i * r) % group.L
            wrong = group.G.times(-c_i * (v - m) % group.L)
            data += public(u) + encode(add(self.key.times(u), wrong))
        return SimpleNamespace(claim=claim, v=v, r=r, c=c, z=z, commitments=data)

    def responses(self, sealed, q, branches):
        """(challenges, responses) of a contest."""
        sent, answers, seen = b"", [], {group.RANGE: 0, group.LINEAR: 0}
        layout = self.layouts[q]
        for b in branches:
            kind = group.RANGE if sum(seen.values()) < len(layout.ranges) else group.LINEAR
            c = challenge(sealed.h, q, seen[kind], kind)
            seen[kind] += 1
            delta, k = c - sum(b.c), b.v - b.claim.values[0]
            if 0 <= k < len(b.c):                          # a vote that breaks the claim has none
                b.c[k] += delta
                b.z[k] += delta * b.r
            sent += b"".join(map(scalar_bytes, b.c[:-1]))
            answers.append([z % group.L for z in b.z])
        a = self.tweaked("answers", contest=q, answers=answers, ranges=len(layout.ranges))
        return sent, b"".join(map(scalar_bytes, sum(a.answers, [])))

    def answered(self, sealed):
        """The bytes of the contests of a ballot whose h is known."""
        data = b""
        for part, branches in zip(sealed.contests, sealed.branches):
            sent, answers = self.responses(sealed, part.contest, branches)
            data += (u16(part.contest) + opaque(part.ciphertexts) + opaque(part.commitments)
                     + opaque(sent) + opaque(answers))
        return data

    def cast(self, sealed):
        c = challenge(sealed.h, 65535, 65535, group.CREDENTIAL)
        a, b = sealed.nonces
        p = self.tweaked("ballot credential", z_s=a + c * sealed.voter.s,
                         z_t=b + c * sealed.voter.t)
        contests = self.answered(sealed)
        self.votes.append((sealed.voter, len(self.entries), sealed))
        self.append("ballot", b"\x40\x01" + u64(sealed.sequence) + u16(sealed.style)
                    + sealed.credential + opaque(contests) + sealed.commitment
                    + scalar_bytes(p.z_s) + scalar_bytes(p.z_t))

    def ballot(self, i, votes, sequence=1):
        self.cast(self.seal(i, votes, sequence))

    def challenge(self, sealed):
        """Logs a challenge; its index."""
        x = self.tweaked("challenge", sequence=sealed.sequence, voter=sealed.voter, h=sealed.h)
        commitment, responses = x.voter.prove(self.random, lambda c: (T(
            "ballot challenge", ("context", self.context), ("sequence", u64(x.sequence)),
            ("credential", x.voter.credential), ("ballot", x.h), ("commitment", c)),
            group.CREDENTIAL))
        x.responses = responses
        self.append("challenge", b"\x41\x01" + u64(x.sequence) + x.voter.credential + x.h
                    + commitment + x.responses)
        return len(self.entries) - 1

    def opening(self, sealed, index):
        o = self.tweaked("opening", index=index, cells=[c.cells for c in sealed.contests])
        self.append("opening", b"\x42\x01" + u64(o.index) + u64(sealed.sequence) + u16(sealed.style)
                    + sealed.credential + opaque(b"".join(
                        u16(c.contest) + opaque(cells) + opaque(c.commitments)
                        for c, cells in zip(sealed.contests, o.cells))) + sealed.commitment)

    # The count; `counted` are positions in self.votes

    def sum(self, counted, parts):
        """parts: (contest, districts, positions in self.votes)."""
        self.parts, self.sums = parts, []
        listed, hashed = b"", []
        for q, districts, mine in parts:
            cells = len(self.layouts[q].maxima)
            total = [(sum(self.votes[p][0].weight * self.cell(p, q, x)[0] for p in mine),
                      sum(self.votes[p][0].weight * self.cell(p, q, x)[1] for p in mine) % group.L)
                     for x in range(cells)]
            self.sums.append(total)
            p = self.tweaked("part", contest=q, districts=districts, ballots=len(mine),
                             weight=sum(self.votes[p][0].weight for p in mine))
            listed += (u16(p.contest) + opaque(b"".join(map(u16, p.districts))) + u64(p.ballots)
                       + u64(p.weight))
            hashed += [("part", u16(q)), ("ciphertexts", b"".join(
                self.encrypt(v, r) for v, r in total))]
        indices = b"".join(u64(self.votes[p][1]) for p in counted)
        s = self.tweaked("sum fields", size=len(self.entries), counted=len(counted),
                         hash=T32("counted set", ("context", self.context), ("indices", indices)),
                         sums_hash=T32("sums", ("context", self.context), *hashed))
        self.counted_hash, self.sums_hash = s.hash, s.sums_hash
        self.order("sum", 4, u64(s.size) + u64(s.counted) + s.hash + opaque(listed) + s.sums_hash,
                   time=self.time + 1)
        self.sum_hash, self.sum_size = self.previous, len(self.entries)

    def cell(self, position, contest, x):
        sealed = self.votes[position][2]
        part = [c.contest for c in sealed.contests].index(contest)
        return sealed.cells[part][x]

    def acknowledge_count(self, j):
        a = self.tweaked("acknowledgement", trustee=j, context=self.context, size=self.sum_size,
                         root=self.root(self.sum_size))
        self.message("count acknowledgement", 0x60, j, u16(j) + a.context + u64(a.size) + a.root
                     + self.sum_hash + self.counted_hash + self.sums_hash)

    def decrypt(self, j, part):
        q = self.parts[part][0]
        alphas = [group.G.times(r) for _, r in self.sums[part]]
        shares = b"".join(encode(group.multiply(self.secrets[j], a)) for a in alphas)
        nonces = [self.random.scalar() for _ in alphas]
        pairs = [public(w) + encode(group.multiply(w, a)) for w, a in zip(nonces, alphas)]
        h = T("decryption share", ("context", self.context), ("sum", self.sum_hash),
              ("trustee", u16(j)), ("part", u16(part)),
              ("verification key", self.x[32 * j - 32:32 * j]),
              ("ciphertexts", b"".join(self.encrypt(v, r) for v, r in self.sums[part])),
              ("shares", shares), ("commitments", b"".join(pairs)))
        proofs = b"".join(pair + scalar_bytes(w + challenge(h, q, o, group.SHARE) * self.secrets[j])
                          for o, (pair, w) in enumerate(zip(pairs, nonces)))
        s = self.tweaked("share", trustee=j, part=part, context=self.context, shares=shares,
                         proofs=proofs)
        self.message("decryption share", 0x61, j, u16(j) + s.context + u16(s.part)
                     + opaque(s.shares) + opaque(s.proofs))

    def count(self):
        for j in range(1, self.n + 1):
            self.acknowledge_count(j)
        for j in range(1, self.n + 1):
            for part in range(len(self.parts)):
                self.decrypt(j, part)

    def result(self, outcomes=()):
        r = self.tweaked("totals", totals=[[v for v, _ in total] for total in self.sums],
                         outcomes=list(outcomes), parts=list(range(len(self.sums))))
        self.order("result", 5, opaque(b"".join(
            u16(i) + opaque(b"".join(map(u64, totals))) for i, totals in zip(r.parts, r.totals)))
            + opaque(b"".join(u16(q) + b"".join(opaque(b"".join(map(u16, list_)))
                                                for list_ in lists) for q, *lists in r.outcomes)))
