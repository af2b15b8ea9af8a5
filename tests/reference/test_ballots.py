"""Cells and claims, parts and outcomes (docs/protocol.md 7.1, 9.1, 9.3), and an election that has
everything in it."""
import itertools
import json
import pathlib
import unittest
from types import SimpleNamespace

from support import RecordTest
from ballots import Layout, ballot_size, list_seats, named, outcome, parts_of
from election_maker import Election, contest
from entries import contest as contest_structure
from group import u8, u16, u64
from people import Voter
from pieces import opaque
from presentation import parse


def made(**arguments):
    return parse(contest_structure, contest(**arguments))


def allows(c, values):
    """Whether the claims of a contest hold of the counted cells, as the document has them."""
    maxima, linear = named(c)
    return all(0 <= v <= m for v, m in zip(values, maxima)) and all(
        low <= sum(k * values[x] for x, k in terms.items()) <= high
        for _, terms, low, high, is_made in linear if is_made)


def every(c):
    return itertools.product(*(range(m + 1) for m in named(c)[0]))


class LayoutTest(unittest.TestCase):
    def test_sizes_of_7_2(self):
        one = made(options=(0, 0), rule=1)                 # 2 cells, sum 0..1
        self.assertEqual(Layout(one).size, 2 * (64 + 224) + 224)
        self.assertEqual(ballot_size([Layout(one)]), 952)  # the example of 13.3
        all_ = made(options=(0, 0), rule=3, option_max=5, low=0, high=10)
        self.assertEqual((len(Layout(all_).linear), Layout(all_).size),
                         (0, 2 * (64 + 128 * 6 - 32)))

    def test_wide_claims_have_slack_that_reaches_exactly_their_width(self):
        for width in range(8, 70):
            layout = Layout(made(options=(0,), rule=3, option_max=width, low=0, high=width))
            claim = layout.ranges[0]
            weights = [k for x, k in claim.terms.items() if x > 0]
            sums = {sum(k for k, bit in zip(weights, bits) if bit)
                    for bits in itertools.product((0, 1), repeat=len(weights))}
            self.assertEqual((list(claim.values), sums), ([width], set(range(width + 1))))
            self.assertEqual((layout.cells, len(layout.ranges)), (1 + len(weights),) * 2)
        self.assertEqual(Layout(made(options=(0,), rule=3, option_max=7, low=0, high=7)).cells, 1)

    def test_slack_stands_behind_the_counted_cells_in_the_order_of_claims(self):
        layout = Layout(made(options=(0, 0), rule=3, option_max=9, low=0, high=9, blank=1))
        self.assertEqual(layout.maxima, [9, 9, 1])
        self.assertEqual([list(c.terms.items()) for c in layout.ranges[:3] + layout.linear], [
            [(0, 1), (3, 1), (4, 2), (5, 4), (6, 2)], [(1, 1), (7, 1), (8, 2), (9, 4), (10, 2)],
            [(2, 1)], [(0, 1), (1, 1), (2, 9), (11, 1), (12, 2), (13, 4), (14, 2)]])
        self.assertEqual([list(c.terms.items()) for c in layout.ranges[3:]],
                         [[(x, 1)] for x in range(3, 15)])

    def test_blank_excludes_everything_else(self):
        c = made(options=(0, 0, 0), rule=2, low=1, high=2, blank=1)
        for values in every(c):
            *votes, blank = values
            number = sum(votes)
            self.assertEqual(allows(c, values), number == 0 if blank else 1 <= number <= 2)

    def test_lists(self):
        c = made(options=(0, 1, 0, 1), rule=4, option_max=2, low=1, high=3, blank=1, lists=(0, 1))
        for values in every(c):
            votes, lists, blank = values[:4], values[4:6], values[6]
            sums = (votes[0] + votes[2], votes[1] + votes[3])
            self.assertEqual(allows(c, values), sum(lists) + blank == 1 and all(
                1 <= s <= 3 if chosen else s == 0 for s, chosen in zip(sums, lists)))

    def test_limits(self):
        c = made(options=(0, 0, 0), rule=2, low=0, high=3, blank=1, costs=[100, 300, 250],
                 limits=[(1, 101, 399, [0, 1]), (2, 0, 2, [0, 1, 2])])
        for values in every(c):
            *votes, blank = values
            cost, number = 100 * votes[0] + 300 * votes[1], sum(votes)
            self.assertEqual(allows(c, values), not number if blank else
                             101 <= cost <= 399 and number <= 2, values)
        self.assertEqual([claim[1] for claim in named(c)[1]],
                         [{0: 1, 1: 1, 2: 1, 3: 3}, {0: 1, 1: 3, 3: 2}, {0: 1, 1: 1, 2: 1}])


