// What a ballot says, what it hashes to, and verifying one. docs/protocol.md §7; checks L3, B1, B4,
// B5, B6 and B9 of §12. Making one is in sealed_ballot.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/numbered_checks.h"
#include "core/crypto/credential.h"
#include "core/crypto/point.h"
#include "core/crypto/rng.h"
#include "core/election/manifest.h"
#include "core/election/messages.h"
#include "core/roll/rings.h"

namespace urna::election {

// What anonymous ballots are proved with (§7.6).
struct AnonymousVoting {
  crypto::RistrettoPoint tag_base;           // H_e
  std::shared_ptr<const roll::Rings> rings;  // null if the roll is not at hand
};

// What every ballot is bound to once the election is open.
struct VotingContext {
  crypto::Hash32 poll_context{};
  crypto::RistrettoPoint election_key;                         // Y
  std::shared_ptr<const AnonymousVoting> anonymous = nullptr;  // null: it is pseudonymous
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

// h = T("ballot"; …), §7.2, of a ballot that is not anonymous. Responses are not in it.
crypto::Hash64 BallotTranscript(const crypto::Hash32& poll_context, const Ballot& ballot);
// What the h of any ballot is the SHA-512 of: T("ballot"; …), T("ring ballot"; …) or
// T("tag ballot"; …), §7.6. Nothing of an anonymous one before the opening, or of one that names a
// ring that there is not.
std::optional<Bytes> BallotTranscriptBytes(const VotingContext& context, const Ballot& ballot);

// Encrypts and proves a ballot of an anonymous election. With `ring`, a voter's first, over the
// ring of this number, in which the credential must be (InvalidArgument); without, a later one, by
// its tag. FailedPrecondition if the election is not open or not anonymous.
absl::StatusOr<Ballot> MakeAnonymousBallot(const Manifest& manifest, const VotingContext& context,
                                           uint16_t style, const Selections& selections,
                                           uint64_t sequence, std::optional<uint32_t> ring,
                                           const crypto::Credential& credential, crypto::Rng& rng);

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
// that breaks L3 or B1 nothing is said about B4, B5 and B9, nor of one that names a ring that there
// is not. The proof over a ring is for ring_ballots.h. Needs no state, so ballots can be verified
// side by side. Variable time: all of it is public.
std::vector<Violation> VerifyBallotVarTime(const Manifest& manifest, const VotingContext& context,
                                           const Ballot& ballot);

// L3 and B6 about a challenge by itself.
std::vector<Violation> VerifyBallotChallengeVarTime(const VotingContext& context,
                                                    const BallotChallenge& challenge);

}  // namespace urna::election
