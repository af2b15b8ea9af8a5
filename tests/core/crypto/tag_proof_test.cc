#include "core/crypto/tag_proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/crypto/hash_to_group.h"
#include "tests/core/crypto/test_util.h"

namespace urna::crypto {
namespace {

using ::testing::HasSubstr;

class TagProofTest : public ::testing::Test {
 protected:
  TagProof Prove(const Scalar& challenge) {
    return TagProver::Commit(credential_, base_, {}, rng_).Respond(challenge);
  }

  SeededRng rng_{81};
  RistrettoPoint base_ = TagBase(Filled32(9));
  Credential credential_ = Credential::Generate(rng_);
  RistrettoPoint tag_ = TagOf(credential_, base_);
  Scalar challenge_ = Scalar::FromUint64(4711);
};

TEST_F(TagProofTest, Verifies) {
  const TagProof proof = Prove(challenge_);
  EXPECT_TRUE(VerifyTagProofVarTime(base_, tag_, proof, challenge_).ok());
  EXPECT_EQ(TagProver::Commit(credential_, base_, {}, rng_).tag(), tag_);
}

TEST_F(TagProofTest, TheBaseComesFromTheManifestByHashToGroup) {
  EXPECT_EQ(base_, HashToGroup("tag base", Filled32(9)));
  EXPECT_NE(base_, TagBase(Filled32(8)));
  EXPECT_NE(tag_, TagOf(credential_, TagBase(Filled32(8))));
}

TEST_F(TagProofTest, RefusesWhateverIsChanged) {
  const TagProof good = Prove(challenge_);
  EXPECT_FALSE(VerifyTagProofVarTime(Other(base_), tag_, good, challenge_).ok());
  EXPECT_FALSE(VerifyTagProofVarTime(base_, Other(tag_), good, challenge_).ok());
  EXPECT_FALSE(VerifyTagProofVarTime(base_, tag_, good, Other(challenge_)).ok());
  TagProof bad = good;
  bad.commitment = Other(bad.commitment);
  EXPECT_FALSE(VerifyTagProofVarTime(base_, tag_, bad, challenge_).ok());
  bad = good;
  bad.response = Other(bad.response);
  EXPECT_FALSE(VerifyTagProofVarTime(base_, tag_, bad, challenge_).ok());
}

TEST_F(TagProofTest, RefusesTheIdentityAsATag) {
  // R = z·H_e proves the logarithm 0 to anybody.
  const TagProof proof{MulVarTime(challenge_, base_), challenge_};
  EXPECT_THAT(std::string(VerifyTagProofVarTime(base_, {}, proof, challenge_).message()),
              HasSubstr("identity"));
}

TEST_F(TagProofTest, DecodesOneEncodingOnly) {
  const TagProof proof = Prove(challenge_);
  Bytes r = ToBytes(proof.commitment.bytes()), z = ToBytes(proof.response.bytes());
  EXPECT_EQ(TagProof::Decode(r, z).value(), proof);
  EXPECT_FALSE(TagProof::Decode(ByteSpan(r).first(31), z).ok());
  EXPECT_FALSE(TagProof::Decode(r, ByteSpan(z).first(31)).ok());
  z[31] |= 0x20;
  EXPECT_THAT(std::string(TagProof::Decode(r, z).status().message()), HasSubstr("z"));
  r[31] |= 0x80;
  EXPECT_THAT(std::string(TagProof::Decode(r, proof.response.bytes()).status().message()),
              HasSubstr("R"));
}

TEST_F(TagProofTest, NoncesDifferWithTheContextEvenIfRandomnessComesTwice) {
  SeededRng one(5), other(5);
  EXPECT_NE(TagProver::Commit(credential_, base_, Filled32(1), one).commitment(),
            TagProver::Commit(credential_, base_, Filled32(2), other).commitment());
}

}  // namespace
}  // namespace urna::crypto
