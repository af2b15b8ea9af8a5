"""The table of the checks: docs/protocol.md, sections 12 and 12.1."""
from types import SimpleNamespace

import ballot_checks
import ceremony_checks
import count_checks
import life_checks
import log_checks
import manifest_checks
import order_checks
import petition_checks
import policy_checks
import roll_checks
import witness_checks
from entries import ACTS, BALLOTS, CHALLENGE, CHANGE, MEMBER, OPENING

MODULES = (log_checks, witness_checks, policy_checks, manifest_checks, order_checks, roll_checks,
           ceremony_checks, ballot_checks, count_checks, petition_checks, life_checks)


def row(number, title, kind, stage, depends, what, each=()):
    return SimpleNamespace(number=number, title=title, kind=kind, stage=stage,
                           depends=depends.split(), what=what, each=each,
                           check=function_of("check_" + number))


def function_of(name):
    """The one function of this name in the modules of checks."""
    function, = (vars(module)[name] for module in MODULES if name in vars(module))
    return function


# `each`: the types of the entries that the check is made of one by one.
VOTE, CAST = BALLOTS, (*BALLOTS, CHALLENGE)
TABLE = [
    row("L1", "every log's checkpoint is well formed and signed by the log key of its first entry, "
        "under its origin", "both", "setup", "", "checkpoints"),
    row("L2", "the files are exactly those of the tree's size, and entries and every tile rebuild "
        "the root", "both", "setup", "", "directories"),
    row("L3", "every entry is canonical", "both", "setup", "", "entries"),
    row("L4", "the record has grown from the older checkpoint that was given",
        "both", "setup", "L1 L2", "older checkpoints"),
    row("L5", "every receipt that was given is in the record",
        "both", "setup", "L1 L2", "receipts"),
    row("L6", "the witness quorum is met by the poll's checkpoint",
        "both", "setup", "L1", "checkpoints"),
    row("L7", "every witnessed checkpoint in the log is of that log itself, and earlier",
        "both", "setup", "L2", "witnessed checkpoints"),
    row("I1", "the log keys and origins are the policy's", "both", "setup", "", "keys"),
    row("I2", "the officers and their quorum are the policy's", "both", "setup", "", "keys"),
    row("I3", "the registrar is the policy's", "both", "setup", "", "keys"),
    row("I4", "the trustees and their threshold are the policy's", "election", "setup", "", "keys"),
    row("I5", "the beacon of an anonymous poll is the policy's", "both", "voting", "", "beacons"),
    row("S1", "the first entry, and no other, is the manifest, and it follows the rules",
        "both", "setup", "", "manifests"),
    row("S2", "the manifest is signed by enough officers", "both", "setup", "S1", "manifests"),
    row("S3", "the roll is whole, sorted, without repetition, and signed by its registrar",
        "both", "voting", "L3", "members"),
    row("S4", "every roll member's enrolment is proved", "both", "voting", "L3", "enrolments",
        (MEMBER, CHANGE)),
    row("S5", "orders are numbered and chained", "both", "setup", "S1 L3", "orders"),
    row("S6", "orders are signed by enough officers", "both", "setup", "S1", "orders"),
    row("S7", "times of orders rise, and one off the schedule has a reason",
        "both", "setup", "S1", "orders"),
    row("S8", "every order and trustee message has its place: phases, attempts, rounds",
        "both", "setup", "S1 L3", "orders and trustee messages"),
    row("S9", "trustee messages are signed by their trustees",
        "election", "setup", "S1", "trustee messages"),
    row("S10", "key commitments are opened and coefficients proved",
        "election", "setup", "S8", "coefficient messages"),
    row("S11", "the attempt that is opened was acknowledged by all trustees, and nobody complained",
        "election", "voting", "S8", "openings"),
    row("S12", "election key and verification keys are what the coefficients give",
        "election", "voting", "S8 S10", "openings"),
    row("S13", "drills are proved, and every trustee had one before the opening",
        "election", "voting", "S12", "drills"),
    row("S14", "the opening pins the roll that is in the record", "both", "voting", "", "openings"),
    row("S15", "revocations and restorations name members of the roll and have a reason",
        "election", "voting", "S8", "credentials"),
    row("S16", "no weight on the roll is so rare that totals would give votes away",
        "election", "voting", "S1 S14", "openings"),
    row("S17", "opening and closing lie between the witnesses' times",
        "both", "voting", "S8 L6 L7", "openings and closings"),
    row("B1", "ballots have exactly the contests and options of their style",
        "election", "voting", "S1", "ballots", VOTE),
    row("B2", "the credential or ring of every ballot and challenge is on the roll, in a district "
        "of that style", "election", "voting", "S3 S14", "ballots and challenges", CAST),
    row("B3", "sequence numbers of a credential or tag rise",
        "election", "voting", "", "ballots and challenges", CAST),
    row("B4", "every cell is proved to be in its range",
        "election", "voting", "B1 B12", "proofs", VOTE),
    row("B5", "every contest's sum, and its choice of a list, is proved to be in its range",
        "election", "voting", "B1 B12", "proofs", VOTE),
    row("B6", "every ballot and challenge is proved by its credential or tag",
        "election", "voting", "B1 B12", "ballots and challenges", CAST),
    row("B7", "no ciphertext stands twice", "election", "voting", "", "ballots", VOTE),
    row("B8", "ballots and challenges lie between opening and closing",
        "election", "voting", "S8", "ballots, challenges and openings", (*CAST, OPENING)),
    row("B9", "every limit of a contest is proved to be kept",
        "election", "voting", "B1 B12", "proofs", VOTE),
    row("B10", "no challenged ballot is cast, and nobody challenges more than is allowed",
        "election", "voting", "", "ballots and challenges", CAST),
    row("B11", "openings are those of challenged ballots",
        "election", "voting", "B10", "openings", (OPENING,)),
    row("B12", "the rings of an anonymous election are those that roll, manifest and beacon give, "
        "none too small", "election", "voting", "S1 S3 S14", "openings"),
    row("C1", "the counted set is what order sum pins",
        "election", "final", "L3 S15 B1 B2 B3 B4 B5 B6 B7 B8 B9 B10 B12", "sums"),
    row("C2", "the parts are those of the counted set, none below the minimum",
        "election", "final", "C1", "sums"),
    row("C3", "the sums are what order sum pins", "election", "final", "C2", "sums"),
    row("C4", "acknowledgements fit, and stand before the shares",
        "election", "final", "C3", "acknowledgements"),
    row("C5", "every decryption share is proved", "election", "final", "C3", "shares"),
    row("C6", "every part has shares of enough trustees", "election", "final", "C3", "parts"),
    row("C7", "the totals are the decryption of the sums",
        "election", "final", "C5 C6 C8", "totals"),
    row("C8", "the result has every part and every counted cell once, and possible totals",
        "election", "final", "C2", "parts"),
    row("C9", "the outcomes are what the result rules give from the totals",
        "election", "final", "C8", "outcomes"),
    row("P1", "the text is the one that was opened", "petition", "voting", "S1", "openings"),
    row("P2", "petition acts lie between opening and closing",
        "petition", "voting", "S8", "acts", ACTS),
    row("P3", "every signer is on the roll, in a district of the petition",
        "petition", "voting", "S3 S14", "acts", ACTS),
    row("P4", "every act is proved by its credential or tag",
        "petition", "voting", "P8", "acts", ACTS),
    row("P5", "sequence numbers rise; who has signed may withdraw, who has not may sign",
        "petition", "voting", "", "acts", ACTS),
    row("P6", "the count and the districts' counts are those of the result",
        "petition", "final", "L3 P1 P2 P3 P4 P5 P10", "counts"),
    row("P7", "thresholds, and where each was reached, are those of the result",
        "petition", "final", "P6", "thresholds"),
    row("P8", "the rings of an anonymous petition are those that roll, manifest and beacon give, "
        "none too small", "petition", "voting", "S1 S3 S14", "openings"),
    row("P9", "initiators are invited and confirm in time, for the text in force, and enough "
        "before it is submitted", "petition", "setup", "S1",
        "invitations, confirmations and submissions"),
    row("P10", "paper batches are told apart, and none says more signatures than the roll has "
        "members for paper", "petition", "voting", "S3 S14", "paper batches"),
    row("P11", "minimums, and whether the petition has passed, are those of the result",
        "petition", "final", "P6", "minimums"),
    row("P12", "steps have the codes and documents that they ask for; none expires or is handed "
        "over that may not", "petition", "setup", "S1", "steps"),
]
OF_ANONYMOUS = ("I5", "B12", "P8", "P9", "P10", "P11", "P12")
# Checks of single entries that need nothing but the entry and the opening: what costs time.
ALONE = ("S4", "B1", "B4", "B5", "B6", "B9", "P4")
