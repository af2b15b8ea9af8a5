#!/usr/bin/env python3
"""Asks both verifiers about every record of a corpus and compares what they say.

usage: compare.py --verifier URNA-VERIFIER --reference VERIFY.PY --corpus DIRECTORY [--jobs N]
                  [--make MAKE_FORGERIES] [--only NAME] [--mutate SECONDS [--seed N] [--batches N]]

The corpus is what make_forgeries wrote; with --make it is made first, anew. With --mutate the
records are such that chance changed, batch after batch until the seconds, or the batches, are over. Both must give the
expected exit status and the expected FAILs, and agree on every check's outcome, and on what and how
much it looked at if it was made (docs/protocol.md §12.1). Exit status 0 if they do on every record,
else 1.
"""

import argparse
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import time


def ask(command, directory):
    """(exit status, report) of a verifier, run in the record's own directory."""
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=600)
    try:
        return done.returncode, json.loads(done.stdout)
    except json.JSONDecodeError:
        return done.returncode, {"checks": [], "error": done.stdout + done.stderr}


def by_number(report):
    return {check["number"]: check for check in report["checks"]}


def differences(expected, ours, reference):
    """Sentences about whatever is not as it should be."""
    out = []
    for name, (status, report) in (("urna-verifier", ours), ("the reference", reference)):
        if "error" in report:
            out.append(f"{name} gives no report, status {status}: {report['error'][-400:]}")
            continue
        if "status" in expected and status != expected["status"]:
            out.append(f"{name}: exit status {status}, not {expected['status']}")
        fails = [c["number"] for c in report["checks"] if c["outcome"] == "FAIL"]
        if "fails" in expected and fails != expected["fails"]:
            out.append(f"{name}: FAIL {' '.join(fails) or 'nowhere'}, "
                       f"not {' '.join(expected['fails']) or 'nowhere'}")
    a, b = by_number(ours[1]), by_number(reference[1])
    for number in sorted(a.keys() | b.keys()):
        if number not in a or number not in b:
            out.append(f"{number} is in one report only")
            continue
        fields = ["title", "outcome"]
        if a[number]["outcome"] in ("PASS", "FAIL"):
            fields += ["looked", "what"]
        for field in fields:
            if a[number].get(field) != b[number].get(field):
                out.append(f"{number} {field}: {a[number].get(field)!r} and "
                           f"{b[number].get(field)!r}")
    return out


def check(arguments, name):
    directory = os.path.join(arguments.corpus, name)
    with open(os.path.join(directory, "expected.json"), encoding="utf-8") as file:
        expected = json.load(file)
    with open(os.path.join(directory, "arguments"), encoding="utf-8") as file:
        rest = ["record", "--json", *file.read().splitlines()]
    ours = ask([arguments.verifier, *rest, "--threads", "1"], directory)
    reference = ask([sys.executable, arguments.reference, *rest, "--jobs", "1"], directory)
    return differences(expected, ours, reference)


def compare_all(arguments):
    """How many records of the corpus are not as they should be; prints why."""
    names = sorted(n for n in os.listdir(arguments.corpus) if arguments.only in n)
    if not names:
        sys.exit("compare.py: no records to compare")
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for name, found in zip(names, pool.map(lambda n: check(arguments, n), names)):
            bad += bool(found)
            for sentence in found:
                print(f"{name}: {sentence}", flush=True)
    print(f"{len(names) - bad} of {len(names)} records: both verifiers say the same, and what "
          "they should", flush=True)
    return bad


def mutate(arguments):
    """Batches of changed records; one that the verifiers don't agree about is kept."""
    end = time.monotonic() + arguments.mutate
    seed = arguments.seed
    while True:
        shutil.rmtree(arguments.corpus, ignore_errors=True)
        subprocess.run([arguments.make, arguments.corpus, "30", str(seed)], check=True)
        bad = compare_all(arguments)
        seed += 1
        if bad or time.monotonic() > end or seed == arguments.seed + arguments.batches:
            return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--verifier", required=True)
    parser.add_argument("--reference", required=True)
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--make")
    parser.add_argument("--only", default="")
    parser.add_argument("--mutate", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batches", type=int, default=0, help="at most so many (0: no bound)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    for name in ("verifier", "reference", "corpus"):
        setattr(arguments, name, os.path.abspath(getattr(arguments, name)))
    if arguments.make and not arguments.mutate:
        shutil.rmtree(arguments.corpus, ignore_errors=True)
        subprocess.run([arguments.make, arguments.corpus], check=True)
    if arguments.mutate:
        return 1 if mutate(arguments) else 0
    return 1 if compare_all(arguments) else 0


if __name__ == "__main__":
    sys.exit(main())
