"""The policy: what an auditor must know beforehand (docs/protocol.md section 11)."""
import re
from types import SimpleNamespace

from group import Bad
from notes import decimal, utf8, verifier_key
from witnesses import Policy

OF_WITNESSES = ("witness", "group", "quorum")


def beacon(text):
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise Bad("a beacon is 64 hex digits in lower case")
    return bytes.fromhex(text)


def read_epoch_beacon(beacons, value):
    number, _, text = value.partition(" ")
    epoch = decimal(number, 2**32 - 1, "epoch-beacon")
    if epoch < 2:
        raise Bad("an epoch-beacon is of an epoch from 2 on")
    if epoch in beacons:
        raise Bad(f"a second line 'epoch-beacon' of epoch {epoch}")
    beacons[epoch] = beacon(text)


def parse_policy(data):
    text = utf8(data, "policy")
    policy = SimpleNamespace(officer=[], trustee=[], trustee_threshold=0, beacon=None,
                             epoch_beacons={}, witnesses=Policy())
    seen = set()
    for number, line in enumerate(text.split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        word, _, value = line.partition(" ")
        field = word.replace("-", "_")
        try:
            if word in OF_WITNESSES:
                if any(c < " " or c == "\x7f" for c in line) or "" in line.split(" "):
                    raise Bad("a control character, or more than one space between words")
                policy.witnesses.read(line.split(" "))
                continue
            if word in ("officer", "trustee"):
                getattr(policy, field).append(verifier_key(value))
                continue
            if word == "epoch-beacon":
                read_epoch_beacon(policy.epoch_beacons, value)
                continue
            if word in seen:
                raise Bad(f"a second line {word!r}")
            seen.add(word)
            if word in ("log", "roll", "registrar"):
                setattr(policy, field, verifier_key(value))
            elif word in ("officer-quorum", "trustee-threshold"):
                setattr(policy, field, decimal(value, 65535, word))
            elif word == "beacon":
                policy.beacon = beacon(value)
            else:
                raise Bad(f"{line!r} means nothing in this version")
        except Bad as error:
            raise Bad(f"policy, line {number}: {error}") from None
    missing = {"log", "roll", "registrar", "officer-quorum", "quorum"} - seen \
        - ({"quorum"} if policy.witnesses.complete else set())
    if missing or not 1 <= policy.officer_quorum <= len(policy.officer):
        raise Bad(f"policy: the line {min(missing)!r} is missing" if missing else
                  "policy: officer-quorum is not from 1 to the number of officers")
    if policy.trustee and not 1 <= policy.trustee_threshold <= len(policy.trustee) \
            or not policy.trustee and "trustee-threshold" in seen:
        raise Bad("policy: trustee-threshold is not from 1 to the number of trustees")
    return policy
