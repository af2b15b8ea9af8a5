"""Anonymous petitions: what becomes of whole, cut and broken records of them, and their reports.
Those in which one check alone fails are in forgeries.py."""
import json
import os
import pathlib
import subprocess
import sys
from unittest import mock

from support import ROOT, RecordTest, policies, verify
import rings
from anonymous import BEACON, AnonymousPetition, anonymous, more, unsigned, voter
from entries import Entry
from forgeries import petition, put, without_roll
from group import Bad
from people import Voter
from poll_maker import SUMMER
from test_report import run

LINE = f"beacon {BEACON.hex()}\n"


class PolicyTest(RecordTest):
    def test_another_beacon(self):
        poll = anonymous()
        self.verify(poll, policy=poll.policy().replace(LINE, f"beacon {'00' * 32}\n"))
        self.assertEqual(self.failing(), {"I5"})
        self.assertEqual(self.results["I5"].found.looked, 1)

    def test_a_policy_without_a_beacon_is_not_enough(self):
        poll = anonymous()
        outcomes = self.verify(poll, policy=poll.policy().replace(LINE, ""))
        self.assertEqual(({n for n, o in outcomes.items() if o == "NOT RUN"}, self.status),
                         ({"I5"}, 2))
        outcomes = self.verify(poll, policy="")
        self.assertEqual(outcomes["I5"], "NOT RUN")

    def test_before_the_opening_nobody_knows_it(self):
        poll = AnonymousPetition({"files": without_roll})
        for policy in (poll.policy(), poll.policy().replace(LINE, "")):
            outcomes = self.verify(poll, policy=policy, asked="setup")
            self.assertEqual((outcomes["I5"], outcomes["P8"], self.status), ("NOT DUE",) * 2 + (0,))
            outcomes = self.verify(poll, policy=policy, asked="voting")
            self.assertEqual((outcomes["I5"], outcomes["P8"], self.status), ("NOT RUN",) * 2 + (2,))

    def test_a_pseudonymous_petition_has_none(self):
        poll = petition()
        for policy in (poll.policy(), poll.policy() + LINE):
            outcomes = self.verify(poll, policy=policy)
            self.assertEqual((outcomes["I5"], outcomes["P8"], self.status), ("NOT DUE",) * 2 + (0,))
        self.assertEqual(self.verify(poll, policy="")["I5"], "NOT DUE")

    def test_the_line(self):
        policy = petition().policy()
        self.assertIsNone(policies.parse_policy(policy.encode()).beacon)
        self.assertEqual(policies.parse_policy((LINE + policy).encode()).beacon, BEACON)
        for bad in (LINE + LINE, LINE.upper().replace("BEACON", "beacon"), LINE[:-2] + "\n",
                    LINE.replace("beacon ", "beacon  "), "beacon\n", LINE[:-1] + "0\n"):
            with self.assertRaises(Bad, msg=bad):
                policies.parse_policy((policy + bad).encode())


