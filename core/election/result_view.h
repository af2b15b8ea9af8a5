// An election's published result, by contest, and in words for people. docs/protocol.md §9.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/election/state.h"

namespace urna::election {

// A contest that was decrypted. Borrows from the state.
struct ContestResult {
  struct OfPart {
    const poll::Part* part = nullptr;
    const std::vector<uint64_t>* totals = nullptr;  // one for each counted cell
  };
  const Contest* contest = nullptr;
  std::vector<OfPart> parts;
  uint64_t ballots = 0, weight = 0;        // of all parts
  std::vector<uint64_t> totals;            // of all parts, one for each counted cell
  const poll::Outcome* outcome = nullptr;  // if one is stated
};

// Ascending by contest; none before the result. Parts whose totals are not those of their contest
// are left out.
std::vector<ContestResult> ResultsOf(const ElectionState& state);
// Contests with too few ballots to be decrypted; none before order sum.
std::vector<const Contest*> NotDecrypted(const ElectionState& state);

// "elected: Anna, Bo", "seats: Greens 2, Reds 1; elected: …", "funded: Trees, Bridge", "accepted".
// Empty for a contest without a result rule.
std::string OutcomeText(const Contest& contest, const poll::Outcome& outcome,
                        absl::string_view language);

// Lines of text without control characters: every contest with its totals, those of its parts if
// there are several, and its outcome. Empty before the result.
std::string ResultText(const ElectionState& state, absl::string_view language);

}  // namespace urna::election
