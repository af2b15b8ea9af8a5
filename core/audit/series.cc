#include "core/audit/series.h"

#include <algorithm>

namespace urna::audit {

void Series::TakeOrder(uint64_t index, uint64_t time, uint64_t online, uint64_t paper) {
  orders_.push_back({index, time, true, online, paper});
}

void Series::TakeCounts(uint64_t index, uint64_t online, uint64_t paper) {
  if (!counts_.empty() && counts_.back().online == online && counts_.back().paper == paper) return;
  counts_.push_back({index, online, paper});
}

std::vector<SeriesPoint> Series::Points(const std::vector<WitnessedSize>& witnessed) const {
  std::vector<SeriesPoint> out = orders_;
  for (const WitnessedSize& one : witnessed) {
    if (!opened_.has_value() || one.size <= *opened_) continue;
    if (ended_.has_value() && one.index > *ended_) continue;
    // The last change below its size.
    const auto behind = std::ranges::lower_bound(counts_, one.size, {}, &Counts::index);
    const Counts counts = behind == counts_.begin() ? Counts() : *std::prev(behind);
    out.push_back({one.size, one.existed_by, false, counts.online, counts.paper});
  }
  std::ranges::stable_sort(out, [](const SeriesPoint& a, const SeriesPoint& b) {
    return a.size != b.size ? a.size < b.size : a.by_order && !b.by_order;
  });
  return out;
}

}  // namespace urna::audit
