// Where everybody who has acted in a poll stands, beside the rules that the committer owns: for the
// threads that refuse what cannot be before they verify a proof (docs/protocol.md §8.1, *Which
// first*).
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "core/petition/state.h"

namespace urna::server {

// A standing has the index of the last act. Thread-safe. About 60 to 120 bytes a person.
template <typename T>
class StandingBook {
 public:
  using Id = std::array<uint8_t, 32>;  // credential or tag
  using Standing = T;

  // What was decided, whether it is written yet or not.
  void Take(const Id& id, const Standing& standing) {
    const std::lock_guard lock(mutex_);
    standings_.insert_or_assign(id, standing);
  }

  // The last act, if there is one. It is not published yet, and perhaps never will be, if its index
  // is not below the size of a published tree.
  std::optional<Standing> Find(const Id& id) const {
    const std::lock_guard lock(mutex_);
    const auto at = standings_.find(id);
    if (at == standings_.end()) return std::nullopt;
    return at->second;
  }

 private:
  mutable std::mutex mutex_;  // no shared one, in which readers can keep the committer waiting
  absl::flat_hash_map<Id, Standing> standings_;
};

// The last ballot or challenge of a voter.
struct VoterStanding {
  uint64_t sequence = 0;
  uint64_t index = 0;
};

using SignerBook = StandingBook<petition::PetitionState::Standing>;
using VoterBook = StandingBook<VoterStanding>;

}  // namespace urna::server
