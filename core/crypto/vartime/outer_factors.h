// What engines are given of a sum of outer products (outer_products.h), in plain memory.
#pragma once

#include <cstddef>
#include <cstdint>

namespace urna::crypto::vartime {

// Scalars are five limbs of 52 bits, the lowest first, limb 4 below 2^45.
inline constexpr int kOuterLimbBits = 52;
inline constexpr size_t kFactorLimbs = 5;
// Sums are ten: nine of 52 bits and what is left, below 2^58.
inline constexpr size_t kSumLimbs = 10;
// At most so many terms: what the accumulators hold.
inline constexpr size_t kMaxOuterTerms = size_t{1} << 20;

struct OuterFactors {
  size_t lows, highs, terms;
  const uint64_t* low;   // limb i of low[l] of term t at (kFactorLimbs·t + i)·lows + l
  const uint64_t* high;  // limb i of high[h] of term t at (highs·t + h)·kFactorLimbs + i
};

}  // namespace urna::crypto::vartime
