// A ring: the credentials among which one signer hides. Implements docs/protocol.md §3.8, "the
// ring" and "bases".
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/crypto/hash.h"
#include "core/crypto/point.h"

namespace urna::crypto {

// A place in a ring of N = n^m is m digits of 0..n−1, the lowest first.
inline constexpr size_t kRingRadix = 4;      // n
inline constexpr size_t kMinRingDigits = 3;  // m: N = 64
inline constexpr size_t kMaxRingDigits = 6;  // m: N = 4,096

// T32("ring"; points: …), of the points' bytes one after the other.
Hash32 RingHash(ByteSpan points);

// Immutable, copyable; 32 bytes a point.
class Ring {
 public:
  // InvalidArgument unless there are 64, 256, 1,024 or 4,096 points, strictly ascending by their
  // bytes, so that no two are equal, and none of them the identity.
  static absl::StatusOr<Ring> Create(std::vector<RistrettoPoint> points);

  // The same from the points' bytes one after the other, all canonical.
  static absl::StatusOr<Ring> Decode(ByteSpan points);

  size_t size() const { return points_.size(); }  // N
  size_t digits() const { return digits_; }       // m
  std::span<const RistrettoPoint> points() const { return points_; }
  const Hash32& hash() const { return hash_; }  // RingHash

 private:
  Ring(std::vector<RistrettoPoint> points, size_t digits);

  std::vector<RistrettoPoint> points_;
  size_t digits_;
  Hash32 hash_;
};

// The bases of the commitments to a place's digits; nobody knows a relation between them.
struct RingBases {
  using Row = std::array<RistrettoPoint, kRingRadix>;
  RistrettoPoint w;                      // HashToGroup("ring base W", "")
  std::array<Row, kMaxRingDigits> u, v;  // HashToGroup("ring base U", u8(j) ‖ u8(i)), and V
};

// Computed once.
const RingBases& TheRingBases();

}  // namespace urna::crypto
