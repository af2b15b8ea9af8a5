#include "tally/pabulib_compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "tally/spec_reader.h"

namespace urna::tally {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The third voter breaks the limit of 45.
pabulib::File FileWith(const std::string& meta, const std::string& columns = "votes;selected") {
  const std::string text = absl::StrCat(
      "META\nkey;value\nrule;greedy\n", meta, "PROJECTS\nproject_id;cost;", columns,
      "\n7;30;3;1\n3;20;2;0\n9;10;1;1\nVOTES\nvoter_id;vote\n1;7\n2;7,9\n3;7,3\n4;3\n");
  const absl::StatusOr<pabulib::File> file = pabulib::Parse(text, "x.pb");
  EXPECT_TRUE(file.ok()) << file.status();
  return *file;
}

Json ReportWith(uint64_t a, uint64_t b, uint64_t c) {
  Json report = *ParseJson(R"({"urna": "report/1", "status": 0, "verified": true,
                               "stage": "final", "election": {"contests": [{"options": []}]}})",
                           "report");
  for (const auto& [id, total] :
       std::vector<std::pair<const char*, uint64_t>>{{"7", a}, {"3", b}, {"9", c}}) {
    report["election"]["contests"][0]["options"].push_back({{"id", id}, {"total", total}});
  }
  return report;
}

Comparison Compared(const pabulib::File& file, const Json& report,
                    const CompareOptions& options = {}) {
  const absl::StatusOr<Comparison> comparison = CompareWithReport(file, report, options);
  EXPECT_TRUE(comparison.ok()) << comparison.status();
  return comparison.value_or(Comparison());
}

TEST(CompareWithReportTest, ComparesWithThePublishedColumnIfAllWereCast) {
  const Comparison equal = Compared(FileWith(""), ReportWith(3, 2, 1));
  EXPECT_TRUE(equal.published);
  EXPECT_EQ(equal.votes, 4u);
  EXPECT_EQ(equal.left_out, 0u);
  EXPECT_THAT(equal.differences, IsEmpty());
  EXPECT_THAT(Compared(FileWith(""), ReportWith(3, 1, 1)).differences,
              ElementsAre("project '3': 1 in the result, 2 in the file"));
  // Also where the published column is not what the votes add up to.
  pabulib::File wrong = FileWith("");
  wrong.projects[1].votes = 5;
  EXPECT_THAT(Compared(wrong, ReportWith(3, 2, 1)).differences,
              ElementsAre("project '3': 2 in the result, 5 in the file"));
  const absl::StatusOr<Comparison> none =
      CompareWithReport(FileWith("", "points;selected"), ReportWith(3, 2, 1), {});
  EXPECT_TRUE(absl::IsFailedPrecondition(none.status()));
}

TEST(CompareWithReportTest, ComparesWithTheAdmissibleVotesIfSomeWereLeftOut) {
  const pabulib::File file = FileWith("max_sum_cost;45\n");
  const Comparison equal = Compared(file, ReportWith(2, 1, 1));
  EXPECT_FALSE(equal.published);
  EXPECT_EQ(equal.left_out, 1u);
  EXPECT_THAT(equal.differences, IsEmpty());
  EXPECT_EQ(equal.rows[0].expected, 2u);
  EXPECT_EQ(equal.rows[0].published, 3u);
  EXPECT_THAT(ComparisonText(file, equal),
              HasSubstr("4 of the file's 4 votes, of which 1 break a rule of the file"));
  EXPECT_THAT(ComparisonText(file, equal), HasSubstr("         2          2          3  7"));
  EXPECT_EQ(ComparisonToJson(equal)["compared_with"], "admissible votes");
  EXPECT_THAT(Compared(file, ReportWith(3, 2, 1)).differences,
              ElementsAre("project '7': 3 in the result, 2 in the file's admissible votes",
                          "project '3': 2 in the result, 1 in the file's admissible votes"));
  // With everything cast it is the published column again.
  CompareOptions ignoring;
  ignoring.ignore_limits = true;
  const Comparison all = Compared(file, ReportWith(3, 2, 1), ignoring);
  EXPECT_TRUE(all.published);
  EXPECT_THAT(all.differences, IsEmpty());
}

TEST(CompareWithReportTest, ComparesWithTheFirstVotes) {
  CompareOptions first;
  first.first_votes = 1;
  const Comparison one = Compared(FileWith(""), ReportWith(1, 0, 0), first);
  EXPECT_FALSE(one.published);
  EXPECT_EQ(one.votes, 1u);
  EXPECT_THAT(one.differences, IsEmpty());
  first.first_votes = 4;
  EXPECT_TRUE(Compared(FileWith(""), ReportWith(3, 2, 1), first).published);
}

TEST(CompareWithReportTest, NamesOptionsThatAreNotInBoth) {
  Json other = ReportWith(3, 2, 1);
  other["election"]["contests"][0]["options"][2]["id"] = "8";
  const Comparison comparison = Compared(FileWith(""), other);
  EXPECT_THAT(comparison.differences,
              ElementsAre("project '9' is not in the result",
                          "option '8' of the result is no project of the file"));
  EXPECT_EQ(comparison.rows[2].result, std::nullopt);
}

TEST(CompareWithReportTest, SaysWhatTheOutcomeHasToDoWithTheSelected) {
  // 45: 7 for 30; 3 for 20 doesn't fit; 9 for 10 does.
  Json report = ReportWith(3, 2, 1);
  EXPECT_THAT(Compared(FileWith("budget;45\n"), report).selected,
              ElementsAre("selected by the file: 7, 9",
                          "greedy that stops at what doesn't fit differs: it lacks 9",
                          "greedy that skips what doesn't fit agrees"));
  report["election"]["contests"][0]["outcome"] = {{"winners", {"3", "7"}}};
  EXPECT_THAT(Compared(FileWith("budget;45\n"), report).selected[1],
              "the poll's outcome differs: it also has 3, and it lacks 9");
  EXPECT_THAT(Compared(FileWith("budget;1.5\n"), report).selected[2],
              HasSubstr("cannot be computed: budget '1.5' is no whole number"));
  EXPECT_THAT(Compared(FileWith(""), report).selected[2], HasSubstr("META has no budget"));
  EXPECT_THAT(Compared(FileWith("budget;45\n", "votes;other"), report).selected, IsEmpty());
  // It never makes the comparison fail.
  EXPECT_THAT(Compared(FileWith("budget;1\n"), report).differences, IsEmpty());
}

TEST(CompareWithReportTest, TakesOnlyVerifiedResults) {
  const auto code = [](const char* field, const Json& value) {
    Json report = ReportWith(3, 2, 1);
    report[field] = value;
    return CompareWithReport(FileWith(""), report, {}).status().code();
  };
  EXPECT_EQ(code("status", 2), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(code("verified", false), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(code("stage", "closed"), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(code("urna", "report/2"), absl::StatusCode::kInvalidArgument);
  Json report = ReportWith(3, 2, 1);
  report["election"]["contests"][0]["options"][0].erase("total");
  EXPECT_THAT(std::string(CompareWithReport(FileWith(""), report, {}).status().message()),
              HasSubstr("too few ballots"));
  report["election"]["contests"] = Json::array();
  EXPECT_THAT(std::string(CompareWithReport(FileWith(""), report, {}).status().message()),
              HasSubstr("the result has 0 contests"));
}

}  // namespace
}  // namespace urna::tally
