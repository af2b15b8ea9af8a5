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
from life import EARLY_ENDS
from log_checks import in_log
from notes import printable
from policy import parse_policy

HEADER = "urna/1 petition certificate"
NAME_LENGTH = 100
U64 = 2**64 - 1


class Worthless(Bad):
    """A signature that is wrong, or missing altogether."""


def text_of(record, checkpoint, program):
    """The lines of section 14, from a record with a result and the bytes of a checkpoint of it."""
    m, result = record.manifest, record.result.content
    lines = [HEADER, f"origin {m.origin}", f"petition {record.id.hex()}",
             f"text {record.text_hash.hex()}",
             f"checkpoint {base64.b64encode(checkpoint).decode()}", f"program {program}"]
    thresholds = [f"threshold {t.threshold} {t.index if t.reached else 'not-reached'}"
                  for t in result.thresholds]
    if record.has_life:
        lines += [f"profile {printable(m.profile)}"] if m.profile else []
        lines += [f"signatures {result.online + result.paper}", f"online {result.online}",
                  f"paper {result.paper}"]
        lines += [f"district {d.district} {d.online} {d.paper}" for d in result.districts]
        lines += thresholds
        lines += [f"minimum {x.after} {x.at_least} {x.seen} {'met' if x.met else 'missed'}"
                  for x in result.minimums]
        lines += [f"districts {m.districts_needed} {result.districts_met}"] \
            if m.districts_needed else []
        lines += [f"passed {'yes' if result.passed else 'no'}",
                  f"crowd {record.epochs.smallest_crowd()}"]
    else:
        lines += [f"signatures {result.signatures}"]
        lines += [f"district {d.district} {d.signatures}" for d in result.districts]
        lines += thresholds
    lines += [f"title {language} {printable(words)}"
              for language, words in record.text.raw_title[0].items()]
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

    def number(self, word, limit=2**64 - 1):
        return notes.decimal(self.take(word), limit, word)

    def rows(self, word, *limits, more=0):
        """Of every line that begins with this word so many numbers, of which the first rises, and
        `more` other words."""
        found = []
        while self.next_is(word):
            words = self.take(word).split(" ")
            if len(words) != len(limits) + more:
                raise Bad(f"certificate: a line {word!r} that is cut off, or has a word too many")
            row = [notes.decimal(n, limit, word) for n, limit in zip(words, limits)]
            if found and row[0] <= found[-1][0]:
                raise Bad(f"certificate: {word} {row[0]} is not above the one before")
            found.append((*row, *words[len(row):]))
        return found

    def one_of(self, word, *values):
        if self.take(word) not in values:
            raise Bad(f"certificate: {word!r} is none of {', '.join(values)}")

    def hash(self, word):
        value = self.take(word)
        if len(value) != 64 or any(c not in "0123456789abcdef" for c in value):
            raise Bad(f"certificate: {word!r} is not 64 hex digits")


def check_form(text):
    """(origin, bytes of the checkpoint, program) of a text that has a certificate's form."""
    lines = Reader(text)
    if lines.lines.pop(0) != HEADER:
        raise Bad(f"certificate: it does not begin with {HEADER!r}")
    origin = lines.take("origin")
    lines.hash("petition")
    lines.hash("text")
    checkpoint = notes.unbase64(lines.take("checkpoint"), "checkpoint")
    if notes.parse_checkpoint(checkpoint).origin != origin:
        raise Bad("certificate: its checkpoint is another log's")
    program = lines.take("program")
    if not 1 <= len(program) <= NAME_LENGTH or any(not " " <= c <= "~" for c in program):
        raise Bad("certificate: the program is not 1 to 100 printable ASCII characters")
    if lines.next_is("profile") or len(lines.lines) > 1 and lines.lines[1].startswith("online "):
        check_anonymous_count(lines)
    else:
        count = lines.number("signatures")
        districts = lines.rows("district", 65535, U64)
        if sum(n for _, n in districts) != count:
            raise Bad("certificate: the districts do not add up to the signatures")
        check_thresholds(lines)
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


