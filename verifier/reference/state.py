"""What a record says, read from its first entry to its last: manifest, roll, key ceremony, orders,
phases, ballots, the count (docs/protocol.md sections 4 to 9). It judges nothing; that is for the
checks."""
import os
from bisect import bisect
from collections import Counter
from functools import cached_property

import group
import life
import notes
from ballots import Layout, alphas_of, hash_of, parts_of, sum_of
from entries import ACT, BALLOT, BALLOTS, CHALLENGE, COEFFICIENTS, COMMITMENT, COUNT_ACKNOWLEDGEMENT
from entries import DECRYPTION_SHARE, DRILL, MESSAGES, OPENING, ORDER, OVER_RINGS, RING_ACT
from entries import RING_BALLOT, TAG_BALLOT, OPEN_ANONYMOUS, OPEN_ANONYMOUS_ELECTION
from entries import ANONYMOUS_RESULT, ATTEMPT, CLOSE, OPEN, OPEN_PETITION, OPENINGS, PAPER_BATCH
from entries import PETITION_RESULT, RESTORE, RESULT, REVISE, REVOKE, ROLL_EPOCH, SHARES, SUM
from entries import TAG_ACT, Entry
from epochs import Epochs
from group import Bad, T32, Table, total, u8, u16
from presentation import pieces
from rolls import Roll

PHASE_AFTER = {OPEN: "voting", OPEN_ANONYMOUS_ELECTION: "voting", OPEN_PETITION: "collecting",
               CLOSE: "closed", SUM: "summed", RESULT: "final", PETITION_RESULT: "final"}
STAGES = ("setup", "voting", "closed", "final")
STAGE_OF = {**life.STAGE_OF, "set-up": "setup", "voting": "voting", "summed": "closed",
            "final": "final"}


class Attempt:
    """One run of the key ceremony (section 5)."""

    def __init__(self, record, number):
        self.record, self.number, self.drills = record, number, []
        self.rounds = {type_: {} for type_ in MESSAGES}    # type: {trustee: message}

    def complete(self, type_):
        return len(self.rounds[type_]) == self.record.n

    def messages(self, type_):
        return [self.rounds[type_][i] for i in range(1, self.record.n + 1)]

    def hash(self, purpose, *fields):
        return T32(purpose, ("poll", self.record.id), *fields)

    def digest(self):
        """ceremony_digest of a KeyAcknowledgement."""
        ceremony = self.hash("ceremony", ("attempt", u16(self.number)), *(
            ("coefficients", m.message) for m in self.messages(COEFFICIENTS)))
        return T32("ceremony digest", ("ceremony", ceremony), *(
            ("shares", m.message) for m in self.messages(SHARES)))

    def keys(self):
        """Y, [X_1, …] as points, and the key context. Bad if a coefficient is no point."""
        if not hasattr(self, "cached"):
            if not self.complete(COEFFICIENTS):
                raise Bad("coefficients are missing")
            columns = list(zip(*([group.decode(a) for a in pieces(m.coefficients)]
                                 for m in self.messages(COEFFICIENTS))))
            sums = [total(column) for column in columns]   # Σ_i A_{i,k}
            y = sums[0]
            xs = [total(group.multiply(pow(j, k), a) for k, a in enumerate(sums))
                  for j in range(1, self.record.n + 1)]
            context = self.hash(
                "key context", ("attempt", u16(self.number)), ("election key", group.encode(y)),
                ("verification keys", b"".join(map(group.encode, xs))))
            self.cached = y, xs, context
        return self.cached


