#!/usr/bin/env python3
"""Urna's reference verifier: checks everything about a poll from its public record alone.

Written from docs/protocol.md, in plain Python 3.11 with the standard library, and sharing no
line with the engine. To be read in this order:

  group.py    arithmetic, signatures, transcripts, the equations of proofs    sections 1 to 3
  notes.py    trees, signed notes, receipts, a record's files                 10
  witnesses.py  whose cosignatures are enough, and what they show             10.2
  policy.py   what the auditor knows beforehand                               11
  entries.py  the structure of entries                                        4 to 9, 13
  rings.py    tags, proofs over rings, the rings of a roll                    3.7, 3.8, 4.1
  ballots.py  what a ballot consists of and proves; parts, sums, outcomes     7, 9
  state.py    what a record says, from its first entry to its last            4 to 9
  checks.py   the checks                                                      12
  petitions.py  those of petitions                                            8, 12
  verify.py   their table, what becomes of them, the report                   12
"""
import argparse
import json
import multiprocessing
import os
import sys
from types import SimpleNamespace

import checks
import notes
import petitions
from checks import Found, NotRun
from entries import ACTS, BALLOT, CHALLENGE, MEMBER, OPENING, check_elements
from group import Bad
from policy import parse_policy
from state import STAGES, Record


def row(number, title, kind, stage, depends, what, each=()):
    return SimpleNamespace(number=number, title=title, kind=kind, stage=stage,
                           depends=depends.split(), what=what, each=each,
                           check=getattr(petitions if number[0] == "P" else checks,
                                         "check_" + number))


