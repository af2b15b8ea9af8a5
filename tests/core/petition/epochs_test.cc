// Later epochs of the roll in a running petition: docs/protocol.md §4.1, §6; checks S8, S14, P3, P5
// and P8 about order 17.
#include "core/petition/epochs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/match.h"
#include "core/petition/anonymous_batch.h"
#include "tests/core/petition/petition_kit.h"

namespace urna::petition {
namespace {

using poll::RollEpoch;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint64_t kLater = PetitionKit::kOpens + 100;

RingAct Bare(uint8_t tag, uint32_t epoch, uint32_t ring, uint64_t sequence = 1) {
  RingAct out;
  out.tag.fill(tag);
  out.epoch = epoch;
  out.ring = ring;
  out.sequence = sequence;
  return out;
}

// Members 0 and 3 are of district 1, 1 and 4 of district 2, 2 and 5 of none of the petition's. The
// roll's epoch 2 has somebody new in district 1, and member 2 has moved to district 2.
class RollEpochTest : public ::testing::Test {
 protected:
  RollEpochTest() {
    kit_.Open();
    kit_.Change({testing::Addition(kit_.roll, newcomer_, 1, kit_.rng),
                 testing::Moving(kit_.roll.members[2], 2)});
  }

  // Later than what BringIn logs.
  std::vector<std::string> Check(const RollEpoch& epoch) {
    return kit_.Check(kit_.Next(epoch, kLater + 1));
  }
  void BringIn(uint32_t earliest = 1) {
    const poll::SignedOrder order = kit_.Next(kit_.NextEpoch(earliest), kLater);
    ASSERT_THAT(kit_.Check(order), IsEmpty());
    kit_.Apply(order);
  }
  // The same again, which ends the epochs below.
  RollEpoch Repetition() { return kit_.NextEpoch(2); }
  template <typename AnyAct>
  void Apply(const AnyAct& act) {
    ASSERT_THAT(kit_.CheckAct(act), IsEmpty());
    kit_.state.ApplyAct(act, kit_.index++);
  }
  // As many spoilt orders, each of which must break this check alone.
  void ExpectEach(const RollEpoch& honest, absl::string_view check,
                  const std::vector<std::function<void(RollEpoch&)>>& changes) {
    for (size_t i = 0; i < changes.size(); ++i) {
      RollEpoch changed = honest;
      changes[i](changed);
      EXPECT_THAT(Check(changed), ElementsAre(check)) << i;
    }
  }