class RecordsTest(RecordTest):
    def test_the_report(self):
        poll = anonymous()
        self.verify(poll)
        self.assertEqual(self.looked("P2", "P3", "P4", "P5", "P6", "P7", "P8", "I5", "S14"),
                         [5, 5, 5, 5, 3, 2, 1, 1, 1])
        self.assertEqual(verify.as_json(self.record, self.results, "final")["petition"], {
            "title": {"en": "poll"}, "profile": "rules", "state": "counted", "signatures": 3,
            "online": 3, "paper": 0, "passed": True,
            "districts": [{"district": 1, "signatures": 2, "online": 2, "paper": 0},
                          {"district": 2, "signatures": 1, "online": 1, "paper": 0}],
            "thresholds": [{"threshold": 2, "reached": True, "index": 5},
                           {"threshold": 3, "reached": True, "index": 6}],
            "minimums": [], "districts_needed": 0, "districts_met": 0, "series": [
                {"size": 9, "time": SUMMER + 10_000, "by": "order", "online": 3, "paper": 0},
                {"size": 10, "time": SUMMER + 10_001, "by": "order", "online": 3, "paper": 0}],
            "rings": 3, "smallest_crowd": 4})

    def test_as_a_program_of_several_processes(self):
        poll = anonymous()
        path = os.path.join(self.directory, "record")
        poll.write(path)
        policy = pathlib.Path(self.directory, "policy")
        policy.write_text(poll.policy())
        use = path, "--policy", str(policy)
        done = subprocess.run(
            [sys.executable, str(ROOT / "verifier" / "reference" / "verify.py"), *use, "--json",
             "--jobs", "2", "--quiet"], capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(json.loads(done.stdout), json.loads(run(*use, "--json")[1]))
        text = run(*use)[1]
        self.assertIn("state: counted\n3 signatures: 3 online, 0 on paper\n", text)
        self.assertIn("3 rings; every signer online is one of a crowd of 4 or more\n", text)

    def test_a_prefix_is_no_result(self):
        whole = anonymous()
        for size, stage in ((4, "voting"), (8, "voting"), (10, "closed")):
            poll = anonymous()
            poll.entries = whole.entries[:size]
            outcomes = self.verify(poll, asked=stage)
            self.assertEqual((self.record.stage, self.status), (stage, 0))
            self.assertEqual((outcomes["P8"], outcomes["I5"], outcomes["P4"]), ("PASS",) * 3)
            self.verify(poll)
            self.assertEqual(self.status, 2)

    def test_between_the_witnesses_times(self):
        def witnessed(newest):
            p = AnonymousPetition({"files": lambda f: f.files.update({
                "poll/checkpoint": p.cosigned(f.files["poll/checkpoint"], [SUMMER + 10_005] * 3)})})
            for times, step in ((newest, p.open), ((10, 12, 0), None), ((9_500,) * 3, p.close)):
                p.witnessed(*(time and SUMMER + time for time in times))
                if step:
                    step()
            p.result(0, [(1, 0), (2, 0)], [(2, 0, 0), (3, 0, 0)])
            return p

        self.assertEqual(self.verify(witnessed((3, 4, 0)))["S17"], "PASS")
        self.assertEqual((self.status, self.looked("S17")), (0, [2]))
        self.verify(witnessed((-1_000, -1_000, 0)))
        self.assertEqual(self.failing(), {"S17"})

    def test_no_roll_to_ask(self):
        """No ring act breaks P3 or P4 then; a tag act is asked for its ring act all the same."""
        poll = anonymous(between={"acts": lambda p: p.tag_act(2, 2, 2)})
        files = {path: data for path, data in poll.files().items() if path.startswith("poll/")}
        outcomes = self.verify(poll, files)
        self.assertLessEqual({"L2", "S14"}, self.failing())
        for number in ("P3", "P4", "P6", "P8"):
            self.assertEqual(outcomes[number], "NOT RUN", number)
        self.assertEqual(outcomes["P5"], "PASS")
        self.assertEqual(len(self.record.tags), 3)
        self.assertEqual(self.record.signers.keys(), self.record.tags.keys())
        report = verify.as_json(self.record, self.results, "final")["petition"]
        self.assertNotIn("rings", report)

    def test_one_who_enrols_padding(self):
        """It takes a member without proof (S4), and makes a ring that is none (P8)."""
        class Ownerless:
            credential, district, weight, category = rings.padding(0), 1, 1, 1

            def prove(self, random, make_hash):
                return rings.padding(0), bytes(64)

        everybody = [voter(i, 1 if i < 70 else 2) for i in range(74)]
        p = AnonymousPetition(voters=[*everybody, Ownerless()])
        p.open()
        broken = [n for n, ring in enumerate(p.rings) if not ring.ring]
        self.assertEqual(len(broken), 1)
        sound = next(i for i in range(70) if p.ring_of(i) == 1 - broken[0])
        p.ring_act(sound)
        within = next(i for i in range(70) if p.ring_of(i) == broken[0])
        ring = next(ring for ring in p.rings if ring.ring)
        p.ring_act(within, ring=ring.ring, place=0)        # of which nothing can be tested
        p.close()
        p.result(2, [(1, 2), (2, 0)], [(2, 1, 5), (3, 0, 0)])
        outcomes = self.verify(p)
        self.assertEqual(self.failing(), {"S4", "P8"})
        self.assertEqual((outcomes["P4"], outcomes["P3"]), ("NOT RUN", "PASS"))
        self.assertEqual(len(self.record.tags), 2)

    def test_never_more_tags_than_members(self):
        """Whoever could prove what nobody can (here: who owns a point of the padding) could sign no
        more often than the ring has members."""
        owner, padding = Voter(500, 2), rings.padding
        with mock.patch.object(rings, "padding",
                               lambda i: owner.credential if i == 0 else padding(i)):
            for members in (3, 4):
                p = AnonymousPetition()
                p.open()
                p.voters.insert(75, owner)
                for i in range(70, 70 + members):
                    p.ring_act(i)
                p.ring_act(75)
                p.tag_act(75, 2, 2)
                p.tag_act(70, 2, 2)                        # whose tag stays one of the ring's
                p.ring_act(0)                              # another ring
                p.close()
                p.result(members, [(1, 1), (2, members - 1)], [(2, 1, 5), (3, 1, 6)])
                self.verify(p)
                self.assertEqual(self.failing(), {"P3"} if members == 4 else set())
                self.assertEqual((len(self.record.tags), len(self.record.signers)), (5, members))
        self.assertEqual(len(self.results["P3"].found.failures), 2)

    def test_an_act_that_breaks_a_rule_changes_nothing(self):
        """One without proof proves no tag, and one under a bad tag act stays signed."""
        def acts(p):
            p.ring_act(2, t=5)                             # P4
            p.tag_act(2, 2, 2)                             # P3, as its tag is not proved
            p.ring_act(2, 3)                               # and now it is
            p.tag_act(2, 2, 9, s=5)                        # P4
            p.tag_act(2, 2, 4)                             # above 3, not above 9
        self.verify(anonymous(between={"acts": acts}))
        self.assertEqual(self.failing(), {"P3", "P4"})
        failed = [len(self.results[n].found.failures) for n in ("P3", "P4", "P5")]
        self.assertEqual(failed, [1, 2, 0])
        self.assertEqual((len(self.record.tags), len(self.record.signers)), (4, 3))

    def test_acts_of_the_other_kind_of_petition_are_looked_at_by_no_check_of_acts(self):
        for poll in (anonymous(between={"acts": lambda p: p.act(3)}),
                     petition(between={"acts": lambda p: p.append("a", anonymous().entries[4])})):
            self.verify(poll)
            self.assertEqual(self.failing(), {"S8"})
            self.assertEqual(self.looked("P4", "P5"), [5, 5])

    def test_a_manifest_of_the_wrong_form(self):
        good = more()
        for bad in (b"", b"\1" + good[1:], good[:-1], good + b"\0", good[:5] + b"\0\0",
                    more(categories=()), more(categories=(2, 1)), more(paper_categories=(3, 3)),
                    more(review=2), more(minimums=[(5, 1), (5, 2)]), more(profile=b"\xff"),
                    more(profile=b"x" * 64)):
            poll = unsigned({"manifest": put(more=bad)})
            self.assertTrue(Entry(0, poll.entries[0]).broken, bad)
        self.assertFalse(Entry(0, unsigned(profile=b"", paper_categories=()).entries[0]).broken)
        pseudonymous = petition().entries[0]
        self.assertTrue(Entry(0, b"\2\2" + pseudonymous[2:]).broken)
        self.assertTrue(Entry(0, b"\2\1" + unsigned().entries[0][2:]).broken)


if __name__ == "__main__":
    import unittest
    unittest.main()
