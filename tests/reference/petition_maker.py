"""Makes petitions: docs/protocol.md, sections 6 and 8. Anonymous ones are anonymous.py's. Tweaks as
in log_maker.py."""
import group
from group import T, T32, u8, u16, u64
from pieces import opaque, texts
from poll_maker import Poll


class Petition(Poll):
    """Every voter may sign, by name; the thresholds are 2 and 3."""

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
