#include "core/pabulib/vote_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace urna::pabulib {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Measure = VoteLimit::Measure;

// Projects 1, 2 and 3 are parks, 3 and 4 roads; all of them cost 100.
File FileWith(const std::string& meta, const std::string& votes = "1;1\n") {
  const std::string text =
      absl::StrCat("META\nkey;value\n", meta,
                   "PROJECTS\nproject_id;cost;category\n1;10;parks\n2;20;parks\n3;30;parks, roads\n"
                   "4;40;roads\nVOTES\nvoter_id;vote\n",
                   votes);
  const absl::StatusOr<File> file = Parse(text, "x.pb");
  EXPECT_TRUE(file.ok()) << file.status();
  return *file;
}

VoteRules RulesOf(const File& file) {
  const absl::StatusOr<VoteRules> rules = ReadVoteRules(file, false);
  EXPECT_TRUE(rules.ok()) << rules.status();
  return rules.value_or(VoteRules());
}

std::string ErrorOf(const File& file, absl::StatusCode code) {
  const absl::Status status = ReadVoteRules(file, false).status();
  EXPECT_EQ(status.code(), code) << status;
  return std::string(status.message());
}

std::vector<std::string> BreachesOf(const File& file) {
  std::vector<std::string> out;
  for (const Breach& breach : FindBreaches(file, RulesOf(file))) {
    out.push_back(DescribeBreach(file, breach));
  }
  return out;
}

TEST(VoteRulesTest, WithoutAnyAVoteIsOneProjectOrMore) {
  const VoteRules rules = RulesOf(FileWith(""));
  EXPECT_FALSE(rules.points);
  EXPECT_EQ(rules.sum_min, 1u);
  EXPECT_EQ(rules.sum_max, 4u);
  EXPECT_THAT(rules.limits, IsEmpty());
  EXPECT_THAT(rules.notes, IsEmpty());
}

TEST(VoteRulesTest, LimitTheCostOfAVote) {
  const File file = FileWith("max_sum_cost;60\n", "a;1,2,3\nb;3,4\nc;2,4\nd;1\n");
  const VoteRules rules = RulesOf(file);
  ASSERT_EQ(rules.limits.size(), 1u);
  EXPECT_EQ(rules.limits[0].measure, Measure::kCost);
  EXPECT_EQ(rules.limits[0].category, "");
  EXPECT_EQ(rules.limits[0].at_least, 0u);
  EXPECT_EQ(rules.limits[0].at_most, 60u);
  EXPECT_THAT(rules.limits[0].projects, ElementsAre(0u, 1u, 2u, 3u));
  EXPECT_THAT(
      BreachesOf(file),
      ElementsAre("voter 'b' at line 13: max_sum_cost is 60, the vote has 70, 10 too many"));
  EXPECT_THAT(AdmissibleVotes(file, FindBreaches(file, rules)), ElementsAre(0u, 2u, 3u));
}

TEST(VoteRulesTest, LimitByCategoryOneNumberForEach) {
  const File file = FileWith("categories;parks, roads\nmax_sum_cost_per_category;50,69\n",
                             "a;1,2,3\nb;3,4\nc;1,2,3,4\nd;2,3\ne;4\n");
  const VoteRules rules = RulesOf(file);
  ASSERT_EQ(rules.limits.size(), 2u);
  EXPECT_EQ(rules.limits[0].category, "parks");
  EXPECT_THAT(rules.limits[0].projects, ElementsAre(0u, 1u, 2u));
  EXPECT_THAT(rules.limits[1].projects, ElementsAre(2u, 3u));
  EXPECT_EQ(rules.limits[1].at_most, 69u);
  EXPECT_THAT(
      BreachesOf(file),
      ElementsAre("voter 'a' at line 13: max_sum_cost_per_category 'parks' is 50, the vote has 60, "
                  "10 too many",
                  "voter 'b' at line 14: max_sum_cost_per_category 'roads' is 69, the vote has 70, "
                  "1 too many",
                  "voter 'c' at line 15: max_sum_cost_per_category 'parks' is 50, the vote has 60, "
                  "10 too many",
                  "voter 'c' at line 15: max_sum_cost_per_category 'roads' is 69, the vote has 70, "
                  "1 too many"));
  EXPECT_THAT(AdmissibleVotes(file, FindBreaches(file, rules)), ElementsAre(3u, 4u));
}

