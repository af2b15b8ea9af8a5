"""The checks of the count, C1 to C9 (docs/protocol.md section 9)."""
import group
from ballots import is_total, named, outcome
from group import T, T32, challenge, u16, u64
from judging import Extra, share_unproved
from presentation import pieces


def sum_order(r):
    return [r.sum] if r.sum else []


def check_C1(r):
    for e in sum_order(r):
        order = e.content
        found = T32("counted set", ("context", r.context),
                    ("indices", b"".join(u64(b.index) for b in r.counted)))
        yield f"{e}: tree_size is not its own index" if order.tree_size != e.index else \
            f"{e}: {order.counted} ballots counted, not {len(r.counted)}" \
            if order.counted != len(r.counted) else \
            f"{e}: the counted set is another" if order.counted_hash != found else None


def check_C2(r):
    for e in sum_order(r):
        listed = [(p.contest, p.districts, p.ballots, p.weight) for p in e.content.parts]
        expected = [(contest.number, districts, len(ballots), sum(b.weight for b in ballots))
                    for contest, districts, ballots in r.parts]
        yield None if listed == expected else f"{e}: its parts are not those of the counted set"


def check_C3(r):
    for e in sum_order(r):
        data = [field for (contest, _, _), sums in zip(r.parts, r.sums) for field in (
            ("part", u16(contest.number)), ("ciphertexts", encode_sums(sums)))]
        yield None if e.content.sums_hash == T32("sums", ("context", r.context), *data) else \
            f"{e}: the sums are others"


def encode_sums(sums):
    return b"".join(group.encode(half) for sum_ in sums for half in sum_)


def check_C4(r):
    fitting = {}
    for i, e in r.acknowledgements.items():
        expected = (r.context, r.sum.index + 1, r.log.root(r.sum.index + 1), r.sum.order_hash,
                    r.sum.content.counted_hash, r.sum.content.sums_hash)
        if (e.context, e.size, e.root, e.sum_order, e.counted_hash, e.sums_hash) == expected:
            fitting[i] = e.index
            yield None
        else:
            yield f"{e}: it is not about this log and this order"
    for (i, part), e in r.shares.items():
        before = [j for j, index in fitting.items() if index < e.index]
        if i not in before or 2 * len(before) <= r.n + r.manifest.trustee_threshold - 1:
            yield Extra(f"{e}: too few acknowledgements stand before it, or not its own trustee's")


def check_C5(r):
    for (i, number), e in r.shares.items():
        contest, sums = r.parts[number][0], r.sums[number]
        shares, proofs = pieces(e.shares), pieces(e.proofs, 96)
        n = len(sums)
        if (len(e.shares), len(e.proofs), e.context) != (32 * n, 96 * n, r.context):
            yield from [f"{e}: not one share for each cell, or of another context"] * len(shares)
            continue
        key = r.opening.content.verification_keys[32 * (i - 1):32 * i]
        h = T("decryption share", ("context", r.context), ("sum", r.sum.order_hash),
              ("trustee", u16(i)), ("part", u16(number)), ("verification key", key),
              ("ciphertexts", encode_sums(sums)), ("shares", e.shares),
              ("commitments", b"".join(proof[:64] for proof in proofs)))
        for o, (sum_, share, proof) in enumerate(zip(sums, shares, proofs)):
            c = challenge(h, contest.number, o, group.SHARE)
            yield share_unproved(group.decode(key), sum_[0], share, proof, c, e)


def result_parts(r):
    return enumerate(r.sum.content.parts) if r.result else ()


def check_C6(r):
    for number, _ in result_parts(r):
        given = sum(part == number for _, part in r.shares)
        yield None if given >= r.manifest.trustee_threshold else f"part {number}: {given} shares"


def check_C7(r):
    for number, _ in result_parts(r):
        given = {i: pieces(e.shares) for (i, part), e in sorted(r.shares.items()) if part == number}
        trustees = list(given)[:r.manifest.trustee_threshold]
        for o, total in enumerate(r.result.content.results[number].totals):
            shares = {i: group.decode(given[i][o]) for i in trustees}
            yield None if is_total(total, r.sums[number][o], shares) else \
                f"part {number}: the total of cell {o} is another"


def check_C8(r):
    for number, part in result_parts(r):
        results = r.result.content.results
        contest = r.parts[number][0]
        if number >= len(results) or results[number].part != number:
            yield f"the result lacks part {number}, or has it out of its place"
            continue
        totals, w, (maxima, linear) = results[number].totals, part.weight, named(contest)
        if len(totals) != len(maxima):
            yield f"part {number}: {len(totals)} totals of {len(maxima)} counted cells"
            continue
        possible = all(total <= w * m for total, m in zip(totals, maxima)) and all(
            w * low <= sum(k * totals[cell] for cell, k in terms.items()) <= w * high
            for _, terms, low, high, _ in linear)
        yield None if possible else f"part {number}: totals that no ballots give"
    if r.result and len(r.result.content.results) > len(r.sum.content.parts):
        yield Extra("the result has parts that there are not")


def totals_of(r, contest):
    """The totals of a contest's counted cells over all its parts, and their weight."""
    mine = [i for i, (c, _, _) in enumerate(r.parts) if c is contest]
    columns = zip(*(r.result.content.results[i].totals for i in mine))
    return [sum(column) for column in columns], sum(r.sum.content.parts[i].weight for i in mine)


def check_C9(r):
    if not r.result:
        return
    listed = {o.contest: o for o in r.result.content.outcomes}
    expected = [c for c in r.manifest.contests if c.result.kind and totals_of(r, c)[0]]
    for c in expected:
        districts = set(r.districts_with(c))
        electorate = sum(m.weight for m in r.may_vote() if m.district in districts)
        expected_, o = outcome(c, *totals_of(r, c), electorate), listed.get(c.number)
        yield None if o and (o.winners, o.tied, o.seats) == expected_ else \
            f"contest {c.number}: the outcome is another"
    if [o.contest for o in r.result.content.outcomes] != [c.number for c in expected]:
        yield Extra("the outcomes are not one for each contest that has one, ascending")
