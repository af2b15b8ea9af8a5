// Whether it is the turn of a ballot or challenge, after what its credential or tag has cast
// before: check B3, and of the tag of a later anonymous ballot B2 (docs/protocol.md §7, §7.6 and
// §12).
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/numbered_checks.h"
#include "core/election/ballot.h"
#include "core/election/messages.h"

namespace urna::election {

// The one violation, or nothing. `last`: the highest sequence number that the credential or tag has
// used, 0 if none.
std::optional<Violation> CheckTurn(const Ballot& ballot, uint64_t last);
std::optional<Violation> CheckTurn(const BallotChallenge& challenge, uint64_t last);

}  // namespace urna::election
