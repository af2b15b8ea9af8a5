"""Later epochs of the roll in a running petition (docs/protocol.md 4.1 and order 17)."""
from unittest import mock

from support import RecordTest, policies, verify
from anonymous import BEACON, AnonymousPetition
from epochs import Epochs
from epochs_maker import FROM_PAPER, MOVED, NEWCOMER, REKEYED, REMOVED, REPLACED, SECOND
from epochs_maker import EpochPetition, two_epochs
from forgeries import put, when
from group import Bad
from maker import SUMMER, Voter
from rolls import Roll


class EpochTest(RecordTest):
    def check(self, poll, *failing, **more):
        self.verify(poll, **more)
        self.assertEqual(self.failing(), set(failing), {
            n: r.found.failures for n, r in self.results.items() if r.found.failures})

    def looked(self, *numbers):
        return [self.results[n].found.looked for n in numbers]

    def test_two_epochs(self):
        self.check(two_epochs())
        self.assertEqual(self.status, 0)
        self.assertEqual(self.looked("S14", "P8", "I5", "P3", "P4"), [3, 3, 3, 6, 6])
        report = verify.as_json(self.record, self.results, "final")["petition"]
        self.assertEqual((report["rings"], report["smallest_crowd"]), (6, 4))
        self.assertEqual([len(e.rings) for e in self.record.epochs.all], [3, 3])
        self.assertEqual([e.people for e in self.record.epochs.all], [74, 75])

    def test_who_is_in_the_rings_of_the_second(self):
        p = two_epochs()
        self.verify(p)
        members = {credential: district for credential, district, _ in
                   self.record.epochs.all[1].members}
        self.assertEqual((members[NEWCOMER.credential], members[MOVED.credential]), (2, 2))
        for who in (REKEYED, FROM_PAPER, p.voters[REPLACED], p.voters[REMOVED], p.voters[79]):
            self.assertNotIn(who.credential, members)

    def test_a_re_keying_of_one_who_was_gone_before(self):
        old, new, newer = Voter(310, 2), Voter(311, 2), Voter(312, 2)
        p = AnonymousPetition()
        p.roll.change((1, old))
        p.roll.change((2, old))                            # epoch 3, that is opened
        p.roll.change((4, new, old))
        p.roll.change((4, newer, new))
        p.epoch = 3
        p.open()
        p.close()
        p.result(0, [(1, 0), (2, 0)], [(2, 0, 0), (3, 0, 0)])
        self.check(p)
        self.assertEqual(len(self.record.roll.ends), 3)    # what follows is not looked at
        whole = Roll(self.record.roll_log, [p.roll.ends[-1]])

        def inside(end, first):
            return {m[0] for m in whole.members_of_later(
                whole.at(p.roll.ends[end - 1]), first, [2])}
        self.assertIn(new.credential, inside(4, 3))
        self.assertNotIn(new.credential, inside(4, 2))
        self.assertNotIn(newer.credential, inside(5, 3))

    def test_wrong_epochs_of_orders(self):
        opened = {"epoch": put(epoch=2)}
        p = AnonymousPetition(opened)
        p.open()
        p.close()
        p.result(0, [(1, 0), (2, 0)], [(2, 0, 0), (3, 0, 0)])
        self.check(p, "S14")
        p = EpochPetition()
        p.open()
        p.roll_epoch(epoch=3)
        self.check(p.finish([]), "S14", policy=p.policy().replace("beacon 2", "beacon 3"))

    def test_who_is_left_out_behind_an_opening_of_epoch_0(self):
        """There is none, and the re-keyed is left out as ever. Were the rings others, the first
        act of who signs twice would not be proved, and the second in order."""
        for rekeyed, failing in (([], {"S14", "P5"}), ([REKEYED], {"S14"})):
            p = EpochPetition({"epoch": put(epoch=0)})
            p.open()
            p.roll_epoch(members=p.later + rekeyed)
            p.ring_act(10)
            p.ring_act(10, 2)
            outcomes = self.verify(p, asked="voting")
            self.assertEqual(self.failing(), failing)
            self.assertEqual({n for n, outcome in outcomes.items() if outcome == "NOT RUN"},
                             {"P3", "P4", "P6", "P7", "P8", "P10", "P11"})

    def test_numbers_that_have_no_place(self):
        for fields in (dict(epoch=1, earliest=1), dict(epoch=0, earliest=0),
                       dict(epoch=2, earliest=3), dict(epoch=2, earliest=0)):
            p = EpochPetition()
            p.open()
            p.roll_epoch(**fields)
            self.check(p.finish([]), "S8")
        p = EpochPetition()
        p.open()
        p.roll_epoch(earliest=2)
        p.roll_epoch(earliest=2)                           # a repeat raises it
        self.check(p.finish([]), "S8")

    def test_acts_over_epochs_not_in_force(self):
        def ended(p):
            p.use(1)
            p.ring_act(10)
            p.use(2)
        self.check(two_epochs(between={"ended": ended}), "P3")
        self.assertIn("epoch 1 is not in force", self.results["P3"].found.failures[0])
        self.check(two_epochs(between={"both": lambda p: p.ring_act(10, epoch=7)}), "P3")
        self.check(two_epochs(between={"before": lambda p: p.ring_act(10, epoch=2)}), "P3")

    def test_points_that_are_in_no_later_ring(self):
        """Their act names a ring in which they are not."""
        for who in (REKEYED, FROM_PAPER):
            def act(p, who=who):
                p.use(2)
                p.sign(who, place=0)
            self.check(two_epochs(between={"both": act}), "P4")

    def test_the_re_keyed_in_a_ring(self):
        """P8 is told that the rings that were pinned are not those of the document."""
        p = EpochPetition()
        p.open()
        p.roll_epoch(members=[*p.later, REKEYED])
        self.check(p.finish([]), "P8")

    def test_other_rings_or_another_beacon(self):
        def brought_in(**changes):
            p = EpochPetition()
            p.open()
            p.roll_epoch(**changes)
            return p.finish([])
        self.check(brought_in(hash=bytes(32)), "P8")
        self.check(brought_in(count=4), "P8")
        self.check(brought_in(root=bytes(32)), "S14")
        self.check(brought_in(beacon=bytes(32)), "I5")
        p = brought_in(beacon=BEACON)
        self.check(p, "P8", policy=p.policy().replace(SECOND.hex(), BEACON.hex()))

    def test_a_repeat_says_the_same(self):
        self.check(two_epochs({"roll epoch": when(lambda o: o.earliest == 2, put(count=9))}), "P8")

    def test_a_proof_for_another_order(self):
        self.check(two_epochs(between={"both": lambda p: p.ring_act(
            10, epoch_order=bytes(32))}), "P4")

    def test_a_second_ring_of_the_same_person(self):
        def again(p):
            p.use(2)
            p.ring_act(1, 9)
        self.check(two_epochs(between={"both": again}), "P5")

    def test_a_point_counts_once_among_all_who_may_sign(self):
        """No more tags in all than different points; here as if there were one point fewer."""
        people = Epochs.people_before
        for fewer, failing in ((0, ()), (71, ("P3",))):    # 4 of 75 sign
            with mock.patch.object(Epochs, "people_before",
                                   lambda e, index, fewer=fewer: people(e, index) - fewer - 1):
                self.check(two_epochs(), *failing)

    def test_who_signed_over_an_epoch_counts_in_its_ring_alone(self):
        """Each ring of each epoch has its own bound."""
        self.verify(two_epochs())
        used = self.record.tags_of_ring
        self.assertEqual((used.total(), {epoch for epoch, _ in used}), (4, {1, 2}))
        self.assertEqual(sum(n for (epoch, _), n in used.items() if epoch == 2), 2)

    def test_witnesses_hold_a_roll_epoch(self):
        def witnessed(newest):
            p = EpochPetition({"files": lambda f: f.files.update({"poll/checkpoint": p.cosigned(
                f.files["poll/checkpoint"], [SUMMER + 10_005] * 3)})})
            p.witnessed(*[SUMMER] * 3)
            p.open()
            for time in (10, newest):
                p.witnessed(*[SUMMER + time] * 3)
            p.roll_epoch(time=SUMMER + 2_000)
            for time in (2_100, 9_500):
                p.witnessed(*[SUMMER + time] * 3)
            return p.finish([])
        self.check(witnessed(1_900))
        self.assertEqual(self.looked("S17"), [3])
        self.assertEqual(verify.as_json(self.record, self.results, "final")["checks"][
            list(self.results).index("S17")]["what"], "openings, closings, marks and roll epochs")
        self.check(witnessed(1_000), "S17")

    def test_a_size_without_a_seal(self):
        """Then all of the roll is looked at, and taken for the roll of that order alone."""
        p = EpochPetition()
        p.open()
        size = p.roll.ends[1] - 1
        p.roll_epoch(size=size, root=p.roll.root(size))
        p.finish([])
        self.check(p, "S14")
        self.assertEqual([x.people for x in self.record.epochs.all], [74, 75])
        p.roll.append("x", b"\xff\xff")
        self.verify(p)
        self.assertEqual(self.failing(), {"S14", "L3"})

    def test_a_policy_without_the_line(self):
        poll = two_epochs()
        line = f"epoch-beacon 2 {SECOND.hex()}\n"
        self.assertIn(line, poll.policy())
        outcomes = self.verify(poll, policy=poll.policy().replace(line, ""))
        self.assertEqual((outcomes["I5"], self.status), ("NOT RUN", 2))
        wrong = poll.policy().replace(line, "").replace(BEACON.hex(), bytes(32).hex())
        self.check(poll, "I5", policy=wrong)

    def test_the_line(self):
        good = two_epochs().policy()
        self.assertEqual(policies.parse_policy(good.encode()).epoch_beacons, {2: SECOND})
        for bad in (f"epoch-beacon 2 {SECOND.hex()}", f"epoch-beacon 1 {SECOND.hex()}",
                    f"epoch-beacon 03 {SECOND.hex()}", "epoch-beacon 3", "epoch-beacon 3 00",
                    f"epoch-beacon {2**32} {SECOND.hex()}", f"epoch-beacon 3  {SECOND.hex()}"):
            with self.assertRaises(Bad, msg=bad):
                policies.parse_policy((good + bad + "\n").encode())


if __name__ == "__main__":
    import unittest
    unittest.main()
