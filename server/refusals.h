// Refusals that say when to come again.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace urna::server {

// ResourceExhausted: too much is waiting.
absl::Status Busy(int64_t retry_after_ms);
// ResourceExhausted: this one acted too often. `who`: "this credential".
absl::Status TooOften(absl::string_view who, int64_t retry_after_ms);
// The same refusal, marked: a proof in the entry does not hold.
absl::Status FalseProof(absl::Status refusal);
// ResourceExhausted: the witnesses' time is awaited. `what`: which order, and why.
absl::Status WaitsForWitnesses(absl::string_view what);

bool WaitsForWitnesses(const absl::Status& status);
bool IsTooOften(const absl::Status& status);
bool IsFalseProof(const absl::Status& status);
// After how many milliseconds the same may be sent again; 0 if the status does not say.
int64_t RetryAfterMs(const absl::Status& status);

}  // namespace urna::server
