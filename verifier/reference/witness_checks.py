"""The checks of witnessed polls, L6, L7 and S17 (docs/protocol.md section 10.4)."""
import notes
from entries import CLOSE, OPENINGS, ROLL_EPOCH, WITNESSED
from group import Bad
from judging import policy_of, told
from life import name_of
from log_checks import in_log


def times_of(r, checkpoint):
    """What the policy's witnesses show of a checkpoint of the poll's log."""
    m = r.manifest
    return r.policy.witnesses.evaluate(checkpoint, (m.origin, notes.key_id(m.origin, m.log_key)))


def check_L6(r):
    if policy_of(r).witnesses.quorum:
        yield None if times_of(r, r.log.checkpoint).existed_by else "the quorum has not cosigned"


def check_L7(r):
    for e in r.entries[1:]:
        if e.type == WITNESSED and not e.broken:
            try:
                witnessed(r, e)
                yield None
            except Bad as error:
                yield told(e, error)


def witnessed(r, e):
    """The size of a WitnessedCheckpoint's checkpoint, and its times if there is a policy; Bad if it
    breaks L7."""
    checkpoint = notes.parse_checkpoint(e.note)
    in_log(r, checkpoint)
    if not 1 <= checkpoint.size <= e.index:
        raise Bad(f"a checkpoint of {checkpoint.size} entries in entry {e.index}")
    return checkpoint.size, times_of(r, checkpoint) if r.policy else None


def shown_in_log(r):
    """(size, times) of every WitnessedCheckpoint that has its place and keeps L7, in the log's
    order."""
    for e in r.entries[1:]:
        if e.type == WITNESSED and not (e.broken or e.misplaced):
            try:
                yield witnessed(r, e)
            except Bad:
                pass


def check_S17(r):
    if not policy_of(r).witnesses.quorum:
        return
    logged = [(e.index, notes.parse_checkpoint(e.note))
              for e in r.entries if e.type == WITNESSED and not e.broken]
    shown = [(index, c.size, times_of(r, c))
             for index, c in logged + [(len(r.entries), r.log.checkpoint)]]
    d = r.manifest.schedule.tolerance
    for e in r.orders:
        if e.misplaced or e.content.kind not in (*OPENINGS, CLOSE, ROLL_EPOCH) \
                and name_of(e.content) != "mark":
            continue
        time, i = e.content.time, e.index
        not_earlier = any(j < i and t.newest_at and t.newest_at + d >= time for j, _, t in shown)
        not_later = any(size > i and t.existed_by and t.existed_by <= time + d
                        for _, size, t in shown)
        yield None if not_earlier and not_later else \
            f"{e}: the witnesses don't show that it was logged within {d} seconds of {time}"
