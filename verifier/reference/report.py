"""The report, as JSON and as text: docs/protocol.md, section 12.1."""
from examination import status_of
from group import Bad
from notes import printable
from witness_checks import shown_in_log


def what_of(record, result):
    if not result.found.looked:
        return ""
    if record.kind == "petition" and result.row.number == "S8":
        return "orders"
    others = {"P1": "texts", "S17": "openings, closings, marks and roll epochs"} \
        if record.has_life else {}
    return others.get(result.row.number, result.row.what)


def as_json(record, results, asked):
    status, readable = status_of(results), not isinstance(record.log, Bad)
    known = readable and record.log.entries is not None
    report = {
        "urna": "report/1", "kind": record.kind, "stage": record.stage, "asked": asked,
        "status": status, "verified": status == 0,
        "size": record.log.checkpoint.size if readable else 0,
        "root": (record.log.root() if known else bytes(32)).hex(),
        "checks": [{
            "number": number, "title": result.row.title, "outcome": result.outcome,
            "looked": result.found.looked, "passed": result.found.passed,
            "failed": len(result.found.failures), "what": what_of(record, result),
            "failures": result.found.failures, "reason": result.reason}
            for number, result in results.items()]}
    if record.stage == "final":
        what = election_json if record.kind == "election" else \
            anonymous_petition_json if record.anonymous else petition_json
        report[record.kind] = what(record)
    return report


def election_json(record):
    result = record.result.content.results
    placed = list(zip(record.sum.content.parts, result))

    def contest_json(c):
        mine = [(part, r.totals) for part, r in placed if part.contest == c.number]
        sums = [sum(column) for column in zip(*(totals for _, totals in mine))]
        options, lists = len(c.options), len(c.lists)
        found = {"contest": c.number, "title": c.title, "ballots": sum(p.ballots for p, _ in mine),
                 "weight": sum(p.weight for p, _ in mine), "options": named_totals(c.options, sums)}
        if lists:
            found["lists"] = named_totals(c.lists, sums[options:])
        if c.blank and sums[options + lists:]:
            found["blank"] = sums[options + lists]
        if c.by_district:
            found["parts"] = [{"districts": p.districts, "ballots": p.ballots, "weight": p.weight,
                               "totals": totals} for p, totals in mine]
        for o in record.result.content.outcomes:
            if o.contest == c.number:
                ids = [[c.options[i].id for i in positions if i < options]
                       for positions in (o.winners, o.tied)]
                found["outcome"] = {"winners": ids[0], "tied": ids[1], "seats": o.seats}
        return found

    return {"title": record.manifest.title, "voters": record.sum.content.counted,
            "ballots": len(record.ballots), **rings_json(record),
            "contests": [contest_json(c) for c in record.manifest.contests]}


def named_totals(things, totals):
    return [{"id": x.id, "name": x.name} | ({"total": totals[i]} if i < len(totals) else {})
            for i, x in enumerate(things)]


def petition_json(record):
    result = record.result.content
    return {"title": record.manifest.title, "signatures": result.signatures,
            "districts": [vars(d) for d in result.districts],
            "thresholds": thresholds_json(result)}


def thresholds_json(result):
    return [{"threshold": t.threshold, "reached": bool(t.reached), "index": t.index}
            for t in result.thresholds]


def anonymous_petition_json(record):
    m = record.manifest
    report = {"title": record.text.raw_title[0], "profile": m.profile, "state": record.phase}
    if record.result:
        result = record.result.content
        report |= {
            "signatures": result.online + result.paper, "online": result.online,
            "paper": result.paper, "passed": bool(result.passed),
            "districts": [{"district": d.district, "signatures": d.online + d.paper,
                           "online": d.online, "paper": d.paper} for d in result.districts],
            "thresholds": thresholds_json(result),
            "minimums": [vars(x) | {"met": bool(x.met)} for x in result.minimums],
            "districts_needed": m.districts_needed, "districts_met": result.districts_met}
    if record.opening:
        report["series"] = series(record)
    return report | rings_json(record)


