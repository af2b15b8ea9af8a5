"""The orders that bring later epochs of the roll into a running petition (docs/protocol.md 6, order
17): their place, the roll that they pin, their rings, their beacons."""
from support import RecordTest, policies, verify
from anonymous import BEACON
from epochs_maker import NEWCOMER, REKEYED, REPLACED_LATER, SECOND, THIRD, EpochPetition, line
from epochs_maker import opened, opened_with_the_second, third_epoch, two_epochs
from forgeries import petition, put, when
from group import Bad
from poll_maker import SUMMER


def brought_in(**changes):
    p = opened()
    p.roll_epoch(**changes)
    return p.finish([])


class PlaceTest(RecordTest):
    def test_numbers_that_have_no_place(self):
        """They bring nothing in, end nothing, pin no roll and are asked for no beacon."""
        for fields in (dict(epoch=1, earliest=1), dict(epoch=0, earliest=0),
                       dict(epoch=2, earliest=3), dict(epoch=2, earliest=0)):
            p = opened()
            p.roll_epoch(beacon=THIRD, **fields)
            p.use(1)
            p.ring_act(1)
            self.check(p.finish([(1, 5)]), "S8")
            self.assertEqual(len(self.record.epochs.all), 1)
            self.assertEqual(self.looked("S14", "P8", "I5"), [1, 1, 1])
            self.assertEqual(len(self.record.roll.ends), 1)

    def test_what_repeats_raises_earliest(self):
        for before, after, failing in (
                (1, 2, ()), (1, 1, ("S8",)), (1, 3, ("S8",)), (2, 2, ("S8",)), (2, 1, ("S8",))):
            with self.subTest(before=before, after=after):
                p = opened()
                p.roll_epoch(earliest=before)
                p.roll_epoch(earliest=after)
                self.check(p.finish([]), *failing)

    def test_a_third_epoch_after_the_second(self):
        for earliest, failing in ((1, ("S8",)), (2, ()), (3, ()), (4, ("S8",))):
            with self.subTest(earliest):
                p = opened()
                p.roll_epoch(earliest=2)
                p.roll_epoch(3, earliest, third_epoch(p), THIRD, 3)
                self.check(p.finish([]), *failing, policy=p.policy() + line(3, THIRD))

    def test_a_second_epoch_after_the_third(self):
        p = opened()
        p.roll_epoch(3, 1, third_epoch(p), THIRD, 3)
        p.roll_epoch(earliest=2)
        self.check(p.finish([]), "S8", policy=p.policy() + line(3, THIRD))

    def test_it_is_none_of_a_pseudonymous_petition_s(self):
        self.check(petition(between={"acts": lambda p: p.order(
            "roll epoch", 17, bytes(3) + b"\2" + bytes(3) + b"\1" + bytes(108))}), "S8")

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


class RollTest(RecordTest):
    def test_another_root(self):
        self.check(brought_in(root=bytes(32)), "S14")

    def test_another_number_than_the_roll_s(self):
        """The act is over rings that there are, under the number that the officers gave them."""
        p = opened()
        p.roll_epoch(epoch=7)
        p.sign(NEWCOMER)
        self.check(p.finish([(2, 5)]), "S14", policy=p.policy() + line(7, SECOND))
        self.assertEqual((self.failures("S14"), len(self.record.signers)), (1, 1))

    def test_another_number_of_the_opening(self):
        for said in (0, 2, 9):
            p = opened({"epoch": put(epoch=said)})
            p.ring_act(0)
            self.check(p.finish([(1, 4)]), "S14")
            self.assertEqual((self.failures("S14"), len(self.record.signers)), (1, 1))

    def test_who_is_left_out_behind_an_opening_of_epoch_0(self):
        """There is none, and the re-keyed is left out as ever. Were the rings others, the first
        act of who signs twice would not be proved, and the second in order."""
        for rekeyed, failing in (([], ("S14", "P5")), ([REKEYED], ("S14",))):
            p = opened({"epoch": put(epoch=0)})
            p.roll_epoch(members=p.later + rekeyed)
            p.ring_act(10)
            p.ring_act(10, 2)
            self.check(p, *failing, asked="voting")
            self.assertEqual({n for n, r in self.results.items() if r.outcome == "NOT RUN"},
                             {"P3", "P4", "P6", "P7", "P8", "P10", "P11"})

    def test_a_size_without_a_seal(self):
        """Then all of the roll is looked at, and taken for the roll of that order alone."""
        p = opened()
        size = p.roll.ends[1] - 1
        p.roll_epoch(size=size, root=p.roll.root(size))
        p.finish([])
        self.check(p, "S14")
        self.assertEqual([x.people for x in self.record.epochs.all], [74, 75])
        p.roll.append("x", b"\xff\xff")
        self.verify(p)
        self.assertEqual(self.failing(), {"S14", "L3"})

    def test_a_size_without_a_seal_in_a_longer_roll(self):
        """The rings are of what the whole log says: a third epoch too, sealed or not."""
        for unsealed in (False, True):
            p = opened()
            size, members = p.roll.ends[1] - 1, third_epoch(p)
            if unsealed:
                p.roll.entries.pop()
            p.roll_epoch(members=members, size=size, root=p.roll.root(size))
            self.check(p.finish([]), "S14")
            self.assertEqual(len(self.record.roll.entries), len(p.roll.entries))
            first, second = self.record.epochs.all
            replaced = p.voters[REPLACED_LATER].credential
            self.assertIn(replaced, {m[0] for m in first.members})
            self.assertNotIn(replaced, {m[0] for m in second.members})
            self.assertEqual([r.hash for r in second.rings], [r.hash for r in p.rings])

    def test_what_stands_behind_the_largest_size_concerns_others(self):
        for entry in (b"\xff\xff", b"\x12\x01\0\x21\2" + bytes(32 + 64), b"\x31\x01\0\1x"):
            p = two_epochs()
            end = len(p.roll.entries)
            p.roll.append("x", entry)
            self.check(p)
            self.assertEqual((self.status, len(self.record.roll.entries)), (0, end))

    def test_no_roll_to_ask(self):
        """Each of the three orders fails by itself, and acts are admitted."""
        p = two_epochs()
        files = {path: data for path, data in p.files().items() if path.startswith("poll/")}
        outcomes = self.verify(p, files)
        self.assertEqual([outcomes[n] for n in ("S14", "P3", "P4", "P8", "P5")],
                         ["FAIL", "NOT RUN", "NOT RUN", "NOT RUN", "PASS"])
        self.assertEqual((self.failures("S14"), len(self.record.tags)), (3, 4))


