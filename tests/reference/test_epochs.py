"""Later epochs of the roll in a running petition (docs/protocol.md 4.1, order 17): whole records
and forged ones, each with the checks that fail."""
from support import RecordTest, policies, verify
from anonymous import BEACON, BEACONS, AnonymousPetition, anonymous, voter
from entries import Entry
from forgeries import put, when
from group import Bad
from maker import SUMMER, Voter

NEWCOMER, REKEYED, HEIR, RETURNED = (Voter(i, 2) for i in (200, 201, 202, 203))
MOVER, ON_PAPER, TURNED = voter(1, 2), Voter(900, 1, 1, 2), Voter(900, 1)
LINES = "".join(f"epoch-beacon {e} {beacon.hex()}\n" for e, beacon in BEACONS.items())


def changed(tweaks=None, epoch=1):
    """The roll's epoch 2: somebody comes to district 2, voter 70 is re-keyed there, voter 1 moves
    there, voter 2 leaves and somebody turns from paper. Epoch 3: HEIR replaces voter 71."""
    p = AnonymousPetition(tweaks)
    p.roll.change((1, NEWCOMER), (4, REKEYED, p.voters[70]), (3, MOVER), (2, p.voters[2]),
                  (3, TURNED))
    p.roll.change((4, HEIR, p.voters[71]))
    p.first, p.epoch = p.voters, epoch
    p.voters = p.voters + [NEWCOMER, REKEYED, HEIR]
    p.new, p.rekeyed, p.heir = (len(p.voters) - i for i in (3, 2, 1))
    return p


def left(p, *, but=()):
    """Who is left in epoch 2 by 4.1, the opening having pinned epoch 1."""
    gone = {p.first[i].credential for i in (1, 2, 70)} | {
        v.credential for v in p.first if v.category == 2} | set(but)
    return [v for v in p.first if v.credential not in gone] + [MOVER, NEWCOMER]


def opened(tweaks=None):
    p = changed(tweaks)
    voters, p.voters = p.voters, p.first
    p.open()
    p.voters = voters
    return p


def finish(p, signed):
    """signed: how many online in the districts."""
    entries = [i for i, e in enumerate(p.entries) if e[0] == 0x51] if sum(signed) else []
    p.close()
    p.result(sum(signed), list(zip(p.districts, signed)), [
        (t, int(sum(signed) >= t), entries[t - 1] if sum(signed) >= t else 0) for t in (2, 3)])
    return p


def two_epochs(tweaks=None, after=None, signed=(2, 1), repeat=True, **changes):
    """Voters 0 and 1 sign over epoch 1, the newcomer over epoch 2, which is brought in between;
    then epoch 1 is ended. Changes: of the order that brings epoch 2 in."""
    p = opened(tweaks)
    p.ring_act(0)
    p.ring_act(1)
    p.roll_epoch(left(p), 2, **changes)
    p.ring_act(p.new, of=2)
    if repeat:
        p.repeat(2)
    if after:
        after(p)
    return finish(p, signed)


