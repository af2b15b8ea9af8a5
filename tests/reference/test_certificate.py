"""Certificates of petitions, docs/protocol.md 14: their form, their signatures, their record."""
import base64
import contextlib
import io
import json
import pathlib
import re
import tempfile
import unittest
from types import SimpleNamespace

from support import RecordTest, notes
import certificate
from group import Bad
from people import Person, Witness
from petition_maker import Petition
from policy import parse_policy


def note(text, *people):
    lines = "".join(
        f"\u2014 {p.name} "
        + base64.b64encode(notes.key_id(p.name, p.key) + p.sign(text.encode())).decode() + "\n"
        for p in people)
    return (text + "\n" + lines).encode()


class CertificateTest(RecordTest):
    def setUp(self):
        super().setUp()
        self.poll = Petition()
        self.poll.whole()
        self.assertNotIn("FAIL", self.verify(self.poll).values())
        self.text = certificate.text_of(self.record, self.poll.checkpoint(), "test 1")
        self.policy = parse_policy(self.poll.policy().encode())
        self.officers = self.poll.officers
        self.auditor = Person("press.example")

    def judge(self, text, officers=2, auditors=True):
        signers = self.officers[:officers] + ([self.auditor] if auditors else [])
        return certificate.judge(note(text, *signers), self.policy,
                                 [(self.auditor.name, self.auditor.key)])

    def run_on(self, data, record=True):
        """(exit status, verdict) of the program."""
        with tempfile.TemporaryDirectory() as directory:
            files = pathlib.Path(directory)
            (files / "certificate").write_bytes(data)
            (files / "policy").write_text(self.poll.policy())
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                status = certificate.run(SimpleNamespace(
                    certificate=str(files / "certificate"), policy=str(files / "policy"),
                    auditor=[], json=True, jobs=1, record=self.directory if record else None))
        return status, json.loads(output.getvalue())["verdict"]

    def test_attested_by_enough_officers_and_every_auditor(self):
        quorum = self.policy.officer_quorum
        self.assertTrue(self.judge(self.text, quorum)[3])
        self.assertFalse(self.judge(self.text, quorum - 1)[3])
        self.assertFalse(self.judge(self.text, quorum, auditors=False)[3])

    def test_verified_with_the_record(self):
        data = note(self.text, *self.officers)
        self.assertEqual(self.run_on(data), (0, "verified"))
        self.assertEqual(self.run_on(data, record=False), (0, "attested"))
        self.assertEqual(self.run_on(note(self.text, self.officers[0])), (1, "not attested"))

    def test_one_signature_more_is_attested_and_not_verified(self):
        more = re.sub(r"(?m)^(signatures|district 1) (\d+)$",
                      lambda line: f"{line[1]} {int(line[2]) + 1}", self.text)
        self.assertNotEqual(more, self.text)
        data = note(more, *self.officers)
        self.assertEqual(self.run_on(data, record=False), (0, "attested"))
        self.assertEqual(self.run_on(data), (1, "not verified"))

    def test_another_text_under_the_signatures(self):
        data = note(self.text, *self.officers).replace(b"program test 1", b"program test 2")
        with self.assertRaises(certificate.Worthless):
            certificate.judge(data, self.policy, [])

    def test_two_signatures_of_one_key_are_no_form(self):
        officer = self.officers[0]
        with self.assertRaises(Bad) as caught:
            certificate.judge(note(self.text, officer, officer), self.policy, [])
        self.assertNotIsInstance(caught.exception, certificate.Worthless)

    def test_its_checkpoint_must_have_met_the_witness_quorum(self):
        bare = base64.b64decode(re.search(r"(?m)^checkpoint (.*)$", self.text)[1])
        self.poll.witnesses = [Witness(f"witness.example/{i}") for i in range(3)]
        self.policy = parse_policy(self.poll.policy().encode())

        def of(checkpoint):
            line = "checkpoint " + base64.b64encode(checkpoint).decode()
            return re.sub(r"(?m)^checkpoint .*$", lambda _: line, self.text)
        self.assertTrue(self.judge(of(self.poll.cosigned(bare, (10, 20, 0))))[3])
        stranger = Witness("stranger.example")
        moved = bare.replace(b"\n", b"\n1", 1)
        wrong = bare + self.poll.cosigned(moved, (10, 20, 0))[len(moved):]
        for few in (bare, self.poll.cosigned(bare, (10, 0, 0)), wrong,
                    stranger.cosign(self.poll.cosigned(bare, (0, 0, 30)), 20)):
            with self.assertRaises(certificate.Worthless):
                self.judge(of(few))

    def test_nobody_who_is_known(self):
        with self.assertRaises(certificate.Worthless):
            certificate.judge(note(self.text, Person("stranger")), self.policy, [])

    def test_other_forms(self):
        for old, new in (("urna/1", "urna/2"), ("origin ", "Origin "), ("\ntext ", "\ntext 0"),
                         ("checkpoint ", "checkpoint ="), ("program test 1", "program "),
                         ("signatures ", "signatures 0"), ("signatures ", "signatures -"),
                         ("threshold 3 ", "threshold 1 "), ("\ntitle ", "\nheading ")):
            with self.assertRaises(Bad, msg=(old, new)):
                certificate.check_form(self.text.replace(old, new, 1))
        with self.assertRaises(Bad):
            certificate.check_form(self.text + "more\n")
        certificate.check_form(self.text)


if __name__ == "__main__":
    unittest.main()
