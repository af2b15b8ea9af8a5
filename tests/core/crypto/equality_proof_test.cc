#include "core/crypto/equality_proof.h"

#include <gtest/gtest.h>

#include "core/crypto/hash_to_group.h"
#include "core/crypto/transcript.h"
#include "tests/core/crypto/test_util.h"

namespace urna::crypto {
namespace {

class EqualityProofTest : public testing::Test {
 protected:
  EqualityProofTest() {
    EqualityProver prover = EqualityProver::Commit(x_, statement_, rng_);
    challenge_ = Challenge(Transcript("test").Field("c", prover.EncodeCommitments()).Hash(), 1, 2,
                           ChallengeKind::kDecryptionShare);
    proof_ = std::move(prover).Respond(challenge_);
  }

  SeededRng rng_{41};
  SecretScalar x_ = SecretScalar::Random(rng_);
  RistrettoPoint base_ = HashToGroup("test", {});
  EqualityStatement statement_{MulBase(x_), base_, Mul(x_, base_)};
  Scalar challenge_;
  EqualityProof proof_;
};

TEST_F(EqualityProofTest, RoundTrip) {
  EXPECT_TRUE(VerifyEqualityProofVarTime(statement_, proof_, challenge_).ok());
  EXPECT_EQ(EqualityProof::Decode(proof_.Encode()).value(), proof_);
}

TEST_F(EqualityProofTest, RejectsEveryMutatedElement) {
  EqualityProof bad = proof_;
  bad.commitment_g = Other(bad.commitment_g);
  EXPECT_FALSE(VerifyEqualityProofVarTime(statement_, bad, challenge_).ok());
  bad = proof_;
  bad.commitment_b = Other(bad.commitment_b);
  EXPECT_FALSE(VerifyEqualityProofVarTime(statement_, bad, challenge_).ok());
  bad = proof_;
  bad.response = Other(bad.response);
  EXPECT_FALSE(VerifyEqualityProofVarTime(statement_, bad, challenge_).ok());
  EXPECT_FALSE(VerifyEqualityProofVarTime(statement_, proof_, Other(challenge_)).ok());
}

TEST_F(EqualityProofTest, RejectsEveryMutatedStatement) {
  EqualityStatement bad = statement_;
  bad.key = Other(bad.key);
  EXPECT_FALSE(VerifyEqualityProofVarTime(bad, proof_, challenge_).ok());
  bad = statement_;
  bad.base = Other(bad.base);
  EXPECT_FALSE(VerifyEqualityProofVarTime(bad, proof_, challenge_).ok());
  bad = statement_;
  bad.share = Other(bad.share);
  EXPECT_FALSE(VerifyEqualityProofVarTime(bad, proof_, challenge_).ok());
}

TEST_F(EqualityProofTest, CannotProveAShareOfAnotherLogarithm) {
  statement_.share = Mul(SecretScalar::Random(rng_), base_);
  EqualityProver prover = EqualityProver::Commit(x_, statement_, rng_);
  EXPECT_FALSE(
      VerifyEqualityProofVarTime(statement_, std::move(prover).Respond(challenge_), challenge_)
          .ok());
}

TEST_F(EqualityProofTest, IdentityBaseStillProvesTheIdentityOnly) {
  statement_.base = RistrettoPoint::Identity();
  statement_.share = RistrettoPoint::Identity();
  EqualityProver prover = EqualityProver::Commit(x_, statement_, rng_);
  const EqualityProof proof = std::move(prover).Respond(challenge_);
  EXPECT_TRUE(VerifyEqualityProofVarTime(statement_, proof, challenge_).ok());
  statement_.share = RistrettoPoint::Base();
  EXPECT_FALSE(VerifyEqualityProofVarTime(statement_, proof, challenge_).ok());
}

TEST_F(EqualityProofTest, DecodingWants96CanonicalBytes) {
  const auto encoded = proof_.Encode();
  EXPECT_FALSE(EqualityProof::Decode(ByteSpan(encoded).first(95)).ok());
  for (size_t part = 0; part < 3; ++part) {
    auto bad = encoded;
    std::fill_n(bad.begin() + static_cast<ptrdiff_t>(32 * part), 32, uint8_t{0xff});
    EXPECT_FALSE(EqualityProof::Decode(bad).ok()) << part;
  }
}

}  // namespace
}  // namespace urna::crypto
