#include "core/crypto/ring_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/crypto/ring_kit.h"
#include "tests/core/crypto/test_util.h"

namespace urna::crypto {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Gives every equation the same weight: what a batch must not do.
class EqualWeights final : public Rng {
 public:
  void Fill(std::span<uint8_t> out) override { std::ranges::fill(out, uint8_t{7}); }
};

// What a claim's spans look at.
struct Sent {
  const DecodedRing* ring;
  RistrettoPoint tag_base;
  std::array<uint8_t, 32> tag;
  Bytes commitments, responses;
  Scalar challenge;
};

class RingBatchTest : public ::testing::Test {
 protected:
  // Two rings of 64 and one of 256, with the same three members.
  RingBatchTest() {
    std::vector<RistrettoPoint> members;
    for (size_t i = 0; i < 3; ++i) {
      credentials_.push_back(Credential::Generate(rng_));
      members.push_back(credentials_.back().public_key());
    }
    rings_.emplace_back(RingWith(members, 64));
    members.push_back(Credential::Generate(rng_).public_key());
    rings_.emplace_back(RingWith(members, 64));
    rings_.emplace_back(RingWith(members, 256));
  }

  Sent Make(size_t ring, size_t member, uint8_t poll = 0) {
    const RistrettoPoint base = TagBase(Filled32(poll));
    const TaggedProof made = ProveInRing(rings_[ring].ring(), credentials_[member], base, rng_);
    return {&rings_[ring],
            base,
            made.tag.bytes(),
            made.proof.EncodeCommitments(),
            made.proof.EncodeResponses(),
            made.challenge};
  }
  std::vector<Sent> MakeMixed(size_t count) {
    std::vector<Sent> out;
    for (size_t i = 0; i < count; ++i) {
      out.push_back(Make(i % 3, i / 2 % 3, static_cast<uint8_t>(i % 2)));
    }
    return out;
  }

  static std::vector<RingClaim> ClaimsOf(const std::vector<Sent>& sent) {
    std::vector<RingClaim> claims;
    for (const Sent& one : sent) {
      claims.push_back(
          {one.ring, one.tag_base, one.tag, one.commitments, one.responses, one.challenge});
    }
    return claims;
  }
  static std::vector<size_t> Find(const std::vector<Sent>& sent, Rng& rng) {
    return FindUnprovedRings(ClaimsOf(sent), rng);
  }
  static bool Proved(const Sent& one) {
    const auto tag = RistrettoPoint::Decode(one.tag);
    const auto proof = RingProof::Decode(one.ring->ring().digits(), one.commitments, one.responses);
    return tag.ok() && proof.ok() &&
           VerifyRingProofVarTime(*one.ring, one.tag_base, *tag, *proof, one.challenge).ok();
  }
  // Finds what those find that look at one after the other.
  std::vector<size_t> FindAndCompare(const std::vector<Sent>& sent) {
    std::vector<size_t> one_by_one;
    for (size_t i = 0; i < sent.size(); ++i) {
      if (!Proved(sent[i])) one_by_one.push_back(i);
    }
    EXPECT_EQ(Find(sent, rng_), one_by_one);
    std::vector<size_t> by_stage;
    for (const UnprovedRing& one : FindUnprovedRingsByStage(ClaimsOf(sent), rng_)) {
      by_stage.push_back(one.position);
    }
    EXPECT_EQ(by_stage, one_by_one);
    return one_by_one;
  }

  static void AddToScalar(Bytes& bytes, size_t at, const Scalar& k) {
    const Scalar sum = Scalar::Decode(ByteSpan(bytes).subspan(32 * at, 32)).value() + k;
    std::ranges::copy(sum.bytes(), bytes.begin() + static_cast<ptrdiff_t>(32 * at));
  }
  static void AddToPoint(Bytes& bytes, size_t at, const RistrettoPoint& p) {
    const RistrettoPoint sum =
        RistrettoPoint::Decode(ByteSpan(bytes).subspan(32 * at, 32)).value() + p;
    std::ranges::copy(sum.bytes(), bytes.begin() + static_cast<ptrdiff_t>(32 * at));
  }

