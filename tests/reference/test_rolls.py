"""Rolls that change (4.2): who is on them in which epoch, and what breaks S3, S4 and S14."""
from support import RecordTest
from forgeries import put, when
from anonymous import AnonymousPetition
from people import Person, Voter
from petition_maker import Petition

MOVER, LEAVER, NEWCOMER, REKEYED = (Voter(i, 1) for i in (20, 21, 22, 23))
OLD = Voter(24, 2)                                         # whom REKEYED replaces


def voters():
    return [Voter(0, 1), Voter(1, 1), Voter(2, 2), Voter(3, 2), Voter(20, 2), LEAVER, OLD]


def changed(tweaks=None, epoch=2, later=True, sign=(0, 1, 2)):
    """A petition under an epoch of a roll of three: somebody moves, leaves, comes, is re-keyed;
    then the newcomer leaves again."""
    p = Petition(tweaks, voters=voters())
    p.roll.change((3, MOVER), (2, LEAVER), (1, NEWCOMER), (4, REKEYED, OLD))
    if later:
        p.roll.change((2, NEWCOMER))
    p.epoch = epoch
    p.voters = p.voters + [NEWCOMER, REKEYED]
    p.open()
    for i in sign:
        p.act(i, 1)
    return finish(p, sign)


def finish(p, sign=()):
    p.close()
    districts = [p.voters[i].district for i in sign]
    p.result(len(sign), [(d, districts.count(d)) for d in p.districts],
             [(t, int(len(sign) >= t), 1 + t if len(sign) >= t else 0) for t in (2, 3)])
    return p


def opened(p, epoch=2):
    """A petition that nobody signs, under an epoch of its roll."""
    p.epoch = epoch
    p.open()
    return finish(p)