  PetitionKit kit_{41, PetitionKit::SmallRings()};
  crypto::Credential newcomer_ = crypto::Credential::Generate(kit_.rng);
};

TEST_F(RollEpochTest, BringsInItsRingsAndLeavesThoseBefore) {
  const std::shared_ptr<const AnonymousContext> before = kit_.state.context()->anonymous;
  const auto order = kit_.Next(kit_.NextEpoch(), kLater);
  EXPECT_TRUE(kit_.state.HasPlace(order.order));
  EXPECT_EQ(kit_.state.PinOf(order.order), kit_.roll.state->pin());
  BringIn();
  EXPECT_EQ(kit_.state.phase(), Phase::kCollecting);
  const RingEpochs& epochs = kit_.epochs();
  ASSERT_EQ(epochs.all().size(), 2u);
  EXPECT_EQ(epochs.first().epoch, 1u);
  EXPECT_EQ(epochs.newest().epoch, 2u);
  EXPECT_EQ(epochs.newest().order, kit_.state.orders().last_hash());
  EXPECT_EQ(epochs.newest().beacon, PetitionKit::kLaterBeacon);
  EXPECT_EQ(kit_.state.beacon(), PetitionKit::kBeacon);
  EXPECT_NE(epochs.FindInForce(1), nullptr);
  EXPECT_NE(epochs.FindInForce(2), nullptr);
  EXPECT_EQ(epochs.Find(3), nullptr);
  EXPECT_EQ(epochs.ring_count(), 4u);
  EXPECT_EQ(epochs.smallest_crowd(), 2u);
  EXPECT_EQ(epochs.members(), 6u);
  EXPECT_EQ(kit_.rings().CrowdOf(0), 3u);
  EXPECT_EQ(kit_.rings().CrowdOf(1), 3u);
  EXPECT_TRUE(kit_.rings().Find(newcomer_.public_key().bytes()).has_value());
  // Whoever has the context of before still has it.
  EXPECT_EQ(before->epochs.all().size(), 1u);
  EXPECT_EQ(before->tag_base, kit_.state.context()->anonymous->tag_base);
}

TEST_F(RollEpochTest, ActsOverRingsOfBothEpochsAreProvedAndCount) {
  BringIn();
  const RingAct older = kit_.MakeRingOf(kit_.roll.credentials[0], 1, 1);
  const RingAct newer = kit_.MakeRingOf(newcomer_, 1, 2);
  const RingAct moved = kit_.MakeRingOf(kit_.roll.credentials[2], 1, 2);
  std::vector<AnonymousAct> acts;
  for (const RingAct* act : {&older, &newer, &moved}) {
    EXPECT_THAT(kit_.CheckProof(*act), IsEmpty());
    acts.emplace_back(act);
    Apply(*act);
  }
  RingCache cache(1 << 20);
  crypto::SystemRng rng;
  for (const auto& violations : VerifyAnonymousProofs(*kit_.state.context(), acts, cache, 1, rng)) {
    EXPECT_THAT(violations, IsEmpty());
  }
  EXPECT_EQ(kit_.state.count(), 3u);
  EXPECT_EQ(kit_.state.Find(newer.tag)->district, 1);
  EXPECT_EQ(kit_.state.Find(moved.tag)->district, 2);
  // One tag a person, whatever the epoch.
  const RingAct again = kit_.MakeRingOf(kit_.roll.credentials[0], 2, 2);
  EXPECT_EQ(again.tag, older.tag);
  EXPECT_THAT(kit_.CheckProof(again), IsEmpty());
  EXPECT_THAT(kit_.CheckAct(again), ElementsAre("P5"));
}

// A fork with another order for the same rings makes other acts.
TEST_F(RollEpochTest, ProofsHoldForTheOrderThatBroughtTheEpochIn) {
  PetitionState forked = kit_.state;
  const auto apply = [&](PetitionState& state, uint64_t time) {
    const poll::SignedOrder order =
        kit_.Sign(testing::NextOrder(state.orders(), kit_.NextEpoch(), time));
    state.ApplyOrder(order, kit_.index, kit_.roll.state);
  };
  apply(forked, kLater + 1);
  apply(kit_.state, kLater);
  const RingAct act = kit_.MakeRingOf(newcomer_, 1, 2);
  EXPECT_THAT(kit_.CheckProof(act), IsEmpty());
  RingCache cache(0);
  const EpochRings& epoch = forked.context()->anonymous->epochs.newest();
  EXPECT_EQ(epoch.rings->hash(), kit_.rings().hash());
  EXPECT_THAT(testing::Numbers(
                  VerifyActProof(*forked.context(), act, cache.Get(epoch.rings, act.ring).get())),
              ElementsAre("P4"));
}

TEST_F(RollEpochTest, S8WantsNumbersThatFit) {
  const RollEpoch honest = kit_.NextEpoch();
  ExpectEach(honest, "S8",
             {[](RollEpoch& e) { e.epoch = 0; }, [](RollEpoch& e) { e.earliest = 0; },
              [](RollEpoch& e) { e.earliest = 3; },
              // Epoch 1 again, and nothing ends.
              [](RollEpoch& e) { e.epoch = 1; }});
  BringIn();
  ExpectEach(kit_.NextEpoch(2), "S8",
             {[](RollEpoch& e) { e.earliest = 1; }, [](RollEpoch& e) { e.earliest = 3; },
              [](RollEpoch& e) { e.epoch = 1; }});
  RollEpoch wrong = kit_.NextEpoch(1);
  EXPECT_FALSE(kit_.state.HasPlace(kit_.Next(wrong, kLater + 1).order));
  // It changes nothing.
  kit_.Apply(kit_.Next(wrong, kLater + 1));
  EXPECT_EQ(kit_.epochs().all().size(), 2u);
  EXPECT_EQ(kit_.epochs().earliest(), 1u);
}

TEST_F(RollEpochTest, S8WantsItWhileThePetitionCollects) {
  const RollEpoch epoch = kit_.NextEpoch();
  PetitionKit published(41, PetitionKit::SmallRings());
  EXPECT_THAT(published.Check(published.Next(epoch, kLater)), ElementsAre("S8"));
  EXPECT_EQ(published.state.PinOf(published.Next(epoch, kLater).order), std::nullopt);
  kit_.Close();
  EXPECT_THAT(kit_.Check(kit_.Next(epoch, PetitionKit::kCloses + 1)), ElementsAre("S8"));
  PetitionKit pseudonymous(41);
  pseudonymous.Open();
  EXPECT_THAT(pseudonymous.Check(pseudonymous.Next(epoch, kLater)), ElementsAre("S8"));
}

TEST_F(RollEpochTest, S14WantsTheRollOfTheEpoch) {
  ExpectEach(kit_.NextEpoch(), "S14",
             {[](RollEpoch& e) { e.epoch = 3; }, [](RollEpoch& e) { ++e.roll_size; },
              [](RollEpoch& e) { e.roll_root[0] ^= 1; }});
  const auto order = kit_.Next(kit_.NextEpoch(), kLater);
  EXPECT_THAT(testing::Numbers(kit_.state.CheckOrder(order, kit_.index, nullptr)),
              ElementsAre("S14"));
}

TEST_F(RollEpochTest, P8WantsTheRingsThatFollowAndABeaconOfItsOwn) {
  ExpectEach(kit_.NextEpoch(), "P8",
             {[](RollEpoch& e) { ++e.rings; }, [](RollEpoch& e) { e.rings_hash[31] ^= 1; }});
  const auto same = kit_.Next(kit_.NextEpoch(1, PetitionKit::kBeacon), kLater);
  const auto violations = kit_.state.CheckOrder(same, kit_.index, kit_.roll.state.get());
  ASSERT_THAT(testing::Numbers(violations), ElementsAre("P8"));
  EXPECT_TRUE(absl::StrContains(violations[0].status.message(), "beacon is that of epoch 1"));
}

TEST_F(RollEpochTest, P8WantsNobodyWithoutARing) {
  kit_.Change({testing::Removal(kit_.roll.members[0]), testing::Removal(kit_.roll.members[3])});
  // The newcomer is alone in district 1.
  EXPECT_THAT(Check(kit_.NextEpoch()), ElementsAre("P8"));
}

TEST_F(RollEpochTest, EndsEarlierEpochs) {
  Apply(Bare(1, 1, 0));
  BringIn(2);
  EXPECT_THAT(kit_.CheckAct(Bare(2, 1, 0)), ElementsAre("P3"));
  EXPECT_THAT(kit_.CheckAct(Bare(2, 2, 0)), IsEmpty());
  EXPECT_THAT(kit_.CheckAct(Bare(2, 3, 0)), ElementsAre("P3"));
  EXPECT_THAT(kit_.CheckAct(Bare(2, 2, 2)), ElementsAre("P3"));
  // What was admitted stays, and goes on.
  EXPECT_EQ(kit_.state.count(), 1u);
  TagAct withdrawal;
  withdrawal.act = Act::kWithdraw;
  withdrawal.tag.fill(1);
  withdrawal.sequence = 2;
  Apply(withdrawal);
  EXPECT_EQ(kit_.state.count(), 0u);
}

// Officers who say a wrong epoch, which breaks S14, don't bring in who must be left out.
TEST(RollEpochOfAWrongOpeningTest, RekeyedPointsAreInNoRingBehindAnOpeningThatSaysEpochZero) {
  PetitionKit kit(43, PetitionKit::SmallRings());
  poll::OpenAnonymousPetition opening = kit.AnonymousOpening();
  opening.epoch = 0;
  const poll::SignedOrder order = kit.Next(opening, PetitionKit::kOpens);
  EXPECT_THAT(kit.Check(order), ElementsAre("S14"));
  kit.Apply(order);
  const crypto::Credential again = crypto::Credential::Generate(kit.rng);
  const crypto::Credential newcomer = crypto::Credential::Generate(kit.rng);
  kit.Change({testing::Rekeying(kit.roll, kit.roll.members[0], again, kit.rng),
              testing::Addition(kit.roll, newcomer, 1, kit.rng)});
  const auto rings = kit.state.MakeLaterRings(kit.roll.state, PetitionKit::kLaterBeacon);
  EXPECT_FALSE(rings->Find(again.public_key().bytes()).has_value());
  EXPECT_TRUE(rings->Find(newcomer.public_key().bytes()).has_value());
}

TEST_F(RollEpochTest, ARepetitionEndsEarlierEpochsAlone) {
  BringIn();
  const poll::SignedOrder order = kit_.Next(Repetition(), kLater + 1);
  EXPECT_THAT(kit_.Check(order), IsEmpty());
  const crypto::Hash32 epoch_order = kit_.epochs().newest().order;
  kit_.Apply(order);
  EXPECT_EQ(kit_.epochs().all().size(), 2u);
  EXPECT_EQ(kit_.epochs().newest().order, epoch_order);
  EXPECT_EQ(kit_.epochs().members(), 6u);
  EXPECT_EQ(kit_.epochs().FindInForce(1), nullptr);
  EXPECT_NE(kit_.epochs().Find(1), nullptr);
  EXPECT_THAT(kit_.CheckAct(Bare(2, 1, 0)), ElementsAre("P3"));
  EXPECT_THAT(kit_.CheckAct(Bare(2, 2, 0)), IsEmpty());
}

TEST_F(RollEpochTest, P8WantsRepetitionsToSayTheSame) {
  BringIn();
  ExpectEach(Repetition(), "P8",
             {[](RollEpoch& e) { e.beacon[0] ^= 1; }, [](RollEpoch& e) { ++e.rings; },
              [](RollEpoch& e) { e.rings_hash[0] ^= 1; }});
  RollEpoch other = Repetition();
  other.roll_root[0] ^= 1;
  EXPECT_THAT(Check(other), ElementsAre("S14", "P8"));
}

TEST_F(RollEpochTest, P3AllowsNoMoreTagsThanThereWereDifferentMembers) {
  BringIn();
  uint8_t tag = 1;
  for (const auto& [epoch, ring] :
       std::vector<std::pair<uint32_t, uint32_t>>{{1, 0}, {1, 0}, {1, 1}, {1, 1}}) {
    Apply(Bare(tag++, epoch, ring));
  }
  EXPECT_THAT(kit_.CheckAct(Bare(tag, 1, 0)), ElementsAre("P3"));
  Apply(Bare(tag++, 2, 0));
  Apply(Bare(tag++, 2, 1));
  // Both rings of epoch 2 have three members and one tag, but there were only six people.
  EXPECT_THAT(kit_.CheckAct(Bare(tag, 2, 0)), ElementsAre("P3"));
  EXPECT_THAT(kit_.CheckAct(Bare(tag, 2, 1)), ElementsAre("P3"));
}

TEST_F(RollEpochTest, IsNoOrderAtWhichMinimumsAreSeen) {
  AnonymousRules rules = PetitionKit::SmallRings();
  rules.minimums = {{50, 1}};
  PetitionKit kit(41, rules);
  kit.Open();
  kit.Change({testing::Moving(kit.roll.members[2], 2)});
  kit.Apply(kit.Next(kit.NextEpoch(), kLater));
  ASSERT_EQ(kit.epochs().all().size(), 2u);
  kit.state.ApplyAct(Bare(1, 2, 0), kit.index++);
  kit.Close();
  EXPECT_EQ(kit.state.AnonymousResult(kit.index).minimums[0].seen, 1u);
}

// --- Who is in the rings of a later epoch.

// 24 members in the districts 1 and 2, of each six in category 1 (online) and six in 2 (on paper):
// of district 1 the members 0, 4, 8, … are online, and 2, 6, 10, … on paper.
class LaterRingsTest : public ::testing::Test {
 protected:
  static AnonymousRules Rules() {
    AnonymousRules out = PetitionKit::SmallRings();
    out.paper_categories = {2};
    return out;
  }
  const roll::RollMember& Member(size_t i) const { return kit_.roll.members[i]; }
  bool IsIn(const roll::Rings& rings, const crypto::Credential& who) const {
    return rings.Find(who.public_key().bytes()).has_value();
  }
  bool IsIn(const roll::Rings& rings, size_t member) const {
    return rings.Find(Member(member).credential).has_value();
  }
  std::shared_ptr<const roll::Rings> Later() const {
    return kit_.state.MakeLaterRings(kit_.roll.state, PetitionKit::kLaterBeacon);
  }
  crypto::Credential Someone() { return crypto::Credential::Generate(kit_.rng); }

