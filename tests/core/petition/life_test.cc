// The life of an anonymous petition, docs/protocol.md §6.1: every state asked about every order,
// legal and illegal; initiators, paper, minimums, and what P1 and P9 to P12 find.
#include "core/petition/life.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/core/petition/petition_kit.h"

namespace urna::petition {
namespace {

using poll::StepKind;
using ::testing::ElementsAre;
using testing::English;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using OrderAct = decltype(poll::Order::act);

// Every order that there is, by the name by which the table of the protocol calls it.
std::map<std::string, OrderAct> AllOrders() {
  std::map<std::string, OrderAct> out = {
      {"1", poll::OpenElection{}},     {"2", poll::Close{}},
      {"3", poll::NewAttempt{}},       {"4", poll::Sum{}},
      {"5", poll::ElectionResult{}},   {"6", poll::OpenPetition{}},
      {"7", poll::PetitionResult{}},   {"8", poll::Revoke{}},
      {"9", poll::Restore{}},          {"10", poll::OpenAnonymousPetition{}},
      {"12", poll::Invite{}},          {"13", poll::Confirm{}},
      {"14", poll::Revise{}},          {"15", poll::PaperBatch{}},
      {"16", poll::AnonymousResult{}}, {"17", poll::RollEpoch{}}};
  for (uint8_t step = 1; step <= poll::kMaxStep; ++step) {
    const auto kind = static_cast<StepKind>(step);
    out[std::string(poll::StepName(kind))] = poll::Step{kind, 0, {}};
  }
  return out;
}

// The table of §6.1, copied from there: state, order, next.
std::map<std::pair<std::string, std::string>, std::string> TableOfTheProtocol(bool review) {
  std::map<std::pair<std::string, std::string>, std::string> out;
  const auto row = [&](const std::string& state, const std::vector<std::string>& orders,
                       const std::vector<std::string>& then) {
    for (size_t i = 0; i < orders.size(); ++i) {
      out[{state, orders[i]}] = then[std::min(i, then.size() - 1)];
    }
  };
  row("draft", {"12", "13", "14"}, {"draft"});
  row("draft", {"submit"}, {review ? "review" : "accepted"});
  row("draft", {"withdraw", "expire"}, {"withdrawn", "expired"});
  row("review", {"accept", "return", "reject", "withdraw"},
      {"accepted", "draft", "rejected", "withdrawn"});
  row("accepted", {"publish", "withdraw"}, {"published", "withdrawn"});
  row("published", {"10", "withdraw"}, {"collecting", "withdrawn"});
  row("collecting", {"mark", "15", "17"}, {"collecting"});
  row("collecting", {"2", "withdraw", "expire"}, {"closed", "withdrawn", "expired"});
  row("closed", {"15"}, {"closed"});
  row("closed", {"16", "withdraw", "expire"}, {"counted", "withdrawn", "expired"});
  row("counted", {"verify", "withdraw", "expire"}, {"verified", "withdrawn", "expired"});
  row("verified", {"hand over", "withdraw", "expire"}, {"handed over", "withdrawn", "expired"});
  row("handed over", {"respond", "archive"}, {"responded", "archived"});
  row("responded", {"archive"}, {"archived"});
  return out;
}

TEST(LifeTest, EveryStateTakesTheOrdersOfTheTableAndNoOthers) {
  Manifest manifest;
  for (const bool review : {false, true}) {
    manifest.anonymous = testing::MakeAnonymousRules();
    manifest.anonymous->review = review;
    const auto table = TableOfTheProtocol(review);
    size_t legal = 0;
    for (uint8_t number = 0; number <= static_cast<uint8_t>(kLastPhase); ++number) {
      const auto phase = static_cast<Phase>(number);
      for (const auto& [name, act] : AllOrders()) {
        poll::Order order;
        order.act = act;
        const auto found = table.find({std::string(PhaseWord(phase)), name});
        const std::optional<Phase> next = NextPhase(manifest, phase, order);
        EXPECT_EQ(next.has_value(), found != table.end()) << PhaseWord(phase) << ", " << name;
        EXPECT_EQ(CheckPlace(manifest, phase, order).ok(), next.has_value());
        if (!next.has_value()) continue;
        ++legal;
        EXPECT_EQ(PhaseWord(*next), found->second) << PhaseWord(phase) << ", " << name;
      }
    }
    EXPECT_EQ(legal, table.size());
  }
}

TEST(LifeTest, APseudonymousPetitionKeepsItsThreeOrders) {
  const Manifest manifest;
  std::set<std::string> legal;
  for (uint8_t number = 0; number <= static_cast<uint8_t>(kLastPhase); ++number) {
    const auto phase = static_cast<Phase>(number);
    for (const auto& [name, act] : AllOrders()) {
      poll::Order order;
      order.act = act;
      if (const std::optional<Phase> next = NextPhase(manifest, phase, order)) {
        legal.insert(absl::StrCat(PhaseWord(phase), " ", name, " ", PhaseWord(*next)));
      }
    }
  }
  EXPECT_THAT(legal, ElementsAre("closed 7 final", "collecting 2 closed", "setup 6 collecting"));
}

TEST(LifeTest, StepsHaveTheirCodesReasonsAndDocuments) {
  for (uint8_t step = 1; step <= poll::kMaxStep; ++step) {
    const auto kind = static_cast<StepKind>(step);
    const auto codes = CodesOf(kind);
    for (uint16_t code = 0; code < 100; ++code) {
      const bool has = std::ranges::find(codes, code) != codes.end();
      EXPECT_EQ(CheckStepForm({kind, code, {1}}, "why").ok(), has)
          << poll::StepName(kind) << " " << code;
      if (has) {
        EXPECT_FALSE(CodeText(code).empty()) << code;
      }
    }
  }
  EXPECT_FALSE(CheckStepForm({StepKind::kReject, 9, {}}, "").ok());
  EXPECT_FALSE(CheckStepForm({StepKind::kWithdraw, 29, {}}, "").ok());
  EXPECT_TRUE(CheckStepForm({StepKind::kReject, 1, {}}, "").ok());
  EXPECT_FALSE(CheckStepForm({StepKind::kRespond, 0, {}}, "").ok());
  EXPECT_TRUE(CheckStepForm({StepKind::kHandOver, 0, {}}, "").ok());
}

// A draft that two initiators must confirm, each in 100 seconds; reviewed; 12 members in districts
// 1, 2 and 3, of each two in category 1 (online) and two in category 2 (on paper); at least one
// signature after 1,000 s, and in one of both districts two.
class DraftTest : public ::testing::Test {
 protected:
  static AnonymousRules Rules() {
    AnonymousRules out = PetitionKit::SmallRings();
    out.paper_categories = {2};
    out.initiators = 2;
    out.invitation = 100;
    out.review = true;
    out.minimums = {{1000, 1}};
    out.district_minimums = {2, 2};
    out.districts_needed = 1;
    return out;
  }
  static testing::RollOptions Roll() {
    return {.members = 12, .districts = {1, 2, 3}, .categories = {1, 2}};
  }
  std::vector<std::string> Check(OrderAct act, uint64_t time, absl::string_view reason = "") {
    return kit_.Check(
        kit_.Sign(testing::NextOrder(kit_.state.orders(), std::move(act), time, reason)));
  }
  // Applies it, right or wrong.
  poll::SignedOrder Do(OrderAct act, uint64_t time) {
    poll::SignedOrder order = kit_.Next(std::move(act), time);
    kit_.Apply(order);
    return order;
  }
  static poll::Step Step(StepKind kind, uint16_t code = 0) { return {kind, code, {}}; }
  poll::Confirm Confirm(uint16_t number, const testing::Signer& who) const {
    const Initiators::Invitation& of = kit_.state.initiators().invitations().at(number - 1);
    return {number,
            who.key.Sign(kit_.state.initiators().MessageFor(of.order, kit_.state.text_hash()))};
  }
  void Invite() {
    Do(poll::Invite{anna_.named}, 100);
    Do(poll::Invite{otto_.named}, 110);
  }
  void ConfirmBoth() {
    Do(Confirm(1, anna_), 120);
    Do(Confirm(2, otto_), 121);
  }
  void OpenIt() {
    Invite();
    ConfirmBoth();
    Do(Step(StepKind::kSubmit), 130);
    Do(Step(StepKind::kAccept), 131);
    Do(Step(StepKind::kPublish), 132);
    kit_.Open();
  }
  void SignRing(uint8_t tag, uint32_t ring) {
    RingAct act;
    act.tag.fill(tag);
    act.ring = ring;
    act.sequence = 1;
    ASSERT_THAT(kit_.CheckAct(act), IsEmpty());
    kit_.state.ApplyAct(act, kit_.index++);
  }
  static poll::PaperBatch Batch(const std::string& name, std::vector<poll::PaperCount> counts) {
    poll::PaperBatch out{name, {}, 1, std::move(counts)};
    std::copy_n(name.begin(), std::min<size_t>(name.size(), 32), out.sheets_hash.begin());
    return out;
  }