class EpochTest(RecordTest):
    def check(self, poll, *failing, policy=None):
        self.verify(poll, policy=policy or poll.policy() + LINES)
        self.assertEqual(self.failing(), set(failing), {
            n: r.found.failures for n, r in self.results.items() if r.found.failures})
        if not failing:
            self.assertEqual(self.status, 0, {n: r.reason for n, r in self.results.items()})

    def looked(self, *numbers):
        return [self.results[n].found.looked for n in numbers]

    def failures(self, number):
        return len(self.results[number].found.failures)

    def test_two_epochs(self):
        self.check(two_epochs())
        self.assertEqual(self.looked("P8", "S14", "I5", "P3", "S5"), [3, 3, 3, 3, 7])
        report = verify.as_json(self.record, self.results, "final")["petition"]
        self.assertEqual((report["rings"], report["smallest_crowd"]), (6, 4))
        self.assertEqual([row["by"] for row in report["series"]], ["order"] * 4)
        self.assertEqual([len(self.record.roll.ends), len(self.record.epochs)], [2, 2])

    def test_what_each_epoch_has_of_the_roll(self):
        p = two_epochs()
        self.verify(p)
        first, second = ({c for ring in epoch.rings for c in ring.members}
                         for epoch in self.record.epochs)
        self.assertEqual(first, {v.credential for v in p.first
                                 if v.category == 1 and v.district < 3})
        self.assertEqual(first - second, {p.first[i].credential for i in (2, 70)})
        self.assertEqual(second - first, {NEWCOMER.credential})
        self.assertEqual(self.record.epochs[1].different, len(first) + 1)
        districts = {c: ring.district for ring in self.record.epochs[1].rings
                     for c in ring.members}
        self.assertEqual(districts[MOVER.credential], 2)

    def test_an_act_in_the_older_epoch_while_both_are_in_force(self):
        def acts(p):
            p.ring_act(2)                                  # who is not on the roll any more
            p.ring_act(p.first.index(p.first[70]))         # who has a new key by now
            p.tag_act(1, 2, 2)                             # who has moved
            p.repeat(2)
            p.tag_act(1, 1, 3)
            p.tag_act(2, 2, 2)
        self.check(two_epochs(after=acts, repeat=False, signed=(2, 2)))

    def test_an_epoch_that_has_ended(self):
        for name, failing, repeat, of in (("ended", {"P3"}, True, 1), ("not yet", set(), False, 1),
                                          ("newest", set(), True, 2)):
            with self.subTest(name):
                self.check(two_epochs(after=lambda p, of=of: p.ring_act(3, of=of), repeat=repeat,
                                      signed=(2 + (not failing), 1)), *failing)
        self.check(two_epochs(after=lambda p: p.ring_act(3), repeat=False, earliest=2), "P3")

    def test_what_ends_ends_behind_the_order(self):
        """The last act over the old epoch stands right before the order that ends it."""
        def acts(p):
            p.ring_act(3)
            p.repeat(2)
            p.ring_act(4)
        self.check(two_epochs(after=acts, repeat=False, signed=(3, 1)), "P3")
        self.assertEqual(self.failures("P3"), 1)

    def test_an_act_before_its_epoch(self):
        p = opened()
        made = opened()
        made.roll_epoch(left(made), 2)
        p.made[2] = made.made[2]
        p.ring_act(p.new, of=2)
        p.roll_epoch(left(p), 2)
        self.check(finish(p, (0, 0)), "P3")

    def test_who_signs_twice(self):
        self.check(two_epochs(after=lambda p: p.ring_act(0, 5, of=2)), "P5")
        self.check(two_epochs(after=lambda p: p.ring_act(1, 5, of=2)), "P5")  # who has moved

    def test_who_is_not_in_a_later_ring(self):
        """A re-keyed one, and one who could sign on paper, put into the rings by officers."""
        for extra in (REKEYED, TURNED):
            p = opened()
            p.roll_epoch(left(p) + [extra], 2)
            p.voters.append(extra)
            p.ring_act(len(p.voters) - 1, of=2)
            self.check(finish(p, (0, 0)), "P8")            # P4 is not made then
            self.assertNotIn(extra.credential, {
                c for ring in self.record.epochs[1].rings for c in ring.members})
            p = opened()
            p.roll_epoch(left(p), 2)
            p.voters.append(extra)
            with self.subTest(extra.category):
                p.ring_act(len(p.voters) - 1, of=2)
                self.check(finish(p, (0, 0)), "P4")

    def test_one_who_was_gone_before_the_opening_may_come_back(self):
        for epoch, who in ((3, RETURNED), (4, HEIR)):
            with self.subTest(epoch):
                p = AnonymousPetition(sizes=(70, 5, 1))
                gone = p.voters[72]
                p.roll.change((2, gone))
                p.roll.change((4, RETURNED, gone))
                p.roll.change((4, HEIR, RETURNED))
                p.voters, p.epoch = [v for v in p.voters if v is not gone], 2
                p.open()
                online = [v for v in p.voters if v.category == 1]
                p.roll_epoch(online + [RETURNED] * (epoch == 3), epoch)
                p.voters.append(who)
                if epoch == 3:
                    p.ring_act(len(p.voters) - 1, of=3)
                self.check(finish(p, (0, int(epoch == 3))))
                self.assertEqual(len(p.roll.ends), 4)

    def test_numbers_of_order_17(self):
        """What has no place (S8) brings nothing in."""
        for name, make in {
                "the opening's epoch again": lambda p: p.roll_epoch(left(p), 1, earliest=1),
                "an earlier one": lambda p: p.roll_epoch(left(p), 2, epoch=0, earliest=0),
                "`earliest` beyond the epoch": lambda p: p.roll_epoch(left(p), 2, earliest=3),
                "`earliest` below the opening's": lambda p: p.roll_epoch(left(p), 2, earliest=0),
                }.items():
            with self.subTest(name):
                p = opened()
                make(p)
                self.check(finish(p, (0, 0)), "S8")
                self.assertEqual(len(self.record.epochs), 1)
        for earliest, fails in ((1, True), (2, False), (3, True)):
            self.check(two_epochs(repeat=False, after=lambda p, e=earliest: p.repeat(e)),
                       *["S8"] * fails)
        self.check(two_epochs(after=lambda p: p.repeat(2)), "S8")          # ends nothing

    def test_order_17_has_its_place_in_collecting_alone(self):
        p = opened()
        p.close()
        p.roll_epoch(left(p), 2)
        p.result(0, [(1, 0), (2, 0)], [(2, 0, 0), (3, 0, 0)])
        self.check(p, "S8")
        p = changed()
        p.publish()
        p.said_epoch, p.made = 1, {}
        p.roll_epoch(left(p), 2)
        voters, p.voters = p.voters, p.first
        p.open()
        self.check(finish(p, (0, 0)), "S8")

    def test_a_number_that_is_not_the_roll_s(self):
        """The act is over rings that there are, under the number that officers gave them."""
        def record(**changes):
            p = opened()
            p.roll_epoch(left(p), 2, **changes)
            p.ring_act(p.new, of=changes.get("epoch", 2))
            return finish(p, (0, 1))
        line = f"epoch-beacon 7 {BEACONS[2].hex()}\n"
        self.check(record(epoch=7), "S14", policy=opened().policy() + line)
        self.assertEqual(self.failures("S14"), 1)
        self.check(record(root=bytes(32)), "S14")

    def test_a_number_of_the_opening_that_is_not_the_roll_s(self):
        for said in (0, 2, 9):
            p = opened({"pin": put(epoch=said)})
            p.ring_act(0)
            self.check(finish(p, (1, 0)), "S14")
        p = changed({"pin": put(epoch=1)}, epoch=2)
        paper = [v for v in p.first if v.category == 2 and v.credential != ON_PAPER.credential]
        p.voters = left(p) + [REKEYED, TURNED] + paper
        p.open()
        self.check(finish(p, (0, 0)), "S14")               # the opening's rings leave nobody out

    def test_a_size_at_which_no_seal_stands(self):
        p = opened({"roll epoch fields": lambda o: put(
            size=o.size - 1, root=p.roll.root(o.size - 1))(o)})
        p.roll_epoch(left(p, but=[p.first[71].credential]), 2)  # of the whole log, HEIR being out
        self.check(finish(p, (0, 0)), "S14")
        self.assertEqual(len(self.record.roll.entries), len(p.roll.entries))

    def test_what_stands_behind_the_largest_pinned_size_concerns_others(self):
        for entry in (b"\xff\xff", b"\x12\x01\0\x21\2" + bytes(32 + 64), b"\x31\x01\0\1x"):
            p = two_epochs()
            p.roll.entries.append(entry)
            self.check(p)
        self.assertEqual(len(self.record.roll.entries), p.roll.ends[1])

    def test_rings_of_the_epoch(self):
        for changes in ({"hash": bytes(32)}, {"count": 4}):
            self.check(two_epochs(repeat=False, **changes), "P8")
            self.assertEqual(self.failures("P8"), 1)

    def test_a_beacon_that_another_epoch_has_had(self):
        p = two_epochs(beacon=BEACON)
        policy = p.policy() + f"epoch-beacon 2 {BEACON.hex()}\n"
        self.check(p, "P8", policy=policy)
        p = two_epochs(after=lambda p: p.roll_epoch(left(p, but=[p.first[71].credential]), 3,
                                                    earliest=2, beacon=BEACONS[2]))
        self.check(p, "P8", policy=p.policy() + LINES.replace(BEACONS[3].hex(), BEACONS[2].hex()))

    def test_three_epochs(self):
        def third(p):
            p.roll_epoch(left(p, but=[p.first[71].credential]), 3, 2, beacon=BEACONS[3])
            p.ring_act(5, of=3)
            p.ring_act(71, of=2)                           # with the old key
        p = two_epochs(after=third, signed=(3, 2))
        self.check(p)
        self.assertEqual(self.looked("P8", "S14", "I5"), [4, 4, 4])
        self.assertNotIn(HEIR.credential, self.record.epochs[2].rings[2].members)

    def test_what_repeats_is_the_same(self):
        for changes in ({"size": 1}, {"root": bytes(32)}, {"count": 9}, {"hash": bytes(32)},
                        {"beacon": BEACONS[4]}):
            with self.subTest(*changes):
                p = two_epochs(repeat=False, after=lambda p, c=changes: p.repeat(2, **c))
                self.verify(p, policy=p.policy() + LINES)
                also = {"size": {"S14"}, "root": {"S14"}, "beacon": {"I5"}}.get(*changes, set())
                self.assertEqual(self.failing() - also, {"P8"} if "S14" not in also else set())
                self.assertLessEqual(also, self.failing())

    def test_the_epoch_order_is_proved(self):
        """A proof made under another log's order 17, with the same rings, is worth nothing."""
        self.check(two_epochs({"ring act": when(lambda a: a.epoch == 2, put(order=bytes(32)))},
                              signed=(2, 0)), "P4")
        other = opened()
        other.roll_epoch(left(other), 2, time=SUMMER + 500)
        self.check(two_epochs({"ring act": when(lambda a: a.epoch == 2, put(
            order=other.made[2][0]))}, signed=(2, 0)), "P4")

    def test_an_act_under_the_other_epoch_s_name(self):
        self.check(two_epochs({"ring proof": when(lambda a: a.epoch == 2, put(epoch=1))},
                              signed=(2, 0)), "P4")

    def test_never_more_tags_than_different_members(self):
        """Of a person with two keys in rings there can be no more acts than points."""
        p = two_epochs()
        self.verify(p, policy=p.policy() + LINES)
        self.record.epochs[1].different = 2
        act = next(e for e in self.record.entries if e.type == 0x51 and e.epoch == 2)
        check_P3 = next(c.check for c in verify.TABLE if c.number == "P3")
        self.record.tags = {0: 1}
        self.record.tags_of_ring.clear()
        self.assertIsNone(check_P3(self.record, act))
        self.record.tags = {0: 1, 1: 1}
        self.assertEqual(check_P3(self.record, act), "all 2 members in rings have signed before")

    def test_crowds_of_epochs_are_told_apart(self):
        """Four sign over the ring of district 2 in epoch 1, and others over that in epoch 2."""
        p = opened()
        for i in range(70, 74):
            p.ring_act(i)
        p.roll_epoch(left(p), 2)
        p.ring_act(p.new, of=2)
        p.ring_act(1, of=2)                                # of a crowd of five
        self.check(finish(p, (0, 6)))

    def test_witnesses_hold_its_time(self):
        def witnessed(newest):
            p = changed({"files": lambda f: f.files.update({
                "poll/checkpoint": p.cosigned(f.files["poll/checkpoint"], [SUMMER + 10_005] * 3)})})
            p.witnessed(*[SUMMER] * 3)
            voters, p.voters = p.voters, p.first
            p.open()
            p.voters = voters
            p.witnessed(*[SUMMER + 10] * 3)
            p.witnessed(*[SUMMER + newest] * 3)
            p.roll_epoch(left(p), 2, time=SUMMER + 2_000)
            p.witnessed(*[SUMMER + 2_100] * 3)
            p.witnessed(*[SUMMER + 9_500] * 3)
            return finish(p, (0, 0))
        self.check(witnessed(1_500))
        self.assertEqual(self.looked("S17"), [3])
        self.check(witnessed(1_000), "S17")

    def test_no_roll_to_ask(self):
        p = two_epochs()
        files = {path: data for path, data in p.files().items() if path.startswith("poll/")}
        outcomes = self.verify(p, files, policy=p.policy() + LINES)
        self.assertEqual([outcomes[n] for n in ("S14", "P3", "P4", "P8")],
                         ["FAIL", "NOT RUN", "NOT RUN", "NOT RUN"])
        self.assertEqual((self.failures("S14"), len(self.record.tags)), (3, 3))


