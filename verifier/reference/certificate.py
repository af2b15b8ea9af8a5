#!/usr/bin/env python3
"""What a petition's certificate is worth: docs/protocol.md, section 14.

Says 'attested' if the officers and auditors whose signatures are needed have signed, and, given the
record, 'verified' if that is verified as final and says the same. Like verify.py, which it uses,
in plain Python and sharing no line with the engine.
"""
import argparse
import base64
import json
import sys

import notes
import verify
from group import Bad, signed
from policy import parse_policy

HEADER = "urna/1 petition certificate"
NAME_LENGTH = 100


class Worthless(Bad):
    """A signature that is wrong, or missing altogether."""


def printable(text):
    return "".join(" " if c < " " or c == "\x7f" else c for c in text)


def text_of(origin, petition, text, checkpoint, program, result, crowd, title):
    """The lines of section 14. `result`: what the result order says; `crowd`: the smallest crowd
    of an anonymous petition, of another None."""
    lines = [HEADER, f"origin {origin}", f"petition {petition.hex()}", f"text {text.hex()}",
             f"checkpoint {base64.b64encode(checkpoint).decode()}", f"program {program}",
             f"signatures {result.signatures}"]
    lines += [f"district {d.district} {d.signatures}" for d in result.districts]
    lines += [f"threshold {t.threshold} {t.index if t.reached else 'not-reached'}"
              for t in result.thresholds]
    lines += [f"crowd {crowd}"] if crowd is not None else []
    lines += [f"title {language} {printable(words)}" for language, words in title.items()]
    return "".join(line + "\n" for line in lines)


class Reader:
    """A certificate's lines, one after the other."""

    def __init__(self, text):
        self.lines = text[:-1].split("\n")

    def next_is(self, word):
        return bool(self.lines) and self.lines[0].startswith(word + " ")

    def take(self, word):
        if not self.next_is(word):
            raise Bad(f"certificate: the line {word!r} is missing")
        return self.lines.pop(0)[len(word) + 1:]

    def all(self, word, limit):
        """The two words of every line that begins with this one; the first is a rising number."""
        found = []
        while self.next_is(word):
            number, _, value = self.take(word).partition(" ")
            number = notes.decimal(number, limit, word)
            if found and number <= found[-1][0]:
                raise Bad(f"certificate: {word} {number} is not above the one before")
            found.append((number, value))
        return found

    def hash(self, word):
        value = self.take(word)
        if len(value) != 64 or any(c not in "0123456789abcdef" for c in value):
            raise Bad(f"certificate: {word!r} is not 64 hex digits")


def check_form(text):
    """(origin, checkpoint, program) of a text that has the one form of a certificate."""
    lines = Reader(text)
    if lines.lines.pop(0) != HEADER:
        raise Bad(f"certificate: it does not begin with {HEADER!r}")
    origin = lines.take("origin")
    lines.hash("petition")
    lines.hash("text")
    checkpoint = notes.parse_checkpoint(notes.unbase64(lines.take("checkpoint"), "checkpoint"))
    if checkpoint.origin != origin:
        raise Bad("certificate: its checkpoint is another log's")
    program = lines.take("program")
    if not 1 <= len(program) <= NAME_LENGTH or any(not " " <= c <= "~" for c in program):
        raise Bad("certificate: the program is not 1 to 100 printable ASCII characters")
    count = notes.decimal(lines.take("signatures"), 2**64 - 1, "signatures")
    districts = [notes.decimal(n, 2**64 - 1, "district") for _, n in lines.all("district", 65535)]
    if sum(districts) != count:
        raise Bad("certificate: the districts do not add up to the signatures")
    for _, index in lines.all("threshold", 2**64 - 1):
        if index != "not-reached":
            notes.decimal(index, 2**64 - 1, "threshold")
    if lines.next_is("crowd"):
        notes.decimal(lines.take("crowd"), 2**64 - 1, "crowd")
    languages = []
    while lines.lines:
        language, space, _ = lines.take("title").partition(" ")
        if not space or not 2 <= len(language) <= 35 \
                or set(language) - set("abcdefghijklmnopqrstuvwxyz0123456789-") \
                or languages and language <= languages[-1]:
            raise Bad("certificate: the title's languages are none, or do not ascend")
        languages.append(language)
    if not languages:
        raise Bad("certificate: the line 'title' is missing")
    return origin, checkpoint, program


