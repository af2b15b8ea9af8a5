#include "server/witness_rules.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "server/refusals.h"

namespace urna::server {
namespace {

bool StatesItsIndex(const poll::Order& order) {
  return std::holds_alternative<poll::Sum>(order.act) ||
         std::holds_alternative<poll::PetitionResult>(order.act) ||
         std::holds_alternative<poll::AnonymousResult>(order.act);
}

bool TakesWitnessed(LogPhase phase) {
  return phase == LogPhase::kSetup || phase == LogPhase::kVoting ||
         phase == LogPhase::kCollecting || phase == LogPhase::kClosed;
}

// An opening or closing order or a mark: *not earlier*.
absl::Status CheckTimed(const OpenLog& log, const poll::Order& order, WitnessDesk& witnesses) {
  const LogFacts& facts = *log.state.facts();
  const uint64_t tolerance = facts.schedule.tolerance;
  const std::optional<uint64_t>& newest = log.standing.newest_at;
  const uint64_t not_before = order.time > tolerance ? order.time - tolerance : 0;
  if (newest.has_value() && *newest >= not_before) return absl::OkStatus();
  witnesses.Want(facts.origin, not_before);
  return WaitsForWitnesses(
      absl::StrCat("order '", poll::OrderName(order.kind()),
                   "': the witnesses' time is not logged yet; it has been asked for"));
}

absl::Status CheckWanted(const OpenLog& log, const poll::WitnessedCheckpoint& entry,
                         const merkle::WitnessPolicy& policy) {
  const LogPhase phase = log.state.phase();
  URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier key, log.state.facts()->LogVerifier());
  URNA_ASSIGN_OR_RETURN(const merkle::WitnessedCheckpoint opened, policy.Open(entry.note, key));
  const auto& [checkpoint, witnessing] = opened;
  if (!witnessing.newest_at.has_value()) {
    return absl::FailedPreconditionError("witnessed checkpoint: it does not meet the quorum");
  }
  const bool pays = log.standing.owed.has_value() && checkpoint.size() > log.standing.owed->index;
  const bool fresher =
      phase != LogPhase::kClosed &&
      (!log.standing.newest_at.has_value() || *witnessing.newest_at > *log.standing.newest_at);
  if (TakesWitnessed(phase) && (pays || fresher)) return absl::OkStatus();
  return absl::FailedPreconditionError("witnessed checkpoint: nothing waits for it any more");
}

}  // namespace

bool MovesStanding(const record::Entry& entry) {
  return std::holds_alternative<poll::SignedOrder>(entry) ||
         std::holds_alternative<poll::WitnessedCheckpoint>(entry);
}

WitnessStanding StandingOf(const LogState& log, const merkle::WitnessPolicy& policy) {
  if (!policy.has_quorum() || log.facts()->kind == LogKind::kRoll) return {};
  const absl::StatusOr<merkle::NoteVerifier> key = log.facts()->LogVerifier();
  if (!key.ok()) return {};  // the log would not have begun
  WitnessStanding standing = log.witness_trail().StandingUnder(policy, *key);
  if (!TakesWitnessed(log.phase())) standing.owed.reset();
  return standing;
}

absl::Status CheckNothingOwed(const OpenLog& log, const poll::Order& order, int64_t now) {
  if (!StatesItsIndex(order) || !log.standing.owed.has_value()) return absl::OkStatus();
  const uint64_t latest = log.standing.owed->time + log.state.facts()->schedule.tolerance;
  if (now > 0 && static_cast<uint64_t>(now) > latest) return absl::OkStatus();
  return WaitsForWitnesses(absl::StrCat(
      "order '", poll::OrderName(order.kind()),
      "': the witnesses have yet to say when the poll was closed, and their checkpoint "
      "comes before this order, which states its index: draft it anew then"));
}

absl::Status CheckWitnessRules(const OpenLog& log, const record::Entry& entry,
                               WitnessDesk* witnesses, const Clock* clock) {
  const auto* witnessed = std::get_if<poll::WitnessedCheckpoint>(&entry);
  if (witnesses == nullptr || !witnesses->policy().has_quorum()) {
    if (witnessed == nullptr) return absl::OkStatus();
    return absl::FailedPreconditionError("witnessed checkpoint: this board has no witness quorum");
  }
  if (witnessed != nullptr) return CheckWanted(log, *witnessed, witnesses->policy());
  const auto* order = std::get_if<poll::SignedOrder>(&entry);
  if (order == nullptr || log.state.facts()->kind == LogKind::kRoll) return absl::OkStatus();
  if (poll::IsTimedOrder(order->order)) return CheckTimed(log, order->order, *witnesses);
  return CheckNothingOwed(log, order->order, clock->NowSeconds());
}

}  // namespace urna::server
