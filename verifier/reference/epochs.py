"""The epochs of a roll whose rings an anonymous poll has: docs/protocol.md, 4.1 and 6. An election
has those of one."""
from entries import ROLL_EPOCH
from rings import rings_of_roll
from rolls import triples


class Epoch:
    """One that an order brought in: its number, the order's entry and, once there is a roll to ask,
    its members, (P, district, category), its rings, and how many different people are in those and
    the rings of all epochs before."""

    def __init__(self, entry):
        self.entry, self.number = entry, entry.content.epoch
        self.members, self.rings, self.people = [], [], 0


class Epochs:
    """Those that a record brings in, by rising numbers, which is the order of the log too."""

    def __init__(self, record):
        self.record, self.all = record, []
        self.ended = []                                    # [(index, earliest)] of orders 17
        self.made = False

    def take(self, e):
        """Takes an opening or a roll epoch that has its place."""
        if e.content.kind == ROLL_EPOCH:
            self.ended.append((e.index, e.content.earliest))
        if not self.all or e.content.epoch > self.all[-1].number:
            self.all.append(Epoch(e))

    def misplaced(self, order):
        """What S8 says of the numbers of a roll epoch that comes next."""
        newest = self.all[-1].number
        first = self.ended[-1][1] if self.ended else newest
        if order.epoch < newest:
            return f"epoch {order.epoch} after epoch {newest}"
        least = first if order.epoch > newest else first + 1
        return None if least <= order.earliest <= order.epoch else \
            f"epoch {order.epoch} with earliest {order.earliest}, after {newest} with {first}"

    def by_number(self, number, index):
        """The epoch of this number that an order before this index brought in, or None."""
        return next((x for x in self.all if x.number == number and x.entry.index < index), None)

    def brought_in_by(self, e):
        """The epoch that this order brought in, None if it repeats one."""
        return next((x for x in self.all if x.entry is e), None)

    def in_force(self, number, index):
        earliest = [n for at, n in self.ended if at < index]
        return self.by_number(number, index) is not None \
            and (not earliest or number >= earliest[-1])

    # Rings

    def rings_known(self):
        """Whether there is a roll to ask. Makes the rings."""
        r = self.record
        if not self.all or not r.roll or not r.roll.readable:
            return False
        if not self.made:
            self.made, points = True, set()
            for epoch in self.all:
                self.make(epoch)
                points.update(p for ring in epoch.rings for p in ring.members)
                epoch.people = len(points)
        return True

    def make(self, epoch):
        r, order = self.record, epoch.entry.content
        view = r.roll.at(order.roll_size)
        epoch.members = triples(view) if order.kind != ROLL_EPOCH else r.roll.members_of_later(
            view, self.all[0].number, r.manifest.paper_categories)
        epoch.rings = rings_of_roll(epoch.members, r.manifest, order.beacon)

    def name_of(self, e):
        """(epoch, number) of the ring that a RingAct or RingBallot names; a ballot's is of the one
        epoch that its election pins."""
        return getattr(e, "epoch", self.all[0].number), e.ring

    def ring_of(self, e):
        """The ring that a RingAct names, of an epoch in force or not, or a RingBallot, which names
        no epoch; None if there is none."""
        if not self.rings_known():
            return None
        number, ring = self.name_of(e)
        epoch = self.by_number(number, e.index)
        return epoch.rings[ring] if epoch and ring < len(epoch.rings) else None

    def people_before(self, index):
        """How many different points were members in rings of the epochs brought in before."""
        return max((x.people for x in self.all if x.entry.index < index), default=0)

    def smallest_crowd(self):
        """0 if there is no ring, None if there is no roll to ask."""
        return min((ring.crowd for ring in self.everywhere()), default=0) \
            if self.rings_known() else None

    def everywhere(self):
        """The rings of all epochs; None if there is no roll to ask."""
        return [ring for x in self.all for ring in x.rings] if self.rings_known() else None
