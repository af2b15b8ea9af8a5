#include "core/petition/minimums.h"

#include <algorithm>

namespace urna::petition {

Minimums::Minimums(const std::vector<Minimum>& minimums) {
  for (const Minimum& minimum : minimums) all_.push_back({minimum, std::nullopt});
}

void Minimums::Look(uint64_t time, uint64_t total) {
  for (Waiting& waiting : all_) {
    if (!waiting.seen.has_value() && Come(waiting, time)) waiting.seen = total;
  }
}

std::vector<poll::MinimumSeen> Minimums::Seen(uint64_t total) const {
  std::vector<poll::MinimumSeen> out;
  for (const Waiting& waiting : all_) {
    const uint64_t seen = waiting.seen.value_or(total);
    out.push_back(
        {waiting.minimum.after, waiting.minimum.at_least, seen, seen >= waiting.minimum.at_least});
  }
  return out;
}

bool Minimums::Missed() const {
  return std::ranges::any_of(all_, [](const Waiting& waiting) {
    return waiting.seen.has_value() && *waiting.seen < waiting.minimum.at_least;
  });
}

std::optional<uint64_t> Minimums::MarkOf(size_t minimum) const {
  if (!opened_.has_value()) return std::nullopt;
  return *opened_ + all_[minimum].minimum.after;
}

}  // namespace urna::petition
