#!/usr/bin/env python3
"""Carries out docs/operations.md: all of its `sh` blocks, in order, in one shell and one empty
directory, stopping at the first command that fails. The drills cannot rot that way.

usage: operations.py DOCUMENT BIN-DIRECTORY
"""
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import tempfile

SECONDS = 240
# Drills that must be there, each with a block at least.
DRILLS = ("Backups", "Killed, or out of power", "The disk is full, or fails",
          "Two servers on one directory", "The clock was set back", "A lost key",
          "An old backup was restored", "A damaged file", "Witnesses are away", "A fork alarm",
          "Certificates of those who administer")


def blocks(document):
    """Heading, line and text of every block of shell commands."""
    heading, found, lines, start = "", [], None, 0
    for number, line in enumerate(document.splitlines(), 1):
        if lines is None:
            if line.startswith("#"):
                heading = line.lstrip("# ")
            elif line == "```sh":
                lines, start = [], number
        elif line == "```":
            found.append((heading, start, "\n".join(lines)))
            lines = None
        else:
            lines.append(line)
    assert lines is None, "the last block does not end"
    return found


def main(path, programs):
    found = blocks(pathlib.Path(path).read_text(encoding="utf-8"))
    for drill in DRILLS:
        assert any(heading == drill for heading, _, _ in found), f"there is no drill '{drill}'"
    script = ["set -euo pipefail"]
    for heading, line, text in found:
        script += [f"echo {shlex.quote(f'== {heading} (line {line})')}", text]
    script.append("echo all drills done")
    with tempfile.TemporaryDirectory(prefix="urna-operations-") as directory:
        environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "LC_ALL": "C"}
        shell = subprocess.Popen(["bash", "-c", "\n".join(script)], cwd=directory,
                                 env=environment, start_new_session=True, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            output, _ = shell.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(shell.pid, signal.SIGKILL)
            output, _ = shell.communicate()
            output += f"\n(it was still running after {SECONDS} s)"
        finally:
            try:
                os.killpg(shell.pid, signal.SIGKILL)  # servers that a failed drill left behind
            except ProcessLookupError:
                pass
        print(output)
        done = shell.returncode == 0 and output.rstrip().endswith("all drills done")
        if not done:
            log = pathlib.Path(directory, "server.log")
            print("the server's log:", log.read_text(encoding="utf-8")[-4000:] if log.exists() else "none")
        assert done, f"the drills ended with status {shell.returncode}"
        drilled = len(re.findall(r"^== ", output, re.MULTILINE))
        assert drilled == len(found), f"{drilled} of {len(found)} blocks were reached"


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        sys.exit(3)
    main(sys.argv[1], sys.argv[2])
