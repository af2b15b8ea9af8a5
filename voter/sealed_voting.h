// Seal, then cast or challenge: docs/protocol.md §7.4. What leaves the device before the choice is
// h alone. Every step may be the last; the same call again goes on where it ended.
//
// That a sealed ballot is cast or challenged and never both is kept three times: its file goes one
// way only (sealed_store.h), both use one sequence number, which log and device take once, and
// check B10 has a ballot whose h was challenged refused.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/crypto/credential.h"
#include "core/crypto/rng.h"
#include "core/crypto/secret_bytes.h"
#include "voter/participant.h"
#include "voter/sealed_store.h"

namespace urna::voter {

// Whose sealed ballot it is, for one call.
struct SealedVoting {
  Participant& participant;
  const crypto::Credential& credential;
  const crypto::SecretBytes& passphrase;  // of the credential, and so of the file
  crypto::Rng& rng;
};

// Seals into a new file; nothing is sent. Returns h once the file is on the disk. AlreadyExists
// rather than overwrite; otherwise errors as Participant::Seal.
absl::StatusOr<crypto::Hash64> SealInto(const std::string& path, const SealedVoting& voting,
                                        const election::Selections& selections,
                                        PendingPolicy pending, crypto::PasswordStrength strength);

// Whether a file is about this poll and credential. FailedPrecondition if not.
absl::Status CheckOwner(const SealedStore& sealed, const SealedVoting& voting);

// Computes the responses, forgets everything else, and sends the ballot; if it has been cast
// already sends the same bytes again. FailedPrecondition if it was challenged, or if its sequence
// number was used since: then it can be neither cast nor challenged.
absl::StatusOr<Accepted> CastSealed(SealedStore& sealed, const SealedVoting& voting);

// What ChallengeSealed would find before it gives anything up: FailedPrecondition if the ballot was
// cast, if this election allows no challenges or this credential has used its own, and otherwise as
// CastSealed. OK for a ballot that has been challenged already.
absl::Status CheckMayChallenge(const SealedStore& sealed, const SealedVoting& voting);

struct Challenged {
  Accepted accepted;  // the challenge
  Bytes opening;      // the entry, with the challenge's index; for the second device
};
// Gives up casting for good, logs the challenge, and only with its verified receipt gives the
// opening out.
absl::StatusOr<Challenged> ChallengeSealed(SealedStore& sealed, const SealedVoting& voting);

}  // namespace urna::voter
