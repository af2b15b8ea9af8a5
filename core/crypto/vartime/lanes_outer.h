// Sums of outer products (outer_products.h) in the lanes of a vector with products of 52 bits, an
// entry a lane: for W with MaddLow52 and MaddHigh52, see lanes_words.h. Public data only.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/crypto/vartime/outer_factors.h"

namespace urna::crypto::vartime::lanes {

// A limb of 52 bits each to the next, but for the last.
template <class W>
inline void CarryColumns(W* column) {
  const W mask = W::Broadcast((uint64_t{1} << kOuterLimbBits) - 1);
#pragma GCC unroll 10
  for (int k = 0; k < 9; ++k) {
    column[k + 1] = column[k + 1] + column[k].template Shr<kOuterLimbBits>();
    column[k] = column[k] & mask;
  }
}

// OuterFactors::Sums; factors.lows is a multiple of the number of lanes.
//
// Limbs are below 2^52. The low half of a_i·b_j belongs to column i+j, the high half to i+j+1: a
// column takes at most nine halves below 2^52 a term. Within 256 terms it stays below
// 256·9·2^52 + 2^52 + 2^12 < 2^63.2 (the rest of the last carry, and what comes with it). Column 9
// takes the high half of a_4·b_4 alone, below 2^38 since these limbs are below 2^45, and what is
// carried into it: the whole is below terms·2^506 <= 2^526, which leaves it below 2^58.
template <class W>
inline void SumOuterProducts(const OuterFactors& factors, uint64_t* sums) {
  constexpr size_t kTermsToCarry = 256;
  const size_t lows = factors.lows;
  for (size_t high = 0; high < factors.highs; ++high) {
    for (size_t low = 0; low < lows; low += W::kLanes) {
      W column[10];
#pragma GCC unroll 10
      for (int k = 0; k < 10; ++k) column[k] = W::Broadcast(0);
      for (size_t term = 0; term < factors.terms; ++term) {
        const uint64_t* a_from = factors.low + term * kFactorLimbs * lows + low;
        const uint64_t* b_from = factors.high + (term * factors.highs + high) * kFactorLimbs;
        W a[kFactorLimbs];
#pragma GCC unroll 5
        for (size_t i = 0; i < kFactorLimbs; ++i) a[i] = W::Load(a_from + i * lows);
#pragma GCC unroll 5
        for (size_t j = 0; j < kFactorLimbs; ++j) {
          const W b = W::Broadcast(b_from[j]);
#pragma GCC unroll 5
          for (size_t i = 0; i < kFactorLimbs; ++i) {
            column[i + j] = W::MaddLow52(column[i + j], a[i], b);
            column[i + j + 1] = W::MaddHigh52(column[i + j + 1], a[i], b);
          }
        }
        if ((term + 1) % kTermsToCarry == 0) CarryColumns(column);
      }
      CarryColumns(column);
      uint64_t words[W::kLanes];
      for (size_t k = 0; k < 10; ++k) {
        column[k].Store(words);
        for (size_t lane = 0; lane < W::kLanes; ++lane) {
          sums[(lows * high + low + lane) * kSumLimbs + k] = words[lane];
        }
      }
    }
  }
}

}  // namespace urna::crypto::vartime::lanes
