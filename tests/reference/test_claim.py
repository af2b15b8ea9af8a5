"""Claims of signatures, docs/protocol.md 8.3: their form, their proof, their record."""
import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest
from types import SimpleNamespace

from support import VECTORS, RecordTest
import claim
import rings
from anonymous import AnonymousPetition, Transcript, anonymous
from forgeries import petition
from group import Bad, challenge, encode, multiply
from pieces import Random, scalar_bytes

sys.path.append(str(VECTORS))
import make_claims as vectors                              # noqa: E402

SENTENCE = "It is mine."


class VectorsTest(unittest.TestCase):
    def test_they_are_these(self):
        self.assertEqual(json.loads(vectors.FILE.read_text(encoding="utf-8")), vectors.vectors())

    def test_what_each_is_worth(self):
        verdicts = set()
        for name, text, expected in vectors.cases():
            self.assertEqual(vectors.verdict(text), expected, name)
            verdicts.add(expected)
        self.assertEqual(verdicts, {"proved", "not proved", "malformed"})

    def test_bytes_that_are_no_text(self):
        for data in (b"\xff", vectors.make().encode().replace(b"Mari", b"\xc0\x80ri"),
                     vectors.make().encode().replace(b"Mari", b"Mar\0"), b"x" * 5000):
            with self.assertRaises(Bad):
                claim.parse(data)


def claim_of(poll, i, sentence=SENTENCE, **said):
    """The file of voter i's claim."""
    said = {"origin": poll.origin, "petition": poll.id, "context": poll.context, **said}
    s, tag = poll.voters[i].s, poll.tag(i)
    make_h = Transcript(("petition claim", "commitment", ("origin", said["origin"].encode()),
                         ("poll", said["petition"]), ("context", said["context"]),
                         ("claim", sentence.encode()), ("tag base", encode(poll.base)),
                         ("tag", tag)))
    w = Random(f"claim {s} {make_h}").scalar()
    r = encode(multiply(w, poll.base))
    z = scalar_bytes(w + challenge(make_h(r), 65535, 65535, claim.CLAIM) * s)
    return vectors.lines(said["origin"], said["petition"], said["context"], tag, r, z, sentence)


class ClaimTest(RecordTest):
    def judge(self, poll, text, stage="voting", record=True):
        """(exit status, verdict, index) of the program."""
        self.verify(poll, asked=stage)
        with tempfile.TemporaryDirectory() as directory:
            files = pathlib.Path(directory)
            (files / "claim").write_text(text, encoding="utf-8")
            (files / "policy").write_text(poll.policy())
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                status = claim.run(SimpleNamespace(
                    claim=str(files / "claim"), json=True, jobs=1, stage=stage,
                    policy=str(files / "policy") if record else None,
                    record=self.directory if record else None))
        answer = json.loads(output.getvalue())
        self.assertEqual(answer["status"], status)
        return status, answer["verdict"], answer.get("index")

    def test_of_who_signed_and_of_who_signed_again(self):
        poll = anonymous()
        self.assertEqual(self.judge(poll, claim_of(poll, 0), record=False), (0, "claimed", None))
        self.assertEqual(self.judge(poll, claim_of(poll, 0)), (0, "counted", 4))
        self.assertEqual(self.judge(poll, claim_of(poll, 1), "final"), (0, "counted", 8))

    def test_of_who_has_withdrawn_or_never_signed(self):
        poll = AnonymousPetition()
        poll.open()
        poll.ring_act(0)
        poll.tag_act(0, 2, 2)
        for i in (0, 1):
            self.assertEqual(self.judge(poll, claim_of(poll, i)), (1, "not counted", None))
            self.assertEqual(self.judge(poll, claim_of(poll, i), record=False)[1], "claimed")

    def test_under_another_petition(self):
        poll, of = anonymous(), {"petition": bytes(32), "origin": "board.example/other",
                                 "context": bytes(32)}
        for name in ("petition", "origin"):
            text = claim_of(poll, 0, **{name: of[name]})
            self.assertEqual(self.judge(poll, text, record=False)[1], "claimed")
            self.assertEqual(self.judge(poll, text), (1, "not counted", None))
        text = claim_of(poll, 0, context=of["context"])
        self.assertEqual(self.judge(poll, text), (1, "not proved", None))
        self.assertEqual(self.judge(petition(), claim_of(poll, 0)), (1, "not counted", None))

    def test_a_record_that_is_not_verified_counts_nothing(self):
        poll = anonymous({"ring proof": lambda p: setattr(p, "responses", bytes(
            len(p.responses))) if p.entry == 5 else None})
        self.assertEqual(self.judge(poll, claim_of(poll, 0)), (1, "not counted", None))
        self.assertIn("P4", self.failing())

    def test_a_claim_is_no_act(self):
        poll = AnonymousPetition()
        poll.open()
        poll.ring_act(0)
        said = claim.parse(claim_of(poll, 0).encode())

        def replay(p):
            p.commitment, p.response = said.commitment, said.response
        poll.tweaks["tag proof"] = replay
        poll.tag_act(0, 2, 2)
        self.verify(poll, asked="voting")
        self.assertEqual(self.failing(), {"P4"})
        self.assertTrue(claim.proved(said))
        self.assertNotEqual(claim.CLAIM, rings.TAG)


if __name__ == "__main__":
    unittest.main()
