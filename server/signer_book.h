// Where every signer of a petition stands, beside the rules that the committer owns: for the
// threads that refuse what cannot be before they verify a proof (docs/protocol.md §8.1, *Which
// first*).
#pragma once

#include <array>
#include <mutex>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "core/petition/state.h"

namespace urna::server {

// Thread-safe. About 60 to 120 bytes a signer.
class SignerBook {
 public:
  using Id = std::array<uint8_t, 32>;  // credential or tag
  using Standing = petition::PetitionState::Standing;

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

}  // namespace urna::server
