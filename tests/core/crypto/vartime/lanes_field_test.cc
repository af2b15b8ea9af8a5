// The lane fields with emulated vectors: every routine at the edge of what its types allow.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/crypto/vartime/lanes_field25.h"
#include "core/crypto/vartime/lanes_field51.h"
#include "core/crypto/vartime/lanes_point.h"
#include "tests/core/crypto/vartime/big_integer.h"
#include "tests/core/crypto/vartime/emulated_words.h"
#include "tests/core/crypto/vartime/random_source.h"

namespace urna::crypto::vartime::lanes {
namespace {

using W = EmulatedWords<8>;

// Where a field's limbs lie and how full they may be.
template <class F>
struct Shape;
template <>
struct Shape<Field25<W>> {
  static constexpr int kLimbs = 10;
  static constexpr int Position(int limb) { return (51 * limb + 1) / 2; }
  static constexpr uint64_t Bound(int limb) {
    return (uint64_t{1} << (limb % 2 == 0 ? 26 : 25)) + (uint64_t{1} << 15);
  }
};
template <>
struct Shape<Field51<W>> {
  static constexpr int kLimbs = 5;
  static constexpr int Position(int limb) { return 51 * limb; }
  static constexpr uint64_t Bound(int) { return (uint64_t{1} << 51) + (uint64_t{1} << 13); }
};

template <class F, int K>
BigInteger Value(const typename F::template Fe<K>& a, int lane) {
  BigInteger value;
  for (int i = 0; i < Shape<F>::kLimbs; ++i) {
    value = value + BigInteger(a.v[i].v[lane]) * BigInteger::PowerOfTwo(Shape<F>::Position(i));
  }
  return value;
}

template <class F, int K>
bool WithinBound(const typename F::template Fe<K>& a) {
  for (int i = 0; i < Shape<F>::kLimbs; ++i) {
    for (uint64_t limb : a.v[i].v) {
      if (limb >= K * Shape<F>::Bound(i)) return false;
    }
  }
  return true;
}

// One lane with every limb as full as it may be, one with none, one with p's own; the others with
// limbs from the edge of their range, from the edge of a carry, or from anywhere.
template <class F, int K>
typename F::template Fe<K> Sample(RandomSourceForTest& random) {
  typename F::template Fe<K> a;
  for (int i = 0; i < Shape<F>::kLimbs; ++i) {
    const uint64_t top = K * Shape<F>::Bound(i);
    const uint64_t full = (uint64_t{1} << (Shape<F>::Position(i + 1) - Shape<F>::Position(i))) - 1;
    a.v[i].v[0] = top - 1;
    a.v[i].v[1] = 0;
    a.v[i].v[2] = i == 0 ? full - 18 : full;
    for (size_t lane = 3; lane < 8; ++lane) {
      const uint64_t choices[] = {random.Below(20), top - 1 - random.Below(20),
                                  full - 10 + random.Below(20), random.Below(top)};
      a.v[i].v[lane] = choices[random.Below(4)];
    }
  }
  return a;
}

template <class F, int J, int K>
void ExpectBinaryOperationsMatch(RandomSourceForTest& random) {
  const BigInteger p = BigInteger::P();
  for (int round = 0; round < 25; ++round) {
    auto a = Sample<F, J>(random);
    const auto b = Sample<F, K>(random);
    if (round % 2 == 1) {
      // Extremes of one against anything of the other.
      for (auto& limb : a.v) std::rotate(limb.v.begin(), limb.v.begin() + round % 8, limb.v.end());
    }
    const auto sum = Add(a, b);
    const auto difference = Sub(a, b);
    const auto product = Mul(a, b);
    ASSERT_TRUE((WithinBound<F, J + K>(sum)));
    ASSERT_TRUE((WithinBound<F, J + K + 1>(difference)));
    ASSERT_TRUE((WithinBound<F, 1>(product)));
    for (int lane = 0; lane < 8; ++lane) {
      const BigInteger x = Value<F, J>(a, lane);
      const BigInteger y = Value<F, K>(b, lane);
      ASSERT_EQ((Value<F, J + K>(sum, lane)), x + y);
      ASSERT_EQ((Value<F, J + K + 1>(difference, lane)) + y, x + BigInteger(K + 1) * p);
      ASSERT_EQ((Value<F, 1>(product, lane)) % p, x * y % p);
    }
  }
}

template <class F, int K>
void ExpectUnaryOperationsMatch(RandomSourceForTest& random) {
  const BigInteger p = BigInteger::P();
  for (int round = 0; round < 40; ++round) {
    const auto a = Sample<F, K>(random);
    const auto square = Square(a);
    const auto negative = Neg(a);
    const auto carried = Carry(a);
    const Canonical<F> canonical(carried);
    ASSERT_TRUE((WithinBound<F, 1>(square)));
    ASSERT_TRUE((WithinBound<F, K + 1>(negative)));
    ASSERT_TRUE((WithinBound<F, 1>(carried)));
    for (int lane = 0; lane < 8; ++lane) {
      const BigInteger x = Value<F, K>(a, lane);
      ASSERT_EQ((Value<F, 1>(square, lane)) % p, x * x % p);
      ASSERT_EQ((Value<F, K + 1>(negative, lane)) + x, BigInteger(K + 1) * p);
      ASSERT_EQ((Value<F, 1>(carried, lane)) % p, x % p);
      BigInteger reduced;
      for (int i = 0; i < 5; ++i) {
        ASSERT_LT(canonical.v[i].v[lane], uint64_t{1} << 51);
        reduced = reduced + BigInteger(canonical.v[i].v[lane]) * BigInteger::PowerOfTwo(51 * i);
      }
      ASSERT_EQ(reduced, x % p);
      ASSERT_EQ((canonical.Zero() >> lane & 1) != 0, reduced == BigInteger(0));
      ASSERT_EQ((canonical.Negative() >> lane & 1) != 0, reduced.Bit(0));
    }
  }
}

template <class F>
class LaneFieldTest : public ::testing::Test {};
using LaneFields = ::testing::Types<Field25<W>, Field51<W>>;
TYPED_TEST_SUITE(LaneFieldTest, LaneFields);

TYPED_TEST(LaneFieldTest, AddsSubtractsAndMultipliesAtTheEdgeOfEveryBound) {
  RandomSourceForTest random;
  ExpectBinaryOperationsMatch<TypeParam, 1, 1>(random);
  ExpectBinaryOperationsMatch<TypeParam, 1, 3>(random);
  ExpectBinaryOperationsMatch<TypeParam, 4, 1>(random);
  ExpectBinaryOperationsMatch<TypeParam, 3, 4>(random);
  ExpectBinaryOperationsMatch<TypeParam, 4, 3>(random);
  // The most that is multiplied without a carry, and more.
  ExpectBinaryOperationsMatch<TypeParam, 32, 1>(random);
  ExpectBinaryOperationsMatch<TypeParam, 16, 2>(random);
  ExpectBinaryOperationsMatch<TypeParam, 10, 3>(random);
  ExpectBinaryOperationsMatch<TypeParam, 11, 3>(random);
  ExpectBinaryOperationsMatch<TypeParam, 31, 32>(random);
}

TYPED_TEST(LaneFieldTest, SquaresNegatesCarriesAndReducesAtTheEdgeOfEveryBound) {
  RandomSourceForTest random;
  ExpectUnaryOperationsMatch<TypeParam, 1>(random);
  ExpectUnaryOperationsMatch<TypeParam, 3>(random);
  ExpectUnaryOperationsMatch<TypeParam, 4>(random);
  ExpectUnaryOperationsMatch<TypeParam, 32>(random);
  ExpectUnaryOperationsMatch<TypeParam, 63>(random);
}

// p - 1, p, p + 1, 2p - 1, 2p, 2^255 - 1 and all ones, as packed limbs that hold them.
TYPED_TEST(LaneFieldTest, ReducesWhatIsNearAMultipleOfP) {
  using F = TypeParam;
  constexpr uint64_t kFull = (uint64_t{1} << 51) - 1;
  const uint64_t lowest[8] = {kFull - 19, kFull - 18, kFull - 17, kFull, kFull - 1, 0, 1, 18};
  W packed[5];
  packed[0] = W::Load(lowest);
  for (int i = 1; i < 5; ++i) packed[i] = W::Broadcast(kFull);
  const Canonical<F> canonical(F::FromPacked(packed));
  for (int lane = 0; lane < 8; ++lane) {
    const BigInteger value =
        BigInteger(lowest[lane]) + BigInteger::PowerOfTwo(255) - BigInteger::PowerOfTwo(51);
    BigInteger reduced;
    for (int i = 0; i < 5; ++i) {
      reduced = reduced + BigInteger(canonical.v[i].v[lane]) * BigInteger::PowerOfTwo(51 * i);
    }
    EXPECT_EQ(reduced, value % BigInteger::P()) << lane;
  }
}

TYPED_TEST(LaneFieldTest, PacksAndUnpacks) {
  using F = TypeParam;
  RandomSourceForTest random;
  for (int round = 0; round < 20; ++round) {
    // What is packed is a product or carried.
    const auto a = round % 2 == 0 ? Carry(Sample<F, 63>(random)) : Square(Sample<F, 3>(random));
    W packed[5];
    F::ToPacked(a, packed);
    const auto again = F::FromPacked(packed);
    ASSERT_TRUE((WithinBound<F, 1>(again)));
    W twice[5];
    for (int i = 0; i < 5; ++i) {
      twice[i] = W::Broadcast(2 * (i == 0 ? kLimbMask - 18 : kLimbMask)) - packed[i];
      for (uint64_t limb : twice[i].v) ASSERT_LT(limb, uint64_t{1} << 52);
    }
    const auto negative = F::FromPackedTwice(twice);
    ASSERT_TRUE((WithinBound<F, 2>(negative)));
    for (int lane = 0; lane < 8; ++lane) {
      ASSERT_EQ((Value<F, 1>(again, lane)), (Value<F, 1>(a, lane)));
      ASSERT_EQ((Value<F, 2>(negative, lane) + Value<F, 1>(a, lane)),
                BigInteger(2) * BigInteger::P());
    }
  }
}

}  // namespace
}  // namespace urna::crypto::vartime::lanes
