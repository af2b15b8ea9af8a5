"""The life of an anonymous petition: its states and who has confirmed it, docs/protocol.md,
section 6.1. Orders are named as there; those of kind 11 by their step."""
import group
import notes
from entries import ANONYMOUS_RESULT, CLOSE, CONFIRM, INVITE, OPEN_ANONYMOUS, PAPER_BATCH, REVISE
from entries import ROLL_EPOCH, STEP
from group import Bad, T, T32

STEPS = dict(enumerate((
    "submit", "accept", "return", "reject", "publish", "verify", "hand over", "respond", "archive",
    "withdraw", "expire", "mark"), 1))
NAMES = {OPEN_ANONYMOUS: "open", CLOSE: "close", INVITE: "invite", CONFIRM: "confirm",
         REVISE: "revise", PAPER_BATCH: "paper batch", ANONYMOUS_RESULT: "result",
         ROLL_EPOCH: "roll epoch"}

ENDS = {"withdraw": "withdrawn", "expire": "expired"}
TRANSITIONS = {                        # of a state: {order: the state then}
    "draft": {"invite": "draft", "confirm": "draft", "revise": "draft", "submit": "review", **ENDS},
    "review": {"accept": "accepted", "return": "draft", "reject": "rejected",
               "withdraw": "withdrawn"},
    "accepted": {"publish": "published", "withdraw": "withdrawn"},
    "published": {"open": "collecting", "withdraw": "withdrawn"},
    "collecting": {"mark": "collecting", "paper batch": "collecting", "roll epoch": "collecting",
                   "close": "closed", **ENDS},
    "closed": {"paper batch": "closed", "result": "counted", **ENDS},
    "counted": {"verify": "verified", **ENDS},
    "verified": {"hand over": "handed over", **ENDS},
    "handed over": {"respond": "responded", "archive": "archived"},
    "responded": {"archive": "archived"},
    "archived": {}, "rejected": {}, "withdrawn": {}, "expired": {},
}
STAGE_OF = {**dict.fromkeys(TRANSITIONS, "final"), "collecting": "voting", "closed": "closed",
            **dict.fromkeys(("draft", "review", "accepted", "published"), "setup")}

EARLY_ENDS = ("rejected", "withdrawn", "expired")          # unless there is a result

CODES = {"return": range(1, 10), "reject": range(1, 10), "withdraw": (20, 21, 22, 29)}
EXPIRY = {"draft": 30, "collecting": 31, "closed": 31, "counted": 32, "verified": 32}


def name_of(order):
    """None of an order that no anonymous petition has."""
    return STEPS[order.step] if order.kind == STEP else NAMES.get(order.kind)


def state_after(manifest, state, order):
    """None if the order has no place."""
    name = name_of(order)
    if name == "submit" and state == "draft" and not manifest.review:
        return "accepted"
    return TRANSITIONS[state].get(name)


def text_hash(content):
    """Of the title and text of a petition's manifest, or of a revise."""
    return T32("petition text", ("title", content.raw_title[1]), ("text", content.raw_text[1]))


class Initiators:
    """Who is invited, and whose confirmation counts, after the orders taken so far."""

    def __init__(self, record):
        self.record, self.invitations, self.confirmed = record, [], set()
        self.text, self.revision = text_hash(record.manifest), record.id

    def take(self, e):
        """Takes an order that has its place; says what of P9 it breaks, else None."""
        order = e.content
        if order.kind == INVITE:
            fault = self.not_to_be_invited(order)
            self.invitations.append(e)
            return fault
        if order.kind == CONFIRM:
            fault = self.unconfirmed(order)
            if not fault:
                self.confirmed.add(order.invitation)
            return fault
        if order.kind == REVISE:
            self.text, self.revision, self.confirmed = text_hash(order), e.order_hash, set()
        needed, found = self.record.manifest.initiators, len(self.confirmed)
        if name_of(order) == "submit" and found < needed:
            return f"{found} initiators have confirmed where {needed} are needed"
        return None

    def has_expired(self, number, time):
        return time >= self.invitations[number - 1].content.time + self.record.manifest.invitation

    def not_to_be_invited(self, order):
        name, key = order.initiator.name, order.initiator.key
        if not notes.is_key_name(name):
            return f"{name!r} is no key name"
        try:
            group.public_key(key)
        except Bad as error:
            return f"the key of {name!r}: {error}"
        for number, other in enumerate(self.invitations, 1):
            theirs = other.content.initiator
            lasts = number in self.confirmed or not self.has_expired(number, order.time)
            if lasts and (theirs.name == name or theirs.key == key):
                return f"the name or key is that of invitation {number}"
        return None

    def unconfirmed(self, order):
        number = order.invitation
        if not 1 <= number <= len(self.invitations):
            return f"there is no invitation {number}"
        if self.has_expired(number, order.time):
            return f"invitation {number} has expired"
        if number in self.confirmed:
            return f"invitation {number} is confirmed already"
        invite = self.invitations[number - 1]
        message = T("initiator confirmation", ("poll", self.record.id),
                    ("invitation", invite.order_hash), ("revision", self.revision),
                    ("text", self.text))
        if not group.signed(invite.content.initiator.key, order.signature, message):
            return f"the signature of {invite.content.initiator.name!r} does not verify"
        return None
