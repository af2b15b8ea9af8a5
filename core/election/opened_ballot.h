// The opening of a challenged ballot, by itself. docs/protocol.md §7.4; checks L3 and B11 of §12.
#pragma once

#include <vector>

#include "core/base/numbered_checks.h"
#include "core/election/ballot.h"

namespace urna::election {

// What an opening comes to: the h of the ballot that it opens, or why it opens none (L3 about its
// points and scalars, B11 about its shape). Needs no state, so openings can be looked at side by
// side; all of it is public.
struct OpenedBallot {
  std::vector<Violation> violations;
  crypto::Hash64 hash{};  // only without violations
};
OpenedBallot OpenBallotVarTime(const Manifest& manifest, const VotingContext& context,
                               const BallotOpening& opening);

}  // namespace urna::election