def rings_json(record):
    """Of all epochs; nothing where there is no roll to ask."""
    rings = record.epochs.everywhere()
    return {} if rings is None else {
        "rings": len(rings), "smallest_crowd": record.epochs.smallest_crowd()}


def series(record):
    """How many there were at the times that the record shows."""
    opened = record.opening.index
    last = record.result.index if record.result else len(record.entries)
    found = [(e.index, e.content.time, "order") for e in record.placed if opened < e.index <= last]
    if record.policy and record.policy.witnesses.quorum:
        found += [(size, times.existed_by, "witnesses") for size, times in shown_in_log(record)
                  if times.existed_by and size > opened]
    found.sort(key=lambda row: row[0])                     # stable: orders first
    return [{"size": size, "time": time, "by": by} | dict(zip(
        ("online", "paper"), record.counts_at(size))) for size, time, by in found]


def print_text(record, results, asked):
    for number, result in results.items():
        line = f"{number:<4} {result.outcome:<8} {result.row.title}"
        if result.outcome in ("PASS", "FAIL"):
            line += f": {result.found.passed} of {result.found.looked} {what_of(record, result)}"
        print(line + (f" ({printable(result.reason)})" if result.reason else ""))
        failures = result.found.failures
        for sentence in failures[:20]:
            print(f"       - {printable(sentence)}")
        if len(failures) > 20:
            print(f"       - and {len(failures) - 20} more")
    print()
    if record.stage == "final" and status_of(results) == 0:
        (print_election if record.kind == "election" else
         print_anonymous_petition if record.anonymous else print_petition)(
            as_json(record, results, asked)[record.kind])
    print({0: f"VERIFIED (stage {asked})", 1: "NOT VERIFIED: at least one check failed",
           2: "NOT VERIFIED: something could not be checked"}[status_of(results)])


def in_english(texts):
    return printable(texts.get("en", next(iter(texts.values()))))


def print_election(election):
    print(f"{in_english(election['title'])}\n{election['voters']} voters, {election['ballots']} "
          "ballots with those replaced\n")
    if "rings" in election:
        print(f"{election['rings']} rings; every voter is one of a crowd of "
              f"{election['smallest_crowd']} or more\n")
    for contest in election["contests"]:
        print(f"{in_english(contest['title'])} ({contest['ballots']} ballots)")
        for thing in contest["options"] + contest.get("lists", []):
            if "total" in thing:
                print(f"{thing['total']:>10}  {in_english(thing['name'])}")
        if "blank" in contest:
            print(f"{contest['blank']:>10}  blank")
        for word, ids in contest.get("outcome", {}).items():
            if ids:
                print(f"{word:>10}: {', '.join(map(str, ids))}")
        print()


def print_petition(petition):
    print(f"{in_english(petition['title'])}\n{petition['signatures']} signatures")
    print_thresholds(petition)
    print()


def print_thresholds(petition):
    for t in petition["thresholds"]:
        print(f"threshold of {t['threshold']}: "
              + (f"reached at entry {t['index']}" if t["reached"] else "not reached"))


def print_anonymous_petition(petition):
    print(f"{in_english(petition['title'])}\nstate: {petition['state']}")
    if "passed" in petition:
        print(f"{petition['signatures']} signatures: {petition['online']} online, "
              f"{petition['paper']} on paper")
        print_thresholds(petition)
        for x in petition["minimums"]:
            print(f"minimum of {x['at_least']} after {x['after']} seconds: {x['seen']}, "
                  + ("met" if x["met"] else "missed"))
        if petition["districts_needed"]:
            print(f"{petition['districts_met']} districts have met their minimum, "
                  f"{petition['districts_needed']} are needed")
        print("passed" if petition["passed"] else "not passed")
    if "rings" in petition:
        print(f"{petition['rings']} rings; every signer online is one of a crowd of "
              f"{petition['smallest_crowd']} or more")
    print()
