#include "voter/participant.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/merkle/tlog_proof.h"
#include "core/petition/anonymous_act.h"
#include "core/record/entry.h"
#include "voter/receipt_verifier.h"

namespace urna::voter {
namespace {

// The ring that the entry was proved over, if it was; ballots are all of the one epoch that their
// election pins.
std::optional<RingName> RingOf(const record::Entry& entry, const PollView& poll) {
  if (const auto* act = std::get_if<petition::RingAct>(&entry)) {
    return RingName{act->epoch, act->ring};
  }
  const auto* ballot = std::get_if<election::Ballot>(&entry);
  if (ballot == nullptr || ballot->ring_answer() == nullptr) return std::nullopt;
  return RingName{poll.roll->epoch(), ballot->ring_answer()->ring};
}

bool IsChallenge(const StoredAct& act, const ReceiptStore& store) {
  if (!act.receipt) return false;
  const absl::StatusOr<Bytes> entry = store.ReadEntry(act.sequence);
  return entry.ok() && SubmissionOf(*entry) == Submission::kChallenge;
}

// The state of a petition that has states, in its own words.
std::string StateOf(const PollView& poll) {
  return poll.life.has_value() ? absl::StrCat(": the petition is ", petition::PhaseName(*poll.life))
                               : std::string();
}

}  // namespace

absl::StatusOr<Participant> Participant::Open(Board& board, absl::string_view origin,
                                              const crypto::Credential& credential,
                                              const std::string& receipts, ReadOptions options,
                                              crypto::Rng& rng) {
  options.credential = credential.public_key().bytes();
  options.secrets = &credential;
  options.roll = true;
  options.enrolments = true;
  URNA_ASSIGN_OR_RETURN(PollView poll, ReadPoll(board, origin, options));
  if (!poll.own_id.has_value()) {
    return absl::FailedPreconditionError(
        absl::StrCat(poll.election() != nullptr ? "voting" : "collecting signatures",
                     " has not begun in '", poll.origin, "'", StateOf(poll)));
  }
  URNA_ASSIGN_OR_RETURN(
      ReceiptStore store,
      ReceiptStore::Create(receipts, {poll.origin, poll.poll_id, poll.log, *poll.own_id}));
  URNA_RETURN_IF_ERROR(RememberNewest(AskTheBoard(board), store, poll.checkpoint));
  return Participant(board, credential, rng, std::move(poll), std::move(store));
}

absl::StatusOr<uint16_t> Participant::Style() const {
  return poll_.StyleOf(credential_->public_key().bytes());
}

absl::StatusOr<uint64_t> Participant::NextSequence() const {
  URNA_ASSIGN_OR_RETURN(uint64_t last, store_.LastSequence());
  for (const OwnAct& act : poll_.own) last = std::max(last, act.sequence);
  if (last == UINT64_MAX) {
    return absl::FailedPreconditionError("this credential has used up its sequence numbers");
  }
  return last + 1;
}

absl::StatusOr<uint64_t> Participant::ChallengesUsed() const {
  URNA_ASSIGN_OR_RETURN(const std::vector<StoredAct> acts, store_.Acts());
  const auto stored = std::count_if(
      acts.begin(), acts.end(), [this](const StoredAct& act) { return IsChallenge(act, store_); });
  const auto logged = std::count_if(poll_.own.begin(), poll_.own.end(), [](const OwnAct& act) {
    return act.kind == Submission::kChallenge;
  });
  return static_cast<uint64_t>(std::max(stored, logged));
}

absl::Status Participant::CheckOpen() const {
  const bool election = poll_.election() != nullptr;
  const absl::string_view what = election ? "voting" : "collecting signatures";
  const std::string now = StateOf(poll_);
  switch (poll_.phase) {
    case remote::LogPhase::kVoting:
    case remote::LogPhase::kCollecting:
      if (!poll_.revoked.has_value()) return absl::OkStatus();
      return absl::FailedPreconditionError(
          absl::StrCat("the officers of '", poll_.origin,
                       "' have revoked your credential, so that nothing sent with it counts (",
                       *poll_.revoked, ")"));
    case remote::LogPhase::kSetup:
      return absl::FailedPreconditionError(
          absl::StrCat(what, " has not begun in '", poll_.origin, "'", now));
    default:
      return absl::FailedPreconditionError(
          absl::StrCat(what, " in '", poll_.origin, "' is closed", now));
  }
}

absl::Status Participant::CheckPending(PendingPolicy policy) const {
  URNA_ASSIGN_OR_RETURN(const std::optional<uint64_t> pending, store_.Pending());
  if (!pending.has_value() || policy == PendingPolicy::kReplace) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "number ", *pending, " was sent to '", poll_.origin,
      "' and never answered: send the same again with --retry, or make another with --replace"));
}