# Section 12 and 12.1. `each`: the types of the entries that the check is made of one by one.
VOTE, CAST = (BALLOT,), (BALLOT, CHALLENGE)
TABLE = [
    row("L1", "every log's checkpoint is well formed and signed by the log key of its first entry, "
        "under its origin", "both", "setup", "", "checkpoints"),
    row("L2", "the files are exactly those of the tree's size, and entries and every tile rebuild "
        "the root", "both", "setup", "", "directories"),
    row("L3", "every entry is canonical", "both", "setup", "", "entries"),
    row("L4", "the record has grown from the older checkpoint that was given",
        "both", "setup", "L1 L2", "older checkpoints"),
    row("L5", "every receipt that was given is in the record",
        "both", "setup", "L1 L2", "receipts"),
    row("L6", "the witness quorum is met by the poll's checkpoint",
        "both", "setup", "L1", "checkpoints"),
    row("L7", "every witnessed checkpoint in the log is of that log itself, and earlier",
        "both", "setup", "L2", "witnessed checkpoints"),
    row("I1", "the log keys and origins are the policy's", "both", "setup", "", "keys"),
    row("I2", "the officers and their quorum are the policy's", "both", "setup", "", "keys"),
    row("I3", "the registrar is the policy's", "both", "setup", "", "keys"),
    row("I4", "the trustees and their threshold are the policy's", "election", "setup", "", "keys"),
    row("I5", "the beacon of an anonymous petition is the policy's",
        "petition", "voting", "", "beacons"),
    row("S1", "the first entry, and no other, is the manifest, and it follows the rules",
        "both", "setup", "", "manifests"),
    row("S2", "the manifest is signed by enough officers", "both", "setup", "S1", "manifests"),
    row("S3", "the roll is whole, sorted, without repetition, and signed by its registrar",
        "both", "voting", "L3", "members"),
    row("S4", "every roll member's enrolment is proved", "both", "voting", "L3", "enrolments",
        (MEMBER,)),
    row("S5", "orders are numbered and chained", "both", "setup", "S1 L3", "orders"),
    row("S6", "orders are signed by enough officers", "both", "setup", "S1", "orders"),
    row("S7", "times of orders rise, and one off the schedule has a reason",
        "both", "setup", "S1", "orders"),
    row("S8", "every order and trustee message has its place: phases, attempts, rounds",
        "both", "setup", "S1 L3", "orders and trustee messages"),
    row("S9", "trustee messages are signed by their trustees",
        "election", "setup", "S1", "trustee messages"),
    row("S10", "key commitments are opened and coefficients proved",
        "election", "setup", "S8", "coefficient messages"),
    row("S11", "the attempt that is opened was acknowledged by all trustees, and nobody complained",
        "election", "voting", "S8", "openings"),
    row("S12", "election key and verification keys are what the coefficients give",
        "election", "voting", "S8 S10", "openings"),
    row("S13", "drills are proved, and every trustee had one before the opening",
        "election", "voting", "S12", "drills"),
    row("S14", "the opening pins the roll that is in the record", "both", "voting", "", "openings"),
    row("S15", "revocations and restorations name members of the roll and have a reason",
        "election", "voting", "S8", "credentials"),
    row("S16", "no weight on the roll is so rare that totals would give votes away",
        "election", "voting", "S1 S14", "openings"),
    row("S17", "opening and closing lie between the witnesses' times",
        "both", "voting", "S8 L6 L7", "openings and closings"),
    row("B1", "ballots have exactly the contests and options of their style",
        "election", "voting", "S1", "ballots", VOTE),
    row("B2", "the credential of every ballot and challenge is on the roll, in a district of that "
        "style", "election", "voting", "S3 S14", "ballots and challenges", CAST),
    row("B3", "sequence numbers of a credential rise",
        "election", "voting", "", "ballots and challenges", CAST),
    row("B4", "every cell is proved to be in its range",
        "election", "voting", "B1", "proofs", VOTE),
    row("B5", "every contest's sum, and its choice of a list, is proved to be in its range",
        "election", "voting", "B1", "proofs", VOTE),
    row("B6", "every ballot and challenge is proved by its credential",
        "election", "voting", "B1", "ballots and challenges", CAST),
    row("B7", "no ciphertext stands twice", "election", "voting", "", "ballots", VOTE),
    row("B8", "ballots and challenges lie between opening and closing",
        "election", "voting", "S8", "ballots, challenges and openings", (*CAST, OPENING)),
    row("B9", "every limit of a contest is proved to be kept",
        "election", "voting", "B1", "proofs", VOTE),
    row("B10", "no challenged ballot is cast, and nobody challenges more than is allowed",
        "election", "voting", "", "ballots and challenges", CAST),
    row("B11", "openings are those of challenged ballots",
        "election", "voting", "B10", "openings", (OPENING,)),
    row("C1", "the counted set is what order sum pins",
        "election", "final", "L3 S15 B1 B2 B3 B4 B5 B6 B7 B8 B9 B10", "sums"),
    row("C2", "the parts are those of the counted set, none below the minimum",
        "election", "final", "C1", "sums"),
    row("C3", "the sums are what order sum pins", "election", "final", "C2", "sums"),
    row("C4", "acknowledgements fit, and stand before the shares",
        "election", "final", "C3", "acknowledgements"),
    row("C5", "every decryption share is proved", "election", "final", "C3", "shares"),
    row("C6", "every part has shares of enough trustees", "election", "final", "C3", "parts"),
    row("C7", "the totals are the decryption of the sums",
        "election", "final", "C5 C6 C8", "totals"),
    row("C8", "the result has every part and every counted cell once, and possible totals",
        "election", "final", "C2", "parts"),
    row("C9", "the outcomes are what the result rules give from the totals",
        "election", "final", "C8", "outcomes"),
    row("P1", "the text is the one that was opened", "petition", "voting", "S1", "openings"),
    row("P2", "petition acts lie between opening and closing",
        "petition", "voting", "S8", "acts", ACTS),
    row("P3", "every signer is on the roll, in a district of the petition",
        "petition", "voting", "S3 S14", "acts", ACTS),
    row("P4", "every act is proved by its credential or tag",
        "petition", "voting", "P8", "acts", ACTS),
    row("P5", "sequence numbers rise; who has signed may withdraw, who has not may sign",
        "petition", "voting", "", "acts", ACTS),
    row("P6", "the count and the districts' counts are those of the result",
        "petition", "final", "L3 P1 P2 P3 P4 P5", "counts"),
    row("P7", "thresholds, and where each was reached, are those of the result",
        "petition", "final", "P6", "thresholds"),
    row("P8", "the rings of an anonymous petition are those that roll, manifest and beacon give, "
        "none too small", "petition", "voting", "S1 S3 S14", "openings"),
]
OF_ANONYMOUS = ("I5", "P8")
# Checks of single entries that need nothing but the entry and the opening: what costs time.
ALONE = ("S4", "B1", "B4", "B5", "B6", "B9", "P4")


