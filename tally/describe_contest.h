// A contest of a manifest in words: what an officer reads before signing it. docs/protocol.md §6.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/election/manifest.h"

namespace urna::tally {

// Lines without indentation but that of what belongs to the contest; they may hold control
// characters that the manifest has. Also of a contest that breaks the rules of §6.
std::vector<std::string> DescribeContest(const election::Contest& contest,
                                         absl::string_view language);

// "the 3 options with the most votes; …": empty for a contest without a result rule.
std::string DescribeResultRule(const election::Contest& contest);

}  // namespace urna::tally
