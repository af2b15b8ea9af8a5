// The rules of an election's manifest, docs/protocol.md §6.
#include "core/election/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "core/election/state.h"
#include "tests/support/election_fixture.h"

namespace urna::election {
namespace {

using testing::ElectionFixture;
using testing::ElectionOptions;
using ::testing::ElementsAre;
using testing::English;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Numbers;
using testing::StatusOf;

Manifest Good() {
  crypto::SeededRng rng(11);
  const ElectionOptions options;
  return testing::MakeElectionManifest(testing::MakePeople(3, 3, rng), options, rng);
}

TEST(ManifestTest, TakesAGoodOne) { EXPECT_EQ(CheckManifest(Good()), absl::OkStatus()); }

// A good manifest with this fault is refused with this in its sentence.
void ExpectRefused(const std::function<void(Manifest&)>& spoil, absl::string_view sentence) {
  Manifest manifest = Good();
  spoil(manifest);
  const absl::Status status = CheckManifest(manifest);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << sentence;
  EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(sentence)));
}

TEST(ManifestTest, RefusesPeopleAndTimes) {
  ExpectRefused([](Manifest& m) { m.origin = "Board/poll"; }, "origin");
  ExpectRefused([](Manifest& m) { m.log_key.fill(0); }, "log key");
  ExpectRefused([](Manifest& m) { m.title.clear(); }, "title");
  ExpectRefused([](Manifest& m) { m.schedule.closes = m.schedule.opens; }, "schedule");
  ExpectRefused([](Manifest& m) { m.registrar.key.fill(0); }, "registrar");
  ExpectRefused([](Manifest& m) { m.officer_quorum = 4; }, "quorum of 4 of 3");
  ExpectRefused([](Manifest& m) { m.trustees.clear(); }, "trustees");
  ExpectRefused([](Manifest& m) { m.trustees[1].name = m.trustees[0].name; }, "trustee 2");
  ExpectRefused([](Manifest& m) { m.trustees[2].key = m.trustees[0].key; }, "trustee 3");
  ExpectRefused([](Manifest& m) { m.trustee_threshold = 0; }, "quorum of 0");
  ExpectRefused([](Manifest& m) { m.trustee_threshold = 4; }, "quorum of 4");
  ExpectRefused([](Manifest& m) { m.minimum_ballots = 0; }, "minimum_ballots");
}

// What is wrong with a single contest is in contest_rules_test.cc.
TEST(ManifestTest, RefusesContests) {
  ExpectRefused([](Manifest& m) { m.contests.clear(); }, "no contests");
  ExpectRefused([](Manifest& m) { m.contests[1].number = 1; }, "contest 1 stands after contest 1");
  ExpectRefused(
      [](Manifest& m) {
        m.contests[0].title = {{"fi", "Pormestari"}};
      },
      "contest 1 'Pormestari': title: the text is in the languages");
  ExpectRefused([](Manifest& m) { m.contests[1].options.clear(); },
                "contest 2 'Council': no options");
  ExpectRefused([](Manifest& m) { m.contests[1].sum_max = 4; },
                "contest 2 'Council': sum_max 4 is above 1·3");
  // Before anything is made of them.
  ExpectRefused(
      [](Manifest& m) {
        m.contests[1].limits = {{English("Few"), Limit::Measure::kNumber, 0, 1, {0, 999}}};
      },
      "contest 2 'Council': limit 1 'Few': there is no option 999");
  ExpectRefused([](Manifest& m) { m.contests[1].result = MostVotes{0}; },
                "contest 2 'Council': result rule: seats 0");
}

TEST(ManifestTest, RefusesStylesAndDistricts) {
  ExpectRefused([](Manifest& m) { m.styles.clear(); }, "no styles");
  ExpectRefused([](Manifest& m) { m.styles[1].contests.clear(); }, "style 2: no contests");
  ExpectRefused(
      [](Manifest& m) {
        m.styles[0].contests = {1, 3, 2};
      },
      "contest 2 stands after contest 3");
  ExpectRefused([](Manifest& m) { m.styles[1].contests = {9}; }, "there is no contest 9");
  ExpectRefused(
      [](Manifest& m) {
        m.styles[0].contests = {1, 2};
      },
      "contest 3 'Budget': in no style");
  ExpectRefused([](Manifest& m) { m.districts.clear(); }, "no districts");
  ExpectRefused([](Manifest& m) { m.districts[0].style = 7; },
                "district 1 'North': there is no style 7");
  ExpectRefused([](Manifest& m) { m.districts[1].style = 1; }, "style 2: in no district");
}

// One style in `districts` districts, with `contests` contests of `options` options.
void MakeWide(Manifest& m, uint16_t contests, uint16_t options, uint16_t districts,
              bool by_district) {
  m.contests.clear();
  m.styles = {{1, {}}};
  for (uint16_t q = 1; q <= contests; ++q) {
    Contest contest;
    contest.number = q;
    contest.title = English("Which?");
    contest.by_district = by_district;
    for (uint16_t o = 1; o <= options; ++o) {
      contest.options.push_back({"o" + std::to_string(o), English("one")});
    }
    m.contests.push_back(std::move(contest));
    m.styles[0].contests.push_back(q);
  }
  m.districts.clear();
  for (uint16_t d = 1; d <= districts; ++d) m.districts.push_back({d, English("There"), 1});
}

