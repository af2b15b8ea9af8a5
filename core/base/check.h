// Invariants that only a bug in Urna itself can break. Never for input: whatever comes from outside
// is answered with an absl::Status.
#pragma once

namespace urna {

// Prints `what` with its place to standard error and aborts the process.
[[noreturn]] void CheckFailed(const char* file, int line, const char* what);

}  // namespace urna

// Aborts if `condition` is false; also in release builds.
#define URNA_CHECK(condition, what) \
  ((condition) ? static_cast<void>(0) : ::urna::CheckFailed(__FILE__, __LINE__, what))
