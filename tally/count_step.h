// What a trustee does when votes are counted: acknowledge, decrypt, forget. docs/protocol.md §9,
// and the rule that no command of a trustee takes a ciphertext: everything here comes out of the
// verifier's own reading of a record. Pure: the caller saves the state, then sends the entries.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/audit/audit.h"
#include "core/crypto/rng.h"
#include "core/crypto/signature.h"
#include "tally/trustee_state.h"

namespace urna::tally {

// OK if the verifier has found nothing against the record and has left no check out that its stage
// calls for, but those that need a policy (I1-I5, L6, S17) where `with_policy` is false.
// FailedPrecondition naming the first check.
absl::Status CheckVerified(const audit::Report& report, bool with_policy = true);

// The CountAcknowledgement, which pins the one set that this key will ever decrypt. The same bytes
// if it was made before.
absl::StatusOr<Bytes> AcknowledgeCount(const audit::AuditResult& audited,
                                       const crypto::SigningKey& key, TrusteeState& state);

// A DecryptionShare of every part that has none of this trustee in the log yet; empty if all have.
// FailedPrecondition while there are not enough acknowledgements.
absl::StatusOr<std::vector<Bytes>> DecryptParts(const audit::AuditResult& audited,
                                                const crypto::SigningKey& key, TrusteeState& state,
                                                crypto::Rng& rng);

// Erases the key share. FailedPrecondition unless the record is final, verified, and this key's
// poll.
absl::Status Forget(const audit::AuditResult& audited, TrusteeState& state);

}  // namespace urna::tally