class ChangedRollTest(RecordTest):
    def test_every_epoch_can_be_pinned(self):
        for epoch, looked in ((1, [7, 7]), (2, [11, 9]), (3, [12, 9])):
            with self.subTest(epoch):
                self.check(changed(epoch=epoch))
                self.assertEqual(self.status, 0)
                self.assertEqual(self.looked("S3", "S4"), looked)

    def test_what_stands_behind_the_pinned_epoch_concerns_others(self):
        for entry in (b"\xff\xff", b"\x12\x01\0\x21\2" + bytes(32 + 64), b"\x31\x01\0\1x"):
            p = changed()
            p.roll.entries.append(entry)
            self.check(p)
            self.assertEqual(self.status, 0)

    def test_who_is_on_the_roll_depends_on_the_epoch(self):
        self.verify(changed(epoch=3))
        ends = self.record.roll.ends
        self.assertEqual([len(view.members) for view in ends.values()], [7, 7, 6])
        first, second, third = (view.by_credential for view in ends.values())
        self.assertEqual([view[MOVER.credential].district for view in (first, second)], [2, 1])
        self.assertNotIn(LEAVER.credential, second)
        self.assertNotIn(OLD.credential, second)
        self.assertEqual(second.keys() - first.keys(), {NEWCOMER.credential, REKEYED.credential})
        self.assertEqual(second.keys() - third.keys(), {NEWCOMER.credential})

    def test_who_is_not_on_it_then_cannot_sign(self):
        for epoch, signer, fails in ((1, 7, True), (2, 7, False), (3, 7, True), (1, 5, False),
                                     (2, 5, True), (1, 6, False), (2, 6, True), (2, 8, False)):
            with self.subTest(epoch=epoch, signer=signer):
                self.check(changed(epoch=epoch, sign=(0, signer)), *["P3"] * fails)

    def test_rules_of_changes(self):
        def only(voter, **fields):
            return {"change": when(lambda c: c.voter is voter, put(**fields))}
        somebody = Person("somebody")
        stranger = Voter(99, 1)
        forgeries = {
            "another's signature": only(NEWCOMER, signer=somebody),
            "signed for another epoch": only(LEAVER, epoch=3),
            "a stranger is removed": only(LEAVER, credential=stranger.credential),
            "a stranger is replaced": only(REKEYED, replaced=stranger.credential),
            "who is moved is replaced too": only(REKEYED, replaced=MOVER.credential),
            "an unknown district": only(MOVER, place=bytes([0, 9, 0, 1, 0, 0, 0, 1])),
            "a move to where one is": only(MOVER, place=bytes([0, 2, 0, 1, 0, 0, 0, 1])),
            "no weight": only(MOVER, place=bytes([0, 1, 0, 1, 0, 0, 0, 0])),
            "a seal of another epoch": {"seal": when(lambda s: s.epoch == 2, put(epoch=3))},
            "a seal with other members": {"seal": when(lambda s: s.epoch == 2, put(members=8))},
            "a seal with another root": {"seal": when(lambda s: s.epoch == 2, put(root=bytes(32)))},
            "somebody's later seal": {"seal": when(lambda s: s.epoch == 2, put(signer=somebody))},
        }
        for name, tweaks in forgeries.items():
            with self.subTest(name):
                self.check(changed(tweaks), "S3")

    def test_a_wrong_change_changes_nothing(self):
        self.verify(changed({"change": when(lambda c: c.voter is LEAVER, put(signer=Person("x")))}))
        self.assertIn(LEAVER.credential, self.record.pinned.by_credential)

    def test_changes_stand_in_order(self):
        p = changed()
        p.roll.entries[9], p.roll.entries[10] = p.roll.entries[10], p.roll.entries[9]
        self.verify(p)
        self.assertIn("S3", self.failing())
        self.assertTrue(any("out of order" in s for s in self.results["S3"].found.failures))

    def test_an_epoch_has_a_change(self):
        p = Petition(voters=voters())
        p.roll.change()
        self.check(opened(p), "S3")

    def test_an_old_credential_is_replaced_once_and_comes_back_no_more(self):
        other = Voter(30, 1)
        for last, fails in (((4, other, OLD), True), ((1, OLD), True), ((1, LEAVER), True),
                            ((1, MOVER), True), ((4, other, LEAVER), False)):
            with self.subTest(last[0]):
                p = Petition(voters=voters())
                p.roll.change((4, REKEYED, OLD), (2, LEAVER))
                p.roll.change(last, (1, NEWCOMER))
                self.check(opened(p, 3), *["S3"] * fails)

    def test_a_member_behind_the_seal(self):
        p = Petition(voters=voters())
        p.roll.append("member", p.roll.member(50, Voter(50, 1)))
        p.roll.change((1, NEWCOMER))
        self.check(opened(p), "S3")
        self.assertNotIn(Voter(50, 1).credential, self.record.pinned.by_credential)

    def test_new_credentials_are_proved(self):
        for voter in (NEWCOMER, REKEYED):
            tweak = when(lambda m: m.credential == voter.credential, put(responses=bytes(64)))
            self.check(changed({"enrolment": tweak}), "S4")

    def test_points_of_changes(self):
        for who, field in ((LEAVER, "credential"), (REKEYED, "replaced")):
            tweak = when(lambda c, who=who: c.voter is who, put(**{field: b"\xff" * 32}))
            with self.subTest(field):
                self.check(changed({"change": tweak}), "L3")

    def test_an_epoch_ends_where_an_opening_pins(self):
        p = changed({"pin": lambda o: put(size=o.size - 1)(o)})
        self.check(p, "S14")

    def test_a_root_of_another_epoch(self):
        self.check(changed({"pin": put(root=bytes(32))}), "S14")


class RingEpochTest(RecordTest):
    def test_rings_are_those_of_the_pinned_epoch(self):
        def record(epoch_of_act):
            p = AnonymousPetition()
            newcomer = Voter(200, 2)
            p.roll.change((1, newcomer))
            p.roll.change((2, newcomer))
            p.voters, p.epoch = [*p.voters, newcomer], 2
            p.open()
            p.ring_act(len(p.voters) - 1, epoch=epoch_of_act)
            p.close()
            p.result(1, [(1, 0), (2, 1)], [(2, 0, 0), (3, 0, 0)])
            return p
        for epoch, failing in ((2, set()), (1, {"P3"}), (3, {"P3"})):
            with self.subTest(epoch):
                self.verify(record(epoch))
                self.assertEqual(self.failing(), failing)
