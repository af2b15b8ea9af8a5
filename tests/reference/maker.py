"""Makes small elections and petitions, whole or forged, for the tests of the reference verifier.

Written from docs/protocol.md like the verifier itself. A test may change every step through
`tweaks`: a function by the step's name gets the step's fields, as attributes, before they are
hashed, signed and encoded. Everything is derived from fixed seeds.
"""
import base64
import hashlib
import os
from types import SimpleNamespace

import group
import notes
from ballots import Layout, ballot_hash
from entries import contest as contest_structure
from group import T, T32, add, challenge, encode, u8, u16, u32, u64
from presentation import parse

SUMMER = 1_800_000_000


def opaque(data, wide=True):
    return (u16 if wide else u8)(len(data)) + data


def texts(text):
    return opaque(opaque(b"en", False) + opaque(text.encode()))


def named_key(person):
    return opaque(person.name.encode(), False) + person.key


class Random:
    """Scalars and bytes from a seed."""

    def __init__(self, seed):
        self.seed, self.count = seed, 0

    def bytes(self, n):
        self.count += 1
        return hashlib.shake_256(f"{self.seed} {self.count}".encode()).digest(n)

    def scalar(self):
        return int.from_bytes(self.bytes(64), "little") % group.L


def public(k):
    return encode(group.G.times(k % group.L))


def scalar_bytes(k):
    return (k % group.L).to_bytes(32, "little")


class Person:
    """Somebody with an Ed25519 key."""

    def __init__(self, name):
        h = hashlib.sha512(name.encode()).digest()
        self.name, self.prefix = name, h[32:]
        self.secret = int.from_bytes(h[:32], "little") % 2**254 // 8 * 8 + 2**254
        self.key = group.encode_edwards(group.G.times(self.secret % group.L))

    def sign(self, message):
        def hashed(*parts):
            return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % group.L
        r = hashed(self.prefix, message)
        commitment = group.encode_edwards(group.G.times(r))
        s = r + hashed(commitment, self.key, message) * self.secret
        return commitment + scalar_bytes(s)

    def vkey(self, name=None):
        name = name or self.name
        key = base64.b64encode(notes.ED25519 + self.key).decode()
        return f"{name}+{notes.key_id(name, self.key).hex()}+{key}"


class Witness(Person):
    """Cosigns checkpoints."""

    def id(self):
        return hashlib.sha256(self.name.encode() + b"\n\x04" + self.key).digest()[:4]

    def line(self, number):
        """The line of a policy that introduces it."""
        key = base64.b64encode(b"\x04" + self.key).decode()
        return f"witness w{number} {self.name}+{self.id().hex()}+{key}"

    def cosign(self, note, time):
        """The note with one line more."""
        text = note[:note.rindex(b"\n\n") + 1]
        message = b"cosignature/v1\ntime %d\n" % time + text
        blob = base64.b64encode(self.id() + u64(time) + self.sign(message)).decode()
        return note + f"\u2014 {self.name} {blob}\n".encode()


class Voter:
    def __init__(self, i, district, weight=1, category=1):
        r = Random(f"voter {i}")
        self.s, self.t, self.district, self.weight = r.scalar(), r.scalar(), district, weight
        self.category = category
        self.credential = encode(self.point(self.s, self.t))

    @staticmethod
    def point(s, t):
        return add(group.G.times(s), group.K_R.times(t))

    def prove(self, random, make_hash):
        """(C, z_s ‖ z_t) for the transcript make_hash(C) of some kind of challenge."""
        a, b = random.scalar(), random.scalar()
        commitment = encode(self.point(a, b))
        h, kind = make_hash(commitment)
        c = challenge(h, 65535, 65535, kind)
        return commitment, scalar_bytes(a + c * self.s) + scalar_bytes(b + c * self.t)


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


