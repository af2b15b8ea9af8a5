// Message files, officers' signatures and drafted orders.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "tally/describe.h"
#include "tally/draft_order.h"
#include "tally/epoch_report.h"
#include "tally/message_file.h"
#include "tally/officer_signing.h"
#include "tally/petition_status.h"
#include "tests/core/petition/petition_kit.h"
#include "tests/support/election_fixture.h"
#include "tests/support/record_files.h"

namespace urna::tally {
namespace {

using election::Phase;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using urna::testing::ElectionFixture;

class OfficersTest : public ::testing::Test {
 protected:
  const crypto::SigningKey& Key(size_t i) { return log_.people().officers[i].key; }
  PollState State() { return {&log_.state(), nullptr}; }

  ElectionFixture log_;
  testing::TemporaryDirectory directory_;
};

TEST_F(OfficersTest, SignAManifestOneAfterTheOther) {
  record::Entry manifest = log_.entries()[0];
  SignedBodyOf(manifest)->signatures.clear();
  const PollOfficers officers = *OfficersOf(manifest);
  EXPECT_EQ(officers.poll, log_.state().poll_id());
  EXPECT_TRUE(AddSignature(officers, Key(2), manifest).ok());
  EXPECT_TRUE(AddSignature(officers, Key(0), manifest).ok());
  EXPECT_TRUE(AddSignature(officers, Key(2), manifest).ok());
  const auto names = CheckedSigners(officers, manifest);
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_THAT(*names, ElementsAre(officers.officers.keys[0].name, officers.officers.keys[2].name));
  EXPECT_TRUE(
      election::ElectionState::CheckManifestEntry(std::get<election::SignedManifest>(manifest))
          .empty());
  EXPECT_TRUE(
      absl::IsPermissionDenied(AddSignature(officers, log_.people().trustees[0].key, manifest)));
  SignedBodyOf(manifest)->signatures[0].signature[5] ^= 1;
  EXPECT_TRUE(absl::IsPermissionDenied(CheckedSigners(officers, manifest).status()));
}

TEST_F(OfficersTest, SignCopiesAndMergeThem) {
  log_.RunCeremony();
  const auto act = DraftOpening(State(), log_.roll().state, {});
  ASSERT_TRUE(act.ok()) << act.status();
  const auto draft = DraftOrder(State(), *act, 1'000'100, 0, "");
  ASSERT_TRUE(draft.ok()) << draft.status();
  const PollOfficers officers = *OfficersOf(log_.entries()[0]);
  record::Entry one(*draft), two(*draft);
  ASSERT_TRUE(AddSignature(officers, Key(1), one).ok());
  ASSERT_TRUE(AddSignature(officers, Key(0), two).ok());
  const auto& order = std::get<poll::SignedOrder>(one);
  const uint64_t size = log_.entries().size();
  EXPECT_TRUE(CheckDraft(State(), order, size, log_.roll().state.get(), nullptr, false).ok());
  EXPECT_TRUE(absl::IsPermissionDenied(
      CheckDraft(State(), order, size, log_.roll().state.get(), nullptr, true)));
  ASSERT_TRUE(MergeSignatures(two, one).ok());
  EXPECT_TRUE(CheckDraft(State(), order, size, log_.roll().state.get(), nullptr, true).ok());
  EXPECT_TRUE(log_.Append(one).empty());
  EXPECT_EQ(log_.state().phase(), Phase::kVoting);
  EXPECT_FALSE(MergeSignatures(log_.entries()[0], one).ok());
}

TEST_F(OfficersTest, DraftOrdersThatTheRulesTake) {
  log_.RunTo(Phase::kClosed);
  const election::PartSums sums = log_.Sums();
  const auto sum = DraftSum(State(), log_.entries().size(), sums);
  ASSERT_TRUE(sum.ok());
  const auto order = DraftOrder(State(), *sum, 0, 0, "counting");
  ASSERT_TRUE(order.ok());
  EXPECT_EQ(order->order.time, log_.state().orders().last_time() + 1);
  EXPECT_TRUE(CheckDraft(State(), *order, log_.entries().size(), nullptr, &sums, false).ok());
  // Anywhere else it would not say its own index.
  EXPECT_FALSE(CheckDraft(State(), *order, log_.entries().size() + 1, nullptr, &sums, false).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(DraftResult(State(), 1).status()));
  log_.LogSum();
  EXPECT_FALSE(DraftResult(State(), 1).ok());  // no shares yet
  log_.LogCountAcknowledgements();
  log_.LogDecryptionShares(1);
  log_.LogDecryptionShares(3);
  const auto result = DraftResult(State(), log_.entries().size());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(std::get<poll::ElectionResult>(*result).results, ElectionFixture::UsualTotals());
}

TEST(AnonymousOpeningTest, HasTheBeaconAndTheRingsThatFollow) {
  const petition::PetitionKit kit(3, petition::PetitionKit::SmallRings());
  const PollState state{nullptr, &kit.state};
  const auto act = DraftOpening(state, kit.roll.state, petition::PetitionKit::kBeacon);
  ASSERT_TRUE(act.ok()) << act.status();
  const auto draft = DraftOrder(state, *act, petition::PetitionKit::kOpens, 0, "");
  ASSERT_TRUE(draft.ok()) << draft.status();
  const absl::Status checked = CheckDraft(state, *draft, 1, kit.roll.state.get(), nullptr, false);
  EXPECT_TRUE(checked.ok()) << checked;
  EXPECT_THAT(Describe(*draft, nullptr, "en"), HasSubstr("rings      2, their hash"));
  EXPECT_THAT(std::string(DraftOpening(state, kit.roll.state, {}).status().message()),
              HasSubstr("give the beacon, which is the beacon of these tests, round 1"));
  const petition::PetitionKit pseudonymous(3);
  const auto with_beacon = DraftOpening({nullptr, &pseudonymous.state}, pseudonymous.roll.state,
                                        petition::PetitionKit::kBeacon);
  EXPECT_THAT(std::string(with_beacon.status().message()), HasSubstr("only an anonymous poll"));
}

TEST(AnonymousOpeningTest, OfAnElectionToo) {
  testing::ElectionOptions options;
  options.anonymous = true;
  ElectionFixture election(std::move(options));
  election.RunCeremony();
  const PollState state{&election.state(), nullptr};
  const auto act = DraftOpening(state, election.roll().state, ElectionFixture::kBeacon);
  ASSERT_TRUE(act.ok()) << act.status();
  const auto draft = DraftOrder(state, *act, testing::kTestSchedule.opens, 0, "");
  ASSERT_TRUE(draft.ok()) << draft.status();
  const absl::Status checked = CheckDraft(state, *draft, election.entries().size(),
                                          election.roll().state.get(), nullptr, false);
  EXPECT_TRUE(checked.ok()) << checked;
  EXPECT_THAT(Describe(*draft, nullptr, "en"), HasSubstr("rings      2, their hash"));
  EXPECT_THAT(Describe(election.entries()[0], nullptr, "en"), HasSubstr("nobody can be revoked"));
  EXPECT_THAT(std::string(DraftOpening(state, election.roll().state, {}).status().message()),
              HasSubstr("the election is anonymous: give the beacon, which is a beacon"));
}

class RollEpochOrderTest : public ::testing::Test {
 protected:
  RollEpochOrderTest() { kit_.Open(); }
  PollState State() const { return {nullptr, &kit_.state}; }
  // As an order that would be logged next; signed by nobody yet.
  absl::Status Check(const OrderAct& act) const {
    const auto draft =
        DraftOrder(State(), act, kit_.state.orders().last_time() + 1, 0, "for newcomers");
    if (!draft.ok()) return draft.status();
    return CheckDraft(State(), *draft, kit_.index, kit_.roll.state.get(), nullptr, false);
  }
  void Grow() {
    kit_.Change(
        {testing::Addition(kit_.roll, crypto::Credential::Generate(kit_.rng), 1, kit_.rng)});
  }
  absl::StatusOr<OrderAct> Draft(std::optional<uint32_t> earliest = {}) const {
    return DraftRollEpoch(State(), kit_.roll.state, petition::PetitionKit::kLaterBeacon, earliest);
  }