TEST(ManifestTest, RefusesBallotsThatAreNoEntry) {
  // 226 options of 64 + 224 bytes, the sum's 224, the contest's 10 and the ballot's 142.
  Manifest manifest = Good();
  MakeWide(manifest, 1, 226, 1, false);
  EXPECT_EQ(BallotSize(manifest, manifest.styles[0]), 65464u);
  EXPECT_EQ(CheckManifest(manifest), absl::OkStatus());
  ExpectRefused([](Manifest& m) { MakeWide(m, 1, 227, 1, false); },
                "style 1: its ballots have 65752 bytes, above 65535");
  // Slack bits count: a limit of 0..15 is four more cells and one branch.
  ExpectRefused(
      [](Manifest& m) {
        MakeWide(m, 1, 226, 1, false);
        m.contests[0].limits = {{English("Few"), Limit::Measure::kNumber, 0, 15, {}}};
        for (uint16_t o = 0; o < 226; ++o) m.contests[0].limits[0].options.push_back(o);
      },
      "style 1: its ballots have 66712 bytes, above 65535");
}

TEST(ManifestTest, RefusesOrdersThatAreNoEntries) {
  Manifest manifest = Good();
  MakeWide(manifest, 150, 1, 190, false);
  EXPECT_EQ(CheckManifest(manifest), absl::OkStatus());
  ExpectRefused([](Manifest& m) { MakeWide(m, 150, 1, 191, false); },
                "the parts of the count would take 60300 bytes in the order sum, above 60000");
  ExpectRefused([](Manifest& m) { MakeWide(m, 19, 1, 150, true); },
                "the parts of the count would take 62700 bytes in the order sum, above 60000");
  MakeWide(manifest, 1, 100, 74, true);
  EXPECT_EQ(CheckManifest(manifest), absl::OkStatus());
  ExpectRefused([](Manifest& m) { MakeWide(m, 1, 100, 75, true); },
                "the parts of the count would take 60708 bytes in the order result, above 60000");
  // With one part for all districts there is room.
  MakeWide(manifest, 1, 100, 75, false);
  EXPECT_EQ(CheckManifest(manifest), absl::OkStatus());
}

TEST(ManifestTest, FindsByNumber) {
  const Manifest manifest = Good();
  EXPECT_EQ(manifest.FindContest(2)->options.size(), 3u);
  EXPECT_EQ(manifest.FindDistrict(2)->style, 2);
  EXPECT_EQ(manifest.FindStyle(1)->contests.size(), 3u);
  EXPECT_EQ(manifest.FindContest(4), nullptr);
  EXPECT_EQ(manifest.FindDistrict(0), nullptr);
  EXPECT_EQ(manifest.FindStyle(3), nullptr);
}

TEST(ManifestTest, IsTheFirstEntrySignedByEnoughOfficers) {
  crypto::SeededRng rng(12);
  const testing::TestPeople people = testing::MakePeople(3, 3, rng);
  const Manifest manifest = testing::MakeElectionManifest(people, {}, rng);
  EXPECT_THAT(Numbers(ElectionState::CheckManifestEntry(
                  testing::SignManifest(people.officers, manifest, std::vector<uint16_t>{0, 2}))),
              IsEmpty());

  const auto too_few = ElectionState::CheckManifestEntry(
      testing::SignManifest(people.officers, manifest, std::vector<uint16_t>{1}));
  EXPECT_THAT(Numbers(too_few), ElementsAre("S2"));
  EXPECT_EQ(StatusOf(too_few, Check::kS2).code(), absl::StatusCode::kPermissionDenied);

  SignedManifest bad_signature = testing::SignManifest(people.officers, manifest);
  bad_signature.signed_body.signatures[2].signature[3] ^= 1;
  EXPECT_THAT(Numbers(ElectionState::CheckManifestEntry(bad_signature)), ElementsAre("S2"));

  Manifest bad = manifest;
  bad.minimum_ballots = 0;
  EXPECT_THAT(
      Numbers(ElectionState::CheckManifestEntry(testing::SignManifest(people.officers, bad))),
      ElementsAre("S1"));
}

TEST(ManifestTest, AStateOfAManifestWithoutSenseIsSafe) {
  SignedManifest nothing;
  nothing.manifest.trustees.clear();
  ElectionState state(nothing);
  EXPECT_EQ(state.phase(), Phase::kSetup);
  SignedTrusteeMessage message;
  message.message = DecryptionShare{};
  EXPECT_THAT(Numbers(state.CheckTrusteeMessage(message)), ElementsAre("S8"));
  state.ApplyTrusteeMessage(message, 1);
  EXPECT_THAT(Numbers(state.CheckBallot(Ballot{})), ElementsAre("B8"));
}

}  // namespace
}  // namespace urna::election