# Looking at the record

def checks_of(record, entry):
    """The checks that are made of this entry."""
    if not record.manifest or entry.misplaced \
            or entry.type == MEMBER and not (entry.in_roll and record.roll.header):
        return []
    opened = entry.type == MEMBER or record.opening and entry.index > record.opening.index
    return [c for c in TABLE if entry.type in c.each and c.kind in (record.kind, "both")
            and (opened or c.number in ("B8", "P2"))]


def examine(record, entry):
    """{check: what it yields} of L3 and of the checks that need nothing else."""
    found = {}
    try:
        check_elements(entry)
    except Bad as error:
        found["L3"] = [str(error)]
    for c in checks_of(record, entry):
        if c.number in ALONE:
            result = c.check(record, entry)
            if result is None or isinstance(result, str):
                found[c.number] = [result]
            elif "L3" not in found:                        # else its proofs are not looked at
                found[c.number] = list(result)
    return found


def examine_later(record, entry):
    """The same of all other checks of the entry."""
    found = {}
    for c in checks_of(record, entry):
        if c.number not in ALONE:
            try:
                found[c.number] = [c.check(record, entry)]
            except NotRun:                                 # because the roll is not at hand
                pass
    return found


def examine_all(record, jobs, progress):
    roll = record.roll.entries if record.roll else []
    entries = [e for e in record.entries + roll if not e.broken]
    if record.kind == "election" and record.opening:
        record.key                                         # made once, for all processes
    elif record.kind == "petition":
        record.rings                                       # likewise

    def one(i):
        return examine(record, entries[i])

    if jobs > 1 and len(entries) > 8 * jobs:
        global ONE
        ONE = one                                          # the children inherit it
        with multiprocessing.get_context("fork").Pool(jobs) as pool:
            found = pool.imap(call_one, range(len(entries)), 4)
            keep(entries, found, progress)
    else:
        keep(entries, map(one, range(len(entries))), progress)


def call_one(i):
    return ONE(i)


def keep(entries, results, progress):
    for i, (entry, found) in enumerate(zip(entries, results), 1):
        entry.found = found
        if progress and (i % 50 == 0 or i == len(entries)):
            print(f"\r{i} of {len(entries)} entries ", end="", file=sys.stderr, flush=True)
    if progress:
        print(file=sys.stderr)


def look(record, c):
    """What one check finds, as `Found`; NotRun if what it looks at cannot be had."""
    if isinstance(record.log, Bad) and c.number != "L1":
        raise NotRun("the poll's log cannot be read")
    if c.number[0] not in "LI" and not record.entries:
        raise NotRun("the poll's entries cannot be read")
    if not record.manifest and c.number not in ("L1", "L2", "L3", "S1"):
        raise NotRun("the record has no manifest that can be read")
    if c.number in ("B4", "B5", "B9", "B11") and record.opening and record.key is None:
        raise NotRun("the election key of the opening order is no point")
    if c.each:
        entries = record.entries
        if MEMBER in c.each:
            entries = checks.roll_of(record).members if record.opening else []
        return Found.of(sentence and f"{e}: {sentence}" for e in entries if not e.broken
                        for sentence in e.found.get(c.number, ()))
    found = () if c.number == "S3" and not record.opening else c.check(record)
    return found if isinstance(found, Found) else Found.of(found)


