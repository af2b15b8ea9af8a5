#include "core/election/turn.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/bytes.h"

namespace urna::election {
namespace {

std::optional<Violation> CheckSequence(uint64_t sequence, uint64_t last, absl::string_view who) {
  if (sequence < 1) {
    return Violation{Check::kB3, absl::InvalidArgumentError("sequence 0 where they begin with 1")};
  }
  if (sequence > last) return std::nullopt;
  return Violation{Check::kB3,
                   absl::FailedPreconditionError(absl::StrCat(
                       "sequence ", sequence, " is not above ", last, ", the last of this ", who))};
}

}  // namespace

std::optional<Violation> CheckTurn(const Ballot& ballot, uint64_t last) {
  if (!ballot.is_anonymous()) return CheckSequence(ballot.sequence, last, "credential");
  if (ballot.tag_answer() != nullptr && last == 0) {
    return Violation{Check::kB2, absl::PermissionDeniedError(absl::StrCat(
                                     "tag ", ToHex(ballot.credential),
                                     " is that of no ballot over a ring that stands before"))};
  }
  if (ballot.ring_answer() != nullptr && last > 0 && ballot.sequence > 0) {
    return Violation{Check::kB3, absl::AlreadyExistsError(absl::StrCat(
                                     "tag ", ToHex(ballot.credential),
                                     " has voted already, and votes again by the tag alone"))};
  }
  return CheckSequence(ballot.sequence, last, "tag");
}

std::optional<Violation> CheckTurn(const BallotChallenge& challenge, uint64_t last) {
  return CheckSequence(challenge.sequence, last, "credential");
}

}  // namespace urna::election
