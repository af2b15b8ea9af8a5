#include "tally/roll_log.h"

#include <algorithm>
#include <optional>

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
    return TakeSeal(*seal, before);
  }
  return TakeOne(*entry);
}

absl::Status RollReplay::TakeSeal(const roll::SignedRollSeal& seal, const merkle::Hash& before) {
  URNA_RETURN_IF_ERROR(Broken(size() - 1, state_->CheckSeal(seal, before)));
  state_->ApplySeal(seal, tree_.root());
  epochs_[size()] = std::make_shared<const roll::RollState>(*state_);
  changes_.push_back(now_);
  for (auto& [district, changes] : now_) {
    DistrictChanges next;
    next.members = changes.members;
    changes = next;
  }
  return absl::OkStatus();
}

absl::Status RollReplay::TakeChange(const roll::SignedRollChange& change) {
  const uint64_t index = size() - 1;
  URNA_RETURN_IF_ERROR(Broken(index, roll::CheckCanonical(change.change)));
  URNA_RETURN_IF_ERROR(Broken(index, state_->CheckChange(change)));
  Count(change.change);
  state_->ApplyChange(change);
  return change.change.enrols() ? Prove(change.change.member) : absl::OkStatus();
}

// Of a change that is about to be applied.
void RollReplay::Count(const roll::RollChange& change) {
  const roll::RollMember& member = change.member;
  const bool rekey = change.kind == roll::ChangeKind::kRekey;
  const roll::RollState::Entitlement* before =
      state_->Find(rekey ? change.replaced : member.credential);
  if (before != nullptr) --now_[before->district].members;
  if (change.kind != roll::ChangeKind::kRemove) ++now_[member.district].members;
  switch (change.kind) {
    case roll::ChangeKind::kAdd:
      ++now_[member.district].added;
      break;
    case roll::ChangeKind::kRemove:
      ++now_[before->district].removed;
      break;
    case roll::ChangeKind::kMove:
      if (before->district == member.district) {
        ++now_[member.district].regraded;
      } else {
        ++now_[before->district].moved_out;
        ++now_[member.district].moved_in;
      }
      break;
    case roll::ChangeKind::kRekey:
      ++now_[member.district].rekeyed;
      if (before != nullptr) ++now_[before->district].replaced;
      break;
  }
}

absl::StatusOr<std::shared_ptr<const roll::RollState>> RollReplay::LastEpoch() const {
  if (!epochs_.empty()) return epochs_.rbegin()->second;
  return absl::FailedPreconditionError("the roll has no seal yet");
}

absl::Status RollReplay::TakeOne(const record::Entry& entry) {
  const uint64_t index = size() - 1;
  if (const auto* header = std::get_if<roll::SignedRollHeader>(&entry);
      header != nullptr && state_ == nullptr) {
    URNA_RETURN_IF_ERROR(Broken(index, roll::RollState::CheckHeader(*header)));
    state_ = std::make_unique<roll::RollState>(*header);
    for (const roll::NumberedName& district : header->header.districts) now_[district.number] = {};
    return absl::OkStatus();
  }
  const auto* change = std::get_if<roll::SignedRollChange>(&entry);
  if (change != nullptr && state_ != nullptr) return TakeChange(*change);
  const auto* member = std::get_if<roll::RollMember>(&entry);
  if (member == nullptr || state_ == nullptr) {
    return absl::DataLossError(absl::StrCat("roll, entry ", index, ": a ", record::EntryName(entry),
                                            " has no place there"));
  }
  URNA_RETURN_IF_ERROR(Broken(index, state_->CheckMember(*member)));
  state_->ApplyMember(*member);
  ++now_[member->district].added;
  ++now_[member->district].members;
  return Prove(*member);
}

// Its enrolment, together with others.
absl::Status RollReplay::Prove(const roll::RollMember& member) {
  if (!proofs_) return absl::OkStatus();
  waiting_.emplace_back(size() - 1, member);
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

absl::Status AppendEntries(remote::BoardClient& board, const merkle::NoteVerifier& log,
                           const std::vector<Bytes>& entries, const Progress& progress) {
  if (entries.empty()) return absl::OkStatus();
  size_t next = 0;
  const absl::StatusOr<remote::Receipt> receipt =
      board.AppendMany(log.name(), [&]() -> std::optional<Bytes> {
        if (progress) progress(next, entries.size());
        if (next == entries.size()) return std::nullopt;
        return entries[next++];
      });
  if (!receipt.ok()) return receipt.status();
  return remote::CheckReceipt(*receipt, entries.back(), log);
}

absl::Status ReplayRollOfRecord(const std::string& record, const roll::RollPin& pin,
                                RollReplay& replay) {
  URNA_ASSIGN_OR_RETURN(const record::LogReader log,
                        record::LogReader::Open(record::RollDirectory(record, pin.roll_id)));
  URNA_RETURN_IF_ERROR(
      log.ForEachEntry(0, std::min(pin.size, log.size()),
                       [&](uint64_t, ByteSpan bytes) { return replay.Take(bytes); }));
  URNA_RETURN_IF_ERROR(replay.Finish());
  if (replay.state() != nullptr && replay.state()->sealed() && replay.state()->pin() == pin) {
    return absl::OkStatus();
  }
  return absl::DataLossError("the roll in the record is not the one that the opening pins");
}

absl::StatusOr<std::shared_ptr<const roll::RollState>> ReadRollOfRecord(const std::string& record,
                                                                        const roll::RollPin& pin) {
  RollReplay replay(false, 1);
  URNA_RETURN_IF_ERROR(ReplayRollOfRecord(record, pin, replay));
  return replay.LastEpoch();
}

}  // namespace urna::tally
