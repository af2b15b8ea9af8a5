// A roll's log, entry by entry: what a poll's opening pins. docs/protocol.md §4.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/merkle/tree.h"
#include "core/record/entry.h"
#include "core/remote/board_client.h"
#include "core/roll/roll.h"
#include "tally/context.h"

namespace urna::tally {

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

  // Null before the header.
  const std::shared_ptr<roll::RollState>& state() const { return state_; }
  uint64_t size() const { return tree_.size(); }
  merkle::Hash root() const { return tree_.root(); }
  // Members by district and by category.
  const std::map<uint16_t, uint64_t>& districts() const { return districts_; }
  const std::map<uint16_t, uint64_t>& categories() const { return categories_; }

 private:
  absl::Status TakeOne(const record::Entry& entry);
  absl::Status Flush();

  bool proofs_;
  unsigned threads_;
  Progress progress_;
  uint64_t expected_;
  uint64_t proved_ = 0;
  std::shared_ptr<roll::RollState> state_;
  std::vector<std::pair<uint64_t, roll::RollMember>> waiting_;
  merkle::CompactTree tree_;
  std::map<uint16_t, uint64_t> districts_, categories_;
};

// Reads a roll's log from a board, under a checkpoint that the header's log key has signed and
// whose root the entries give. DataLoss otherwise.
absl::Status ReadRollFromBoard(remote::BoardClient& board, absl::string_view origin,
                               RollReplay& replay);

// Reads RECORD/roll-<id> without the enrolments' proofs; DataLoss unless it is the pinned roll.
absl::StatusOr<std::shared_ptr<const roll::RollState>> ReadRollOfRecord(const std::string& record,
                                                                        const roll::RollPin& pin);

}  // namespace urna::tally
