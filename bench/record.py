"""`scripts/bench record`: makes a synthetic record, once, and times urna-verifier on it."""
import argparse
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import report

MAKER = report.BUILD / "bench/urna-synthetic-record"
VERIFIER = report.BUILD / "bin/urna-verifier"
BENCHMARK = report.BUILD / "benchmarks/election_bench"  # for the yardstick
CACHE = report.ROOT / "build/synthetic"


class Failure(Exception):
    """A sentence for people, and the exit status."""

    def __init__(self, sentence, status=2):
        super().__init__(sentence)
        self.status = status


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(3, f"{self.prog}: {message}\n{self.format_usage()}")


def parse():
    parser = Parser(
        prog="scripts/bench record", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Makes the record of a synthetic election with N ballots, all of whose secrets "
                    "are thrown away,\nand times urna-verifier on it. Beside it stands what "
                    "libsodium takes for the same ballots, one by\none, in the same run: machines "
                    "drift, ratios do not.\n\nThe record is made once and kept in "
                    "build/synthetic/SHAPE-N-VERSION; what is there may be removed\nat any time. "
                    "A 1-of-3 ballot with its enrolment takes 1.3 kB, and a quarter of a "
                    "millisecond of a\ncore to make.",
        epilog="Exit status: 0 measured, 1 the record does not verify, 2 something could not be "
               "run, 3 usage.")
    parser.add_argument("ballots", metavar="N", type=int, help="ballots, second ones of a voter "
                        "included (2 of a hundred voters cast two)")
    parser.add_argument("--shape", default="1-of-3",
                        help="what a ballot is: 1-of-3, 1-of-5, 10x1-of-4, 1-of-100 (%(default)s)")
    parser.add_argument("--threads", type=int, default=0,
                        help="the verifier's; 0: one a core (%(default)s)")
    parser.add_argument("--engine", default="", help="the verifier's arithmetic on public points; "
                        "by default the fastest of this processor")
    parser.add_argument("--json", metavar="FILE", help="write the figures with machine, compiler "
                        "and commit as JSON")
    parser.add_argument("--no-build", action="store_true",
                        help="measure the programs that are built already")
    arguments = parser.parse_args()
    if arguments.ballots < 1:
        parser.error("there must be at least one ballot")
    if arguments.threads < 0:
        parser.error("--threads cannot be negative")
    return arguments


def call(*command):
    if subprocess.run(command, cwd=report.ROOT, check=False).returncode != 0:
        raise Failure(f"{command[0]} failed")


def build(benchmark):
    call("scripts/setup", "--packages-only")
    call("cmake", "--preset", "release")
    call("cmake", "--build", "build/release", "--parallel", str(os.cpu_count()), "--target",
         *(program.name for program in (MAKER, VERIFIER, benchmark)))


def make_record(name, *options):
    """The directory of a record of such options; it is whole if its policy is there."""
    version = report.output_of(str(MAKER), "--version")
    if not version:
        raise Failure(f"{MAKER} cannot be run")
    record = CACHE / f"{name}-{version}"
    policy = pathlib.Path(f"{record}.policy")
    if policy.exists():
        return record, policy
    if record.exists():  # somebody was interrupted
        shutil.rmtree(record)
    CACHE.mkdir(parents=True, exist_ok=True)
    made = subprocess.run([str(MAKER), *options, "--out", str(record)],
                          stdout=subprocess.DEVNULL, check=False)
    if made.returncode != 0:
        raise Failure("the record cannot be made", made.returncode if made.returncode == 3 else 2)
    return record, policy


