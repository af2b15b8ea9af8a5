// The rules of an anonymous petition, entry by entry: docs/protocol.md §4.1, §8.1; checks P2, P3,
// P5-P8, S8, S14.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "tests/core/petition/petition_kit.h"

namespace urna::petition {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Members 0 and 3 are of district 1, 1 and 4 of district 2, 2 and 5 of none of the petition's.
class AnonymousStateTest : public ::testing::Test {
 protected:
  // Acts without proofs, where rules alone are asked.
  RingAct Ring(uint8_t tag, uint32_t ring, uint64_t sequence = 1) const {
    RingAct out;
    out.tag.fill(tag);
    out.ring = ring;
    out.sequence = sequence;
    return out;
  }
  TagAct Tag(uint8_t tag, Act act, uint64_t sequence) const {
    TagAct out;
    out.act = act;
    out.tag.fill(tag);
    out.sequence = sequence;
    return out;
  }
  template <typename AnyAct>
  void Apply(const AnyAct& act) {
    ASSERT_THAT(kit_.CheckAct(act), IsEmpty());
    kit_.state.ApplyAct(act, kit_.index++);
  }
  std::vector<std::string> CheckOpening(const poll::OpenAnonymousPetition& opening) {
    return kit_.Check(kit_.Next(opening, PetitionKit::kOpens));
  }
  std::vector<uint64_t> Counts() const {
    std::vector<uint64_t> out = {kit_.state.count()};
    for (const poll::DistrictCount& d : kit_.state.DistrictCounts()) out.push_back(d.signatures);
    return out;
  }