def outcome_of(record, c, results, asked):
    failed = [d for d in c.depends if results[d].outcome in ("FAIL", "NOT RUN")]
    result = SimpleNamespace(row=c, found=Found(0, 0, []), reason="", outcome="NOT RUN")
    if c.number in OF_ANONYMOUS and record.kind == "petition" and not record.anonymous:
        result.outcome, result.reason = "NOT DUE", "the petition is pseudonymous"
        return result
    if failed:
        result.reason = ", ".join(f"{d} is {results[d].outcome}" for d in failed)
        return result
    try:
        result.found = look(record, c)
    except NotRun as reason:
        result.reason = str(reason)
        return result
    if result.found.failures:
        result.outcome = "FAIL"
    elif c.number in ("L6", "S17") and not record.policy.witnesses.quorum:
        result.outcome, result.reason = "NOT DUE", "the policy's quorum is none"
    elif STAGES.index(record.stage) < STAGES.index(c.stage) if record.manifest else False:
        result.reason = f"the record ends in stage {record.stage!r}"
        if STAGES.index(asked) < STAGES.index(c.stage):
            result.outcome = "NOT DUE"
    elif c.number in ("L4", "L5") and not result.found.looked:
        given = {"L4": "older checkpoint", "L5": "receipt"}[c.number]
        result.outcome, result.reason = "NOT DUE", f"no {given} was given"
    else:
        result.outcome = "PASS"
    return result


def verify(directory, policy, asked, older, receipts, jobs, progress):
    """The record and {number: result} in the order of the table."""
    record = Record(directory)
    record.policy, record.older, record.receipts = policy, older, receipts
    record.judge_manifest(checks.manifest_fault)
    if record.manifest and record.entries:
        record.replay(checks.misplaced)
    examine_all(record, jobs, progress)
    if record.manifest:
        record.admit(examine_later)
    results = {}

    def evaluate(c):
        for d in c.depends:
            if d not in results:
                evaluate(by_number[d])
        if c.number not in results:
            results[c.number] = outcome_of(record, c, results, asked)

    by_number = {c.number: c for c in TABLE}
    ours = [c for c in TABLE if c.kind in (record.kind, "both") or record.kind == "unknown"]
    for c in ours:
        evaluate(c)
    return record, {c.number: results[c.number] for c in ours}


def status_of(results):
    outcomes = {result.outcome for result in results.values()}
    return 1 if "FAIL" in outcomes else 2 if "NOT RUN" in outcomes else 0


# The report (12.1)

def what_of(record, result):
    return "" if not result.found.looked else "orders" \
        if result.row.number == "S8" and record.kind == "petition" else result.row.what


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
        what = election_json if record.kind == "election" else petition_json
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
            "ballots": len(record.ballots),
            "contests": [contest_json(c) for c in record.manifest.contests]}


def named_totals(things, totals):
    return [{"id": x.id, "name": x.name} | ({"total": totals[i]} if i < len(totals) else {})
            for i, x in enumerate(things)]


def petition_json(record):
    result = record.result.content
    report = {"title": record.manifest.title, "signatures": result.signatures,
              "districts": [vars(d) for d in result.districts],
              "thresholds": [{"threshold": t.threshold, "reached": bool(t.reached),
                              "index": t.index} for t in result.thresholds]}
    if record.rings is not None:
        report |= {"rings": len(record.rings), "smallest_crowd": record.smallest_crowd()}
    return report


def print_text(record, results, asked):
    for number, result in results.items():
        line = f"{number:<4} {result.outcome:<8} {result.row.title}"
        if result.outcome in ("PASS", "FAIL"):
            line += f": {result.found.passed} of {result.found.looked} {what_of(record, result)}"
        print(line + (f" ({result.reason})" if result.reason else ""))
        failures = result.found.failures
        for sentence in failures[:20]:
            print(f"       - {sentence}")
        if len(failures) > 20:
            print(f"       - and {len(failures) - 20} more")
    print()
    if record.stage == "final" and status_of(results) == 0:
        (print_election if record.kind == "election" else print_petition)(
            as_json(record, results, asked)[record.kind])
    print({0: f"VERIFIED (stage {asked})", 1: "NOT VERIFIED: at least one check failed",
           2: "NOT VERIFIED: something could not be checked"}[status_of(results)])