class PartsTest(unittest.TestCase):
    @staticmethod
    def parts(districts, minimum=2, by_district=True):
        """districts: weights of the ballots of each."""
        ballots = [SimpleNamespace(district=d, weight=w)
                   for d, weights in enumerate(districts) for w in weights]
        contest_ = SimpleNamespace(by_district=by_district)
        return [(ds, sorted(b.weight for b in inside)) for ds, inside in parts_of(
            contest_, list(range(len(districts))), ballots, minimum)]

    def test_merging(self):
        for districts, expected in (
                ([[1, 1], [1, 1]], [([0], [1, 1]), ([1], [1, 1])]),
                ([[1, 1], [1], [1, 1]], [([0], [1, 1]), ([1, 2], [1, 1, 1])]),
                ([[1, 1], [1]], [([0, 1], [1, 1, 1])]),
                ([[], [], [1, 1], []], [([0, 1, 2, 3], [1, 1])]),
                ([[1, 1, 5], [5], [1, 1]], [([0, 1], [1, 1, 5, 5]), ([2], [1, 1])]),
                ([[1], []], []), ([[1, 1, 9]], []), ([], [])):
            self.assertEqual(self.parts(districts), expected, districts)
        self.assertEqual(self.parts([[1], [1]], by_district=False), [([0, 1], [1, 1])])
        self.assertEqual(self.parts([[1], []], by_district=False), [])


class OutcomeTest(unittest.TestCase):
    def test_vectors(self):
        vectors = pathlib.Path(__file__).parents[1] / "vectors" / "outcomes.json"
        cases = json.loads(vectors.read_text(encoding="utf-8"))["cases"]
        self.assertGreater(len(cases), 80)
        for case in cases:
            c = case["contest"]
            nothing = [0] * c["options"]
            options = [SimpleNamespace(cost=cost, list=j) for cost, j in
                       zip(c.get("cost", nothing), c.get("list", nothing))]
            contest_ = SimpleNamespace(options=options, lists=[None] * c["lists"],
                                       result=SimpleNamespace(**c["result"]))
            found = outcome(contest_, case["totals"], case["weight"], case["eligible"])
            self.assertEqual(dict(zip(("winners", "tied", "seats"), found)), case["outcome"],
                             case["name"])

    def test_most_votes(self):
        for totals, seats, tie, winners, tied in (
                ([3, 5, 0, 5], 2, 1, [1, 3], []), ([3, 5, 3, 1], 2, 1, [1, 0], []),
                ([3, 5, 3, 1], 2, 2, [1], [0, 2]), ([3, 3, 3, 3], 2, 2, [], [0, 1, 2, 3]),
                ([0, 0, 1, 0], 2, 2, [2], []), ([0, 0, 0, 0], 1, 2, [], []),
                ([4, 3, 2, 1], 2, 2, [0, 1], [])):
            c = made(options=(0,) * 4, rule=2, high=1, result=u8(1) + u16(seats) + u8(tie))
            self.assertEqual(outcome(c, totals, 9, 9), (winners, tied, []), totals)

    def test_seats_of_lists(self):
        def seats(votes, number, method, threshold=0, sizes=None):
            options = [j for j, n in enumerate(sizes or [number] * len(votes)) for _ in range(n)]
            return list_seats(made(
                options=options, rule=4, lists=range(len(votes)),
                result=u8(2) + u16(number) + u8(method) + u16(threshold)), votes)

        self.assertEqual(seats([340000, 280000, 160000, 60000], 7, 1), [3, 3, 1, 0])
        self.assertEqual(seats([340000, 280000, 160000, 60000], 7, 3), [3, 2, 1, 1])
        self.assertEqual(seats([60, 28, 12], 5, 1), [4, 1, 0])
        self.assertEqual(seats([60, 28, 12], 5, 2), [4, 1, 0])
        self.assertEqual(seats([100, 53], 2, 1), [1, 1])
        self.assertEqual(seats([100, 53], 2, 2), [2, 0])   # 100/2^0.9 = 53.6
        self.assertEqual(seats([5, 5], 1, 1), [1, 0])
        self.assertEqual(seats([90, 9, 1], 3, 1, threshold=1000), [3, 0, 0])
        self.assertEqual(seats([90, 10, 0], 5, 1, sizes=[2, 1, 9]), [2, 1, 0])
        self.assertEqual(seats([90, 10, 0], 5, 3, sizes=[2, 9, 9]), [2, 3, 0])
        for method in (1, 2, 3):
            self.assertEqual(seats([0, 0], 2, method), [0, 0])

    def test_budget(self):
        def winners(totals, costs, budget, reading, tie):
            return outcome(made(options=(0,) * len(costs), rule=2, costs=costs, high=1, result=u8(3)
                                + u64(budget) + u8(reading) + u8(tie)), totals, 9, 9)[0]

        self.assertEqual(winners([9, 8, 7], [50, 60, 40], 100, 1, 1), [0])
        self.assertEqual(winners([9, 8, 7], [50, 60, 40], 100, 2, 1), [0, 2])
        self.assertEqual(winners([5, 5, 5], [50, 60, 40], 60, 2, 1), [0])
        self.assertEqual(winners([5, 5, 5], [50, 60, 40], 60, 2, 2), [2])
        self.assertEqual(winners([5, 5, 5], [50, 60, 40], 60, 2, 3), [1])
        self.assertEqual(winners([0, 0, 1], [50, 60, 40], 600, 2, 3), [2])

    def test_yes_or_no(self):
        for yes, no, w, e, quorum, base, comparison, accepted in (
                (3, 2, 6, 9, 0, 1, 1, True), (3, 3, 6, 9, 0, 1, 1, False),
                (3, 3, 6, 9, 0, 1, 2, True), (3, 2, 6, 9, 0, 2, 1, False),
                (3, 2, 6, 12, 5000, 1, 1, True), (3, 2, 6, 13, 5000, 1, 1, False),
                (0, 0, 6, 9, 0, 1, 2, False)):
            c = made(result=u8(4) + u16(quorum) + u8(base) + u16(1) + u16(2) + u8(comparison))
            self.assertEqual(outcome(c, [yes, no], w, e)[0], [0 if accepted else 1])


