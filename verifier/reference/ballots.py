"""What stands on a ballot and what it proves (docs/protocol.md section 7), parts, totals and
outcomes (section 9)."""
from collections import Counter
from math import gcd
from types import SimpleNamespace

import group
from entries import element
from group import Bad, Multiples, T, add, challenge, negate, total, u16, u32, u64
from presentation import pieces
from rings import ring_fields, tag_base, tag_fields

ONE_OF_N, K_OF_N, SCORE, LISTS = 1, 2, 3, 4


# 7.1: cells and claims. The one place that knows what a contest's ballot consists of.

class Claim:
    """The sum of coefficient·cell over `terms` ({cell: coefficient}) is in low..high. It is made
    with one branch for every value, or with slack bits and one branch for the value `high`."""

    def __init__(self, check, terms, low, high):
        self.check, self.terms, self.low, self.high = check, terms, low, high
        self.values = range(low, high + 1)

    def add_slack(self, first):
        """Adds the slack bits of a wide claim, which begin with cell `first`; how many."""
        width = self.high - self.low
        if width < 8:
            return 0
        bits = width.bit_length()
        weights = [2**i for i in range(bits - 1)] + [width - 2**(bits - 1) + 1]
        self.terms = {**self.terms, **{first + i: w for i, w in enumerate(weights)}}
        self.values = [self.high]
        return bits


