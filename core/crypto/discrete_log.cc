#include "core/crypto/discrete_log.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace urna::crypto {
namespace {

constexpr uint64_t kMaxTable = 65536;

uint64_t TableSize(uint64_t bound, uint64_t expected_queries) {
  const double balanced = std::sqrt(static_cast<double>(bound) *
                                    static_cast<double>(std::max<uint64_t>(expected_queries, 1)));
  const uint64_t size =
      balanced >= static_cast<double>(kMaxTable) ? kMaxTable : static_cast<uint64_t>(balanced) + 1;
  return std::min(size, bound + 1);
}

// Encodings are evenly spread but for a few bits, so any eight bytes serve as the hash.
size_t FirstSlot(const RistrettoPoint& point, size_t slots) {
  uint64_t hash;
  std::memcpy(&hash, point.bytes().data() + 8, sizeof(hash));
  return static_cast<size_t>(hash) & (slots - 1);
}

}  // namespace

absl::StatusOr<DiscreteLog> DiscreteLog::Create(uint64_t bound, uint64_t expected_queries) {
  if (bound > kMaxBound) {
    return absl::InvalidArgumentError(
        absl::StrCat("totals up to ", bound, " are above the bound ", kMaxBound));
  }
  return DiscreteLog(bound, TableSize(bound, expected_queries));
}

DiscreteLog::DiscreteLog(uint64_t bound, uint64_t table_size)
    : bound_(bound), table_size_(table_size), slots_(std::bit_ceil(2 * table_size)) {
  points_.reserve(table_size_);
  RistrettoPoint point;
  for (uint32_t value = 0; value < table_size_; ++value) {
    size_t slot = FirstSlot(point, slots_.size());
    while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = value + 1;
    points_.push_back(point);
    point = point + RistrettoPoint::Base();
  }
  giant_step_ = point;
}

uint64_t DiscreteLog::Lookup(const RistrettoPoint& point) const {
  size_t slot = FirstSlot(point, slots_.size());
  for (; slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
    const uint32_t value = slots_[slot] - 1;
    if (points_[value] == point) return value;
  }
  return table_size_;
}

absl::StatusOr<uint64_t> DiscreteLog::Find(const RistrettoPoint& point) const {
  RistrettoPoint rest = point;
  for (uint64_t reached = 0; reached <= bound_; reached += table_size_) {
    const uint64_t step = Lookup(rest);
    if (step < table_size_) {
      if (reached + step > bound_) break;
      return reached + step;
    }
    rest = rest - giant_step_;
  }
  return absl::NotFoundError(absl::StrCat("the point is no multiple of G from 0 to ", bound_));
}

}  // namespace urna::crypto
