"""The checks of logs, L1 to L5 (docs/protocol.md sections 10 and 12)."""
import notes
from group import Bad
from judging import Found, NotRun, told


def check_L1(r):
    for name, log in r.logs():
        if isinstance(log, Bad):
            yield told(name, log)
            continue
        signer = r.manifest if name == "poll" else r.roll.header
        if signer is None:
            raise NotRun(f"{name} has no first entry that says who signs it")
        try:
            key = signer.origin, signer.log_key
            notes.check_signature(log.checkpoint, *key)
            check_lines(r, log.checkpoint, (signer.origin, notes.key_id(*key)))
            yield None
        except Bad as error:
            yield told(name, error)


def check_lines(r, checkpoint, log):
    """Where a policy is given, nobody but the log and the policy's witnesses has signed."""
    if r.policy and r.policy.witnesses.evaluate(checkpoint, log).unknown:
        raise Bad("a signature line of neither the log nor a witness of the policy")


def check_L2(r):
    pinned = {"poll"} | ({r.roll_name} if r.opening else set())
    faults = [r.faults
              + [f"{name!r}: no opening pins it" for name in sorted(r.names.keys() - pinned)]
              + [f"{name!r} is missing" for name in sorted(pinned - r.names.keys())]]
    if r.roll and r.roll.header and f"roll-{r.roll.id.hex()}" != r.roll_name:
        faults[0].append(f"{r.roll_name!r} is not named after the roll that it holds")
    faults += [[told(name, fault) for fault in log.faults]
               for name, log in r.logs() if not isinstance(log, Bad)]
    return Found(len(faults), faults.count([]), sum(faults, []))


def check_L3(r):
    if r.log.entries is None:
        raise NotRun("the poll's entries cannot be read")
    for e in r.entries + (r.roll.entries if r.roll else []):
        faults = [e.broken] if e.broken else e.found.get("L3")
        yield told(e, faults[0]) if faults else None


def in_log(r, checkpoint):
    """Refuses a checkpoint that the poll's log is not a continuation of."""
    notes.check_signature(checkpoint, r.manifest.origin, r.manifest.log_key)
    if checkpoint.size > r.log.checkpoint.size:
        raise Bad(f"a checkpoint of {checkpoint.size} entries, the record has fewer")
    if r.log.root(checkpoint.size) != checkpoint.root:
        raise Bad(f"the log's root at {checkpoint.size} entries is another")


def check_L4(r):
    for name, data in r.older:
        try:
            in_log(r, notes.parse_checkpoint(data))
            yield None
        except Bad as error:
            yield told(name, error)


def check_L5(r):
    for name, data in r.receipts:
        try:
            receipt = notes.parse_receipt(data)
            size, index = receipt.checkpoint.size, receipt.index
            if index >= min(size, len(r.log.leaves)):
                raise Bad(f"index {index} is not in the log")
            found = notes.root_from_proof(r.log.leaves[index], index, size, receipt.proof)
            if found != receipt.checkpoint.root:
                raise Bad("the inclusion proof does not lead to the root")
            in_log(r, receipt.checkpoint)
            yield None
        except Bad as error:
            yield told(name, error)
