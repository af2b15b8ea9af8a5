// What every back end's Pippenger shares: how scalars are cut into digits, and how points are made
// ready for being added. Public data only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/crypto/vartime/edwards.h"
#include "core/crypto/vartime/point.h"
#include "core/crypto/vartime/scalar_vartime.h"

namespace urna::crypto::vartime::internal {

// Digits. With windows of c_0, c_1, … bits from bit b_0 = 0, b_1 = c_0, … on, and the constant
// K = Σ 2^(c_w - 1)·2^(b_w), the digits of a magnitude s are the fields of s + K, each less
// 2^(c_w - 1): in -2^(c_w-1)..2^(c_w-1) - 1, without carries from one to the next. The top field is
// not masked and its digit may be 2^(c-1) too: for Σ c_w = B and s < 2^(B-1), s + K is below
// 2^B + 2^(b_top). At B = 252, s may be as much as 2^251 + 2^124 (SignedMagnitude) and the slack
// 2^(b_top - 2) covers that. So s + K < 2^253 always.
using Limbs = std::array<uint64_t, 4>;

inline constexpr int kMaxBits = 252;
// Wider windows have more buckets than the second-level cache holds, and were slower.
inline constexpr int kMaxWindow = 12;

struct Window {
  int bit;
  int width;
  bool top;
  size_t buckets() const { return size_t{1} << (width - 1); }
  // The digit that s + K has here.
  int Digit(const Limbs& shifted) const {
    const int limb = bit / 64;
    const int shift = bit % 64;
    uint64_t field = shifted[limb] >> shift;
    if (shift != 0 && limb < 3) field |= shifted[limb + 1] << (64 - shift);
    if (!top) field &= (uint64_t{1} << width) - 1;
    return static_cast<int>(field) - (1 << (width - 1));
  }
};

// The windows, lowest first, and K.
struct DigitPlan {
  std::vector<Window> windows;
  Limbs k{};
  std::vector<int> window_of_bit;  // for bits 0..255
};

// Work in a back end's own unit: an addition of a point to a bucket, of two buckets.
struct AdditionCosts {
  double point;
  double bucket;
};

// The windows with the least work for magnitudes of `total_bits` bits together, of which none is
// longer than `longest`.
DigitPlan PlanDigits(size_t total_bits, int longest, const AdditionCosts& costs);
// Their widths, lowest first: they add up to at least longest + 1, or to 252 if that is less.
std::vector<int> ChooseWindows(size_t total_bits, int longest, const AdditionCosts& costs);

struct MeasuredScalars {
  std::vector<SignedMagnitude> magnitudes;
  size_t total_bits = 0;  // of all magnitudes together
  int longest = 0;        // bits of the longest
};
MeasuredScalars Measure(std::span<const PublicScalar> scalars);

// The terms of Σ ±magnitude·point in which the magnitude is not 0, those that reach the highest
// windows first: reach[w] of them have a digit in window w or above.
struct SortedTerms {
  std::vector<Limbs> shifted;   // magnitude + K
  std::vector<uint32_t> terms;  // 2·index of the point, and 1 more if the scalar is negative
  std::vector<size_t> reach;    // one more than there are windows; the last is 0
};
SortedTerms SortTerms(const DigitPlan& plan, std::span<const SignedMagnitude> scalars);

// The points of the terms with Z = 1, negated if the scalar is negative, made ready for addition;
// one inversion for all together.
std::vector<AffineNiels> ToAffineNiels(std::span<const uint32_t> terms,
                                       std::span<const Point> points);
std::vector<AffineNiels> ToAffineNiels(std::span<const Extended> points);

// Σ 2^(bit of w)·sums[w] over the windows, by doublings from the highest on. sums[w] of a window
// without any digit is the identity.
Point CombineWindows(std::span<const Window> windows, std::span<const Extended> sums);

}  // namespace urna::crypto::vartime::internal