def yardstick(shape):
    """Microseconds of libsodium: a multiplication, and this ballot verified point by point."""
    run = subprocess.run(
        [str(BENCHMARK), f"--benchmark_filter=^(SodiumMultiplication|VerifyOneByOne/{shape})$",
         "--benchmark_format=json"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    if run.returncode != 0:
        raise Failure(f"{BENCHMARK} cannot be run")
    unit = {"ns": 1e-3, "us": 1, "ms": 1e3, "s": 1e6}
    times = {row["name"]: row["cpu_time"] * unit[row["time_unit"]]
             for row in json.loads(run.stdout)["benchmarks"]}
    return {"multiplication": times["SodiumMultiplication"],
            "ballot": times[f"VerifyOneByOne/{shape}"]}


def fastest_engine():
    return report.output_of(str(BENCHMARK), "--benchmark_list_tests=true",
                            "--benchmark_filter=^VerifyBatch/1-of-3/.*/1$").split("/")[2]


def verify(record, policy, arguments):
    """The verifier's report, and what it took."""
    command = [str(VERIFIER), str(record), "--policy", str(policy), "--json", "--quiet",
               "--threads", str(arguments.threads), "--engine", arguments.engine]
    with tempfile.TemporaryFile() as answer:
        start = time.monotonic()
        process = subprocess.Popen(command, stdout=answer)
        # The usage of this process alone; subprocess and getrusage know the largest of all so far.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        answer.seek(0)
        text = answer.read()
    if process.returncode not in (0, 1, 2):
        raise Failure("urna-verifier cannot be run", 3 if process.returncode == 3 else 2)
    told = json.loads(text)
    if process.returncode != 0 or not told["verified"]:
        wrong = [f"{check['number']} {check['outcome']}: {check['title']}"
                 for check in told["checks"] if check["outcome"] in ("FAIL", "NOT RUN")]
        raise Failure(f"{record} does not verify:\n  " + "\n  ".join(wrong), 1)
    return told, {"seconds": seconds, "cpu_seconds": usage.ru_utime + usage.ru_stime,
                  "peak_memory_bytes": usage.ru_maxrss * 1024}


def measure(arguments):
    record, policy = make_record(f"{arguments.shape}-{arguments.ballots}", "--ballots",
                                 str(arguments.ballots), "--shape", arguments.shape)
    size = sum(path.stat().st_size for path in record.rglob("*") if path.is_file())
    before = yardstick(arguments.shape)
    told, cost = verify(record, policy, arguments)
    after = yardstick(arguments.shape)
    ballots = told["election"]["ballots"]
    if ballots != arguments.ballots:
        raise Failure(f"{record} has {ballots} ballots")
    sodium = {what: (before[what] + after[what]) / 2 for what in before}
    return {
        "shape": arguments.shape,
        "ballots": ballots,
        "voters": next(c["looked"] for c in told["checks"] if c["number"] == "S4"),
        "bytes": size,
        **cost,
        "ballots_per_second": ballots / cost["seconds"],
        "cpu_microseconds_per_ballot": cost["cpu_seconds"] / ballots * 1e6,
        "libsodium_microseconds": {**sodium, "before": before, "after": after},
        "ratio_to_libsodium": sodium["ballot"] * ballots / 1e6 / cost["cpu_seconds"],
        "engine": arguments.engine or fastest_engine(),
        "threads": arguments.threads or os.cpu_count(),
    }


def rows_of(figures):
    sodium = figures["libsodium_microseconds"]
    per_ballot = figures["cpu_microseconds_per_ballot"]
    return [
        ("ballots", f"{figures['ballots']:,}", f"{figures['shape']}, of {figures['voters']:,} "
         "voters, whose enrolments are verified too"),
        ("record", f"{figures['bytes'] / 1e6:,.1f} MB", f"{figures['bytes']:,} bytes"),
        ("verified in", f"{figures['seconds']:,.2f} s", f"{figures['threads']} threads"),
        ("ballots/s", f"{figures['ballots_per_second']:,.0f}", "everything included"),
        ("CPU a ballot", f"{per_ballot:,.1f} µs", f"{figures['cpu_seconds']:,.2f} s in all"),
        ("peak memory", f"{figures['peak_memory_bytes'] / 2**20:,.0f} MiB", ""),
        ("libsodium", f"{sodium['ballot']:,.0f} µs", "of one core for such a ballot's proofs, "
         f"point by point (a multiplication: {sodium['multiplication']:.1f} µs)"),
        ("times less", f"{figures['ratio_to_libsodium']:,.1f}", "CPU than that, although reading, "
         "hashing and enrolments are in it"),
    ]


def print_table(rows, figures, around):
    """Rows of a name, a value and a note."""
    machine = around["machine"]
    print()
    for name, value, note in rows:
        print(f"{name:<16}{value:>16}  {note}".rstrip())
    print(f"\nengine {figures['engine']}; {machine['processor']}, {machine['cores']} cores; "
          f"{around['compiler']}; commit {around['commit']}")


def run(what, arguments, benchmark, measure_it, rows_of_it):
    """Builds, measures `what`, prints and writes the figures. Returns the exit status."""
    try:
        if not arguments.no_build:
            build(benchmark)
        figures = measure_it(arguments)
        around = report.surroundings()
        print_table(rows_of_it(figures), figures, around)
        if arguments.json:
            date = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
            report.write(arguments.json, {**around, "date": date, what: figures})
    except Failure as failure:
        print(f"scripts/bench {what}: {failure}", file=sys.stderr)
        return failure.status
    except OSError as error:
        print(f"scripts/bench {what}: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(run("record", parse(), BENCHMARK, measure, rows_of))