def in_english(texts):
    return texts.get("en", next(iter(texts.values())))


def print_election(election):
    print(f"{in_english(election['title'])}\n{election['voters']} voters, {election['ballots']} "
          "ballots with those replaced\n")
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
    for t in petition["thresholds"]:
        print(f"threshold of {t['threshold']}: "
              + (f"reached at entry {t['index']}" if t["reached"] else "not reached"))
    if "rings" in petition:
        print(f"{petition['rings']} rings; every signer is one of a crowd of "
              f"{petition['smallest_crowd']} or more")
    print()


# The command

class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(3, f"verify.py: {message}\n")


def parser():
    p = Parser(prog="verify.py", description=__doc__.split("\n")[0],
               epilog="Exit status: 0 verified, 1 a check failed, 2 a check could not be run, "
                      "3 usage or input.")
    p.add_argument("record", help="a directory with poll/ and roll-…/")
    p.add_argument("--policy", metavar="FILE", help="the keys that you know beforehand "
                   "(docs/protocol.md §11); without it the identity checks are NOT RUN")
    p.add_argument("--stage", choices=STAGES, default="final",
                   help="stage up to which the record must be complete")
    p.add_argument("--receipt", metavar="FILE", nargs="+", action="extend", default=[],
                   help="receipts that must be in the record")
    p.add_argument("--receipts", metavar="LIST", nargs="+", action="extend", default=[],
                   help='lists of receipts, one JSON object with "proof" a line')
    p.add_argument("--since", metavar="OLD", help="an older record, or checkpoint file, that this "
                   "record must have grown from")
    p.add_argument("--jobs", metavar="N", type=int, default=os.cpu_count() or 1,
                   help="processes; by default one for each core")
    p.add_argument("--json", action="store_true", help="the report as JSON")
    p.add_argument("--quiet", action="store_true", help="no progress")
    return p


def read_input(option, path, limit=1 << 28):
    try:
        with open(path, "rb") as f:
            data = f.read(limit + 1)
    except (OSError, ValueError) as error:
        raise Bad(f"{option}: {path}: {getattr(error, 'strerror', error)}") from None
    if len(data) > limit:
        raise Bad(f"{option}: {path} is too long")
    return data


def receipts_of(arguments):
    """[(name, bytes)]"""
    found = [(path, read_input("--receipt", path)) for path in arguments.receipt]
    for path in arguments.receipts:
        for number, line in enumerate(read_input("--receipts", path).split(b"\n"), 1):
            if not line:
                continue
            try:
                found.append((f"{path}, line {number}", json.loads(line)["proof"].encode()))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                raise Bad(f"--receipts: {path}, line {number}: no JSON object with a \"proof\""
                          ) from None
    return found


def run(arguments):
    if not os.path.isdir(arguments.record):
        raise Bad(f"{arguments.record}: no such record directory")
    policy, older = None, []
    if arguments.policy is not None:
        policy = parse_policy(read_input("--policy", arguments.policy))
    if arguments.since is not None:
        path = arguments.since
        if os.path.isdir(path):
            path = os.path.join(path, "poll", "checkpoint")
        older.append((arguments.since, read_input("--since", path)))
    record, results = verify(
        arguments.record, policy, arguments.stage, older, receipts_of(arguments), arguments.jobs,
        not arguments.quiet and sys.stderr.isatty())
    if arguments.json:
        print(json.dumps(as_json(record, results, arguments.stage), indent=2, ensure_ascii=False))
    else:
        print_text(record, results, arguments.stage)
    return status_of(results)


def main():
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.stderr.reconfigure(encoding="utf-8", errors="backslashreplace")
    arguments = parser().parse_args()
    try:
        return run(arguments)
    except Bad as error:
        print(f"verify.py: {error}", file=sys.stderr)
    except OSError as error:
        print(f"verify.py: {error.filename or ''}: {error.strerror}", file=sys.stderr)
    except KeyboardInterrupt:
        print("verify.py: interrupted", file=sys.stderr)
    return 3


if __name__ == "__main__":
    sys.exit(main())
