#!/usr/bin/env python3
"""A small rehearsal of the hammer: every ballot, and every signature of a petition, is accepted,
over TLS, once and only once.

usage: hammer_runs.py HAMMER.PY BUILD-DIRECTORY
"""
import json
import pathlib
import subprocess
import sys
import tempfile

BALLOTS = 300


def run(hammer, build, target, *options):
    command = [sys.executable, hammer, "--no-build", "--build", build, "--ballots", str(BALLOTS),
               "--seconds", "60", "--readers", "1", "--slow", "3", "--json", str(target), *options]
    status = subprocess.run(command, check=False).returncode
    return status, json.loads(target.read_text(encoding="utf-8"))["hammer"]


def main(hammer, build):
    with tempfile.TemporaryDirectory() as directory:
        target = pathlib.Path(directory, "report.json")
        status, kept = run(hammer, build, target, "--connections", "4", "--in-flight", "4")
        assert status == 0, kept["failures"]
        assert kept["accepted"]["count"] + kept["busy"]["count"] >= BALLOTS, kept
        assert kept["server"]["status"]["committed"] == kept["accepted"]["count"], kept
        assert kept["garbage_refused"]["count"] > 0 and kept["reads"] > 0, kept
        status, new = run(hammer, build, target, "--connections", "4", "--newcomers")
        assert status == 0, new["failures"]
        assert new["accepted"]["count"] > 0, new
        status, acts = run(hammer, build, target, "--connections", "4", "--in-flight", "4",
                           "--signatures", str(BALLOTS))
        assert status == 0, acts["failures"]
        assert acts["accepted"]["count"] + acts["busy"]["count"] >= BALLOTS, acts
        assert acts["server"]["status"]["committed"] == acts["accepted"]["count"], acts
        assert acts["garbage_refused"]["count"] > 0 and acts["duplicates"]["count"] > 0, acts


if __name__ == "__main__":
    main(*sys.argv[1:])
