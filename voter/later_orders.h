// The officers' orders behind the opening of a poll whose log is too long to be read whole.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/note.h"
#include "core/poll/orders.h"
#include "voter/board.h"

namespace urna::voter {

struct LaterOrder {
  uint64_t index = 0;
  poll::SignedOrder order;
};

// Asks the board where they are and reads those from index `from` on: each is proved to be in the
// log of the checkpoint. Ascending. That one between them was left out shows in their chain; that
// one behind the last was, does not. DataLoss if what the board says does not fit.
absl::StatusOr<std::vector<LaterOrder>> ReadLaterOrders(Board& board,
                                                        const merkle::NoteVerifier& log,
                                                        const merkle::Checkpoint& checkpoint,
                                                        uint64_t from);

}  // namespace urna::voter
