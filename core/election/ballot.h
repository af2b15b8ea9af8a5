// Making and verifying a ballot. docs/protocol.md §7; checks B1, B4, B5 and B6 of §12.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/numbered_checks.h"
#include "core/crypto/credential.h"
#include "core/crypto/point.h"
#include "core/crypto/rng.h"
#include "core/election/manifest.h"
#include "core/election/messages.h"

namespace urna::election {

// What every ballot is bound to once the election is open.
struct VotingContext {
  crypto::Hash32 poll_context{};
  crypto::RistrettoPoint election_key;  // Y
};

// One number per option, for each contest of a style in its order.
using Selections = std::vector<std::vector<uint32_t>>;

// InvalidArgument naming contest and option if the selections break the contest's rule.
absl::Status CheckSelections(const Manifest& manifest, uint16_t style,
                             const Selections& selections);

// Encrypts, proves and signs. `sequence` must be above every earlier one of the credential.
absl::StatusOr<Ballot> MakeBallot(const Manifest& manifest, const VotingContext& context,
                                  uint16_t style, const Selections& selections, uint64_t sequence,
                                  const crypto::Credential& credential, crypto::Rng& rng);

// T("ballot"; …), §7.
crypto::Hash64 BallotTranscript(const crypto::Hash32& poll_context, const Ballot& ballot);

// L3 (points and scalars), B1, B4, B5, B6 about a ballot by itself; empty if all hold. Needs no
// state, so ballots can be verified side by side. Variable time: all of it is public.
std::vector<Violation> VerifyBallotVarTime(const Manifest& manifest, const VotingContext& context,
                                           const Ballot& ballot);

}  // namespace urna::election
