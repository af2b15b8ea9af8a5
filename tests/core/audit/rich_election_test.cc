// The audit of elections with weights, districts, blank votes, challenges and revocations: what the
// checks look at, and what the report says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "tests/core/audit/audit_kit.h"

namespace urna::audit {
namespace {

using election::Phase;
using testing::ElectionFixture;
using testing::ElectionOptions;
using ::testing::HasSubstr;
using Json = nlohmann::json;

ElectionOptions RichOptions() {
  ElectionOptions options;
  options.roll = {"board.example/roll", 6, {1, 2}, {2, 5, 2, 5, 2, 5}};
  options.manifest = [](election::Manifest& manifest) {
    manifest.minimum_ballots = 2;
    manifest.challenges = 1;
    election::Contest& mayor = manifest.contests[0];
    mayor.by_district = true;
    mayor.blank = true;
    mayor.sum_min = 1;
    mayor.result = election::YesNo{};
    manifest.contests[1].result = election::MostVotes{2, election::MostVotes::Tie::kLeftOpen};
    election::Limit limit;  // at most one of the first two
    limit.name = testing::English("Not both");
    limit.measure = election::Limit::Measure::kNumber;
    limit.at_most = 1;
    limit.options = {0, 1};
    manifest.contests[1].limits = {limit};
  };
  return options;
}

// Everything once; voter 5's ballot does not count.
const ElectionFixture& RichElection() {
  static const auto* const election = [] {
    auto* made = new ElectionFixture(RichOptions());
    made->RunCeremony();
    made->Open();
    made->LogOpening(made->Challenge(0, {{0, 1, 0}, {0, 1, 0}, {0, 0}}));
    for (size_t voter : {0, 2, 4}) made->Cast(voter, {{1, 0, 0}, {1, 0, 1}, {2, 1}});
    made->Cast(1, {{0, 0, 1}});
    for (size_t voter : {3, 5}) made->Cast(voter, {{0, 1, 0}});
    made->Revoke({3, 5});
    made->Restore({3});
    made->Close();
    made->LogSum();
    made->LogCountAcknowledgements();
    made->LogDecryptionShares(1);
    made->LogDecryptionShares(2);
    made->LogResult();
    return made;
  }();
  return *election;
}

std::string Count(const AuditResult& result, Check check) {
  const CheckResult& found = *result.report.Find(check);
  return absl::StrCat(found.passed, " of ", found.looked, " ", found.what);
}

TEST(RichElectionTest, EveryCheckSaysWhatItLookedAt) {
  const AuditResult result = AuditElection(RichElection(), ElectionOptionsOf(RichElection()));
  EXPECT_EQ(result.report.ExitStatus(), 0) << result.report.ToText();
  EXPECT_EQ(Count(result, Check::kL2), "3 of 3 directories");
  EXPECT_EQ(Count(result, Check::kS15), "3 of 3 credentials");
  EXPECT_EQ(Count(result, Check::kS16), "1 of 1 openings");
  EXPECT_EQ(Count(result, Check::kB1), "6 of 6 ballots");
  EXPECT_EQ(Count(result, Check::kB2), "7 of 7 ballots and challenges");
  // Cells: 3 in every ballot, 3 + 2 more in three of them.
  EXPECT_EQ(Count(result, Check::kB4), "33 of 33 proofs");
  EXPECT_EQ(Count(result, Check::kB5), "9 of 9 proofs");
  EXPECT_EQ(Count(result, Check::kB9), "3 of 3 proofs");
  EXPECT_EQ(Count(result, Check::kB6), "7 of 7 ballots and challenges");
  EXPECT_EQ(Count(result, Check::kB8), "8 of 8 ballots, challenges and openings");
  EXPECT_EQ(Count(result, Check::kB10), "7 of 7 ballots and challenges");
  EXPECT_EQ(Count(result, Check::kB11), "1 of 1 openings");
  EXPECT_EQ(Count(result, Check::kC8), "4 of 4 parts");
  EXPECT_EQ(Count(result, Check::kC7), "11 of 11 totals");
  EXPECT_EQ(Count(result, Check::kC9), "2 of 2 outcomes");
}

TEST(RichElectionTest, TheResultIsShownByPartsAndInWords) {
  const AuditResult result = AuditElection(RichElection(), ElectionOptionsOf(RichElection()));
  const std::string text = ResultText(result, "en");
  EXPECT_THAT(text, HasSubstr("6 voters, 6 ballots with those replaced; 5 count, 1 credentials "
                              "were revoked\n"));
  EXPECT_THAT(text, HasSubstr("\nMayor (5 ballots of the weight 16)\n"
                              "         6  anna\n         5  bo\n         5  blank\n"
                              "  North (3 ballots of the weight 6)\n"
                              "           6  anna\n           0  bo\n           0  blank\n"
                              "  South (2 ballots of the weight 10)\n"
                              "           0  anna\n           5  bo\n           5  blank\n"
                              "  accepted\n"));
  EXPECT_THAT(text, HasSubstr("  elected: cleo, eva\n"));
  EXPECT_THAT(text, HasSubstr("\nBudget (3 ballots of the weight 6)\n"));
}

TEST(RichElectionTest, TheJsonIsThatOfTheProtocol) {
  const AuditResult result = AuditElection(RichElection(), ElectionOptionsOf(RichElection()));
  const Json election = Json::parse(ToJson(result)).at("election");
  EXPECT_EQ(election.at("voters"), 5);
  EXPECT_EQ(election.at("ballots"), 6);
  ASSERT_EQ(election.at("contests").size(), 3u);
  const Json& mayor = election.at("contests")[0];
  EXPECT_EQ(mayor.at("weight"), 16);
  EXPECT_EQ(mayor.at("options")[0], Json::parse(R"({"id": "anna", "name": {"en": "anna"},
                                                    "total": 6})"));
  EXPECT_EQ(mayor.at("blank"), 5);
  EXPECT_EQ(mayor.at("parts"), Json::parse(R"([
      {"districts": [1], "ballots": 3, "weight": 6, "totals": [6, 0, 0]},
      {"districts": [2], "ballots": 2, "weight": 10, "totals": [0, 5, 5]}])"));
  EXPECT_EQ(mayor.at("outcome"), Json::parse(R"({"winners": ["anna"], "tied": [], "seats": []})"));
  EXPECT_EQ(election.at("contests")[1].at("outcome").at("winners"), Json({"cleo", "eva"}));
  EXPECT_FALSE(election.at("contests")[2].contains("outcome"));
  EXPECT_FALSE(election.at("contests")[2].contains("parts"));
}

TEST(RichElectionTest, ContestsWithTooFewBallotsHaveNoTotals) {
  ElectionFixture election(RichOptions());
  election.RunCeremony();
  election.Open();
  for (size_t voter : {1, 3}) election.Cast(voter, {{1, 0, 0}});
  election.Close();
  election.LogSum();
  election.LogCountAcknowledgements();
  election.LogDecryptionShares(1);
  election.LogDecryptionShares(3);
  election.LogResult();
  const AuditResult result = AuditElection(election, ElectionOptionsOf(election));
  EXPECT_EQ(result.report.ExitStatus(), 0) << result.report.ToText();
  const Json contests = Json::parse(ToJson(result)).at("election").at("contests");
  EXPECT_EQ(contests[0].at("parts")[0].at("districts"), Json({1, 2}));
  EXPECT_EQ(contests[1].at("ballots"), 0);
  EXPECT_FALSE(contests[1].at("options")[0].contains("total"));
  EXPECT_FALSE(contests[1].contains("outcome"));
  EXPECT_THAT(ResultText(result, "en"),
              HasSubstr("Council: not decrypted, too few ballots for the manifest's minimum of 2"));
}

TEST(RichElectionTest, BeforeTheOpeningAnEntryIsTooEarlyAndNothingElse) {
  ElectionFixture other(RichOptions());
  other.RunCeremony();
  other.Open();
  const election::BallotOpening opening = other.Challenge(1, {{1, 0, 0}});
  const record::Entry challenge = other.entries().back();
  election::Ballot ballot = other.Ballot(1, {{1, 0, 0}});
  ElectionFixture election(RichOptions());
  const auto audit = [&] {
    return AuditElection(election, ElectionOptionsOf(election, Stage::kSetup)).report;
  };
  election.Append(ballot);
  election.Append(challenge);
  election.Append(opening);
  const Report early = audit();
  EXPECT_EQ(With(early, Outcome::kFail), "B8");
  EXPECT_EQ(early.Find(Check::kB8)->looked, 3u);
  EXPECT_EQ(early.Find(Check::kB1)->looked, 0u);
  // Its points and scalars are looked at like any other's.
  std::fill_n(ballot.contests[0].ciphertexts.begin(), 32, 0xff);
  election.Append(ballot);
  const Report broken = audit();
  EXPECT_EQ(With(broken, Outcome::kFail), "L3");
  EXPECT_THAT(broken.Find(Check::kL3)->failures,
              ::testing::ElementsAre(HasSubstr("contest 1, option 1 'anna'")));
}

TEST(DirectoriesTest, AProblemIsNoEntry) {
  const testing::TemporaryDirectory directory;
  testing::WriteRecordFiles(directory.path(), RichElection().manifest().origin,
                            RichElection().people(), RichElection().encoded(),
                            RichElection().roll());
  for (const char* stranger : {"/poll/one", "/poll/two", "/poll/three"}) {
    ASSERT_TRUE(WriteFileDurably(directory.path() + stranger, {}).ok());
  }
  const AuditResult result = AuditRecord(directory.path(), ElectionOptionsOf(RichElection()));
  const CheckResult& found = *result.report.Find(Check::kL2);
  EXPECT_EQ(found.outcome, Outcome::kFail);
  EXPECT_EQ(found.failed, 3u);
  EXPECT_EQ(Count(result, Check::kL2), "2 of 3 directories");
}

}  // namespace
}  // namespace urna::audit
