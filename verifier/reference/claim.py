#!/usr/bin/env python3
"""What a signer's claim of a petition's signature is worth: docs/protocol.md, section 8.3.

Says 'claimed' if the claim is proved and, given the record, 'counted' or 'not counted'. Like
verify.py, which it uses, in plain Python and sharing no line with the engine.
"""
import argparse
import json
import re
import sys
from types import SimpleNamespace

import notes
import rings
import verify
from entries import RING_ACT, TAG_ACT, element
from group import Bad, T, challenge, decode, encode, scalar
from judging import is_origin
from policy import parse_policy

HEADER = "urna/1 petition claim"
CLAIM = 9                                                  # kind of challenge
HASHES = ("petition", "context", "tag", "commitment", "response")
SENTENCE_LENGTH, FILE_LENGTH = 1000, 4096                  # bytes


def parse(data):
    """The claim of a file's bytes: its lines by their words."""
    if len(data) > FILE_LENGTH:
        raise Bad(f"claim: more than {FILE_LENGTH} bytes")
    lines = notes.utf8(data, "claim").split("\n")
    if len(lines) != 9 or lines[0] != HEADER or lines[-1]:
        raise Bad(f"claim: not eight lines of which the first is {HEADER!r}")
    fields = {}
    for word, line in zip(("origin", *HASHES, "claim"), lines[1:]):
        if not line.startswith(word + " "):
            raise Bad(f"claim: the line {word!r} is missing")
        fields[word] = line[len(word) + 1:]
    for word in HASHES:
        if not re.fullmatch("[0-9a-f]{64}", fields[word], re.ASCII):
            raise Bad(f"claim: {word!r} is not 64 hex digits in lower case")
        fields[word] = bytes.fromhex(fields[word])
    if not is_origin(fields["origin"]):
        raise Bad(f"claim: origin {fields['origin']!r} is not of the form board/name")
    sentence = fields["claim"]
    if not 1 <= len(sentence.encode()) <= SENTENCE_LENGTH or notes.printable(sentence) != sentence:
        raise Bad("claim: the sentence is not 1 to 1,000 bytes without control characters")
    return SimpleNamespace(**fields)


def proved(claim):
    """Whether whoever made it knew the secret of the tag (3.7)."""
    base = rings.tag_base(claim.context)
    h = T("petition claim", ("origin", claim.origin.encode()), ("poll", claim.petition),
          ("context", claim.context), ("claim", claim.claim.encode()), ("tag base", encode(base)),
          ("tag", claim.tag), ("commitment", claim.commitment))
    try:
        return rings.tag_holds(base, element("N", claim.tag), decode(claim.commitment),
                               challenge(h, 65535, 65535, CLAIM), scalar(claim.response))
    except Bad:
        return False


def counted(claim, record):
    """The index of the signature in a verified record, or None."""
    if record.kind != "petition" or not record.anonymous or not record.opening \
            or (record.manifest.origin, record.id, record.context) \
            != (claim.origin, claim.petition, claim.context):
        return None
    acts = [e for e in record.entries if e.type in (RING_ACT, TAG_ACT) and e.tag == claim.tag]
    return acts[-1].index if acts and claim.tag in record.signers else None


def run(arguments):
    if (arguments.record is None) != (arguments.policy is None):
        raise Bad("--record and --policy go together")
    claim = parse(verify.read_input("claim", arguments.claim, FILE_LENGTH))
    verdict, status, index = "not proved", 1, None
    if proved(claim):
        verdict, status = "claimed", 0
        if arguments.record is not None:
            policy = parse_policy(verify.read_input("--policy", arguments.policy))
            record, results = verify.verify(arguments.record, policy, arguments.stage, [], [],
                                            arguments.jobs, False)
            verdict, status = "not counted", verify.status_of(results)
            if status == 0:
                index = counted(claim, record)
                verdict, status = ("counted", 0) if index is not None else (verdict, 1)
    if arguments.json:
        answer = {"urna": "claim/1", "verdict": verdict, "status": status, "origin": claim.origin,
                  "petition": claim.petition.hex(), "context": claim.context.hex(),
                  "tag": claim.tag.hex(), "claim": claim.claim}
        if index is not None:
            answer["index"] = index
        print(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        print(f"{claim.claim!r}\n  petition {claim.origin}\n  tag {claim.tag.hex()}")
        print(*([] if index is None else [f"  the signature is entry {index}\n"]),
              f"\n{verdict.upper()}", sep="")
    return status


def main():
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    p = argparse.ArgumentParser(prog="claim.py", description=__doc__.split("\n")[0],
                                epilog="Exit status: 0 claimed or, with a record, counted; 1 not "
                                       "proved or not counted; 2 a check could not be run; 3 usage "
                                       "or input.")
    p.add_argument("claim")
    p.add_argument("--record", metavar="DIR", help="the petition's record, to be verified")
    p.add_argument("--policy", metavar="FILE", help="with --record")
    p.add_argument("--stage", choices=("voting", "closed", "final"), default="voting")
    p.add_argument("--jobs", metavar="N", type=int, default=1)
    p.add_argument("--json", action="store_true")
    try:
        return run(p.parse_args())
    except (Bad, OSError) as error:
        print(f"claim.py: {error}", file=sys.stderr)
    return 3


if __name__ == "__main__":
    sys.exit(main())
