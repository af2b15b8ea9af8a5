"""`scripts/bench hammer`: many voters at once on a real urna-server, with TLS."""
import argparse
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import report

CACHE = report.ROOT / "build/synthetic"


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(3, f"{self.prog}: {message}\n{self.format_usage()}")


def parse():
    parser = Parser(
        prog="scripts/bench hammer", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Seals ballots (1-of-5) beforehand, starts urna-server with TLS beside it and "
                    "casts them over\nconnections that are kept, or each over a new one "
                    "(--newcomers), among duplicates, garbage, readers\nand slow clients. Every "
                    "receipt is verified.\n\nThe election is made once and kept in "
                    "build/synthetic/hammer-N-VERSION; the server works on a copy of its\nboard. With "
                    "--signatures it is a petition, and what is sent are ring acts.",
        epilog="Exit status: 0 measured, 1 something happened that should not, 2 something could "
               "not be run,\n3 usage.")
    parser.add_argument("--ballots", type=int, default=200_000,
                        help="that are sealed (%(default)s)")
    parser.add_argument("--signatures", type=int, metavar="N", help="of an anonymous petition, "
                        "which are made instead of ballots: rings of 1,024")
    parser.add_argument("--members", type=int, default=0, metavar="M", help="of the petition's "
                        "roll; many make many rings with few signatures each (as many as sign)")
    parser.add_argument("--seconds", type=float, default=30,
                        help="or until the ballots are cast (%(default)s)")
    parser.add_argument("--newcomers", action="store_true", help="a new connection a ballot")
    parser.add_argument("--connections", type=int, help="64; of newcomers, at once: 16")
    parser.add_argument("--in-flight", type=int, default=6,
                        help="calls at once on each connection (%(default)s)")
    parser.add_argument("--readers", type=int, default=2, help="(%(default)s)")
    parser.add_argument("--slow", type=int, default=20, help="slow connections (%(default)s)")
    parser.add_argument("--idle", type=int, default=0,
                        help="gRPC connections that are there and keep still (%(default)s)")
    parser.add_argument("--idle-http", type=int, default=0,
                        help="the same over HTTP (%(default)s)")
    parser.add_argument("--plain", action="store_true", help="without TLS")
    parser.add_argument("--server-option", action="append", default=[], metavar="OPTION",
                        help="handed on to urna-server serve, such as --server-option=--batch=256")
    parser.add_argument("--json", metavar="FILE", help="write the figures with machine, compiler "
                        "and commit as JSON")
    parser.add_argument("--build", type=pathlib.Path, default=report.BUILD,
                        help="the build directory, if it is not build/release")
    parser.add_argument("--no-build", action="store_true",
                        help="measure the programs that are built already")
    return parser.parse_args()


def build():
    for command in (["scripts/setup", "--packages-only"], ["cmake", "--preset", "release"],
                    ["cmake", "--build", "build/release", "--parallel", str(os.cpu_count()),
                     "--target", "urna-hammer", "urna-server", "ring_bench"]):
        if subprocess.run(command, cwd=report.ROOT, check=False).returncode != 0:
            sys.exit(2)


def prepare(hammer, arguments):
    """The directory of what is cast; it is whole if it has its last name."""
    name, what = f"hammer-{arguments.ballots}", ["prepare", "--ballots", str(arguments.ballots)]
    if arguments.signatures:
        name = f"hammer-signatures-{arguments.signatures}-{arguments.members}"
        what = ["prepare-petition", "--signatures", str(arguments.signatures), "--members",
                str(arguments.members)]
    version = report.output_of(str(hammer), "--version")
    if not version:
        sys.exit(2)
    directory = CACHE / f"{name}-{version}"
    if not directory.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        making = directory.with_suffix(".part")
        shutil.rmtree(making, ignore_errors=True)
        if subprocess.run([hammer, *what, "--out", making], check=False).returncode != 0:
            sys.exit(2)
        making.rename(directory)
    return directory


def multiplication(build):
    """Microseconds of one of libsodium's, as this machine is at the moment; 0 if unknown."""
    program = build / "benchmarks/ring_bench"
    if not program.exists():
        return 0
    run = subprocess.run([program, "--benchmark_format=json",
                          "--benchmark_filter=^SodiumMultiplication"], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, check=False)
    return json.loads(run.stdout)["benchmarks"][0]["cpu_time"] if run.returncode == 0 else 0