  SeededRng rng_{91};
  std::vector<Credential> credentials_;
  std::vector<DecodedRing> rings_;
};

TEST_F(RingBatchTest, NoneOneSomeAllBadOverSeveralRingsAndPolls) {
  for (size_t count : {0, 1, 2, 11}) {
    std::vector<Sent> sent = MakeMixed(count);
    EXPECT_THAT(FindAndCompare(sent), IsEmpty()) << count;
    for (Sent& one : sent) AddToScalar(one.responses, 0, Scalar::One());
    EXPECT_EQ(FindAndCompare(sent).size(), count);
  }
  std::vector<Sent> sent = MakeMixed(12);
  AddToScalar(sent[7].responses, 3, Scalar::One());
  EXPECT_THAT(FindAndCompare(sent), ElementsAre(7));
  std::swap(sent[0].commitments, sent[3].commitments);
  EXPECT_THAT(FindAndCompare(sent), ElementsAre(0, 3, 7));
}

TEST_F(RingBatchTest, TheCheapestStageRefuses) {
  std::vector<Sent> sent = MakeMixed(9);
  const auto u_of = [](const Sent& one) { return one.responses.size() / 32 - 2; };
  AddToScalar(sent[1].responses, 0, Scalar::One());  // f
  AddToScalar(sent[2].responses, u_of(sent[2]), Scalar::One());
  AddToScalar(sent[2].responses, 0, Scalar::One());
  AddToScalar(sent[4].responses, u_of(sent[4]) + 1, Scalar::One());  // v
  std::fill_n(sent[5].commitments.begin(), 32, uint8_t{0xff});
  AddToScalar(sent[5].responses, u_of(sent[5]), Scalar::One());
  sent[6].tag = {};
  sent[8].responses.resize(sent[8].responses.size() - 32);
  std::vector<RingClaim> claims = ClaimsOf(sent);
  EXPECT_THAT(FindUnprovedRingsByStage(claims, rng_),
              ElementsAre(UnprovedRing{1, RingStage::kMember}, UnprovedRing{2, RingStage::kTag},
                          UnprovedRing{4, RingStage::kTag}, UnprovedRing{5, RingStage::kForm},
                          UnprovedRing{6, RingStage::kForm}, UnprovedRing{8, RingStage::kForm}));
  EXPECT_THAT(FindUnprovedRings(claims, rng_), ElementsAre(1, 2, 4, 5, 6, 8));
  EXPECT_THAT(FindUnprovedRingsByStage({}, rng_), IsEmpty());
}

TEST_F(RingBatchTest, EveryFieldCounts) {
  const std::vector<Sent> good = {Make(0, 0), Make(0, 1)};
  std::vector<Sent> bad = good;
  for (size_t at = 0; at < good[1].commitments.size() / 32; ++at) {
    bad[1] = good[1];
    AddToPoint(bad[1].commitments, at, RistrettoPoint::Base());
    EXPECT_THAT(FindAndCompare(bad), ElementsAre(1)) << at;
    bad[1].commitments[32 * at + 31] |= 0x80;
    EXPECT_THAT(FindAndCompare(bad), ElementsAre(1)) << at;
  }
  for (size_t at = 0; at < good[1].responses.size() / 32; ++at) {
    bad[1] = good[1];
    AddToScalar(bad[1].responses, at, Scalar::One());
    EXPECT_THAT(FindAndCompare(bad), ElementsAre(1)) << at;
    bad[1].responses[32 * at + 31] |= 0x20;
    EXPECT_THAT(FindAndCompare(bad), ElementsAre(1)) << at;
  }
}

TEST_F(RingBatchTest, StatementsCount) {
  const std::vector<Sent> good = {Make(0, 0), Make(0, 1), Make(2, 1)};
  const auto alone = [&](const auto& change) {
    std::vector<Sent> sent = good;
    change(sent[1]);
    EXPECT_THAT(FindAndCompare(sent), ElementsAre(1));
  };
  alone([&](Sent& s) { s.ring = &rings_[1]; });
  alone([&](Sent& s) { s.ring = &rings_[2]; });
  alone([&](Sent& s) { s.tag_base = TagBase(Filled32(1)); });
  alone([&](Sent& s) { s.tag = good[0].tag; });
  alone([&](Sent& s) { s.tag = {}; });
  alone([&](Sent& s) { s.tag = Filled32(0xff); });
  alone([&](Sent& s) { s.challenge = Other(s.challenge); });
  alone([&](Sent& s) { s.commitments.resize(s.commitments.size() - 32); });
  alone([&](Sent& s) { s.responses.resize(s.responses.size() - 1); });
  alone([&](Sent& s) { s.responses.resize(0); });
}

TEST_F(RingBatchTest, ATagThatIsTheIdentityIsRefusedThoughItFits) {
  Bytes file(32);  // s = 0
  const std::array<uint8_t, 32> t = Scalar::FromUint64(5).bytes();
  file.insert(file.end(), t.begin(), t.end());
  credentials_.push_back(Credential::FromKeyFile(file).value());
  rings_.emplace_back(RingWith({credentials_.back().public_key()}, 64));
  EXPECT_THAT(FindAndCompare({Make(0, 0), Make(3, 3)}), ElementsAre(1));
}

// E in one proof and −E in another cancel if both are weighed alike.
TEST_F(RingBatchTest, ErrorsThatWouldCancelAreFound) {
  EqualWeights equal;
  std::vector<Sent> sent = {Make(0, 0), Make(0, 1), Make(0, 2)};
  const RistrettoPoint e = HashToGroup("error", {});
  for (size_t at : {0u, 2u, 6u, 7u}) {  // A, X_0, R1, R2, that is, every equation
    std::vector<Sent> bad = sent;
    AddToPoint(bad[0].commitments, at, e);
    AddToPoint(bad[2].commitments, at, e.Negate());
    EXPECT_THAT(Find(bad, equal), IsEmpty()) << "the point of this test";
    EXPECT_THAT(FindAndCompare(bad), ElementsAre(0, 2)) << at;
  }
  // Within one proof: an error of equation 1 against one of equation 3.
  std::vector<Sent> bad = sent;
  AddToPoint(bad[1].commitments, 0, e);
  AddToPoint(bad[1].commitments, 6, e.Negate());
  EXPECT_THAT(Find(bad, equal), IsEmpty());
  EXPECT_THAT(FindAndCompare(bad), ElementsAre(1));
}

TEST_F(RingBatchTest, BisectionNamesExactlyTheBad) {
  std::vector<Sent> pool = MakeMixed(6);
  std::vector<Sent> sent;
  for (size_t i = 0; i < 40; ++i) sent.push_back(pool[i % pool.size()]);
  std::vector<size_t> expected;
  for (size_t at : {0u, 1u, 13u, 20u, 21u, 22u, 39u}) {
    AddToScalar(sent[at].responses, at % 5, Scalar::One());
    expected.push_back(at);
  }
  EXPECT_EQ(Find(sent, rng_), expected);
}

}  // namespace
}  // namespace urna::crypto
