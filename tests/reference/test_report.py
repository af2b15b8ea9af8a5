"""The program on whole, cut, damaged and wrongly described records; its table and its report."""
import contextlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
from unittest import mock

from support import DOCUMENT, ROOT, RecordTest, verify
from forgeries import election, petition
from people import Person

PROGRAM = ROOT / "verifier" / "reference" / "verify.py"


def run(*arguments):
    """(status, standard output, standard error) of the program, in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with mock.patch.object(sys, "argv", ["verify.py", "--jobs", "1", *map(str, arguments)]), \
            contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = verify.main()
        except SystemExit as end:
            status = end.code
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    return (status, *texts)


class TableTest(RecordTest):
    def test_table_is_the_document_s(self):
        rows = re.findall(r"^\| ([LISBCP]\d+) \| (.*?) \| (both|election|petition) \| (\w+) \| "
                          r"(.*?) ?\|$", DOCUMENT, re.M)

        def numbers(text):
            for part in filter(None, text.split(", ")):
                first, _, last = part.partition("–")
                for n in range(int(first[1:]), int((last or first)[1:]) + 1):
                    yield f"{first[0]}{n}"

        self.assertEqual([(n, title.replace("*", ""), kind, stage, list(numbers(depends)))
                          for n, title, kind, stage, depends in rows],
                         [(c.number, c.title, c.kind, c.stage, c.depends) for c in verify.TABLE])

    def test_what_is_counted_is_the_document_s(self):
        rows = re.findall(r"^\| ([LISBCP]\d[^|]*?) \| ([a-z][^|]*?) \| [^|]+ \|$",
                          DOCUMENT[DOCUMENT.index("### 12.1"):], re.M)
        found = {}
        for checks, what in rows:
            groups, whats = checks.split("; "), re.sub("; of a petition.*", "", what).split("; ")
            groups = checks.replace("; ", ", ").split(", ") if len(whats) == 1 else \
                re.split("; |, ", checks)
            for i, group_ in enumerate(groups):
                first, _, last = group_.partition("–")
                for n in range(int(first[1:]), int((last or first)[1:]) + 1):
                    found[f"{first[0]}{n}"] = whats[i if len(whats) > 1 else 0]
        self.assertEqual(found, {c.number: c.what for c in verify.TABLE})


class StageTest(RecordTest):
    def cut(self, poll, size):
        poll.entries = poll.entries[:size]
        return poll.files()

    def stages(self, poll):
        """(size, stage) of records that end in every phase."""
        kinds = [entry[4] if entry[0] == 0x30 else 0 for entry in poll.entries]
        opened = next(i for i, kind in enumerate(kinds) if kind in (1, 6))
        closed = kinds.index(2)
        return ((opened, "setup"), (opened + 1, "voting"), (closed, "voting"),
                (closed + 1, "closed"), (len(kinds) - 1, "closed"))

    def test_a_prefix_is_what_it_is_and_no_result(self):
        for make in (election, petition):
            for size, stage in self.stages(make()):
                files = self.cut(make(), size)
                if stage == "setup":
                    files = {path: data for path, data in files.items() if path.startswith("poll/")}
                self.verify(make(), files, asked=stage)
                self.assertEqual((self.record.stage, self.status), (stage, 0))
                later = verify.STAGES[verify.STAGES.index(stage) + 1]
                self.verify(make(), files, asked=later)
                expected = {2} if any(c.stage == later and c.kind in (self.record.kind, "both")
                                      for c in verify.TABLE) else {0}
                self.assertEqual({self.status}, expected, (size, stage))
                outcomes = self.verify(make(), files)
                self.assertEqual((self.status, self.failing()), (2, set()))
                self.assertIn("NOT RUN", {outcomes.get("C1"), outcomes.get("P6")})

    def test_failure_in_a_stage_not_asked_for_is_a_failure(self):
        poll = election({"sum fields": lambda s: vars(s).update(counted=9)})
        self.verify(poll, asked="voting")
        self.assertEqual(self.failing(), {"C1"})


class NothingToLookAtTest(RecordTest):
    """No check says PASS when it could look at nothing."""

    def test_election_key_that_is_no_point(self):
        poll = election()
        index = next(i for i, data in enumerate(poll.entries) if data[:1] == b"\x30")
        poll.entries[index] = poll.entries[index].replace(poll.y, b"\1" * 32)
        outcomes = self.verify(poll)
        self.assertEqual({outcomes[n] for n in ("B4", "B5", "B9", "B11", "C1", "C7")}, {"NOT RUN"})
        self.assertEqual(outcomes["L3"], "FAIL")

    def test_roll_that_is_not_there(self):
        for poll in (election(), petition()):
            files = {path: data for path, data in poll.files().items() if path.startswith("poll/")}
            outcomes = self.verify(poll, files)
            self.assertLessEqual({"L2", "S14"}, self.failing())
            for number in ("S3", "S4", "S15", "S16", "B2", "C1", "P3", "P6"):
                self.assertIn(outcomes.get(number, "NOT RUN"), ("NOT RUN", "NOT DUE"), number)

    def test_poll_without_entries_that_can_be_read(self):
        poll = petition()
        path = next(path for path in poll.files() if path.startswith("poll/tile/entries"))
        outcomes = self.verify(poll, {**poll.files(), path: b""})
        self.assertEqual({n for n, o in outcomes.items() if o != "NOT RUN"}, {"L2"})


class GivenTest(RecordTest):
    def test_older_checkpoints(self):
        poll = petition()
        older = poll.checkpoint(5)
        self.assertEqual(self.verify(poll, older=[("old", older)])["L4"], "PASS")
        shorter = petition()
        shorter.entries = shorter.entries[:4]
        other = petition({"act 3": lambda a: vars(a).update(sequence=9)})
        for poll_, checkpoint in ((shorter, older), (other, older), (poll, poll.roll.checkpoint()),
                                  (poll, older[:-9] + b"AAAAAAA=\n"), (poll, b"")):
            self.assertEqual(self.verify(poll_, older=[("old", checkpoint)])["L4"], "FAIL")
        self.assertEqual(self.results["L4"].found.looked, 1)

    def test_receipts(self):
        poll = petition()
        receipts = [(str(i), poll.receipt(i)) for i in range(len(poll.entries))]
        self.assertEqual(self.verify(poll, receipts=receipts)["L5"], "PASS")
        self.assertEqual(self.results["L5"].found.looked, len(poll.entries))
        other = petition({"act 3": lambda a: vars(a).update(sequence=9)})
        moved = receipts[3][1].replace(b"index 3", b"index 4")
        for receipt in (other.receipt(1), moved, poll.roll.receipt(1), b"x",
                        receipts[3][1].replace(b"index 3", b"index 99")):
            outcomes = self.verify(poll, receipts=receipts[:2] + [("bad", receipt)])
            self.assertEqual(outcomes["L5"], "FAIL")
            self.assertEqual(len(self.results["L5"].found.failures), 1)

    def test_other_policies(self):
        poll, stranger = election(), Person("stranger")
        officer, trustee = poll.officers[1].vkey(), poll.trustees[1].vkey()
        policy = poll.policy()
        for number, other in (
                ("I1", policy.replace(poll.signer.vkey(poll.origin), stranger.vkey(poll.origin))),
                ("I1", policy.replace(poll.roll.signer.vkey(poll.roll.origin), stranger.vkey("x"))),
                ("I2", policy.replace(officer, stranger.vkey())),
                ("I2", policy.replace("officer-quorum 2", "officer-quorum 1")),
                ("I2", policy.replace(f"officer {officer}\n", "")),
                ("I3", policy.replace(poll.registrar.vkey(), stranger.vkey())),
                ("I4", policy.replace(trustee, stranger.vkey(poll.trustees[1].name))),
                ("I4", policy.replace("trustee-threshold 2", "trustee-threshold 1"))):
            self.verify(poll, policy=other)
            self.assertEqual(self.failing(), {number}, other)

    def test_without_a_policy_nothing_is_verified(self):
        outcomes = self.verify(petition(), policy="")
        self.assertEqual((self.status, {n for n, o in outcomes.items() if o == "NOT RUN"}),
                         (2, {"L6", "I1", "I2", "I3", "S17"}))


class TamperingTest(RecordTest):
    """Every file of a record, changed, cut, removed or joined by another."""

    def setUp(self):
        super().setUp()
        self.poll = petition()
        self.files = self.poll.files()

    def fails(self, files, what):
        self.verify(self.poll, files)
        self.assertEqual(self.status, 1, what)

    def test_flipped_bits(self):
        for path, data in self.files.items():
            for i in range(0, len(data), max(1, len(data) // 12)):
                changed = data[:i] + bytes([data[i] ^ 1 << i % 8]) + data[i + 1:]
                self.fails({**self.files, path: changed}, (path, i))

    def test_lost_ends_and_files(self):
        for path, data in self.files.items():
            for n in (0, 1, len(data) // 2, len(data) - 1):
                self.fails({**self.files, path: data[:n]}, (path, n))
            self.fails({**self.files, path: data + b"\n"}, path)
            self.fails({p: d for p, d in self.files.items() if p != path}, path)

    def test_files_too_many(self):
        for path in ("x", "poll/x", "poll/tile/0/001.p/1", "poll/tile/0/000", "poll/tile/1/000.p/1",
                     "roll-00/checkpoint", "roll-" + "0" * 64 + "/checkpoint",
                     "poll/" + "d/" * 40 + "x",
                     "poll/tile/0/000.p/%d" % (len(self.poll.entries) - 1)):
            self.fails({**self.files, path: b"x"}, path)

    def test_links_special_files_and_directories(self):
        checkpoint = pathlib.Path(self.directory, "poll/checkpoint")
        tile = pathlib.Path(self.directory, f"poll/tile/0/000.p/{len(self.poll.entries)}")

        def again(path):
            self.verify(self.poll)
            path.unlink()

        def change(make):
            make()
            self.verify_directory(self.poll.policy())
            self.assertEqual(self.status, 1)

        for path in (checkpoint, tile):
            again(path)
            change(lambda: os.symlink("/dev/null", path))
            again(path)
            change(lambda: os.mkfifo(path))
            again(path)
            change(path.mkdir)
        self.verify(self.poll)
        change(pathlib.Path(self.directory, "poll/tile/empty").mkdir)
        self.verify(self.poll)
        change(lambda: open(os.fsencode(self.directory) + b"/poll/\xff\xfe", "w").close())
        self.assertEqual(run(self.directory, "--json")[0], 1)

    def test_sizes_that_cannot_be(self):
        for size in (2**62, 2**63 - 1, 0, 1):
            text = self.files["poll/checkpoint"].split(b"\n\n")[0].decode() + "\n"
            lines = text.split("\n")
            lines[1] = str(size)
            self.fails({**self.files, "poll/checkpoint": self.poll.signed("\n".join(lines))}, size)

    def test_nothing_at_all(self):
        self.fails({}, "no files")
        self.assertEqual(self.record.kind, "unknown")


class ProgramTest(RecordTest):
    def setUp(self):
        super().setUp()
        self.poll = election()
        self.record_path = os.path.join(self.directory, "record")
        self.poll.write(self.record_path)
        self.policy = os.path.join(self.directory, "policy")
        pathlib.Path(self.policy).write_text(self.poll.policy())

    def write(self, name, data):
        path = os.path.join(self.directory, name)
        pathlib.Path(path).write_bytes(data)
        return path

    def test_json(self):
        status, out, _ = run(self.record_path, "--policy", self.policy, "--json")
        report = json.loads(out)
        self.assertEqual(status, 0)
        self.assertEqual({k: v for k, v in report.items() if k not in ("checks", "election")}, {
            "urna": "report/1", "kind": "election", "stage": "final", "asked": "final", "status": 0,
            "verified": True, "size": len(self.poll.entries), "root": self.poll.root().hex()})
        self.assertEqual(" ".join(report["checks"][0]),
                         "number title outcome looked passed failed what failures reason")
        counts = {c["number"]: (c["looked"], c["what"]) for c in report["checks"]}
        for number, expected in {
                "L2": (3, "directories"), "B1": (4, "ballots"), "B3": (5, "ballots and challenges"),
                "B4": (8, "proofs"), "B8": (6, "ballots, challenges and openings"),
                "C7": (2, "totals"), "C5": (4, "shares"), "S15": (1, "credentials")}.items():
            self.assertEqual(counts[number], expected, number)
        self.assertEqual(report["election"], {
            "title": {"en": "poll"}, "voters": 2, "ballots": 4, "contests": [{
                "contest": 1, "title": {"en": "contest 1"}, "ballots": 2, "weight": 2,
                "options": [{"id": "0", "name": {"en": "option 0"}, "total": 1},
                            {"id": "1", "name": {"en": "option 1"}, "total": 1}],
                "outcome": {"winners": ["0"], "tied": [], "seats": []}}]})

    def test_text(self):
        status, out, _ = run(self.record_path, "--policy", self.policy)
        self.assertEqual(status, 0)
        self.assertIn("B4   PASS     every cell is proved to be in its range: 8 of 8 proofs\n", out)
        self.assertTrue(out.endswith("VERIFIED (stage final)\n"))
        status, out, _ = run(self.record_path)
        self.assertEqual(status, 2)
        self.assertNotIn("\nVERIFIED", out)

    def test_what_is_given_beside(self):
        receipt = self.write("receipt", self.poll.receipt(5))
        listed = self.write("list", b"".join(json.dumps(
            {"proof": self.poll.receipt(i).decode()}).encode() + b"\n" for i in (6, 7)))
        old = self.write("old", self.poll.checkpoint(9))
        use = self.record_path, "--policy", self.policy, "--json"
        status, out, _ = run(*use, "--receipt", receipt, receipt, "--receipts", listed,
                             "--since", old)
        found = {c["number"]: c["passed"] for c in json.loads(out)["checks"]}
        self.assertEqual((status, found["L4"], found["L5"]), (0, 1, 4))
        self.assertEqual(run(*use, "--since", self.record_path)[0], 0)

    def test_wrong_use_is_a_sentence_and_status_3(self):
        bad = self.write("bad", b"{}\n")
        for arguments in (
                (), (self.record_path, "--what"), (self.record_path, "--stage", "end"),
                (self.directory + "/no",), (self.policy,), (self.record_path, self.record_path),
                (self.record_path, "--policy", self.directory + "/no"),
                (self.record_path, "--policy", self.directory), (self.record_path, "--policy", bad),
                (self.record_path, "--receipt", self.directory + "/no"),
                (self.record_path, "--receipts", bad), (self.record_path, "--since", bad + "x"),
                (self.record_path, "--receipts", self.write("deep", b"[" * 100000)),
                (self.record_path, "--policy", "\0")):
            status, out, err = run(*arguments)
            self.assertEqual((status, out), (3, ""), arguments)
            self.assertRegex(err, "verify.py: .+\n$")
            self.assertNotIn("Traceback", err)

    def test_as_a_program_of_several_processes(self):
        use = self.record_path, "--policy", self.policy, "--json"
        done = subprocess.run([sys.executable, str(PROGRAM), *use, "--jobs", "2", "--quiet"],
                              capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(json.loads(done.stdout), json.loads(run(*use)[1]))


if __name__ == "__main__":
    import unittest
    unittest.main()
