// A checkpoint of a poll's log that its witnesses have cosigned, logged by the board in that log:
// their times are then inside the tree. docs/protocol.md §10.4.
#pragma once

#include <optional>

#include "core/base/bytes.h"
#include "core/base/numbered_checks.h"

namespace urna::poll {

// What the note says, and who signed it, is asked by check L7 and by whoever knows the witnesses.
struct WitnessedCheckpoint {
  Bytes note;  // a signed note, 1 byte or more

  bool operator==(const WitnessedCheckpoint&) const = default;
};

// S8: nothing is logged after the result. `final_phase`: whether the poll has its result.
std::optional<Violation> CheckWitnessedPlace(bool final_phase);

}  // namespace urna::poll
