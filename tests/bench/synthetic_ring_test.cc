#include "bench/synthetic_ring.h"

#include <gtest/gtest.h>

#include "core/crypto/ring_batch.h"
#include "core/crypto/sodium_init.h"
#include "core/crypto/tag_proof.h"
#include "core/crypto/transcript.h"

namespace urna::bench {
namespace {

class SyntheticRingTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_TRUE(crypto::InitializeCrypto().ok()); }

  SyntheticSignature Sign(const SyntheticRing& ring, size_t place) {
    return ring.Sign(
        place,
        [&](ByteSpan tag, ByteSpan commitments) {
          crypto::Transcript transcript("test");
          crypto::AddRingFields(transcript, ring.ring().ring().hash(), tag_base_, tag, commitments);
          return crypto::RingChallenge(transcript.Hash());
        },
        rng_);
  }

  crypto::SeededRng rng_{101};
  crypto::RistrettoPoint tag_base_ = crypto::TagBase({});
  ThrowawayBases bases_{tag_base_};
};

TEST_F(SyntheticRingTest, EverySignatureIsOneToTheVerifiers) {
  for (size_t size : {64, 1024}) {
    const SyntheticRing ring(size, bases_, rng_);
    std::vector<SyntheticSignature> made;
    for (size_t place : {size_t{0}, size_t{1}, size / 2, size - 1}) {
      made.push_back(Sign(ring, place));
      const SyntheticSignature& one = made.back();
      const auto proof =
          crypto::RingProof::Decode(ring.ring().ring().digits(), one.commitments, one.responses);
      ASSERT_TRUE(proof.ok()) << proof.status();
      EXPECT_TRUE(crypto::VerifyRingProofVarTime(ring.ring(), tag_base_,
                                                 crypto::RistrettoPoint::Decode(one.tag).value(),
                                                 *proof, one.challenge)
                      .ok())
          << place << " of " << size;
    }
    std::vector<crypto::RingClaim> claims;
    for (const SyntheticSignature& one : made) {
      claims.push_back(
          {&ring.ring(), tag_base_, one.tag, one.commitments, one.responses, one.challenge});
    }
    EXPECT_TRUE(crypto::FindUnprovedRings(claims, rng_).empty());
    claims[2].challenge = crypto::Scalar::One();
    EXPECT_EQ(crypto::FindUnprovedRings(claims, rng_), std::vector<size_t>{2});
  }
}

TEST_F(SyntheticRingTest, AMemberHasOneTag) {
  const SyntheticRing ring(64, bases_, rng_);
  const SyntheticSignature one = Sign(ring, 9), again = Sign(ring, 9), other = Sign(ring, 10);
  EXPECT_EQ(one.tag, again.tag);
  EXPECT_NE(one.commitments, again.commitments);
  EXPECT_NE(one.tag, other.tag);
}

}  // namespace
}  // namespace urna::bench
