// The epochs of the roll whose rings officers' orders have brought into an anonymous petition, and
// which of them are in force. docs/protocol.md §4.1, §6; checks S8 and P8 of §12.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "core/crypto/hash.h"
#include "core/poll/orders.h"
#include "core/roll/rings.h"
#include "core/roll/roll.h"

namespace urna::petition {

// What the order that brought an epoch in says, and the rings that follow from it.
struct EpochRings {
  uint32_t epoch = 1;      // as the order says
  crypto::Hash32 order{};  // the epoch order: its hash
  roll::RollPin roll;      // of which the rings are made
  crypto::Hash32 beacon{};
  uint32_t said_rings = 0;                             // of the order
  crypto::Hash32 said_rings_hash{};                    // of the order
  std::shared_ptr<const roll::Rings> rings = nullptr;  // null if the roll is not at hand
};

// A copyable value that is made with the opening.
class RingEpochs {
 public:
  explicit RingEpochs(EpochRings opening);

  // All that were brought in, ended ones too, ascending; at least one.
  const std::vector<EpochRings>& all() const { return all_; }
  const EpochRings& first() const { return all_.front(); }  // e0
  const EpochRings& newest() const { return all_.back(); }  // is in force
  // Epochs below have ended.
  uint32_t earliest() const { return earliest_; }
  // Null if no order has brought it in.
  const EpochRings* Find(uint32_t epoch) const;
  // Null if it is not in force.
  const EpochRings* FindInForce(uint32_t epoch) const;

  // S8: whether its numbers fit.
  absl::Status CheckPlace(const poll::RollEpoch& order) const;
  bool Repeats(const poll::RollEpoch& order) const { return order.epoch == newest().epoch; }
  // P8 without the rings: that a beacon is new, or that a repetition is one.
  absl::Status CheckFields(const poll::RollEpoch& order) const;
  // Of an order that has its place. `rings` are looked at unless it repeats an epoch.
  void Apply(const poll::RollEpoch& order, const crypto::Hash32& order_hash,
             std::shared_ptr<const roll::Rings> rings);

  // Over all that were brought in: how many rings there are, their smallest crowd (0 if there is no
  // ring), and how many different members they have. Of rings that are at hand.
  uint64_t ring_count() const;
  uint64_t smallest_crowd() const;
  uint64_t members() const { return members_; }
  // Whether the rings of all of them are.
  bool at_hand() const;

 private:
  std::vector<EpochRings> all_;
  uint32_t earliest_ = 1;
  uint64_t members_ = 0;
};

}  // namespace urna::petition
