#include "core/crypto/point.h"

#include <gtest/gtest.h>

#include "core/crypto/rng.h"
#include "tests/core/crypto/test_util.h"

namespace urna::crypto {
namespace {

TEST(RistrettoPointTest, SmallMultiplesOfRfc9496) {
  RistrettoPoint sum;
  uint64_t k = 0;
  const auto vectors = LoadVectors("rfc9496.json");
  for (const auto& text : vectors["small_multiples"]) {
    const absl::StatusOr<RistrettoPoint> decoded = RistrettoPoint::Decode(Unhex(text));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, sum);
    EXPECT_EQ(*decoded, MulBaseVarTime(Scalar::FromUint64(k)));
    EXPECT_EQ(*decoded, MulBase(SecretScalar::FromUint64(k)));
    EXPECT_EQ(*decoded, MulVarTime(Scalar::FromUint64(k), RistrettoPoint::Base()));
    EXPECT_EQ(*decoded, Mul(SecretScalar::FromUint64(k), RistrettoPoint::Base()));
    sum = sum + RistrettoPoint::Base();
    ++k;
  }
  EXPECT_EQ(k, 16u);
}

TEST(RistrettoPointTest, RefusesBadEncodingsOfRfc9496) {
  size_t count = 0;
  const auto vectors = LoadVectors("rfc9496.json");
  for (const auto& bad : vectors["bad_encodings"]) {
    EXPECT_FALSE(RistrettoPoint::Decode(Unhex(bad["encoding"])).ok()) << bad;
    ++count;
  }
  EXPECT_EQ(count, 29u);
}

TEST(RistrettoPointTest, OneWayMapOfRfc9496) {
  size_t count = 0;
  const auto vectors = LoadVectors("rfc9496.json");
  for (const auto& vector : vectors["from_uniform"]) {
    const auto input = UnhexArray<64>(vector["input"]);
    EXPECT_EQ(ToHex(RistrettoPoint::FromUniform(input).bytes()),
              vector["point"].get<std::string>());
    ++count;
  }
  EXPECT_EQ(count, 11u);
}

TEST(RistrettoPointTest, RefusesOtherLengths) {
  EXPECT_FALSE(RistrettoPoint::Decode(Bytes(31, 0)).ok());
  EXPECT_FALSE(RistrettoPoint::Decode(Bytes(33, 0)).ok());
  EXPECT_FALSE(RistrettoPoint::Decode({}).ok());
}

TEST(RistrettoPointTest, IdentityIsAnOrdinaryValueUnlessRefused) {
  const RistrettoPoint identity;
  EXPECT_EQ(ToHex(identity.bytes()), std::string(64, '0'));
  EXPECT_TRUE(RistrettoPoint::Decode(identity.bytes()).ok());
  EXPECT_EQ(RistrettoPoint::DecodeNonIdentity(identity.bytes()).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(RistrettoPoint::DecodeNonIdentity(RistrettoPoint::Base().bytes()).ok());
  EXPECT_EQ(identity + RistrettoPoint::Base(), RistrettoPoint::Base());
  EXPECT_EQ(RistrettoPoint::Base() - RistrettoPoint::Base(), identity);
  EXPECT_EQ(identity + identity, identity);
  EXPECT_EQ(RistrettoPoint::Base() + RistrettoPoint::Base().Negate(), identity);
}

TEST(RistrettoPointTest, MultiplicationsThatGiveTheIdentity) {
  const RistrettoPoint base = RistrettoPoint::Base();
  EXPECT_TRUE(MulVarTime(Scalar::Zero(), base).IsIdentity());
  EXPECT_TRUE(MulBaseVarTime(Scalar::Zero()).IsIdentity());
  EXPECT_TRUE(Mul(SecretScalar::FromUint64(0), base).IsIdentity());
  EXPECT_TRUE(MulBase(SecretScalar::FromUint64(0)).IsIdentity());
  EXPECT_TRUE(MulVarTime(Scalar::FromUint64(7), RistrettoPoint::Identity()).IsIdentity());
  EXPECT_TRUE(Mul(SecretScalar::FromUint64(7), RistrettoPoint::Identity()).IsIdentity());
}

TEST(RistrettoPointTest, MultiplicationDistributes) {
  SeededRng rng(7);
  const Scalar a = SecretScalar::Random(rng).ExposeForOpening();
  const Scalar b = SecretScalar::Random(rng).ExposeForOpening();
  const RistrettoPoint p = RistrettoPoint::FromUniform(rng.Array<64>());
  EXPECT_EQ(MulVarTime(a + b, p), MulVarTime(a, p) + MulVarTime(b, p));
  EXPECT_EQ(MulVarTime(a, MulVarTime(b, p)), MulVarTime(a * b, p));
  EXPECT_EQ(MulVarTime(a - b, p), MulVarTime(a, p) - MulVarTime(b, p));
  EXPECT_EQ(MulVarTime(a.Negate(), p), MulVarTime(a, p).Negate());
}

TEST(RistrettoPointTest, SelectsTheRowAskedForAndNothingBeyond) {
  std::vector<RistrettoPoint> table;
  for (uint64_t k = 1; k <= 5; ++k) table.push_back(MulBaseVarTime(Scalar::FromUint64(k)));
  for (uint64_t k = 0; k < 5; ++k) EXPECT_EQ(SelectPoint(table, k), table[k]);
  EXPECT_TRUE(SelectPoint(table, 5).IsIdentity());
  EXPECT_TRUE(SelectPoint(table, uint64_t{1} << 63).IsIdentity());
}

TEST(RistrettoPointTest, ListsGoThereAndBackAndNameTheBadOne) {
  const std::vector<RistrettoPoint> points = {RistrettoPoint::Base(), RistrettoPoint::Identity()};
  Bytes bytes = EncodePoints(points);
  ASSERT_EQ(bytes.size(), 64u);
  EXPECT_EQ(DecodePoints(bytes).value(), points);
  bytes[32] = 1;
  const absl::Status status = DecodePoints(bytes).status();
  EXPECT_NE(status.message().find("point 1"), absl::string_view::npos) << status;
  bytes.pop_back();
  EXPECT_FALSE(DecodePoints(bytes).ok());
}

}  // namespace
}  // namespace urna::crypto
