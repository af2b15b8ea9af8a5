// The scalars that the points of a ring are multiplied by: products of one factor for each digit of
// a point's place (docs/protocol.md §3.8, equation 2), for one proof and for many.
//
// NOT constant-time: what is published in proofs, and weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/crypto/vartime/outer_factors.h"
#include "core/crypto/vartime/scalar_vartime.h"

namespace urna::crypto::vartime {

// factors[radix·j + i] is the factor of digit j where it is i. Returns Π_j factors[radix·j + k_j]
// at k = Σ_j k_j·radix^j, for every k; 1 alone for no digits. factors.size() is a multiple of
// `radix` (checked, aborts).
std::vector<PublicScalar> DigitProducts(std::span<const PublicScalar> factors, size_t radix);

// Sums of many such products: those of the lower digits times those of the higher ones are an outer
// product for each proof, and the sum over proofs is a product of matrices, whose entries are
// reduced modulo ℓ once in the end.
//
//   OuterProducts sum(lows, highs);
//   for (…) sum.Add(low, high);              // high with the proof's weight in it
//   sum.Take()[lows·h + l]                   // Σ low[l]·high[h]
//
// Each entry takes 25 products of 64 bits a term, or 50 of 52 bits in a lane. Memory
// 40·(lows + highs) bytes a term. One thread at a time.
class OuterProducts {
 public:
  // At most so many terms may be added (checked, aborts).
  static constexpr size_t kMaxTerms = kMaxOuterTerms;

  OuterProducts(size_t lows, size_t highs) : lows_(lows), highs_(highs) {}

  // As many scalars as announced (checked, aborts).
  void Add(std::span<const PublicScalar> low, std::span<const PublicScalar> high);

  std::vector<PublicScalar> Take() const;

 private:
  size_t lows_, highs_;
  size_t terms_ = 0;
  std::vector<uint64_t> low_, high_;  // OuterFactors
};

}  // namespace urna::crypto::vartime
