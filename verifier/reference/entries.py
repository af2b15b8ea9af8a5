"""The structure of entries: docs/protocol.md sections 4 to 9 and 13, in the language of
presentation.py, in the order and with the names of the document.
"""
from group import Bad, decode, scalar
from presentation import FULL, ascending, by_number, credentials, fixed, flag, named_key, numbers16
from presentation import one_of, opaque, parse, pieces, place, points, raw_texts, struct, text
from presentation import texts, u8, u16, u32, u64, vector

# Section 4

roll_header_body = struct(
    ("origin", text(1, 255)), ("log_key", fixed(32)), ("nonce", fixed(32)), ("title", texts),
    ("registrar", named_key),
    ("districts", ascending(vector(1, FULL, place), by_number)),
    ("categories", ascending(vector(1, FULL, place), by_number)))
roll_seal_body = struct(("epoch", u32), ("members", u64), ("root", fixed(32)))
enrolment = (("nonce", fixed(32)), ("commitment", fixed(32)), ("responses", fixed(64)))
entitlement = (("district", u16), ("category", u16), ("weight", u32))
CHANGES = {                            # by kind
    1: entitlement + enrolment, 2: (), 3: entitlement,
    4: (("replaced", fixed(32)), *entitlement, *enrolment)}
roll_change_body = struct(("kind", one_of(u8, *CHANGES)), ("credential", fixed(32)),
                          lambda change: CHANGES[change.kind])
roll_body = struct(("body", opaque(1, FULL)), ("signature", fixed(64)))
roll_member = struct(("credential", fixed(32)), *entitlement, *enrolment)

# Section 5

encrypted_share = struct(("recipient", u16), ("nonce", fixed(24)), ("ciphertext", fixed(48)))
key_coefficients = struct(
    ("attempt", u16), ("trustee", u16), ("coefficients", opaque(32, FULL)),
    ("proofs", opaque(64, FULL)), ("encryption_key", fixed(32)), ("salt", fixed(32)))

# Section 6

schedule = struct(("opens", u64), ("closes", u64), ("tolerance", u32))
district = struct(("number", u16), ("name", texts), ("style", u16))
style = struct(("number", u16), ("contests", ascending(vector(2, FULL, u16))))
option = struct(("id", text(1, 63)), ("name", texts), ("cost", u64), ("list", u16))
limit = struct(("name", texts), ("measure", one_of(u8, 1, 2)), ("at_least", u64), ("at_most", u64),
               ("options", ascending(vector(2, FULL, u16))))
RESULT_RULES = {
    0: (),
    1: (("seats", u16), ("tie", u8)),
    2: (("seats", u16), ("method", u8), ("threshold", u16)),
    3: (("budget", u64), ("reading", u8), ("tie", u8)),
    4: (("quorum", u16), ("base", u8), ("numerator", u16), ("denominator", u16),
        ("comparison", u8)),
}
result_rule = struct(("kind", one_of(u8, *RESULT_RULES)), lambda rule: RESULT_RULES[rule.kind])
contest = struct(
    ("number", u16), ("title", texts), ("rule", one_of(u8, 1, 2, 3, 4)), ("option_max", u16),
    ("sum_min", u32), ("sum_max", u32), ("blank", flag), ("by_district", flag),
    ("options", vector(1, FULL, option)),
    ("lists", vector(0, FULL, struct(("id", text(1, 63)), ("name", texts)))),
    ("limits", vector(0, FULL, limit)), ("result", result_rule))

election_fields = (
    ("origin", text(1, 255)), ("log_key", fixed(32)), ("nonce", fixed(32)), ("title", texts),
    ("schedule", schedule), ("registrar", named_key),
    ("officers", vector(1, FULL, named_key)), ("officer_quorum", u16),
    ("trustees", vector(1, FULL, named_key)), ("trustee_threshold", u16),
    ("minimum_ballots", u32), ("challenges", u16),
    ("districts", ascending(vector(1, FULL, district), by_number)),
    ("styles", ascending(vector(1, FULL, style), by_number)),
    ("contests", ascending(vector(1, FULL, contest), by_number)))
