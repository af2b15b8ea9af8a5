"""What elections and petitions have in common: manifest, orders, opening, witnesses, policy and the
files of a record (docs/protocol.md, sections 6, 10.2 and 11). Tweaks as in log_maker.py."""
from group import T, T32, u8, u16, u32, u64
from log_maker import Log, write
from people import Person, Voter, Witness, named_key
from pieces import Random, opaque, texts
from roll_maker import Roll

SUMMER = 1_800_000_000                                     # when polls open


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
