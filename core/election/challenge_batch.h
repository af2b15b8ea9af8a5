// Many challenges of sealed ballots verified together, in one multi-scalar multiplication
// (docs/protocol.md §3.6). The verdicts are those of VerifyBallotChallengeVarTime, one by one: a
// challenge that is not all right is handed to it, and it says what is wrong.
#pragma once

#include <span>
#include <vector>

#include "core/crypto/rng.h"
#include "core/election/ballot.h"

namespace urna::election {

// The violations of every challenge, in the order given. A false one passes with probability below
// 2^-124, over `rng`, which must be the operating system's.
std::vector<std::vector<Violation>> VerifyBallotChallengesVarTime(
    const VotingContext& context, std::span<const BallotChallenge* const> challenges,
    crypto::Rng& rng);

}  // namespace urna::election
