// Whose the ballots are that are proved over rings: the first of every voter of an anonymous
// election. docs/protocol.md §3.8, §7.6; check B6. All else about these ballots, their points and
// scalars and what they say, is VerifyBallotsVarTime's.
#pragma once

#include <span>
#include <vector>

#include "core/base/numbered_checks.h"
#include "core/crypto/ring_batch.h"
#include "core/crypto/ring_verifier.h"
#include "core/crypto/rng.h"
#include "core/election/ballot.h"
#include "core/roll/ring_claims.h"

namespace urna::election {

// L3 about tag, commitments and responses of the ring, or B6, or nothing. Nothing of another
// ballot. `ring`: the one that the ballot names. Variable time: all of it is public.
std::vector<Violation> VerifyBallotRingVarTime(const VotingContext& context, const Ballot& ballot,
                                               const crypto::DecodedRing& ring);

struct RingVerdict {
  std::vector<Violation> violations;
  crypto::RingStage refused_by = crypto::RingStage::kForm;  // if there are any
};
// The same of many ballots, in the order given, on up to `threads` threads (0: one a core). Nothing
// is said of those that name a ring that there is not. The verdicts are those of
// VerifyBallotRingVarTime; a false ballot passes with probability below 2^-120, over `rng`, which
// must be the operating system's (and thread-safe, as that is).
std::vector<RingVerdict> VerifyBallotRingsVarTime(const VotingContext& context,
                                                  std::span<const Ballot* const> ballots,
                                                  roll::RingCache& rings, roll::RingOrder order,
                                                  unsigned threads, crypto::Rng& rng);

// Adds to what was found about the rest of a ballot what was found about its ring. Of a ballot that
// has anything that is not canonical nothing is said about B4, B5 and B9.
void AddRingVerdict(const std::vector<Violation>& about_ring, std::vector<Violation>& violations);

}  // namespace urna::election