class EverythingTest(RecordTest):
    """Blank, lists, budget, wide ranges, weights, districts, styles, revocations, an opening."""

    def election(self, tweaks=None):
        voters = [Voter(i, 1 + i // 4, 1 + 2 * (i % 2)) for i in range(8)]
        e = Election(tweaks, voters=voters, minimum=2, styles={1: [2, 5], 2: [5, 8]}, contests=[
            contest(2, (0, 0), rule=2, low=1, high=1, blank=1, by_district=1,
                    result=u8(1) + u16(1) + u8(2)),
            contest(5, (0, 0), rule=2, low=0, high=2, costs=[100, 300],
                    limits=[(1, 0, 300, [0, 1])], by_district=1,
                    result=u8(3) + u64(350) + u8(1) + u8(1)),
            contest(8, (0, 1), rule=4, option_max=9, low=2, high=9, blank=1, lists=(0, 1),
                    result=u8(2) + u16(1) + u8(1) + u16(0))])
        e.keys().open()
        sealed = e.seal(1, {2: [1, 0, 0], 5: [1, 0]})
        e.opening(sealed, e.challenge(sealed))
        for i in range(4):
            e.ballot(i, {2: [1, 0, 0] if i else [0, 0, 1], 5: [i % 2, 0]}, 2)
        for i in range(4, 8):
            e.ballot(i, {5: [0, 1], 8: [9, 0, 1, 0, 0] if i < 6 else [0, 0, 0, 0, 1]})
        e.order("revoke", 8, opaque(voters[6].credential), reason=b"voted on paper")
        e.order("restore", 9, opaque(voters[6].credential), reason=b"no")
        e.close()
        all_ = list(range(8))
        one, two = all_[:4], all_[4:]
        e.sum(all_, [(2, [1], one), (5, [1], one), (5, [2], two), (8, [2], two)])
        e.count()
        e.result([(2, [0], [], []), (5, [1], [], []), (8, [0], [], [1, 0])])
        return e

    def test_everything_at_once(self):
        def by_style(manifest):
            manifest.district_style = {1: 1, 2: 2}

        self.verify(self.election({"manifest": by_style}))
        self.assertEqual({n: r.found.failures or r.reason for n, r in self.results.items()
                          if r.outcome not in ("PASS", "NOT DUE")}, {})
        # Contest 8: 5 counted cells, 2 of them wide as are 4 bits each; no list claim is (0..7).
        self.assertEqual(self.results["B4"].found.looked, 4 * (3 + 2) + 4 * (2 + 5 + 8))
        self.assertEqual(self.results["B5"].found.looked, 4 * 1 + 4 * 3)
        self.assertEqual(self.results["B9"].found.looked, 8)
        self.assertEqual(self.results["C7"].found.looked, 3 + 2 + 2 + 5)
        self.assertEqual(self.results["C6"].found.looked, 4)


if __name__ == "__main__":
    unittest.main()
