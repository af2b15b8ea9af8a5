#include "voter/selections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/election_fixture.h"

namespace urna::voter {
namespace {

using election::Selections;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Style 1: contest 1 one of (anna, bo) or none; 2: 1-2 of (cleo, dan, eva); 3: points for library
// and park. Style 2: contest 1.
class SelectionsTest : public ::testing::Test {
 protected:
  SelectionsTest()
      : rng_(1),
        people_(testing::MakePeople(3, 3, rng_)),
        manifest_(testing::MakeElectionManifest(people_, {}, rng_)) {}

  absl::StatusOr<Selections> Of(uint16_t style, const std::vector<std::string>& choices,
                                const std::vector<uint16_t>& blanks = {}) {
    return SelectionsFromChoices(manifest_, style, choices, blanks);
  }
  std::string ErrorOf(uint16_t style, const std::vector<std::string>& choices,
                      const std::vector<uint16_t>& blanks = {}) {
    const absl::Status status = Of(style, choices, blanks).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  }

  crypto::SeededRng rng_;
  testing::TestPeople people_;
  election::Manifest manifest_;
};

TEST_F(SelectionsTest, TakesChoicesOfEveryRuleInAnyOrder) {
  const auto selections = Of(1, {"3:park=2", "2:eva", "1:bo", "2:cleo"});
  ASSERT_TRUE(selections.ok()) << selections.status();
  EXPECT_EQ(*selections, (Selections{{0, 1}, {1, 0, 1}, {0, 2}}));
}

TEST_F(SelectionsTest, TakesABlankWhereTheContestAllowsIt) {
  const auto selections = Of(1, {"2:dan"}, {1, 3});
  ASSERT_TRUE(selections.ok()) << selections.status();
  EXPECT_EQ(*selections, (Selections{{0, 0}, {0, 1, 0}, {0, 0}}));
  EXPECT_THAT(ErrorOf(1, {"1:bo"}, {2, 3}), HasSubstr("contest 2 'Council' does not take a blank"));
}

TEST_F(SelectionsTest, WantsAnAnswerToEveryContest) {
  EXPECT_THAT(ErrorOf(2, {}), HasSubstr("contest 1 'Mayor': nothing is chosen; say --blank 1"));
  EXPECT_THAT(ErrorOf(1, {"1:bo"}, {3}), HasSubstr("contest 2 'Council': nothing is chosen"));
}

TEST_F(SelectionsTest, RefusesWhatIsNotOnTheBallot) {
  EXPECT_THAT(ErrorOf(2, {"1:bo", "2:eva"}), HasSubstr("contest 2 is not on your ballot"));
  EXPECT_THAT(ErrorOf(2, {"1:zoe"}), HasSubstr("contest 1 'Mayor' has no option 'zoe'"));
  EXPECT_THAT(ErrorOf(2, {"1:bo"}, {7}), HasSubstr("contest 7 is not on your ballot"));
  EXPECT_THAT(ErrorOf(9, {"1:bo"}), HasSubstr("no ballot style 9"));
}

TEST_F(SelectionsTest, RefusesWhatBreaksTheRule) {
  EXPECT_THAT(ErrorOf(2, {"1:anna", "1:bo"}), HasSubstr("'Mayor': at most 1"));
  EXPECT_THAT(ErrorOf(1, {"1:bo", "2:eva", "2:dan", "2:cleo"}, {3}),
              HasSubstr("'Council': at most 2"));
  EXPECT_THAT(ErrorOf(1, {"1:bo", "2:eva", "3:park=3"}),
              HasSubstr("option 'park' can have at most 2"));
  EXPECT_THAT(ErrorOf(2, {"1:bo", "1:bo"}), HasSubstr("chosen twice"));
  EXPECT_THAT(ErrorOf(2, {"1:bo"}, {1}), HasSubstr("both blank and chosen"));
  EXPECT_THAT(ErrorOf(2, {"1:bo=2"}), HasSubstr("option 'bo' can be chosen once"));
}

TEST_F(SelectionsTest, RefusesWhatCannotBeRead) {
  for (const char* choice : {"", "bo", ":bo", "x:bo", "70000:bo", "-1:bo", " 1:bo"}) {
    EXPECT_THAT(ErrorOf(2, {choice}), HasSubstr("not of the form")) << choice;
  }
  EXPECT_THAT(ErrorOf(1, {"1:bo", "2:eva", "3:park"}), HasSubstr("say how many points"));
  for (const char* choice : {"3:park=", "3:park=x", "3:park=-1", "3:park=99999999999"}) {
    EXPECT_THAT(ErrorOf(1, {"1:bo", "2:eva", choice}), HasSubstr("no number of points")) << choice;
  }
}

TEST_F(SelectionsTest, TheWholeIdOfAnOptionWinsOverPoints) {
  manifest_.contests[0].options[0].id = "a:b=1";
  const auto selections = Of(2, {"1:a:b=1"});
  ASSERT_TRUE(selections.ok()) << selections.status();
  EXPECT_EQ(*selections, (Selections{{1, 0}}));
}

TEST_F(SelectionsTest, DescribesWhatIsChosen) {
  EXPECT_THAT(DescribeSelections(manifest_, 1, {{0, 0}, {1, 0, 1}, {2, 1}}, "en"),
              ElementsAre("1 'Mayor': blank", "2 'Council': cleo, eva",
                          "3 'Budget': library (2), park (1)"));
}

constexpr char kVotes[] =
    "META\nkey;value\nnum_votes;4\nmin_length;1\nmax_length;2\n"
    "PROJECTS\nproject_id;cost\neva;1\ncleo;2\ndan;3\n"
    "VOTES\nvoter_id;vote\nv1;cleo\nv2;dan,eva\nv3;\nv4;eva,dan,cleo\n";

class PabulibVotesTest : public SelectionsTest {
 protected:
  PabulibVotesTest() {
    manifest_.contests = {manifest_.contests[1]};
    manifest_.contests[0].number = 1;
    manifest_.styles = {{1, {1}}};
    file_ = pabulib::Parse(kVotes, "votes.pb").value();
  }
  pabulib::File file_;
};

TEST_F(PabulibVotesTest, FindsOptionsById) {
  const auto votes = PabulibVotes::Create(manifest_, 1, file_);
  ASSERT_TRUE(votes.ok()) << votes.status();
  EXPECT_EQ(votes->Of(file_.votes[0], false).value(), (Selections{{1, 0, 0}}));
  EXPECT_EQ(votes->Of(file_.votes[1], false).value(), (Selections{{0, 1, 1}}));
}

TEST_F(PabulibVotesTest, NamesTheVoterAndTheLineThatBreakTheLimits) {
  const auto votes = PabulibVotes::Create(manifest_, 1, file_);
  ASSERT_TRUE(votes.ok()) << votes.status();
  EXPECT_THAT(votes->Of(file_.votes[2], false).status().message(),
              HasSubstr("voter 'v3' at line 15: 0 projects are chosen"));
  EXPECT_THAT(votes->Of(file_.votes[3], false).status().message(),
              HasSubstr("voter 'v4' at line 16: 3 projects are chosen"));
}

TEST_F(PabulibVotesTest, IgnoringTheFilesLimitsLeavesThePollsOwn) {
  manifest_.contests[0].sum_max = 3;
  const auto votes = PabulibVotes::Create(manifest_, 1, file_);
  ASSERT_TRUE(votes.ok()) << votes.status();
  EXPECT_FALSE(votes->Of(file_.votes[3], false).ok());
  EXPECT_EQ(votes->Of(file_.votes[3], true).value(), (Selections{{1, 1, 1}}));
  const absl::Status status = votes->Of(file_.votes[2], true).status();
  EXPECT_THAT(status.message(), HasSubstr("voter 'v3' at line 15: 'Council'"));
}

TEST_F(PabulibVotesTest, RefusesAFileOfAnotherPoll) {
  manifest_.contests[0].options[2].id = "fay";
  EXPECT_THAT(PabulibVotes::Create(manifest_, 1, file_).status().message(),
              HasSubstr("project 'eva' at line 8 is no option of ballot style 1"));
}

}  // namespace
}  // namespace urna::voter