  PetitionKit kit_{43, Rules(), {.members = 24, .districts = {1, 2}, .categories = {1, 2}}};
};

TEST_F(LaterRingsTest, HaveNobodyWhoHadAnotherKeySinceTheOpening) {
  const crypto::Credential before = Someone(), after = Someone(), later = Someone(),
                           back = Someone(), in_vain = Someone();
  // Member 0 is re-keyed and member 4 taken off before the opening.
  kit_.Change(
      {testing::Rekeying(kit_.roll, Member(0), before, kit_.rng), testing::Removal(Member(4))});
  kit_.Open();
  EXPECT_EQ(kit_.epochs().first().epoch, 2u);
  EXPECT_TRUE(IsIn(kit_.rings(), before));
  // Afterwards member 8 gets a new key, member 4 comes back, and member 12 leaves.
  kit_.Change({testing::Rekeying(kit_.roll, Member(8), after, kit_.rng),
               testing::Rekeying(kit_.roll, Member(4), back, kit_.rng),
               testing::Removal(Member(12))});
  kit_.Change({testing::Rekeying(kit_.roll, Member(12), in_vain, kit_.rng)});
  std::shared_ptr<const roll::Rings> rings = Later();
  EXPECT_TRUE(IsIn(*rings, before));
  EXPECT_TRUE(IsIn(*rings, back));
  EXPECT_FALSE(IsIn(*rings, after));
  EXPECT_FALSE(IsIn(*rings, in_vain));
  EXPECT_FALSE(IsIn(*rings, size_t{8}));
  EXPECT_TRUE(absl::StrContains(rings->WhyInNone(after.public_key().bytes()), "replaces one"));
  EXPECT_TRUE(absl::StrContains(rings->WhyInNone(Member(8).credential), "not on the roll"));
  // Who came back stands on the roll now, and a further key of theirs is shut out.
  roll::RollMember returned = Member(4);
  returned.credential = back.public_key().bytes();
  kit_.Change({testing::Rekeying(kit_.roll, returned, later, kit_.rng)});
  rings = Later();
  EXPECT_FALSE(IsIn(*rings, later));
  EXPECT_FALSE(IsIn(*rings, back));
  // For a petition that is opened now all of them are members.
  EXPECT_TRUE(IsIn(*kit_.state.MakeRings(kit_.roll.state, PetitionKit::kBeacon), later));
}

TEST_F(LaterRingsTest, HaveNobodyWhoCouldSignOnPaperSinceTheOpening) {
  const crypto::Credential newcomer = Someone();
  // Members 2 and 6 sign on paper. Before the opening 6 moves to online.
  kit_.Change({testing::Moving(Member(6), 1, 1)});
  kit_.Open();
  EXPECT_TRUE(IsIn(kit_.rings(), 6));
  kit_.Change({testing::Moving(Member(2), 1, 1), testing::Moving(Member(0), 1, 2),
               testing::Addition(kit_.roll, newcomer, 1, kit_.rng, 2)});
  roll::RollMember added;
  added.credential = newcomer.public_key().bytes();
  kit_.Change({testing::Moving(Member(0), 1, 1), testing::Moving(added, 1, 1),
               testing::Moving(Member(4), 2, 1)});
  const auto rings = Later();
  EXPECT_TRUE(IsIn(*rings, 6));
  EXPECT_FALSE(IsIn(*rings, 2));
  EXPECT_FALSE(IsIn(*rings, size_t{0}));
  EXPECT_FALSE(IsIn(*rings, newcomer));
  EXPECT_EQ(rings->DistrictOf(*rings->Find(Member(4).credential)), 2);
  EXPECT_TRUE(absl::StrContains(rings->WhyInNone(Member(2).credential), "sign on paper"));
  EXPECT_TRUE(absl::StrContains(rings->WhyInNone(Member(10).credential), "sign on paper"));
  // Paper is bounded by the roll of the opening: members 2, 10, 14, 18 and 22 of district 1.
  EXPECT_EQ(kit_.state.paper().MembersOf(1), 5u);
}

// Of 420 members every third is online, so that district 1 has three rings.
TEST(LaterRingsSeedTest, HasAllMembersButThoseWhoAreLeftOut) {
  AnonymousRules rules = PetitionKit::SmallRings();
  rules.paper_categories = {2};
  PetitionKit kit(44, rules, {.members = 420, .districts = {1}, .categories = {1, 2, 3}});
  kit.Open();
  ASSERT_EQ(kit.rings().size(), 3u);
  const auto hash = [&] {
    return kit.state.MakeLaterRings(kit.roll.state, PetitionKit::kLaterBeacon)->hash();
  };
  const crypto::Hash32 before = hash();
  EXPECT_NE(before, kit.state.MakeRings(kit.roll.state, PetitionKit::kLaterBeacon)->hash());
  kit.Change({testing::Removal(kit.roll.members[1])});  // who signs on paper
  EXPECT_EQ(hash(), before);
  kit.Change({testing::Removal(kit.roll.members[2])});  // who does not sign
  EXPECT_NE(hash(), before);
}

}  // namespace
}  // namespace urna::petition