def named(contest):
    """What the claims of a contest are about, before slack: maxima of the counted cells, linear
    claims (check, terms, low, high, whether it is made)."""
    options = range(len(contest.options))
    maxima = [contest.option_max] * len(options) + [1] * len(contest.lists)
    blank = {len(maxima): 1} if contest.blank else {}
    maxima += blank.values()
    linear = []
    if contest.rule == LISTS:
        first = len(options)
        linear.append(("B5", {first + j: 1 for j in range(len(contest.lists))} | blank, 1, 1, True))
        for j in range(len(contest.lists)):
            terms = {o: -1 for o in options if contest.options[o].list == j}
            linear.append(("B5", terms | {first + j: contest.sum_max},
                           0, contest.sum_max - contest.sum_min, True))
    else:
        most = len(options) * contest.option_max
        linear.append(("B5", {o: 1 for o in options} | {b: contest.sum_max for b in blank},
                       contest.sum_min, contest.sum_max,
                       bool(blank or contest.sum_min or contest.sum_max != most)))
    for limit in contest.limits:
        costs = {o: contest.options[o].cost if limit.measure == 1 else 1 for o in limit.options}
        divisor = gcd(*costs.values())
        terms = {o: cost // divisor for o, cost in costs.items()}
        low, most = -(-limit.at_least // divisor), sum(terms.values()) * contest.option_max
        high = min(limit.at_most // divisor, most)
        linear.append(("B9", terms | {b: low for b in blank if low}, low, high,
                       bool(low or high != most)))
    return maxima, linear


class Layout:
    """Of a contest: `maxima` of the counted cells, how many `cells` there are with the slack
    bits, the `ranges` of all cells and the `linear` claims that are made."""

    def __init__(self, contest):
        self.maxima, linear = named(contest)
        self.ranges = [Claim("B4", {x: 1}, 0, m) for x, m in enumerate(self.maxima)]
        self.linear = [Claim(*claim) for *claim, made in linear if made]
        self.cells = len(self.maxima)
        for claim in self.ranges + self.linear:
            self.cells += claim.add_slack(self.cells)
        self.ranges += [Claim("B4", {x: 1}, 0, 1) for x in range(len(self.maxima), self.cells)]
        branches = [len(claim.values) for claim in self.claims()]
        self.size = 64 * self.cells + sum(128 * b - 32 for b in branches)
        self.lengths = SimpleNamespace(
            ciphertexts=64 * self.cells, commitments=64 * sum(branches),
            challenges=32 * (sum(branches) - len(branches)), responses=32 * sum(branches))

    def claims(self):
        return self.ranges + self.linear


def ballot_size(layouts, rest=142):
    return rest + sum(10 + layout.size for layout in layouts)


def ring_ballot_size(layouts, digits):
    return ballot_size(layouts, 54 + 32 * (9 + 4 * digits))


# 7.2: what a ballot proves

def contest_fields(contests, ciphertexts):
    return [field for contest, cells in zip(contests, ciphertexts) for field in (
        ("contest", u16(contest.contest)), ("ciphertexts", cells),
        ("commitments", contest.commitments))]


def ballot_hash(context, ballot, ciphertexts):
    """h, with the ciphertexts of each contest given beside (an opening has none)."""
    return T("ballot", ("context", context), ("sequence", u64(ballot.sequence)),
             ("style", u16(ballot.style)), ("credential", ballot.credential),
             *contest_fields(ballot.contests, ciphertexts), ("commitment", ballot.commitment))


# 7.6: the same of anonymous ballots

def ring_ballot_hash(context, ballot, ring_hash):
    return T("ring ballot", ("context", context), ("sequence", u64(ballot.sequence)),
             ("style", u16(ballot.style)), ("number", u32(ballot.ring)),
             *contest_fields(ballot.contests, [part.ciphertexts for part in ballot.contests]),
             *ring_fields(ring_hash, tag_base(context), ballot.tag, ballot.ring_commitments))


def tag_ballot_hash(context, ballot):
    return T("tag ballot", ("context", context), ("sequence", u64(ballot.sequence)),
             ("style", u16(ballot.style)),
             *contest_fields(ballot.contests, [part.ciphertexts for part in ballot.contests]),
             *tag_fields(tag_base(context), ballot.tag, ballot.commitment))


def hash_of(context, ballot):
    return ballot_hash(context, ballot, [part.ciphertexts for part in ballot.contests])


def alphas_of(ballot):
    return [cell[:32] for part in ballot.contests for cell in pieces(part.ciphertexts, 64)]


def combine(terms, points):
    """The sum of coefficient·point, for small coefficients."""
    return total(p if k == 1 else negate(p) if k == -1 else group.multiply(k, p)
                 for k, p in ((k, points[cell]) for cell, k in terms.items()))


def unproved(layout, part, check, h, key):
    """For every claim of this check in a contest's ballot None, or a sentence if it is not proved.
    Proofs with a point or scalar that is not canonical are left to L3. `key` is Y's table."""
    def several(kinds, data):
        return [element(kinds[i % len(kinds)], d) for i, d in enumerate(data)]

    cells = pieces(part.ciphertexts, 64)
    commitments, challenges, responses = map(
        pieces, (part.commitments, part.challenges, part.responses))
    for position, claim in enumerate(layout.claims()):
        b = len(claim.values)
        a_b, commitments = commitments[:2 * b], commitments[2 * b:]
        sent, challenges = challenges[:b - 1], challenges[b - 1:]
        z, responses = responses[:b], responses[b:]
        linear = position >= len(layout.ranges)
        j = position - len(layout.ranges) if linear else position
        if claim.check != check:
            continue
        try:
            alphas = {cell: element("N", cells[cell][:32]) for cell in claim.terms}
            betas = {cell: element("P", cells[cell][32:]) for cell in claim.terms}
            arguments = several("P", a_b), several("S", sent), several("S", z)
        except Bad:
            yield None
            continue
        c = challenge(h, part.contest, j, group.LINEAR if linear else group.RANGE)
        what = f"linear claim {j}" if linear else f"range of cell {j}"
        yield None if group.disjunction_holds(
            combine(claim.terms, alphas), combine(claim.terms, betas), key, claim.values, c,
            *arguments) else f"contest {part.contest}: the {what} is not proved"


# 9.1: parts

def is_large_enough(ballots, minimum):
    weights = Counter(ballot.weight for ballot in ballots)
    return len(ballots) >= minimum and min(weights.values()) >= minimum


def parts_of(contest, districts, ballots, minimum):
    """[(districts, ballots)] of a contest, whose style the districts have; the ballots counted."""
    sets = [([d], [b for b in ballots if b.district == d]) for d in districts]
    if not contest.by_district:
        sets = [(districts, ballots)]
    while len(sets) > 1:
        small = [i for i, (_, inside) in enumerate(sets) if not is_large_enough(inside, minimum)]
        if not small:
            break
        i = min(small[0], len(sets) - 2)
        (d1, b1), (d2, b2) = sets[i:i + 2]
        sets[i:i + 2] = [(d1 + d2, b1 + b2)]
    return [part for part in sets if is_large_enough(part[1], minimum)]


# 9.2: sums and totals

def sum_of(ballots, contest, counted):
    """[(α, β)] over the ballots, each times its weight."""
    sums = [(group.ZERO, group.ZERO)] * counted
    for ballot in ballots:
        part = next(part for part in ballot.contests if part.contest == contest)
        for cell in range(counted):
            data = part.ciphertexts[64 * cell:64 * cell + 64]
            sums[cell] = tuple(
                add(s, combine({0: ballot.weight}, [group.decode(half)]))
                for s, half in zip(sums[cell], (data[:32], data[32:])))
    return sums


def lagrange(trustees, j):
    """λ_j for the value at 0 of a polynomial known at these places."""
    result = 1
    for i in trustees:
        if i != j:
            result = result * i * pow(i - j, -1, group.L) % group.L
    return result


def is_total(value, sum_, shares):
    """value·G = β − Σ λ_j·D_j for shares {j: D_j}."""
    masks = total(Multiples(d).times(lagrange(shares, j)) for j, d in shares.items())
    return group.equal(add(group.G.times(value), masks), sum_[1])


# 9.3: outcomes

def outcome(contest, totals, weight, electorate):
    """(winners, tied, seats) of a contest with a result rule, from its totals T, the weight W of
    its parts and the weight E of those entitled."""
    rule = contest.result
    options = range(len(contest.options))
    ranking = sorted((o for o in options if totals[o]), key=lambda o: -totals[o])
    if rule.kind == 1:
        winners, tied = ranking[:rule.seats], []
        if rule.tie == 2 and len(ranking) > rule.seats:
            last = totals[winners[-1]]
            if totals[ranking[rule.seats]] == last:
                tied = [o for o in ranking if totals[o] == last]
                winners = [o for o in winners if totals[o] != last]
        return winners, sorted(tied), []
    if rule.kind == 2:
        seats = list_seats(contest, totals[len(options):][:len(contest.lists)])
        return [o for j, n in enumerate(seats) for o in sorted(
            (o for o in options if contest.options[o].list == j), key=lambda o: -totals[o])[:n]], \
            [], seats
    if rule.kind == 3:
        costs = {o: contest.options[o].cost for o in options}
        sign = {1: 0, 2: 1, 3: -1}[rule.tie]
        ranking.sort(key=lambda o: (-totals[o], sign * costs[o]))
        winners, left = [], rule.budget
        for o in ranking:
            if costs[o] <= left:
                winners.append(o)
                left -= costs[o]
            elif rule.reading == 1:
                break
        return winners, [], []
    yes, no = totals[:2]
    base = yes + no if rule.base == 1 else weight
    scaled, needed = yes * rule.denominator, rule.numerator * base
    accepted = scaled > needed if rule.comparison == 1 else scaled >= needed and yes >= 1
    return [0 if accepted and 10000 * weight >= rule.quorum * electorate else 1], [], []


def list_seats(contest, votes):
    rule, everything = contest.result, sum(votes)
    lists = range(len(contest.lists))
    room = [sum(option.list == j for option in contest.options) for j in lists]
    playing = [j for j in lists if votes[j] and 10000 * votes[j] >= rule.threshold * everything]
    seats = [0 for _ in lists]
    turns = None
    if rule.method == 3:
        base = sum(votes[j] for j in playing)
        for j in playing:
            seats[j] = min(votes[j] * rule.seats // base, room[j])
        turns = sorted(playing, key=lambda j: -(votes[j] * rule.seats % base))
    while sum(seats) < rule.seats and any(seats[j] < room[j] for j in playing):
        if rule.method == 3:
            for j in turns:
                if sum(seats) < rule.seats and seats[j] < room[j]:
                    seats[j] += 1
            continue
        power, divisor = (1, 1) if rule.method == 1 else (10, 9)
        best = None
        for j in playing:
            if seats[j] < room[j] and (best is None or
                                       votes[j]**power * (seats[best] + 1)**divisor >
                                       votes[best]**power * (seats[j] + 1)**divisor):
                best = j
        seats[best] += 1
    return seats
