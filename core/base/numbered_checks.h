// The checks that decide whether a record is believed: one table from which the verifier's report,
// its JSON and the coverage by forgeries come. docs/protocol.md §12 and the reference verifier hold
// the same table; CI compares them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace urna {

enum class Check : uint8_t {
  kL1,
  kL2,
  kL3,
  kL4,
  kL5,
  kL6,
  kL7,  // log
  kI1,
  kI2,
  kI3,
  kI4,
  kI5,  // identity
  kS1,
  kS2,
  kS3,
  kS4,
  kS5,
  kS6,
  kS7,
  kS8,
  kS9,
  kS10,
  kS11,
  kS12,
  kS13,
  kS14,
  kS15,
  kS16,
  kS17,  // set-up
  kB1,
  kB2,
  kB3,
  kB4,
  kB5,
  kB6,
  kB7,
  kB8,
  kB9,
  kB10,
  kB11,
  kB12,  // ballots
  kC1,
  kC2,
  kC3,
  kC4,
  kC5,
  kC6,
  kC7,
  kC8,
  kC9,  // count
  kP1,
  kP2,
  kP3,
  kP4,
  kP5,
  kP6,
  kP7,
  kP8,
  kP9,
  kP10,
  kP11,
  kP12,  // petition
};

// How far a poll has come. Ordered.
enum class Stage : uint8_t { kSetup, kVoting, kClosed, kFinal };

enum class PollKind : uint8_t { kElection = 1, kPetition = 2, kBoth = 3 };

struct CheckInfo {
  Check check;
  absl::string_view number;  // "B4"
  absl::string_view title;   // "every cell is proved to be in its range"
  PollKind applies;
  Stage stage;                    // due from this stage on
  std::vector<Check> depends_on;  // NOT RUN if one of these is FAIL or NOT RUN
};

// In the order of the report.
const std::vector<CheckInfo>& AllChecks();
const CheckInfo& InfoOf(Check check);

absl::string_view StageName(Stage stage);  // "setup", "voting", "closed", "final"
absl::StatusOr<Stage> ParseStage(absl::string_view name);

// One rule that an entry breaks: which check finds it, and a sentence with a fitting status code
// for whoever sent the entry.
struct Violation {
  Check check;
  absl::Status status;
};

}  // namespace urna
