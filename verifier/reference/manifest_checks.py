"""The checks of the manifest, S1 and S2, and its rules (docs/protocol.md section 6)."""
from collections import Counter

from ballots import LISTS, ballot_size, named, ring_ballot_size
from group import Bad, T
from judging import Extra, NotRun, check_log_rules, check_people, officers_missing, rule
from rings import DIGITS as RING_SIZES


def check_poll_rules(m, every_text):
    check_log_rules(m)
    check_people(m.officers, "officers")
    rule(1 <= m.officer_quorum <= len(m.officers) <= 64, "officers: the quorum cannot be")
    rule(m.schedule.opens < m.schedule.closes, "it closes before it opens")
    rule(all(text.keys() == m.title.keys() for text in every_text), "languages differ")


def check_petition_rules(m, anonymous):
    check_poll_rules(m, [m.text] + [d.name for d in m.districts])
    rule(len(m.districts) <= 4000 and len(m.thresholds) <= 1000, "too many districts or thresholds")
    rule(0 not in m.thresholds, "a threshold of 0")
    if anonymous:
        check_anonymous_petition_rules(m)


def check_ring_rules(m):
    rule(m.ring_size in RING_SIZES, f"ring_size {m.ring_size} is none of a ring")
    rule(2 <= m.fewest <= m.ring_size // 2, "fewest is not from 2 to half of ring_size")


def check_anonymous_petition_rules(m):
    rule(len(m.districts) <= 2000 and len(m.minimums) <= 100, "too many districts or minimums")
    check_ring_rules(m)
    rule(not set(m.categories) & set(m.paper_categories), "who signs online signs on paper too")
    rule((m.initiators == 0) == (m.invitation == 0), "invitation is 0 and initiators not, or so")
    lasts = m.schedule.closes - m.schedule.opens
    rule(all(1 <= x.after <= lasts and x.at_least >= 1 for x in m.minimums),
         "a minimum of nobody, of no time, or after the closing")
    rule(len(m.district_minimums) == (len(m.districts) if m.districts_needed else 0)
         and 0 not in m.district_minimums and m.districts_needed <= len(m.districts),
         "district_minimums are not one of each district, or not asked for")


def check_contest_rules(c):
    m, n = len(c.options), len(c.lists)
    rule(1 <= c.option_max <= (100 if c.rule > 2 else 1), "option_max cannot be")
    rule(c.sum_min <= c.sum_max and c.sum_max >= 1, "sum_min..sum_max cannot be")
    rule(c.rule != 1 or c.sum_max == 1, "one-of-n with another sum_max than 1")
    for named_ in (c.options, c.lists):
        rule(len({x.id for x in named_}) == len(named_), "an id stands twice")
    rule(all(o.cost < 2**40 for o in c.options), "a cost of 2^40 or more")
    if c.rule == LISTS:
        rule(n >= 1 and not c.limits, "no lists, or limits with lists")
        sizes = Counter(o.list for o in c.options)
        rule(sizes.keys() == set(range(n)), "an option's list does not exist, or a list is empty")
        rule(c.sum_max <= c.option_max * min(sizes.values()), "sum_max is too much for a list")
    else:
        rule(not n and all(o.list == 0 for o in c.options), "lists without the rule")
        rule(c.sum_max <= m * c.option_max, "sum_max is above what all options can get")
    for limit in c.limits:
        rule(limit.at_least <= limit.at_most < 2**48, "a limit's bounds cannot be")
        rule(max(limit.options) < m, "a limit on an option that does not exist")
        rule(limit.measure == 2 or all(c.options[o].cost for o in limit.options),
             "a cost of 0 in a limit")
    for check, _, low, high, made in named(c)[1]:
        rule(check != "B9" or made and low <= high, "a limit that cannot be kept, or broken")
    check_result_rule(c, c.result)


def check_result_rule(c, x):
    m = len(c.options)
    rule(x.kind == 0 or {
        1: lambda: c.rule != LISTS and 1 <= x.seats <= m and x.tie in (1, 2),
        2: lambda: c.rule == LISTS and 1 <= x.seats <= m and x.method in (1, 2, 3)
        and x.threshold <= 10000,
        3: lambda: c.rule != LISTS and all(o.cost for o in c.options) and 1 <= x.budget < 2**48
        and x.reading in (1, 2) and x.tie in (1, 2, 3),
        4: lambda: c.rule == 1 and m == 2 and x.quorum <= 10000 and x.base in (1, 2)
        and 1 <= x.numerator <= x.denominator <= 10000 and x.comparison in (1, 2),
    }[x.kind](), "a result rule that cannot be")


def check_election_rules(r):
    m = r.manifest
    texts = [d.name for d in m.districts]
    for c in m.contests:
        texts += [c.title] + [x.name for x in c.options + c.lists + c.limits]
    check_poll_rules(m, texts)
    check_people(m.trustees, "trustees")
    rule(1 <= m.trustee_threshold <= len(m.trustees) <= 32, "trustees: the threshold cannot be")
    rule(m.minimum_ballots >= 1, "minimum_ballots is 0")
    for c in m.contests:
        try:
            check_contest_rules(c)
        except Bad as error:
            raise Bad(f"contest {c.number}: {error}") from None
    rule({d.style for d in m.districts} == {s.number for s in m.styles},
         "styles of districts and styles are not the same")
    rule({q for s in m.styles for q in s.contests} == {c.number for c in m.contests},
         "contests of styles and contests are not the same")
    if r.anonymous:
        check_ring_rules(m)
        rule(m.challenges == 0, "challenges of anonymous ballots")
    for style in m.styles:
        layouts = [r.layouts[q] for q in style.contests]
        size = ring_ballot_size(layouts, RING_SIZES[m.ring_size]) if r.anonymous else \
            ballot_size(layouts)
        rule(size <= 65535, f"a ballot of style {style.number} does not fit into an entry")
    size_sum = size_result = 0
    for c in m.contests:
        districts, cells = len(r.districts_with(c)), len(r.layouts[c.number].maxima)
        parts = districts if c.by_district else 1
        size_sum += 20 * parts + 2 * districts
        size_result += parts * (4 + 8 * cells) + 8 + 4 * cells
    rule(max(size_sum, size_result) <= 60000, "an order sum or result would not fit into an entry")


def manifest_fault(r):
    """What is wrong with the rules of the manifest."""
    try:
        if r.kind == "election":
            check_election_rules(r)
        else:
            check_petition_rules(r.manifest, r.anonymous)
        return None
    except Bad as error:
        return f"manifest: {error}"


def check_S1(r):
    first = r.entries[0]
    if first.broken:
        raise NotRun("the first entry is not canonical")
    yield r.manifest_fault if first.type in (1, 2) else "the first entry is no manifest"
    for e in r.entries[1:]:
        if e.type in (1, 2) and not e.broken:
            yield Extra(f"{e}: a second manifest")


def check_S2(r):
    yield officers_missing(r, r.entries[0].signatures,
                           T("manifest signature", ("manifest", r.id)))