election_manifest_body = struct(*election_fields)
ring_rules = (("eligibility", one_of(u8, 2)), ("ring_size", u16), ("fewest", u16),
              ("beacon_source", text(1, 1000)))
anonymous_election_manifest_body = struct(
    *election_fields, *ring_rules, ("categories", ascending(vector(2, FULL, u16))))

petition_fields = (
    ("origin", text(1, 255)), ("log_key", fixed(32)), ("nonce", fixed(32)),
    ("raw_title", raw_texts), ("raw_text", raw_texts),
    ("schedule", schedule), ("registrar", named_key),
    ("officers", vector(1, FULL, named_key)), ("officer_quorum", u16),
    ("districts", ascending(vector(1, FULL, place), by_number)),
    ("thresholds", ascending(vector(0, FULL, u64))))
petition_manifest_body = struct(*petition_fields)
anonymous_petition_manifest_body = struct(
    *petition_fields, *ring_rules, ("profile", text(0, 63)),
    ("categories", ascending(vector(2, FULL, u16))),
    ("paper_categories", ascending(vector(0, FULL, u16))),
    ("initiators", u8), ("invitation", u32), ("review", flag),
    ("minimums", ascending(vector(0, FULL, struct(("after", u32), ("at_least", u64))),
                           lambda minimum: minimum.after)),
    ("district_minimums", vector(0, FULL, u64)), ("districts_needed", u16))

signed_body = struct(
    ("body", opaque(1, FULL)),
    ("signatures", ascending(vector(0, FULL, struct(("officer", u16), ("signature", fixed(64)))),
                             lambda signature: signature.officer)))


OPEN, CLOSE, ATTEMPT, SUM, RESULT, OPEN_PETITION, PETITION_RESULT, REVOKE, RESTORE, \
    OPEN_ANONYMOUS, STEP, INVITE, CONFIRM, REVISE, PAPER_BATCH, ANONYMOUS_RESULT, \
    ROLL_EPOCH, OPEN_ANONYMOUS_ELECTION = range(1, 19)
