#!/usr/bin/env python3
"""Synthetic records of 1,000 ballots, and of 300 anonymous signatures, verify, and with one changed
byte they do not.

usage: record_verifies.py URNA-SYNTHETIC-RECORD URNA-VERIFIER
"""
import json
import pathlib
import subprocess
import sys
import tempfile

BALLOTS = 1000
SIGNATURES = 300


def verify(verifier, record):
    run = subprocess.run([verifier, str(record), "--policy", f"{record}.policy", "--json"],
                         stdout=subprocess.PIPE, check=False)
    return run.returncode, json.loads(run.stdout)


def outcomes(report, outcome):
    return {check["number"] for check in report["checks"] if check["outcome"] == outcome}


def check_petition(maker, verifier):
    with tempfile.TemporaryDirectory() as directory:
        record = pathlib.Path(directory, "record")
        make = [maker, "--signatures", str(SIGNATURES), "--ring-size", "64", "--out", str(record)]
        assert subprocess.run(make, check=False).returncode == 0, "the record is made"
        assert subprocess.run(make, check=False).returncode == 1, "what is there is left alone"
        status, report = verify(verifier, record)
        assert status == 0 and report["verified"], outcomes(report, "FAIL")
        said = report["petition"]
        assert (said["signatures"], said["rings"], said["smallest_crowd"]) \
            == (SIGNATURES, 6, 64), said
        # Entry 256 is a ring act, which ends with the response v.
        bundle = record / "poll/tile/entries/001.p"
        bundle = next(bundle.iterdir())
        entries = bytearray(bundle.read_bytes())
        length = int.from_bytes(entries[:2], "big")
        entries[2 + length - 20] ^= 1
        bundle.write_bytes(entries)
        status, report = verify(verifier, record)
        assert status == 1 and not report["verified"], status
        assert {"L2", "P4"} <= outcomes(report, "FAIL"), outcomes(report, "FAIL")


def main(maker, verifier):
    with tempfile.TemporaryDirectory() as directory:
        record = pathlib.Path(directory, "record")
        make = [maker, "--ballots", str(BALLOTS), "--out", str(record)]
        assert subprocess.run(make, check=False).returncode == 0, "the record is made"
        assert subprocess.run(make, check=False).returncode == 1, "what is there is left alone"

        status, report = verify(verifier, record)
        assert status == 0 and report["verified"], outcomes(report, "FAIL")
        assert report["election"]["ballots"] == BALLOTS, report["election"]
        not_due = {"L4", "L5", "L6", "I5", "S17", "B12"}
        assert outcomes(report, "NOT DUE") == not_due, outcomes(report, "NOT DUE")

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
    check_petition(maker, verifier)
    print(f"a record of {BALLOTS} synthetic ballots verifies, and one of {SIGNATURES} signatures; with one byte changed they "
          "do not")


if __name__ == "__main__":
    main(*sys.argv[1:])