absl::Status Participant::CheckMayVote(PendingPolicy pending) const {
  if (poll_.election() == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("'", poll_.origin, "' is a petition: it is signed, not voted on"));
  }
  URNA_RETURN_IF_ERROR(CheckOpen());
  return CheckPending(pending);
}

absl::StatusOr<election::SealedBallot> Participant::Seal(const election::Selections& selections,
                                                         PendingPolicy pending) const {
  URNA_RETURN_IF_ERROR(CheckMayVote(pending));
  if (poll_.anonymous()) {
    return absl::FailedPreconditionError(
        absl::StrCat("'", poll_.origin, "' is anonymous: nobody can challenge a ballot there, so ",
                     "there is nothing to seal; vote, and vote again on another device if you do ",
                     "not trust this one"));
  }
  URNA_ASSIGN_OR_RETURN(const uint16_t style, Style());
  URNA_ASSIGN_OR_RETURN(const uint64_t sequence, NextSequence());
  return election::SealedBallot::Seal(*poll_.election(), *poll_.voting, style, selections, sequence,
                                      *credential_, *rng_);
}

absl::StatusOr<Accepted> Participant::Vote(const election::Selections& selections,
                                           PendingPolicy pending, const SigningChecks& checks) {
  if (poll_.anonymous()) {
    URNA_RETURN_IF_ERROR(CheckMayVote(pending));
    URNA_ASSIGN_OR_RETURN(election::Ballot ballot, MakeAnonymousBallot(selections, checks));
    URNA_ASSIGN_OR_RETURN(const Bytes entry, record::EncodeEntry(ballot));
    URNA_RETURN_IF_ERROR(store_.SaveEntry(ballot.sequence, entry));
    return Send(ballot.sequence, entry);
  }
  URNA_ASSIGN_OR_RETURN(election::SealedBallot sealed, Seal(selections, pending));
  const uint64_t sequence = sealed.sequence();
  URNA_ASSIGN_OR_RETURN(const Bytes entry, record::EncodeEntry(std::move(sealed).Cast()));
  URNA_RETURN_IF_ERROR(store_.SaveEntry(sequence, entry));
  return Send(sequence, entry);
}

// The first under a tag over the voter's ring, later ones by the tag.
absl::StatusOr<election::Ballot> Participant::MakeAnonymousBallot(
    const election::Selections& selections, const SigningChecks& checks) const {
  URNA_ASSIGN_OR_RETURN(const uint16_t style, Style());
  URNA_RETURN_IF_ERROR(election::CheckSelections(*poll_.election(), style, selections));
  URNA_ASSIGN_OR_RETURN(const uint64_t sequence, NextSequence());
  URNA_ASSIGN_OR_RETURN(const bool acted, HasActed());
  std::optional<uint32_t> ring;
  if (acted) {
    URNA_RETURN_IF_ERROR(CheckBeforeSigning(*board_, poll_, nullptr, checks, *rng_));
  } else {
    URNA_ASSIGN_OR_RETURN(const RingChoice choice, ChooseCheckedRing(checks));
    ring = choice.ring.number;
  }
  return election::MakeAnonymousBallot(*poll_.election(), *poll_.voting, style, selections,
                                       sequence, ring, *credential_, *rng_);
}