class RingsTest(RecordTest):
    def test_the_opening_s_rings_leave_nobody_out(self):
        p = opened_with_the_second()
        p.sign(REKEYED)
        self.check(p.finish([(1, 4)]))

    def test_other_rings(self):
        for changes in ({"hash": bytes(32)}, {"count": 4}):
            self.check(brought_in(**changes), "P8")
            self.assertEqual(self.failures("P8"), 1)

    def test_a_repeat_says_the_same(self):
        for changes, failing in (
                ({"count": 9}, ("P8",)), ({"hash": bytes(32)}, ("P8",)),
                ({"beacon": THIRD}, ("P8", "I5")),
                ({"root": bytes(32)}, ("S14",)), ({"size": 1}, ("S14",))):   # P8 is NOT RUN
            with self.subTest(*changes):
                self.check(two_epochs({"roll epoch": when(
                    lambda o: o.earliest == 2, put(**changes))}), *failing)

    def test_a_repeat_of_the_roll_of_another_epoch(self):
        """It pins a roll that there is, under a number that is not that roll's."""
        p = opened()
        p.roll_epoch()
        size = p.roll.ends[0]
        p.roll_epoch(earliest=2, size=size, root=p.roll.root(size))
        self.check(p.finish([]), "S14")


class BeaconTest(RecordTest):
    def outcome(self, poll, policy):
        outcomes = self.verify(poll, policy=policy)
        found = self.results["I5"].found
        return outcomes["I5"], found.looked, found.passed

    def test_another_beacon(self):
        self.check(brought_in(beacon=bytes(32)), "I5")

    def test_a_beacon_that_another_epoch_has_had(self):
        p = brought_in(beacon=BEACON)
        self.check(p, "P8", policy=p.policy().replace(SECOND.hex(), BEACON.hex()))
        p = two_epochs(between={"ended": lambda p: p.roll_epoch(
            3, 2, third_epoch(p), SECOND, 3)})
        self.check(p, "P8", policy=p.policy() + line(3, SECOND))

    def test_a_policy_without_the_line(self):
        poll = two_epochs()
        policy, second = poll.policy(), line(2, SECOND)
        self.assertIn(second, policy)
        self.assertEqual(self.outcome(poll, policy.replace(second, "")), ("NOT RUN", 0, 0))
        self.assertEqual(self.status, 2)
        self.assertEqual(self.outcome(poll, policy.replace(f"beacon {BEACON.hex()}\n", "", 1)),
                         ("NOT RUN", 0, 0))

    def test_a_wrong_line(self):
        """One that is wrong is worse than one that is missing, which counts as passed then; of
        another epoch there may be a line."""
        poll = two_epochs()
        policy, second = poll.policy(), line(2, SECOND)
        first, wrong = f"beacon {BEACON.hex()}\n", bytes(32)
        for policy, passed in (
                (policy.replace(SECOND.hex(), wrong.hex()), 1),
                (policy.replace(BEACON.hex(), wrong.hex()), 2),
                (policy.replace(second, "").replace(BEACON.hex(), wrong.hex()), 2),
                (policy.replace(first, "", 1).replace(SECOND.hex(), wrong.hex()), 1)):
            self.assertEqual(self.outcome(poll, policy), ("FAIL", 3, passed))
            self.assertEqual(self.failing(), {"I5"})
        self.assertEqual(self.outcome(poll, poll.policy() + line(3, wrong)), ("PASS", 3, 3))

    def test_the_line(self):
        good = two_epochs().policy()
        self.assertEqual(policies.parse_policy(good.encode()).epoch_beacons, {2: SECOND})
        last = policies.parse_policy((good + line(2**32 - 1, THIRD)).encode())
        self.assertEqual(last.epoch_beacons, {2: SECOND, 2**32 - 1: THIRD})
        value = SECOND.hex()
        for bad in (f"2 {value}", f"1 {value}", f"0 {value}", f"-3 {value}", f"03 {value}", "3",
                    value, "3 00", f"3 {value[:-1]}", f"3 {value.upper()}", f"3 {value} ",
                    f"3  {value}", f"{2**32} {value}"):
            with self.assertRaises(Bad, msg=bad):
                policies.parse_policy((good + f"epoch-beacon {bad}\n").encode())


if __name__ == "__main__":
    import unittest
    unittest.main()
