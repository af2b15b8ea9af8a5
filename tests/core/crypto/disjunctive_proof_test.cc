#include "core/crypto/disjunctive_proof.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "core/crypto/transcript.h"
#include "tests/core/crypto/test_util.h"

namespace urna::crypto {
namespace {

// A ciphertext with a finished proof, the challenge as a ballot would compute it.
class DisjunctiveProofTest : public testing::Test {
 protected:
  void Prove(uint64_t value, uint64_t lo, uint64_t hi) {
    lo_ = lo;
    hi_ = hi;
    const SecretScalar r = SecretScalar::Random(rng_);
    ciphertext_ = EncryptVarTime(election_key_, value, r.ExposeForOpening());
    absl::StatusOr<DisjunctiveProver> prover =
        DisjunctiveProver::Commit(election_key_, ciphertext_.Encode(), value, r, lo, hi, rng_);
    ASSERT_TRUE(prover.ok()) << prover.status();
    h_ = Transcript("test").Field("commitments", EncodePoints(prover->commitments())).Hash();
    challenge_ = Challenge(h_, 1, 0, ChallengeKind::kCellRange);
    proof_ = std::move(*prover).Respond(challenge_);
  }

  absl::Status Verify(const DisjunctiveProof& proof) const {
    return VerifyDisjunctiveProofVarTime(election_key_, ciphertext_, lo_, hi_, proof, challenge_);
  }

