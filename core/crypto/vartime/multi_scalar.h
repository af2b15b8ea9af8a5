// Sums Σ s_i·P_i of public scalars and points, and multiples of points that stay the same: the work
// behind every batched check of docs/protocol.md §3.
//
// NOT constant-time, never for secrets. All functions may be called from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/crypto/vartime/edwards.h"
#include "core/crypto/vartime/point.h"
#include "core/crypto/vartime/scalar_vartime.h"

namespace urna::crypto::vartime {

// Σ scalars[i]·points[i], the identity for none. Both spans must have the same length (checked,
// aborts). One thread.
//
// Time follows the length of each scalar, counted from 0 or from ℓ, whichever is nearer: a 128-bit
// weight, or the negative of one, costs about half of a full scalar, ±1 next to nothing. Long sums
// are cheapest a point at some ten thousand points and more.
Point MultiScalarMul(std::span<const PublicScalar> scalars, std::span<const Point> points);

// sums[places[i]] += points[i] for every i: ciphertexts of many ballots, cell by cell. As many
// places as points, each below sums.size() (checked, aborts). Points that came from decoding are
// quickest.
void AddToSums(std::span<const Point> points, std::span<const uint32_t> places,
               std::span<Point> sums);

// Multiples of one point, precomputed: about 0.2 MB and the time of a dozen multiplications to
// make, a seventh of a multiplication to use. Make one for G, for an election's Y, for K_R; pass it
// on by reference. Immutable.
class FixedBaseTable {
 public:
  explicit FixedBaseTable(const Point& base);

  const Point& base() const { return base_; }
  // scalar·base
  Point Mul(const PublicScalar& scalar) const;

 private:
  // 252 bits of SignedMagnitude in 42 digits of -32..32.
  static constexpr int kDigitBits = 6;
  static constexpr int kDigits = 42;
  static constexpr int kMultiples = 1 << (kDigitBits - 1);

  Point base_;
  std::vector<AffineNiels> table_;  // [digit][m-1] = m·2^(6·digit)·base
};

}  // namespace urna::crypto::vartime
