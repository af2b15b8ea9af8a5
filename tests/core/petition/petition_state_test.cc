// A petition from its manifest to its result, and every way to break its rules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/match.h"
#include "tests/core/petition/petition_kit.h"

namespace urna::petition {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Members of the kit's roll by district: 0 and 3 in 1, 1 and 4 in 2, 2 and 5 in 3 (not ours).
class PetitionStateTest : public ::testing::Test {
 protected:
  static constexpr uint64_t kOpens = PetitionKit::kOpens;
  static constexpr uint64_t kCloses = PetitionKit::kCloses;

  // The one violation there is.
  void Expect(const std::vector<Violation>& violations, absl::string_view number,
              absl::StatusCode code, absl::string_view words) {
    ASSERT_THAT(testing::Numbers(violations), ElementsAre(std::string(number))) << words;
    EXPECT_EQ(violations[0].status.code(), code) << violations[0].status;
    EXPECT_TRUE(absl::StrContains(violations[0].status.message(), words)) << violations[0].status;
  }
  void ExpectOrder(const poll::SignedOrder& order, absl::string_view number, absl::StatusCode code,
                   absl::string_view words) {
    Expect(kit_.state.CheckOrder(order, kit_.index, kit_.roll.state.get()), number, code, words);
  }
  void ExpectAct(const PetitionAct& act, absl::string_view number, absl::StatusCode code,
                 absl::string_view words) {
    Expect(kit_.state.CheckAct(act), number, code, words);
  }