TEST(VoteRulesTest, LimitTheNumberByCategory) {
  const File file =
      FileWith("categories;parks,roads\nmin_length_per_category;1\nmax_length_per_category;2,2\n",
               "a;1,4\nb;1,2\nc;1,2,3\n");
  const VoteRules rules = RulesOf(file);
  ASSERT_EQ(rules.limits.size(), 2u);
  EXPECT_EQ(rules.limits[0].measure, Measure::kNumber);
  EXPECT_EQ(rules.limits[0].at_least, 1u);
  EXPECT_EQ(rules.limits[1].at_most, 2u);
  EXPECT_THAT(BreachesOf(file),
              ElementsAre("voter 'b' at line 15: min_length_per_category 'roads' is 1, the vote "
                          "has 0, 1 too few",
                          "voter 'c' at line 16: max_length_per_category 'parks' is 2, the vote "
                          "has 3, 1 too many"));
}

TEST(VoteRulesTest, ALimitThatNoVoteCanBreakIsDroppedWithANote) {
  const VoteRules rules =
      RulesOf(FileWith("max_sum_cost;100\ncategories;parks,roads\nmin_length_per_category;0\n"
                       "max_length_per_category;3,1\nmax_sum_cost_per_category;59,70\n"));
  ASSERT_EQ(rules.limits.size(), 2u);
  EXPECT_EQ(rules.limits[0].at_most, 59u);
  EXPECT_EQ(rules.limits[1].measure, Measure::kNumber);
  EXPECT_EQ(rules.limits[1].category, "roads");
  EXPECT_THAT(
      rules.notes,
      ElementsAre("max_sum_cost 100 is no limit, of 4 projects that cost 100",
                  "max_sum_cost_per_category 'roads' 70 is no limit, of 2 projects that cost 70",
                  "max_length_per_category 'parks' 3 is no limit, of 3 projects"));
}

TEST(VoteRulesTest, LengthsAndPointsAreRulesOfAVoteToo) {
  EXPECT_THAT(BreachesOf(FileWith("min_length;2\nmax_length;3\n", "a;1\nb;1,2\nc;1,2,3,4\n")),
              ElementsAre("voter 'a' at line 13: min_length is 2, the vote has 1, 1 too few",
                          "voter 'c' at line 15: max_length is 3, the vote has 4, 1 too many"));
  const absl::StatusOr<File> points = Parse(
      "META\nkey;value\nvote_type;cumulative\nmax_sum_points;5\nmax_points;3\nPROJECTS\n"
      "project_id;cost\n1;10\n2;20\nVOTES\nvoter_id;vote;points\na;1,2;3,2\nb;1,2;3,3\nc;1;4\n",
      "x.pb");
  ASSERT_TRUE(points.ok()) << points.status();
  const VoteRules rules = RulesOf(*points);
  EXPECT_TRUE(rules.points);
  EXPECT_EQ(rules.option_max, 3u);
  EXPECT_EQ(rules.sum_max, 5u);
  EXPECT_THAT(BreachesOf(*points),
              ElementsAre("voter 'b' at line 13: max_sum_points is 5, the vote has 6, 1 too many",
                          "voter 'c' at line 14: max_points is 3, the vote has 4, 1 too many"));
}

