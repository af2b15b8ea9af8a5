#include "core/election/parts.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/crypto/discrete_log.h"

namespace urna::election {
namespace {

using ByWeight = std::map<uint32_t, uint64_t>;

bool HasContest(const Manifest& manifest, const District& district, uint16_t contest) {
  const Style* style = manifest.FindStyle(district.style);
  return style != nullptr &&
         std::binary_search(style->contests.begin(), style->contests.end(), contest);
}

// The ballots of some districts.
struct Set {
  std::vector<uint16_t> districts;
  ByWeight by_weight;

  // `next` is of later districts.
  void Unite(Set next) {
    districts.insert(districts.end(), next.districts.begin(), next.districts.end());
    for (const auto& [weight, ballots] : next.by_weight) by_weight[weight] += ballots;
  }
};

// One for every district that has the contest, ascending.
std::vector<Set> SetsOf(const Manifest& manifest, uint16_t contest, const roll::Census& counted) {
  std::vector<Set> out;
  for (const District& district : manifest.districts) {
    if (!HasContest(manifest, district, contest)) continue;
    Set& set = out.emplace_back();
    set.districts.push_back(district.number);
    for (auto at = counted.lower_bound({district.number, 0});
         at != counted.end() && at->first.district == district.number; ++at) {
      set.by_weight[at->first.weight] += at->second;
    }
  }
  return out;
}

// Unites sets until each is large enough; none are left if all together are not.
void MakeLargeEnough(std::vector<Set>& sets, uint64_t minimum) {
  size_t first = 0;  // all sets before it are large enough
  while (first < sets.size()) {
    if (IsLargeEnough(sets[first].by_weight, minimum)) {
      ++first;
    } else if (sets.size() == 1) {
      sets.clear();
    } else {
      // With the set after it, or with the one before it if it is the last.
      if (first + 1 == sets.size()) --first;
      sets[first].Unite(std::move(sets[first + 1]));
      sets.erase(sets.begin() + static_cast<ptrdiff_t>(first) + 1);
    }
  }
}

}  // namespace

bool IsLargeEnough(const ByWeight& by_weight, uint64_t minimum) {
  uint64_t ballots = 0;
  for (const auto& [weight, count] : by_weight) {
    if (count > 0 && count < minimum) return false;
    ballots += count;
  }
  return ballots >= minimum && ballots > 0;
}

std::vector<poll::Part> PartsOf(const Manifest& manifest, const roll::Census& counted) {
  std::vector<poll::Part> out;
  for (const Contest& contest : manifest.contests) {
    std::vector<Set> sets = SetsOf(manifest, contest.number, counted);
    if (!contest.by_district && sets.size() > 1) {
      for (size_t i = 1; i < sets.size(); ++i) sets[0].Unite(std::move(sets[i]));
      sets.resize(1);
    }
    MakeLargeEnough(sets, manifest.minimum_ballots);
    for (Set& set : sets) {
      poll::Part& part = out.emplace_back();
      part.contest = contest.number;
      part.districts = std::move(set.districts);
      for (const auto& [weight, ballots] : set.by_weight) {
        part.ballots += ballots;
        part.weight += weight * ballots;
      }
    }
  }
  return out;
}

std::vector<Violation> CheckWeightClasses(const Manifest& manifest, const roll::Census& members) {
  std::vector<Violation> out;
  for (const Contest& contest : manifest.contests) {
    ByWeight by_weight;
    for (const Set& set : SetsOf(manifest, contest.number, members)) {
      for (const auto& [weight, count] : set.by_weight) by_weight[weight] += count;
    }
    const auto rare = std::find_if(by_weight.begin(), by_weight.end(), [&](const auto& of_weight) {
      return of_weight.second < manifest.minimum_ballots;
    });
    if (rare == by_weight.end()) continue;
    out.push_back({Check::kS16,
                   absl::FailedPreconditionError(absl::StrCat(
                       "opening: contest ", contest.number, ": ", rare->second,
                       " members of the roll have the weight ", rare->first, ", fewer than the ",
                       manifest.minimum_ballots,
                       " of the manifest's minimum, so that totals could give their votes away"))});
  }
  return out;
}

absl::Status CheckLargestTotal(const Manifest& manifest, const roll::Census& members) {
  uint64_t most = 1;
  for (const Contest& contest : manifest.contests) {
    most = std::max<uint64_t>(most, contest.option_max);
  }
  const uint64_t limit = crypto::DiscreteLog::kMaxBound / most;
  uint64_t weight = 0;
  for (const auto& [member, count] : members) {
    // Nothing overflows: both sides of the sum are at most `limit` when it is made.
    const bool fits = member.weight == 0 || count <= limit / member.weight;
    if (fits) weight += member.weight * count;
    if (!fits || weight > limit) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the weights of all members, with up to ", most, " for an option, add up to more than ",
          crypto::DiscreteLog::kMaxBound, ", more than can be decrypted"));
    }
  }
  return absl::OkStatus();
}

}  // namespace urna::election
