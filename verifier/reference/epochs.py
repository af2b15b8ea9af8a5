"""The epochs of the roll whose rings an anonymous petition has: docs/protocol.md, section 4.1."""
from rings import online, rings_of_roll
from rolls import places


class Epoch:
    """An epoch that an order, the opening or a roll epoch, has brought in. `members`: (P, district,
    category) of who may be in its rings; `different`: how many points have been members in rings up
    to this epoch."""

    def __init__(self, order, members, manifest):
        self.order, self.number = order, order.content.epoch
        self.online = online(members, manifest.categories)
        self.rings = rings_of_roll(members, manifest, order.content.beacon)
        self.different = 0


def brings_in(orders):
    """Those of the opening and the roll epochs that have their place that bring an epoch in."""
    return [e for i, e in enumerate(orders)
            if i == 0 or e.content.epoch > max(o.content.epoch for o in orders[:i])]


def epochs_of(record):
    """[Epoch] in the order in which they were brought in, their numbers ascending."""
    found, points = [], set()
    opening = record.opening.content
    for e in brings_in(record.pins):
        view = record.roll.at(e.content.roll_size)
        members = places(view) if e is record.opening else record.roll.latecomers(
            view, opening.epoch, record.manifest.paper_categories)
        epoch = Epoch(e, members, record.manifest)
        points.update(p for ring in epoch.rings for p in ring.members)
        epoch.different = len(points)
        found.append(epoch)
    return found
