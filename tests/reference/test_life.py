"""The states of an anonymous petition, from the table of docs/protocol.md 6.1: every order in every
state; initiators, minimums, ends and the series of its report."""
import os
import re

from support import DOCUMENT, RecordTest, log_maker, policies, verify
import certificate
import life
import report
import state
from anonymous import AnonymousPetition, anonymous, unsigned
from entries import ORDERS, STEP
from forgeries import ANN, BEN, after_the_result, begun, drafted, ended, expired_collecting
from forgeries import expired_in_draft, marked, on_paper, petition, with_minimums
from group import Bad, u8, u32, u64
from order_checks import misplaced
from people import named_key
from pieces import opaque, texts
from poll_maker import SUMMER
from test_certificate import note

SECTION = DOCUMENT[DOCUMENT.index("### 6.1 "):DOCUMENT.index("\n## 7. ")]


def document_table():
    """{state: {order: state then}} with the words of the document; the state then of submit is
    (with review, without)."""
    found = {}
    rows = re.findall(r"^\| ([a-z, ]+) \| ([^|]+) \| ([^|]*?) ?\|$", SECTION, re.M)
    for states, orders, then in rows:
        if states == "state" or "`code`" in orders:
            continue
        if orders == "nothing":
            found.update((name, {}) for name in re.split(", | and ", states))
            continue
        names = [re.sub(r" \(\d+\)|\*", "", name) for name in re.split("[;,] ", orders)]
        if names == ["submit"]:
            with_review, without = re.fullmatch("(.*) if `review` is 1, else (.*)", then).groups()
            thens = [(with_review, without)]
        else:
            thens = then.split("; ")
        if len(thens) == 1:                                # of several: mark, paper batch
            thens *= len(names)
        found.setdefault(states, {}).update(zip(names, thens, strict=True))
    return found


def document_numbers():
    """{name: kind} of the orders and {name: number} of the steps."""
    kinds = {name.strip(): int(kind) for name, kind in re.findall(
        r"([a-z ]+) \((\d+)\)", SECTION[:SECTION.index("The manifest is the draft")])}
    steps = {name: int(number) for name, number in re.findall(
        r"^\| ([a-z ]+) \| (\d+) \| [^|]+ \| [^|]+ \|$", SECTION, re.M)}
    return kinds, steps


