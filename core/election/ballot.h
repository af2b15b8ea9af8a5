// What a ballot says, what it hashes to, and verifying one. docs/protocol.md §7; checks L3, B1, B4,
// B5, B6 and B9 of §12. Making one is in sealed_ballot.h.
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

// One number for every counted cell (options, lists, blank; §7.1), for each contest of a style in
// its order.
using Selections = std::vector<std::vector<uint32_t>>;

// InvalidArgument naming contest and option if the selections break a rule or limit of a contest.
absl::Status CheckSelections(const Manifest& manifest, uint16_t style,
                             const Selections& selections);

// Encrypts, proves and signs: seals a ballot and casts it at once. `sequence` must be above every
// earlier one of the credential.
absl::StatusOr<Ballot> MakeBallot(const Manifest& manifest, const VotingContext& context,
                                  uint16_t style, const Selections& selections, uint64_t sequence,
                                  const crypto::Credential& credential, crypto::Rng& rng);

// h = T("ballot"; …), §7.2. Responses are not in it.
crypto::Hash64 BallotTranscript(const crypto::Hash32& poll_context, const Ballot& ballot);
// What h is the SHA-512 of.
Bytes BallotTranscriptBytes(const crypto::Hash32& poll_context, const Ballot& ballot);

// h′ = T("ballot challenge"; …), §7.4.
crypto::Hash64 BallotChallengeTranscript(const crypto::Hash32& poll_context,
                                         const BallotChallenge& challenge);

// The h of the ballot that an opening opens, computed from values and randomness. InvalidArgument
// if it has not exactly the contests and cells of its style, or a scalar is not canonical, or an r
// is zero.
absl::StatusOr<crypto::Hash64> OpenedBallotHash(const Manifest& manifest,
                                                const VotingContext& context,
                                                const BallotOpening& opening);

// L3 (points and scalars), B1, B4, B5, B6, B9 about a ballot by itself; empty if all hold. Of one
// that breaks L3 or B1 nothing is said about B4, B5 and B9. Needs no state, so ballots can be
// verified side by side. Variable time: all of it is public.
std::vector<Violation> VerifyBallotVarTime(const Manifest& manifest, const VotingContext& context,
                                           const Ballot& ballot);

// L3 and B6 about a challenge by itself.
std::vector<Violation> VerifyBallotChallengeVarTime(const VotingContext& context,
                                                    const BallotChallenge& challenge);

}  // namespace urna::election
