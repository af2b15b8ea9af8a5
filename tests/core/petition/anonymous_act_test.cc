// The proofs of anonymous acts, docs/protocol.md §8.1: what they are bound to, and many at once.
#include "core/petition/anonymous_act.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "core/crypto/hash_to_group.h"
#include "core/crypto/transcript.h"
#include "core/petition/anonymous_batch.h"
#include "tests/core/petition/petition_kit.h"
#include "tests/support/verdicts.h"

namespace urna::petition {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AnonymousActTest : public ::testing::Test {
 protected:
  const ActContext& context() const { return *kit_.state.context(); }
  void ExpectP4(const ActContext& context, const RingAct& act) {
    EXPECT_THAT(testing::Numbers(VerifyActProof(context, act, Ring(act.ring).get())),
                ElementsAre("P4"));
  }
  void ExpectP4(const ActContext& context, const TagAct& act) {
    EXPECT_THAT(testing::Numbers(VerifyActProof(context, act)), ElementsAre("P4"));
  }
  std::shared_ptr<const crypto::DecodedRing> Ring(uint32_t number) {
    return rings_.Get(opened_, number);
  }

  PetitionKit kit_{21, PetitionKit::SmallRings()};
  std::shared_ptr<const roll::Rings> opened_ = OpenedRings();
  RingCache rings_{1 << 20};
  RingAct ring_act_ = kit_.MakeRing(0, 7);
  TagAct tag_act_ = kit_.MakeTag(0, Act::kWithdraw, 8);

