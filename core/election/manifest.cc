#include "core/election/manifest.h"

#include <algorithm>

#include "core/crypto/ring.h"
#include "core/crypto/ring_proof.h"
#include "core/election/contest_plan.h"

namespace urna::election {
namespace {

// The lists are ascending by number in every valid manifest, but this must also be safe on others.
template <typename T>
const T* FindNumber(const std::vector<T>& list, uint16_t number) {
  const auto it =
      std::find_if(list.begin(), list.end(), [&](const T& x) { return x.number == number; });
  return it == list.end() ? nullptr : &*it;
}

}  // namespace

const District* Manifest::FindDistrict(uint16_t number) const {
  return FindNumber(districts, number);
}
const Style* Manifest::FindStyle(uint16_t number) const { return FindNumber(styles, number); }
const Contest* Manifest::FindContest(uint16_t number) const { return FindNumber(contests, number); }

uint64_t BallotSize(const Manifest& manifest, const Style& style) {
  uint64_t size = 142;
  if (manifest.anonymous.has_value()) {
    size_t digits = 0;
    for (size_t points = 1; points < manifest.anonymous->ring_size; points *= crypto::kRingRadix) {
      ++digits;
    }
    size = 54 + crypto::RingCommitmentsSize(digits) + crypto::RingResponsesSize(digits);
  }
  for (uint16_t number : style.contests) {
    const Contest* contest = manifest.FindContest(number);
    if (contest == nullptr) continue;
    size += ContestPlan(*contest).size();
  }
  return size;
}

}  // namespace urna::election
