// Signatures on paper, in batches, and how many there could be. docs/protocol.md §6.1; check P10
// of §12.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "core/petition/petition.h"
#include "core/poll/orders.h"
#include "core/roll/roll.h"

namespace urna::petition {

// Copyable; const methods may run on several threads.
class PaperSignatures {
 public:
  explicit PaperSignatures(const Manifest& manifest);

  // Counts the members of every district of the petition that sign on paper.
  void PinRoll(const roll::RollState& roll, const AnonymousRules& rules);

  // P10 about the next batch; how many there may be only once a roll is pinned.
  absl::Status Check(const poll::PaperBatch& batch) const;
  // Of a batch that is right or wrong: it counts in the districts that there are.
  void Apply(const poll::PaperBatch& batch);

  uint64_t total() const { return total_; }  // accepted
  uint64_t rejected() const { return rejected_; }
  size_t batches() const { return batches_; }
  uint64_t Of(uint16_t district) const;  // accepted; 0 of a district that there is not
  // How many may sign on paper there; nothing if no roll is pinned.
  std::optional<uint64_t> MembersOf(uint16_t district) const;

 private:
  std::map<uint16_t, uint64_t> districts_;  // accepted
  std::optional<std::map<uint16_t, uint64_t>> members_;
  std::set<std::string> names_;
  std::set<crypto::Hash32> sheets_;
  uint64_t total_ = 0;
  uint64_t rejected_ = 0;
  size_t batches_ = 0;
};

}  // namespace urna::petition
