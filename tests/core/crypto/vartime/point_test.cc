#include "core/crypto/vartime/point.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "tests/core/crypto/vartime/bad_encodings.h"
#include "tests/core/crypto/vartime/big_integer.h"
#include "tests/core/crypto/vartime/random_source.h"

namespace urna::crypto::vartime {
namespace {

Encoding FromHexOrDie(const std::string& hex) { return *ToArray<32>(*FromHex(hex)); }

// RFC 9496 appendix A.1: the base point and twice it.
const char* const kBaseEncoding =
    "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76";
const char* const kTwiceBaseEncoding =
    "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919";

Point ToPoint(const RistrettoPoint& point) { return *Point::Decode(point.bytes()); }

TEST(PointTest, RejectsTheBadEncodingsOfRfc9496) {
  std::vector<Encoding> encodings;
  for (const char* hex : kBadEncodings) {
    const Encoding encoding = FromHexOrDie(hex);
    EXPECT_FALSE(Point::Decode(encoding).ok()) << hex;
    EXPECT_FALSE(RistrettoPoint::Decode(encoding).ok()) << hex;
    encodings.push_back(encoding);
  }
  EXPECT_EQ(DecodeBatch(encodings).failed.size(), encodings.size());
}

// libsodium 1.0.18 by itself takes the second half of these.
TEST(PointTest, RejectsBit255InEveryElementsEncoding) {
  RandomSourceForTest random;
  for (const RistrettoPoint& point :
       {RistrettoPoint(), RistrettoPoint::Base(), random.SodiumPoint()}) {
    Encoding encoding = point.bytes();
    EXPECT_TRUE(Point::Decode(encoding).ok());
    EXPECT_TRUE(RistrettoPoint::Decode(encoding).ok());
    encoding[31] |= 0x80;
    EXPECT_FALSE(Point::Decode(encoding).ok());
    EXPECT_FALSE(RistrettoPoint::Decode(encoding).ok());
    EXPECT_EQ(DecodeBatch(std::vector<Encoding>{encoding}).failed.size(), 1u);
  }
}

TEST(PointTest, SmallMultiplesOfTheBaseMatchLibsodium) {
  EXPECT_EQ(Point::Base().Encode(), FromHexOrDie(kBaseEncoding));
  EXPECT_EQ(Point::Base().Doubled().Encode(), FromHexOrDie(kTwiceBaseEncoding));
  Point multiple;
  RistrettoPoint expected;
  for (int k = 0; k < 64; ++k) {
    ASSERT_EQ(multiple.Encode(), expected.bytes()) << k;
    ASSERT_EQ(multiple.IsIdentity(), k == 0);
    const auto decoded = Point::Decode(multiple.Encode());
    ASSERT_TRUE(decoded.ok());
    ASSERT_TRUE(*decoded == multiple);
    ASSERT_EQ(multiple.Doubled().Encode(), (expected + expected).bytes());
    multiple = multiple + Point::Base();
    expected = expected + RistrettoPoint::Base();
  }
}

// ±1, p-1 … p+k, and the other small numbers.
TEST(PointTest, DecodesAroundZeroAndPAsLibsodiumDoes) {
  int accepted = 0;
  for (int k = 0; k <= 600; ++k) {
    for (const BigInteger& s : {BigInteger(k), BigInteger::P() + BigInteger(40) - BigInteger(k),
                                BigInteger::PowerOfTwo(255) + BigInteger(k)}) {
      const auto point = Point::Decode(s.Bytes());
      ASSERT_EQ(point.ok(), RistrettoPoint::Decode(s.Bytes()).ok()) << k;
      if (!point.ok()) continue;
      ++accepted;
      ASSERT_EQ(point->Encode(), s.Bytes());
    }
  }
  EXPECT_GT(accepted, 50);
}

TEST(PointTest, DecodesRandomStringsAsLibsodiumDoes) {
  RandomSourceForTest random;
  std::vector<Encoding> encodings;
  std::vector<size_t> expected_failures;
  for (size_t i = 0; i < 3001; ++i) {
    Encoding encoding = random.Bytes<32>();
    // Most are even and below 2^255, so that they reach the curve equation.
    if (i % 8 != 0) encoding[0] &= 0xfe;
    if (i % 8 != 1) encoding[31] &= 0x7f;
    encodings.push_back(encoding);
    const bool good = RistrettoPoint::Decode(encoding).ok();
    if (!good) expected_failures.push_back(i);
    const auto point = Point::Decode(encoding);
    ASSERT_EQ(point.ok(), good) << ToHex(encoding);
    if (good) {
      ASSERT_EQ(point->Encode(), encoding);
    }
  }
  const DecodedBatch batch = DecodeBatch(encodings);
  ASSERT_EQ(batch.failed, expected_failures);
  ASSERT_EQ(batch.points.size(), encodings.size());
  size_t failure = 0;
  for (size_t i = 0; i < encodings.size(); ++i) {
    if (failure < batch.failed.size() && batch.failed[failure] == i) {
      ++failure;
      ASSERT_TRUE(batch.points[i].IsIdentity());
    } else {
      ASSERT_EQ(batch.points[i].Encode(), encodings[i]);
    }
  }
  EXPECT_GT(expected_failures.size(), 1000u);
  EXPECT_LT(expected_failures.size(), 2900u);
}

TEST(PointTest, DecodesBatchesOfEverySmallSize) {
  const Encoding good = Point::Base().Encode();
  const Encoding bad = FromHexOrDie(kBadEncodings[20]);
  for (size_t size = 0; size < 6; ++size) {
    for (size_t mask = 0; mask < size_t{1} << size; ++mask) {
      std::vector<Encoding> encodings;
      std::vector<size_t> failures;
      for (size_t i = 0; i < size; ++i) {
        const bool is_bad = (mask >> i & 1) != 0;
        encodings.push_back(is_bad ? bad : good);
        if (is_bad) failures.push_back(i);
      }
      const DecodedBatch batch = DecodeBatch(encodings);
      ASSERT_EQ(batch.points.size(), size);
      ASSERT_EQ(batch.failed, failures);
    }
  }
}

TEST(PointTest, AddsAndSubtractsAsLibsodiumDoes) {
  RandomSourceForTest random;
  std::vector<RistrettoPoint> points = {RistrettoPoint(), RistrettoPoint::Base()};
  for (int i = 0; i < 10; ++i) points.push_back(random.SodiumPoint());
  points.push_back(points[2].Negate());
  for (const RistrettoPoint& a : points) {
    ASSERT_EQ((-ToPoint(a)).Encode(), a.Negate().bytes());
    ASSERT_EQ(ToPoint(a).Doubled().Encode(), (a + a).bytes());
    for (const RistrettoPoint& b : points) {
      ASSERT_EQ((ToPoint(a) + ToPoint(b)).Encode(), (a + b).bytes());
      ASSERT_EQ((ToPoint(a) - ToPoint(b)).Encode(), (a - b).bytes());
      ASSERT_EQ(ToPoint(a) == ToPoint(b), a == b);
    }
  }
}

// An element stands for four curve points that differ by the points of order four.
TEST(PointTest, EqualityAndEncodingIgnoreTheTorsion) {
  RandomSourceForTest random;
  // (0, -1) and (±i, 0), all of order 2 or 4.
  const Field minus_one = Carry(Neg(kFieldOne));
  const Field minus_i = Carry(Neg(kSqrtM1));
  const Extended torsion[] = {{kFieldZero, minus_one, kFieldOne, kFieldZero},
                              {kSqrtM1, kFieldZero, kFieldOne, kFieldZero},
                              {minus_i, kFieldZero, kFieldOne, kFieldZero}};
  for (const Extended& t : torsion) {
    EXPECT_TRUE(Point(t).IsIdentity());
    EXPECT_TRUE(Point(t) == Point());
    EXPECT_EQ(Point(t).Encode(), Encoding{});
    for (int i = 0; i < 5; ++i) {
      const RistrettoPoint sodium = random.SodiumPoint();
      const Point point = ToPoint(sodium);
      const Point moved(AddExtended(point.coordinates(), t));
      ASSERT_FALSE(Equal(Mul(point.coordinates().x, moved.coordinates().z),
                         Mul(moved.coordinates().x, point.coordinates().z)));
      ASSERT_TRUE(moved == point);
      ASSERT_FALSE(moved.IsIdentity());
      ASSERT_FALSE(moved == point.Doubled());
      ASSERT_EQ(moved.Encode(), sodium.bytes());
      ASSERT_TRUE((moved - point).IsIdentity());
    }
  }
}

TEST(PointTest, PreparedPointsAreThePointsThemselves) {
  RandomSourceForTest random;
  for (int i = 0; i < 20; ++i) {
    const Point a = ToPoint(random.SodiumPoint());
    const Point b = ToPoint(random.SodiumPoint());
    const Extended& c = b.coordinates();  // affine, as decoded
    const AffineNiels niels = ToAffineNiels(c.x, c.y, c.t);
    ASSERT_EQ(Point(FromNiels(niels, false)).Encode(), b.Encode());
    ASSERT_EQ(Point(FromNiels(niels, true)).Encode(), (-b).Encode());
    ASSERT_EQ(Point(FromNiels(Negate(niels), false)).Encode(), (-b).Encode());
    const Extended doubled = a.Doubled().coordinates();  // Z is not 1
    ASSERT_EQ(Point(ToExtended(AddNiels(doubled, niels))).Encode(), (a + a + b).Encode());
    ASSERT_EQ(Point(ToExtended(AddNiels<true>(doubled, niels))).Encode(), (a + a - b).Encode());
    // T is right, too: the next addition uses it.
    ASSERT_EQ((Point(FromNiels(niels, true)) + a).Encode(), (a - b).Encode());
    ASSERT_EQ((Point(ToExtended(AddNiels<true>(doubled, niels))) + a).Encode(),
              (a + a - b + a).Encode());
  }
}

}  // namespace
}  // namespace urna::crypto::vartime