class Memory(threading.Thread):
    """The server's resident memory, looked at every second."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.status = pathlib.Path(f"/proc/{pid}/status")
        self.seen = []  # MiB
        self.ending = threading.Event()

    def look(self):
        for line in self.status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                self.seen.append(int(line.split()[1]) / 1024)

    def run(self):
        while not self.ending.is_set():
            self.look()
            self.ending.wait(1)

    def processor_seconds(self):
        fields = (self.status.parent / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Server:
    """urna-server on a copy of the board."""

    def __init__(self, program, board, work, arguments):
        data = work / "board"
        shutil.copytree(board, data)
        command = [program, "serve", "--data", data, "--acts-per-credential", "0"]
        self.roots = []
        if not arguments.plain:
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                 "-addext", "subjectAltName=DNS:localhost", "-keyout", work / "key.pem", "-out",
                 work / "cert.pem"], check=True, stderr=subprocess.DEVNULL)
            command += ["--tls-cert", work / "cert.pem", "--tls-key", work / "key.pem"]
            self.roots = ["--tls-roots", work / "cert.pem"]
        if arguments.idle_http:
            command += ["--http", "127.0.0.1:0"]
        self.http = ""
        self.process = subprocess.Popen([*command, *arguments.server_option], text=True,
                                        stdout=subprocess.PIPE)
        self.port = ""
        while not self.port:
            line = self.process.stdout.readline()
            if not line:
                sys.exit(2)
            if line.startswith("public files on http://"):
                self.http = line.strip().removeprefix("public files on http://").rstrip("/")
            if line.startswith("listening on "):
                self.port = line.strip().rpartition(":")[2]
        self.data = data
        self.program = program

    def status(self):
        # Ten thousand connections that end at once keep it busy for a while.
        for _ in range(6):
            run = subprocess.run([self.program, "status", "--data", self.data, "--json"],
                                 stdout=subprocess.PIPE, check=False)
            if run.returncode == 0:
                return json.loads(run.stdout)
        sys.exit(2)

    def stop(self):
        self.process.terminate()
        return self.process.wait()


def run_hammer(hammer, directory, server, arguments):
    connections = arguments.connections or (16 if arguments.newcomers else 64)
    command = [hammer, "--json", "run", "--dir", directory, "--server", f"localhost:{server.port}",
               *server.roots, "--seconds", str(arguments.seconds), "--connections",
               str(connections), "--in-flight", str(arguments.in_flight), "--readers",
               str(arguments.readers), "--slow", str(arguments.slow), "--idle",
               str(arguments.idle)]
    if arguments.idle_http:
        command += ["--idle-http", str(arguments.idle_http), "--http", server.http]
    if arguments.newcomers:
        command.append("--newcomers")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, check=False)
    if run.returncode > 1:
        sys.exit(2)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = json.loads(run.stdout)
    result["processor_seconds"] = (after.ru_utime - before.ru_utime + after.ru_stime -
                                   before.ru_stime)
    return run.returncode, result


def show(result):
    def line(what, times):
        print(f"{what:32}{times['count']:9,}  {times['count'] / result['seconds']:8,.0f}/s  "
              f"p50 {times['p50_ms']:7.1f} ms  p99 {times['p99_ms']:7.1f} ms  "
              f"max {times['max_ms']:7.1f} ms")

    line("accepted, receipts verified", result["accepted"])
    line("the original receipt again", result["duplicates"])
    line("garbage refused", result["garbage_refused"])
    line("busy, refused", result["busy"])
    server = result["server"]
    print(f"{result['seconds']:.1f} s; {result['reads']:,} reads, {result['slow_cut_off']} slow "
          f"connections cut off, {result['overtaken']} ballots overtaken by their voter's second")
    print(f"server: {server['memory_before_mib']:.0f} MiB before, {server['memory_peak_mib']:.0f} "
          f"at most, {server['memory_after_mib']:.0f} after; "
          f"{server['processor_seconds']:.1f} s of processor time, "
          f"{1e6 * server['processor_seconds'] / max(1, result['accepted']['count']):.0f} µs an "
          f"entry; {server['entries_per_commit']:.0f} entries in a synced write of "
          f"{server['commit_ms']:.1f} ms, of which the sync took {server['sync_ms']:.1f}")
    print(f"hammer: {result['processor_seconds']:.1f} s of processor time, "
          f"{1e6 * result['processor_seconds'] / max(1, result['accepted']['count']):.0f} µs "
          "an entry")
    if all(result["libsodium_multiplication_microseconds"]):
        print("libsodium: {:.1f} µs a multiplication before, {:.1f} after".format(
            *result["libsodium_multiplication_microseconds"]))
    if result["idle"]:
        print(f"{result['idle']:,} idle connections at the end; {result['idle_again']:,} were cut "
              "off and came again")
    for sentence, count in result["failures"].items():
        print(f"FAILED {count} times: {sentence}")


def main():
    arguments = parse()
    if not arguments.no_build:
        build()
    hammer = arguments.build / "bench/urna-hammer"
    directory = prepare(hammer, arguments)
    with tempfile.TemporaryDirectory(prefix="urna-hammer-") as work:
        server = Server(arguments.build / "bin/urna-server", directory / "board",
                        pathlib.Path(work), arguments)
        try:
            memory = Memory(server.process.pid)
            before = memory.processor_seconds()
            sodium = [multiplication(arguments.build)]
            memory.start()
            status, result = run_hammer(hammer, directory, server, arguments)
            memory.ending.set()
            memory.join()
            memory.look()
            counted = server.status()
            sodium.append(multiplication(arguments.build))
            result["libsodium_multiplication_microseconds"] = sodium
            result["server"] = {
                "memory_before_mib": memory.seen[0], "memory_peak_mib": max(memory.seen),
                "memory_after_mib": memory.seen[-1], "memory_mib": memory.seen,
                "processor_seconds": memory.processor_seconds() - before,
                "entries_per_commit": counted["committed"] / max(1, counted["commits"]),
                "commit_ms": 1000 * counted["commit_seconds"] / max(1, counted["commits"]),
                "sync_ms": 1000 * counted["sync_seconds"] / max(1, counted["syncs"]),
                "status": counted}
        finally:
            ended = server.stop()
    show(result)
    if arguments.json:
        report.write(arguments.json, {**report.surroundings(), "date": time.strftime("%FT%TZ",
                     time.gmtime()), "hammer": result})
    return status or (1 if ended != 0 else 0)


if __name__ == "__main__":
    sys.exit(main())
