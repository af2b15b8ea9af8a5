// What of a poll's log is about witnesses: the orders whose times they hold, and the checkpoints
// with their times that the board has logged. docs/protocol.md §10.4.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "core/base/bytes.h"
#include "core/merkle/note.h"
#include "core/merkle/tree.h"
#include "core/merkle/witness_policy.h"
#include "core/poll/orders.h"
#include "core/poll/witnessed_checkpoint.h"

namespace urna::server {

// Check L7 as far as it needs no witnesses: the note is a checkpoint of the log whose key is given,
// of 1 to `index` entries, with the root that the log's nodes give.
absl::Status CheckWitnessedCheckpoint(const poll::WitnessedCheckpoint& entry, uint64_t index,
                                      const merkle::NoteVerifier& log,
                                      const merkle::NodeReader& nodes);

// Where a poll's log stands with the witnesses of a policy.
struct WitnessStanding {
  struct Order {
    uint64_t index = 0;
    uint64_t time = 0;
    bool operator==(const Order&) const = default;
  };
  // The largest *newest at* of what is logged.
  std::optional<uint64_t> newest_at;
  // The last opening or closing order behind which no checkpoint is logged that has it and meets
  // the quorum.
  std::optional<Order> owed;
  bool operator==(const WitnessStanding&) const = default;
};

// Grows with the log. A value.
class WitnessTrail {
 public:
  // An order or a witnessed checkpoint that was logged at this index.
  void Take(uint64_t index, const poll::Order& order);
  void Take(const poll::WitnessedCheckpoint& entry) { notes_.push_back(entry.note); }

  // Verifies the cosignatures of all logged checkpoints. A note that another policy let in and this
  // one refuses says nothing.
  WitnessStanding StandingUnder(const merkle::WitnessPolicy& policy,
                                const merkle::NoteVerifier& log) const;

 private:
  std::vector<WitnessStanding::Order> orders_;
  std::vector<Bytes> notes_;
};

}  // namespace urna::server