class TableTest(RecordTest):
    def test_the_code_s_table_is_the_document_s(self):
        found = document_table()
        self.assertEqual({s: {o: t[0] if o == "submit" else t for o, t in orders.items()}
                          for s, orders in found.items()}, life.TRANSITIONS)
        kinds, steps = document_numbers()
        self.assertEqual(kinds, {name: kind for kind, name in life.NAMES.items()})
        self.assertEqual(steps, {name: number for number, name in life.STEPS.items()})

    def fields(self, p, name):
        """(kind, fields) of an order; what it says need not be right to have a place."""
        kinds, steps = document_numbers()
        if name in steps:
            return STEP, u8(steps[name]) + bytes(34)
        state_of_roll = u64(len(p.roll.entries)) + p.roll.root()
        return kinds[name], {
            "open": p.text_hash + p.roll.id + u32(1) + state_of_roll + bytes(68), "close": b"",
            "roll epoch": u32(2 + len(p.entries)) + u32(2) + state_of_roll + bytes(68),
            "invite": named_key(ANN), "confirm": bytes(66), "revise": texts("a") + texts("b"),
            "paper batch": opaque(b"x", False) + bytes(36) + opaque(bytes(10)),
            "result": bytes(24) + 3 * opaque(b"") + bytes(3)}[name]

    def other_orders(self):
        """(name, kind, fields) of the kinds that no anonymous petition has."""
        return [("1", 1, bytes(34) + opaque(b"\0" * 32) + bytes(72)), ("3", 3, b"\0\2"),
                ("4", 4, bytes(48) + opaque(b"") + bytes(32)), ("5", 5, 2 * opaque(b"")),
                ("6", 6, bytes(104)), ("7", 7, bytes(16) + 2 * opaque(b"")),
                ("8", 8, opaque(bytes(32))), ("9", 9, opaque(bytes(32))),
                ("18", 18, bytes(34) + opaque(bytes(32)) + bytes(144))]

    def path_to(self, table, goal):
        """Names of orders that lead from draft to a state."""
        paths = {"draft": []}
        while goal not in paths:
            for s, path in list(paths.items()):
                for name, then in table[s].items():
                    paths.setdefault(then, path + [name])
        return paths[goal]

    def read(self, p):
        for root, _, names in os.walk(self.directory):
            for name in names:
                os.unlink(os.path.join(root, name))
        log_maker.write(self.directory, {path: data for path, data in p.files().items()
                                         if path.startswith("poll/")})
        record = state.Record(self.directory)
        record.replay(misplaced)
        for entry in record.entries[1:]:
            self.assertIsNone(entry.broken, entry)
        return record

    def in_every_state(self):
        """(review, state, {order: state then}, a petition that is there)"""
        for review in (0, 1):
            table = {s: {o: t[1 - review] if o == "submit" else t for o, t in orders.items()}
                     for s, orders in document_table().items()}
            for goal in table:
                if review or goal not in ("review", "rejected"):
                    p = AnonymousPetition(review=review)
                    for name in self.path_to(table, goal):
                        p.order(name, *self.fields(p, name))
                    yield f"{goal}, review {review}", goal, table[goal], p

    def test_every_order_in_every_state(self):
        tried, (kinds, steps) = 0, document_numbers()
        for title, here, orders, p in self.in_every_state():
            so_far = p.entries, p.number, p.previous, p.time
            for name, kind, fields in self.other_orders() + [
                    (name, *self.fields(p, name)) for name in (*kinds, *steps)]:
                p.entries, p.number, p.previous, p.time = so_far[0][:], *so_far[1:]
                p.order(name, kind, fields)
                record, then = self.read(p), orders.get(name)
                last = record.orders[-1]
                with self.subTest(f"{name} in {title}"):
                    self.assertEqual([e for e in record.orders[:-1] if e.misplaced], [])
                    self.assertEqual((last.phase, record.phase), (here, then or here))
                    self.assertEqual(bool(last.misplaced), then is None)
                    self.assertEqual(last in record.placed, then is not None)
                tried += 1
        self.assertEqual(tried, (12 + 14) * (len(ORDERS) - 1 + len(life.STEPS)))

    def test_what_is_no_order(self):
        """Witnessed checkpoints before the end; acts are P2's; a ballot never."""
        for title, here, _, p in self.in_every_state():
            for data, has_place in (
                    (b"\x31\1" + opaque(b"note"), state.STAGE_OF[here] != "final"),
                    (b"\x52\1\1" + bytes(104), True), (b"\x41\1" + bytes(200), False)):
                p.entries.append(data)
                last = self.read(p).entries[-1]
                p.entries.pop()
                self.assertEqual(last.misplaced is None, has_place, (title, last))


class EndTest(RecordTest):
    """Petitions that came to an end."""

    def ends(self, poll, came, state_, asked="final"):
        """It verifies, and checks of later stages than it came to are NOT DUE."""
        outcomes = self.verify(poll, asked=asked)
        self.assertEqual({n: r.found.failures or r.reason for n, r in self.results.items()
                          if r.outcome not in ("PASS", "NOT DUE")}, {})
        self.assertEqual((self.status, self.record.phase, self.record.came),
                         (0, state_, came))
        stages = ["setup", "voting", "closed", "final"]
        for row in verify.TABLE:
            if row.number in outcomes and stages.index(row.stage) > stages.index(came):
                self.assertEqual(outcomes[row.number], "NOT DUE", row.number)

    def test_before_the_result(self):
        self.ends(expired_in_draft(), "setup", "expired")
        self.ends(ended("reject", 9, b"because"), "setup", "rejected")
        self.ends(ended("withdraw", 29, b"because"), "setup", "withdrawn")
        self.ends(expired_collecting(), "voting", "expired")
        self.ends(expired_collecting(close=True), "closed", "expired")
        report_ = report.as_json(self.record, self.results, "final")["petition"]
        self.assertEqual((report_["state"], "signatures" in report_), ("expired", False))
        self.assertEqual([x["paper"] for x in report_["series"]], [0, 1, 1, 1])
        self.assertEqual(report_["smallest_crowd"], 4)

    def test_after_it(self):
        self.ends(after_the_result("withdraw", 21, ()), "final", "withdrawn")
        self.ends(after_the_result("expire", 32, (), passed=False), "final", "expired")
        poll = after_the_result("hand over", steps=("verify",))
        poll.step("respond", document=b"\1" * 32)
        poll.step("archive")
        self.ends(poll, "final", "archived")

    def test_what_failed_before_the_end_is_no_less_a_failure(self):
        poll = begun()
        poll.revise("a", "b", texts("a") + opaque(opaque(b"fi", False) + opaque(b"b")))
        poll.step("withdraw", 20)
        self.assertEqual(self.verify(poll)["P1"], "FAIL")
        self.assertEqual(self.failing(), {"P1"})

    def test_a_check_that_is_not_made_has_not_failed(self):
        poll = begun()
        poll.append("act", anonymous().entries[4])
        poll.step("withdraw", 20)
        self.assertEqual((self.verify(poll)["P2"], self.failing()), ("FAIL", {"P2"}))
        poll.entries.insert(1, b"\x60\1" + bytes(234))
        self.assertEqual((self.verify(poll)["P2"], self.failing()), ("NOT DUE", {"S8"}))


