#include "core/crypto/vartime/multi_scalar.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "core/crypto/vartime/multi_scalar_internal.h"
#include "core/crypto/vartime/pippenger.h"
#include "tests/core/crypto/vartime/big_integer.h"
#include "tests/core/crypto/vartime/random_source.h"

namespace urna::crypto::vartime {
namespace {

PublicScalar FromSodium(const Scalar& scalar) { return *PublicScalar::Decode(scalar.bytes()); }
Point FromSodium(const RistrettoPoint& point) { return *Point::Decode(point.bytes()); }

// Terms and, for every prefix of them, the sum that libsodium finds.
struct Case {
  std::vector<PublicScalar> scalars;
  std::vector<Point> points;
  std::vector<RistrettoPoint> sums{RistrettoPoint()};  // sums[n]: of the first n terms

  void Append(const Scalar& scalar, const RistrettoPoint& point) {
    scalars.push_back(FromSodium(scalar));
    points.push_back(FromSodium(point));
    sums.push_back(sums.back() + MulVarTime(scalar, point));
  }
  std::span<const PublicScalar> Scalars(size_t n) const { return std::span(scalars).first(n); }
  std::span<const Point> Points(size_t n) const { return std::span(points).first(n); }
};

// 0, 1, -1, the borders of 128 bits, of the sign and of the windows.
std::vector<Scalar> EdgeScalars() {
  const BigInteger order = BigInteger::Order();
  const BigInteger half = BigInteger::PowerOfTwo(251) +
                          BigInteger(0x0a6f7cef517bce6b) * BigInteger::PowerOfTwo(64) +
                          BigInteger(0x2c09318d2e7ae9f6);  // (ℓ-1)/2
  std::vector<BigInteger> values = {0, 1, 2, 31, 32, 33, half - 1, half, half + 1, half + 2};
  for (int bit : {63, 64, 127, 128, 245, 246, 250, 251, 252}) {
    values.push_back(BigInteger::PowerOfTwo(bit));
    values.push_back(BigInteger::PowerOfTwo(bit) - 1);
  }
  std::vector<Scalar> scalars;
  for (const BigInteger& value : values) {
    scalars.push_back(*Scalar::Decode((value % order).Bytes()));
    scalars.push_back(scalars.back().Negate());
  }
  return scalars;
}

Scalar WeightScalar(RandomSourceForTest& random) {
  std::array<uint8_t, 32> bytes{};
  random.Fill(std::span(bytes).first<16>());
  return *Scalar::Decode(bytes);
}

// Full ones, weights, negatives of weights, zeros, repeated points, the identity.
Case MixedCase(RandomSourceForTest& random, size_t count) {
  Case c;
  RistrettoPoint point;
  for (size_t i = 0; i < count; ++i) {
    if (random.Below(8) != 0) point = random.SodiumPoint();
    if (random.Below(50) == 0) point = RistrettoPoint();
    switch (random.Below(8)) {
      case 0:
        c.Append(Scalar::FromUint64(random.Below(3)), point);
        break;
      case 1:
        c.Append(WeightScalar(random), point);
        break;
      case 2:
        c.Append(WeightScalar(random).Negate(), point);
        break;
      default:
        c.Append(random.SodiumScalar(), point);
    }
  }
  return c;
}

TEST(MultiScalarMulTest, EverySizeTo300MatchesLibsodium) {
  RandomSourceForTest random;
  const Case c = MixedCase(random, 300);
  for (size_t n = 0; n <= 300; ++n) {
    ASSERT_EQ(MultiScalarMul(c.Scalars(n), c.Points(n)).Encode(), c.sums[n].bytes()) << n;
  }
}

TEST(MultiScalarMulTest, BothAlgorithmsMatchLibsodium) {
  RandomSourceForTest random;
  const Case c = MixedCase(random, 300);
  for (size_t n : {0, 1, 2, 3, 7, 16, 50, 130, 256, 300}) {
    ASSERT_EQ(internal::Straus(c.Scalars(n), c.Points(n)).Encode(), c.sums[n].bytes()) << n;
    ASSERT_EQ(internal::Pippenger(c.Scalars(n), c.Points(n)).Encode(), c.sums[n].bytes()) << n;
  }
}

TEST(MultiScalarMulTest, EdgeScalarsMatchLibsodium) {
  RandomSourceForTest random;
  const FixedBaseTable table(FromSodium(random.SodiumPoint()));
  const RistrettoPoint point = *RistrettoPoint::Decode(table.base().Encode());
  Case all;
  for (const Scalar& scalar : EdgeScalars()) {
    Case c;
    c.Append(scalar, point);
    all.Append(scalar, point);
    ASSERT_EQ(internal::Straus(c.scalars, c.points).Encode(), c.sums[1].bytes());
    ASSERT_EQ(internal::Pippenger(c.scalars, c.points).Encode(), c.sums[1].bytes());
    ASSERT_EQ(table.Mul(c.scalars[0]).Encode(), c.sums[1].bytes());
  }
  // One window plan for all of them.
  EXPECT_EQ(internal::Pippenger(all.scalars, all.points).Encode(), all.sums.back().bytes());
  EXPECT_EQ(internal::Straus(all.scalars, all.points).Encode(), all.sums.back().bytes());
}

TEST(MultiScalarMulTest, OnlyShortScalarsMatchLibsodium) {
  RandomSourceForTest random;
  for (size_t bytes : {0, 1, 2, 8, 16}) {
    Case c;
    for (int i = 0; i < 40; ++i) {
      std::array<uint8_t, 32> scalar{};
      random.Fill(std::span(scalar).first(bytes));
      const Scalar positive = *Scalar::Decode(scalar);
      c.Append(random.Below(2) == 0 ? positive : positive.Negate(), random.SodiumPoint());
    }
    ASSERT_EQ(internal::Straus(c.scalars, c.points).Encode(), c.sums.back().bytes()) << bytes;
    ASSERT_EQ(internal::Pippenger(c.scalars, c.points).Encode(), c.sums.back().bytes()) << bytes;
  }
}

// Points with Z != 1, where some of them are one element in different coordinates.
TEST(MultiScalarMulTest, TakesPointsThatWereComputed) {
  RandomSourceForTest random;
  Case c = MixedCase(random, 40);
  for (size_t i = 0; i < c.points.size(); i += 1 + i % 3) {
    const Point other = Point::Base().Doubled();
    c.points[i] = c.points[i] + other - other;
  }
  EXPECT_EQ(internal::Straus(c.scalars, c.points).Encode(), c.sums.back().bytes());
  EXPECT_EQ(internal::Pippenger(c.scalars, c.points).Encode(), c.sums.back().bytes());
}

// Large sums over points with known logarithms: Σ s_i·k_i·G.
TEST(MultiScalarMulTest, LargeSumsMatchTheSumOfLogarithms) {
  RandomSourceForTest random;
  const FixedBaseTable base(Point::Base());
  for (size_t count : {1000, 5000}) {
    std::vector<PublicScalar> scalars;
    std::vector<Point> points;
    PublicScalar expected;
    for (size_t i = 0; i < count; ++i) {
      const PublicScalar logarithm = PublicScalar::Reduce(random.Bytes<64>());
      scalars.push_back(i % 3 == 0 ? PublicScalar::FromWeight(random.Bytes<16>())
                                   : PublicScalar::Reduce(random.Bytes<64>()));
      points.push_back(base.Mul(logarithm));
      expected += logarithm * scalars.back();
    }
    const Scalar sodium = *Scalar::Decode(expected.bytes());
    ASSERT_EQ(MultiScalarMul(scalars, points).Encode(), MulBaseVarTime(sodium).bytes()) << count;
  }
}

TEST(MultiScalarMulDeathTest, RefusesUnequalLengths) {
  const std::vector<PublicScalar> scalars(2);
  const std::vector<Point> points(3);
  EXPECT_DEATH(MultiScalarMul(scalars, points), "as many scalars as points");
}

TEST(ChooseWindowsTest, CoversAllBitsEvenly) {
  for (int longest : {0, 1, 2, 5, 64, 127, 128, 129, 250, 251, 252}) {
    for (size_t count : {1, 10, 200, 4096, 65536, 10000000}) {
      const std::vector<int> widths = internal::ChooseWindows(count * longest, longest, {7, 9});
      EXPECT_EQ(std::reduce(widths.begin(), widths.end()), std::clamp(longest + 1, 2, 252));
      const auto [narrowest, widest] = std::ranges::minmax(widths);
      EXPECT_GE(narrowest, 1);
      EXPECT_LE(widest, 12);
      EXPECT_LE(widest - narrowest, 1);
    }
  }
}

TEST(FixedBaseTableTest, MatchesLibsodium) {
  RandomSourceForTest random;
  const FixedBaseTable g(Point::Base());
  const RistrettoPoint other = random.SodiumPoint();
  const FixedBaseTable table(FromSodium(other));
  EXPECT_TRUE(table.base() == FromSodium(other));
  for (int i = 0; i < 100; ++i) {
    const Scalar scalar = i % 4 == 0 ? WeightScalar(random) : random.SodiumScalar();
    ASSERT_EQ(g.Mul(FromSodium(scalar)).Encode(), MulBaseVarTime(scalar).bytes());
    ASSERT_EQ(table.Mul(FromSodium(scalar)).Encode(), MulVarTime(scalar, other).bytes());
  }
  EXPECT_TRUE(FixedBaseTable(Point()).Mul(FromSodium(random.SodiumScalar())).IsIdentity());
}

}  // namespace
}  // namespace urna::crypto::vartime