class Log:
    """A log that is being written."""

    def __init__(self, origin, tweaks):
        self.origin, self.tweaks, self.entries = origin, tweaks, []
        self.signer = Person("log of " + origin)

    def tweaked(self, name, **fields):
        fields = SimpleNamespace(**fields)
        self.tweaks.get(name, lambda fields: None)(fields)
        return fields

    def append(self, name, data):
        """Adds an entry, as the tweak of `name!` leaves it in the list `entries`."""
        self.entries += self.tweaked(name + "!", entries=[data], log=self.entries).entries

    def root(self, size=None):
        return notes.root_hash([notes.leaf_hash(e) for e in self.entries[:size]])

    def checkpoint(self, size=None):
        size = len(self.entries) if size is None else size
        root = base64.b64encode(self.root(size)).decode()
        text = f"{self.origin}\n{size}\n{root}\n"
        return self.signed(text)

    def signed(self, text):
        blob = notes.key_id(self.origin, self.signer.key) + self.signer.sign(text.encode())
        return f"{text}\n\u2014 {self.origin} {base64.b64encode(blob).decode()}\n".encode()

    def files(self):
        """{path: bytes} of the log's directory."""
        result = {"checkpoint": self.checkpoint()}
        hashes = [notes.leaf_hash(e) for e in self.entries]
        for i in range(0, len(hashes), 256):
            bundle = self.entries[i:i + 256]
            path = notes.tile_path("entries", i // 256, len(bundle))
            result[path] = b"".join(opaque(e) for e in bundle)
        level = 0
        while hashes:
            tiles = [hashes[i:i + 256] for i in range(0, len(hashes), 256)]
            for i, tile in enumerate(tiles):
                result[notes.tile_path(level, i, len(tile))] = b"".join(tile)
            hashes = [notes.root_hash(tile) for tile in tiles if len(tile) == 256]
            level += 1
        return result

    def receipt(self, index):
        """A tlog-proof for an entry under the whole log."""
        def path(m, hashes):
            if len(hashes) == 1:
                return []
            k = 1 << (len(hashes) - 1).bit_length() - 1
            left, right = hashes[:k], hashes[k:]
            if m < k:
                return path(m, left) + [notes.root_hash(right)]
            return path(m - k, right) + [notes.root_hash(left)]
        proof = path(index, [notes.leaf_hash(e) for e in self.entries])
        lines = [base64.b64encode(h).decode() + "\n" for h in proof]
        head = f"c2sp.org/tlog-proof@v1\nindex {index}\n{''.join(lines)}\n"
        return head.encode() + self.checkpoint()


class Roll(Log):
    def __init__(self, voters, registrar, tweaks, districts):
        super().__init__("board.example/roll", tweaks)
        header = self.tweaked("header", origin=self.origin, log_key=self.signer.key,
                              registrar=registrar, signer=registrar)
        places = opaque(b"".join(u16(d) + texts("district") for d in districts))
        body = (opaque(header.origin.encode(), False) + header.log_key + bytes(32) + texts("roll")
                + named_key(header.registrar) + places
                + opaque(b"".join(u16(c) + texts("category") for c in (1, 2))))
        self.id = T32("roll", ("body", body))
        self.append("header", b"\x03\x01" + opaque(body) + header.signer.sign(
            T("roll header signature", ("roll", self.id))))
        self.members = sorted(voters, key=lambda voter: voter.credential)
        for i, voter in enumerate(self.members):
            self.append("member", self.member(i, voter))
        self.registrar, self.ends = registrar, []          # sizes of the log with its seals
        self.on = {voter.credential for voter in voters}   # the roll now
        self.seal()

    def seal(self):
        seal = self.tweaked("seal", epoch=len(self.ends) + 1, members=len(self.on),
                            root=self.root(), signer=self.registrar)
        body = u32(seal.epoch) + u64(seal.members) + seal.root
        self.append("seal", b"\x11\x01" + opaque(body) + seal.signer.sign(
            T("roll seal signature", ("roll", self.id), ("body", body))))
        self.ends.append(len(self.entries))

    def change(self, *changes):
        """The next epoch. A change is (kind, voter), a re-keying (4, voter, replaced voter); a move
        is to the district that the voter has now."""
        epoch = len(self.ends) + 1
        for kind, voter, *replaced in sorted(changes, key=lambda change: change[1].credential):
            m = self.enrolment(f"{epoch} {voter.credential.hex()}", voter)
            place = u16(m.district) + u16(m.category) + u32(m.weight)
            enrolment = m.nonce + m.commitment + m.responses
            c = self.tweaked("change", kind=kind, epoch=epoch, credential=m.credential,
                             replaced=replaced[0].credential if replaced else b"",
                             place=place if kind != 2 else b"", signer=self.registrar,
                             enrolment=enrolment if kind in (1, 4) else b"", voter=voter)
            body = u8(c.kind) + c.credential + c.replaced + c.place + c.enrolment
            self.append("change", b"\x12\x01" + opaque(body) + c.signer.sign(T(
                "roll change signature", ("roll", self.id), ("epoch", u32(c.epoch)),
                ("body", body))))
            self.on -= {v.credential for v in replaced} | {voter.credential}
            self.on |= {voter.credential} if kind != 2 else set()
        self.seal()
        return self

    def member(self, i, voter):
        m = self.enrolment(i, voter)
        return (b"\x10\x01" + m.credential + u16(m.district) + u16(m.category) + u32(m.weight)
                + m.nonce + m.commitment + m.responses)

    def enrolment(self, i, voter):
        random = Random(f"enrolment {i}")
        nonce = random.bytes(32)
        commitment, responses = voter.prove(random, lambda c: (T(
            "enrolment", ("roll", self.id), ("nonce", nonce), ("credential", voter.credential),
            ("commitment", c)), group.ENROLMENT))
        return self.tweaked("enrolment", i=i, credential=voter.credential, district=voter.district,
                            category=voter.category, weight=voter.weight, nonce=nonce,
                            commitment=commitment, responses=responses)


class Poll(Log):
    """What elections and petitions share."""
    kind, version = None, 1
    epoch = 1                                              # of the roll, that is pinned

    def __init__(self, tweaks=None, voters=None, districts=(1, 2), roll_districts=None):
        super().__init__("board.example/poll", tweaks or {})
        self.random = Random("proofs")
        self.registrar = Person("registrar")
        self.officers = [Person("ann"), Person("ben"), Person("cleo")]
        self.trustees, self.districts = [], districts
        self.number, self.time = 0, SUMMER
        self.witnesses = []
        self.voters = voters or [Voter(0, 1), Voter(1, 1), Voter(2, 2), Voter(3, 2)]
        self.roll = Roll(self.voters, self.registrar, self.tweaks, roll_districts or districts)

    def beginning(self, m):
        return (opaque(m.origin.encode(), False) + m.log_key + bytes(32) + texts("poll"))

    def people(self, m):
        return (u64(m.opens) + u64(m.closes) + u32(600) + named_key(m.registrar)
                + opaque(b"".join(map(named_key, m.officers))) + u16(m.officer_quorum))

    def manifest_fields(self, **more):
        return self.tweaked("manifest", origin=self.origin, log_key=self.signer.key, opens=SUMMER,
                            closes=SUMMER + 10_000, registrar=self.registrar,
                            officers=self.officers, officer_quorum=2, signers=[0, 1], **more)

    def signed_body(self, type_, body, message, signers, version=1):
        return u8(type_) + u8(version) + opaque(body) + opaque(b"".join(
            u16(i) + self.officers[i].sign(message) for i in signers))

    def add_manifest(self, type_, body, signers):
        self.id = self.previous = T32("manifest", ("body", body))
        self.append("manifest", self.signed_body(
            type_, body, T("manifest signature", ("manifest", self.id)), signers, self.version))

    def order(self, name, kind, fields=b"", time=None, reason=b""):
        """Signs and appends an order; its hash."""
        self.time = time or self.time + 1
        o = self.tweaked(name, kind=kind, number=self.number + 1, previous=self.previous,
                         time=self.time, reason=reason, fields=fields, signers=[0, 2])
        body = u8(o.kind) + u32(o.number) + o.previous + u64(o.time) + opaque(o.reason) + o.fields
        self.number, self.time = o.number, o.time
        self.previous = T32("order", ("poll", self.id), ("body", body))
        self.append(name, self.signed_body(0x30, body, T(
            "order signature", ("poll", self.id), ("body", body)), o.signers))
        return body

    def open(self, kind, fields, more=b""):
        size = self.roll.ends[self.epoch - 1]
        o = self.tweaked("pin", roll_id=self.roll.id, size=size, root=self.roll.root(size))
        self.said_epoch = self.tweaked("epoch", epoch=self.epoch).epoch
        epoch = u32(self.said_epoch) if kind == 10 else b""
        body = self.order("open", kind, fields + o.roll_id + epoch + u64(o.size) + o.root + more)
        self.context = T32("poll context", ("poll", self.id), ("opening", body))

    def witnessed(self, *times):
        """Two of three witnesses are the quorum; logs what they cosign at these times."""
        self.witnesses = self.witnesses or [Witness(f"witness.example/{i}") for i in range(3)]
        w = self.tweaked("witnessed", note=self.checkpoint(), times=times, entry=len(self.entries))
        self.append("witnessed", b"\x31\x01" + opaque(self.cosigned(w.note, w.times)))

    def cosigned(self, note, times):
        for witness, time in zip(self.witnesses, times):
            note = witness.cosign(note, time) if time else note
        return note

    def close(self):
        self.order("close", 2, time=SUMMER + 10_000)

    def policy(self):
        lines = [f"log {self.signer.vkey(self.origin)}",
                 f"roll {self.roll.signer.vkey(self.roll.origin)}",
                 f"registrar {self.registrar.vkey()}",
                 *(f"officer {p.vkey()}" for p in self.officers), "officer-quorum 2",
                 *(f"trustee {p.vkey()}" for p in self.trustees),
                 *(w.line(i) for i, w in enumerate(self.witnesses)),
                 *(["group g 2 w0 w1 w2", "quorum g"] if self.witnesses else ["quorum none"])]
        if self.trustees:
            lines.append(f"trustee-threshold {self.threshold}")
        return "\n".join(lines) + "\n"

    def files(self):
        """The files of the record."""
        result = {f"poll/{path}": data for path, data in super().files().items()}
        for path, data in self.roll.files().items():
            result[f"roll-{self.roll.id.hex()}/{path}"] = data
        return self.tweaked("files", files=result).files

    def write(self, directory):
        write(directory, self.files())
        return self


def write(directory, files):
    for path, data in files.items():
        path = os.path.join(directory, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)


class Petition(Poll):
    kind, more = "petition", b""                           # what the manifest has behind the rest

    def __init__(self, tweaks=None, **arguments):
        super().__init__(tweaks, **arguments)
        m = self.manifest_fields(thresholds=[2, 3], more=self.more)
        body = (self.beginning(m) + texts("text") + self.people(m)
                + opaque(b"".join(u16(d) + texts("district") for d in self.districts))
                + opaque(b"".join(map(u64, m.thresholds))) + m.more)
        self.text_hash = T32("petition text", ("title", texts("poll")), ("text", texts("text")))
        self.add_manifest(2, body, m.signers)

    def open(self):
        self.text_hash = self.tweaked("text", hash=self.text_hash).hash
        super().open(6, self.text_hash)

    def act(self, i, act=1, sequence=1):
        voter = self.voters[i]
        a = self.tweaked(f"act {len(self.entries)}", voter=voter, act=act, sequence=sequence)
        commitment, responses = a.voter.prove(self.random, lambda c: (T(
            "petition act", ("context", self.context), ("text", self.text_hash), ("act", u8(a.act)),
            ("sequence", u64(a.sequence)), ("credential", a.voter.credential), ("commitment", c)),
            group.CREDENTIAL))
        a = self.tweaked("proof of an act", entry=len(self.entries), responses=responses)
        self.append("act", b"\x50\x01" + u8(act) + u64(sequence) + voter.credential + commitment
                    + a.responses)

    def result(self, signatures, districts, reached):
        r = self.tweaked("counts", size=len(self.entries), signatures=signatures,
                         districts=districts, reached=reached)
        self.order("result", 7, u64(r.size) + u64(r.signatures)
                   + opaque(b"".join(u16(d) + u64(n) for d, n in r.districts))
                   + opaque(b"".join(u64(t) + u8(is_) + u64(i) for t, is_, i in r.reached)))

    def whole(self):
        """Three sign, one withdraws and signs again."""
        self.open()
        for i in range(3):
            self.act(i)
        self.act(1, act=2, sequence=2)
        self.act(1, act=1, sequence=7)
        self.close()
        self.result(3, [(1, 2), (2, 1)], [(2, 1, 3), (3, 1, 4)])
        return self


class Election(Poll):
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

    def responses(self, sealed, q, part, branches):
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

    def cast(self, sealed):
        c = challenge(sealed.h, 65535, 65535, group.CREDENTIAL)
        a, b = sealed.nonces
        p = self.tweaked("ballot credential", z_s=a + c * sealed.voter.s,
                         z_t=b + c * sealed.voter.t)
        parts = b""
        for part, branches in zip(sealed.contests, sealed.branches):
            sent, answers = self.responses(sealed, part.contest, part, branches)
            parts += (u16(part.contest) + opaque(part.ciphertexts) + opaque(part.commitments)
                      + opaque(sent) + opaque(answers))
        self.votes.append((sealed.voter, len(self.entries), sealed))
        self.append("ballot", b"\x40\x01" + u64(sealed.sequence) + u16(sealed.style)
                    + sealed.credential + opaque(parts) + sealed.commitment
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
