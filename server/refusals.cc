#include "server/refusals.h"

#include <optional>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace urna::server {
namespace {

constexpr char kRetryPayload[] = "urna/retry-after-ms";
constexpr char kOftenPayload[] = "urna/too-often";
constexpr char kFalsePayload[] = "urna/false-proof";
constexpr char kWitnessesPayload[] = "urna/waits-for-witnesses";
constexpr int64_t kSecond = 1000;
constexpr int64_t kWitnessesMs = 500;  // a round trip to most of them, and a commit

absl::Status WithRetry(absl::Status status, int64_t retry_after_ms) {
  status.SetPayload(kRetryPayload, absl::Cord(absl::StrCat(retry_after_ms)));
  return status;
}

}  // namespace

absl::Status Busy(int64_t retry_after_ms) {
  return WithRetry(
      absl::ResourceExhaustedError("the board is busy; send the same bytes again in a moment"),
      retry_after_ms);
}

absl::Status TooOften(absl::string_view who, int64_t retry_after_ms) {
  absl::Status status = absl::ResourceExhaustedError(
      absl::StrCat(who, " has sent very much within a minute; send the same bytes again in ",
                   (retry_after_ms + kSecond - 1) / kSecond, " s"));
  status.SetPayload(kOftenPayload, absl::Cord());
  return WithRetry(std::move(status), retry_after_ms);
}

absl::Status FalseProof(absl::Status refusal) {
  refusal.SetPayload(kFalsePayload, absl::Cord());
  return refusal;
}

absl::Status WaitsForWitnesses(absl::string_view what) {
  absl::Status status = absl::ResourceExhaustedError(absl::StrCat(what, ". Try again in a moment"));
  status.SetPayload(kWitnessesPayload, absl::Cord());
  return WithRetry(std::move(status), kWitnessesMs);
}

bool WaitsForWitnesses(const absl::Status& status) {
  return status.GetPayload(kWitnessesPayload).has_value();
}

bool IsTooOften(const absl::Status& status) { return status.GetPayload(kOftenPayload).has_value(); }

bool IsFalseProof(const absl::Status& status) {
  return status.GetPayload(kFalsePayload).has_value();
}

int64_t RetryAfterMs(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kRetryPayload);
  int64_t value = 0;
  if (!payload.has_value() || !absl::SimpleAtoi(std::string(*payload), &value)) return 0;
  return value;
}

}  // namespace urna::server
