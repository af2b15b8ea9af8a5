"""What was measured and where, as JSON: results of Google Benchmark with machine, compiler, commit.

usage: report.py TARGET.json RESULTS
"""
import json
import os
import pathlib
import platform
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = ROOT / "build/release"


def output_of(*command):
    """The first line that a command prints; nothing if it fails."""
    run = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         text=True, check=False)
    return run.stdout.partition("\n")[0] if run.returncode == 0 else ""


def surroundings():
    """Commit, compiler, its flags, and the machine."""
    cache = (BUILD / "CMakeCache.txt").read_text(encoding="utf-8")

    def cached(name):
        found = re.search(rf"^{name}:[A-Z]*=(.*)$", cache, re.MULTILINE)
        return found[1] if found else ""

    model = re.search(r"^model name\s*:\s*(.*)$",
                      pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    return {
        "commit": output_of("git", "describe", "--always", "--dirty", "--abbrev=12") or "unknown",
        "compiler": output_of(cached("CMAKE_CXX_COMPILER"), "--version"),
        "flags": cached("CMAKE_CXX_FLAGS_RELWITHDEBINFO"),
        "machine": {
            "processor": model[1] if model else platform.machine(),
            "cores": len(os.sched_getaffinity(0)),
            "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
            "system": f"{platform.system()} {platform.release()}",
        },
    }


def write(target, report):
    pathlib.Path(target).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"\nwritten: {target}")


def main(target, results):
    report = {**surroundings(), "programs": {}}
    for path in sorted(pathlib.Path(results).glob("*.json")):
        text = path.read_text(encoding="utf-8")
        if not text.strip():  # nothing of this program matched the filter
            continue
        run = json.loads(text)
        report["date"] = run["context"]["date"]
        report["programs"][path.stem] = run["benchmarks"]
    write(target, report)


if __name__ == "__main__":
    main(*sys.argv[1:])
