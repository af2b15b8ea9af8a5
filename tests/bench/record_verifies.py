#!/usr/bin/env python3
"""A synthetic record of 1,000 ballots verifies, and with one changed byte in a ballot it does not.

usage: record_verifies.py URNA-SYNTHETIC-RECORD URNA-VERIFIER
"""
import json
import pathlib
import subprocess
import sys
import tempfile

BALLOTS = 1000


def verify(verifier, record):
    run = subprocess.run([verifier, str(record), "--policy", f"{record}.policy", "--json"],
                         stdout=subprocess.PIPE, check=False)
    return run.returncode, json.loads(run.stdout)


def outcomes(report, outcome):
    return {check["number"] for check in report["checks"] if check["outcome"] == outcome}


def main(maker, verifier):
    with tempfile.TemporaryDirectory() as directory:
        record = pathlib.Path(directory, "record")
        make = [maker, "--ballots", str(BALLOTS), "--out", str(record)]
        assert subprocess.run(make, check=False).returncode == 0, "the record is made"
        assert subprocess.run(make, check=False).returncode == 1, "what is there is left alone"

        status, report = verify(verifier, record)
        assert status == 0 and report["verified"], outcomes(report, "FAIL")
        assert report["election"]["ballots"] == BALLOTS, report["election"]
        assert outcomes(report, "NOT DUE") == {"L4", "L5", "L6", "S17"}, outcomes(report, "NOT DUE")

        # Entry 256 is a ballot, which ends with the response z_t; a low byte of that, so that it
        # stays a scalar.
        bundle = record / "poll/tile/entries/001"
        entries = bytearray(bundle.read_bytes())
        length = int.from_bytes(entries[:2], "big")
        entries[2 + length - 20] ^= 1
        bundle.write_bytes(entries)
        status, report = verify(verifier, record)
        assert status == 1 and not report["verified"], status
        assert {"L2", "B6"} <= outcomes(report, "FAIL"), outcomes(report, "FAIL")
    print(f"a record of {BALLOTS} synthetic ballots verifies; with one byte changed it does not")


if __name__ == "__main__":
    main(*sys.argv[1:])