OPENINGS = (OPEN, OPEN_PETITION, OPEN_ANONYMOUS, OPEN_ANONYMOUS_ELECTION)
thresholds = vector(0, FULL, struct(("threshold", u64), ("reached", flag), ("index", u64)))
roll_state = (("roll_size", u64), ("roll_root", fixed(32)))
pinned_roll = (("roll_id", fixed(32)), *roll_state)
pinned_epoch = (("roll_id", fixed(32)), ("epoch", u32), *roll_state)
pinned_rings = (("beacon", fixed(32)), ("rings", u32), ("rings_hash", fixed(32)))
opened_keys = (("attempt", u16), ("election_key", fixed(32)), ("verification_keys", points))
ORDERS = {
    OPEN: opened_keys + pinned_roll,
    CLOSE: (),
    ATTEMPT: (("attempt", u16),),
    SUM: (("tree_size", u64), ("counted", u64), ("counted_hash", fixed(32)),
          ("parts", vector(0, FULL, struct(("contest", u16), ("districts", vector(2, FULL, u16)),
                                           ("ballots", u64), ("weight", u64)))),
          ("sums_hash", fixed(32))),
    RESULT: (("results", vector(0, FULL, struct(("part", u16), ("totals", vector(8, FULL, u64))))),
             ("outcomes", vector(0, FULL, struct(("contest", u16), ("winners", numbers16),
                                                 ("tied", numbers16), ("seats", numbers16))))),
    OPEN_PETITION: (("text_hash", fixed(32)), *pinned_roll),
    PETITION_RESULT: (
        ("tree_size", u64), ("signatures", u64),
        ("districts", vector(0, FULL, struct(("district", u16), ("signatures", u64)))),
        ("thresholds", thresholds)),
    REVOKE: (("credentials", credentials),),
    RESTORE: (("credentials", credentials),),
    OPEN_ANONYMOUS: (("text_hash", fixed(32)), *pinned_epoch, *pinned_rings),
    STEP: (("step", one_of(u8, *range(1, 13))), ("code", u16), ("document", fixed(32))),
    INVITE: (("initiator", named_key),),
    CONFIRM: (("invitation", u16), ("signature", fixed(64))),
    REVISE: (("raw_title", raw_texts), ("raw_text", raw_texts)),
    PAPER_BATCH: (
        ("batch", text(1, 63)), ("sheets_hash", fixed(32)), ("sheets", u32),
        ("districts", ascending(vector(10, FULL, struct(
            ("district", u16), ("accepted", u32), ("rejected", u32))), lambda d: d.district))),
    ANONYMOUS_RESULT: (
        ("tree_size", u64), ("online", u64), ("paper", u64),
        ("districts", vector(0, FULL, struct(("district", u16), ("online", u64),
                                             ("paper", u64)))),
        ("thresholds", thresholds),
        ("minimums", vector(0, FULL, struct(("after", u32), ("at_least", u64), ("seen", u64),
                                            ("met", flag)))),
        ("districts_met", u16), ("passed", flag)),
    ROLL_EPOCH: (("epoch", u32), ("earliest", u32), *roll_state, *pinned_rings),
    OPEN_ANONYMOUS_ELECTION: (*opened_keys, *pinned_epoch, *pinned_rings),
}
order_body = struct(
    ("kind", one_of(u8, *ORDERS)), ("number", u32), ("previous", fixed(32)), ("time", u64),
    ("reason", text(0, 1000)), lambda order: ORDERS[order.kind])

# Section 7

contest_ballot = struct(
    ("contest", u16), ("ciphertexts", opaque(64, FULL)), ("commitments", opaque(64, FULL)),
    ("challenges", opaque(0, FULL)), ("responses", opaque(32, FULL)))
contest_opening = struct(
    ("contest", u16), ("cells", opaque(34, FULL)), ("commitments", opaque(64, FULL)),
    lambda opening: (("scalars", lambda r: b"".join(c[2:] for c in pieces(opening.cells, 34))),))


def by_contest(read):
    return ascending(vector(0, FULL, read), lambda element: element.contest)


# Section 13.1

MEMBER, SEAL, CHANGE, ORDER, WITNESSED = 0x10, 0x11, 0x12, 0x30, 0x31
COMMITMENT, COEFFICIENTS, SHARES, KEY_ACKNOWLEDGEMENT, COMPLAINT, SHARE_OPENING, DRILL = \
    range(0x20, 0x27)
BALLOT, CHALLENGE, OPENING, COUNT_ACKNOWLEDGEMENT, DECRYPTION_SHARE = 0x40, 0x41, 0x42, 0x60, 0x61
RING_BALLOT, TAG_BALLOT = 0x43, 0x44
BALLOTS = (BALLOT, RING_BALLOT, TAG_BALLOT)
ACTS = ACT, RING_ACT, TAG_ACT = 0x50, 0x51, 0x52
OVER_RINGS, BY_TAG = (RING_BALLOT, RING_ACT), (TAG_BALLOT, TAG_ACT)

