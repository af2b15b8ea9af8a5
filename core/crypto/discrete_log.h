// Small discrete logarithms: from v·G to v, for the totals of a count (docs/protocol.md §9).
// Baby steps and giant steps (Shanks 1971).
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "core/crypto/point.h"

namespace urna::crypto {

// Finds 0 ≤ v ≤ bound. The table costs one point addition (12 to 35 µs) an entry once, a search up
// to bound/table_size additions. Immutable after Create, so Find may be called from several
// threads.
class DiscreteLog {
 public:
  static constexpr uint64_t kMaxBound = 100'000'000;

  // `expected_queries` (how many totals will be looked up) balances table and search: the size is
  // about sqrt(bound·queries), at most 65,536 and at most bound + 1. InvalidArgument if
  // bound > 10^8.
  static absl::StatusOr<DiscreteLog> Create(uint64_t bound, uint64_t expected_queries = 1);

  // NotFound if the point is no v·G with 0 ≤ v ≤ bound.
  absl::StatusOr<uint64_t> Find(const RistrettoPoint& point) const;

  uint64_t bound() const { return bound_; }
  uint64_t table_size() const { return table_size_; }

 private:
  DiscreteLog(uint64_t bound, uint64_t table_size);

  // The value of a baby step, or table_size_ if `point` is none.
  uint64_t Lookup(const RistrettoPoint& point) const;

  uint64_t bound_;
  uint64_t table_size_;                 // m
  std::vector<RistrettoPoint> points_;  // v·G for v = 0 … m − 1
  std::vector<uint32_t> slots_;         // open addressing by the encoding: v + 1, 0 for free
  RistrettoPoint giant_step_;           // m·G
};

}  // namespace urna::crypto