  SeededRng rng_{31};
  RistrettoPoint election_key_ = MulBase(SecretScalar::Random(rng_));
  uint64_t lo_ = 0, hi_ = 0;
  Ciphertext ciphertext_;
  Hash64 h_{};
  Scalar challenge_;
  DisjunctiveProof proof_;
};

TEST_F(DisjunctiveProofTest, EveryValueOfTheRangeCanBeProved) {
  for (uint64_t value = 0; value <= 3; ++value) {
    Prove(value, 0, 3);
    EXPECT_TRUE(Verify(proof_).ok()) << value << ": " << Verify(proof_);
    EXPECT_EQ(proof_.commitments.size(), 8u);
    EXPECT_EQ(proof_.challenges.size(), 3u);
    EXPECT_EQ(proof_.responses.size(), 4u);
  }
  Prove(7, 7, 7);
  EXPECT_TRUE(Verify(proof_).ok()) << Verify(proof_);
  EXPECT_TRUE(proof_.challenges.empty());
  Prove(5, 4, 6);
  EXPECT_TRUE(Verify(proof_).ok()) << Verify(proof_);
}

TEST_F(DisjunctiveProofTest, FixedVectorsVerify) {
  const auto vectors = LoadVectors("disjunctive.json");
  election_key_ = RistrettoPoint::Decode(Unhex(vectors["election_key"])).value();
  ASSERT_EQ(vectors["proofs"].size(), 5u);
  for (const auto& vector : vectors["proofs"]) {
    lo_ = vector["lo"];
    hi_ = vector["hi"];
    ciphertext_ = Ciphertext::Decode(Unhex(vector["ciphertext"])).value();
    const SecretScalar r =
        SecretScalar::FromCanonicalSecretBytes(Unhex(vector["randomness"])).value();
    EXPECT_EQ(Encrypt(election_key_, SmallMultiples(5), vector["value"], 5, r), ciphertext_);
    challenge_ = Challenge(UnhexArray<64>(vector["h"]), vector["i"], vector["j"],
                           static_cast<ChallengeKind>(vector["kind"].get<int>()));
    const absl::StatusOr<DisjunctiveProof> proof =
        DisjunctiveProof::Decode(hi_ - lo_ + 1, Unhex(vector["commitments"]),
                                 Unhex(vector["challenges"]), Unhex(vector["responses"]));
    ASSERT_TRUE(proof.ok()) << proof.status();
    EXPECT_TRUE(Verify(*proof).ok()) << Verify(*proof);
  }
}

TEST_F(DisjunctiveProofTest, RejectsEveryMutatedElement) {
  Prove(1, 0, 2);
  ASSERT_TRUE(Verify(proof_).ok());
  for (size_t i = 0; i < proof_.commitments.size(); ++i) {
    DisjunctiveProof bad = proof_;
    bad.commitments[i] = Other(bad.commitments[i]);
    const absl::Status status = Verify(bad);
    EXPECT_FALSE(status.ok()) << "commitment " << i;
    const std::string branch = "branch " + std::to_string(i / 2);
    EXPECT_NE(status.message().find(branch), absl::string_view::npos) << status;
  }
  for (size_t i = 0; i < proof_.challenges.size(); ++i) {
    DisjunctiveProof bad = proof_;
    bad.challenges[i] = Other(bad.challenges[i]);
    EXPECT_FALSE(Verify(bad).ok()) << "challenge " << i;
  }
  for (size_t i = 0; i < proof_.responses.size(); ++i) {
    DisjunctiveProof bad = proof_;
    bad.responses[i] = Other(bad.responses[i]);
    EXPECT_FALSE(Verify(bad).ok()) << "response " << i;
  }
}

TEST_F(DisjunctiveProofTest, RejectsSwappedChallenges) {
  Prove(1, 0, 2);
  std::swap(proof_.challenges[0], proof_.challenges[1]);
  EXPECT_FALSE(Verify(proof_).ok());
}

TEST_F(DisjunctiveProofTest, RejectsAnotherStatement) {
  Prove(1, 0, 1);
  ASSERT_TRUE(Verify(proof_).ok());
  const Ciphertext good = ciphertext_;
  ciphertext_.alpha = Other(good.alpha);
  EXPECT_FALSE(Verify(proof_).ok()) << "alpha";
  ciphertext_ = good;
  ciphertext_.beta = Other(good.beta);
  EXPECT_FALSE(Verify(proof_).ok()) << "beta";
  ciphertext_ = good;
  election_key_ = Other(election_key_);
  EXPECT_FALSE(Verify(proof_).ok()) << "election key";
}

TEST_F(DisjunctiveProofTest, RejectsAnotherRange) {
  Prove(1, 0, 1);
  lo_ = 1, hi_ = 2;
  EXPECT_FALSE(Verify(proof_).ok()) << "shifted";
  lo_ = 0, hi_ = 2;
  EXPECT_FALSE(Verify(proof_).ok()) << "wider";
  lo_ = 1, hi_ = 1;
  EXPECT_FALSE(Verify(proof_).ok()) << "narrower";
  lo_ = 2, hi_ = 1;
  EXPECT_FALSE(Verify(proof_).ok()) << "empty";
}

TEST_F(DisjunctiveProofTest, RejectsAnotherContextOrPosition) {
  Prove(0, 0, 1);
  const Scalar good = challenge_;
  challenge_ = Challenge(h_, 1, 1, ChallengeKind::kCellRange);
  EXPECT_FALSE(Verify(proof_).ok()) << "option";
  challenge_ = Challenge(h_, 2, 0, ChallengeKind::kCellRange);
  EXPECT_FALSE(Verify(proof_).ok()) << "contest";
  challenge_ = Challenge(h_, 1, 0, ChallengeKind::kLinearClaim);
  EXPECT_FALSE(Verify(proof_).ok()) << "kind";
  h_[0] ^= 1;
  challenge_ = Challenge(h_, 1, 0, ChallengeKind::kCellRange);
  EXPECT_FALSE(Verify(proof_).ok()) << "transcript";
  challenge_ = good;
  EXPECT_TRUE(Verify(proof_).ok());
}

// All branches simulated: every equation holds for the challenges given, but their sum is not c.
TEST_F(DisjunctiveProofTest, RejectsSimulationWhoseChallengesDoNotSumToC) {
  Prove(1, 0, 1);
  const SecretScalar r = SecretScalar::Random(rng_);
  ciphertext_ = EncryptVarTime(election_key_, 5, r.ExposeForOpening());
  DisjunctiveProof forged;
  std::vector<Scalar> parts;
  for (uint64_t m = 0; m <= 1; ++m) {
    const Scalar c = SecretScalar::Random(rng_).ExposeForOpening();
    const Scalar z = SecretScalar::Random(rng_).ExposeForOpening();
    const RistrettoPoint shifted = ciphertext_.beta - MulBaseVarTime(Scalar::FromUint64(m));
    forged.commitments.push_back(MulBaseVarTime(z) - MulVarTime(c, ciphertext_.alpha));
    forged.commitments.push_back(MulVarTime(z, election_key_) - MulVarTime(c, shifted));
    forged.responses.push_back(z);
    parts.push_back(c);
  }
  forged.challenges = {parts[0]};
  challenge_ = parts[0] + parts[1];
  ASSERT_TRUE(Verify(forged).ok()) << "the simulation is a good one for its own challenge";
  challenge_ = Challenge(Transcript("test").Field("x", EncodePoints(forged.commitments)).Hash(), 1,
                         0, ChallengeKind::kCellRange);
  EXPECT_FALSE(Verify(forged).ok());
}

TEST_F(DisjunctiveProofTest, RejectsWrongNumbersOfElements) {
  Prove(1, 0, 1);
  DisjunctiveProof bad = proof_;
  bad.responses.pop_back();
  EXPECT_FALSE(Verify(bad).ok());
  bad = proof_;
  bad.commitments.push_back(RistrettoPoint::Base());
  EXPECT_FALSE(Verify(bad).ok());
  bad = proof_;
  bad.challenges.clear();
  EXPECT_FALSE(Verify(bad).ok());
  EXPECT_FALSE(Verify(DisjunctiveProof{}).ok());
}

TEST_F(DisjunctiveProofTest, ProverRefusesValuesOutsideAndRangesThatAreNone) {
  const SecretScalar r = SecretScalar::Random(rng_);
  const auto commit = [&](uint64_t value, uint64_t lo, uint64_t hi) {
    return DisjunctiveProver::Commit(election_key_, {}, value, r, lo, hi, rng_).status().code();
  };
  for (const auto& [lo, hi] : std::vector<std::pair<uint64_t, uint64_t>>{
           {0, 1}, {3, 4}, {3, 3}, {1, 1}, {2, 1}, {0, 4096}, {0, UINT64_MAX}}) {
    EXPECT_EQ(commit(2, lo, hi), absl::StatusCode::kInvalidArgument) << lo << ".." << hi;
  }
  EXPECT_EQ(commit(2, 2, 2), absl::StatusCode::kOk);
}

TEST_F(DisjunctiveProofTest, ProofAboutAnotherValueThanEncryptedFails) {
  const SecretScalar r = SecretScalar::Random(rng_);
  ciphertext_ = EncryptVarTime(election_key_, 2, r.ExposeForOpening());
  lo_ = 0, hi_ = 1;
  auto prover = DisjunctiveProver::Commit(election_key_, ciphertext_.Encode(), 1, r, 0, 1, rng_);
  ASSERT_TRUE(prover.ok());
  challenge_ = Scalar::FromUint64(12345);
  EXPECT_FALSE(Verify(std::move(*prover).Respond(challenge_)).ok());
}

TEST_F(DisjunctiveProofTest, DecodingWantsExactSizesAndCanonicalElements) {
  Prove(1, 0, 1);
  const Bytes commitments = EncodePoints(proof_.commitments);
  const Bytes challenges = EncodeScalars(proof_.challenges);
  const Bytes responses = EncodeScalars(proof_.responses);
  EXPECT_EQ(DisjunctiveProof::Decode(2, commitments, challenges, responses).value(), proof_);
  EXPECT_EQ(commitments.size(), DisjunctiveProof::CommitmentBytes(2));
  EXPECT_EQ(challenges.size(), DisjunctiveProof::ChallengeBytes(2));
  EXPECT_EQ(responses.size(), DisjunctiveProof::ResponseBytes(2));
  EXPECT_FALSE(DisjunctiveProof::Decode(0, {}, {}, {}).ok());
  EXPECT_FALSE(DisjunctiveProof::Decode(1, commitments, challenges, responses).ok());
  EXPECT_FALSE(DisjunctiveProof::Decode(2, commitments, {}, responses).ok());
  Bytes bad = responses;
  std::fill(bad.begin(), bad.begin() + 32, 0xff);
  EXPECT_FALSE(DisjunctiveProof::Decode(2, commitments, challenges, bad).ok());
  bad = commitments;
  std::fill(bad.begin(), bad.begin() + 32, 0xff);
  EXPECT_FALSE(DisjunctiveProof::Decode(2, bad, challenges, responses).ok());
}

// Randomness that comes twice, as on a device that was put back to an earlier state.
TEST_F(DisjunctiveProofTest, NoncesDependOnAllThatIsProved) {
  const auto commit = [&](Bytes statement, uint64_t value, uint64_t r, uint64_t hi) {
    SeededRng same(1);
    return DisjunctiveProver::Commit(election_key_, statement, value, SecretScalar::FromUint64(r),
                                     0, hi, same)
        .value()
        .commitments();
  };
  const std::vector<RistrettoPoint> first = commit({1, 2}, 1, 5, 1);
  EXPECT_EQ(commit({1, 2}, 1, 5, 1), first);
  for (const auto& other : {commit({1, 3}, 1, 5, 1), commit({1}, 1, 5, 1), commit({1, 2}, 0, 5, 1),
                            commit({1, 2}, 1, 6, 1), commit({1, 2}, 1, 5, 2)}) {
    for (const RistrettoPoint& point : first) {
      EXPECT_EQ(std::count(other.begin(), other.end(), point), 0);
    }
  }
}

TEST_F(DisjunctiveProofTest, TwoProofsShareNoCommitment) {
  Prove(1, 0, 1);
  const DisjunctiveProof first = proof_;
  Prove(1, 0, 1);
  for (const RistrettoPoint& point : first.commitments) {
    EXPECT_EQ(std::count(proof_.commitments.begin(), proof_.commitments.end(), point), 0);
  }
}

TEST(CiphertextTest, EncodesDecodesAndRefusesIdentityAlpha) {
  SeededRng rng(32);
  const RistrettoPoint key = MulBase(SecretScalar::Random(rng));
  const SecretScalar r = SecretScalar::Random(rng);
  const Ciphertext one = Encrypt(key, SmallMultiples(1), 1, 1, r);
  EXPECT_EQ(Ciphertext::Decode(one.Encode()).value(), one);
  EXPECT_EQ(EncryptVarTime(key, 1, r.ExposeForOpening()), one);
  EXPECT_NE(EncryptVarTime(key, 0, r.ExposeForOpening()), one);
  EXPECT_NE(EncryptVarTime(key, 1, Other(r.ExposeForOpening())), one);
  EXPECT_FALSE(Ciphertext::Decode(Bytes(64, 0)).ok());
  EXPECT_FALSE(Ciphertext::Decode(Bytes(63, 0)).ok());
  const Ciphertext identity_beta{one.alpha, RistrettoPoint::Identity()};
  EXPECT_TRUE(Ciphertext::Decode(identity_beta.Encode()).ok());
}

TEST(CiphertextTest, ATableOfMultiplesHasThemAll) {
  const SmallMultiples hundred(100);
  RistrettoPoint expected;
  for (uint64_t value = 0; value <= 100; ++value) {
    EXPECT_EQ(hundred.Select(value, 100), expected) << value;
    // With as many digits as the public bound has, and not more.
    if (value < 16) {
      EXPECT_EQ(hundred.Select(value, 15), expected) << value;
    }
    // Its last one, of a table that ends there.
    EXPECT_EQ(SmallMultiples(value).Select(value, value), expected) << value;
    expected = expected + RistrettoPoint::Base();
  }
  EXPECT_EQ(SmallMultiples(5000).Select(4999, 5000), MulBaseVarTime(Scalar::FromUint64(4999)));
}

TEST(CiphertextTest, EncryptingInConstantTimeIsEncrypting) {
  SeededRng rng(34);
  const RistrettoPoint key = MulBase(SecretScalar::Random(rng));
  const SmallMultiples multiples(100);
  for (const auto& [value, at_most] : std::vector<std::pair<uint64_t, uint64_t>>{
           {0, 1}, {1, 1}, {0, 5}, {5, 5}, {0, 100}, {15, 100}, {16, 100}, {100, 100}}) {
    const SecretScalar r = SecretScalar::Random(rng);
    EXPECT_EQ(Encrypt(key, multiples, value, at_most, r),
              EncryptVarTime(key, value, r.ExposeForOpening()))
        << value;
  }
}

TEST(CiphertextTest, SumsAreEncryptionsOfSums) {
  SeededRng rng(33);
  const SecretScalar y = SecretScalar::Random(rng);
  const RistrettoPoint key = MulBase(y);
  Ciphertext sum = Ciphertext::Zero();
  const SmallMultiples multiples(4);
  for (uint64_t value : {3u, 0u, 4u}) {
    sum = sum + Encrypt(key, multiples, value, 4, SecretScalar::Random(rng));
  }
  EXPECT_EQ(sum.beta - Mul(y, sum.alpha), MulBaseVarTime(Scalar::FromUint64(7)));
}

}  // namespace
}  // namespace urna::crypto
