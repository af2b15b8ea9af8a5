"""Makes anonymous petitions with later epochs of the roll for the tests of the reference verifier:
docs/protocol.md, sections 4.1 and 6.

Who is in the rings of an epoch is written down here by hand, not derived from the roll. The tweak
`roll epoch` gets the numbers of an order 17 as they are to be said.
"""
import rings
from anonymous import FEWEST, SIZE, AnonymousPetition
from group import u32, u64
from people import Voter

SECOND, THIRD = bytes(range(1, 33)), bytes(range(2, 34))   # the beacons of epochs 2 and 3
NEWCOMER, REKEYED = Voter(300, 2), Voter(301, 1)
MOVED = Voter(0, 2)                                        # who was of district 1
FROM_PAPER = Voter(900, 1, 1, 1)
REPLACED, REMOVED, REPLACED_LATER = 3, 4, 71               # positions among the voters
HEIR = Voter(302, 2)                                       # who replaces that one in epoch 3


class EpochPetition(AnonymousPetition):
    """The roll has two epochs: in the second somebody is new, one has moved, one is re-keyed, one
    removed, and one who signed on paper is to sign online."""

    def __init__(self, tweaks=None, **arguments):
        super().__init__(tweaks, **arguments)
        self.made = {}                                     # {epoch: its crowds and rings}
        self.roll.change((1, NEWCOMER), (3, MOVED), (4, REKEYED, self.voters[REPLACED]),
                         (2, self.voters[REMOVED]), (3, FROM_PAPER))
        gone = {REPLACED, REMOVED, 0}
        self.later = [v for i, v in enumerate(self.voters)
                      if v.category == 1 and i not in gone] + [NEWCOMER, MOVED]

    def open(self):
        super().open()
        self.made[self.newest] = self.crowds, self.rings

    def use(self, epoch):
        """Of which epoch what follows is."""
        self.crowds, self.rings = self.made[epoch]
        self.newest = epoch

    def roll_epoch(self, epoch=2, earliest=1, members=None, beacon=SECOND, end=2, time=None,
                   **changes):
        """Order 17. `members`: the voters who are members of the epoch; `end`: that of the roll."""
        members = members or self.later
        crowds = rings.divide([(v.credential, v.district) for v in members if v.category == 1],
                              self.districts, SIZE, FEWEST, rings.ring_seed(
                                  [(v.credential, v.district, v.category) for v in members],
                                  beacon))
        made = [rings.RollRing(*crowd, SIZE) for crowd in crowds]
        size = self.roll.ends[end - 1]
        o = self.tweaked("roll epoch", **{
            "epoch": epoch, "earliest": earliest, "size": size, "root": self.roll.root(size),
            "beacon": beacon, "count": len(made), "hash": rings.rings_hash(made), **changes})
        self.order("order 17", 17, u32(o.epoch) + u32(o.earliest) + u64(o.size) + o.root + o.beacon
                   + u32(o.count) + o.hash, time=time)
        if o.epoch not in self.brought_in:
            self.brought_in[o.epoch], self.made[o.epoch] = self.previous, (crowds, made)
        self.use(o.epoch)

    def sign(self, who, **changes):
        """The first act of a voter who may be in no ring of the opening."""
        self.voters = [*self.voters, who]
        self.ring_act(len(self.voters) - 1, **changes)

    def finish(self, signers):
        """`signers`: the districts of those who have signed, and where each act stands."""
        self.close()
        reached = [(t, int(len(signers) >= t), signers[t - 1][1] if len(signers) >= t else 0)
                   for t in (2, 3)]
        districts = [d for d, _ in signers]
        self.result(len(signers), [(d, districts.count(d)) for d in self.districts], reached)
        return self

    def policy(self):
        return super().policy() + line(2, SECOND)


def line(epoch, beacon):
    """The line of a policy."""
    return f"epoch-beacon {epoch} {beacon.hex()}\n"


def opened(tweaks=None):
    p = EpochPetition(tweaks)
    p.open()
    return p


def opened_with_the_second():
    """The opening pins epoch 2, in whose rings those are too whom a later epoch would leave out."""
    p = EpochPetition()
    on_paper = [v for v in p.voters if v.category == 2 and v.credential != FROM_PAPER.credential]
    p.voters, p.epoch = [*p.later, REKEYED, FROM_PAPER, *on_paper], 2
    p.open()
    return p


def third_epoch(p):
    """Who is in the rings of epoch 3, in which somebody else gets a new key."""
    replaced = p.voters[REPLACED_LATER]
    p.roll.change((4, HEIR, replaced))
    return [v for v in p.later if v is not replaced]


def two_epochs(tweaks=None, between=None, second=None, also=()):
    """Voter 1 signs over epoch 1, before epoch 2 is brought in; then the newcomer and who has moved
    over epoch 2, and voter 2 over epoch 1, which is still in force until the epoch is repeated.
    `second`: changes of the first order 17. Functions of `between` are called after the step that
    they are named by; `also`: the districts of who have signed there."""
    def after(step):
        (between or {}).get(step, lambda p: None)(p)

    p = opened(tweaks)                                     # entry 3
    p.ring_act(1)
    after("before")
    p.roll_epoch(**(second or {}))
    p.sign(NEWCOMER)
    p.sign(MOVED)
    p.use(1)
    p.ring_act(2)
    after("both")
    p.use(2)
    p.roll_epoch(earliest=2)
    after("ended")
    p.tag_act(1, 2, 2)
    p.tag_act(1, 1, 3)
    return p.finish([(1, 4), (2, 6), (2, 7), (1, 8), *((district, None) for district in also)])
