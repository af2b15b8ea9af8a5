#!/usr/bin/env python3
"""Reads every #include of the product and fails where a lower layer looks up.

The house has layers: a folder includes itself and the folders that LAYERS lists for it, and what
those may include in turn, never a folder above. Some outside headers belong to one place only
(OWNERS). Tests may include everything and are not read.

Exit status: 0 in order, 1 a wrong #include, 3 wrong arguments.
"""

import argparse
import pathlib
import re
import sys
import tempfile

# Folder -> the folders directly below it; what those may use follows.
LAYERS = {
    "core/base": [],
    "core/pabulib": ["core/base"],
    "core/http": ["core/base"],
    "core/tls": ["core/base"],
    "core/crypto": ["core/base"],
    "core/merkle": ["core/base"],  # and CRYPTO_FOR_MERKLE
    "core/roll": ["core/crypto"],
    "core/poll": ["core/roll"],
    "core/election": ["core/poll"],
    "core/petition": ["core/poll"],
    "core/record": ["core/election", "core/petition", "core/merkle"],
    "core/audit": ["core/record"],
    "proto": [],
    "core/remote": ["core/record", "core/tls", "proto"],
    "server": ["core/record", "core/http", "core/tls", "proto"],
    "core/console": ["core/remote"],
    "tally": ["core/audit", "core/console", "core/pabulib"],
    "voter": ["core/console", "core/pabulib"],
    "verifier": ["core/audit"],  # and core/remote for its fetch*
    "witness": ["core/merkle", "core/http"],
    "bench": ["core/audit", "core/remote", "server", "tally", "voter", "verifier"],
}

# Of core/crypto, core/merkle and witness/ use hashing and signatures alone: these headers, the last
# four because a signing key is made and kept with them.
CRYPTO_FOR_MERKLE = re.compile(
    r"core/crypto/(hash|signature|rng|secret_bytes|secret_file|sodium_init)\.h$")
CRYPTO_LIMITED = ("core/merkle", "witness")

# Outside headers that belong to a few folders: (pattern, folders, what it is).
OWNERS = [
    (re.compile(r"^sodium(\.h$|/)"), ["core/crypto"], "libsodium"),
    (re.compile(r"^gmp(xx)?\.h$"), ["core/election"], "GMP"),
    (re.compile(r"^rocksdb/"), ["server"], "RocksDB"),
    (re.compile(r"^microhttpd\.h$"), ["core/http", "server", "witness"], "libmicrohttpd"),
    (re.compile(r"^curl/"), ["core/http", "core/remote"], "libcurl"),
    (re.compile(r"^prometheus/"), ["server"], "prometheus-cpp"),
    (re.compile(r"^(grpcpp|grpc|grpc\+\+)/"), ["proto", "core/remote", "server"], "gRPC"),
    (re.compile(r"\.pb\.h$"), ["proto", "core/remote", "server"], "generated Protobuf code"),
    (re.compile(r"^google/protobuf/"), ["proto", "core/remote", "server"], "Protobuf"),
    (re.compile(r"^(gtest|gmock)/"), [], "GoogleTest"),
    (re.compile(r"^benchmark/"), ["bench"], "Google Benchmark"),
]