class Record:
    """A record's directory and everything in it."""

    def __init__(self, directory):
        self.directory = directory
        self.kind, self.stage, self.opening = "unknown", "unknown", None
        self.roll = self.pinned = None                     # its log, and who was on it then
        self.phase = self.came = "unknown"                 # its stage, or that before an early end
        self.anonymous, self.votes = False, ()             # what ballots or acts the poll has
        self.has_life = False                              # whether section 6.1 is about it
        self.placed = []                                   # the orders that have their place
        self.epochs = Epochs(self)                         # of an anonymous poll
        self.names, self.faults = notes.read_record(directory)
        self.log = self.read_log("poll")
        self.entries, self.manifest, self.manifest_fault = [], None, None
        if isinstance(self.log, Bad):
            return
        self.entries = [Entry(i, data) for i, data in enumerate(self.log.entries or ())]
        first = Entry(0, self.log.first) if self.log.first else None
        if first and first.type in (1, 2) and not first.broken:
            self.kind = "election" if first.type == 1 else "petition"
            self.manifest = first.content
            self.id = T32("manifest", ("body", first.body))
            self.n = len(self.manifest.trustees) if first.type == 1 else 0
            self.anonymous = first.version == 2
            self.has_life = self.anonymous and first.type == 2
            self.votes = {
                (1, False): (BALLOT, CHALLENGE, OPENING), (1, True): (RING_BALLOT, TAG_BALLOT),
                (2, False): (ACT,), (2, True): (RING_ACT, TAG_ACT)}[first.type, self.anonymous]
            if first.type == 2:
                self.text = self.manifest                  # or the revise whose text is in force
                self.manifest.title, self.manifest.text = \
                    self.manifest.raw_title[0], self.manifest.raw_text[0]

    def read_log(self, name):
        try:
            return notes.Log(os.path.join(self.directory, name))
        except Bad as error:
            return error

    def judge_manifest(self, fault_of):
        """A manifest that breaks a rule is as good as none."""
        if self.manifest:
            self.manifest_fault = fault_of(self)
        if self.manifest_fault:
            self.kind, self.manifest = "unknown", None

    def replay(self, misplaced):
        """Goes through the entries; misplaced(record, entry) is what S8 says of one."""
        self.phase, self.attempt = "draft" if self.has_life else "set-up", 1
        self.attempts = {1: Attempt(self, 1)}
        self.orders, self.messages = [], []
        self.sum = self.result = None
        self.acknowledgements, self.shares, self.revocations = {}, {}, []
        for entry in self.entries[1:]:
            entry.phase = self.phase
            if entry.broken:
                continue
            entry.misplaced = misplaced(self, entry)
            if entry.type == ORDER:
                self.orders.append(entry)
                entry.order_hash = T32("order", ("poll", self.id), ("body", entry.body))
            elif entry.type in MESSAGES:
                self.messages.append(entry)
            if not entry.misplaced:
                self.take(entry)
        self.stage = STAGE_OF[self.phase]
        self.came = self.stage
        if self.phase in life.EARLY_ENDS and not self.result:
            self.came = STAGE_OF[self.placed[-1].phase]
        if self.opening:
            self.context = T32("poll context", ("poll", self.id), ("opening", self.opening.body))
            self.read_roll()

    def take(self, entry):
        """What an entry in its place changes."""
        if entry.type == ORDER:
            self.take_order(entry, entry.content)
        elif entry.type == DRILL:
            self.attempts[self.attempt].drills.append(entry)
        elif entry.type in range(COMMITMENT, DRILL):
            self.attempts[self.attempt].rounds[entry.type][entry.trustee] = entry
        elif entry.type == COUNT_ACKNOWLEDGEMENT:
            self.acknowledgements[entry.trustee] = entry
        elif entry.type == DECRYPTION_SHARE:
            self.shares[entry.trustee, entry.part] = entry

    def take_order(self, entry, order):
        self.placed.append(entry)
        self.phase = life.state_after(self.manifest, self.phase, order) if self.has_life else \
            PHASE_AFTER.get(order.kind, self.phase)
        if self.anonymous and order.kind in (
                OPEN_ANONYMOUS, OPEN_ANONYMOUS_ELECTION, ROLL_EPOCH):
            self.epochs.take(entry)
        if order.kind in OPENINGS:
            self.opening = entry
        elif order.kind == ATTEMPT:
            self.attempt = order.attempt
            self.attempts[self.attempt] = Attempt(self, self.attempt)
        elif order.kind == SUM:
            self.sum = entry
        elif order.kind in (RESULT, PETITION_RESULT, ANONYMOUS_RESULT):
            self.result = entry
        elif order.kind in (REVOKE, RESTORE):
            self.revocations.append(entry)
        elif order.kind == REVISE:
            self.text = order

    def read_roll(self):
        """The roll that the opening pins, if it can be had, as far as any order pins it."""
        self.roll_name = f"roll-{self.opening.content.roll_id.hex()}"
        self.roll_log = self.read_log(self.roll_name) if self.roll_name in self.names else None
        if isinstance(self.roll_log, notes.Log):
            self.roll = Roll(self.roll_log, [e.content.roll_size for e in self.pins])
            self.pinned = self.roll.at(self.opening.content.roll_size)

    @cached_property
    def pins(self):
        """The orders that pin the roll."""
        return [e for e in self.placed if e.content.kind in (*OPENINGS, ROLL_EPOCH)]

    @cached_property
    def key(self):
        """The election key's table for proofs, as the opening order has it."""
        try:
            return Table(group.decode(self.opening.content.election_key))
        except Bad:
            return None                                    # L3's

    @cached_property
    def layouts(self):
        return {contest.number: Layout(contest) for contest in self.manifest.contests}

    def may_vote(self):
        """The members of the pinned roll who may vote: in an anonymous election those of some
        districts and categories (7.6)."""
        members, districts = self.pinned.members, {d.number for d in self.manifest.districts}
        return [m for m in members if m.category in self.manifest.categories
                and m.district in districts] if self.anonymous else list(members)

    # Ballots and acts (sections 7 and 8): what the valid ones so far have left behind.

    def admit(self, examine):
        """Goes through them; examine(record, entry) is {check: what it found} of those checks that
        depend on the entries before, and goes to the rest in entry.found."""
        self.sequences, self.alphas, self.cast, self.challenged = {}, set(), set(), set()
        self.challenge_counts, self.challenges, self.ballots = Counter(), {}, []
        self.signers, self.tags, self.reached = {}, {}, {}  # {credential or tag: district}; {tag: }
        self.tags_of_ring, self.on_paper = Counter(), Counter()
        self.history = [(0, 0, 0)]                         # (size, online and paper from it on)
        batches = {e.index for e in self.batches}
        for entry in self.entries:
            if entry.index in batches:
                self.take_batch(entry)
            if entry.type not in self.votes or entry.broken:
                continue
            entry.signer = entry.tag if self.anonymous else entry.credential
            entry.member = self.pinned.by_credential.get(entry.signer) if self.pinned else None
            entry.found.update(examine(self, entry))
            if self.opening and not any(any(found) for found in entry.found.values()):
                self.take_vote(entry)

    def take_vote(self, e):
        if e.type == OPENING:
            self.challenges.pop(e.challenge, None)
            return
        self.sequences[e.signer] = e.sequence
        if e.type in OVER_RINGS:
            named = self.epochs.ring_of(e)
            self.tags[e.tag] = getattr(named, "district", None)
            self.tags_of_ring[self.epochs.name_of(e)] += 1
        if e.type == BALLOT:
            self.cast.add((e.credential, hash_of(self.context, e)))
        if e.type in BALLOTS:
            self.alphas.update(alphas_of(e))
            self.ballots.append(e)
        elif e.type == CHALLENGE:
            self.challenged.add((e.credential, e.ballot_hash))
            self.challenge_counts[e.credential] += 1
            self.challenges[e.index] = e
        else:
            self.take_act(e)

    def take_act(self, e):
        if e.act == 2:
            del self.signers[e.signer]
        else:
            self.signers[e.signer] = self.tags[e.tag] if self.anonymous else \
                getattr(e.member, "district", None)
        self.count(e)

    def take_batch(self, e):
        """A paper batch counts in the districts that there are."""
        for d in e.content.districts:
            if d.district in self.district_numbers:
                self.on_paper[d.district] += d.accepted
        self.count(e)

    def count(self, e):
        """So many there are after this entry."""
        online, paper = len(self.signers), self.on_paper.total()
        self.history.append((e.index + 1, online, paper))
        for threshold in self.manifest.thresholds:
            if online + paper >= threshold:
                self.reached.setdefault(threshold, e.index)

    # Petitions (sections 6.1 and 8)

    @property
    def text_hash(self):
        return life.text_hash(self.text)

    @cached_property
    def batches(self):
        return [e for e in self.placed if e.content.kind == PAPER_BATCH]

    @cached_property
    def district_numbers(self):
        return [district.number for district in self.manifest.districts]

    def counts_at(self, size):
        """(online, paper) over so many first entries."""
        return self.history[bisect(self.history, size, key=lambda row: row[0]) - 1][1:]

    def totals_by_district(self):
        online = Counter(self.signers.values())
        return [online[number] + self.on_paper[number] for number in self.district_numbers]

    # The count (section 9)

    @cached_property
    def counted(self):
        """The counted set; its ballots know their weight and district."""
        revoked = {}
        for order in self.revocations:
            for credential in pieces(order.content.credentials):
                revoked[credential] = order.content.kind == REVOKE
        last = {b.signer: b for b in self.ballots if b.index < self.sum.index}
        counted = [b for b in last.values() if not revoked.get(b.signer)]
        for ballot in counted:
            ballot.weight, ballot.district = (1, self.tags[ballot.tag]) if self.anonymous else \
                (ballot.member.weight, ballot.member.district)
        return sorted(counted, key=lambda ballot: ballot.index)

    @cached_property
    def parts(self):
        """[(contest, districts, ballots)]"""
        return [(contest, *part) for contest in self.manifest.contests for part in parts_of(
            contest, self.districts_with(contest),
            [b for b in self.counted if any(c.contest == contest.number for c in b.contests)],
            self.manifest.minimum_ballots)]

    @cached_property
    def sums(self):
        """[[(α, β) of each counted cell]] of the parts."""
        return [sum_of(ballots, contest.number, len(self.layouts[contest.number].maxima))
                for contest, _, ballots in self.parts]

    def message_hash(self, message):
        """What a trustee signs."""
        return group.T("trustee message", ("poll", self.id), ("type", u8(message.type)),
                       ("message", message.message))

    def styles_with(self, contest):
        return [style.number for style in self.manifest.styles if contest.number in style.contests]

    def districts_with(self, contest):
        styles = self.styles_with(contest)
        return [d.number for d in self.manifest.districts if d.style in styles]

    def style_of(self, district):
        return next((d.style for d in self.manifest.districts if d.number == district), None)

    def logs(self):
        """(name, log or why it cannot be read) of the poll's and the pinned roll's."""
        return [("poll", self.log)] + (
            [(self.roll_name, self.roll_log)] if self.opening and self.roll_log is not None else [])
