// What a result rule makes of a contest's totals: who has won. docs/protocol.md §9.3.
// Integers alone, so that everybody who computes it finds the same.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "core/election/manifest.h"
#include "core/poll/orders.h"

namespace urna::election {

// The outcome of one contest of a valid manifest that has a result rule. `totals` has one number
// for each counted cell, summed over the contest's parts; `weight` (W) is the sum of the weights of
// the parts, `eligible` (E) of all members of the roll who may vote on the contest. Of a contest
// without a result rule it is empty but for the contest's number. Nothing overflows.
poll::Outcome OutcomeOf(const Contest& contest, const std::vector<uint64_t>& totals,
                        uint64_t weight, uint64_t eligible);

// E of every contest: from the sum of the weights of a district's members, by district number, the
// sum over the districts whose style has the contest. A district that is not named has none.
std::map<uint16_t, uint64_t> EligibleByContest(
    const Manifest& manifest, const std::map<uint16_t, uint64_t>& weight_by_district);

// The outcomes of an election, as the result states them: of every contest that has a result rule
// and at least one part, ascending by contest. `parts` are those of the order *sum*, `results` the
// totals of each in order. InvalidArgument if the results are not one for each part with one total
// for each counted cell, if a part is of no contest, or if a sum does not fit into 64 bits.
absl::StatusOr<std::vector<poll::Outcome>> OutcomesOf(const Manifest& manifest,
                                                      const std::vector<poll::Part>& parts,
                                                      const std::vector<poll::PartTotals>& results,
                                                      const std::map<uint16_t, uint64_t>& eligible);

}  // namespace urna::election