absl::StatusOr<Accepted> Participant::Act(petition::Act act, PendingPolicy pending,
                                          const SigningChecks& checks) {
  if (poll_.petition() == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("'", poll_.origin, "' is an election: it is voted on, not signed"));
  }
  URNA_RETURN_IF_ERROR(CheckOpen());
  URNA_RETURN_IF_ERROR(CheckPending(pending));
  std::optional<record::Entry> made;
  if (poll_.anonymous()) {
    URNA_ASSIGN_OR_RETURN(made, MakeAnonymousAct(act, checks));
  } else {
    URNA_RETURN_IF_ERROR(poll_.DistrictOf(credential_->public_key().bytes()).status());
    URNA_ASSIGN_OR_RETURN(const uint64_t sequence, NextSequence());
    made = petition::MakeAct(*poll_.signing, act, sequence, *credential_, *rng_);
  }
  URNA_ASSIGN_OR_RETURN(const Bytes entry, record::EncodeEntry(*made));
  const uint64_t sequence = ReadActHead(entry)->sequence;
  URNA_RETURN_IF_ERROR(store_.SaveEntry(sequence, entry));
  return Send(sequence, entry);
}

// Whether the log or the store has an act that was accepted.
absl::StatusOr<bool> Participant::HasActed() const {
  URNA_ASSIGN_OR_RETURN(const std::vector<StoredAct> acts, store_.Acts());
  return !poll_.own.empty() ||
         std::any_of(acts.begin(), acts.end(), [](const StoredAct& act) { return act.receipt; });
}

// Over which ring an act or ballot was made before: two over two rings under one tag would say that
// who makes them is in both.
absl::StatusOr<std::optional<RingName>> Participant::SentRing() const {
  URNA_ASSIGN_OR_RETURN(const std::vector<StoredAct> acts, store_.Acts());
  for (const StoredAct& act : acts) {
    URNA_ASSIGN_OR_RETURN(const Bytes bytes, store_.ReadEntry(act.sequence));
    URNA_ASSIGN_OR_RETURN(const record::Entry entry, record::DecodeEntry(bytes));
    if (const std::optional<RingName> sent = RingOf(entry, poll_)) return sent;
  }
  return std::nullopt;
}

// The ring of a first act or ballot, with what must be so before one is made over it.
absl::StatusOr<RingChoice> Participant::ChooseCheckedRing(const SigningChecks& checks) const {
  URNA_ASSIGN_OR_RETURN(const std::optional<RingName> sent, SentRing());
  URNA_ASSIGN_OR_RETURN(RingChoice choice, ChooseRing(poll_, credential_->public_key().bytes(),
                                                      checks.older_ring, sent));
  URNA_RETURN_IF_ERROR(CheckBeforeSigning(*board_, poll_, &choice, checks, *rng_));
  return choice;
}

absl::StatusOr<record::Entry> Participant::MakeAnonymousAct(petition::Act act,
                                                            const SigningChecks& checks) const {
  URNA_ASSIGN_OR_RETURN(const bool acted, HasActed());
  URNA_ASSIGN_OR_RETURN(const uint64_t sequence, NextSequence());
  if (acted) {
    URNA_RETURN_IF_ERROR(CheckBeforeSigning(*board_, poll_, nullptr, checks, *rng_));
    return record::Entry(petition::MakeTagAct(*poll_.signing, act, sequence, *credential_, *rng_));
  }
  if (act == petition::Act::kWithdraw) {
    return absl::FailedPreconditionError(
        absl::StrCat("there is no signature of yours in '", poll_.origin, "' to withdraw"));
  }
  URNA_ASSIGN_OR_RETURN(const RingChoice choice, ChooseCheckedRing(checks));
  URNA_ASSIGN_OR_RETURN(const crypto::Ring ring,
                        crypto::Ring::Decode(choice.rings->PointsOf(choice.ring.number)));
  URNA_ASSIGN_OR_RETURN(petition::RingAct signature,
                        petition::MakeRingAct(*poll_.signing, sequence, choice.ring.epoch,
                                              choice.ring.number, ring, *credential_, *rng_));
  return record::Entry(std::move(signature));
}

