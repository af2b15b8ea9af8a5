// What the commands know of an election from its log alone, and with its roll.
#include "tally/poll_replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tally/status_report.h"
#include "tests/support/election_fixture.h"

namespace urna::tally {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using urna::testing::ElectionFixture;
using urna::testing::ElectionOptions;

// Weights, districts, a challenged and opened ballot, a revoked credential.
ElectionOptions Options() {
  ElectionOptions options;
  options.roll = {"board.example/roll", 6, {1, 2}, {2, 5, 2, 5, 2, 5}};
  options.manifest = [](election::Manifest& manifest) {
    manifest.minimum_ballots = 2;
    manifest.challenges = 1;
    manifest.contests[0].by_district = true;
    manifest.contests[0].result = election::YesNo{};
  };
  return options;
}

class PollReplayTest : public ::testing::Test {
 protected:
  PollReplayTest() : log_(Options()) {
    log_.RunCeremony();
    log_.Open();
    log_.LogOpening(log_.Challenge(1, {{0, 1}}));
    for (size_t voter : {0, 2}) log_.Cast(voter, {{1, 0}, {1, 0, 0}, {0, 0}});
    for (size_t voter : {1, 3, 5}) log_.Cast(voter, {{0, 1}});
    log_.Revoke({5});
    log_.Close();
    log_.LogSum();
    log_.LogCountAcknowledgements();
    log_.LogDecryptionShares(1);
    log_.LogDecryptionShares(2);
    log_.LogResult();
  }

  void Replay(PollReplay& replay) {
    for (const Bytes& entry : log_.encoded()) ASSERT_EQ(replay.Take(entry), absl::OkStatus());
  }

  ElectionFixture log_;
};

TEST_F(PollReplayTest, ReadsWitnessedCheckpointsBeforeTheResult) {
  const Bytes witnessed = record::EncodeEntry(poll::WitnessedCheckpoint{Bytes{1}}).value();
  PollReplay replay;
  ASSERT_EQ(replay.Take(log_.encoded().front()), absl::OkStatus());
  ASSERT_EQ(replay.Take(witnessed), absl::OkStatus());
  EXPECT_THAT(replay.problems(), IsEmpty());
  PollReplay ended;
  Replay(ended);
  ASSERT_EQ(ended.Take(witnessed), absl::OkStatus());
  ASSERT_THAT(ended.problems(), SizeIs(1));
  EXPECT_THAT(ended.problems()[0], HasSubstr("S8: witnessed checkpoint: after the result"));
}

TEST_F(PollReplayTest, FindsNothingWrongWithoutTheRoll) {
  PollReplay replay;
  Replay(replay);
  EXPECT_THAT(replay.problems(), IsEmpty());
  EXPECT_EQ(replay.election()->phase(), election::Phase::kFinal);
  EXPECT_EQ(replay.election()->Counted(), log_.state().Counted());
  EXPECT_THAT(replay.election()->challenges(), SizeIs(1));
}

TEST_F(PollReplayTest, FindsTheSamePartsAndResultWithIt) {
  PollReplay replay([&](const roll::RollPin&) { return log_.roll().state; },
                    [&](const election::ElectionState&) { return *log_.state().summed()->sums; });
  Replay(replay);
  EXPECT_THAT(replay.problems(), IsEmpty());
  EXPECT_EQ(replay.election()->Parts(), log_.state().Parts());
  const StatusReport report = ReportStatus(replay, 3'000'000, "en");
  EXPECT_THAT(report.text, HasSubstr("revoked: 1 credentials\nchallenged: 1 ballots\n"));
  EXPECT_THAT(report.text, HasSubstr("  part 1: contest 1, district 2: 2 ballots, weight 10\n"));
  EXPECT_THAT(report.text, HasSubstr("\nMayor (4 ballots of the weight 14)\n"
                                     "         4  anna\n        10  bo\n"));
  EXPECT_THAT(report.text, HasSubstr("  not accepted\n"));
  EXPECT_EQ(report.json.at("revoked"), 1);
  EXPECT_EQ(report.json.at("result").at(0).at("parts").size(), 2u);
}

TEST_F(PollReplayTest, ReportsARevocationOfAStranger) {
  ElectionFixture other(Options());
  other.RunCeremony();
  other.Open();
  const auto stranger = crypto::Credential::Generate(other.rng()).public_key().bytes();
  other.Append(other.Order(poll::Revoke{{stranger}}, "why"));
  PollReplay replay([&](const roll::RollPin&) { return other.roll().state; }, nullptr);
  for (const Bytes& entry : other.encoded()) ASSERT_EQ(replay.Take(entry), absl::OkStatus());
  EXPECT_THAT(replay.problems(), ::testing::ElementsAre(HasSubstr("(order 'revoke'): S15: ")));
}

}  // namespace
}  // namespace urna::tally
