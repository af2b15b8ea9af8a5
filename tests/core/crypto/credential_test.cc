#include "core/crypto/credential.h"

#include <gtest/gtest.h>

#include "core/crypto/hash_to_group.h"
#include "core/crypto/transcript.h"
#include "tests/core/crypto/test_util.h"

namespace urna::crypto {
namespace {

class CredentialTest : public testing::Test {
 protected:
  SeededRng rng_{51};
  Credential credential_ = Credential::Generate(rng_);
  Hash32 roll_ = Filled32(1);
  std::array<uint8_t, 32> nonce_ = Filled32(2);
};

TEST_F(CredentialTest, EnrolmentRoundTrip) {
  const CredentialProof proof = MakeEnrolmentProof(roll_, nonce_, credential_, rng_);
  EXPECT_TRUE(VerifyEnrolmentProofVarTime(roll_, nonce_, credential_.public_key(), proof).ok());
  EXPECT_EQ(CredentialProof::Decode(proof.commitment.bytes(), proof.EncodeResponses()).value(),
            proof);
}

TEST_F(CredentialTest, FixedVectorsVerify) {
  const auto vectors = LoadVectors("credential.json");
  EXPECT_EQ(ToHex(CredentialBase().bytes()), vectors["credential_base"].get<std::string>());
  ASSERT_EQ(vectors["enrolments"].size(), 2u);
  for (const auto& vector : vectors["enrolments"]) {
    const auto credential = Credential::FromKeyFile(Unhex(vector["secret"]));
    ASSERT_TRUE(credential.ok()) << credential.status();
    EXPECT_EQ(ToHex(credential->public_key().bytes()), vector["credential"].get<std::string>());
    const auto proof =
        CredentialProof::Decode(Unhex(vector["commitment"]), Unhex(vector["responses"]));
    ASSERT_TRUE(proof.ok()) << proof.status();
    EXPECT_TRUE(VerifyEnrolmentProofVarTime(UnhexArray<32>(vector["roll"]),
                                            UnhexArray<32>(vector["nonce"]),
                                            credential->public_key(), *proof)
                    .ok());
  }
}

TEST_F(CredentialTest, RejectsEveryMutatedElement) {
  const CredentialProof proof = MakeEnrolmentProof(roll_, nonce_, credential_, rng_);
  const RistrettoPoint& p = credential_.public_key();
  CredentialProof bad = proof;
  bad.commitment = Other(bad.commitment);
  EXPECT_FALSE(VerifyEnrolmentProofVarTime(roll_, nonce_, p, bad).ok());
  bad = proof;
  bad.response_s = Other(bad.response_s);
  EXPECT_FALSE(VerifyEnrolmentProofVarTime(roll_, nonce_, p, bad).ok());
  bad = proof;
  bad.response_t = Other(bad.response_t);
  EXPECT_FALSE(VerifyEnrolmentProofVarTime(roll_, nonce_, p, bad).ok());
  bad = proof;
  std::swap(bad.response_s, bad.response_t);
  EXPECT_FALSE(VerifyEnrolmentProofVarTime(roll_, nonce_, p, bad).ok());
}

TEST_F(CredentialTest, RejectsAnotherRollNonceOrCredential) {
  const CredentialProof proof = MakeEnrolmentProof(roll_, nonce_, credential_, rng_);
  const RistrettoPoint& p = credential_.public_key();
  EXPECT_FALSE(VerifyEnrolmentProofVarTime(Filled32(9), nonce_, p, proof).ok());
  EXPECT_FALSE(VerifyEnrolmentProofVarTime(roll_, Filled32(9), p, proof).ok());
  EXPECT_FALSE(VerifyEnrolmentProofVarTime(nonce_, roll_, p, proof).ok());
  EXPECT_FALSE(VerifyEnrolmentProofVarTime(roll_, nonce_, Other(p), proof).ok());
}

TEST_F(CredentialTest, TwoStepProofBindsTheChallenge) {
  CredentialProver prover = CredentialProver::Commit(credential_, AsBytes("ballot"), rng_);
  const Scalar c = Challenge(Transcript("test").Field("c", prover.commitment().bytes()).Hash(),
                             kNoIndex, kNoIndex, ChallengeKind::kCredential);
  const CredentialProof proof = std::move(prover).Respond(c);
  EXPECT_TRUE(VerifyCredentialProofVarTime(credential_.public_key(), proof, c).ok());
  EXPECT_FALSE(VerifyCredentialProofVarTime(credential_.public_key(), proof, Other(c)).ok());
}

TEST_F(CredentialTest, KeyFileGoesThereAndBack) {
  const SecretBytes secret = credential_.ExposeForKeyFile();
  ASSERT_EQ(secret.size(), Credential::kKeyFileSize);
  const auto again = Credential::FromKeyFile(secret.ExposeSpan());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->public_key(), credential_.public_key());
  EXPECT_FALSE(Credential::FromKeyFile(secret.ExposeSpan().first(63)).ok());
  EXPECT_FALSE(Credential::FromKeyFile(Bytes(64, 0)).ok()) << "P would be the identity";
  EXPECT_FALSE(Credential::FromKeyFile(Bytes(64, 0xff)).ok());
}

TEST_F(CredentialTest, DecodingWantsExactSizesAndCanonicalElements) {
  const CredentialProof proof = MakeEnrolmentProof(roll_, nonce_, credential_, rng_);
  const auto responses = proof.EncodeResponses();
  EXPECT_FALSE(
      CredentialProof::Decode(proof.commitment.bytes(), ByteSpan(responses).first(63)).ok());
  EXPECT_FALSE(CredentialProof::Decode(Bytes(31, 0), responses).ok());
  EXPECT_FALSE(CredentialProof::Decode(Bytes(32, 0xff), responses).ok());
  EXPECT_FALSE(CredentialProof::Decode(proof.commitment.bytes(), Bytes(64, 0xff)).ok());
}

}  // namespace
}  // namespace urna::crypto