  PetitionKit kit_{31, PetitionKit::SmallRings()};
};

TEST_F(AnonymousStateTest, OpensWithItsRings) {
  EXPECT_THAT(CheckOpening(kit_.AnonymousOpening()), IsEmpty());
  EXPECT_EQ(kit_.state.beacon(), std::nullopt);
  kit_.Open();
  EXPECT_EQ(kit_.state.phase(), Phase::kCollecting);
  EXPECT_EQ(kit_.state.beacon(), PetitionKit::kBeacon);
  ASSERT_NE(kit_.state.context()->anonymous, nullptr);
  EXPECT_EQ(kit_.state.context()->anonymous->tag_base,
            crypto::TagBase(kit_.state.context()->poll_context));
  EXPECT_EQ(kit_.rings().size(), 2u);
  EXPECT_EQ(kit_.rings().DistrictOf(0), 1);
  EXPECT_EQ(kit_.rings().DistrictOf(1), 2);
}

TEST_F(AnonymousStateTest, P8WantsTheRingsThatFollow) {
  poll::OpenAnonymousPetition opening = kit_.AnonymousOpening();
  ++opening.rings;
  EXPECT_THAT(CheckOpening(opening), ElementsAre("P8"));
  opening = kit_.AnonymousOpening();
  opening.rings_hash[31] ^= 1;
  EXPECT_THAT(CheckOpening(opening), ElementsAre("P8"));
  // The rings do not depend on what is pinned, which is another check's business.
  opening = kit_.AnonymousOpening();
  opening.roll.root[0] ^= 1;
  EXPECT_THAT(CheckOpening(opening), ElementsAre("S14"));
  opening = kit_.AnonymousOpening();
  opening.epoch = 2;
  EXPECT_THAT(CheckOpening(opening), ElementsAre("S14"));
}

TEST_F(AnonymousStateTest, P8WantsNobodyWithoutARing) {
  AnonymousRules rules = PetitionKit::SmallRings();
  rules.fewest = 3;
  PetitionKit kit(31, rules);
  const auto violations = kit.state.CheckOrder(
      kit.Next(kit.AnonymousOpening(), PetitionKit::kOpens), kit.index, kit.roll.state.get());
  ASSERT_THAT(testing::Numbers(violations), ElementsAre("P8"));
  EXPECT_TRUE(absl::StrContains(violations[0].status.message(), "district 1 has members"));
  // A roll of other districts alone.
  PetitionKit nobody(31, PetitionKit::SmallRings(), {.members = 6, .districts = {3, 4}});
  EXPECT_THAT(nobody.Check(nobody.Next(nobody.AnonymousOpening(), PetitionKit::kOpens)),
              ElementsAre("P8"));
}

TEST_F(AnonymousStateTest, S8WantsTheOpeningOfItsKind) {
  EXPECT_THAT(kit_.Check(kit_.Next(kit_.Opening(), PetitionKit::kOpens)), ElementsAre("S8"));
  PetitionKit pseudonymous(31);
  const poll::OpenAnonymousPetition opening{pseudonymous.Opening(), 1, PetitionKit::kBeacon, 1, {}};
  EXPECT_THAT(pseudonymous.Check(pseudonymous.Next(opening, PetitionKit::kOpens)),
              ElementsAre("S8"));
  EXPECT_FALSE(kit_.state.HasPlace(kit_.Next(kit_.Opening(), PetitionKit::kOpens).order));
}

TEST_F(AnonymousStateTest, CountsTagsInTheDistrictsOfTheirRings) {
  kit_.Open();
  Apply(Ring(1, 0));
  Apply(Ring(2, 1));
  EXPECT_THAT(Counts(), ElementsAre(2, 1, 1));
  Apply(Tag(1, Act::kWithdraw, 2));
  EXPECT_THAT(Counts(), ElementsAre(1, 0, 1));
  Apply(Ring(3, 1, 9));
  Apply(Tag(1, Act::kSign, 5));
  EXPECT_THAT(Counts(), ElementsAre(3, 1, 2));
  const auto standing = kit_.state.Find(Ring(1, 0).tag);
  ASSERT_TRUE(standing.has_value());
  EXPECT_EQ(standing->sequence, 5u);
  EXPECT_TRUE(standing->signs);
  EXPECT_EQ(standing->district, 1);
  // Thresholds 2 and 3, where they were first reached: entry 3 is the opening, 4 to 9 follow.
  const auto thresholds = kit_.state.Thresholds();
  EXPECT_EQ(thresholds[0], (poll::ThresholdReached{2, true, 5}));
  EXPECT_EQ(thresholds[1], (poll::ThresholdReached{3, true, 8}));
}

TEST_F(AnonymousStateTest, P2WantsActsWhileItIsOpen) {
  EXPECT_THAT(kit_.CheckAct(Ring(1, 0)), ElementsAre("P2"));
  EXPECT_THAT(kit_.CheckAct(Tag(1, Act::kSign, 1)), ElementsAre("P2"));
  kit_.Open();
  Apply(Ring(1, 0));
  kit_.Close();
  EXPECT_THAT(kit_.CheckAct(Ring(2, 0)), ElementsAre("P2"));
  EXPECT_THAT(kit_.CheckAct(Tag(1, Act::kWithdraw, 2)), ElementsAre("P2"));
}

TEST_F(AnonymousStateTest, P3WantsARingAndATagThatHasActed) {
  kit_.Open();
  EXPECT_THAT(kit_.CheckAct(Ring(1, 2)), ElementsAre("P3"));
  EXPECT_THAT(kit_.CheckAct(Ring(1, UINT32_MAX)), ElementsAre("P3"));
  RingAct act = Ring(1, 0);
  act.epoch = 2;
  EXPECT_THAT(kit_.CheckAct(act), ElementsAre("P3"));
  act.epoch = 0;
  EXPECT_THAT(kit_.CheckAct(act), ElementsAre("P3"));
  EXPECT_THAT(kit_.CheckAct(Tag(1, Act::kSign, 1)), ElementsAre("P3"));
  EXPECT_THAT(kit_.CheckAct(Tag(1, Act::kWithdraw, 1)), ElementsAre("P3"));
}

TEST_F(AnonymousStateTest, P3AllowsNoMoreTagsThanMembers) {
  kit_.Open();
  Apply(Ring(1, 0));
  Apply(Ring(2, 0));
  EXPECT_THAT(kit_.CheckAct(Ring(3, 0)), ElementsAre("P3"));
  EXPECT_THAT(kit_.CheckAct(Ring(3, 1)), IsEmpty());
  // Who has withdrawn is a member all the same.
  Apply(Tag(1, Act::kWithdraw, 2));
  EXPECT_THAT(kit_.CheckAct(Ring(3, 0)), ElementsAre("P3"));
}

TEST_F(AnonymousStateTest, P5WantsOneRingActATagAndRisingNumbers) {
  kit_.Open();
  EXPECT_THAT(kit_.CheckAct(Ring(1, 0, 0)), ElementsAre("P5"));
  Apply(Ring(1, 0, 4));
  EXPECT_THAT(kit_.CheckAct(Ring(1, 0, 5)), ElementsAre("P5"));
  EXPECT_THAT(kit_.CheckAct(Ring(1, 1, 5)), ElementsAre("P5"));
  EXPECT_THAT(kit_.CheckAct(Tag(1, Act::kSign, 5)), ElementsAre("P5"));
  EXPECT_THAT(kit_.CheckAct(Tag(1, Act::kWithdraw, 4)), ElementsAre("P5"));
  EXPECT_THAT(kit_.CheckAct(Tag(1, Act::kWithdraw, 3)), ElementsAre("P5"));
  Apply(Tag(1, Act::kWithdraw, 5));
  EXPECT_THAT(kit_.CheckAct(Tag(1, Act::kWithdraw, 6)), ElementsAre("P5"));
  EXPECT_THAT(kit_.CheckAct(Tag(1, Act::kSign, 5)), ElementsAre("P5"));
  EXPECT_THAT(kit_.CheckAct(Ring(1, 0, 6)), ElementsAre("P5"));
  Apply(Tag(1, Act::kSign, UINT64_MAX));
  EXPECT_THAT(kit_.CheckAct(Tag(1, Act::kWithdraw, UINT64_MAX)), ElementsAre("P5"));
}

// Without the roll nobody's district is known, and there are no rings.
TEST_F(AnonymousStateTest, WithoutTheRollItGoesOn) {
  const poll::SignedOrder opening = kit_.Next(kit_.OpeningAct(), PetitionKit::kOpens);
  EXPECT_THAT(testing::Numbers(kit_.state.CheckOrder(opening, kit_.index, nullptr)),
              ElementsAre("S14"));
  kit_.state.ApplyOrder(opening, kit_.index++, nullptr);
  EXPECT_EQ(kit_.epochs().newest().rings, nullptr);
  EXPECT_FALSE(kit_.epochs().at_hand());
  EXPECT_THAT(kit_.CheckAct(Ring(1, 0)), ElementsAre("P3"));
  kit_.state.ApplyAct(Ring(1, 0), kit_.index++);
  EXPECT_THAT(Counts(), ElementsAre(1, 0, 0));
  EXPECT_THAT(kit_.CheckAct(Tag(1, Act::kWithdraw, 2)), IsEmpty());
}

}  // namespace
}  // namespace urna::petition
