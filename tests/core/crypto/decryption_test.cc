#include "core/crypto/decryption.h"

#include <gtest/gtest.h>

#include "core/crypto/discrete_log.h"
#include "core/crypto/transcript.h"
#include "tests/core/crypto/test_util.h"

namespace urna::crypto {
namespace {

TEST(DecryptionTest, ShareProofBindsCiphertextAndKey) {
  SeededRng rng(71);
  const SecretScalar x = SecretScalar::Random(rng);
  const RistrettoPoint key = MulBase(x);
  const Ciphertext ciphertext =
      EncryptVarTime(key, 3, SecretScalar::Random(rng).ExposeForOpening());
  DecryptionShareProver prover = DecryptionShareProver::Commit(ciphertext, x, key, rng);
  const RistrettoPoint share = prover.share();
  const Hash64 h = Transcript("test").Field("c", prover.EncodeCommitments()).Hash();
  const Scalar c = Challenge(h, 4, 5, ChallengeKind::kDecryptionShare);
  const EqualityProof proof = std::move(prover).Respond(c);
  EXPECT_TRUE(VerifyDecryptionShareVarTime(ciphertext, key, share, proof, c).ok());

  const Scalar elsewhere = Challenge(h, 4, 6, ChallengeKind::kDecryptionShare);
  EXPECT_FALSE(VerifyDecryptionShareVarTime(ciphertext, key, share, proof, elsewhere).ok());
  EXPECT_FALSE(VerifyDecryptionShareVarTime(ciphertext, Other(key), share, proof, c).ok());
  EXPECT_FALSE(VerifyDecryptionShareVarTime(ciphertext, key, Other(share), proof, c).ok());
  const Ciphertext other{Other(ciphertext.alpha), ciphertext.beta};
  EXPECT_FALSE(VerifyDecryptionShareVarTime(other, key, share, proof, c).ok());

  const std::vector<uint16_t> alone = {1};
  const auto message =
      CombineDecryptionVarTime(ciphertext, LagrangeAtZero(alone).value(), std::vector{share});
  EXPECT_EQ(message.value(), MulBaseVarTime(Scalar::FromUint64(3)));
}

TEST(DecryptionTest, LagrangeCoefficientsInterpolateAtZero) {
  // f(x) = 5 + 7x + 11x²
  const auto f = [](uint64_t x) { return Scalar::FromUint64(5 + 7 * x + 11 * x * x); };
  const std::vector<uint16_t> trustees = {2, 9, 4};
  const auto lagrange = LagrangeAtZero(trustees).value();
  Scalar sum;
  for (size_t i = 0; i < 3; ++i) sum = sum + lagrange[i] * f(trustees[i]);
  EXPECT_EQ(sum, Scalar::FromUint64(5));
}

TEST(DecryptionTest, LagrangeRefusesZeroRepetitionAndNothing) {
  EXPECT_FALSE(LagrangeAtZero({}).ok());
  EXPECT_FALSE(LagrangeAtZero(std::vector<uint16_t>{0, 1}).ok());
  EXPECT_FALSE(LagrangeAtZero(std::vector<uint16_t>{1, 2, 1}).ok());
  const std::vector<Scalar> one = {Scalar::One()};
  EXPECT_FALSE(CombineDecryptionVarTime(Ciphertext::Zero(), one, {}).ok());
  EXPECT_FALSE(CombineDecryptionVarTime(Ciphertext::Zero(), {}, {}).ok());
}

TEST(DiscreteLogTest, FindsEveryValueOfSmallBounds) {
  for (uint64_t bound : {0u, 1u, 2u, 7u, 50u}) {
    for (uint64_t queries : {1u, 10u}) {
      const DiscreteLog log = DiscreteLog::Create(bound, queries).value();
      EXPECT_LE(log.table_size(), bound + 1);
      RistrettoPoint point;
      for (uint64_t v = 0; v <= bound; ++v) {
        const auto found = log.Find(point);
        ASSERT_TRUE(found.ok()) << found.status();
        EXPECT_EQ(*found, v);
        point = point + RistrettoPoint::Base();
      }
      EXPECT_EQ(log.Find(point).status().code(), absl::StatusCode::kNotFound) << "bound + 1";
      EXPECT_FALSE(log.Find(RistrettoPoint::Base().Negate()).ok()) << "minus one";
    }
  }
}

TEST(DiscreteLogTest, LargeBoundAtItsEdges) {
  constexpr uint64_t kBound = 1'000'000;
  const DiscreteLog log = DiscreteLog::Create(kBound).value();
  EXPECT_EQ(log.table_size(), 1001u);
  for (uint64_t v : {uint64_t{0}, uint64_t{1}, log.table_size() - 1, log.table_size(),
                     uint64_t{123'456}, kBound - 1, kBound}) {
    EXPECT_EQ(log.Find(MulBaseVarTime(Scalar::FromUint64(v))).value_or(UINT64_MAX), v);
  }
  EXPECT_FALSE(log.Find(MulBaseVarTime(Scalar::FromUint64(kBound + 1))).ok());
}

TEST(DiscreteLogTest, TableGrowsWithQueriesUpToALimit) {
  EXPECT_EQ(DiscreteLog::Create(10'000, 4).value().table_size(), 201u);
  EXPECT_EQ(DiscreteLog::Create(100, 1'000'000).value().table_size(), 101u);
  EXPECT_FALSE(DiscreteLog::Create(DiscreteLog::kMaxBound + 1).ok());
}

}  // namespace
}  // namespace urna::crypto