  PetitionKit kit_{31, Rules(), Roll(), PetitionKit::From::kManifest};
  testing::Signer anna_ = testing::MakeSigner("anna", kit_.rng);
  testing::Signer otto_ = testing::MakeSigner("otto", kit_.rng);
  static constexpr uint64_t kOpens = PetitionKit::kOpens, kCloses = PetitionKit::kCloses;
};

TEST_F(DraftTest, InitiatorsAreInvitedOnceAndConfirmInTime) {
  EXPECT_THAT(Check(poll::Confirm{1, {}}, 100), ElementsAre("P9"));
  EXPECT_THAT(Check(poll::Invite{{"no spaces", anna_.named.key}}, 100), ElementsAre("P9"));
  Invite();
  EXPECT_THAT(Check(poll::Invite{{"anna", kit_.people.registrar.named.key}}, 120),
              ElementsAre("P9"));
  EXPECT_THAT(Check(poll::Invite{{"anna2", anna_.named.key}}, 120), ElementsAre("P9"));
  // 200 is too late for what was sent at 100, and then there may be another invitation.
  EXPECT_THAT(Check(Confirm(1, anna_), 199), IsEmpty());
  EXPECT_THAT(Check(Confirm(1, anna_), 200), ElementsAre("P9"));
  EXPECT_THAT(Check(poll::Invite{anna_.named}, 200), IsEmpty());
  EXPECT_THAT(Check(Confirm(2, anna_), 120), ElementsAre("P9"));
  poll::Confirm confirm = Confirm(1, anna_);
  confirm.invitation = 0;
  EXPECT_THAT(Check(confirm, 120), ElementsAre("P9"));
  EXPECT_THAT(Check(Step(StepKind::kSubmit), 120), ElementsAre("P9"));
  ConfirmBoth();
  EXPECT_EQ(kit_.state.initiators().confirmed(), 2u);
  EXPECT_THAT(Check(Confirm(1, anna_), 130), ElementsAre("P9"));
  // One that counts goes on counting when its invitation has expired.
  EXPECT_THAT(Check(poll::Invite{anna_.named}, 500), ElementsAre("P9"));
  EXPECT_THAT(Check(Step(StepKind::kSubmit), 500), IsEmpty());
}

TEST_F(DraftTest, ARevisionMakesConfirmationsVoidForGood) {
  Invite();
  const poll::Confirm before = Confirm(1, anna_);
  ConfirmBoth();
  const LocalizedTexts title = kit_.state.title(), text = kit_.state.text();
  const crypto::Hash32 hash = kit_.state.text_hash();
  Do(poll::Revise{English("Other"), English("Words")}, 130);
  EXPECT_NE(kit_.state.text_hash(), hash);
  EXPECT_EQ(kit_.state.initiators().confirmed(), 0u);
  EXPECT_THAT(Check(Step(StepKind::kSubmit), 131), ElementsAre("P9"));
  EXPECT_THAT(Check(before, 131), ElementsAre("P9"));
  // The first text comes back, and what was confirmed of it does not.
  Do(poll::Revise{title, text}, 132);
  EXPECT_EQ(kit_.state.text_hash(), hash);
  EXPECT_THAT(Check(before, 133), ElementsAre("P9"));
  EXPECT_THAT(Check(Confirm(1, anna_), 133), IsEmpty());
  EXPECT_THAT(Check(poll::Revise{{{"de", "Mehr"}}, {{"de", "Mehr"}}}, 133), ElementsAre("P1"));
}

TEST_F(DraftTest, TheOpeningPinsTheTextInForce) {
  Do(poll::Revise{English("Other"), English("Words")}, 90);
  OpenIt();
  EXPECT_EQ(kit_.state.phase(), Phase::kCollecting);
  EXPECT_EQ(kit_.state.context()->text_hash,
            poll::PetitionTextHash(English("Other"), English("Words")));
  EXPECT_NE(kit_.state.context()->text_hash, TextHash(kit_.state.manifest()));
}

TEST_F(DraftTest, RingsHaveThoseWhoSignOnlineAlone) {
  OpenIt();
  EXPECT_EQ(kit_.rings().size(), 2u);
  EXPECT_EQ(kit_.rings().smallest_crowd(), 2u);
  for (const roll::RollMember& member : kit_.roll.members) {
    const bool in = member.category == 1 && member.district != 3;
    EXPECT_EQ(kit_.rings().Find(member.credential).has_value(), in);
  }
}

TEST_F(DraftTest, P10HoldsPaperToTheRoll) {
  OpenIt();
  const uint64_t time = kOpens + 1;
  EXPECT_THAT(Check(Batch("a", {{1, 2, 5}, {2, 1, 0}}), time), IsEmpty());
  EXPECT_THAT(Check(Batch("a", {{1, 3, 0}}), time), ElementsAre("P10"));
  EXPECT_THAT(Check(Batch("a", {{3, 0, 1}}), time), ElementsAre("P10"));
  poll::PaperBatch none = Batch("a", {{1, 1, 0}});
  none.sheets = 0;
  EXPECT_THAT(Check(none, time), ElementsAre("P10"));
  Do(Batch("a", {{1, 1, 4}}), time);
  EXPECT_THAT(Check(Batch("a", {{2, 1, 0}}), time + 1), ElementsAre("P10"));
  poll::PaperBatch again = Batch("b", {{1, 1, 0}});
  again.sheets_hash = Batch("a", {}).sheets_hash;
  EXPECT_THAT(Check(again, time + 1), ElementsAre("P10"));
  EXPECT_THAT(Check(Batch("b", {{1, 2, 0}}), time + 1), ElementsAre("P10"));
  EXPECT_THAT(Check(Batch("b", {{1, 1, 0}}), time + 1), IsEmpty());
  EXPECT_EQ(kit_.state.paper().total(), 1u);
  EXPECT_EQ(kit_.state.paper().rejected(), 4u);
}

TEST_F(DraftTest, PaperAndOnlineTogetherReachThresholds) {
  OpenIt();
  SignRing(1, 0);
  const uint64_t at = kit_.index;
  Do(Batch("a", {{1, 1, 0}, {2, 1, 0}}), kOpens + 1);
  EXPECT_THAT(kit_.state.Thresholds(), ElementsAre(poll::ThresholdReached{2, true, at},
                                                   poll::ThresholdReached{3, true, at}));
  kit_.Close();
  const poll::AnonymousResult result = kit_.state.AnonymousResult(kit_.index);
  EXPECT_EQ(result.online, 1u);
  EXPECT_EQ(result.paper, 2u);
  EXPECT_THAT(result.districts,
              ElementsAre(poll::ChannelCount{1, 1, 1}, poll::ChannelCount{2, 0, 1}));
  EXPECT_EQ(result.districts_met, 1);
  EXPECT_TRUE(result.passed);
  EXPECT_THAT(Check(result, kCloses + 1), IsEmpty());
  const auto spoilt = [&](const std::function<void(poll::AnonymousResult&)>& spoil) {
    poll::AnonymousResult out = result;
    spoil(out);
    return Check(out, kCloses + 1);
  };
  EXPECT_THAT(spoilt([](auto& r) { ++r.tree_size; }), ElementsAre("P6"));
  EXPECT_THAT(spoilt([](auto& r) { ++r.online; }), ElementsAre("P6"));
  EXPECT_THAT(spoilt([](auto& r) { --r.paper; }), ElementsAre("P6"));
  EXPECT_THAT(spoilt([](auto& r) { std::swap(r.districts[0], r.districts[1]); }),
              ElementsAre("P6"));
  EXPECT_THAT(spoilt([](auto& r) { r.districts[0] = {1, 2, 0}; }), ElementsAre("P6"));
  EXPECT_THAT(spoilt([](auto& r) { ++r.thresholds[0].index; }), ElementsAre("P7"));
  EXPECT_THAT(spoilt([](auto& r) { r.minimums.clear(); }), ElementsAre("P11"));
  EXPECT_THAT(spoilt([](auto& r) { ++r.minimums[0].seen; }), ElementsAre("P11"));
  EXPECT_THAT(spoilt([](auto& r) { ++r.districts_met; }), ElementsAre("P11"));
  EXPECT_THAT(spoilt([](auto& r) { r.passed = false; }), ElementsAre("P11"));
}

TEST_F(DraftTest, AMinimumIsSeenAtTheFirstMarkOrClosingThatIsLateEnough) {
  OpenIt();
  Do(Step(StepKind::kMark), kOpens + 999);
  EXPECT_FALSE(kit_.state.minimums().WasSeen(0));
  // Not a paper batch, whose time no witness holds.
  Do(Batch("a", {{1, 1, 0}}), kOpens + 1000);
  EXPECT_FALSE(kit_.state.minimums().WasSeen(0));
  SignRing(1, 0);
  Do(Step(StepKind::kMark), kOpens + 1001);
  ASSERT_TRUE(kit_.state.minimums().WasSeen(0));
  SignRing(2, 1);
  kit_.Close();
  EXPECT_THAT(kit_.state.AnonymousResult(0).minimums,
              ElementsAre(poll::MinimumSeen{1000, 1, 2, true}));
  EXPECT_THAT(Check(Step(StepKind::kExpire, kMinimumMissed), kCloses + 1), ElementsAre("P12"));
}

TEST_F(DraftTest, ExpiresWhenAMinimumWasMissed) {
  OpenIt();
  EXPECT_THAT(Check(Step(StepKind::kExpire, kMinimumMissed), kOpens + 2000), ElementsAre("P12"));
  Do(Step(StepKind::kMark), kOpens + 1000);
  EXPECT_THAT(Check(Step(StepKind::kExpire, kNotPassed), kOpens + 2000), ElementsAre("P12"));
  EXPECT_THAT(Check(Step(StepKind::kExpire, kMinimumMissed), kOpens + 2000), IsEmpty());
  Do(Step(StepKind::kExpire, kMinimumMissed), kOpens + 2000);
  EXPECT_EQ(kit_.state.phase(), Phase::kExpired);
  EXPECT_EQ(kit_.state.stage(), Stage::kFinal);
  EXPECT_EQ(kit_.state.came_to(), Stage::kVoting);
  EXPECT_THAT(Check(poll::Close{}, kCloses), ElementsAre("S8"));
}

TEST_F(DraftTest, ExpiresWhenTooFewHaveConfirmedUntilTheOpening) {
  Invite();
  EXPECT_THAT(Check(Step(StepKind::kExpire, kTooFewInitiators), kOpens - 1), ElementsAre("P12"));
  EXPECT_THAT(Check(Step(StepKind::kExpire, kTooFewInitiators), kOpens), IsEmpty());
  ConfirmBoth();
  EXPECT_THAT(Check(Step(StepKind::kExpire, kTooFewInitiators), kOpens), ElementsAre("P12"));
}

TEST_F(DraftTest, WhatHasNotPassedIsNotHandedOver) {
  OpenIt();
  kit_.Close();
  kit_.Finish();
  ASSERT_TRUE(kit_.state.counted().has_value());
  EXPECT_FALSE(kit_.state.counted()->passed);
  Do(Step(StepKind::kVerify), kCloses + 2);
  EXPECT_THAT(Check(Step(StepKind::kHandOver), kCloses + 3), ElementsAre("P12"));
  EXPECT_THAT(Check(Step(StepKind::kExpire, kNotPassed), kCloses + 3), IsEmpty());
  EXPECT_THAT(Check(Step(StepKind::kRespond), kCloses + 3), ElementsAre("S8"));
}

TEST_F(DraftTest, SentencesSayWhatMayCome) {
  const auto status = CheckPlace(kit_.state.manifest(), Phase::kVerified,
                                 testing::NextOrder(kit_.state.orders(), poll::Close{}, 1));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("the petition is verified; what may come is hand over, withdraw, expire"));
  EXPECT_EQ(NextOrders(kit_.state.manifest(), Phase::kArchived), "nothing");
}

}  // namespace
}  // namespace urna::petition