NAMES = {
    0x01: "election manifest", 0x02: "petition manifest", 0x03: "roll header",
    MEMBER: "roll member", SEAL: "roll seal", CHANGE: "roll change",
    COMMITMENT: "key commitment",
    COEFFICIENTS: "key coefficients", SHARES: "key shares",
    KEY_ACKNOWLEDGEMENT: "key acknowledgement", COMPLAINT: "key complaint",
    SHARE_OPENING: "key share opening", DRILL: "drill", ORDER: "order",
    WITNESSED: "witnessed checkpoint", BALLOT: "ballot",
    CHALLENGE: "ballot challenge", OPENING: "ballot opening",
    RING_BALLOT: "ring ballot", TAG_BALLOT: "tag ballot", ACT: "petition act",
    RING_ACT: "ring act", TAG_ACT: "tag act", COUNT_ACKNOWLEDGEMENT: "count acknowledgement",
    DECRYPTION_SHARE: "decryption share",
}
BODIES = {                             # of type and version
    (0x01, 1): election_manifest_body, (0x01, 2): anonymous_election_manifest_body,
    (0x02, 1): petition_manifest_body, (0x02, 2): anonymous_petition_manifest_body,
    (0x03, 1): roll_header_body,
    (SEAL, 1): roll_seal_body, (CHANGE, 1): roll_change_body, (ORDER, 1): order_body}
ring_proof = (("ring_commitments", opaque(256, 352)), ("ring_responses", opaque(416, 704)))
tag_proof = (("commitment", fixed(32)), ("response", fixed(32)))
FIELDS = {
    0x01: signed_body, 0x02: signed_body, ORDER: signed_body, 0x03: roll_body, SEAL: roll_body,
    CHANGE: roll_body, MEMBER: roll_member,
    BALLOT: struct(
        ("sequence", u64), ("style", u16), ("credential", fixed(32)),
        ("contests", by_contest(contest_ballot)), ("commitment", fixed(32)),
        ("responses", fixed(64))),
    CHALLENGE: struct(
        ("sequence", u64), ("credential", fixed(32)), ("ballot_hash", fixed(64)),
        ("commitment", fixed(32)), ("responses", fixed(64))),
    OPENING: struct(
        ("challenge", u64), ("sequence", u64), ("style", u16), ("credential", fixed(32)),
        ("contests", by_contest(contest_opening)), ("commitment", fixed(32))),
    RING_BALLOT: struct(
        ("sequence", u64), ("style", u16), ("ring", u32), ("tag", fixed(32)),
        ("contests", by_contest(contest_ballot)), *ring_proof),
    TAG_BALLOT: struct(
        ("sequence", u64), ("style", u16), ("tag", fixed(32)),
        ("contests", by_contest(contest_ballot)), *tag_proof),
    WITNESSED: struct(("note", opaque(1, FULL))),
    ACT: struct(
        ("act", one_of(u8, 1, 2)), ("sequence", u64), ("credential", fixed(32)),
        ("commitment", fixed(32)), ("responses", fixed(64))),
    RING_ACT: struct(
        ("act", lambda r: 1),                              # no byte says so: it always signs
        ("sequence", u64), ("epoch", u32), ("ring", u32), ("tag", fixed(32)), *ring_proof),
    TAG_ACT: struct(
        ("act", one_of(u8, 1, 2)), ("sequence", u64), ("tag", fixed(32)), *tag_proof),
}
MESSAGES = {                           # of trustees; their signature stands behind them
    COMMITMENT: struct(("attempt", u16), ("trustee", u16), ("commitment", fixed(32))),
    COEFFICIENTS: key_coefficients,
    SHARES: struct(("attempt", u16), ("trustee", u16),
                   ("shares", vector(0, FULL, encrypted_share))),
    KEY_ACKNOWLEDGEMENT: struct(("attempt", u16), ("trustee", u16),
                                ("ceremony_digest", fixed(32)), ("key_context", fixed(32))),
    COMPLAINT: struct(("attempt", u16), ("trustee", u16), ("dealer", u16), ("reason", u8)),
    SHARE_OPENING: struct(("attempt", u16), ("trustee", u16), ("recipient", u16),
                          ("share", fixed(32))),
    DRILL: struct(("attempt", u16), ("trustee", u16), ("drill", u32), ("share", fixed(32)),
                  ("proof", fixed(96))),
    COUNT_ACKNOWLEDGEMENT: struct(
        ("trustee", u16), ("context", fixed(32)), ("size", u64), ("root", fixed(32)),
        ("sum_order", fixed(32)), ("counted_hash", fixed(32)), ("sums_hash", fixed(32))),
    DECRYPTION_SHARE: struct(("trustee", u16), ("context", fixed(32)), ("part", u16),
                             ("shares", opaque(32, FULL)), ("proofs", opaque(96, FULL))),
}


