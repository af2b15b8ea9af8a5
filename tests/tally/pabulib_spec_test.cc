#include "tally/pabulib_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_replace.h"
#include "tally/spec_reader.h"
#include "tally/specs.h"

namespace urna::tally {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kFile[] =
    "META\nkey;value\ndescription;Budget\nunit;Town\nlanguage;Polish\nvote_type;approval\n"
    "min_length;1\nmax_length;2\nPROJECTS\nproject_id;cost;name;votes\n"
    "7;10;Trees;2\n3;20;Lamps;1\n9;20;Bench;0\n"
    "VOTES\nvoter_id;vote\n1;7\n2;7,3\n";

pabulib::File FileWith(absl::string_view from = "", absl::string_view to = "") {
  const std::string text =
      from.empty() ? std::string(kFile) : absl::StrReplaceAll(kFile, {{from, to}});
  const absl::StatusOr<pabulib::File> file = pabulib::Parse(text, "x.pb");
  EXPECT_TRUE(file.ok()) << file.status();
  return *file;
}

PabulibSpecOptions Options() {
  PabulibSpecOptions out;
  out.origin = "board.example/budget";
  out.opens = "2025-06-01T08:00:00Z";
  out.closes = "2025-06-02T08:00:00Z";
  return out;
}

TEST(PabulibSpecTest, MakesAContestOfTheProjects) {
  const absl::StatusOr<Json> spec = SpecFromPabulib(FileWith(), std::nullopt, Options());
  ASSERT_TRUE(spec.ok()) << spec.status();
  const Json& contest = (*spec)["contests"][0];
  EXPECT_EQ(contest["rule"], "k-of-n");
  EXPECT_EQ(contest["sum_min"], 1);
  EXPECT_EQ(contest["sum_max"], 2);
  ASSERT_EQ(contest["options"].size(), 3u);
  EXPECT_EQ(contest["options"][1]["id"], "3");
  EXPECT_EQ(contest["options"][1]["name"]["pl"], "Lamps");
  EXPECT_EQ((*spec)["title"], (Json{{"pl", "Budget"}}));
  EXPECT_EQ((*spec)["districts"][0]["name"]["pl"], "Town");
}

TEST(PabulibSpecTest, TakesBetterTextsInTheSameLanguages) {
  const Json texts = *ParseJson(
      R"({"title": {"en": "B", "pl": "Bu"}, "contest": {"en": "P", "pl": "Pr"},
          "options": {"7": {"en": "T", "pl": "D"}, "3": {"en": "L", "pl": "La"},
                      "9": {"en": "Be", "pl": "Ł"}}})",
      "texts");
  const absl::StatusOr<Json> spec = SpecFromPabulib(FileWith(), texts, Options());
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ((*spec)["contests"][0]["options"][0]["name"]["en"], "T");
  EXPECT_EQ((*spec)["districts"][0]["name"], (Json{{"en", "Town"}, {"pl", "Town"}}));
  Json missing = texts;
  missing["options"]["3"].erase("pl");
  EXPECT_THAT(std::string(SpecFromPabulib(FileWith(), missing, Options()).status().message()),
              HasSubstr("project '3'"));
}

TEST(PabulibSpecTest, RefusesWhatContestsCannotSay) {
  const pabulib::File limited = FileWith("max_length;2", "max_sum_cost;30");
  const absl::Status refused = SpecFromPabulib(limited, std::nullopt, Options()).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("max_sum_cost (30)"));
  PabulibSpecOptions ignoring = Options();
  ignoring.ignore_limits = true;
  const absl::StatusOr<Json> spec = SpecFromPabulib(limited, std::nullopt, ignoring);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ((*spec)["contests"][0]["sum_max"], 3);
  // A limit of zero is none.
  EXPECT_TRUE(SpecFromPabulib(FileWith("max_length;2", "min_length_per_category;0"), std::nullopt,
                              Options())
                  .ok());
  EXPECT_THAT(std::string(SpecFromPabulib(FileWith("approval", "ordinal"), std::nullopt, ignoring)
                              .status()
                              .message()),
              HasSubstr("'ordinal'"));
}

TEST(PabulibSpecTest, MakesScoresOfPoints) {
  pabulib::File file = FileWith("approval", "cumulative");
  file.meta.erase("min_length");
  file.meta.erase("max_length");
  EXPECT_THAT(std::string(SpecFromPabulib(file, std::nullopt, Options()).status().message()),
              HasSubstr("max_sum_points"));
  file.meta["max_sum_points"] = "10";
  const absl::StatusOr<Json> spec = SpecFromPabulib(file, std::nullopt, Options());
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ((*spec)["contests"][0]["rule"], "score");
  EXPECT_EQ((*spec)["contests"][0]["option_max"], 10);
  EXPECT_EQ((*spec)["contests"][0]["sum_max"], 10);
  file.meta["max_sum_points"] = "400";
  EXPECT_FALSE(SpecFromPabulib(file, std::nullopt, Options()).ok());
}

Json ReportWith(uint64_t trees, uint64_t lamps, uint64_t bench) {
  Json option;
  Json report = *ParseJson(R"({"urna": "report/1", "status": 0, "verified": true,
                               "stage": "final", "election": {"contests": [{"options": []}]}})",
                           "report");
  for (const auto& [id, total] :
       std::vector<std::pair<const char*, uint64_t>>{{"7", trees}, {"3", lamps}, {"9", bench}}) {
    report["election"]["contests"][0]["options"].push_back({{"id", id}, {"total", total}});
  }
  return report;
}

TEST(CompareWithReportTest, FindsEveryDifference) {
  EXPECT_THAT(*CompareWithReport(FileWith(), ReportWith(2, 1, 0), std::nullopt), IsEmpty());
  EXPECT_THAT(*CompareWithReport(FileWith(), ReportWith(2, 0, 0), std::nullopt),
              ElementsAre("project '3': 0 in the result, 1 in the file"));
  Json other = ReportWith(2, 1, 0);
  other["election"]["contests"][0]["options"][2]["id"] = "8";
  EXPECT_THAT(*CompareWithReport(FileWith(), other, std::nullopt),
              ElementsAre("project '9' is not in the result",
                          "option '8' of the result is no project of the file"));
  EXPECT_THAT(*CompareWithReport(FileWith(), ReportWith(1, 0, 0), 1), IsEmpty());
}

TEST(CompareWithReportTest, TakesOnlyVerifiedResults) {
  Json report = ReportWith(2, 1, 0);
  report["status"] = 2;
  EXPECT_TRUE(
      absl::IsFailedPrecondition(CompareWithReport(FileWith(), report, std::nullopt).status()));
  report = ReportWith(2, 1, 0);
  report["stage"] = "closed";
  EXPECT_FALSE(CompareWithReport(FileWith(), report, std::nullopt).ok());
  report = ReportWith(2, 1, 0);
  report["urna"] = "report/2";
  EXPECT_TRUE(
      absl::IsInvalidArgument(CompareWithReport(FileWith(), report, std::nullopt).status()));
}

}  // namespace
}  // namespace urna::tally
