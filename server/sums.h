// The homomorphic sums of an election's counted ballots, out of the ledger. docs/protocol.md §9.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "core/election/state.h"
#include "server/ledger.h"

namespace urna::server {

// `counted`: the ballots to add, ascending; `parts`: what is to be summed. Uses all cores. DataLoss
// if an entry there is no ballot.
absl::StatusOr<election::PartSums> ComputeSums(
    const Ledger& ledger, LogNumber log, const election::Manifest& manifest,
    const std::vector<election::ElectionState::CountedBallot>& counted,
    const std::vector<poll::Part>& parts);

}  // namespace urna::server
