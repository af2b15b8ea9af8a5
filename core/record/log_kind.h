// Which logs there are and how far each has come, as boards and their clients say it; with the
// numbers of proto/urna.proto.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"

namespace urna::record {

enum class LogKind : uint8_t { kElection = 1, kPetition = 2, kRoll = 3 };
absl::string_view LogKindName(LogKind kind);  // "election", "petition", "roll"

enum class LogPhase : uint8_t {
  kSetup = 1,
  kVoting,      // elections
  kCollecting,  // petitions
  kClosed,
  kSummed,  // elections
  kFinal,
  kFilling,  // rolls without seal
  kSealed,   // rolls
};
absl::string_view LogPhaseName(LogPhase phase);  // "setup", "voting", …

}  // namespace urna::record
