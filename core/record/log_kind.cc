#include "core/record/log_kind.h"

namespace urna::record {

absl::string_view LogKindName(LogKind kind) {
  switch (kind) {
    case LogKind::kElection:
      return "election";
    case LogKind::kPetition:
      return "petition";
    case LogKind::kRoll:
      return "roll";
  }
  return "";
}

absl::string_view LogPhaseName(LogPhase phase) {
  switch (phase) {
    case LogPhase::kSetup:
      return "setup";
    case LogPhase::kVoting:
      return "voting";
    case LogPhase::kCollecting:
      return "collecting";
    case LogPhase::kClosed:
      return "closed";
    case LogPhase::kSummed:
      return "summed";
    case LogPhase::kFinal:
      return "final";
    case LogPhase::kFilling:
      return "filling";
    case LogPhase::kSealed:
      return "sealed";
  }
  return "";
}

}  // namespace urna::record