class Entry:
    """An entry with its fields as attributes, those of a body in `content`; `broken` says what is
    wrong with its structure."""

    def __init__(self, index, data, in_roll=False):
        self.index, self.data, self.type, self.in_roll = index, data, data[0], in_roll
        self.broken = self.misplaced = None                # the latter is what S8 says of it
        try:
            self.parse()
        except Bad as error:
            self.broken = str(error)

    def parse(self):
        self.version = int.from_bytes(self.data[1:2], "big")
        if self.type not in NAMES or self.version != 1 and (self.type, self.version) not in BODIES:
            raise Bad("unknown type or version")
        if self.type in MESSAGES:
            self.message, self.signature = self.data[2:-64], self.data[-64:]
            fields = parse(MESSAGES[self.type], self.message)
        else:
            fields = parse(FIELDS[self.type], self.data[2:])
        if (self.type, self.version) in BODIES:
            self.content = parse(BODIES[self.type, self.version], fields.body)
        vars(self).update(vars(fields))

    def __str__(self):
        log = "roll, " if self.in_roll else ""
        return f"{log}entry {self.index} ({NAMES.get(self.type, 'unknown')})"


# Points and scalars of fields, in turn: N a point but not the identity, P a point, S a scalar.

ELEMENTS = {
    MEMBER: (("credential", "N"), ("commitment", "P"), ("responses", "S")),
    CHANGE: (("credential", "N"), ("replaced", "N"), ("commitment", "P"), ("responses", "S")),
    COEFFICIENTS: (("coefficients", "N"), ("proofs", "PS")),
    SHARE_OPENING: (("share", "S"),),
    DRILL: (("share", "P"), ("proof", "PPS")),
    ORDER: (("election_key", "N"), ("verification_keys", "N"), ("credentials", "N")),
    BALLOT: (("credential", "N"), ("commitment", "P"), ("responses", "S")),
    CHALLENGE: (("credential", "N"), ("commitment", "P"), ("responses", "S")),
    OPENING: (("credential", "N"), ("commitment", "P")),
    ACT: (("credential", "N"), ("commitment", "P"), ("responses", "S")),
    **dict.fromkeys(OVER_RINGS, (
        ("tag", "N"), ("ring_commitments", "P"), ("ring_responses", "S"))),
    **dict.fromkeys(BY_TAG, (("tag", "N"), ("commitment", "P"), ("response", "S"))),
    DECRYPTION_SHARE: (("shares", "P"), ("proofs", "PPS")),
}
CONTEST_ELEMENTS = (("ciphertexts", "NP"), ("commitments", "P"), ("challenges", "S"),
                    ("responses", "S"), ("scalars", "S"))


def element(kind, data):
    value = scalar(data) if kind == "S" else decode(data)
    if kind == "N" and data == bytes(32):
        raise Bad("the identity")
    return value


def elements(kinds, data):
    """The points and scalars of a field; bytes behind the last whole one are others' matter."""
    return [element(kinds[i // 32 % len(kinds)], data[i:i + 32])
            for i in range(0, len(data) - 31, 32)]


def check_elements(entry):
    """The part of L3 that is not structure."""
    for holder, table in [(getattr(entry, "content", entry), ELEMENTS.get(entry.type, ()))] + [
            (contest, CONTEST_ELEMENTS) for contest in getattr(entry, "contests", ())]:
        for name, kinds in table:
            try:
                elements(kinds, getattr(holder, name, b""))
            except Bad as error:
                raise Bad(f"{name}: {error}") from None
