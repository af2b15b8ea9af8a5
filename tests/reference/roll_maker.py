"""Makes rolls, epoch by epoch: docs/protocol.md, sections 4 and 4.2. Tweaks as in log_maker.py."""
import group
from group import T, T32, u8, u16, u32, u64
from log_maker import Log
from people import named_key
from pieces import Random, opaque, texts


class Roll(Log):
    """The voters are the members of its first epoch."""

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
