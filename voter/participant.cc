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

bool IsChallenge(const StoredAct& act, const ReceiptStore& store) {
  if (!act.receipt) return false;
  const absl::StatusOr<Bytes> entry = store.ReadEntry(act.sequence);
  return entry.ok() && SubmissionOf(*entry) == Submission::kChallenge;
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
        absl::StrCat("collecting signatures has not begun in '", poll.origin, "'"));
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
  // In a petition's own words.
  const std::string now = poll_.life.has_value()
                              ? absl::StrCat(": the petition is ", petition::PhaseName(*poll_.life))
                              : std::string();
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

absl::StatusOr<election::SealedBallot> Participant::Seal(const election::Selections& selections,
                                                         PendingPolicy pending) const {
  if (poll_.election() == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("'", poll_.origin, "' is a petition: it is signed, not voted on"));
  }
  URNA_RETURN_IF_ERROR(CheckOpen());
  URNA_RETURN_IF_ERROR(CheckPending(pending));
  URNA_ASSIGN_OR_RETURN(const uint16_t style, Style());
  URNA_ASSIGN_OR_RETURN(const uint64_t sequence, NextSequence());
  return election::SealedBallot::Seal(*poll_.election(), *poll_.voting, style, selections, sequence,
                                      *credential_, *rng_);
}

absl::StatusOr<Accepted> Participant::Vote(const election::Selections& selections,
                                           PendingPolicy pending) {
  URNA_ASSIGN_OR_RETURN(election::SealedBallot sealed, Seal(selections, pending));
  const uint64_t sequence = sealed.sequence();
  URNA_ASSIGN_OR_RETURN(const Bytes entry, record::EncodeEntry(std::move(sealed).Cast()));
  URNA_RETURN_IF_ERROR(store_.SaveEntry(sequence, entry));
  return Send(sequence, entry);
}

absl::StatusOr<Accepted> Participant::Act(petition::Act act, PendingPolicy pending,
                                          const SigningChecks& checks) {
  if (poll_.petition() == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("'", poll_.origin, "' is an election: it is voted on, not signed"));
  }
  URNA_RETURN_IF_ERROR(CheckOpen());
  URNA_RETURN_IF_ERROR(CheckPending(pending));
  URNA_RETURN_IF_ERROR(poll_.DistrictOf(credential_->public_key().bytes()).status());
  if (poll_.signing->anonymous != nullptr) {
    URNA_ASSIGN_OR_RETURN(const bool acted, HasActed());
    URNA_RETURN_IF_ERROR(CheckBeforeSigning(*board_, poll_, credential_->public_key().bytes(),
                                            checks, acted, *rng_));
  }
  URNA_ASSIGN_OR_RETURN(const uint64_t sequence, NextSequence());
  URNA_ASSIGN_OR_RETURN(const record::Entry made, MakeAct(act, sequence));
  URNA_ASSIGN_OR_RETURN(const Bytes entry, record::EncodeEntry(made));
  URNA_RETURN_IF_ERROR(store_.SaveEntry(sequence, entry));
  return Send(sequence, entry);
}

// Whether the log or the store has an act that was accepted.
absl::StatusOr<bool> Participant::HasActed() const {
  URNA_ASSIGN_OR_RETURN(const std::vector<StoredAct> acts, store_.Acts());
  return !poll_.own.empty() ||
         std::any_of(acts.begin(), acts.end(), [](const StoredAct& act) { return act.receipt; });
}

// Two ring acts over two rings under one tag would say that the signer is in both.
absl::Status Participant::CheckOneRing(uint32_t epoch, uint32_t ring) const {
  URNA_ASSIGN_OR_RETURN(const std::vector<StoredAct> acts, store_.Acts());
  for (const StoredAct& act : acts) {
    URNA_ASSIGN_OR_RETURN(const Bytes bytes, store_.ReadEntry(act.sequence));
    URNA_ASSIGN_OR_RETURN(const record::Entry entry, record::DecodeEntry(bytes));
    const auto* sent = std::get_if<petition::RingAct>(&entry);
    if (sent == nullptr || (sent->epoch == epoch && sent->ring == ring)) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "number ", act.sequence, " was sent over ring ", sent->ring, " of epoch ", sent->epoch,
        "; another one over ring ", ring, " of epoch ", epoch,
        " would say that you are in both: send the same again with --retry, or withdraw"));
  }
  return absl::OkStatus();
}

absl::StatusOr<record::Entry> Participant::MakeAct(petition::Act act, uint64_t sequence) const {
  if (poll_.signing->anonymous == nullptr) {
    return record::Entry(petition::MakeAct(*poll_.signing, act, sequence, *credential_, *rng_));
  }
  URNA_ASSIGN_OR_RETURN(const bool acted, HasActed());
  if (acted) {
    return record::Entry(petition::MakeTagAct(*poll_.signing, act, sequence, *credential_, *rng_));
  }
  if (act == petition::Act::kWithdraw) {
    return absl::FailedPreconditionError(
        absl::StrCat("there is no signature of yours in '", poll_.origin, "' to withdraw"));
  }
  const roll::Rings& rings = *poll_.signing->anonymous->rings;
  const std::optional<uint32_t> number = rings.Find(credential_->public_key().bytes());
  if (!number.has_value()) {
    return absl::DataLossError("your credential is on the roll and in none of its rings");
  }
  URNA_RETURN_IF_ERROR(CheckOneRing(rings.epoch(), *number));
  URNA_ASSIGN_OR_RETURN(const crypto::Ring ring, crypto::Ring::Decode(rings.PointsOf(*number)));
  URNA_ASSIGN_OR_RETURN(
      petition::RingAct signature,
      petition::MakeRingAct(*poll_.signing, sequence, *number, ring, *credential_, *rng_));
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
