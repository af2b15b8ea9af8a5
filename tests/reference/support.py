"""What the tests of the reference verifier share."""
import functools
import pathlib
import shutil
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "verifier" / "reference")]

import group                                               # noqa: E402

# Many records of the tests differ in one entry only: remember what was found of the others.
remember = functools.lru_cache(None)
for name in ("signed", "Table", "decode", "encode", "multiply", "credential_holds",
             "equal_logarithms_hold", "coefficient_holds"):
    setattr(group, name, remember(getattr(group, name)))
group.disjunction_holds = (lambda holds: lambda a, b, key, values, c, *lists: holds(
    a, b, key, tuple(values), c, *map(tuple, lists)))(remember(group.disjunction_holds))

import rings                                               # noqa: E402

for name in ("Ring", "ring_holds", "tag_holds"):           # of a Ring by which object it is
    setattr(rings, name, remember(getattr(rings, name)))

import log_maker                                           # noqa: E402
import notes                                               # noqa: E402, F401
import policy as policies                                  # noqa: E402
import verify                                              # noqa: E402

DOCUMENT = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
VECTORS = ROOT / "tests" / "vectors"


class RecordTest(unittest.TestCase):
    """A test with a directory for a record."""

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="urna-reference-")
        self.addCleanup(shutil.rmtree, self.directory)

    def verify(self, poll, files=None, policy=None, asked="final", older=(), receipts=()):
        """{check: outcome}, and keeps the results in self.results."""
        shutil.rmtree(self.directory)
        pathlib.Path(self.directory).mkdir()
        log_maker.write(self.directory, poll.files() if files is None else files)
        return self.verify_directory(poll.policy() if policy is None else policy,
                                     asked, older, receipts)

    def verify_directory(self, policy, asked="final", older=(), receipts=()):
        parsed = policies.parse_policy(policy.encode()) if policy else None
        self.record, self.results = verify.verify(
            self.directory, parsed, asked, list(older), list(receipts), 1, False)
        self.status = verify.status_of(self.results)
        return {number: result.outcome for number, result in self.results.items()}

    def failing(self):
        return {number for number, result in self.results.items() if result.outcome == "FAIL"}

    def check(self, poll, *failing, **more):
        """Verifies a poll, in which these checks and no others FAIL."""
        self.verify(poll, **more)
        self.assertEqual(self.failing(), set(failing), {
            n: r.found.failures for n, r in self.results.items() if r.found.failures})

    def looked(self, *numbers):
        """At how many things each of these checks has looked."""
        return [self.results[n].found.looked for n in numbers]

    def failures(self, number):
        """How many a check has found."""
        return len(self.results[number].found.failures)