 private:
  std::shared_ptr<const roll::Rings> OpenedRings() {
    kit_.Open();
    return kit_.epochs().newest().rings;
  }
};

TEST_F(AnonymousActTest, MadeOnesVerifyAndHaveOneTag) {
  EXPECT_THAT(kit_.CheckProof(ring_act_), IsEmpty());
  EXPECT_THAT(kit_.CheckProof(tag_act_), IsEmpty());
  EXPECT_EQ(ring_act_.sequence, 7u);
  EXPECT_EQ(ring_act_.epoch, 1u);
  EXPECT_EQ(ring_act_.ring, kit_.RingOf(0));
  EXPECT_EQ(tag_act_.act, Act::kWithdraw);
  EXPECT_EQ(ring_act_.tag, tag_act_.tag);
  EXPECT_EQ(ring_act_.tag, kit_.TagOf(0));
  EXPECT_NE(ring_act_.tag, kit_.TagOf(3));
}

TEST_F(AnonymousActTest, ChallengesAreThoseOfTheProtocol) {
  const crypto::RistrettoPoint base = crypto::HashToGroup("tag base", context().poll_context);
  const crypto::Hash32 hash = Ring(ring_act_.ring)->ring().hash();
  const crypto::Hash64 h = crypto::Transcript("ring act")
                               .Field("context", context().poll_context)
                               .Field("text", context().text_hash)
                               .FieldU64("sequence", 7)
                               .FieldU32("epoch", 1)
                               .Field("epoch order", kit_.epochs().newest().order)
                               .FieldU32("number", ring_act_.ring)
                               .Field("ring", hash)
                               .Field("tag base", base.bytes())
                               .Field("tag", ring_act_.tag)
                               .Field("ring commitments", ring_act_.commitments)
                               .Hash();
  EXPECT_EQ(RingActChallenge(context(), ring_act_, hash),
            crypto::Challenge(h, 65535, 65535, crypto::ChallengeKind{8}));
  const crypto::Hash64 tag_h = crypto::Transcript("tag act")
                                   .Field("context", context().poll_context)
                                   .Field("text", context().text_hash)
                                   .FieldU8("act", 2)
                                   .FieldU64("sequence", 8)
                                   .Field("tag base", base.bytes())
                                   .Field("tag", tag_act_.tag)
                                   .Field("commitment", tag_act_.commitment)
                                   .Hash();
  EXPECT_EQ(TagActChallenge(context(), tag_act_),
            crypto::Challenge(tag_h, 65535, 65535, crypto::ChallengeKind{7}));
}

TEST_F(AnonymousActTest, HoldForTheirPollTextAndTagBaseOnly) {
  ActContext other = context();
  other.poll_context[0] ^= 1;
  ExpectP4(other, ring_act_);
  ExpectP4(other, tag_act_);
  other = context();
  other.text_hash[31] ^= 1;
  ExpectP4(other, ring_act_);
  ExpectP4(other, tag_act_);
  other = context();
  other.anonymous = std::make_shared<const AnonymousContext>(
      AnonymousContext{crypto::TagBase({}), context().anonymous->epochs});
  ExpectP4(other, ring_act_);
  ExpectP4(other, tag_act_);
}

TEST_F(AnonymousActTest, HoldAsTheyAreOnly) {
  const std::vector<std::function<void(RingAct&)>> ring_changes = {
      [](RingAct& a) { ++a.sequence; },
      [](RingAct& a) { ++a.epoch; },
      [](RingAct& a) { a.ring ^= 1; },
      [&](RingAct& a) { a.tag = kit_.TagOf(3); },
      [](RingAct& a) {
        std::rotate(a.commitments.begin(), a.commitments.begin() + 32, a.commitments.end());
      },
      [](RingAct& a) { a.responses[64] ^= 1; },
      [](RingAct& a) { a.commitments.resize(a.commitments.size() + 32); },
      [](RingAct& a) { a.responses.resize(a.responses.size() - 32); },
  };
  for (size_t i = 0; i < ring_changes.size(); ++i) {
    RingAct changed = ring_act_;
    ring_changes[i](changed);
    EXPECT_THAT(testing::Numbers(VerifyActProof(context(), changed, Ring(changed.ring).get())),
                ElementsAre("P4"))
        << i;
  }
  const std::vector<std::function<void(TagAct&)>> tag_changes = {
      [](TagAct& a) { a.act = Act::kSign; },     [](TagAct& a) { ++a.sequence; },
      [&](TagAct& a) { a.tag = kit_.TagOf(3); }, [&](TagAct& a) { a.commitment = kit_.TagOf(3); },
      [](TagAct& a) { a.response[0] ^= 1; },
  };
  for (size_t i = 0; i < tag_changes.size(); ++i) {
    TagAct changed = tag_act_;
    tag_changes[i](changed);
    EXPECT_THAT(kit_.CheckProof(changed), ElementsAre("P4")) << i;
  }
}

TEST_F(AnonymousActTest, WhatDoesNotDecodeIsL3) {
  const std::vector<std::function<void(RingAct&)>> ring_changes = {
      [](RingAct& a) { a.tag = {}; },
      [](RingAct& a) { a.tag.fill(0xff); },
      [](RingAct& a) { a.commitments[0] ^= 1; },
      [](RingAct& a) { std::fill_n(a.responses.end() - 32, 32, 0xff); },
  };
  for (size_t i = 0; i < ring_changes.size(); ++i) {
    RingAct changed = ring_act_;
    ring_changes[i](changed);
    EXPECT_THAT(kit_.CheckProof(changed), ElementsAre("L3")) << i;
    EXPECT_THAT(testing::Numbers(CheckCanonical(changed)), ElementsAre("L3")) << i;
    // Also where there is no ring to prove it over.
    EXPECT_THAT(testing::Numbers(VerifyActProof(context(), changed, nullptr)), ElementsAre("L3"));
  }
  const std::vector<std::function<void(TagAct&)>> tag_changes = {
      [](TagAct& a) { a.tag = {}; },
      [](TagAct& a) { a.commitment.fill(0xff); },
      [](TagAct& a) { a.response.fill(0xff); },
  };
  for (size_t i = 0; i < tag_changes.size(); ++i) {
    TagAct changed = tag_act_;
    tag_changes[i](changed);
    EXPECT_THAT(kit_.CheckProof(changed), ElementsAre("L3")) << i;
    EXPECT_THAT(testing::Numbers(VerifyActProof({}, changed)), ElementsAre("L3")) << i;
  }
  EXPECT_THAT(testing::Numbers(VerifyActProof({}, tag_act_)), IsEmpty());
}

TEST_F(AnonymousActTest, WhoIsNotInTheRingCannotBeginToProve) {
  const uint32_t other = kit_.RingOf(1);
  ASSERT_NE(other, kit_.RingOf(0));
  const auto made = MakeRingAct(context(), 1, 1, other,
                                crypto::Ring::Decode(kit_.rings().PointsOf(other)).value(),
                                kit_.roll.credentials[0], kit_.rng);
  EXPECT_EQ(made.status().code(), absl::StatusCode::kInvalidArgument) << made.status();
  const uint32_t own = kit_.RingOf(0);
  const auto unknown =
      MakeRingAct(context(), 1, 2, own, crypto::Ring::Decode(kit_.rings().PointsOf(own)).value(),
                  kit_.roll.credentials[0], kit_.rng);
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kInvalidArgument) << unknown.status();
}

