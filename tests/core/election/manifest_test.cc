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

TEST(ManifestTest, RefusesContestsAndOptions) {
  ExpectRefused([](Manifest& m) { m.contests.clear(); }, "no contests");
  ExpectRefused([](Manifest& m) { m.contests[1].number = 1; }, "contest 1 stands after contest 1");
  ExpectRefused(
      [](Manifest& m) {
        m.contests[0].title = {{"fi", "Pormestari"}};
      },
      "contest 1 'Pormestari': title: the text is in the languages");
  ExpectRefused([](Manifest& m) { m.contests[1].options.clear(); },
                "contest 2 'Council': no options");
  ExpectRefused([](Manifest& m) { m.contests[0].options[1].id = "anna"; },
                "option 2 'anna': the id stands twice");
  ExpectRefused([](Manifest& m) { m.contests[0].options[0].id = ""; }, "option 1 ''");
  ExpectRefused([](Manifest& m) { m.contests[0].options[0].id = "\xff"; }, "UTF-8");
}

TEST(ManifestTest, RefusesRulesOfContests) {
  ExpectRefused([](Manifest& m) { m.contests[0].sum_max = 2; }, "one-of-n");
  ExpectRefused([](Manifest& m) { m.contests[1].option_max = 2; }, "k-of-n");
  ExpectRefused([](Manifest& m) { m.contests[2].option_max = 101; }, "option_max 101");
  ExpectRefused([](Manifest& m) { m.contests[0].rule = Rule{4}; }, "rule 4");
  ExpectRefused(
      [](Manifest& m) {
        m.contests[1].sum_min = 0;
        m.contests[1].sum_max = 0;
      },
      "sum_max is 0");
  ExpectRefused([](Manifest& m) { m.contests[1].sum_min = 3; }, "sum_min 3 is above sum_max 2");
  ExpectRefused([](Manifest& m) { m.contests[1].sum_max = 4; },
                "contest 2 'Council': sum_max 4 is above 1·3");
  ExpectRefused(
      [](Manifest& m) {
        m.contests[2].option_max = 100;
        for (int i = 0; i < 3; ++i) {
          m.contests[2].options.push_back(
              {std::string(1, static_cast<char>('a' + i)), English("more")});
        }
        m.contests[2].sum_max = 300;
      },
      "sum_max - sum_min is 300");
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
  ExpectRefused(
      [](Manifest& m) {
        for (int i = 0; i < 230; ++i) {
          m.contests[0].options.push_back({"o" + std::to_string(i), English("one")});
        }
      },
      "style 1: its ballots have");
  ExpectRefused(
      [](Manifest& m) {
        m.contests.clear();
        m.styles = {{1, {}}};
        for (uint16_t q = 1; q <= 150; ++q) {
          m.contests.push_back(
              {q, English("Yes?"), Rule::kOneOfN, 1, 0, 1, {{"yes", English("yes")}}});
          m.styles[0].contests.push_back(q);
        }
        m.districts.clear();
        for (uint16_t d = 1; d <= 200; ++d) {
          m.districts.push_back({d, English("There"), 1});
        }
      },
      "parts of the count would take 61800 bytes");
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

TEST(ManifestTest, OnlyAContestWhoseSelectionsSayItAlreadyHasNoSumProof) {
  const Manifest manifest = Good();
  EXPECT_TRUE(manifest.contests[0].HasSumProof());
  EXPECT_TRUE(manifest.contests[1].HasSumProof());
  EXPECT_FALSE(manifest.contests[2].HasSumProof());
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
  EXPECT_THAT(Numbers(state.CheckBallot(Ballot{})), ElementsAre("B8", "B3"));
}

}  // namespace
}  // namespace urna::election
