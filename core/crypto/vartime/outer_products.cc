#include "core/crypto/vartime/outer_products.h"

#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "core/base/check.h"
#include "core/crypto/vartime/engine.h"

namespace urna::crypto::vartime {
namespace {

__extension__ typedef unsigned __int128 uint128;

constexpr uint64_t kMask = (uint64_t{1} << kOuterLimbBits) - 1;

// A scalar is below 2^253: limb 4 below 2^45.
std::array<uint64_t, kFactorLimbs> Split(const PublicScalar& scalar) {
  const std::array<uint64_t, 4>& a = scalar.limbs();
  return {a[0] & kMask, (a[0] >> 52 | a[1] << 12) & kMask, (a[1] >> 40 | a[2] << 24) & kMask,
          (a[2] >> 28 | a[3] << 36) & kMask, a[3] >> 16};
}

// 2^468 modulo ℓ: nine limbs.
PublicScalar NineLimbs() {
  std::array<uint8_t, 64> bytes{};
  bytes[58] = 1 << 4;
  return PublicScalar::Reduce(bytes);
}

// A sum of few terms is below 2^512; of a greater one the last limb is reduced by itself.
PublicScalar Reduce(const uint64_t* limbs) {
  const bool fits = limbs[9] >> 44 == 0;
  std::array<uint8_t, 64> bytes{};
  uint128 bits = 0;
  int count = 0;  // of bits that wait for their byte
  size_t at = 0;
  for (size_t i = 0; i < (fits ? 10 : 9); ++i) {
    bits |= static_cast<uint128>(limbs[i]) << count;
    for (count += kOuterLimbBits; count >= 8 && at < 64; count -= 8, bits >>= 8) {
      bytes[at++] = static_cast<uint8_t>(bits);
    }
  }
  if (fits) return PublicScalar::Reduce(bytes);
  bytes[at] = static_cast<uint8_t>(bits);  // the last four of 468
  static const PublicScalar nine = NineLimbs();
  return PublicScalar::Reduce(bytes) + nine * PublicScalar::FromU64(limbs[9]);
}

}  // namespace

std::vector<PublicScalar> DigitProducts(std::span<const PublicScalar> factors, size_t radix) {
  URNA_CHECK(radix > 0 && factors.size() % radix == 0, "DigitProducts: whole digits");
  std::vector<PublicScalar> products = {PublicScalar::One()};
  for (size_t first = 0; first < factors.size(); first += radix) {
    std::vector<PublicScalar> longer;
    longer.reserve(radix * products.size());
    for (size_t i = 0; i < radix; ++i) {
      for (const PublicScalar& product : products) longer.push_back(product * factors[first + i]);
    }
    products = std::move(longer);
  }
  return products;
}

// Limbs 0 to 3 are below 2^52, limb 4 below 2^45. Column c of a product is the sum of at most five
// products of limbs, below 5·2^104. Over 2^20 terms a column stays below 2^126.4, within its 128
// bits: nothing is carried until the end. Then each column takes a carry below 2^(127 − 52) = 2^75;
// the last one fills limb 9: the whole is below 2^20·2^506, which leaves it below 2^58.
void PortableEngine::SumOuterProducts(const OuterFactors& factors, std::span<uint64_t> sums) const {
  const auto& [lows, highs, terms, lows_from, highs_from] = factors;
  for (size_t high = 0; high < highs; ++high) {
    for (size_t low = 0; low < lows; ++low) {
      uint128 columns[9] = {};
      for (size_t term = 0; term < terms; ++term) {
        const uint64_t* a = lows_from + term * kFactorLimbs * lows + low;
        const uint64_t* b = highs_from + (term * highs + high) * kFactorLimbs;
        for (size_t i = 0; i < kFactorLimbs; ++i) {
          for (size_t j = 0; j < kFactorLimbs; ++j) {
            columns[i + j] += static_cast<uint128>(a[i * lows]) * b[j];
          }
        }
      }
      uint64_t* limbs = &sums[(lows * high + low) * kSumLimbs];
      uint128 carry = 0;
      for (size_t i = 0; i < 9; ++i) {
        carry += columns[i];
        limbs[i] = static_cast<uint64_t>(carry) & kMask;
        carry >>= kOuterLimbBits;
      }
      limbs[9] = static_cast<uint64_t>(carry);
    }
  }
}

void OuterProducts::Add(std::span<const PublicScalar> low, std::span<const PublicScalar> high) {
  URNA_CHECK(low.size() == lows_ && high.size() == highs_, "OuterProducts: a term of other sizes");
  URNA_CHECK(terms_ < kMaxTerms, "OuterProducts: too many terms");
  const size_t first = low_.size();
  low_.resize(first + kFactorLimbs * lows_);
  for (size_t l = 0; l < lows_; ++l) {
    const auto limbs = Split(low[l]);
    for (size_t i = 0; i < kFactorLimbs; ++i) low_[first + i * lows_ + l] = limbs[i];
  }
  for (const PublicScalar& scalar : high) {
    const auto limbs = Split(scalar);
    high_.insert(high_.end(), limbs.begin(), limbs.end());
  }
  ++terms_;
}

std::vector<PublicScalar> OuterProducts::Take() const {
  std::vector<uint64_t> sums(lows_ * highs_ * kSumLimbs);
  CurrentEngine().SumOuterProducts({lows_, highs_, terms_, low_.data(), high_.data()}, sums);
  std::vector<PublicScalar> out;
  out.reserve(lows_ * highs_);
  for (size_t at = 0; at < sums.size(); at += kSumLimbs) out.push_back(Reduce(&sums[at]));
  return out;
}

}  // namespace urna::crypto::vartime