class BeaconTest(RecordTest):
    def outcome(self, policy, poll=None):
        outcomes = self.verify(poll or two_epochs(), policy=policy)
        return outcomes["I5"], self.results["I5"].found.looked, self.results["I5"].found.passed

    def test_every_epoch_has_its_line(self):
        policy = opened().policy()
        self.assertEqual(self.outcome(policy + LINES), ("PASS", 3, 3))
        self.assertEqual(self.outcome(policy), ("NOT RUN", 0, 0))
        wrong = LINES.replace(BEACONS[2].hex(), "00" * 32)
        self.assertEqual(self.outcome(policy + wrong), ("FAIL", 3, 1))
        self.assertEqual(self.failing(), {"I5"})

    def test_a_wrong_one_is_worse_than_a_missing_one(self):
        policy = opened().policy().replace(f"beacon {BEACON.hex()}\n", "")
        self.assertEqual(self.outcome(policy + LINES)[0], "NOT RUN")
        wrong = LINES.replace(BEACONS[2].hex(), "00" * 32)
        self.assertEqual(self.outcome(policy + wrong)[0], "FAIL")
        policy = opened().policy().replace(BEACON.hex(), "00" * 32)
        self.assertEqual(self.outcome(policy)[0], "FAIL")

    def test_the_line(self):
        policy = opened().policy()
        parsed = policies.parse_policy((policy + LINES).encode())
        self.assertEqual(parsed.epoch_beacons, BEACONS)
        value = "ab" * 32
        for good in (f"epoch-beacon 2 {value}\n", f"epoch-beacon 4294967295 {value}\n"):
            policies.parse_policy((policy + good).encode())
        for bad in ("1 " + value, "0 " + value, "02 " + value, "4294967296 " + value, value,
                    "2  " + value, "2 " + value.upper(), "2 " + value[:-1], "2", "2 " + value + " ",
                    "2 " + value + "\nepoch-beacon 2 " + value, "-2 " + value):
            with self.assertRaises(Bad, msg=bad):
                policies.parse_policy((policy + f"epoch-beacon {bad}\n").encode())


