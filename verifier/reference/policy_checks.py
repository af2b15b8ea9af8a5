"""The checks of identity, I1 to I5: keys are the policy's (docs/protocol.md section 11)."""
from judging import Extra, Found, NotRun, policy_of, told


def check_I1(r):
    policy = policy_of(r)
    logs = [("log", r.manifest)] + ([("roll", r.roll.header)] if r.roll and r.roll.header else [])
    for line, log in logs:
        name, key = getattr(policy, line)
        yield None if (log.origin, log.log_key) == (name, key) else \
            f"{line}: {log.origin!r} with key {log.log_key.hex()} is not the policy's"


def same_people(ours, quorum, theirs, their_quorum):
    for i, (name, key) in enumerate(theirs):
        yield None if i < len(ours) and (ours[i].name, ours[i].key) == (name, key) else \
            f"number {i} of the policy, {name!r}, is not the record's"
    if (quorum, len(ours)) != (their_quorum, len(theirs)):
        yield Extra(f"{quorum} of {len(ours)}, but of the policy {their_quorum} of {len(theirs)}")


def check_I2(r):
    policy = policy_of(r)
    return same_people(r.manifest.officers, r.manifest.officer_quorum,
                       policy.officer, policy.officer_quorum)


def check_I3(r):
    policy = policy_of(r)
    for log in [r.manifest] + ([r.roll.header] if r.roll and r.roll.header else []):
        yield None if (log.registrar.name, log.registrar.key) == policy.registrar else \
            f"the registrar is {log.registrar.name!r}, not the policy's with the policy's key"


def check_I4(r):
    policy = policy_of(r)
    return same_people(r.manifest.trustees, r.manifest.trustee_threshold,
                       policy.trustee, policy.trustee_threshold)


def check_I5(r):
    policy = policy_of(r)
    if not r.opening:
        return Found(0, 0, [])                             # nobody may know it yet
    beacons = [(r.opening, policy.beacon)] + [
        (e, policy.epoch_beacons.get(e.content.epoch)) for e in r.roll_epochs]
    wrong = [told(e, "its beacon is not the policy's") for e, expected in beacons
             if expected and e.content.beacon != expected]
    missing = sum(not expected for _, expected in beacons)
    if missing and not wrong:
        raise NotRun(f"the policy lacks {missing} of the {len(beacons)} beacons")
    return Found(len(beacons), len(beacons) - missing - len(wrong), wrong)
