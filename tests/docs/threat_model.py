"""Every test that docs/threat_model.md names is there.

usage: threat_model.py [--self-test]

In the table's last column `B4 NegativeSlackBit` is a forgery of tests/forgery with the check that
finds it, and `Suite.Name` a unit test. A row has at least one, or '–' where there is no remedy.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def sources():
    return [path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests").rglob("*.cc"))]


def unit_tests(texts):
    found = set()
    for text in texts:
        for suite, name in re.findall(r"\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)", text):
            found.add(f"{suite}.{name}")
    return found


def forgeries(texts):
    """Pairs of a check's number and a forgery's name."""
    found = set()
    for text in texts:
        for checks, name in re.findall(r"\{((?:Check::k\w+,?\s*)+)\},\s*\"(\w+)\"", text):
            found.update((check, name) for check in re.findall(r"Check::k(\w+)", checks))
        for check, name in re.findall(r"\(Check::k(\w+),\s*\"(\w+)\"", text):
            found.add((check, name))
    return found


def problems(document, tests, forged):
    out = []
    rows = 0
    for number, line in enumerate(document.splitlines(), 1):
        if not line.startswith("|") or line.startswith(("| attempt", "| mistake", "|---")):
            continue
        rows += 1
        cells = line.strip("|").split(" | ")
        if len(cells) != 3:
            out.append(f"line {number}: a row has three columns")
            continue
        names = re.findall(r"`([^`]+)`", cells[2])
        if not names and cells[2].strip() != "–":
            out.append(f"line {number}: nothing proves it, and it does not say '–'")
        for name in names:
            if re.fullmatch(r"[A-Z]\d+ \w+", name):
                known = tuple(name.split()) in forged
            elif "." in name:
                known = name in tests
            else:
                known = name == "constant_time" or (ROOT / name).is_dir()
            if not known:
                out.append(f"line {number}: there is no '{name}'")
    if rows < 20:
        out.append(f"only {rows} rows were found")
    return out


def self_test(tests, forged):
    good = "| a | b | `B4 NegativeSlackBit`, `EntryTest.DecodesWhatItEncodes` |\n"
    assert problems(good * 20, tests, forged) == []
    for bad in ("| a | b | `B5 NegativeSlackBit` |", "| a | b | `EntryTest.IsNotThere` |",
                "| a | b | something |", "| a | b |", "| a | b | `tests/nowhere` |"):
        found = problems(good * 20 + bad, tests, forged)
        assert len(found) == 1 and "line 21" in found[0], (bad, found)
    assert problems(good, tests, forged) == ["only 1 rows were found"]


def main():
    texts = sources()
    tests, forged = unit_tests(texts), forgeries(texts)
    self_test(tests, forged)
    if sys.argv[1:] == ["--self-test"]:
        return 0
    found = problems((ROOT / "docs/threat_model.md").read_text(encoding="utf-8"), tests, forged)
    for problem in found:
        print(f"docs/threat_model.md {problem}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
