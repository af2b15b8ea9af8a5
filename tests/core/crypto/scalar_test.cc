#include "core/crypto/scalar.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "core/crypto/rng.h"
#include "core/crypto/secret.h"
#include "tests/core/crypto/test_util.h"

namespace urna::crypto {
namespace {

constexpr char kOrder[] = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
constexpr char kOrderLessOne[] = "ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

TEST(ScalarTest, TakesOnlyIntegersBelowTheOrder) {
  EXPECT_TRUE(Scalar::Decode(Unhex(kOrderLessOne)).ok());
  EXPECT_FALSE(Scalar::Decode(Unhex(kOrder)).ok());
  EXPECT_FALSE(Scalar::Decode(Bytes(32, 0xff)).ok());
  EXPECT_FALSE(Scalar::Decode(Bytes(31, 0)).ok());
  EXPECT_FALSE(Scalar::Decode(Bytes(33, 0)).ok());
  Bytes high(32, 0);
  high[31] = 0x80;
  EXPECT_FALSE(Scalar::Decode(high).ok());
}

TEST(ScalarTest, ArithmeticIsModuloTheOrder) {
  const Scalar minus_one = Scalar::Decode(Unhex(kOrderLessOne)).value();
  EXPECT_EQ(minus_one + Scalar::One(), Scalar::Zero());
  EXPECT_EQ(Scalar::Zero() - Scalar::One(), minus_one);
  EXPECT_EQ(minus_one * minus_one, Scalar::One());
  EXPECT_EQ(Scalar::One().Negate(), minus_one);
  EXPECT_EQ(Scalar::Zero().Negate(), Scalar::Zero());
  EXPECT_EQ(minus_one + minus_one, Scalar::FromUint64(2).Negate());
  EXPECT_EQ(Scalar::FromUint64(6) * Scalar::FromUint64(7), Scalar::FromUint64(42));
  EXPECT_EQ(Scalar::FromUint64(UINT64_MAX) + Scalar::One(),
            Scalar::FromUint64(uint64_t{1} << 32) * Scalar::FromUint64(uint64_t{1} << 32));
}

TEST(ScalarTest, InversesAndTheirLimit) {
  for (uint64_t v : {1u, 2u, 65535u}) {
    EXPECT_EQ(Scalar::FromUint64(v).InvertVarTime().value() * Scalar::FromUint64(v), Scalar::One());
  }
  EXPECT_EQ(Scalar::Zero().InvertVarTime().status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(ScalarTest, WideBytesAreReducedLittleEndian) {
  std::array<uint8_t, 64> wide{};
  wide[0] = 5;
  EXPECT_EQ(Scalar::FromUniform(wide), Scalar::FromUint64(5));
  const Bytes order = Unhex(kOrder);
  std::copy(order.begin(), order.end(), wide.begin());
  EXPECT_EQ(Scalar::FromUniform(wide), Scalar::Zero());
  wide.fill(0);
  wide[32] = 1;  // 2^256
  Scalar power = Scalar::One();
  for (int i = 0; i < 256; ++i) power = power + power;
  EXPECT_EQ(Scalar::FromUniform(wide), power);
}

TEST(ScalarTest, ListsNameTheBadOne) {
  const std::vector<Scalar> scalars = {Scalar::One(), Scalar::Zero()};
  Bytes bytes = EncodeScalars(scalars);
  EXPECT_EQ(DecodeScalars(bytes).value(), scalars);
  bytes[63] = 0xff;
  const absl::Status status = DecodeScalars(bytes).status();
  EXPECT_NE(status.message().find("scalar 1"), absl::string_view::npos) << status;
  bytes.pop_back();
  EXPECT_FALSE(DecodeScalars(bytes).ok());
}

TEST(SecretScalarTest, AgreesWithPublicArithmetic) {
  SeededRng rng(11);
  const SecretScalar a = SecretScalar::Random(rng);
  const SecretScalar b = SecretScalar::Random(rng);
  const Scalar pa = a.ExposeForOpening();
  const Scalar pb = b.ExposeForOpening();
  ASSERT_NE(pa, pb);
  EXPECT_EQ(a.Add(b).ExposeForOpening(), pa + pb);
  EXPECT_EQ(a.Sub(b).ExposeForOpening(), pa - pb);
  EXPECT_EQ(a.Mul(b).ExposeForOpening(), pa * pb);
  EXPECT_EQ(a.Mul(pb).ExposeForOpening(), pa * pb);
  EXPECT_EQ(a.Negate().ExposeForOpening(), pa.Negate());
  EXPECT_EQ(a.Masked(0xff).ExposeForOpening(), pa);
  EXPECT_EQ(a.Masked(0).ExposeForOpening(), Scalar::Zero());
  EXPECT_EQ(SecretScalar::FromUint64(77).ExposeForOpening(), Scalar::FromUint64(77));
}

TEST(SecretScalarTest, MovedFromIsWiped) {
  SeededRng rng(12);
  SecretScalar a = SecretScalar::Random(rng);
  const Scalar value = a.ExposeForOpening();
  const SecretScalar b = std::move(a);
  EXPECT_EQ(b.ExposeForOpening(), value);
  EXPECT_TRUE(a.ExposeForOpening().IsZero());  // NOLINT(bugprone-use-after-move)
}

TEST(SecretScalarTest, KeyFileBytesAreCanonical) {
  SeededRng rng(13);
  const SecretScalar a = SecretScalar::Random(rng);
  const SecretBytes bytes = a.ExposeForKeyFile();
  EXPECT_EQ(SecretScalar::FromCanonicalSecretBytes(bytes.ExposeSpan()).value().ExposeForOpening(),
            a.ExposeForOpening());
  EXPECT_FALSE(SecretScalar::FromCanonicalSecretBytes(Unhex(kOrder)).ok());
  EXPECT_FALSE(SecretScalar::FromCanonicalSecretBytes(Bytes(31, 0)).ok());
}

template <typename T>
concept HasEquality = requires(const T& a, const T& b) {
  a == b;
};

TEST(SecretScalarTest, CannotBeCopiedOrCompared) {
  static_assert(!std::is_copy_constructible_v<SecretScalar>);
  static_assert(!std::is_copy_assignable_v<SecretScalar>);
  static_assert(!HasEquality<SecretScalar>);
  static_assert(!std::is_copy_constructible_v<SecretBytes>);
  static_assert(!HasEquality<SecretBytes>);
  EXPECT_TRUE(HasEquality<Scalar>);
}

TEST(SecretBytesTest, MovesAndComparesInConstantTime) {
  SecretBytes a = SecretBytes::CopyOf(Bytes{1, 2, 3});
  const SecretBytes b = std::move(a);
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(ConstantTimeEqual(b.ExposeSpan(), Bytes{1, 2, 3}));
  EXPECT_FALSE(ConstantTimeEqual(b.ExposeSpan(), Bytes{1, 2, 4}));
  EXPECT_FALSE(ConstantTimeEqual(b.ExposeSpan(), Bytes{1, 2}));
}

TEST(SeededRngTest, SameSeedSameStreamAndNoRepetition) {
  SeededRng a(5);
  SeededRng b(5);
  SeededRng c(6);
  const auto first = a.Array<32>();
  EXPECT_EQ(first, b.Array<32>());
  EXPECT_NE(first, c.Array<32>());
  EXPECT_NE(first, a.Array<32>());
}

TEST(SystemRngTest, DoesNotRepeat) {
  SystemRng rng;
  EXPECT_NE(rng.Array<32>(), rng.Array<32>());
}

}  // namespace
}  // namespace urna::crypto
