// What a claim of a signature (docs/protocol.md §8.3) comes to beside the record.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "core/audit/audit.h"
#include "core/petition/claim.h"

namespace urna::audit {

// The signature that a claim is about.
struct ClaimedSignature {
  uint64_t index = 0;     // of the last act of its tag, which is to sign
  uint16_t district = 0;  // where it counts
  uint64_t size = 0;      // of the log that was looked into
};

// Where a proved claim's signature counts in a record that was verified up to the stage asked for.
// FailedPrecondition saying why it doesn't: the record is not verified, is of another petition or
// opening, or the tag has not signed or has withdrawn.
absl::StatusOr<ClaimedSignature> FindClaimed(const petition::Claim& claim,
                                             const AuditResult& result);

}  // namespace urna::audit