class StructureTest(RecordTest):
    def test_the_fields_of_orders_10_and_17(self):
        p = two_epochs()
        opening, brought, repeat = (
            e.content for e in (Entry(i, data) for i, data in enumerate(p.entries))
            if e.type == 0x30 and e.content.kind in (10, 17))
        self.assertEqual((opening.kind, opening.epoch, opening.roll_size),
                         (10, 1, p.roll.ends[0]))
        self.assertEqual((brought.kind, brought.epoch, brought.earliest, brought.roll_size),
                         (17, 2, 1, p.roll.ends[1]))
        self.assertEqual((repeat.epoch, repeat.earliest, repeat.rings_hash),
                         (2, 2, brought.rings_hash))

    def test_it_is_none_of_a_pseudonymous_petition_s(self):
        from forgeries import petition
        self.verify(petition(between={"acts": lambda p: p.order(
            "roll epoch", 17, bytes(3) + b"\2" + bytes(3) + b"\1" + bytes(108))}))
        self.assertEqual(self.failing(), {"S8"})

    def test_a_whole_record_of_one_epoch_stays_what_it_was(self):
        self.verify(anonymous())
        self.assertEqual((self.status, len(self.record.epochs)), (0, 1))


if __name__ == "__main__":
    import unittest
    unittest.main()
