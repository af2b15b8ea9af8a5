// Which ballots are added up and decrypted together, so that no total says how one person voted;
// and which rolls allow for that. docs/protocol.md §9.1; checks C2, S14 and S16 of §12.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "absl/status/status.h"
#include "core/base/numbered_checks.h"
#include "core/election/manifest.h"
#include "core/poll/orders.h"
#include "core/roll/roll.h"

namespace urna::election {

// The parts of all contests, ascending by contest and then by first district. `counted`: how many
// counted ballots there are of every district and weight.
std::vector<poll::Part> PartsOf(const Manifest& manifest, const roll::Census& counted);

// Whether these ballots may be decrypted together: at least `minimum` of them, and at least
// `minimum` of every weight that occurs. `by_weight` may hold zeros.
bool IsLargeEnough(const std::map<uint32_t, uint64_t>& by_weight, uint64_t minimum);

// S16, one violation for each contest in which a weight of the roll is too rare.
std::vector<Violation> CheckWeightClasses(const Manifest& manifest, const roll::Census& members);

// S14: InvalidArgument if a total could be larger than discrete logarithms can be found.
absl::Status CheckLargestTotal(const Manifest& manifest, const roll::Census& members);

}  // namespace urna::election