def signers(text, lines, keys):
    """Which of these keys have signed; Bad if a signature of one is wrong or stands twice."""
    found = []
    for name, key in keys:
        mine = [s for n, id_, s in lines if n == name and id_ == notes.key_id(name, key)]
        if len(mine) > 1:
            raise Bad(f"certificate: two signatures by {name!r}")
        if mine and (len(mine[0]) != 64 or not signed(key, mine[0], text.encode())):
            raise Worthless(f"certificate: the signature by {name!r} does not verify")
        if mine:
            found.append((name, key))
    return found


def judge(data, policy, auditors):
    """(text, checkpoint, program, whether it is attested) of a certificate's bytes."""
    text, lines = notes.parse_note(data)
    officers = signers(text, lines, policy.officer)
    named = signers(text, lines, auditors)
    if not officers and not named:
        raise Worthless("certificate: nobody who is known has signed")
    origin, checkpoint, program = check_form(text)
    if origin != policy.log[0]:
        raise Bad(f"certificate: it is of {origin!r}, the policy of {policy.log[0]!r}")
    try:
        notes.check_signature(checkpoint, *policy.log)
        witnesses, log = policy.witnesses, (policy.log[0], notes.key_id(*policy.log))
        if witnesses.quorum and witnesses.evaluate(checkpoint, log).existed_by is None:
            raise Bad("certificate: its checkpoint has not met the policy's witness quorum")
    except Bad as error:
        raise Worthless(str(error)) from None
    attested = len(officers) >= policy.officer_quorum and len(named) == len(auditors)
    return text, program, attested


def text_of_record(record, program):
    with open(f"{record.directory}/poll/checkpoint", "rb") as file:
        checkpoint = file.read()
    return text_of(record.manifest.origin, record.id, record.text_hash,
                   checkpoint, program, record.result.content, record.smallest_crowd(),
                   record.manifest.title)


def run(arguments):
    policy = parse_policy(verify.read_input("--policy", arguments.policy))
    auditors = [notes.verifier_key(text) for text in arguments.auditor]
    text, program, attested = judge(
        verify.read_input("certificate", arguments.certificate, 1 << 20), policy, auditors)
    verdict, status = ("attested", 0) if attested else ("not attested", 1)
    if arguments.record is not None:
        record, results = verify.verify(arguments.record, policy, "final", [], [],
                                        arguments.jobs, False)
        status = max(status, verify.status_of(results), key=(0, 2, 1).index)
        if verify.status_of(results) != 0 or record.kind != "petition" \
                or text_of_record(record, program) != text:
            verdict, status = "not verified", status or 1
        elif attested:
            verdict = "verified"
    if arguments.json:
        print(json.dumps({"urna": "certificate/1", "verdict": verdict, "status": status}, indent=2))
    else:
        print(text + "\n" + verdict.upper())
    return status


def main():
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    p = argparse.ArgumentParser(prog="certificate.py", description=__doc__.split("\n")[0],
                                epilog="Exit status: 0 attested or, with a record, verified; 1 "
                                       "not; 2 a check could not be run; 3 usage or input.")
    p.add_argument("certificate")
    p.add_argument("--policy", metavar="FILE", required=True)
    p.add_argument("--auditor", metavar="VKEY", nargs="+", action="extend", default=[],
                   help="auditors who must have signed")
    p.add_argument("--record", metavar="DIR", help="the petition's record, to be verified")
    p.add_argument("--jobs", metavar="N", type=int, default=1)
    p.add_argument("--json", action="store_true")
    try:
        return run(p.parse_args())
    except Worthless as error:
        print(f"certificate.py: {error}", file=sys.stderr)
        return 1
    except (Bad, OSError) as error:
        print(f"certificate.py: {error}", file=sys.stderr)
    return 3


if __name__ == "__main__":
    sys.exit(main())
