// A roll's log, entry by entry: what a poll's opening pins, and what happened in every epoch.
// docs/protocol.md §4, §4.2.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/merkle/note.h"
#include "core/merkle/tree.h"
#include "core/record/entry.h"
#include "core/remote/board_client.h"
#include "core/roll/roll.h"
#include "tally/context.h"

namespace urna::tally {

// What the changes of an epoch did to a district; in the first epoch members are added. `members`,
// at its end, is what they were before it + added + moved_in + rekeyed − removed − moved_out −
// replaced.
struct DistrictChanges {
  uint64_t added = 0;
  uint64_t removed = 0;
  uint64_t moved_in = 0, moved_out = 0;
  uint64_t regraded = 0;  // another category or weight in the same district
  uint64_t rekeyed = 0;   // new credentials of persons who had another
  uint64_t replaced = 0;  // members whom these took off
  uint64_t members = 0;
  bool operator==(const DistrictChanges&) const = default;
};
// By district: those of the roll's header.
using EpochChanges = std::map<uint16_t, DistrictChanges>;

// Used by one thread, which hands proofs to others.
class RollReplay {
 public:
  // `proofs`: whether every enrolment is verified, on `threads` threads (0: one a core). `progress`
  // may be empty; it is told of members out of `expected`.
  RollReplay(bool proofs, unsigned threads, Progress progress = {}, uint64_t expected = 0)
      : proofs_(proofs), threads_(threads), progress_(std::move(progress)), expected_(expected) {}

  // The next entry. DataLoss, naming it, if it breaks a rule of §4. Proofs are made some entries
  // later; Finish makes the last.
  absl::Status Take(ByteSpan bytes);
  absl::Status Finish();

  // As far as it was taken. Null before the header.
  const roll::RollState* state() const { return state_.get(); }
  uint64_t size() const { return tree_.size(); }
  merkle::Hash root() const { return tree_.root(); }
  // The epochs that are whole, by the size of the log with their seals.
  const std::map<uint64_t, std::shared_ptr<const roll::RollState>>& epochs() const {
    return epochs_;
  }
  // The last of them. FailedPrecondition if there is none.
  absl::StatusOr<std::shared_ptr<const roll::RollState>> LastEpoch() const;
  // What happened in each of them, the first one first.
  const std::vector<EpochChanges>& changes() const { return changes_; }

 private:
  absl::Status TakeOne(const record::Entry& entry);
  absl::Status TakeSeal(const roll::SignedRollSeal& seal, const merkle::Hash& before);
  absl::Status TakeChange(const roll::SignedRollChange& change);
  void Count(const roll::RollChange& change);
  absl::Status Prove(const roll::RollMember& member);
  absl::Status Flush();

  bool proofs_;
  unsigned threads_;
  Progress progress_;
  uint64_t expected_;
  uint64_t proved_ = 0;
  std::unique_ptr<roll::RollState> state_;
  std::map<uint64_t, std::shared_ptr<const roll::RollState>> epochs_;
  std::vector<EpochChanges> changes_;
  EpochChanges now_;  // of the epoch that no seal has closed yet
  std::vector<std::pair<uint64_t, roll::RollMember>> waiting_;
  merkle::CompactTree tree_;
};

// Reads a roll's log from a board, under a checkpoint that the header's log key has signed and
// whose root the entries give. DataLoss otherwise.
absl::Status ReadRollFromBoard(remote::BoardClient& board, absl::string_view origin,
                               RollReplay& replay);

// Logs a roll's members or changes, in order, and sees to it that the last one is in the log.
absl::Status AppendEntries(remote::BoardClient& board, const merkle::NoteVerifier& log,
                           const std::vector<Bytes>& entries, const Progress& progress);

// Reads RECORD/roll-<id> without the enrolments' proofs, up to the pinned size; DataLoss unless it
// is the pinned roll.
absl::StatusOr<std::shared_ptr<const roll::RollState>> ReadRollOfRecord(const std::string& record,
                                                                        const roll::RollPin& pin);
// The same, for what happened in the epochs up to this one.
absl::Status ReplayRollOfRecord(const std::string& record, const roll::RollPin& pin,
                                RollReplay& replay);

}  // namespace urna::tally