TOP_FOLDERS = ["core", "proto", "server", "tally", "voter", "verifier", "witness", "bench"]
OUR_FOLDERS = TOP_FOLDERS + ["tests"]
SUFFIXES = {".h", ".cc"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def layer_of(path):
    """The layer of a path from the root, or None: core/crypto/vartime/x.h -> core/crypto."""
    parts = path.split("/")
    name = "/".join(parts[:2]) if parts[0] == "core" else parts[0]
    return name if name in LAYERS else None


def may_use(layer):
    """Every layer that `layer` may include, itself among them."""
    found, queue = set(), [layer]
    while queue:
        name = queue.pop()
        if name not in found:
            found.add(name)
            queue += LAYERS[name]
    return found


def check_project_include(source, layer, target):
    """The sentence against including our own header `target` in `source`, or None."""
    other = layer_of(target)
    if other is None:
        return f"'{target}' is in no layer; products include neither tests nor unknown folders"
    if layer in CRYPTO_LIMITED and other == "core/crypto":
        if CRYPTO_FOR_MERKLE.match(target):
            return None
        return f"{layer} uses core/crypto's hash and signature only, not '{target}'"
    if layer == "verifier" and other in ("core/remote", "proto"):
        name = source.rsplit("/", 1)[-1]
        if other == "core/remote" and name.startswith("fetch"):
            return None
        return f"the verifier works offline: only verifier/fetch* may include core/remote ('{target}')"
    if other in may_use(layer):
        return None
    return f"{layer} may not use {other} ('{target}'): layers look down only"


def check_include(root, source, layer, target):
    """The sentences against one #include of `source`."""
    errors = []
    for pattern, folders, what in OWNERS:
        if pattern.search(target) and layer not in folders:
            where = ", ".join(folders) if folders else "tests"
            errors.append(f"only {where} may include {what} ('{target}')")
    if target.split("/")[0] in OUR_FOLDERS and "/" in target:
        sentence = check_project_include(source, layer, target)
        if sentence and not (errors and target.endswith(".pb.h")):
            errors.append(sentence)
    elif target.startswith(".") or (root / source).parent.joinpath(target).is_file():
        errors.append(f"write the path from the repository's root instead of '{target}'")
    return errors


def check_tree(root):
    """All findings under `root` as 'file:line: sentence', and the number of includes read."""
    findings, includes = [], 0
    for folder in TOP_FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in SUFFIXES or not path.is_file():
                continue
            source = path.relative_to(root).as_posix()
            layer = layer_of(source)
            if layer is None:
                findings.append(f"{source}:1: this folder is no layer; give it a line in LAYERS")
                continue
            text = path.read_text(encoding="utf-8")
            for number, line in enumerate(text.splitlines(), start=1):
                match = INCLUDE.match(line)
                if match:
                    includes += 1
                    for sentence in check_include(root, source, layer, match.group(2)):
                        findings.append(f"{source}:{number}: {sentence}")
    return findings, includes


# (file, include, a piece of the expected sentence or None where it is right)
PLANTED = [
    ("core/base/bytes.h", "<vector>", None),
    ("core/base/a.cc", '"core/base/bytes.h"', None),
    ("core/base/up.cc", '"core/crypto/hash.h"', "core/base may not use core/crypto"),
    ("core/base/sodium.cc", "<sodium.h>", "only core/crypto may include libsodium"),
    ("core/base/commented.cc", None, None),
    ("core/crypto/hash.h", '"core/base/bytes.h"', None),
    ("core/crypto/scalar.h", "<sodium.h>", None),
    ("core/election/outcome.cc", "<gmpxx.h>", None),
    ("core/crypto/number.cc", "<gmp.h>", "only core/election may include GMP"),
    ("core/crypto/vartime/field.h", '"core/crypto/scalar.h"', None),
    ("core/crypto/vartime/up.h", '"core/merkle/tree.h"', "may not use core/merkle"),
    ("core/merkle/tree.h", '"core/crypto/hash.h"', None),
    ("core/merkle/note.h", '"core/crypto/signature.h"', None),
    ("core/merkle/elgamal.h", '"core/crypto/elgamal.h"', "hash and signature only"),
    ("core/merkle/group.h", '"core/crypto/hash_to_group.h"', "hash and signature only"),
    ("core/merkle/vartime.h", '"core/crypto/vartime/hash.h"', "hash and signature only"),
    ("core/roll/far_down.h", '"core/base/bytes.h"', None),
    ("core/roll/up.h", '"core/election/ballot.h"', "core/roll may not use core/election"),
    ("core/election/orders.h", '"core/poll/orders.h"', None),
    ("core/poll/up.h", '"core/election/ballot.h"', "core/poll may not use core/election"),
    ("core/election/sibling.h", '"core/petition/text.h"', "may not use core/petition"),
    ("core/election/proto.cc", '"proto/urna.pb.h"', "may include generated Protobuf code"),
    ("core/election/tests.h", '"tests/support/x.h"', "is in no layer"),
    ("core/election/relative.h", '"../roll/roll.h"', "from the repository's root"),
    ("core/election/bare.h", '"sibling.h"', "from the repository's root"),
    ("core/election/gtest.h", "<gtest/gtest.h>", "only tests may include GoogleTest"),
    ("core/election/angled.h", "<server/ledger.h>", "core/election may not use server"),
    ("core/record/reader.cc", '"core/merkle/tree.h"', None),
    ("core/record/up.cc", '"core/audit/checks.h"', "core/record may not use core/audit"),
    ("core/record/grpc.cc", "<grpcpp/grpcpp.h>", "may include gRPC"),
    ("core/nowhere/x.h", "<vector>", "this folder is no layer"),
    ("core/remote/client.cc", '"proto/urna.grpc.pb.h"', None),
    ("core/remote/client2.cc", "<grpcpp/grpcpp.h>", None),
    ("core/console/console.cc", '"core/remote/client.h"', None),
    ("core/console/audit.cc", '"core/audit/checks.h"', "core/console may not use core/audit"),
    ("core/pabulib/up.cc", '"core/election/manifest.h"', "core/pabulib may not use core/election"),
    ("core/remote/db.cc", "<rocksdb/db.h>", "only server may include RocksDB"),
    ("server/ledger.cc", "<rocksdb/db.h>", None),
    ("server/http_server.cc", "<microhttpd.h>", None),
    ("core/remote/http.cc", "<microhttpd.h>", "only core/http, server, witness may include libmicrohttpd"),
    ("core/remote/http_reader.cc", "<curl/curl.h>", None),
    ("core/http/poster.cc", "<curl/curl.h>", None),
    ("verifier/fetch_web.cc", "<curl/curl.h>", "only core/http, core/remote may include libcurl"),
    ("server/audit.cc", '"core/audit/checks.h"', "server may not use core/audit"),
    ("server/spaced.cc", "  <sodium.h>", "only core/crypto may include libsodium"),
    ("tally/tally.cc", '"core/audit/checks.h"', None),
    ("tally/voter.cc", '"voter/seal.h"', "tally may not use voter"),
    ("tally/pb.cc", '"proto/urna.pb.h"', "may include generated Protobuf code"),
    ("voter/cast.cc", '"core/remote/client.h"', None),
    ("voter/audit.cc", '"core/audit/checks.h"', "voter may not use core/audit"),
    ("verifier/main.cc", '"core/audit/checks.h"', None),
    ("verifier/fetch.cc", '"core/remote/client.h"', None),
    ("verifier/report.cc", '"core/remote/client.h"', "the verifier works offline"),
    ("verifier/fetch_server.cc", '"server/ledger.h"', "verifier may not use server"),
    ("verifier/db.cc", "<rocksdb/db.h>", "only server may include RocksDB"),
    ("server/listening.cc", '"core/http/listen_socket.h"', None),
    ("core/http/up.h", '"core/merkle/note.h"', "core/http may not use core/merkle"),
    ("server/certificates.cc", '"core/tls/certificate_files.h"', None),
    ("witness/certificates.cc", '"core/tls/certificate_files.h"', "witness may not use core/tls"),
    ("witness/main.cc", '"core/merkle/tree.h"', None),
    ("witness/listening.cc", '"core/http/listen_socket.h"', None),
    ("witness/http_server.cc", "<microhttpd.h>", None),
    ("witness/secret.cc", '"core/crypto/secret_file.h"', None),
    ("witness/record.cc", '"core/record/entry.h"', "witness may not use core/record"),
    ("witness/key.cc", '"core/crypto/signature.h"', None),
    ("witness/elgamal.cc", '"core/crypto/elgamal.h"', "hash and signature only"),
    ("bench/bench.cc", "<benchmark/benchmark.h>", None),
    ("core/crypto/bench.cc", "<benchmark/benchmark.h>", "only bench may include"),
    ("tally/throwaway.cc", '"bench/synthetic_record/throwaway.h"', "tally may not use bench"),
]


def self_test():
    """Plants right and wrong includes in an empty tree; True if exactly the wrong are found."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, include, _ in PLANTED:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            body = f"#include {include}" if include else "// #include <sodium.h>"
            path.write_text(f"// A planted file.\n{body}\n", encoding="utf-8")
        findings, _ = check_tree(root)
    passed = True
    for name, include, sentence in PLANTED:
        found = [finding for finding in findings if finding.startswith(name + ":")]
        if sentence is None and found:
            print(f"self-test: {name} with {include} is right, but: {found[0]}", file=sys.stderr)
            passed = False
        elif sentence is not None and (len(found) != 1 or sentence not in found[0]):
            print(f"self-test: {name} with {include} wants '{sentence}', got {found}",
                  file=sys.stderr)
            passed = False
    wrong = sum(1 for _, _, sentence in PLANTED if sentence)
    if passed:
        print(f"layers: self-test passed: {wrong} planted wrong includes found, "
              f"{len(PLANTED) - wrong} right ones left alone")
    return passed


def main():
    parser = argparse.ArgumentParser(description="Check that every #include looks down.")
    parser.add_argument("--self-test", action="store_true",
                        help="plant wrong includes in a scratch folder and see them found")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).parents[1],
                        help="the repository (default: the one this script is in)")
    try:
        arguments = parser.parse_args()
    except SystemExit as stop:
        return 3 if stop.code else 0
    if arguments.self_test:
        return 0 if self_test() else 1
    findings, includes = check_tree(arguments.root.resolve())
    for finding in findings:
        print(finding, file=sys.stderr)
    if findings:
        print(f"layers: {len(findings)} wrong includes of {includes}", file=sys.stderr)
        return 1
    print(f"layers: {includes} includes in order")
    return 0


if __name__ == "__main__":
    sys.exit(main())
