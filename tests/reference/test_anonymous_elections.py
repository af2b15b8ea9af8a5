"""Anonymous elections: what becomes of whole, cut and broken records of them, and their reports.
Those in which one check alone fails are in anonymous_election_forgeries.py."""
import json
import os
import pathlib
import subprocess
import sys
import unittest
from unittest import mock

from support import ROOT, RecordTest, verify
import rings
from anonymous import BEACON, voter
from anonymous_election_forgeries import anonymous_election, ring_ballot, tag_ballot, then
from anonymous_election_forgeries import unopened, weighted, wide, with_epochs
from anonymous_election_maker import FIRST, NEXT, AnonymousElection, begun, more, unvoted, votes
from election_maker import Election
from entries import Entry
from forgeries import election, put, without_roll
from people import Voter
from poll_maker import SUMMER
from test_report import run

LINE = f"beacon {BEACON.hex()}\n"
TESTED = ("B4", "B5", "B6", "B9")


class ElectionTest(RecordTest):
    def failures(self, *numbers):
        return [len(self.results[n].found.failures) for n in numbers]


class PolicyTest(ElectionTest):
    def test_another_beacon(self):
        e = anonymous_election()
        self.verify(e, policy=e.policy().replace(LINE, f"beacon {'00' * 32}\n"))
        self.assertEqual((self.failing(), self.looked("I5")), ({"I5"}, [1]))

    def test_a_policy_without_a_beacon_is_not_enough(self):
        e = anonymous_election()
        for policy in (e.policy().replace(LINE, ""), ""):
            outcomes = self.verify(e, policy=policy)
            self.assertEqual((outcomes["I5"], self.status), ("NOT RUN", 2))

    def test_before_the_opening_nobody_knows_it(self):
        e = unopened()
        for asked, outcome, status in (("setup", "NOT DUE", 0), ("voting", "NOT RUN", 2)):
            for policy in (e.policy(), e.policy().replace(LINE, "")):
                outcomes = self.verify(e, policy=policy, asked=asked)
                self.assertEqual((outcomes["I5"], outcomes["B12"], self.status),
                                 (outcome, outcome, status))

    def test_a_pseudonymous_election_has_none(self):
        e = election()
        for policy, status in ((e.policy(), 0), (e.policy() + LINE, 0), ("", 2)):
            outcomes = self.verify(e, policy=policy)
            self.assertEqual((outcomes["I5"], outcomes["B12"], self.status),
                             ("NOT DUE", "NOT DUE", status))


