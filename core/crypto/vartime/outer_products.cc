#include "core/crypto/vartime/outer_products.h"

#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "core/base/check.h"

namespace urna::crypto::vartime {
namespace {

__extension__ typedef unsigned __int128 uint128;

constexpr int kLimbBits = 51;
constexpr uint64_t kLimbMask = (uint64_t{1} << kLimbBits) - 1;

// Five limbs of 51 bits as a scalar: the number is below 2^255.
PublicScalar Join(const uint64_t* r) {
  const std::array<uint64_t, 4> words = {r[0] | r[1] << 51, r[1] >> 13 | r[2] << 38,
                                         r[2] >> 26 | r[3] << 25, r[3] >> 39 | r[4] << 12};
  std::array<uint8_t, 32> bytes;
  for (size_t i = 0; i < 32; ++i) bytes[i] = static_cast<uint8_t>(words[i / 8] >> (8 * (i % 8)));
  return PublicScalar::Reduce(bytes);
}

// 2^255 modulo ℓ.
PublicScalar PowerOfTwo255() {
  const PublicScalar two127 = PublicScalar::FromWeight(
      std::array<uint8_t, 16>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80});
  return two127 * two127 * PublicScalar::FromU64(2);
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

OuterProducts::Limbs OuterProducts::Split(const PublicScalar& scalar) {
  const std::array<uint64_t, 4>& a = scalar.limbs();
  return {a[0] & kLimbMask, (a[0] >> 51 | a[1] << 13) & kLimbMask,
          (a[1] >> 38 | a[2] << 26) & kLimbMask, (a[2] >> 25 | a[3] << 39) & kLimbMask, a[3] >> 12};
}

void OuterProducts::Add(std::span<const PublicScalar> low, std::span<const PublicScalar> high) {
  URNA_CHECK(low.size() == lows_ && high.size() == highs_, "OuterProducts: a term of other sizes");
  URNA_CHECK(terms_ < kMaxTerms, "OuterProducts: too many terms");
  ++terms_;
  for (const PublicScalar& scalar : low) low_.push_back(Split(scalar));
  for (const PublicScalar& scalar : high) high_.push_back(Split(scalar));
}

// Scalars are below 2^253: limbs 0 to 3 below 2^51 and limb 4 below 2^49. Column c of a product is
// the sum of at most five products of limbs, each below 2^102: below 5·2^102 < 2^105. Over 2^20
// terms a column stays below 2^125, within its 128 bits: nothing is carried until the end. Then
// each column takes a carry below 2^(126 − 51) = 2^75, which leaves it below 2^126; the last
// carry, below 2^75, fills one limb more and leaves less than 2^24.
PublicScalar OuterProducts::Entry(size_t low, size_t high) const {
  uint128 columns[9] = {};
  for (size_t term = 0; term < terms_; ++term) {
    const Limbs& a = low_[lows_ * term + low];
    const Limbs& b = high_[highs_ * term + high];
    for (size_t i = 0; i < 5; ++i) {
      for (size_t j = 0; j < 5; ++j) columns[i + j] += static_cast<uint128>(a[i]) * b[j];
    }
  }
  uint64_t limbs[11];
  uint128 carry = 0;
  for (size_t i = 0; i < 9; ++i) {
    carry += columns[i];
    limbs[i] = static_cast<uint64_t>(carry) & kLimbMask;
    carry >>= kLimbBits;
  }
  limbs[9] = static_cast<uint64_t>(carry) & kLimbMask;
  limbs[10] = static_cast<uint64_t>(carry >> kLimbBits);
  static const PublicScalar two255 = PowerOfTwo255();
  return Join(limbs) + two255 * (Join(limbs + 5) + two255 * PublicScalar::FromU64(limbs[10]));
}

std::vector<PublicScalar> OuterProducts::Take() const {
  std::vector<PublicScalar> out;
  out.reserve(lows_ * highs_);
  for (size_t high = 0; high < highs_; ++high) {
    for (size_t low = 0; low < lows_; ++low) out.push_back(Entry(low, high));
  }
  return out;
}

}  // namespace urna::crypto::vartime
