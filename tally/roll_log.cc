#include "tally/roll_log.h"

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/rng.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/hash.h"
#include "core/record/directory.h"
#include "core/roll/enrolment_batch.h"
#include "tally/poll_replay.h"

namespace urna::tally {
namespace {

constexpr size_t kChunk = 8192;  // members verified side by side

absl::Status Broken(uint64_t index, const std::vector<Violation>& violations) {
  if (violations.empty()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("roll, entry ", index, ": ",
                                          InfoOf(violations.front().check).number, ": ",
                                          violations.front().status.message()));
}

}  // namespace

absl::Status RollReplay::Take(ByteSpan bytes) {
  absl::StatusOr<record::Entry> entry = record::DecodeEntry(bytes);
  if (!entry.ok()) {
    return absl::DataLossError(
        absl::StrCat("roll, entry ", size(), ": ", entry.status().message()));
  }
  const merkle::Hash before = tree_.root();
  tree_.Append(merkle::LeafHash(bytes));
  if (const auto* seal = std::get_if<roll::SignedRollSeal>(&*entry);
      seal != nullptr && state_ != nullptr) {
    URNA_RETURN_IF_ERROR(Broken(size() - 1, state_->CheckSeal(*seal, before)));
    state_->ApplySeal(*seal, tree_.root());
    return absl::OkStatus();
  }
  return TakeOne(*entry);
}

absl::Status RollReplay::TakeOne(const record::Entry& entry) {
  const uint64_t index = size() - 1;
  if (const auto* header = std::get_if<roll::SignedRollHeader>(&entry);
      header != nullptr && state_ == nullptr) {
    URNA_RETURN_IF_ERROR(Broken(index, roll::RollState::CheckHeader(*header)));
    state_ = std::make_shared<roll::RollState>(*header);
    return absl::OkStatus();
  }
  const auto* member = std::get_if<roll::RollMember>(&entry);
  if (member == nullptr || state_ == nullptr) {
    return absl::DataLossError(absl::StrCat("roll, entry ", index, ": a ", record::EntryName(entry),
                                            " has no place there"));
  }
  URNA_RETURN_IF_ERROR(Broken(index, state_->CheckMember(*member)));
  state_->ApplyMember(*member);
  ++districts_[member->district];
  ++categories_[member->category];
  if (!proofs_) return absl::OkStatus();
  waiting_.emplace_back(index, *member);
  return waiting_.size() < kChunk ? absl::OkStatus() : Flush();
}

absl::Status RollReplay::Flush() {
  if (waiting_.empty()) return absl::OkStatus();
  std::vector<const roll::RollMember*> members;
  for (const auto& [index, member] : waiting_) members.push_back(&member);
  // The weights must be nobody's choice, so their source is not the caller's either.
  crypto::SystemRng rng;
  const std::vector<std::vector<Violation>> proofs =
      roll::VerifyEnrolments(state_->roll_id(), members, threads_, rng);
  for (size_t i = 0; i < waiting_.size(); ++i) {
    URNA_RETURN_IF_ERROR(Broken(waiting_[i].first, proofs[i]));
  }
  proved_ += waiting_.size();
  if (progress_) progress_(proved_, std::max(expected_, proved_));
  waiting_.clear();
  return absl::OkStatus();
}

absl::Status RollReplay::Finish() { return Flush(); }

absl::Status ReadRollFromBoard(remote::BoardClient& board, absl::string_view origin,
                               RollReplay& replay) {
  URNA_ASSIGN_OR_RETURN(const std::string note, board.GetCheckpoint(origin));
  URNA_ASSIGN_OR_RETURN(const merkle::Note parsed, merkle::Note::Parse(AsBytes(note)));
  URNA_ASSIGN_OR_RETURN(const merkle::Checkpoint claimed, merkle::Checkpoint::Parse(parsed.text()));
  if (claimed.size() == 0) {
    return absl::DataLossError(absl::StrCat("the log of '", origin, "' is empty"));
  }
  URNA_RETURN_IF_ERROR(board.StreamEntries(
      origin, 0, claimed.size(), [&](uint64_t, Bytes entry) { return replay.Take(entry); }));
  URNA_RETURN_IF_ERROR(replay.Finish());
  const roll::RollHeader& header = replay.state()->header();
  URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier log, LogVerifier(header.origin, header.log_key));
  URNA_ASSIGN_OR_RETURN(
      const merkle::Checkpoint checkpoint,
      merkle::OpenCheckpoint(AsBytes(note), log, merkle::OtherSignatures::kIgnored));
  if (header.origin != origin || checkpoint.size() != replay.size() ||
      checkpoint.root() != replay.root()) {
    return absl::DataLossError(
        absl::StrCat("the entries of '", origin, "' are not those of its checkpoint"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const roll::RollState>> ReadRollOfRecord(const std::string& record,
                                                                        const roll::RollPin& pin) {
  URNA_ASSIGN_OR_RETURN(const record::LogReader log,
                        record::LogReader::Open(record::RollDirectory(record, pin.roll_id)));
  RollReplay replay(false, 1);
  URNA_RETURN_IF_ERROR(log.ForEachEntry(
      0, log.checkpoint().size(), [&](uint64_t, ByteSpan bytes) { return replay.Take(bytes); }));
  URNA_RETURN_IF_ERROR(replay.Finish());
  if (replay.state() == nullptr || !replay.state()->sealed() || !(replay.state()->pin() == pin)) {
    return absl::DataLossError("the roll in the record is not the one that the opening pins");
  }
  return std::shared_ptr<const roll::RollState>(replay.state());
}

}  // namespace urna::tally
