#include "core/crypto/vartime/outer_products.h"

#include <gtest/gtest.h>

#include "tests/core/crypto/vartime/random_source.h"

namespace urna::crypto::vartime {
namespace {

class OuterProductsTest : public ::testing::Test {
 protected:
  PublicScalar Random() { return PublicScalar::Reduce(random_.Bytes<64>()); }
  std::vector<PublicScalar> Randoms(size_t count) {
    std::vector<PublicScalar> out;
    while (out.size() < count) out.push_back(Random());
    return out;
  }

  RandomSourceForTest random_;
  const PublicScalar largest_ = -PublicScalar::One();  // ℓ − 1
};

TEST_F(OuterProductsTest, ProductsOfDigitsStandWhereTheDigitsSay) {
  for (size_t digits : {0, 1, 3, 5}) {
    const std::vector<PublicScalar> f = Randoms(4 * digits);
    const std::vector<PublicScalar> products = DigitProducts(f, 4);
    ASSERT_EQ(products.size(), size_t{1} << (2 * digits));
    for (size_t k = 0; k < products.size(); ++k) {
      PublicScalar expected = PublicScalar::One();
      for (size_t j = 0; j < digits; ++j) expected = expected * f[4 * j + (k >> (2 * j)) % 4];
      EXPECT_EQ(products[k], expected) << k;
    }
  }
}

TEST_F(OuterProductsTest, SumsAreThoseOfTheNaiveWay) {
  for (const auto& [lows, highs, terms] :
       {std::array<size_t, 3>{16, 4, 0}, {16, 4, 1}, {1, 1, 300}, {64, 16, 33}, {3, 7, 100}}) {
    OuterProducts sum(lows, highs);
    std::vector<PublicScalar> expected(lows * highs);
    for (size_t term = 0; term < terms; ++term) {
      const std::vector<PublicScalar> low = Randoms(lows), high = Randoms(highs);
      sum.Add(low, high);
      for (size_t h = 0; h < highs; ++h) {
        for (size_t l = 0; l < lows; ++l) expected[lows * h + l] += low[l] * high[h];
      }
    }
    EXPECT_EQ(sum.Take(), expected) << lows << " by " << highs << ", " << terms << " terms";
  }
}

TEST_F(OuterProductsTest, HoldsTheLargestScalarsAsOftenAsItMay) {
  OuterProducts sum(1, 1);
  const std::vector<PublicScalar> one = {largest_};
  for (size_t term = 0; term < OuterProducts::kMaxTerms; ++term) sum.Add(one, one);
  EXPECT_EQ(sum.Take()[0], PublicScalar::FromU64(OuterProducts::kMaxTerms));  // (−1)·(−1) each
  EXPECT_DEATH(sum.Add(one, one), "too many terms");
}

TEST_F(OuterProductsTest, EveryLimbCounts) {
  PublicScalar power = PublicScalar::One();
  for (int bit = 0; bit < 253; ++bit, power = power + power) {
    OuterProducts sum(1, 1);
    const std::vector<PublicScalar> low = {power}, high = {largest_};
    sum.Add(low, high);
    EXPECT_EQ(sum.Take()[0], -power) << bit;
  }
}

TEST_F(OuterProductsTest, AbortsOnOtherSizes) {
  OuterProducts sum(2, 1);
  const std::vector<PublicScalar> one = Randoms(1), two = Randoms(2);
  EXPECT_DEATH(sum.Add(one, one), "other sizes");
  EXPECT_DEATH(sum.Add(two, two), "other sizes");
  EXPECT_DEATH(DigitProducts(one, 4), "whole digits");
}

}  // namespace
}  // namespace urna::crypto::vartime
