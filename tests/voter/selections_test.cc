#include "voter/selections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/election/rich_contests.h"
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

// Contest 1: projects with limits; 2: lists and blank, points for candidates; 3: one of two, or
// blank.
class RichSelectionsTest : public SelectionsTest {
 protected:
  RichSelectionsTest() {
    manifest_.contests = {testing::BudgetContest(), testing::ListContest(),
                          testing::PlainContest(election::Rule::kOneOfN, 2, 1, 1, 1)};
    manifest_.contests[1].number = 2;
    manifest_.contests[2].number = 3;
    manifest_.contests[2].blank = true;
    manifest_.styles = {{1, {1, 2, 3}}, {2, {2}}};
  }
};

TEST_F(RichSelectionsTest, TakesAListItsCandidatesAndAnExplicitBlank) {
  const auto selections = Of(1, {"1:option0", "1:option1", "2:reds", "2:option2=2", "3:blank"});
  ASSERT_TRUE(selections.ok()) << selections.status();
  EXPECT_EQ(*selections, (Selections{{1, 1, 0}, {0, 0, 2, 0, 0, 1, 0}, {0, 0, 1}}));
  EXPECT_EQ(Of(2, {"2:greens"}).value(), (Selections{{0, 0, 0, 0, 1, 0, 0}}));
  EXPECT_EQ(Of(2, {}, {2}).value(), (Selections{{0, 0, 0, 0, 0, 0, 1}}));
  EXPECT_EQ(Of(2, {"2:blank"}).value(), (Selections{{0, 0, 0, 0, 0, 0, 1}}));
}

TEST_F(RichSelectionsTest, CandidatesImplyTheirList) {
  EXPECT_EQ(Of(2, {"2:option0=1", "2:option1=1"}).value(), (Selections{{1, 1, 0, 0, 1, 0, 0}}));
  EXPECT_THAT(ErrorOf(2, {"2:option0=1", "2:option2=1"}),
              HasSubstr("'Council': exactly one list, or blank, must be chosen, here are 2"));
  EXPECT_THAT(ErrorOf(2, {"2:greens", "2:option2=1"}),
              HasSubstr("option 'option2' is of list 'Reds', which is not the one chosen"));
  EXPECT_THAT(ErrorOf(2, {"2:greens", "2:reds"}), HasSubstr("here are 2"));
}

TEST_F(RichSelectionsTest, RefusesWhatBreaksALimitAndNamesItAndByHowMuch) {
  EXPECT_THAT(ErrorOf(1, {"1:option0", "1:option2"}, {2, 3}),
              HasSubstr("'Projects': limit 'Money': the cost of what is chosen is 800, above 700"));
  manifest_.contests[0].options[2].cost = 100;
  EXPECT_THAT(ErrorOf(1, {"1:option0", "1:option2"}, {2, 3}),
              HasSubstr("limit 'Parks': the number of what is chosen is 2, above 1"));
}

TEST_F(RichSelectionsTest, BlankExcludesEverythingElse) {
  EXPECT_THAT(ErrorOf(2, {"2:blank", "2:greens"}), HasSubstr("both blank and chosen"));
  EXPECT_THAT(ErrorOf(2, {"2:option0=1"}, {2}), HasSubstr("both blank and chosen"));
  EXPECT_THAT(ErrorOf(2, {}), HasSubstr("nothing is chosen; say --blank 2 if you mean that"));
  EXPECT_THAT(ErrorOf(1, {"1:blank"}, {2, 3}), HasSubstr("contest 1 'Projects' has no option"));
}

TEST_F(RichSelectionsTest, AnIdThatOptionAndListShareIsSaidInFull) {
  manifest_.contests[1].lists[1].id = "option0";
  EXPECT_THAT(ErrorOf(2, {"2:option0=1"}),
              HasSubstr("write '2:option:option0' or '2:list:option0'"));
  EXPECT_EQ(Of(2, {"2:list:option0"}).value(), (Selections{{0, 0, 0, 0, 0, 1, 0}}));
  EXPECT_EQ(Of(2, {"2:option:option0=2"}).value(), (Selections{{2, 0, 0, 0, 1, 0, 0}}));
  EXPECT_THAT(ErrorOf(2, {"2:list:blues"}), HasSubstr("has no option or list 'list:blues'"));
}