class InitiatorsTest(RecordTest):
    def passes(self, poll, looked):
        self.verify(poll, asked="setup")
        self.assertEqual((self.status, self.results["P9"].found.looked), (0, looked))

    def test_two_confirm(self):
        self.passes(drafted(lambda p: (p.confirm(p.invite(ANN)), p.confirm(p.invite(BEN))),
                            initiators=2), 5)

    def test_who_has_expired_can_be_invited_again_and_a_confirmation_outlasts_its_invitation(self):
        def steps(p):
            p.invite(ANN, SUMMER - 900)
            p.confirm(p.invite(ANN, SUMMER - 800), SUMMER - 701)
            p.invite(BEN, SUMMER - 300)
        self.passes(drafted(steps, initiators=1), 5)

    def test_the_text_in_force_is_the_last(self):
        def steps(p):
            p.confirm(p.invite(ANN))
            p.revise("new title", "new text")
            p.confirm(1)
        self.passes(drafted(steps, initiators=1), 4)
        self.assertEqual(self.record.text.raw_title[0], {"en": "new title"})
        self.assertEqual(self.results["P1"].found.looked, 1)

    def test_a_returned_petition_is_submitted_again(self):
        def steps(p):
            p.confirm(p.invite(ANN))
            p.step("submit")
            p.step("return", 4)
            p.revise("title", "clearer")
            p.confirm(1)
            p.step("submit")
            p.step("accept")
        self.passes(drafted(steps, initiators=1, review=1), 5)
        self.assertEqual(self.record.phase, "accepted")


class CountTest(RecordTest):
    def json(self, poll):
        self.verify(poll)
        self.assertEqual(self.status, 0, {n: r.found.failures or r.reason for n, r in
                                          self.results.items() if r.outcome in ("FAIL", "NOT RUN")})
        return report.as_json(self.record, self.results, "final")["petition"]

    def test_online_and_paper(self):
        poll = anonymous(between={"acts": lambda p: p.batch("a", [(1, 2, 1), (2, 2, 0)]),
                                  "close": lambda p: p.batch("b", [(1, 1, 0)])},
                         tweaks={"counts": lambda c: vars(c).update(
                             paper=5, districts=[(1, 2, 3), (2, 1, 2)])})
        found = self.json(poll)
        self.assertEqual((found["signatures"], found["online"], found["paper"]), (8, 3, 5))
        self.assertEqual(found["districts"], [
            {"district": 1, "signatures": 5, "online": 2, "paper": 3},
            {"district": 2, "signatures": 3, "online": 1, "paper": 2}])
        self.assertEqual([(x["size"], x["online"], x["paper"]) for x in found["series"]],
                         [(9, 3, 0), (10, 3, 4), (11, 3, 4), (12, 3, 5)])
        self.assertEqual(self.results["P10"].found.looked, 2)

    def test_paper_that_breaks_a_rule_counts_where_there_is_a_district(self):
        self.verify(on_paper(("a", [(1, 9, 0), (3, 5, 0)])))
        self.assertEqual(self.failing(), {"P10"})
        self.assertEqual(self.record.counts_at(99), (0, 9))
        self.assertEqual(self.record.reached, {2: 4, 3: 4})

    def test_minimums(self):
        found = self.json(with_minimums())
        self.assertEqual(found["minimums"], [
            {"after": 100, "at_least": 1, "seen": 0, "met": False},
            {"after": 200, "at_least": 2, "seen": 2, "met": True}])
        self.assertEqual((found["passed"], self.results["P11"].found.looked), (False, 3))

    def test_a_minimum_that_no_mark_shows_is_seen_at_the_close_or_the_result(self):
        for after, seen in ((9_000, 1), (10_000, 2)):      # the close is at 10,000, opening + 9,997
            p = AnonymousPetition(minimums=[(after, 1)])
            p.open()
            p.batch("a", [(1, 1, 0)], time=p.time + 9_500)
            p.close()
            p.batch("b", [(1, 1, 0)], time=p.time + 5_000)
            p.result(0, [(1, 0, 2), (2, 0, 0)], [(2, 1, 6), (3, 0, 0)], 2, [(after, 1, seen, 1)])
            self.assertEqual(self.json(p)["minimums"][0]["seen"], seen)

    def test_districts(self):
        found = self.json(on_paper(("a", [(1, 2, 0), (2, 1, 0)]), district_minimums=[2, 2],
                                   districts_needed=1, met=1))
        self.assertEqual((found["districts_needed"], found["districts_met"], found["passed"]),
                         (1, 1, True))

    def test_what_witnesses_show(self):
        found = self.json(marked(1_900))
        self.assertEqual(self.results["S17"].found.looked, 3)
        series = [(x["size"], x["time"] - SUMMER, x["by"]) for x in found["series"]]
        self.assertEqual(series, [
            (5, 10, "witnesses"), (6, 1_900, "witnesses"), (7, 2_000, "order"),
            (8, 2_100, "witnesses"), (9, 9_500, "witnesses"), (10, 10_000, "order"),
            (11, 10_001, "order")])


