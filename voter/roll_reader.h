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

// The rolls that a poll pins, which are epochs of one log: its entries give the pinned root, header
// and seals are signed by its registrar, members and changes have their place. The enrolment proofs
// of others are left to auditors.
class RollReader {
 public:
  // `board` must outlive it, and so must `members`: if it is not null, those who were ever put on
  // the roll are left there with their enrolments, in the order of the log.
  RollReader(Board& board, absl::string_view roll_origin,
             std::vector<roll::RollMember>* members = nullptr);
  ~RollReader();

  // Reads on to where a pin ends, which must not be before the last one. DataLoss if the board
  // shows another roll than the one that is pinned.
  absl::StatusOr<std::shared_ptr<const roll::RollState>> At(const roll::RollPin& pin);

 private:
  class Builder;
  Board& board_;
  const std::string origin_;
  std::unique_ptr<Builder> builder_;
};

// The one roll that a poll pins.
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
