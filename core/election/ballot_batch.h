// Many ballots verified together: all equations of docs/protocol.md §3 for all of them in one
// multi-scalar multiplication, each with a random weight of its own (§3.6). The verdicts are those
// of VerifyBallotVarTime, one by one: a ballot that is not all right is handed to it, and it says
// what is wrong. Batches of some 20,000 points, a megabyte of ballots, are quickest.
#pragma once

#include <span>
#include <vector>

#include "core/crypto/rng.h"
#include "core/election/ballot.h"
#include "core/election/decoded_ballots.h"

namespace urna::election {

// Where to begin.
enum class BatchOrder {
  kAllAtOnce,  // quickest if all are good, as in a log
  // Whose each ballot is comes first: two points of it, in a batch of their own. A ballot that was
  // changed on its way, or that somebody without a credential made, costs no more than that. Of one
  // whose credential is not proved nothing else is said.
  kCredentialsFirst,
};

// The violations of every ballot, in the order given. A false ballot passes with probability below
// 2^-124, over `rng`, which must be the operating system's.
std::vector<std::vector<Violation>> VerifyBallotsVarTime(const Manifest& manifest,
                                                         const VotingContext& context,
                                                         std::span<const Ballot* const> ballots,
                                                         crypto::Rng& rng,
                                                         BatchOrder order = BatchOrder::kAllAtOnce);
// The same for ballots that were decoded before, for whoever goes on with their points.
std::vector<std::vector<Violation>> VerifyBallotsVarTime(const DecodedBallots& decoded,
                                                         crypto::Rng& rng,
                                                         BatchOrder order = BatchOrder::kAllAtOnce);

}  // namespace urna::election