  PetitionKit kit_{7};
};

TEST_F(PetitionStateTest, GoesFromManifestToResult) {
  EXPECT_EQ(kit_.state.phase(), Phase::kSetup);
  EXPECT_EQ(kit_.state.stage(), Stage::kSetup);
  EXPECT_EQ(kit_.state.poll_id(),
            poll::ManifestHash(record::EncodeBody(kit_.state.manifest()).value()));
  EXPECT_FALSE(kit_.state.context().has_value());

  const poll::SignedOrder opening = kit_.Next(kit_.Opening(), kOpens);
  ASSERT_THAT(kit_.Check(opening), IsEmpty());
  kit_.Apply(opening);
  EXPECT_EQ(kit_.state.phase(), Phase::kCollecting);
  EXPECT_EQ(kit_.state.stage(), Stage::kVoting);
  ASSERT_TRUE(kit_.state.context().has_value());
  EXPECT_EQ(kit_.state.context()->poll_context,
            poll::PollContext(kit_.state.poll_id(), opening.signed_body.body));
  EXPECT_EQ(kit_.state.context()->text_hash, TextHash(kit_.state.manifest()));
  EXPECT_EQ(kit_.state.roll_pin(), kit_.roll.state->pin());

  for (size_t member : {0u, 1u, 3u}) {
    const PetitionAct act = kit_.Make(member, Act::kSign, 1);
    ASSERT_THAT(kit_.Check(act), IsEmpty());
    ASSERT_TRUE(VerifyActProof(*kit_.state.context(), act).empty());
    kit_.state.ApplyAct(act, kit_.index++);
  }
  ASSERT_TRUE(kit_.Withdraws(0, 2));

  ASSERT_THAT(kit_.Check(kit_.Next(poll::Close{}, kCloses)), IsEmpty());
  kit_.Close();
  EXPECT_EQ(kit_.state.phase(), Phase::kClosed);
  EXPECT_EQ(kit_.state.stage(), Stage::kClosed);

  const poll::PetitionResult result = kit_.state.Result(kit_.index);
  EXPECT_EQ(result.tree_size, 7u);
  EXPECT_EQ(result.signatures, 2u);
  EXPECT_THAT(result.districts, ElementsAre(poll::DistrictCount{1, 1}, poll::DistrictCount{2, 1}));
  EXPECT_THAT(result.thresholds,
              ElementsAre(poll::ThresholdReached{2, true, 3}, poll::ThresholdReached{3, true, 4}));
  const poll::SignedOrder last = kit_.Next(result, kCloses + 1);
  ASSERT_THAT(kit_.Check(last), IsEmpty());
  EXPECT_FALSE(kit_.state.published().has_value());
  kit_.Apply(last);
  EXPECT_EQ(kit_.state.phase(), Phase::kFinal);
  EXPECT_EQ(kit_.state.stage(), Stage::kFinal);
  ASSERT_TRUE(kit_.state.published().has_value());
  EXPECT_EQ(kit_.state.published()->signatures, 2u);
  EXPECT_EQ(kit_.state.orders().last_number(), 3u);
}

TEST_F(PetitionStateTest, OrdersAreChainedSignedAndTimed) {
  poll::Order order = testing::NextOrder(kit_.state.orders(), kit_.Opening(), kOpens);
  order.number = 2;
  ExpectOrder(kit_.Sign(order), "S5", absl::StatusCode::kFailedPrecondition, "order 2 'open'");
  order = testing::NextOrder(kit_.state.orders(), kit_.Opening(), kOpens - 1);
  ExpectOrder(kit_.Sign(order), "S7", absl::StatusCode::kFailedPrecondition, "off the schedule");
  order.reason = "the officers met a second early";
  EXPECT_THAT(kit_.Check(kit_.Sign(order)), IsEmpty());
  poll::SignedOrder few = kit_.Sign(order);
  few.signed_body.signatures.resize(1);
  ExpectOrder(few, "S6", absl::StatusCode::kPermissionDenied, "signed by 1 of 3 officers");
}

TEST_F(PetitionStateTest, EveryOrderHasItsPhase) {
  const auto result = [&] { return kit_.Next(kit_.state.Result(kit_.index), kCloses + 1); };
  const auto close = [&] { return kit_.Next(poll::Close{}, kCloses); };
  const auto open = [&] {
    poll::Order order = testing::NextOrder(kit_.state.orders(), kit_.Opening(), kCloses + 2);
    order.reason = "again";
    return kit_.Sign(order);
  };
  constexpr auto kCode = absl::StatusCode::kFailedPrecondition;
  ExpectOrder(close(), "S8", kCode, "the petition is not open yet");
  ExpectOrder(result(), "S8", kCode, "the petition is not open yet");
  kit_.Open();
  ExpectOrder(open(), "S8", kCode, "order 2 'open': out of place, the petition is open");
  ExpectOrder(result(), "S8", kCode, "the petition is open");
  kit_.Close();
  ExpectOrder(open(), "S8", kCode, "the petition is closed");
  poll::Order again = testing::NextOrder(kit_.state.orders(), poll::Close{}, kCloses + 1);
  again.reason = "again";
  ExpectOrder(kit_.Sign(again), "S8", kCode, "the petition is closed");
  kit_.Finish();
  again = testing::NextOrder(kit_.state.orders(), kit_.state.Result(kit_.index), kCloses + 9);
  ExpectOrder(kit_.Sign(again), "S8", kCode, "the petition is final");
}

TEST_F(PetitionStateTest, OrdersOfElectionsHaveNoPlace) {
  const PetitionState fresh = kit_.state;
  for (const decltype(poll::Order::act)& act :
       {decltype(poll::Order::act)(poll::NewAttempt{2}), decltype(poll::Order::act)(poll::Sum{}),
        decltype(poll::Order::act)(poll::ElectionResult{}),
        decltype(poll::Order::act)(poll::OpenElection{1, {}, {{}}, {}})}) {
    const poll::SignedOrder order = kit_.Next(act, kOpens);
    ExpectOrder(order, "S8", absl::StatusCode::kInvalidArgument, "an election's order");
    kit_.Apply(order);
    EXPECT_EQ(kit_.state.phase(), Phase::kSetup);
    kit_.state = fresh;
  }
}

TEST_F(PetitionStateTest, AnOrderOutOfPlaceTakesItsPlaceInTheChainAndChangesNothingElse) {
  kit_.Open();
  const ActContext context = *kit_.state.context();
  poll::OpenPetition other = kit_.Opening();
  other.text_hash[0] ^= 1;
  other.roll.size = 99;
  const poll::SignedOrder second = kit_.Next(other, kOpens + 1);
  EXPECT_THAT(kit_.Check(second), ElementsAre("S8"));
  kit_.Apply(second);
  EXPECT_EQ(kit_.state.phase(), Phase::kCollecting);
  EXPECT_EQ(kit_.state.context()->poll_context, context.poll_context);
  EXPECT_EQ(kit_.state.context()->text_hash, context.text_hash);
  EXPECT_EQ(kit_.state.roll_pin(), kit_.roll.state->pin());
  EXPECT_EQ(kit_.state.orders().last_number(), 2u);
  EXPECT_THAT(kit_.Check(kit_.Next(poll::Close{}, kCloses)), IsEmpty());

  const poll::SignedOrder early = kit_.Next(kit_.state.Result(kit_.index), kOpens + 2);
  kit_.Apply(early);
  EXPECT_EQ(kit_.state.phase(), Phase::kCollecting);
  EXPECT_FALSE(kit_.state.published().has_value());
}

TEST_F(PetitionStateTest, AWrongOrderInPlaceStillMovesThePhase) {
  poll::OpenPetition opening = kit_.Opening();
  opening.text_hash[0] ^= 1;
  poll::Order order = testing::NextOrder(kit_.state.orders(), opening, kOpens);
  order.number = 4;
  poll::SignedOrder wrong = kit_.Sign(order);
  wrong.signed_body.signatures.clear();
  EXPECT_THAT(kit_.Check(wrong), ElementsAre("S5", "S6", "P1"));
  kit_.Apply(wrong);
  EXPECT_EQ(kit_.state.phase(), Phase::kCollecting);
  EXPECT_EQ(kit_.state.context()->text_hash, opening.text_hash);
  EXPECT_TRUE(kit_.Signs(0, 1));
  EXPECT_THAT(kit_.Check(kit_.Next(poll::Close{}, kCloses)), IsEmpty());
}

TEST_F(PetitionStateTest, P1TheTextIsTheManifests) {
  poll::OpenPetition opening = kit_.Opening();
  opening.text_hash[31] ^= 1;
  ExpectOrder(kit_.Next(opening, kOpens), "P1", absl::StatusCode::kInvalidArgument, "text_hash");
}

TEST_F(PetitionStateTest, S14TheRollIsThePinnedOne) {
  constexpr auto kCode = absl::StatusCode::kFailedPrecondition;
  const auto expect = [&](absl::string_view words,
                          const std::function<void(roll::RollPin&)>& change) {
    poll::OpenPetition opening = kit_.Opening();
    change(opening.roll);
    ExpectOrder(kit_.Next(opening, kOpens), "S14", kCode, words);
  };
  expect("it pins the roll", [](roll::RollPin& pin) { pin.roll_id[0] ^= 1; });
  expect("it pins a roll of 7 entries, the roll has 8", [](roll::RollPin& pin) { --pin.size; });
  expect("it pins the roll's root", [](roll::RollPin& pin) { pin.root[0] ^= 1; });
}

TEST_F(PetitionStateTest, S14TheRollIsAtHandSealedAndOfTheManifestsRegistrar) {
  constexpr auto kCode = absl::StatusCode::kFailedPrecondition;
  const poll::SignedOrder opening = kit_.Next(kit_.Opening(), kOpens);
  Expect(kit_.state.CheckOrder(opening, 1, nullptr), "S14", kCode, "is not at hand");

  roll::RollState unsealed(kit_.roll.header);
  for (const roll::RollMember& member : kit_.roll.members) unsealed.ApplyMember(member);
  Expect(kit_.state.CheckOrder(opening, 1, &unsealed), "S14", kCode, "the roll is not sealed");

  const testing::Signer other = testing::MakeSigner("registrar", kit_.rng);
  const testing::TestRoll others =
      testing::MakeRoll({.members = 1}, other, kit_.people.roll_log, kit_.rng);
  const poll::OpenPetition pins_others{TextHash(kit_.state.manifest()), others.state->pin()};
  Expect(kit_.state.CheckOrder(kit_.Next(pins_others, kOpens), 1, others.state.get()), "S14", kCode,
         "the roll's registrar 'registrar' is not the manifest's");
}

TEST_F(PetitionStateTest, P2NobodySignsBeforeTheOpening) {
  ExpectAct(kit_.Bare(0, Act::kSign, 1), "P2", absl::StatusCode::kFailedPrecondition,
            "the petition is not open yet");
}

TEST_F(PetitionStateTest, P2NobodySignsOrWithdrawsAfterTheClosing) {
  kit_.Open();
  ASSERT_TRUE(kit_.Signs(0, 1));
  kit_.Close();
  constexpr auto kCode = absl::StatusCode::kFailedPrecondition;
  ExpectAct(kit_.Bare(1, Act::kSign, 1), "P2", kCode, "the petition is closed");
  ExpectAct(kit_.Bare(0, Act::kWithdraw, 2), "P2", kCode, "the petition is closed");
  kit_.Finish();
  ExpectAct(kit_.Bare(1, Act::kSign, 1), "P2", kCode, "the petition is final");
}

TEST_F(PetitionStateTest, P3SignersAreOnTheRollAndInADistrict) {
  kit_.Open();
  PetitionAct stranger = kit_.Bare(0, Act::kSign, 1);
  stranger.credential = crypto::Credential::Generate(kit_.rng).public_key().bytes();
  ExpectAct(stranger, "P3", absl::StatusCode::kPermissionDenied, "is not on the roll");
  ExpectAct(kit_.Bare(2, Act::kSign, 1), "P3", absl::StatusCode::kPermissionDenied,
            "district 3 is not one of the petition's");
}

TEST_F(PetitionStateTest, P3CannotBeAnsweredWithoutTheRoll) {
  kit_.state.ApplyOrder(kit_.Next(kit_.Opening(), kOpens), 1, nullptr);
  EXPECT_EQ(kit_.state.phase(), Phase::kCollecting);
  ExpectAct(kit_.Bare(0, Act::kSign, 1), "P3", absl::StatusCode::kFailedPrecondition,
            "the roll is not at hand");
}

TEST_F(PetitionStateTest, P5WhoHasSignedCannotSignAgain) {
  kit_.Open();
  ASSERT_TRUE(kit_.Signs(0, 1));
  for (uint64_t sequence : {0u, 1u, 2u}) {
    ExpectAct(kit_.Bare(0, Act::kSign, sequence), "P5", absl::StatusCode::kAlreadyExists,
              "has signed already, at index 2");
  }
}

TEST_F(PetitionStateTest, P5WhoHasNotSignedCannotWithdraw) {
  kit_.Open();
  constexpr auto kCode = absl::StatusCode::kFailedPrecondition;
  ExpectAct(kit_.Bare(0, Act::kWithdraw, 1), "P5", kCode, "no signature");
  ASSERT_TRUE(kit_.Signs(0, 1));
  ASSERT_TRUE(kit_.Withdraws(0, 2));
  ExpectAct(kit_.Bare(0, Act::kWithdraw, 3), "P5", kCode, "no signature");
}

TEST_F(PetitionStateTest, P5SequenceNumbersRise) {
  kit_.Open();
  constexpr auto kCode = absl::StatusCode::kFailedPrecondition;
  ExpectAct(kit_.Bare(0, Act::kSign, 0), "P5", kCode, "sequence number 0 is not above 0");
  ASSERT_TRUE(kit_.Signs(0, 5));
  for (uint64_t sequence : {0u, 4u, 5u}) {
    ExpectAct(kit_.Bare(0, Act::kWithdraw, sequence), "P5", kCode, "is not above 5");
  }
  ASSERT_TRUE(kit_.Withdraws(0, 9));
  ExpectAct(kit_.Bare(0, Act::kSign, 6), "P5", kCode, "sequence number 6 is not above 9");
  ASSERT_TRUE(kit_.Signs(0, 10));
  ASSERT_TRUE(kit_.Signs(1, 1));  // everybody has a sequence of one's own
}

TEST_F(PetitionStateTest, AnActCanBreakSeveralRules) {
  // Before the opening nothing else is known about it.
  EXPECT_THAT(kit_.Check(kit_.Bare(0, Act::kWithdraw, 0)), ElementsAre("P2"));
  kit_.Open();
  kit_.Close();
  EXPECT_THAT(kit_.Check(kit_.Bare(2, Act::kSign, 0)), ElementsAre("P2", "P3", "P5"));
}

TEST_F(PetitionStateTest, RemembersTheLastActOfACredential) {
  kit_.Open();
  const auto& credential = kit_.roll.members[0].credential;
  EXPECT_FALSE(kit_.state.Find(credential).has_value());
  ASSERT_TRUE(kit_.Signs(0, 3));
  ASSERT_TRUE(kit_.state.Find(credential).has_value());
  EXPECT_TRUE(kit_.state.Find(credential)->signs);
  EXPECT_EQ(kit_.state.Find(credential)->sequence, 3u);
  EXPECT_EQ(kit_.state.Find(credential)->index, 2u);
  ASSERT_TRUE(kit_.Withdraws(0, 8));
  EXPECT_FALSE(kit_.state.Find(credential)->signs);
  EXPECT_EQ(kit_.state.Find(credential)->sequence, 8u);
  EXPECT_EQ(kit_.state.Find(credential)->index, 3u);
  EXPECT_EQ(kit_.state.count(), 0u);
}

TEST_F(PetitionStateTest, AThresholdStaysReachedWhereItWasFirstReached) {
  kit_.Open();                        // index 1
  ASSERT_TRUE(kit_.Signs(0, 1));      // 2: 1 signature
  ASSERT_TRUE(kit_.Withdraws(0, 2));  // 3: 0
  ASSERT_TRUE(kit_.Signs(1, 1));      // 4: 1
  EXPECT_THAT(kit_.state.Thresholds(), ElementsAre(poll::ThresholdReached{2, false, 0},
                                                   poll::ThresholdReached{3, false, 0}));
  ASSERT_TRUE(kit_.Signs(0, 3));      // 5: 2, the first threshold
  ASSERT_TRUE(kit_.Withdraws(1, 2));  // 6: 1
  ASSERT_TRUE(kit_.Signs(3, 1));      // 7: 2 again
  EXPECT_THAT(kit_.state.Thresholds(),
              ElementsAre(poll::ThresholdReached{2, true, 5}, poll::ThresholdReached{3, false, 0}));
  ASSERT_TRUE(kit_.Signs(4, 1));      // 8: 3, the second
  ASSERT_TRUE(kit_.Withdraws(4, 2));  // 9: 2
  EXPECT_THAT(kit_.state.Thresholds(),
              ElementsAre(poll::ThresholdReached{2, true, 5}, poll::ThresholdReached{3, true, 8}));
  EXPECT_EQ(kit_.state.count(), 2u);
  EXPECT_THAT(kit_.state.DistrictCounts(),
              ElementsAre(poll::DistrictCount{1, 2}, poll::DistrictCount{2, 0}));
}

TEST_F(PetitionStateTest, ResultsAreTheLogs) {
  kit_.Open();
  for (size_t member : {0u, 1u}) ASSERT_TRUE(kit_.Signs(member, 1));
  kit_.Close();
  const auto expect = [&](absl::string_view number, absl::string_view words,
                          const std::function<void(poll::PetitionResult&)>& change) {
    poll::PetitionResult result = kit_.state.Result(kit_.index);
    change(result);
    ExpectOrder(kit_.Next(result, kCloses + 1), number, absl::StatusCode::kInvalidArgument, words);
  };
  using Result = poll::PetitionResult;
  EXPECT_THAT(kit_.Check(kit_.Next(kit_.state.Result(kit_.index), kCloses + 1)), IsEmpty());
  expect("P6", "it says tree size 4 and has index 5", [](Result& r) { --r.tree_size; });
  expect("P6", "it says 3 signatures, the log has 2", [](Result& r) { ++r.signatures; });
  expect("P6", "it says 1 signatures, the log has 2", [](Result& r) { --r.signatures; });
  expect("P6", "district 2: it says 2 signatures, the log has 1",
         [](Result& r) { ++r.districts[1].signatures; });
  expect("P6", "it has 1 districts, the manifest has 2", [](Result& r) { r.districts.pop_back(); });
  expect("P6", "district 3 stands where 2 belongs", [](Result& r) { r.districts[1].district = 3; });
  expect("P7", "it has 1 thresholds, the manifest has 2",
         [](Result& r) { r.thresholds.pop_back(); });
  expect("P7", "threshold 4 stands where 3 belongs",
         [](Result& r) { r.thresholds[1].threshold = 4; });
  expect("P7", "threshold 2: it says reached at index 4, by the log it is reached at index 3",
         [](Result& r) { ++r.thresholds[0].index; });
  expect("P7", "threshold 2: it says not reached, with index 3",
         [](Result& r) { r.thresholds[0].reached = false; });
  expect("P7", "threshold 3: it says reached at index 3, by the log it is not reached",
         [](Result& r) {
           r.thresholds[1] = {3, true, 3};
         });
}

TEST_F(PetitionStateTest, IsACopyableValue) {
  kit_.Open();
  const PetitionState before = kit_.state;
  ASSERT_TRUE(kit_.Signs(0, 1));
  EXPECT_EQ(before.count(), 0u);
  EXPECT_EQ(kit_.state.count(), 1u);
  EXPECT_TRUE(before.CheckAct(kit_.Bare(0, Act::kSign, 1)).empty());
}

}  // namespace
}  // namespace urna::petition