TEST(VoteRulesTest, IgnoringLimitsTakesWhateverWasCast) {
  const File file =
      FileWith("max_sum_cost;10\nmin_length;2\nmax_length;2\nmax_sum_cost_per_category;1\n",
               "a;1,2,3,4\nb;\n");
  const absl::StatusOr<VoteRules> rules = ReadVoteRules(file, true);
  ASSERT_TRUE(rules.ok()) << rules.status();
  EXPECT_EQ(rules->sum_min, 0u);
  EXPECT_EQ(rules->sum_max, 4u);
  EXPECT_THAT(rules->limits, IsEmpty());
  EXPECT_THAT(FindBreaches(file, *rules), IsEmpty());
  const absl::StatusOr<File> points = Parse(
      "META\nkey;value\nvote_type;scoring\nmax_points;3\nPROJECTS\nproject_id;cost\n1;10\n2;20\n"
      "VOTES\nvoter_id;vote;points\na;1,2;7,2\n",
      "x.pb");
  ASSERT_TRUE(points.ok()) << points.status();
  const absl::StatusOr<VoteRules> of_points = ReadVoteRules(*points, true);
  ASSERT_TRUE(of_points.ok()) << of_points.status();
  EXPECT_EQ(of_points->option_max, 7u);
  EXPECT_EQ(of_points->sum_max, 14u);
}

TEST(VoteRulesTest, ProjectsThatCostNothingAreInNoLimitByCost) {
  File file = FileWith("max_sum_cost;60\n");
  file.projects[1].cost = "0";
  EXPECT_THAT(RulesOf(file).limits[0].projects, ElementsAre(0u, 2u, 3u));
}

TEST(VoteRulesTest, RefusesWhatMakesNoSense) {
  const auto invalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(ErrorOf(FileWith("max_sum_cost;12.5\n"), invalid),
            "max_sum_cost '12.5' is no whole number");
  File decimals = FileWith("max_sum_cost;50\n");
  decimals.projects[2].cost = "30.50";
  EXPECT_EQ(ErrorOf(decimals, invalid),
            "project '3' at line 8: the cost '30.50' is no whole number");
  // Where nothing is limited by cost they do not matter.
  decimals.meta.erase("max_sum_cost");
  EXPECT_TRUE(ReadVoteRules(decimals, false).ok());
  EXPECT_EQ(ErrorOf(FileWith("max_sum_cost_per_category;5\n"), invalid),
            "META has limits by category, but no categories");
  EXPECT_EQ(
      ErrorOf(FileWith("categories;parks,roads,ships\nmax_sum_cost_per_category;5,6\n"), invalid),
      "max_sum_cost_per_category has 2 numbers for 3 categories");
  EXPECT_EQ(ErrorOf(FileWith("categories;parks\nmax_sum_cost_per_category;5\n"), invalid),
            "project '3' at line 9: category 'roads' is not among META's");
  EXPECT_EQ(ErrorOf(FileWith("min_sum_cost;101\n"), invalid),
            "min_sum_cost: no vote can reach 101");
  EXPECT_EQ(ErrorOf(FileWith("min_sum_cost;50\nmax_sum_cost;40\n"), invalid),
            "max_sum_cost: no vote can reach 50");
  EXPECT_EQ(ErrorOf(FileWith("min_length;3\nmax_length;2\n"), invalid),
            "no vote can have between 3 and 2 projects");
  EXPECT_EQ(ErrorOf(FileWith("max_length;0\n"), invalid),
            "no vote can have between 1 and 0 projects");
}

TEST(VoteRulesTest, RefusesWhatNoBallotCanSay) {
  const auto impossible = absl::StatusCode::kFailedPrecondition;
  EXPECT_THAT(ErrorOf(FileWith("vote_type;ordinal\n"), impossible), HasSubstr("'ordinal'"));
  const std::string points = "vote_type;cumulative\nmax_sum_points;10\n";
  EXPECT_TRUE(ReadVoteRules(FileWith(points), false).ok());
  EXPECT_THAT(ErrorOf(FileWith(points + "max_sum_cost;50\n"), impossible),
              HasSubstr("limits votes by max_sum_cost, but voters give points"));
  EXPECT_THAT(ErrorOf(FileWith(points + "max_length;2\n"), impossible),
              HasSubstr("limits votes by max_length, but voters give points"));
  EXPECT_THAT(ErrorOf(FileWith("vote_type;scoring\nmax_points;101\n"), impossible),
              HasSubstr("up to 101 points"));
  EXPECT_THAT(ErrorOf(FileWith("vote_type;cumulative\n"), impossible),
              HasSubstr("neither max_points nor max_sum_points"));
}

}  // namespace
}  // namespace urna::pabulib