class CertificateTest(RecordTest):
    def lines(self, poll):
        self.verify(poll)
        checkpoint = poll.checkpoint(self.record.result.index + 1)
        return certificate.text_of(self.record, checkpoint, "test 1")

    def test_the_lines(self):
        text = self.lines(with_minimums())
        self.assertEqual(text[text.index("program"):], """program test 1
profile rules
signatures 2
online 0
paper 2
district 1 0 2
district 2 0 0
threshold 2 5
threshold 3 not-reached
minimum 100 1 0 missed
minimum 200 2 2 met
passed no
crowd 4
title en poll
""")
        certificate.check_form(text)
        for old, new in (("online 0", "online 1"), ("paper 2", "paper 1"),
                         ("signatures 2", "signatures 3"),
                         ("district 1 0 2", "district 1 2 0"), ("district 2 0 0", "district 2 0"),
                         ("met", "MET"), ("passed no", "passed maybe"), ("crowd 4\n", ""),
                         ("crowd 4", "crowd 04"), ("minimum 200 2 2 met", "minimum 200 2 2"),
                         ("minimum 200", "minimum 100"), ("passed no", "districts 1\npassed no"),
                         ("passed no\n", ""), ("profile rules\n", "profile a\nprofile b\n"),
                         ("threshold 2 5", "threshold 2 5 6"), ("paper 2\n", "")):
            with self.assertRaises(Bad, msg=(old, new)):
                certificate.check_form(text.replace(old, new, 1))
        certificate.check_form(text.replace("passed no", "districts 2 1\npassed no"))
        certificate.check_form(text.replace("profile rules\n", ""))
        self.verify(petition())
        plain = certificate.text_of(self.record, petition().checkpoint(), "test 1")
        self.assertNotIn("\nonline ", plain)
        with self.assertRaises(Bad):
            certificate.check_form(plain.replace("title", "crowd 4\ntitle"))

    def test_steps_may_follow_it_but_no_other_end(self):
        poll = on_paper(("a", [(1, 2, 0)]))
        text = self.lines(poll)
        policy = policies.parse_policy(poll.policy().encode())
        made = certificate.judge(note(text, *poll.officers), policy, [])
        self.assertTrue(made[3])

        def verified(poll, size=None):
            self.verify(poll)
            self.assertEqual(self.status, 0)
            data = poll.checkpoint(size) if size else made[1]
            return certificate.gives(
                self.record, certificate.text_of(self.record, data, "test 1"), data, "test 1")
        self.assertTrue(verified(poll))
        for name in ("verify", "hand over", "archive"):
            poll.step(name)
            self.assertTrue(verified(poll), name)
        before = self.record.result.index
        self.assertFalse(verified(poll, before))
        self.assertTrue(verified(poll, before + 1))
        withdrawn = after_the_result("withdraw", 21, ())
        expired = after_the_result("expire", 32, (), passed=False)
        for poll in (withdrawn, expired):
            self.assertFalse(verified(poll, len(poll.entries) - 1))

    def test_another_text_is_not_given(self):
        text = self.lines(unsigned())
        data = unsigned().checkpoint()
        self.assertTrue(certificate.gives(self.record, text, data, "test 1"))
        for other in (text.replace("crowd 4", "crowd 5"), text.replace("passed no", "passed yes")):
            self.assertFalse(certificate.gives(self.record, other, data, "test 1"))


if __name__ == "__main__":
    import unittest
    unittest.main()
