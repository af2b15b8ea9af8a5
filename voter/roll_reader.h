// Reading a roll from a board and verifying that it is the one that is meant. docs/protocol.md §4.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/roll/roll.h"
#include "voter/board.h"

namespace urna::voter {

// The whole roll that a poll pins: its entries give the pinned root, header and seal are signed by
// its registrar, members stand in order. The enrolment proofs of others are left to auditors.
// DataLoss if the board shows another roll. If `members` is not null they are left there, with
// their enrolments, in the order of the log: also those who have left the roll since.
absl::StatusOr<std::shared_ptr<const roll::RollState>> ReadPinnedRoll(
    Board& board, absl::string_view roll_origin, const roll::RollPin& pin,
    std::vector<roll::RollMember>* members = nullptr);

// The header of a roll, signed by its registrar: before one enrols. Whether it is the right
// registrar is for the voter to know.
struct RollIdentity {
  crypto::Hash32 id{};
  roll::RollHeader header;
};
absl::StatusOr<RollIdentity> ReadRollIdentity(Board& board, absl::string_view roll_origin);

}  // namespace urna::voter
