#include "core/crypto/vartime/scalar_vartime.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/core/crypto/vartime/big_integer.h"
#include "tests/core/crypto/vartime/random_source.h"

namespace urna::crypto::vartime {
namespace {

BigInteger Value(const PublicScalar& a) { return BigInteger::FromLittleEndian(a.bytes()); }

Scalar ToSodium(const PublicScalar& a) { return *Scalar::Decode(a.bytes()); }

// Numbers around every border, below ℓ.
std::vector<PublicScalar> Samples(RandomSourceForTest& random, int count) {
  std::vector<PublicScalar> samples;
  const BigInteger order = BigInteger::Order();
  const BigInteger half = BigInteger::PowerOfTwo(251);
  for (uint64_t k : {0, 1, 2, 3, 19}) {
    samples.push_back(PublicScalar::FromU64(k));
    samples.push_back(*PublicScalar::Decode((order - BigInteger(k + 1)).Bytes()));
    for (int bit : {63, 64, 124, 127, 128, 192, 251, 252}) {
      samples.push_back(*PublicScalar::Decode((BigInteger::PowerOfTwo(bit) + k).Bytes()));
      samples.push_back(*PublicScalar::Decode((BigInteger::PowerOfTwo(bit) - (k + 1)).Bytes()));
    }
    samples.push_back(*PublicScalar::Decode((half + BigInteger(k)).Bytes()));
  }
  for (int i = 0; i < count; ++i) samples.push_back(PublicScalar::Reduce(random.Bytes<64>()));
  return samples;
}

TEST(PublicScalarTest, DecodesExactlyTheNumbersBelowTheOrder) {
  RandomSourceForTest random;
  for (int k = 0; k <= 40; ++k) {
    const BigInteger value = BigInteger::Order() + BigInteger(20) - BigInteger(k);
    EXPECT_EQ(PublicScalar::Decode(value.Bytes()).ok(), k > 20) << k;
  }
  EXPECT_FALSE(PublicScalar::Decode((BigInteger::PowerOfTwo(256) - 1).Bytes()).ok());
  for (int i = 0; i < 1000; ++i) {
    std::array<uint8_t, 32> bytes = random.Bytes<32>();
    bytes[31] &= 0x1f;
    const auto scalar = PublicScalar::Decode(bytes);
    ASSERT_EQ(scalar.ok(), Scalar::Decode(bytes).ok());
    if (scalar.ok()) {
      ASSERT_EQ(scalar->bytes(), bytes);
    }
  }
}

TEST(PublicScalarTest, AddsSubtractsAndMultipliesAsLibsodiumDoes) {
  RandomSourceForTest random;
  const std::vector<PublicScalar> samples = Samples(random, 40);
  for (const PublicScalar& a : samples) {
    const Scalar sodium_a = ToSodium(a);
    ASSERT_EQ((-a).bytes(), sodium_a.Negate().bytes());
    for (const PublicScalar& b : samples) {
      const Scalar sodium_b = ToSodium(b);
      ASSERT_EQ((a + b).bytes(), (sodium_a + sodium_b).bytes());
      ASSERT_EQ((a - b).bytes(), (sodium_a - sodium_b).bytes());
      ASSERT_EQ((a * b).bytes(), (sodium_a * sodium_b).bytes());
    }
  }
}

TEST(PublicScalarTest, ReducesWideNumbersAsLibsodiumAndTheReferenceDo) {
  RandomSourceForTest random;
  std::vector<std::array<uint8_t, 64>> wides(3);
  wides[1].fill(0xff);
  wides[2][63] = 0x80;
  // Multiples of ℓ and their neighbours.
  for (int i = 0; i < 40; ++i) {
    const BigInteger factor = BigInteger::FromLittleEndian(random.Bytes<32>());
    const BigInteger product = factor * BigInteger::Order();
    for (const BigInteger& value : {product, product + 1, product - 1}) {
      std::array<uint8_t, 64> wide;
      const BigInteger low = value % BigInteger::PowerOfTwo(256);
      std::ranges::copy(low.Bytes(), wide.begin());
      for (int byte = 32; byte < 64; ++byte) {
        wide[byte] = 0;
        for (int bit = 0; bit < 8; ++bit) wide[byte] |= value.Bit(8 * byte + bit) ? 1 << bit : 0;
      }
      ASSERT_EQ(BigInteger::FromLittleEndian(wide), value);
      wides.push_back(wide);
    }
  }
  for (int i = 0; i < 300; ++i) wides.push_back(random.Bytes<64>());
  for (const auto& wide : wides) {
    const PublicScalar reduced = PublicScalar::Reduce(std::span<const uint8_t, 64>(wide));
    ASSERT_EQ(reduced.bytes(), Scalar::FromUniform(wide).bytes());
    ASSERT_EQ(Value(reduced), BigInteger::FromLittleEndian(wide) % BigInteger::Order());
    const auto narrow = std::span<const uint8_t, 64>(wide).first<32>();
    ASSERT_EQ(Value(PublicScalar::Reduce(narrow)),
              BigInteger::FromLittleEndian(narrow) % BigInteger::Order());
  }
}

TEST(PublicScalarTest, WeightsKeepTheirValue) {
  RandomSourceForTest random;
  for (int i = 0; i < 100; ++i) {
    const std::array<uint8_t, 16> weight = random.Bytes<16>();
    ASSERT_EQ(Value(PublicScalar::FromWeight(weight)), BigInteger::FromLittleEndian(weight));
  }
  EXPECT_TRUE(PublicScalar().IsZero());
  EXPECT_FALSE(PublicScalar::One().IsZero());
  EXPECT_EQ(Value(PublicScalar::FromU64(~uint64_t{0})), BigInteger(~uint64_t{0}));
}

TEST(ScalarSumTest, IsTheSumOfTheProductsReducedOnce) {
  RandomSourceForTest random;
  std::vector<PublicScalar> weights;
  for (uint8_t byte : {0x00, 0x01, 0xff}) {
    std::array<uint8_t, 16> bytes;
    bytes.fill(byte);
    weights.push_back(PublicScalar::FromWeight(bytes));
  }
  for (int i = 0; i < 5; ++i) weights.push_back(PublicScalar::FromWeight(random.Bytes<16>()));
  ScalarSum sum, others;
  PublicScalar expected;
  EXPECT_EQ(sum.Reduced(), expected);
  for (const PublicScalar& scalar : Samples(random, 100)) {
    for (const PublicScalar& weight : weights) {
      (weight == weights[2] ? others : sum).AddProduct(weight, scalar);
      expected += weight * scalar;
    }
    ScalarSum both = sum;
    both.Add(others);
    ASSERT_EQ(both.Reduced(), expected);
  }
}

// 2^67 times the largest product is below 2^448, and doubling a sum is adding it to itself.
TEST(ScalarSumTest, HoldsAsManyOfTheLargestProductsAsItSays) {
  std::array<uint8_t, 16> ones;
  ones.fill(0xff);
  const PublicScalar weight = PublicScalar::FromWeight(ones);
  ScalarSum sum;
  sum.AddProduct(weight, -PublicScalar::One());
  PublicScalar expected = -weight;
  for (int doubling = 0; doubling < 66; ++doubling) {
    sum.Add(ScalarSum(sum));
    expected += expected;
    ASSERT_EQ(sum.Reduced(), expected) << doubling;
  }
}

TEST(SignedMagnitudeTest, IsTheNearestWayFromZero) {
  RandomSourceForTest random;
  const BigInteger order = BigInteger::Order();
  for (const PublicScalar& a : Samples(random, 200)) {
    const SignedMagnitude s(a);
    BigInteger magnitude;
    for (int i = 0; i < 4; ++i) {
      magnitude = magnitude + BigInteger(s.magnitude[i]) * BigInteger::PowerOfTwo(64 * i);
    }
    ASSERT_TRUE(magnitude + magnitude < order);
    ASSERT_EQ(s.negative ? order - magnitude : magnitude, Value(a));
    const int bits = s.BitLength();
    ASSERT_TRUE(magnitude < BigInteger::PowerOfTwo(bits));
    ASSERT_TRUE(bits == 0 || magnitude >= BigInteger::PowerOfTwo(bits - 1));
    ASSERT_LE(bits, 252);
  }
}

}  // namespace
}  // namespace urna::crypto::vartime
