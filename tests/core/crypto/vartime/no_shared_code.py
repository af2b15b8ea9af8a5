"""Code compiled for a newer processor must not be shared with the rest of the program.

A function that several object files define (an inline function of a header, an instance of a
template) is kept once by the linker, whichever file it comes from. If it came from a file that is
compiled for AVX-512, the whole program would end on a processor without it. So these files may
define no such function.

usage: no_shared_code.py OBJECT…
"""
import pathlib
import subprocess
import sys

FOR_NEWER = ("lane_avx2", "lane_avx512", "lane_ifma", "sha512_avx2", "sha512_avx512")


def shared(path):
    listing = subprocess.run(["nm", "-C", "--defined-only", path], check=True, text=True,
                             capture_output=True).stdout
    rows = [line.split(maxsplit=2) for line in listing.splitlines()]
    return [row[2] for row in rows if len(row) == 3 and row[1] in "Ww"]


def main(paths):
    by_name = {pathlib.Path(path).name.split(".")[0]: path for path in paths}
    missing = [name for name in FOR_NEWER if name not in by_name]
    found = [f"{name}: {symbol}" for name in FOR_NEWER if name in by_name
             for symbol in shared(by_name[name])]
    # The test itself: other files do define such symbols.
    if not any(shared(path) for name, path in by_name.items() if name not in FOR_NEWER):
        missing.append("any file with a shared symbol")
    for line in [f"missing: {name}" for name in missing] + found:
        print(line)
    print(f"{len(FOR_NEWER)} files for newer processors, {len(found)} symbols that others may share")
    return 1 if missing or found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
