#include "core/crypto/vartime/field51.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/crypto/vartime/constants.h"
#include "tests/core/crypto/vartime/big_integer.h"
#include "tests/core/crypto/vartime/random_source.h"

namespace urna::crypto::vartime {
namespace {

constexpr uint64_t kBound = (uint64_t{1} << 51) + (uint64_t{1} << 13);

template <int K>
BigInteger Value(const Fe<K>& a) {
  BigInteger value;
  for (int i = 0; i < 5; ++i) value = value + BigInteger(a.v[i]) * BigInteger::PowerOfTwo(51 * i);
  return value;
}

template <int K>
BigInteger ModP(const Fe<K>& a) {
  return Value(a) % BigInteger::P();
}

// The promise that field51.h makes about every result.
template <int K>
bool WithinBound(const Fe<K>& a) {
  for (uint64_t limb : a.v) {
    if (limb >= K * kBound) return false;
  }
  return true;
}

template <int K>
Fe<K> AllLimbs(uint64_t limb) {
  return Fe<K>{{limb, limb, limb, limb, limb}};
}

Field FromValue(const BigInteger& value) {
  Field a{};
  for (int i = 0; i < 255; ++i) {
    if (value.Bit(i)) a.v[i / 51] |= uint64_t{1} << (i % 51);
  }
  return a;
}

// 0, 1, p-1, p, 2p-1 and others at the edge, in limbs as full as Fe<K> allows, and random ones
// with limbs from the edge of their range or from anywhere in it.
template <int K>
std::vector<Fe<K>> Samples(RandomSourceForTest& random, int count) {
  std::vector<Fe<K>> samples = {
      AllLimbs<K>(0), Fe<K>{{1, 0, 0, 0, 0}}, AllLimbs<K>(kLimbMask), AllLimbs<K>(K * kBound - 1),
      // p - 1, p, p + 1, 2p - 1 as p + (p - 1) where the limbs allow it
      Fe<K>{{kLimbMask - 19, kLimbMask, kLimbMask, kLimbMask, kLimbMask}},
      Fe<K>{{kLimbMask - 18, kLimbMask, kLimbMask, kLimbMask, kLimbMask}},
      Fe<K>{{kLimbMask - 17, kLimbMask, kLimbMask, kLimbMask, kLimbMask}},
      Fe<K>{{kLimbMask + 1, kLimbMask, kLimbMask, kLimbMask, kLimbMask}},
      Fe<K>{{K * (kLimbMask - 18), K * kLimbMask, K * kLimbMask, K * kLimbMask, K * kLimbMask}},
      Fe<K>{{K * (kLimbMask - 18) - 1, K * kLimbMask, K * kLimbMask, K * kLimbMask, K * kLimbMask}},
      Fe<K>{{0, 0, 0, 0, K * kBound - 1}}, Fe<K>{{K * kBound - 1, 0, 0, 0, 0}}};
  for (int n = 0; n < count; ++n) {
    Fe<K> a;
    for (uint64_t& limb : a.v) {
      switch (random.Below(4)) {
        case 0:
          limb = random.Below(20);
          break;
        case 1:
          limb = K * kBound - 1 - random.Below(20);
          break;
        case 2:
          limb = kLimbMask - 10 + random.Below(20);
          break;
        default:
          limb = random.Below(K * kBound);
      }
    }
    samples.push_back(a);
  }
  return samples;
}

template <int J, int K>
void ExpectBinaryOperationsMatch(RandomSourceForTest& random) {
  const BigInteger p = BigInteger::P();
  const std::vector<Fe<J>> as = Samples<J>(random, 12);
  const std::vector<Fe<K>> bs = Samples<K>(random, 12);
  for (const Fe<J>& a : as) {
    for (const Fe<K>& b : bs) {
      const auto sum = Add(a, b);
      ASSERT_TRUE(WithinBound(sum));
      ASSERT_EQ(Value(sum), Value(a) + Value(b));
      const auto difference = Sub(a, b);
      ASSERT_TRUE(WithinBound(difference));
      ASSERT_EQ(Value(difference) + Value(b), Value(a) + BigInteger(K + 1) * p);
      const Field product = Mul(a, b);
      ASSERT_TRUE(WithinBound(product));
      ASSERT_EQ(ModP(product), Value(a) * Value(b) % p);
    }
  }
}

template <int K>
void ExpectUnaryOperationsMatch(RandomSourceForTest& random) {
  const BigInteger p = BigInteger::P();
  for (const Fe<K>& a : Samples<K>(random, 200)) {
    ASSERT_TRUE(WithinBound(a));
    const Field square = Square(a);
    ASSERT_TRUE(WithinBound(square));
    ASSERT_EQ(ModP(square), Value(a) * Value(a) % p);
    const auto negative = Neg(a);
    ASSERT_TRUE(WithinBound(negative));
    ASSERT_EQ(Value(negative) + Value(a), BigInteger(K + 1) * p);
    const Field carried = Carry(a);
    ASSERT_TRUE(WithinBound(carried));
    ASSERT_EQ(ModP(carried), ModP(a));
  }
}

TEST(Field51Test, AddsSubtractsAndMultipliesAtTheEdgeOfEveryBound) {
  RandomSourceForTest random;
  ExpectBinaryOperationsMatch<1, 1>(random);
  ExpectBinaryOperationsMatch<1, 7>(random);
  ExpectBinaryOperationsMatch<7, 1>(random);
  ExpectBinaryOperationsMatch<3, 4>(random);
  ExpectBinaryOperationsMatch<5, 4>(random);
  ExpectBinaryOperationsMatch<7, 7>(random);
}

TEST(Field51Test, SquaresNegatesAndCarriesAtTheEdgeOfEveryBound) {
  RandomSourceForTest random;
  ExpectUnaryOperationsMatch<1>(random);
  ExpectUnaryOperationsMatch<2>(random);
  ExpectUnaryOperationsMatch<5>(random);
  ExpectUnaryOperationsMatch<7>(random);
}

TEST(Field51Test, CarriesTheFullestLimbsItPromises) {
  const Fe<256> a = AllLimbs<256>(256 * kBound - 1);
  EXPECT_TRUE(WithinBound(Carry(a)));
  EXPECT_EQ(ModP(Carry(a)), ModP(a));
}

TEST(Field51Test, CanonicalFormIsTheRemainder) {
  RandomSourceForTest random;
  for (const Field& a : Samples<1>(random, 300)) {
    const BigInteger value = ModP(a);
    ASSERT_EQ(Value(Canonical(a)), value);
    ASSERT_EQ(FieldToBytes(a), value.Bytes());
    ASSERT_EQ(IsZero(a), value == BigInteger(0));
    ASSERT_EQ(IsNegative(a), value.Bit(0));
    const Field absolute = Absolute(a);
    ASSERT_FALSE(IsNegative(absolute));
    ASSERT_TRUE(Equal(absolute, a) || Equal(absolute, Carry(Neg(a))));
  }
  for (const Field& a : Samples<1>(random, 10)) {
    for (const Field& b : Samples<1>(random, 10)) ASSERT_EQ(Equal(a, b), ModP(a) == ModP(b));
  }
}

TEST(Field51Test, ReadsExactlyTheNumbersBelowP) {
  RandomSourceForTest random;
  Field a{{1, 2, 3, 4, 5}};
  for (int k = 0; k <= 60; ++k) {
    const BigInteger value = BigInteger::P() + BigInteger(30) - BigInteger(k);
    ASSERT_EQ(FieldFromBytes(value.Bytes(), &a), k > 30) << k;
    if (k > 30) {
      ASSERT_EQ(Value(a), value);
    }
  }
  for (const BigInteger& high :
       {BigInteger::PowerOfTwo(255), BigInteger::PowerOfTwo(255) + 1,
        BigInteger::PowerOfTwo(256) - 1, BigInteger::PowerOfTwo(255) + BigInteger::P() - 1}) {
    EXPECT_FALSE(FieldFromBytes(high.Bytes(), &a));
  }
  for (int i = 0; i < 1000; ++i) {
    std::array<uint8_t, 32> bytes = random.Bytes<32>();
    const BigInteger value = BigInteger::FromLittleEndian(bytes);
    ASSERT_EQ(FieldFromBytes(bytes, &a), value < BigInteger::P());
    bytes[31] &= 0x7f;
    bytes[0] &= 0x7f;
    ASSERT_TRUE(FieldFromBytes(bytes, &a));
    ASSERT_EQ(FieldToBytes(a), bytes);
  }
}

TEST(Field51Test, PowersMatchTheReference) {
  RandomSourceForTest random;
  const BigInteger p = BigInteger::P();
  const BigInteger pow22523 = BigInteger::PowerOfTwo(252) - 3;
  std::vector<Field> samples = Samples<1>(random, 4);
  for (size_t i = 0; i + 1 < samples.size(); ++i) {
    const Field power = Pow22523(samples[i]);
    ASSERT_EQ(ModP(power), BigInteger::Power(ModP(samples[i]), pow22523, p));
    Field first;
    Field second;
    Pow22523Pair(samples[i], samples[i + 1], &first, &second);
    ASSERT_EQ(Value(first), Value(power));
    ASSERT_EQ(Value(second), Value(Pow22523(samples[i + 1])));
    const Field inverse = Invert(samples[i]);
    ASSERT_EQ(ModP(Mul(inverse, samples[i])), BigInteger(IsZero(samples[i]) ? 0 : 1));
  }
}

// RFC 9496 §4.2: the four cases, told by Euler's criterion.
TEST(Field51Test, SqrtRatioFollowsItsDefinition) {
  RandomSourceForTest random;
  const BigInteger p = BigInteger::P();
  int squares = 0;
  int others = 0;
  std::vector<Field> samples = Samples<1>(random, 20);
  for (size_t i = 0; i + 1 < samples.size(); ++i) {
    const Field& u = samples[i];
    const Field& v = samples[i + 1];
    const SqrtRatio ratio = SqrtRatioM1(u, v);
    ASSERT_FALSE(IsNegative(ratio.root));
    const Field v_root_root = Mul(v, Square(ratio.root));
    if (IsZero(u)) {
      ASSERT_TRUE(ratio.was_square && IsZero(ratio.root));
    } else if (IsZero(v)) {
      ASSERT_TRUE(!ratio.was_square && IsZero(ratio.root));
    } else {
      // u/v is a square if and only if u·v is; (p-1)/2 = 2^254 - 10.
      const BigInteger euler =
          BigInteger::Power(ModP(Mul(u, v)), BigInteger::PowerOfTwo(254) - 10, p);
      ASSERT_EQ(euler, ratio.was_square ? BigInteger(1) : p - 1);
      ASSERT_TRUE(Equal(v_root_root, ratio.was_square ? u : Mul(u, kSqrtM1)));
      (ratio.was_square ? squares : others) += 1;
    }
    SqrtRatio first;
    SqrtRatio second;
    InverseSqrtPair(u, v, &first, &second);
    ASSERT_EQ(first.was_square, InverseSqrt(u).was_square);
    ASSERT_EQ(Value(first.root), Value(InverseSqrt(u).root));
    ASSERT_EQ(second.was_square, InverseSqrt(v).was_square);
    ASSERT_EQ(Value(second.root), Value(InverseSqrt(v).root));
  }
  EXPECT_GT(squares, 0);
  EXPECT_GT(others, 0);
}

TEST(Field51Test, ConstantsFollowTheirDefinitions) {
  const Field minus_one = Carry(Neg(kFieldOne));
  EXPECT_TRUE(Equal(Mul(kD, FromValue(121666)), Carry(Neg(FromValue(121665)))));
  EXPECT_TRUE(Equal(kTwoD, Carry(Add(kD, kD))));
  EXPECT_TRUE(Equal(Square(kSqrtM1), minus_one));
  EXPECT_FALSE(IsNegative(kSqrtM1));
  // a - d = -1 - d
  EXPECT_TRUE(Equal(Mul(Square(kInvSqrtAMinusD), Sub(minus_one, kD)), kFieldOne));
  EXPECT_FALSE(IsNegative(kInvSqrtAMinusD));
  EXPECT_TRUE(Equal(Mul(kBaseY, FromValue(5)), FromValue(4)));
  EXPECT_FALSE(IsNegative(kBaseX));
  EXPECT_TRUE(Equal(Mul(kBaseX, kBaseY), kBaseXY));
  // -x² + y² = 1 + d·x²·y²
  EXPECT_TRUE(Equal(Carry(Sub(Square(kBaseY), Square(kBaseX))),
                    Carry(Add(kFieldOne, Mul(kD, Square(kBaseXY))))));
  for (const Field& constant :
       {kD, kTwoD, kSqrtM1, kInvSqrtAMinusD, kBaseX, kBaseY, kBaseXY, kFieldZero, kFieldOne}) {
    EXPECT_EQ(Value(Canonical(constant)), Value(constant));
  }
}

}  // namespace
}  // namespace urna::crypto::vartime
