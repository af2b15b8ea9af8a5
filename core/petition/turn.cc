#include "core/petition/turn.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace urna::petition {
namespace {

using Standing = PetitionState::Standing;

absl::Status CheckSequence(uint64_t sequence, uint64_t last) {
  if (sequence > last) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("sequence number ", sequence, " is not above ", last));
}

// P5 about the next act of whoever stands like this. `who`: "credential" or "tag".
absl::Status CheckStanding(const Standing& last, Act act, uint64_t sequence,
                           absl::string_view who) {
  if (act == Act::kSign && last.signs) {
    return absl::AlreadyExistsError(
        absl::StrCat("the ", who, " has signed already, at index ", last.index));
  }
  if (act == Act::kWithdraw && !last.signs) {
    return absl::FailedPreconditionError(
        absl::StrCat("there is no signature of the ", who, " to withdraw"));
  }
  return CheckSequence(sequence, last.sequence);
}

template <typename T>
std::optional<Violation> Wrong(Check check, const T& act, absl::Status status) {
  if (status.ok()) return std::nullopt;
  return Violation{check, Annotate(std::move(status), NameAnAct(act))};
}

}  // namespace

std::string NameAnAct(const PetitionAct& act) {
  return absl::StrCat(ActName(act.act), " of ", ToHex(act.credential));
}
std::string NameAnAct(const RingAct& act) { return absl::StrCat("ring act of ", ToHex(act.tag)); }
std::string NameAnAct(const TagAct& act) {
  return absl::StrCat(ActName(act.act), " of tag ", ToHex(act.tag));
}

std::optional<Violation> CheckTurn(const PetitionAct& act, const std::optional<Standing>& last) {
  return Wrong(Check::kP5, act,
               CheckStanding(last.value_or(Standing{}), act.act, act.sequence, "credential"));
}

std::optional<Violation> CheckTurn(const RingAct& act, const std::optional<Standing>& last) {
  if (!last.has_value()) return Wrong(Check::kP5, act, CheckSequence(act.sequence, 0));
  return Wrong(
      Check::kP5, act,
      absl::AlreadyExistsError(absl::StrCat("the tag has acted before, last at index ", last->index,
                                            "; it acts again by tag acts alone")));
}

std::optional<Violation> CheckTurn(const TagAct& act, const std::optional<Standing>& last) {
  if (last.has_value()) {
    return Wrong(Check::kP5, act, CheckStanding(*last, act.act, act.sequence, "tag"));
  }
  return Wrong(Check::kP3, act,
               absl::PermissionDeniedError("no ring act of this tag stands before it"));
}

}  // namespace urna::petition
