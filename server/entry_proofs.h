// The proofs of entries that need nothing but what a log's view says: those that wait together are
// verified together.
#pragma once

#include <span>
#include <vector>

#include "absl/status/status.h"
#include "core/crypto/rng.h"
#include "server/committer.h"
#include "server/log_state.h"

namespace urna::server {

// Of every entry, in the order given, why it cannot be admitted: a voter or signer who is not on
// the pinned roll (cheaper than any proof, and final: a roll does not change once it is pinned), a
// poll that is not open, a proof that does not verify. Of the opening of a challenged ballot what
// it comes to is left in the entry for the committer to compare. An entry that has no place in such
// a log is left to the committer to refuse.
//
// On up to `threads` threads (0: one a core). `rng` must be the operating system's, and
// thread-safe: with its weights many proofs are verified at once.
std::vector<absl::Status> VerifyProofs(const LogView& view, std::span<AdmittedEntry* const> entries,
                                       unsigned threads, crypto::Rng& rng);

}  // namespace urna::server
