"""A table of what a ballot costs, out of election_bench's results in Google Benchmark's JSON.

usage: summary.py RESULTS.json
"""
import json
import re
import sys


def micros(row):
    return row["cpu_time"] * {"ns": 1e-3, "us": 1, "ms": 1e3, "s": 1e6}[row["time_unit"]]


def main(path):
    with open(path, encoding="utf-8") as file:
        rows = [row for row in json.load(file)["benchmarks"]
                if row.get("run_type", "iteration") == "iteration" and "error_message" not in row]
    by_name = {row["name"]: row for row in rows}
    batches = [(re.fullmatch(r"VerifyBatch/([^/]+)/([^/]+)/(\d+)", row["name"]), row)
               for row in rows]
    batches = [(m[1], m[2], int(m[3]), row) for m, row in batches if m]
    shapes = list(dict.fromkeys(shape for shape, _, _, _ in batches))
    engines = list(dict.fromkeys(engine for _, engine, _, _ in batches))
    if not shapes:
        return
    largest = max(size for _, _, size, _ in batches)
    bulk = {(shape, engine): micros(row) / largest
            for shape, engine, size, row in batches if size == largest}
    alone = {(shape, engine): micros(row) for shape, engine, size, row in batches if size == 1}

    def cell(value, pattern="{:,.0f}"):
        return "-" if value is None else pattern.format(value)

    def time_of(name):
        return micros(by_name[name]) if name in by_name else None

    def print_table(head, lines):
        widths = [max(len(line[i]) for line in [head, *lines]) for i in range(len(head))]
        for line in [head, *lines]:
            print("  ".join(text.ljust(widths[0]) if i == 0 else text.rjust(widths[i])
                            for i, text in enumerate(line)))

    sodium = time_of("SodiumMultiplication")
    print("\nWhat a ballot costs, in microseconds of one core; in brackets how many times less than")
    print("through libsodium, point by point, in the same run"
          + (f" (a multiplication: {sodium:.1f})" if sodium else "") + ".\n")
    head = ["ballot", "bytes", "encrypt", "libsodium"]
    for engine in engines:
        head += [f"{engine}, alone", f"{engine}, of {largest}"]
    head.append("ballots/s, all cores")
    lines = []
    for shape in shapes:
        encrypt = by_name.get(f"Encrypt/{shape}")
        one = time_of(f"VerifyOneByOne/{shape}")
        line = [shape, cell(encrypt and encrypt["bytes"]), cell(encrypt and micros(encrypt)),
                cell(one)]
        for engine in engines:
            line.append(cell(alone.get((shape, engine))))
            value = bulk.get((shape, engine))
            ratio = f" ({one / value:.0f})" if one and value else ""
            line.append(cell(value, "{:,.1f}") + ratio)
        threads = [row for name, row in by_name.items() if name.startswith(f"AllCores/{shape}/")]
        line.append(cell(threads[0]["ballots"] if threads else None))
        lines.append(line)
    print_table(head, lines)

    print("\nAdding up, in nanoseconds a selection, decoding included.\n")
    head = ["ballot", *[f"{engine}{of}" for engine in engines for of in ("", ", weighted")]]
    lines = []
    for shape in shapes:
        line = [shape]
        for engine in engines:
            for weight in (1, 1000):
                row = by_name.get(f"Tally/{shape}/{engine}/weight:{weight}")
                line.append(cell(row and 1e9 / row["selections"]))
        lines.append(line)
    print_table(head, lines)

    for bound in (30_000, 1_000_000):
        found = time_of(f"DiscreteLog/{bound}")
        if found:
            print(f"\nA total of {bound:,} found in {found / 1000:.2f} ms", end="")
    print()


if __name__ == "__main__":
    main(sys.argv[1])
