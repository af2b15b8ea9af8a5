"""Witnesses: policies of whose cosignatures are enough, and what the cosignatures of a checkpoint
show (docs/protocol.md section 10.2). Formats: C2SP tlog-cosignature, tlog-policy.
"""
import hashlib
from types import SimpleNamespace

from group import Bad, public_key, signed
from notes import decimal, is_key_name, unbase64

COSIGNATURE = b"\x04"
MOST = 256                                                 # witnesses, and groups


def cosigner(text):
    """(name, key ID, key) of a witness's verifier key."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not is_key_name(parts[0]):
        raise Bad(f"{text!r} is not a verifier key")
    name, data = parts[0], unbase64(parts[2], f"verifier key {parts[0]!r}")
    id_ = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    if data[:1] != COSIGNATURE or len(data) != 33 or parts[1] != id_.hex():
        raise Bad(f"verifier key {name!r}: not of cosignatures, or another key's ID")
    public_key(data[1:])
    return name, id_, data[1:]


class Policy:
    """Parties are witnesses and groups in the order of their lines: (how many, of which parties),
    or (0, the witness's place)."""

    def __init__(self):
        self.witnesses, self.parties, self.members = [], {}, set()
        self.quorum, self.complete = None, False

    def read(self, words):
        """Takes the words of a line `witness`, `group` or `quorum`."""
        {"witness": self.read_witness, "group": self.read_group, "quorum": self.read_quorum}[
            words[0]](*words[1:])

    def read_witness(self, *words):
        if len(words) not in (2, 3):
            raise Bad("a witness line is: witness NAME VKEY [URL]")
        key = cosigner(words[1])
        if any(key[2] == other[2] or key[:2] == other[:2] for other in self.witnesses):
            raise Bad(f"the key of {words[0]!r} is another witness's, or cannot be told from it")
        if len(self.witnesses) == MOST:
            raise Bad("too many witnesses")
        self.define(words[0], (0, len(self.witnesses)))
        self.witnesses.append(key)

    def read_group(self, *words):
        if len(words) < 3:
            raise Bad("a group line is: group NAME all|any|K MEMBER…")
        name, needed, members = words[0], words[1], words[2:]
        needed = {"all": len(members), "any": 1}.get(needed) or \
            decimal(needed, len(members), f"group {name!r}")
        if not needed or sum(n > 0 for n, _ in self.parties.values()) == MOST:
            raise Bad(f"group {name!r} needs nobody, or is one too many")
        for member in members:
            self.find(member)
            if member in self.members:
                raise Bad(f"{member!r} is a member of a group already")
            self.members.add(member)
        self.define(name, (needed, members))

    def read_quorum(self, *words):
        if len(words) != 1 or self.complete:
            raise Bad("not one line: quorum NAME|none")
        self.complete = True
        if words[0] != "none":
            self.find(words[0])
            self.quorum = words[0]

    def find(self, name):
        if name not in self.parties:
            raise Bad(f"no line above defines {name!r}")

    def define(self, name, party):
        if name == "none" or name in self.parties:
            raise Bad(f"the name {name!r} cannot be given")
        self.parties[name] = party

    def evaluate(self, checkpoint, log):
        """What its cosignatures show: existed_by and newest_at (None if the quorum is not met),
        and the names of the lines of neither the log (name, key ID) nor a witness."""
        times, unknown = {}, []
        for name, id_, signature in checkpoint.signatures:
            known = [w for w in self.witnesses if w[:2] == (name, id_)]
            if known:
                if known[0] in times:
                    raise Bad(f"two cosignatures by {name!r}")
                times[known[0]] = cosigned_at(known[0], checkpoint.text, signature)
            elif (name, id_) != log:
                unknown.append(name)
        by, at = {}, {}
        for name, (needed, members) in self.parties.items():
            if needed == 0:
                by[name] = at[name] = times.get(self.witnesses[members])
                continue
            signing = [m for m in members if by[m] is not None]
            enough = len(signing) >= needed
            by[name] = sorted(by[m] for m in signing)[needed - 1] if enough else None
            at[name] = sorted(at[m] for m in signing)[-needed] if enough else None
        return SimpleNamespace(unknown=unknown, existed_by=by.get(self.quorum),
                               newest_at=at.get(self.quorum))


def cosigned_at(witness, text, signature):
    """The time of a cosignature."""
    name, _, key = witness
    time = int.from_bytes(signature[:8], "big")
    message = f"cosignature/v1\ntime {time}\n{text}".encode()
    if len(signature) != 72 or not 1 <= time < 2**63 or not signed(key, signature[8:], message):
        raise Bad(f"the cosignature by {name!r} does not verify")
    return time