class ReportTest(ElectionTest):
    def test_the_report(self):
        e = anonymous_election()
        outcomes = self.verify(e)
        self.assertEqual(self.status, 0)
        self.assertEqual(self.looked("B1", "B2", "B3", "B6", "B7", "B8", "B10"), [6] * 7)
        self.assertEqual(self.looked("B4", "B5", "B9", "B11", "B12", "I5", "S15", "S16"),
                         [24, 12, 6, 0, 1, 1, 0, 1])
        self.assertEqual((outcomes["B10"], outcomes["B11"], outcomes["S15"]), ("PASS",) * 3)
        report = verify.as_json(self.record, self.results, "final")
        self.assertEqual((report["kind"], report["stage"]), ("election", "final"))
        self.assertEqual({c["number"]: c["what"] for c in report["checks"]}["S17"], "")

        def contest(number, first, second, winner, **more_):
            return {"contest": number, "title": {"en": f"contest {number}"}, "ballots": 3,
                    "weight": 3, "options": [
                        {"id": str(i), "name": {"en": f"option {i}"}, "total": total}
                        for i, total in enumerate((first, second))], **more_,
                    "outcome": {"winners": [winner], "tied": [], "seats": []}}

        self.assertEqual(report["election"], {
            "title": {"en": "poll"}, "voters": 3, "ballots": 6, "rings": 3, "smallest_crowd": 4,
            "contests": [contest(1, 2, 1, "0"), contest(2, 2, 1, "0", parts=[
                {"districts": [1], "ballots": 2, "weight": 2, "totals": [1, 1]},
                {"districts": [2], "ballots": 1, "weight": 1, "totals": [1, 0]}])]})
        self.assertEqual(list(report["election"])[2:5], ["ballots", "rings", "smallest_crowd"])

    def test_as_a_program_of_several_processes(self):
        e = anonymous_election()
        path = os.path.join(self.directory, "record")
        e.write(path)
        policy = pathlib.Path(self.directory, "policy")
        policy.write_text(e.policy())
        use = path, "--policy", str(policy)
        done = subprocess.run(
            [sys.executable, str(ROOT / "verifier" / "reference" / "verify.py"), *use, "--json",
             "--jobs", "2", "--quiet"], capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(json.loads(done.stdout), json.loads(run(*use, "--json")[1]))
        text = run(*use)[1]
        self.assertIn("3 rings; every voter is one of a crowd of 4 or more\n", text)
        self.assertTrue(text.endswith("VERIFIED (stage final)\n"))

    def test_a_prefix_is_no_result(self):
        whole = anonymous_election()
        closed, end = NEXT, len(whole.entries)
        for size, stage in ((FIRST, "voting"), (closed, "voting"), (closed + 1, "closed"),
                            (end - 1, "closed")):
            whole.entries = anonymous_election().entries[:size]
            outcomes = self.verify(whole, asked=stage)
            self.assertEqual((self.record.stage, self.status), (stage, 0))
            self.assertEqual({outcomes[n] for n in ("B12", "I5", *TESTED)}, {"PASS"})
            self.verify(whole)
            self.assertEqual(self.status, 2)

    def test_between_the_witnesses_times(self):
        def witnessed(newest):
            e = AnonymousElection({"files": lambda f: f.files.update({
                "poll/checkpoint": e.cosigned(f.files["poll/checkpoint"], [SUMMER + 10_005] * 3)})})
            e.keys()
            e.witnessed(*(SUMMER + time for time in newest))
            e.open()
            e.witnessed(SUMMER + 10, SUMMER + 12, 0)
            e.witnessed(*(SUMMER + 9_500,) * 3)
            e.close()
            e.sum([], [])
            e.count()
            e.result()
            return e

        self.assertEqual(self.verify(witnessed((3, 4, 4)))["S17"], "PASS")
        self.assertEqual((self.status, self.looked("S17")), (0, [2]))
        self.verify(witnessed((-1_000,) * 3))
        self.assertEqual(self.failing(), {"S17"})


class RollTest(ElectionTest):
    def test_no_roll_to_ask(self):
        """No ring ballot breaks B2 or is tested; a tag ballot is asked for its ring ballot all the
        same, and for its own proof."""
        e = then(tag_ballot(2, 9), tag_ballot(0, 9), lambda e: e.tag_ballot(1, votes(0, 1), 9, s=5))
        files = {path: data for path, data in e.files().items() if path.startswith("poll/")}
        outcomes = self.verify(e, files)
        self.assertLessEqual({"L2", "S14"}, self.failing())
        for number in ("S3", "S15", "S16", "B2", *TESTED, "B12", "C1"):
            self.assertEqual(outcomes[number], "NOT RUN", number)
        self.assertEqual((outcomes["B1"], outcomes["B3"], outcomes["B7"]), ("PASS",) * 3)
        self.assertEqual([b.index for b in self.record.ballots], [*range(FIRST, NEXT), NEXT + 1])
        report = verify.as_json(self.record, self.results, "final")["election"]
        self.assertNotIn("rings", report)
        self.assertEqual(report["ballots"], 7)

    def test_one_who_enrols_padding(self):
        """It takes a member without proof (S4), and makes a ring that is none (B12)."""
        class Ownerless:
            credential, district, weight, category = rings.padding(0), 1, 1, 1

            def prove(self, random, make_hash):
                return rings.padding(0), bytes(64)

        everybody = [voter(i, 1 if i < 70 else 2) for i in range(74)]
        e = begun(voters=[*everybody, Ownerless()])
        broken, = [n for n, ring in enumerate(e.rings) if not ring.ring]
        sound = next(i for i in range(70) if e.ring_of(i) == 1 - broken)
        ring_ballot(sound)(e)
        within = next(i for i in range(70) if e.ring_of(i) == broken)
        ring = next(ring for ring in e.rings if ring.ring)
        e.ring_ballot(within, votes(0, True), ring=ring.ring, place=0)  # not tested
        e.close()
        outcomes = self.verify(e, asked="closed")
        self.assertEqual(self.failing(), {"S4", "B12"})
        self.assertEqual({outcomes[n] for n in TESTED}, {"NOT RUN"})
        self.assertEqual((outcomes["B2"], len(self.record.tags)), ("PASS", 2))

    def test_never_more_tags_than_members(self):
        """Whoever could prove what nobody can (here: who owns a point of the padding) could vote no
        more often than the ring has members."""
        owner, padding = Voter(500, 2), rings.padding
        with mock.patch.object(rings, "padding",
                               lambda i: owner.credential if i == 0 else padding(i)):
            for members in (3, 4):
                e = begun()
                e.voters.insert(75, owner)
                for i in range(70, 70 + members):
                    ring_ballot(i)(e)
                ring_ballot(75)(e)
                tag_ballot(75, 2)(e)
                tag_ballot(70, 2)(e)                       # whose tag stays one of the ring's
                ring_ballot(0)(e)                          # another ring
                e.close()
                self.verify(e, asked="closed")
                self.assertEqual(self.failing(), {"B2"} if members == 4 else set())
                self.assertEqual((len(self.record.tags), len(self.record.ballots)),
                                 (5, 7 if members == 3 else 6))
        self.assertEqual(self.failures("B2"), [2])

    def test_the_epoch_that_is_pinned(self):
        """Who has left the roll before is in no ring, and the others are in others."""
        e = with_epochs()
        self.verify(e)
        self.assertEqual((self.status, self.record.opening.content.epoch), (0, 2))
        self.assertNotIn(e.voters[69].credential, [p for _, crowd in e.crowds for p in crowd])
        self.assertEqual([ring.crowd for ring in self.record.epochs.everywhere()], [35, 34, 4])

    def test_those_who_may_not_vote(self):
        """Weights and number of those who vote on paper or elsewhere are nobody's business."""
        everybody = [voter(i, 1 if i < 70 else 2) for i in range(74)]
        for more_ in (voter(80, 3, 9), voter(950, 1, 10**8, 2), voter(951, 2, 10**8, 2)):
            for minimum in (1, 74):
                self.verify(unvoted(voters=[*everybody, more_], minimum=minimum))
                self.assertEqual((self.status, self.failing()), (0, set()))
        members = self.record.may_vote()
        self.assertEqual((len(members), {m.weight for m in members}), (74, {1}))

    def test_a_weight_does_not_count(self):
        """Beside S16 the record says what it would with weights of 1."""
        outcomes = self.verify(anonymous_election(voters=weighted(1)))
        self.assertEqual(self.failing(), {"S16"})
        self.assertEqual({o for n, o in outcomes.items() if n[0] in "BC"}, {"PASS"})


class BallotsTest(ElectionTest):
    def test_sizes(self):
        e = anonymous_election()
        for index, rest in ((FIRST, 54 + 32 * (9 + 4 * 3)), (FIRST + 3, 110)):
            contests = sum(10 + e.layouts[number].size for number in (1, 2))
            self.assertEqual(len(e.entries[index]), contests + rest)

    def test_no_byte_of_a_ballot_can_be_another(self):
        e = anonymous_election()
        for index in (FIRST + 2, FIRST + 5):               # the last ballots of their tags
            whole = e.entries[index]
            for i in sorted({*range(2, 48, 5), *range(48, len(whole), len(whole) // 16)}):
                e.entries = anonymous_election().entries
                e.entries[index] = whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1:]
                self.verify(e, asked="closed")
                self.assertEqual(self.status, 1, (index, i))

    def test_a_ballot_that_breaks_a_rule_changes_nothing(self):
        """One without proof proves no tag, and one under a bad tag ballot is not replaced."""
        e = then(lambda e: e.ring_ballot(2, votes(0, True), t=5),      # B6
                 tag_ballot(2, 2),                         # B2, as its tag is not proved
                 ring_ballot(2, 3),                        # and now it is
                 lambda e: e.tag_ballot(2, votes(0, False), 9, s=5),   # B6
                 tag_ballot(2, 4))                         # above 3, not above 9
        self.verify(e)
        self.assertEqual(self.failing(), {"B2", "B6"})
        self.assertEqual(self.failures("B2", "B3", "B6"), [1, 0, 2])
        self.assertEqual([b.index for b in self.record.ballots][6:], [NEXT + 2, NEXT + 4])
        self.assertEqual(self.record.sequences[e.tag(2)], 4)

    def test_two_first_ballots_of_a_voter(self):
        """A board that has kept the first may log it instead of the second, never behind it."""
        for order in ((1, 2), (2, 1)):
            e = then(*(ring_ballot(2, sequence) for sequence in order), tag_ballot(2, 3))
            self.verify(e)
            self.assertEqual((self.failing(), self.failures("B3")), ({"B3"}, [1]))
            self.assertEqual([(b.index, b.sequence) for b in self.record.ballots][6:],
                             [(NEXT, order[0]), (NEXT + 2, 3)])

    def test_a_ballot_of_another_opening(self):
        """None of its proofs holds here, and its tag is nobody's."""
        other = anonymous_election({"open": put(reason=b"another"), "ballot": lambda b: put(
            seed=b.seed + " there")(b)})
        for index, broken in ((FIRST, {*TESTED}), (FIRST + 3, {*TESTED, "B2"})):
            e = then(lambda e, i=index: e.append("a stranger", other.entries[i]))
            self.verify(e)
            self.assertEqual(self.failing(), broken)

    def test_of_a_ring_that_there_is_not_nothing_is_tested(self):
        self.verify(then(lambda e: e.ring_ballot(2, votes(0, True), number=3, t=5)))
        self.assertEqual(self.failing(), {"B2"})
        self.assertEqual(self.looked("B4", "B5", "B9", "B6", "B2"), [24, 12, 6, 7, 7])

    def test_ballots_of_the_other_kind_of_election_are_looked_at_by_no_check_of_ballots(self):
        def named(e):
            Election.ballot(e, 3, votes(0, True))
            e.votes.pop()
        self.verify(then(named))
        self.assertEqual((self.failing(), self.looked("B1", "B6", "B10")), ({"S8"}, [6] * 3))

    def test_before_the_opening(self):
        """A ballot is asked B8 alone."""
        ballot = anonymous_election().entries[FIRST]
        e = anonymous_election(between={"keys": lambda e: e.append("a ballot", ballot)})
        self.verify(e, asked="closed")
        self.assertEqual((self.failing(), self.failures("B8")), ({"B8"}, [1]))
        self.assertEqual(self.looked("B8", "B6"), [7, 6])


class ManifestTest(ElectionTest):
    def test_a_manifest_of_the_wrong_form(self):
        good = more()
        for bad in (b"", b"\1" + good[1:], good[:-1], good + b"\0", good[:5] + b"\0\0",
                    more(categories=()), more(categories=(2, 1)), more(categories=(3, 3)),
                    more(source=b""), more(source=b"\xff"), more(source=b"x" * 1001)):
            e = AnonymousElection({"rules": put(more=bad)})
            self.assertTrue(Entry(0, e.entries[0]).broken, bad)
        first = unopened().entries[0]
        self.assertIsNone(Entry(0, first).broken)
        self.assertTrue(Entry(0, b"\1\1" + first[2:]).broken)
        self.assertTrue(Entry(0, b"\1\2" + election().entries[0][2:]).broken)

    def test_ballots_that_just_fit(self):
        """224 options are the most with rings of 64, 222 with rings of 4,096; 225 of a Ballot."""
        for options, size in ((224, 64), (222, 4096), (223, 1024)):
            self.verify(unopened(contests=wide(options), styles={1: [1]}, ring_size=size),
                        asked="setup")
            self.assertEqual(self.status, 0, options)
        self.verify(Election({"files": without_roll}, contests=wide(225)), asked="setup")
        self.assertEqual(self.status, 0)

    def test_the_largest_and_smallest_crowds(self):
        for size in (64, 256, 1024, 4096):
            for fewest in (1, 2, size // 2, size // 2 + 1):
                outcomes = self.verify(unopened(ring_size=size, fewest=fewest), asked="setup")
                self.assertEqual(outcomes["S1"], "PASS" if 2 <= fewest <= size // 2 else "FAIL")


if __name__ == "__main__":
    unittest.main()
