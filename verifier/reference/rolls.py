"""A roll's log: its members, and what changes from epoch to epoch (docs/protocol.md sections 4 and
4.2). Which entries keep the rules has to be known here, since a change that does not changes
nothing; roll_checks.py reports it."""
from types import SimpleNamespace

import group
from entries import CHANGE, MEMBER, SEAL, Entry
from group import T, T32, u32

ADD, REMOVE, MOVE, REKEY = range(1, 5)                     # kinds of changes


class View:
    """Who is on the roll at some place of its log, {credential: member}, a member having its
    district, category and weight; how many seals stand before that place, and the epoch there."""

    def __init__(self, members, seals, epoch):
        self.by_credential, self.seals, self.epoch = dict(members), seals, epoch
        self.members = self.by_credential.values()


class Roll:
    """The log of a roll. `faults`: {index of an entry: why it breaks S3}, of members, changes and
    seals; `strangers`: what has no place; `ends`: {size of the log with a seal: the View then};
    `left`: {credential that is on it no more: the last epoch in which it was}; `rekeyed`:
    {credential that a re-keying brought: the same of the one that it replaced}."""

    def __init__(self, log, pinned):
        """`pinned`: the sizes at which the poll's epochs end; what follows the last concerns other
        polls."""
        self.log = log
        self.entries = [Entry(i, data, True) for i, data in enumerate(log.entries or ())]
        if all(map(self.has_seal, pinned)):
            self.entries = self.entries[:max(pinned)]
        first = Entry(0, log.first) if log.first else None
        self.header = first.content if first and first.type == 3 and not first.broken else None
        self.readable = log.entries is not None and self.header is not None
        self.named = [e for e in self.entries if e.type in (MEMBER, CHANGE) and not e.broken]
        self.faults, self.strangers, self.ends = {}, [], {}
        self.on, self.ever, self.left, self.replaced, self.rekeyed = {}, set(), {}, set(), {}
        self.count = 0                                     # what a seal says of members
        self.begin_epoch()
        if self.header:
            self.id = T32("roll", ("body", first.body))
            for entry in self.entries[1:]:
                if not entry.broken:
                    self.take(entry)
        epoch = len(self.ends) + (len(self.entries) > max(self.ends, default=0))
        self.whole = View(self.on, len(self.ends), epoch)

    def has_seal(self, size):
        """Whether a seal is the last of so many entries."""
        last = self.entries[size - 1] if 0 < size <= len(self.entries) else None
        return last is not None and last.type == SEAL and not last.broken

    def enrolled(self):
        """The entries with an enrolment proof."""
        return list(filter(enrols, self.named))

    def at(self, size):
        """The View that an order pins: where no epoch ends there, all that the log says."""
        return self.ends.get(size, self.whole)

    def latecomers(self, view, first, paper):
        """[(P, district, category)] of who may be in rings of an epoch after `first`, the one that
        the opening pins: not who was re-keyed since, nor who was of a category of paper."""
        out = {p for p, epoch in self.rekeyed.items() if epoch >= first}
        for other in (*self.ends.values(), view):
            if first <= other.epoch <= view.epoch:
                out |= {p for p, m in other.by_credential.items() if m.category in paper}
        return [member for member in places(view) if member[0] not in out]

    def begin_epoch(self):
        self.touched, self.last = set(), b""               # by the changes of this epoch

    def take(self, e):
        if e.type == MEMBER:
            fault = self.member_fault(e)
            if not self.ends:
                self.on.setdefault(e.credential, entitlement(e))
                self.ever.add(e.credential)
                self.last = max(self.last, e.credential)
                self.count += 1
        elif e.type == CHANGE:
            fault = self.change_fault(e, e.content)
            if not fault:
                self.make(e.content)
        elif e.type == SEAL:
            fault = self.seal_fault(e)
            seals = len(self.ends) + 1
            self.ends[e.index + 1] = View(self.on, seals, seals)
            self.begin_epoch()
        else:
            self.strangers.append(e)
            return
        if fault:
            self.faults[e.index] = fault

    def place_fault(self, e):
        header = self.header
        if e.district not in {place.number for place in header.districts} \
                or e.category not in {place.number for place in header.categories}:
            return "its district or category is not the header's"
        return "a weight of 0" if e.weight == 0 else None

    def member_fault(self, e):
        if self.ends:
            return "a member behind the first seal"
        if e.credential in self.on:
            return "a credential stands twice"
        return "out of order" if e.credential < self.last else self.place_fault(e)

    def change_fault(self, e, c):
        if not self.ends:
            return "a change before the first seal"
        if not group.signed(self.header.registrar.key, e.signature, T(
                "roll change signature", ("roll", self.id), ("epoch", u32(len(self.ends) + 1)),
                ("body", e.body))):
            return "the registrar's signature of a change does not verify"
        if c.credential <= self.last:
            return "a change out of order"
        named = {c.credential} | ({c.replaced} if c.kind == REKEY else set())
        if named & self.touched:
            return "a credential is named twice in one epoch"
        if c.kind in (REMOVE, MOVE) and c.credential not in self.on:
            return "who is not on the roll is changed"
        if c.kind == MOVE and entitlement(c) == self.on[c.credential]:
            return "a move that changes nothing"
        if c.kind in (ADD, REKEY) and c.credential in self.ever:
            return "a credential that was on the roll before"
        if c.kind == REKEY and (c.replaced not in self.ever or c.replaced in self.replaced):
            return "the credential that is replaced was never on the roll, or was replaced already"
        return None if c.kind == REMOVE else self.place_fault(c)

    def make(self, c):
        """What a change that keeps the rules does."""
        self.last = c.credential
        self.touched.add(c.credential)
        if c.kind == REKEY:
            self.touched.add(c.replaced)
            self.replaced.add(c.replaced)
            self.take_off(c.replaced)
            self.rekeyed[c.credential] = self.left[c.replaced]
        if c.kind == REMOVE:
            self.take_off(c.credential)
        else:
            self.on[c.credential] = entitlement(c)
            self.ever.add(c.credential)
        self.count = len(self.on)

    def take_off(self, credential):
        if self.on.pop(credential, None):
            self.left[credential] = len(self.ends)         # not in this epoch any more

    def seal_fault(self, e):
        seal = e.content
        if self.ends and not self.touched:
            return "a seal without a change before it"
        if (seal.epoch, seal.members, seal.root) != (
                len(self.ends) + 1, self.count, self.log.root(e.index)):
            return "the seal's epoch, members or root are not the roll's"
        if not group.signed(self.header.registrar.key, e.signature, T(
                "roll seal signature", ("roll", self.id), ("body", e.body))):
            return "the registrar's signature of the seal does not verify"
        return None


def places(view):
    """[(P, district, category)] of everybody."""
    return [(p, m.district, m.category) for p, m in view.by_credential.items()]


def enrols(e):
    """Whether a member's entry or a change has an enrolment proof."""
    return e.type == MEMBER or e.content.kind in (ADD, REKEY)


def entitlement(e):
    """What an entry says of a member."""
    return SimpleNamespace(district=e.district, category=e.category, weight=e.weight)
