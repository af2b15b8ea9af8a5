#include "core/crypto/vartime/encode_doubled.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/core/crypto/vartime/random_source.h"

namespace urna::crypto::vartime {
namespace {

Point ToPoint(const RistrettoPoint& point) { return *Point::Decode(point.bytes()); }

// The four curve points that stand for the same element as this one.
std::vector<Point> Representatives(const Point& point) {
  const Extended& p = point.coordinates();
  const Field ix = Mul(p.x, kSqrtM1);
  const Field iy = Mul(p.y, kSqrtM1);
  const auto negative = [](const Field& a) { return Carry(Neg(a)); };
  return {point, Point(Extended{negative(p.x), negative(p.y), p.z, p.t}),
          Point(Extended{iy, ix, p.z, negative(p.t)}),
          Point(Extended{negative(iy), negative(ix), p.z, negative(p.t)})};
}

TEST(EncodeDoubledTest, MatchesLibsodium) {
  RandomSourceForTest random;
  for (size_t count : {0u, 1u, 2u, 3u, 500u}) {
    std::vector<Point> points;
    std::vector<Encoding> expected;
    for (size_t i = 0; i < count; ++i) {
      const RistrettoPoint point = random.SodiumPoint();
      points.push_back(ToPoint(point));
      expected.push_back((point + point).bytes());
    }
    EXPECT_EQ(EncodeDoubled(points), expected) << count;
  }
}

TEST(EncodeDoubledTest, SmallMultiplesOfTheBaseMatchLibsodium) {
  std::vector<Point> points;
  std::vector<Encoding> expected;
  Point multiple;
  RistrettoPoint doubled;
  for (int k = 0; k < 64; ++k) {
    points.insert(points.end(), {multiple, -multiple});
    expected.push_back(doubled.bytes());
    expected.push_back(doubled.Negate().bytes());
    multiple = multiple + Point::Base();
    doubled = doubled + RistrettoPoint::Base() + RistrettoPoint::Base();
  }
  EXPECT_EQ(EncodeDoubled(points), expected);
}

TEST(EncodeDoubledTest, DoesNotDependOnTheRepresentative) {
  RandomSourceForTest random;
  for (const RistrettoPoint& of : {random.SodiumPoint(), RistrettoPoint::Base()}) {
    const std::vector<Point> all = Representatives(ToPoint(of));
    EXPECT_EQ(EncodeDoubled(all), std::vector<Encoding>(4, (of + of).bytes()));
  }
}

// Its four curve points among others: no inverse is spoilt.
TEST(EncodeDoubledTest, EncodesTheIdentityAsZeros) {
  RandomSourceForTest random;
  const RistrettoPoint point = random.SodiumPoint();
  std::vector<Point> points = Representatives(Point());
  points.insert(points.begin() + 2, ToPoint(point));
  std::vector<Encoding> expected(5);
  expected[2] = (point + point).bytes();
  EXPECT_EQ(EncodeDoubled(points), expected);
}

TEST(EncodeDoubledTest, HalfOfAScalarTwiceIsTheScalar) {
  RandomSourceForTest random;
  EXPECT_EQ(HalfScalar() + HalfScalar(), PublicScalar::One());
  const Scalar scalar = random.SodiumScalar();
  const PublicScalar half = *PublicScalar::Decode(scalar.bytes()) * HalfScalar();
  EXPECT_EQ((half + half).bytes(), scalar.bytes());
}

}  // namespace
}  // namespace urna::crypto::vartime
