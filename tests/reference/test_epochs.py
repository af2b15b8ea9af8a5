"""Later epochs of the roll in a running petition (docs/protocol.md 4.1): who is in their rings, and
acts over them. The orders that bring them in are in test_epoch_orders.py."""
from unittest import mock

from support import RecordTest, verify
from anonymous import AnonymousPetition
from epochs import Epochs
from epochs_maker import FROM_PAPER, HEIR, MOVED, NEWCOMER, REKEYED, REMOVED, REPLACED
from epochs_maker import REPLACED_LATER, THIRD, line, opened, opened_with_the_second, third_epoch
from epochs_maker import two_epochs
from forgeries import put, when
from people import Voter
from rolls import Roll


class RingTest(RecordTest):
    def test_two_epochs(self):
        self.check(two_epochs())
        self.assertEqual(self.status, 0)
        self.assertEqual(self.looked("S14", "P8", "I5", "P3", "P4"), [3, 3, 3, 6, 6])
        report = verify.as_json(self.record, self.results, "final")["petition"]
        self.assertEqual((report["rings"], report["smallest_crowd"]), (6, 4))
        self.assertEqual([(row["size"], row["online"]) for row in report["series"]],
                         [(5, 1), (9, 4), (12, 4), (13, 4)])    # orders 17, closing, result
        self.assertEqual([len(e.rings) for e in self.record.epochs.all], [3, 3])
        self.assertEqual([e.people for e in self.record.epochs.all], [74, 75])

    def test_three_epochs(self):
        """The older ones are in force together; then who had a key till epoch 2 signs with it."""
        def third(p):
            p.roll_epoch(3, 2, third_epoch(p), THIRD, 3)
            p.ring_act(5)
            p.use(2)
            p.ring_act(REPLACED_LATER)
        poll = two_epochs(between={"ended": third}, also=(1, 2))
        self.check(poll, policy=poll.policy() + line(3, THIRD))
        self.assertEqual((self.status, self.looked("P8", "S14", "I5")), (0, [4, 4, 4]))
        self.assertEqual([e.people for e in self.record.epochs.all], [74, 75, 75])
        self.assertNotIn(HEIR.credential, self.record.epochs.all[2].rings[2].members)

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

    def test_what_the_opening_pins_decides_who_is_left_out(self):
        """Nobody is for what happened before: not who had a new key or signed on paper then, nor
        who was gone then and comes back; but a new key of who came back is."""
        back, again = Voter(320, 1), Voter(321, 1)
        for epoch, members, signers in ((3, [back], (REKEYED, FROM_PAPER, back)),
                                        (4, [], (REKEYED, FROM_PAPER))):
            p = opened_with_the_second()
            gone = AnonymousPetition().voters[REMOVED]
            p.roll.change((4, back, gone))
            p.roll.change((4, again, back))
            online = [v for v in p.voters if v.category == 1]
            p.roll_epoch(epoch, 2, online + members, THIRD, epoch)
            for who in signers:
                p.sign(who)
            self.check(p.finish([(1, 5 + i) for i in range(len(signers))]),
                       policy=p.policy() + line(epoch, THIRD))
            self.assertEqual(self.looked("I5", "P8"), [2, 2])

    def test_points_that_are_in_no_later_ring(self):
        """Their act names a ring in which they are not."""
        for who in (REKEYED, FROM_PAPER):
            def act(p, who=who):
                p.use(2)
                p.sign(who, place=0)
            self.check(two_epochs(between={"both": act}), "P4")

    def test_they_are_in_a_ring(self):
        """P8 is told that the rings that were pinned are not those of the document."""
        for who in (REKEYED, FROM_PAPER):
            p = opened()
            p.roll_epoch(members=[*p.later, who])
            self.check(p.finish([]), "P8")


class ActTest(RecordTest):
    def test_acts_over_epochs_not_in_force(self):
        def ended(p):
            p.use(1)
            p.ring_act(10)
            p.use(2)
        self.check(two_epochs(between={"ended": ended}), "P3")
        self.assertIn("epoch 1 is not in force", self.results["P3"].found.failures[0])
        self.check(two_epochs(between={"both": lambda p: p.ring_act(10, epoch=7)}), "P3")
        self.check(two_epochs(between={"before": lambda p: p.ring_act(10, epoch=2)}), "P3")

    def test_an_order_may_end_the_epochs_before_its_own(self):
        p = opened()
        p.ring_act(1)
        p.roll_epoch(earliest=2)
        p.ring_act(5)
        p.use(1)
        p.ring_act(2)
        self.check(p.finish([(1, 4), (1, 6)]), "P3")
        self.assertEqual((self.failures("P3"), len(self.record.tags)), (1, 2))

    def test_who_has_left_signs_while_the_old_epoch_is_in_force(self):
        """And who has a new key, with the old one; both act again by their tags when it has
        ended."""
        def both(p):
            p.use(1)
            p.ring_act(REMOVED)
            p.ring_act(REPLACED)

        def ended(p):
            for i in (REMOVED, REPLACED):
                p.tag_act(i, 2, 2)
            p.tag_act(REPLACED, 1, 3)
        self.check(two_epochs(between={"both": both, "ended": ended}, also=(1,)))
        self.assertEqual(self.status, 0)

    def test_who_has_moved_counts_where_they_signed(self):
        """And signs no second time in the other district."""
        for again, failing in ((False, ()), (True, ("P5",))):
            p = opened()
            p.ring_act(0)
            p.roll_epoch(earliest=2)
            p.tag_act(0, 2, 2)
            p.tag_act(0, 1, 3)
            if again:
                p.sign(MOVED, sequence=9)
            self.check(p.finish([(1, 4)]), *failing)
            self.assertEqual(list(self.record.signers.values()), [1])

    def test_a_proof_for_another_order(self):
        self.check(two_epochs(between={"both": lambda p: p.ring_act(
            10, epoch_order=bytes(32))}), "P4")

    def test_an_act_under_the_other_epoch_s_name(self):
        self.check(two_epochs({"ring proof": when(lambda a: a.epoch == 2, put(epoch=1))}), "P4")
        self.assertEqual(self.failures("P4"), 2)

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

    def test_a_ring_of_which_all_have_signed_says_nothing_of_the_next_epoch_s(self):
        p = opened()
        for i in range(70, 74):                            # all four of district 2
            p.ring_act(i)
        p.roll_epoch()
        p.sign(NEWCOMER)
        p.sign(MOVED)
        self.check(p.finish([(2, 4 + i + (i > 3)) for i in range(6)]))


if __name__ == "__main__":
    import unittest
    unittest.main()
