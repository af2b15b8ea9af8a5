#!/usr/bin/env python3
"""Urna's reference verifier: checks everything about a poll from its public record alone.

Written from docs/protocol.md, in plain Python 3.11 with the standard library, and sharing no
line with the engine. To be read in this order:

  group.py    arithmetic, signatures, transcripts, the equations of proofs    sections 1 to 3
  notes.py    trees, signed notes, receipts, a record's files                 10
  witnesses.py  whose cosignatures are enough, and what they show             10.2
  policy.py   what the auditor knows beforehand                               11
  presentation.py  the language in which entries are described                1
  entries.py  the structure of entries                                        4 to 9, 13
  rolls.py    a roll and its changes, epoch by epoch                          4, 4.2
  rings.py    tags, proofs over rings, the rings of a roll                    3.7, 3.8, 4.1
  epochs.py   the epochs of a roll that a petition has rings of               4.1, 6
  ballots.py  what a ballot consists of and proves; parts, sums, outcomes     7, 9
  life.py     states of an anonymous petition, who has confirmed it           6.1
  state.py    what a record says, from its first entry to its last            4 to 9

then the checks, each a function named after its number, and what becomes of them:

  judging.py  what the checks share: what they find, what they may ask for    12
  log_checks.py       L1 to L5                                                10
  witness_checks.py   L6, L7, S17                                             10.4
  policy_checks.py    I1 to I5                                                11
  manifest_checks.py  S1, S2                                                  6
  roll_checks.py      S3, S4, S14 to S16                                      4, 6, 9.1
  order_checks.py     S5 to S8                                                6
  ceremony_checks.py  S9 to S13                                               5
  ballot_checks.py    B1 to B12                                               7
  count_checks.py     C1 to C9                                                9
  petition_checks.py  P1 to P8                                                8
  life_checks.py      P9 to P12                                               6.1
  table.py        their table                                                 12
  examination.py  the checks made of a record                                 12.1
  report.py       the report                                                  12.1
  verify.py       the command
"""
import argparse
import json
import os
import sys

from examination import status_of, verify
from group import Bad
from policy import parse_policy
from report import as_json, print_text
from state import STAGES
from table import TABLE                                    # noqa: F401


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