absl::StatusOr<Accepted> Participant::Retry() {
  URNA_ASSIGN_OR_RETURN(const std::optional<uint64_t> pending, store_.Pending());
  if (!pending.has_value()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "nothing that was sent to '", poll_.origin, "' waits for an answer: ",
        poll_.election() != nullptr ? "vote" : "sign or withdraw", " without --retry"));
  }
  URNA_ASSIGN_OR_RETURN(const Bytes entry, store_.ReadEntry(*pending));
  return FindOrSend(*pending, entry);
}

absl::StatusOr<Accepted> Participant::SendKept(uint64_t sequence, ByteSpan entry) {
  const absl::StatusOr<Bytes> known = store_.ReadEntry(sequence);
  if (absl::IsNotFound(known.status())) {
    URNA_RETURN_IF_ERROR(store_.SaveEntry(sequence, entry));
    return Send(sequence, entry);
  }
  URNA_RETURN_IF_ERROR(known.status());
  if (*known != ToBytes(entry)) {
    return absl::FailedPreconditionError(absl::StrCat("number ", sequence, " was used for another ",
                                                      SubmissionName(SubmissionOf(*known)), ", ",
                                                      store_.EntryPath(sequence)));
  }
  const absl::StatusOr<Bytes> receipt = store_.ReadReceipt(sequence);
  if (receipt.ok()) {
    const absl::StatusOr<merkle::TlogProof> proof = merkle::TlogProof::Parse(*receipt);
    if (proof.ok()) {
      absl::StatusOr<Accepted> before =
          Take(sequence, {proof->index(), merkle::LeafHash(entry), std::string(AsText(*receipt))},
               entry);
      if (before.ok()) return before;
    }
  }
  return FindOrSend(sequence, entry);
}

// If it was logged and only the answer was lost, the log proves it, whatever phase the poll is in.
absl::StatusOr<Accepted> Participant::FindOrSend(uint64_t sequence, ByteSpan entry) {
  const absl::StatusOr<remote::Receipt> found =
      board_->FindReceipt(poll_.origin, merkle::LeafHash(entry));
  if (found.ok()) return Take(sequence, *found, entry);
  if (!absl::IsNotFound(found.status())) {
    return ExplainRefusal(found.status(), SubmissionOf(entry));
  }
  return Send(sequence, entry);
}

absl::StatusOr<Accepted> Participant::Send(uint64_t sequence, ByteSpan entry) {
  const Submission kind = SubmissionOf(entry);
  const absl::StatusOr<remote::Receipt> receipt = board_->Submit(poll_.origin, kind, entry);
  if (receipt.ok()) return Take(sequence, *receipt, entry);
  const absl::Status status = ExplainRefusal(receipt.status(), kind);
  if (IsTransient(status)) {
    return Annotate(status,
                    absl::StrCat("number ", sequence, " is kept in ", store_.EntryPath(sequence),
                                 " (send it again with --retry, or by the same command)"));
  }
  URNA_RETURN_IF_ERROR(store_.SaveRefusal(sequence, status.message()));
  return status;
}

absl::StatusOr<Accepted> Participant::Take(uint64_t sequence, const remote::Receipt& receipt,
                                           ByteSpan entry) {
  const merkle::Hash leaf_hash = merkle::LeafHash(entry);
  ReceiptVerifier verifier(poll_.log);
  absl::StatusOr<merkle::Checkpoint> checkpoint = verifier.Verify(receipt, leaf_hash);
  if (!checkpoint.ok()) {
    return absl::DataLossError(
        absl::StrCat("the board's receipt does not verify, so nothing is proved: ",
                     checkpoint.status().message(), "; number ", sequence, " is kept in ",
                     store_.EntryPath(sequence)));
  }
  URNA_RETURN_IF_ERROR(store_.SaveReceipt(sequence, receipt.proof));
  URNA_ASSIGN_OR_RETURN(const merkle::TlogProof proof,
                        merkle::TlogProof::Parse(AsBytes(receipt.proof)));
  URNA_RETURN_IF_ERROR(RememberReceipt(AskTheBoard(*board_), store_,
                                       {proof.checkpoint_note(), *std::move(checkpoint)}));
  return Accepted{
      SubmissionOf(entry),         sequence, receipt.index, leaf_hash, store_.EntryPath(sequence),
      store_.ReceiptPath(sequence)};
}

}  // namespace urna::voter