TEST_F(RichSelectionsTest, AnOptionNamedBlankWins) {
  manifest_.contests[2].options[1].id = "blank";
  EXPECT_EQ(Of(1, {"1:option0", "2:greens", "3:blank"}).value()[2],
            (std::vector<uint32_t>{0, 1, 0}));
  EXPECT_EQ(Of(1, {"1:option0", "2:greens"}, {3}).value()[2], (std::vector<uint32_t>{0, 0, 1}));
}

TEST_F(RichSelectionsTest, DescribesListsAndBlankAndWhatCannotBe) {
  EXPECT_THAT(DescribeSelections(manifest_, 1, {{0, 0, 0}, {0, 0, 2, 1, 0, 1, 0}, {0, 0, 1}}, "en"),
              ElementsAre("1 'Projects': blank", "2 'Council': list Reds: option2 (2), option3 (1)",
                          "3 'Plain': blank"));
  EXPECT_THAT(DescribeSelections(manifest_, 2, {{0, 0, 0, 0, 0, 0, 0}}, "en"),
              ElementsAre("2 'Council': nothing"));
  EXPECT_THAT(DescribeSelections(manifest_, 2, {{1, 0, 0, 0, 1, 1, 1}}, "en"),
              ElementsAre("2 'Council': list Greens, list Reds: option0 (1), and blank"));
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
  EXPECT_EQ(votes->Of(file_.votes[0]).value(), (Selections{{1, 0, 0}}));
  EXPECT_EQ(votes->Of(file_.votes[1]).value(), (Selections{{0, 1, 1}}));
}

TEST_F(PabulibVotesTest, NamesTheVoterAndTheLineThatBreakTheRulesOfThePoll) {
  const auto votes = PabulibVotes::Create(manifest_, 1, file_);
  ASSERT_TRUE(votes.ok()) << votes.status();
  EXPECT_THAT(votes->Of(file_.votes[2]).status().message(),
              HasSubstr("voter 'v3' at line 15: 'Council': at least 1"));
  EXPECT_THAT(votes->Of(file_.votes[3]).status().message(),
              HasSubstr("voter 'v4' at line 16: 'Council': at most 2"));
  manifest_.contests[0].sum_max = 3;
  EXPECT_EQ(votes->Of(file_.votes[3]).value(), (Selections{{1, 1, 1}}));
}

TEST_F(PabulibVotesTest, WhoChoseNothingIsBlankWhereThatCanBeSaid) {
  manifest_.contests[0].blank = true;
  const auto votes = PabulibVotes::Create(manifest_, 1, file_);
  ASSERT_TRUE(votes.ok()) << votes.status();
  EXPECT_EQ(votes->Of(file_.votes[2]).value(), (Selections{{0, 0, 0, 1}}));
  EXPECT_EQ(votes->Of(file_.votes[0]).value(), (Selections{{1, 0, 0, 0}}));
}

TEST_F(PabulibVotesTest, CandidatesImplyTheirList) {
  manifest_.contests[0].rule = election::Rule::kLists;
  manifest_.contests[0].lists = {{"a", testing::English("A")}, {"b", testing::English("B")}};
  manifest_.contests[0].options[1].list = manifest_.contests[0].options[2].list = 1;
  const auto votes = PabulibVotes::Create(manifest_, 1, file_);
  ASSERT_TRUE(votes.ok()) << votes.status();
  EXPECT_EQ(votes->Of(file_.votes[1]).value(), (Selections{{0, 1, 1, 0, 1}}));
}

TEST_F(PabulibVotesTest, RefusesAFileOfAnotherPoll) {
  manifest_.contests[0].options[2].id = "fay";
  EXPECT_THAT(PabulibVotes::Create(manifest_, 1, file_).status().message(),
              HasSubstr("project 'eva' at line 8 is no option of ballot style 1"));
}

}  // namespace
}  // namespace urna::voter
