// What a Pabulib file's META asks of a single vote, and which of its votes do not keep it. Keys and
// defaults are those of Pabulib's format (pabulib.org/format). Not part of the protocol.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/pabulib/pabulib.h"

namespace urna::pabulib {

// The chosen ones of these projects together cost, or are, at_least..at_most.
struct VoteLimit {
  enum class Measure { kCost, kNumber };
  std::string category;  // empty: all projects
  Measure measure = Measure::kCost;
  uint64_t at_least = 0;
  uint64_t at_most = UINT64_MAX;
  std::vector<uint32_t> projects;  // positions, ascending; of a limit by cost, those that cost
};

struct VoteRules {
  bool points = false;      // whether voters give points (cumulative, scoring) or choose (approval)
  uint64_t option_max = 1;  // what one project can get
  uint64_t sum_min = 0, sum_max = 1;  // what all can get: projects, or points
  std::vector<VoteLimit> limits;
  std::vector<std::string> notes;  // of every limit that no vote could break and that was dropped
};

// The rules of a file. With `ignore_limits` there are none but that a vote is one: any number of
// projects, no limits, and points up to the largest that is stated or given. FailedPrecondition for
// a kind of vote, or a limit, that a ballot cannot have (limits on votes that give points, more
// than 100 points); InvalidArgument for values that make no sense, costs that are not whole numbers
// where a limit needs them among these.
absl::StatusOr<VoteRules> ReadVoteRules(const File& file, bool ignore_limits);

// A vote that does not keep a rule.
struct Breach {
  size_t vote = 0;    // position in File::votes
  std::string limit;  // "max_length", "max_sum_cost", "max_sum_cost_per_category 'Parks'"
  uint64_t value = 0;
  uint64_t bound = 0;  // what the value is above, or below
};

// In the order of votes; a vote may stand here several times.
std::vector<Breach> FindBreaches(const File& file, const VoteRules& rules);

// "voter '17' at line 42: max_sum_cost is 100, the vote has 120, 20 too many"
std::string DescribeBreach(const File& file, const Breach& breach);

// The positions of the votes that have no breach, ascending.
std::vector<size_t> AdmissibleVotes(const File& file, const std::vector<Breach>& breaches);

// A project's cost. InvalidArgument if it is no whole number.
absl::StatusOr<uint64_t> WholeCost(const Project& project);

}  // namespace urna::pabulib
