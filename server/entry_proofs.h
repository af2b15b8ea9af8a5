// The proofs of single entries that need nothing but what a log's view says. Those of ballots are
// verified many together (server/admission).
#pragma once

#include <array>
#include <cstdint>

#include "absl/status/status.h"
#include "server/committer.h"
#include "server/log_state.h"

namespace urna::server {

// PermissionDenied if the credential is not on the pinned roll. Cheaper than any proof, and final:
// a roll does not change once it is pinned.
absl::Status CheckEntitled(const LogView& view, const std::array<uint8_t, 32>& credential);

absl::Status NotOpen(const LogView& view);

// Proofs of petition acts, roll members and challenges; of the opening of a challenged ballot what
// it comes to, which is left in `admitted` for the committer to compare. An entry that has no place
// in such a log is left to the committer to refuse.
absl::Status VerifyProofs(const LogView& view, AdmittedEntry& admitted);

}  // namespace urna::server
