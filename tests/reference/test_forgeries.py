"""For every check a record, or what is given beside it, in whose report it is the only FAIL."""
from support import RecordTest, verify
from forgeries import ANONYMOUS, BESIDE_THE_RECORD, FORGERIES, election, petition, witnessed
from anonymous import anonymous
from anonymous_election_forgeries import ANONYMOUS_ELECTION
from anonymous_election_maker import anonymous_election

EVERY = FORGERIES | ANONYMOUS | ANONYMOUS_ELECTION


class ForgeryTest(RecordTest):
    def test_whole_records_verify(self):
        for poll, not_asked in ((election(), ("I5", "B12")), (anonymous_election(), ()),
                                (petition(), ("I5", "P8", "P9", "P10", "P11", "P12")),
                                (anonymous(), ())):
            outcomes = self.verify(poll)
            self.assertEqual({n: r.found.failures or r.reason for n, r in self.results.items()
                              if r.outcome not in ("PASS", "NOT DUE")}, {}, poll.kind)
            self.assertEqual({n for n, o in outcomes.items() if o == "NOT DUE"},
                             {"L4", "L5", "L6", "S17", *not_asked})
            self.assertEqual(self.status, 0)

    def test_a_witnessed_record_verifies(self):
        outcomes = self.verify(witnessed())
        self.assertEqual([n for n, o in outcomes.items() if o != "PASS"],
                         ["L4", "L5", "I5", "P8", "P9", "P10", "P11", "P12"])
        self.assertEqual(self.status, 0)

    def test_without_a_policy_nobody_s_cosignatures_are_known(self):
        outcomes = self.verify(witnessed(), policy="")
        self.assertEqual([n for n, o in outcomes.items() if o == "NOT RUN"],
                         ["L6", "I1", "I2", "I3", "S17"])

    def test_only_the_check_that_a_forgery_is_about_fails(self):
        for name, (number, make) in EVERY.items():
            with self.subTest(name):
                self.check(make(), number)
                self.assertEqual(self.status, 1)

    def test_every_check_has_a_forgery(self):
        forged = {number for number, _ in EVERY.values()} | BESIDE_THE_RECORD
        self.assertEqual({row.number for row in verify.TABLE}, forged)