TEST_F(AnonymousActTest, ManyAtOnceHaveTheVerdictsOfOneByOne) {
  std::vector<RingAct> ring_acts;
  std::vector<TagAct> tag_acts;
  for (size_t i = 0; i < 12; ++i) {
    const size_t member = i % 4 < 2 ? i % 2 : 3 + i % 2;  // of both districts
    ring_acts.push_back(kit_.MakeRing(member, i + 1));
    tag_acts.push_back(kit_.MakeTag(member, i % 2 == 0 ? Act::kSign : Act::kWithdraw, i + 1));
  }
  ring_acts[1].responses[0] ^= 1;
  ring_acts[2].tag = {};
  ring_acts[3].ring = 99;
  ring_acts[4].epoch = 2;
  ring_acts[5].commitments.resize(288);
  ring_acts[6].ring ^= 1;
  ring_acts[7].commitments[0] ^= 1;
  ring_acts[7].ring = 99;
  tag_acts[1].sequence = 100;
  tag_acts[2].response.fill(0xff);
  std::vector<AnonymousAct> acts;
  std::vector<std::vector<std::string>> wanted;
  for (size_t i = 0; i < ring_acts.size(); ++i) {
    const RingAct& ring_act = ring_acts[i];
    acts.push_back(&ring_act);
    const auto ring = ring_act.epoch == 1 ? Ring(ring_act.ring) : nullptr;
    wanted.push_back(testing::Words(VerifyActProof(context(), ring_act, ring.get())));
    acts.push_back(&tag_acts[i]);
    wanted.push_back(testing::Words(VerifyActProof(context(), tag_acts[i])));
  }
  crypto::SystemRng rng;
  for (size_t bytes : {size_t{0}, size_t{1} << 20}) {
    for (unsigned threads : {1, 3}) {
      RingCache cache(bytes);
      const auto verdicts = VerifyAnonymousProofs(context(), acts, cache, threads, rng);
      const auto screened = ScreenAnonymousProofs(context(), acts, cache, threads, rng);
      ASSERT_EQ(verdicts.size(), acts.size());
      ASSERT_EQ(screened.size(), acts.size());
      size_t bad = 0;
      for (size_t i = 0; i < acts.size(); ++i) {
        EXPECT_EQ(testing::Words(verdicts[i]), wanted[i]) << i;
        EXPECT_EQ(testing::Words(screened[i].violations), wanted[i]) << i;
        bad += verdicts[i].empty() ? 0 : 1;
      }
      EXPECT_EQ(bad, 7u);
    }
  }
}

TEST_F(AnonymousActTest, ErrorsThatWouldCancelAreFound) {
  std::vector<RingAct> pair = {kit_.MakeRing(0, 1), kit_.MakeRing(3, 1)};
  const size_t v = pair[0].responses.size() - 32;
  const auto add = [v](Bytes& bytes, const crypto::Scalar& summand) {
    const auto sum = crypto::Scalar::Decode(ByteSpan(bytes).subspan(v, 32)).value() + summand;
    std::copy(sum.bytes().begin(), sum.bytes().end(), bytes.begin() + static_cast<ptrdiff_t>(v));
  };
  add(pair[0].responses, crypto::Scalar::One());
  add(pair[1].responses, crypto::Scalar::One().Negate());
  const std::vector<AnonymousAct> acts = {&pair[0], &pair[1]};
  crypto::SystemRng rng;
  for (const auto& violations : VerifyAnonymousProofs(context(), acts, rings_, 1, rng)) {
    EXPECT_THAT(testing::Numbers(violations), ElementsAre("P4"));
  }
  for (const ScreenedAct& screened : ScreenAnonymousProofs(context(), acts, rings_, 1, rng)) {
    EXPECT_THAT(testing::Numbers(screened.violations), ElementsAre("P4"));
    EXPECT_EQ(screened.refused_by, crypto::RingStage::kTag);
  }
}

TEST_F(AnonymousActTest, TheCacheKnowsItsRingsAndNoOthers) {
  const uint32_t count = kit_.rings().size();
  ASSERT_EQ(count, 2u);
  for (uint32_t number = 0; number < count; ++number) {
    const auto ring = Ring(number);
    ASSERT_NE(ring, nullptr);
    EXPECT_EQ(Ring(number), ring);  // kept
    EXPECT_EQ(EncodePoints(std::vector<crypto::RistrettoPoint>(ring->ring().points().begin(),
                                                               ring->ring().points().end())),
              kit_.rings().PointsOf(number));
  }
  EXPECT_EQ(Ring(count), nullptr);
  RingCache one(0);
  const auto first = one.Get(opened_, 0);
  const auto second = one.Get(opened_, 1);
  EXPECT_NE(one.Get(opened_, 0), first);  // was let go for the other
  EXPECT_EQ(RingCache(1000).Get(nullptr, 0), nullptr);
  // Rings of another beacon under the same number are others.
  const auto later = kit_.state.MakeRings(kit_.roll.state, {9});
  EXPECT_NE(rings_.Get(later, 0), Ring(0));
  EXPECT_EQ(rings_.Get(later, 0), rings_.Get(later, 0));
}

}  // namespace
}  // namespace urna::petition
