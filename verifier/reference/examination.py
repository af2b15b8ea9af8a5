"""Makes the checks of a record, and says what becomes of each: docs/protocol.md, section 12.1."""
import multiprocessing
import sys
from types import SimpleNamespace

from entries import CHANGE, MEMBER, check_elements
from group import Bad
from judging import Found, NotRun, roll_of
from manifest_checks import manifest_fault
from order_checks import misplaced
from state import STAGES, Record
from table import ALONE, OF_ANONYMOUS, TABLE


OF_ROLLS = (MEMBER, CHANGE)


def checks_of(record, entry):
    """The checks that are made of this entry."""
    if not record.manifest or entry.misplaced \
            or entry.type in OF_ROLLS and not (entry.in_roll and record.roll.header):
        return []
    opened = entry.type in OF_ROLLS or record.opening and entry.index > record.opening.index
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
    if record.opening:
        record.epochs.rings_known()                        # likewise

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
            entries = roll_of(record).enrolled() if record.opening else []
        return Found.of(sentence and f"{e}: {sentence}" for e in entries if not e.broken
                        for sentence in e.found.get(c.number, ()))
    found = () if c.number == "S3" and not record.opening else c.check(record)
    return found if isinstance(found, Found) else Found.of(found)


def outcome_of(record, c, results, asked):
    result = SimpleNamespace(row=c, found=Found(0, 0, []), reason="", outcome="NOT RUN")
    if c.number in OF_ANONYMOUS and record.kind != "unknown" and not record.anonymous:
        result.outcome, result.reason = "NOT DUE", f"the {record.kind} is pseudonymous"
        return result
    try:
        failed = [d for d in c.depends if results[d].outcome in ("FAIL", "NOT RUN")]
        if failed:
            raise NotRun(", ".join(f"{d} is {results[d].outcome}" for d in failed))
        result.found = look(record, c)
    except NotRun as reason:
        result.reason = str(reason)
    if result.found.failures:
        result.outcome = "FAIL"
    elif record.manifest and is_before(record.came, c) and record.came != record.stage:
        result.outcome, result.reason = "NOT DUE", f"the petition ended in stage {record.came!r}"
    elif result.reason:
        pass                                               # it was not made
    elif c.number in ("L6", "S17") and not record.policy.witnesses.quorum:
        result.outcome, result.reason = "NOT DUE", "the policy's quorum is none"
    elif record.manifest and is_before(record.stage, c):
        result.reason = f"the record ends in stage {record.stage!r}"
        if is_before(asked, c):
            result.outcome = "NOT DUE"
    elif c.number in ("L4", "L5") and not result.found.looked:
        given = {"L4": "older checkpoint", "L5": "receipt"}[c.number]
        result.outcome, result.reason = "NOT DUE", f"no {given} was given"
    else:
        result.outcome = "PASS"
    return result


def is_before(stage, c):
    return STAGES.index(stage) < STAGES.index(c.stage)


def verify(directory, policy, asked, older, receipts, jobs, progress):
    """The record and {number: result} in the order of the table."""
    record = Record(directory)
    record.policy, record.older, record.receipts = policy, older, receipts
    record.judge_manifest(manifest_fault)
    if record.manifest and record.entries:
        record.replay(misplaced)
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