  petition::PetitionKit kit_{3, petition::PetitionKit::SmallRings()};
};

TEST_F(RollEpochOrderTest, BringsTheLastEpochInAndEndsEarlierOnes) {
  EXPECT_THAT(std::string(Draft().status().message()), HasSubstr("seals a next one first"));
  const roll::RollPin first = kit_.roll.state->pin();
  Grow();
  const auto act = Draft();
  ASSERT_TRUE(act.ok()) << act.status();
  EXPECT_EQ(std::get<poll::RollEpoch>(*act), kit_.NextEpoch());
  EXPECT_EQ(Check(*act), absl::OkStatus());
  EXPECT_THAT(std::string(Check(*Draft(3)).message()), HasSubstr("above its own, 2"));
  const auto draft = DraftOrder(State(), *act, 0, 1, "");
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_THAT(Describe(*draft, nullptr, "en"), HasSubstr("2 of the roll; in force from epoch 1"));

  const EpochReport report =
      ReportEpoch(kit_.state, kit_.roll.state, petition::PetitionKit::kLaterBeacon, "en");
  EXPECT_EQ(report.json["epoch"], 2);
  EXPECT_EQ(report.json["new_in_rings"], 1);
  EXPECT_EQ(report.json["no_longer_in_rings"], 0);
  EXPECT_EQ(report.json["districts"][0]["members"],
            report.json["districts"][0]["first_members"].get<uint64_t>() + 1);
  EXPECT_EQ(report.json["districts"][0]["few"], false);
  EXPECT_THAT(report.text, HasSubstr("1 are new in rings"));

  const auto too_early = DraftEpochEnd(State(), 1);
  ASSERT_TRUE(too_early.ok()) << too_early.status();
  EXPECT_THAT(std::string(Check(*too_early).message()), HasSubstr("raises it above 1"));
  kit_.Apply(kit_.Next(*act, kit_.state.orders().last_time() + 1));
  EXPECT_THAT(ReportPetition(kit_.state, true, 1060, "en").text, HasSubstr("epoch 1, in force: "));
  const auto end = DraftEpochEnd(State(), 2);
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(Check(*end), absl::OkStatus());
  kit_.Apply(kit_.Next(*end, kit_.state.orders().last_time() + 1));
  const PetitionStatus status = ReportPetition(kit_.state, true, 1060, "en");
  EXPECT_THAT(status.text, HasSubstr("epoch 1, ended: "));
  EXPECT_EQ(status.json["earliest_epoch"], 2);
  EXPECT_EQ(status.json["epochs"].size(), 2u);
  EXPECT_EQ(status.json["epochs"][0]["in_force"], false);
  EXPECT_EQ(status.json["epochs"][1]["roll_size"], kit_.roll.state->pin().size);
  EXPECT_LT(first.size, kit_.roll.state->pin().size);
}

TEST_F(RollEpochOrderTest, IsForAPetitionThatCollects) {
  Grow();
  kit_.Close();
  EXPECT_THAT(std::string(Draft().status().message()), HasSubstr("that is collecting"));
  EXPECT_THAT(std::string(DraftEpochEnd(State(), 2).status().message()),
              HasSubstr("that is collecting"));
  petition::PetitionKit pseudonymous(3);
  pseudonymous.Open();
  EXPECT_THAT(std::string(DraftRollEpoch({nullptr, &pseudonymous.state}, pseudonymous.roll.state,
                                         petition::PetitionKit::kLaterBeacon, {})
                              .status()
                              .message()),
              HasSubstr("only an anonymous petition"));
}

TEST_F(OfficersTest, AreToldWhyAnOrderIsNotForNow) {
  EXPECT_THAT(std::string(DraftOpening(State(), log_.roll().state, {}).status().message()),
              HasSubstr("key ceremony is not done"));
  const auto close = DraftOrder(State(), poll::Close{}, 1'000'000, 0, "");
  ASSERT_TRUE(close.ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(
      CheckDraft(State(), *close, log_.entries().size(), nullptr, nullptr, false)));
  const auto again = DraftNewAttempt(State());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(std::get<poll::NewAttempt>(*again).attempt, 2);
}

TEST_F(OfficersTest, KeepMessagesInFiles) {
  const std::string path = directory_.path() + "/order.msg";
  const auto order = DraftOrder(State(), poll::NewAttempt{2}, 5, 0, "once more");
  const std::string origin = log_.manifest().origin;
  ASSERT_TRUE(WriteMessageFile(path, {origin, *order, log_.encoded()[0]}).ok());
  const absl::StatusOr<Message> message = ReadMessageFile(path);
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(message->origin, origin);
  EXPECT_EQ(*message->manifest, log_.encoded()[0]);
  EXPECT_EQ(*record::EncodeEntry(message->entry), *record::EncodeEntry(*order));
  EXPECT_THAT(Describe(message->entry, &log_.entries()[0], "en"), HasSubstr("once more"));

  ASSERT_TRUE(WriteMessageFile(path, {"board.example/other", log_.entries()[0], {}}).ok());
  EXPECT_THAT(std::string(ReadMessageFile(path).status().message()),
              HasSubstr("$.origin: the entry is of"));
  ASSERT_TRUE(WriteFileDurably(path, AsBytes(R"({"urna": "message/1", "origin": "a/b",
                                                 "entry": "30"})"))
                  .ok());
  EXPECT_THAT(std::string(ReadMessageFile(path).status().message()), HasSubstr("order.msg: "));
}

}  // namespace
}  // namespace urna::tally