def check_anonymous_count(lines):
    """The lines from the profile to the crowd of an anonymous petition."""
    if lines.next_is("profile"):
        lines.take("profile")
    whole, online, paper = map(lines.number, ("signatures", "online", "paper"))
    districts = lines.rows("district", 65535, U64, U64)
    if whole != online + paper or [sum(row[i] for row in districts) for i in (1, 2)] \
            != [online, paper]:
        raise Bad("certificate: online, paper and districts do not add up to the signatures")
    check_thresholds(lines)
    minimums = lines.rows("minimum", 2**32 - 1, U64, U64, more=1)
    if not {row[3] for row in minimums} <= {"met", "missed"}:
        raise Bad("certificate: a minimum that is neither met nor missed")
    if len(lines.rows("districts", 65535, 65535)) > 1:
        raise Bad("certificate: a second line 'districts'")
    lines.one_of("passed", "yes", "no")
    lines.number("crowd")


def check_thresholds(lines):
    for _, index in lines.rows("threshold", U64, more=1):
        if index != "not-reached":
            notes.decimal(index, U64, "threshold")


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
    """(text, bytes of its checkpoint, program, whether it is attested) of a certificate's bytes."""
    text, lines = notes.parse_note(data)
    officers = signers(text, lines, policy.officer)
    named = signers(text, lines, auditors)
    if not officers and not named:
        raise Worthless("certificate: nobody who is known has signed")
    origin, data, program = check_form(text)
    if origin != policy.log[0]:
        raise Bad(f"certificate: it is of {origin!r}, the policy of {policy.log[0]!r}")
    try:
        checkpoint = notes.parse_checkpoint(data)
        notes.check_signature(checkpoint, *policy.log)
        witnesses, log = policy.witnesses, (policy.log[0], notes.key_id(*policy.log))
        if witnesses.quorum and witnesses.evaluate(checkpoint, log).existed_by is None:
            raise Bad("certificate: its checkpoint has not met the policy's witness quorum")
    except Bad as error:
        raise Worthless(str(error)) from None
    attested = len(officers) >= policy.officer_quorum and len(named) == len(auditors)
    return text, data, program, attested


def gives(record, text, checkpoint, program):
    """Whether a verified record gives this text: it has grown from the checkpoint since its
    result, and the petition was not given up."""
    if record.kind != "petition" or not record.result or record.phase in EARLY_ENDS:
        return False
    tree = notes.parse_checkpoint(checkpoint)
    try:
        in_log(record, tree)
    except Bad:
        return False
    return tree.size > record.result.index and text_of(record, checkpoint, program) == text


def run(arguments):
    policy = parse_policy(verify.read_input("--policy", arguments.policy))
    auditors = [notes.verifier_key(text) for text in arguments.auditor]
    text, checkpoint, program, attested = judge(
        verify.read_input("certificate", arguments.certificate, 1 << 20), policy, auditors)
    verdict, status, more = *(("attested", 0) if attested else ("not attested", 1)), {}
    if arguments.record is not None:
        record, results = verify.verify(arguments.record, policy, "final", [], [],
                                        arguments.jobs, False)
        status = max(status, verify.status_of(results), key=(0, 2, 1).index)
        if verify.status_of(results) != 0 or not gives(record, text, checkpoint, program):
            verdict, status = "not verified", status or 1
        elif attested:
            verdict = "verified"
        if record.has_life:
            more = {"state": record.phase}
    if arguments.json:
        print(json.dumps({"urna": "certificate/1", "verdict": verdict, "status": status, **more},
                         indent=2))
    else:
        print("\n".join(map(printable, text.split("\n")))
              + "".join(f"\nstate: {state}" for state in more.values()) + "\n" + verdict.upper())
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
