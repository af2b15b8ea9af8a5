"""`scripts/bench petition`: makes a synthetic anonymous petition, once, and times urna-verifier on
it."""
import json
import os
import subprocess
import sys

import record
import report
from record import Failure, Parser

BENCHMARK = report.BUILD / "benchmarks/ring_bench"  # for the yardstick


def parse():
    parser = Parser(
        prog="scripts/bench petition",
        description="Makes the record of a synthetic anonymous petition with N signatures of N "
                    "members, all of whose secrets are thrown away, on a roll of a fifth more, and "
                    "audits it with urna-verifier from the files alone: log, roll with its "
                    "enrolments, rings, signatures, count. Beside it stands what libsodium takes "
                    "for one multiplication in the same run: machines drift, ratios do not. The "
                    "record is made once and kept in build/synthetic/petition-SIZE-N-VERSION; what "
                    "is there may be removed at any time. A signature and its enrolments take 1.2 "
                    "kB, and some milliseconds of a core to make.",
        epilog="Exit status: 0 measured, 1 the record does not verify, 2 something could not be "
               "run, 3 usage.")
    parser.add_argument("signatures", metavar="N", type=int)
    parser.add_argument("--ring-size", type=int, default=1024, choices=(64, 256, 1024, 4096),
                        help="points of a ring (%(default)s)")
    parser.add_argument("--threads", type=int, default=0,
                        help="the verifier's; 0: one a core (%(default)s)")
    parser.add_argument("--engine", default="", help="the verifier's arithmetic on public points; "
                        "by default the fastest of this processor")
    parser.add_argument("--json", metavar="FILE", help="write the figures with machine, compiler "
                        "and commit as JSON")
    parser.add_argument("--no-build", action="store_true",
                        help="measure the programs that are built already")
    arguments = parser.parse_args()
    if arguments.signatures < 1:
        parser.error("there must be at least one signature")
    if arguments.threads < 0:
        parser.error("--threads cannot be negative")
    return arguments


def multiplication():
    """Microseconds of one of libsodium's, and the name of the fastest engine."""
    run = subprocess.run(
        [str(BENCHMARK), "--benchmark_filter=^(SodiumMultiplication|VerifyBatch/64/1)$",
         "--benchmark_format=json"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    if run.returncode != 0:
        raise Failure(f"{BENCHMARK} cannot be run")
    rows = json.loads(run.stdout)["benchmarks"]
    return rows[0]["cpu_time"], rows[-1].get("label", "")


def measure(arguments):
    made, policy = record.make_record(
        f"petition-{arguments.ring_size}-{arguments.signatures}", "--signatures",
        str(arguments.signatures), "--ring-size", str(arguments.ring_size))
    size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
    before, engine = multiplication()
    told, cost = record.verify(made, policy, arguments)
    after, _ = multiplication()
    said = told["petition"]
    if said["signatures"] != arguments.signatures:
        raise Failure(f"{made} has {said['signatures']} signatures")
    sodium = (before + after) / 2
    microseconds = cost["cpu_seconds"] / arguments.signatures * 1e6
    return {
        "signatures": said["signatures"],
        "ring_size": arguments.ring_size,
        "rings": said["rings"],
        "smallest_crowd": said["smallest_crowd"],
        "members": next(c["looked"] for c in told["checks"] if c["number"] == "S4"),
        "bytes": size,
        **cost,
        "signatures_per_second": arguments.signatures / cost["seconds"],
        "cpu_microseconds_per_signature": microseconds,
        "libsodium_multiplication_microseconds": {"mean": sodium, "before": before,
                                                  "after": after},
        "multiplications_per_signature": microseconds / sodium,
        "engine": arguments.engine or engine,
        "threads": arguments.threads or os.cpu_count(),
    }


def rows_of(figures):
    sodium = figures["libsodium_multiplication_microseconds"]
    return [
        ("signatures", f"{figures['signatures']:,}", f"over {figures['rings']:,} rings of "
         f"{figures['ring_size']:,}, the smallest crowd being {figures['smallest_crowd']:,}"),
        ("members", f"{figures['members']:,}", "of the roll, whose enrolments are verified too"),
        ("record", f"{figures['bytes'] / 1e6:,.1f} MB", f"{figures['bytes']:,} bytes"),
        ("verified in", f"{figures['seconds']:,.2f} s", f"{figures['threads']} threads"),
        ("signatures/s", f"{figures['signatures_per_second']:,.0f}", "everything included"),
        ("CPU a signature", f"{figures['cpu_microseconds_per_signature']:,.1f} µs",
         f"{figures['cpu_seconds']:,.2f} s in all"),
        ("peak memory", f"{figures['peak_memory_bytes'] / 2**20:,.0f} MiB", ""),
        ("libsodium", f"{sodium['mean']:,.1f} µs", "a multiplication in this run: a signature takes "
         f"{figures['multiplications_per_signature']:.2f} of them"),
    ]


if __name__ == "__main__":
    sys.exit(record.run("petition", parse(), BENCHMARK, measure, rows_of))
