#include "tally/pabulib_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_replace.h"
#include "core/crypto/rng.h"
#include "core/merkle/note.h"
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

std::string Vkey(const std::string& name) {
  crypto::SeededRng rng(name.size());
  return merkle::NoteVerifier::Create(name, crypto::SigningKey::Generate(rng).public_key())->vkey();
}

Json WithKeys(Json spec) {
  spec["registrar"] = Vkey("registrar");
  spec["officers"] = {Vkey("officer")};
  spec["trustees"] = {Vkey("trustee")};
  return spec;
}

SpecDefaults Defaults() {
  crypto::SeededRng rng(1);
  SpecDefaults out;
  out.log_key = crypto::SigningKey::Generate(rng).public_key().bytes();
  return out;
}

TEST(PabulibSpecTest, MakesAContestOfTheProjects) {
  const absl::StatusOr<PabulibSpec> made = SpecFromPabulib(FileWith(), std::nullopt, Options());
  ASSERT_TRUE(made.ok()) << made.status();
  const Json* spec = &made->spec;
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
  const absl::StatusOr<PabulibSpec> made = SpecFromPabulib(FileWith(), texts, Options());
  ASSERT_TRUE(made.ok()) << made.status();
  const Json* spec = &made->spec;
  EXPECT_EQ((*spec)["contests"][0]["options"][0]["name"]["en"], "T");
  EXPECT_EQ((*spec)["districts"][0]["name"], (Json{{"en", "Town"}, {"pl", "Town"}}));
  Json missing = texts;
  missing["options"]["3"].erase("pl");
  EXPECT_THAT(std::string(SpecFromPabulib(FileWith(), missing, Options()).status().message()),
              HasSubstr("project '3'"));
}

TEST(PabulibSpecTest, TakesOverLimits) {
  // 7 and 9 are parks, 3 and 9 are lights.
  pabulib::File file = FileWith("max_length;2",
                                "max_sum_cost;40\ncategories;parks,lights\n"
                                "max_sum_cost_per_category;30,30\nmax_length_per_category;1,1");
  file.projects[0].category = "parks";
  file.projects[1].category = "lights";
  file.projects[2].category = "lights, parks";
  const Json texts =
      *ParseJson(R"({"limits": {"parks": {"pl": "Parki"}, "all": {"pl": "Razem"}}})", "texts");
  const absl::StatusOr<PabulibSpec> made = SpecFromPabulib(file, texts, Options());
  ASSERT_TRUE(made.ok()) << made.status();
  const Json& contest = made->spec["contests"][0];
  EXPECT_EQ(contest["options"][2]["cost"], 20);
  EXPECT_EQ(contest["sum_max"], 3);
  const Json wanted = *ParseJson(
      R"([{"name": {"pl": "Razem"}, "measure": "cost", "at_most": 40, "options": "all"},
          {"name": {"pl": "lights"}, "measure": "cost", "at_most": 30, "options": ["3", "9"]},
          {"name": {"pl": "Parki"}, "measure": "number", "at_most": 1, "options": ["7", "9"]},
          {"name": {"pl": "lights"}, "measure": "number", "at_most": 1, "options": ["3", "9"]}])",
      "wanted");
  EXPECT_EQ(contest["limits"], wanted);
  EXPECT_THAT(made->notes,
              ElementsAre("max_sum_cost_per_category 'parks' 30 is no limit, of 2 projects that "
                          "cost 30",
                          "META has no rule: the poll states no outcome"));
  // The manifest's own rules agree.
  const absl::StatusOr<PollSpec> read = ReadPollSpec(WithKeys(made->spec), Defaults());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(std::get<election::Manifest>(*read).contests[0].limits.size(), 4u);
}

TEST(PabulibSpecTest, IgnoresLimitsIfAskedTo) {
  const pabulib::File limited = FileWith("max_length;2", "max_length;1\nmax_sum_cost;30");
  PabulibSpecOptions ignoring = Options();
  ignoring.ignore_limits = true;
  const absl::StatusOr<PabulibSpec> made = SpecFromPabulib(limited, std::nullopt, ignoring);
  ASSERT_TRUE(made.ok()) << made.status();
  const Json& contest = made->spec["contests"][0];
  EXPECT_EQ(contest["sum_min"], 0);
  EXPECT_EQ(contest["sum_max"], 3);
  EXPECT_FALSE(contest.contains("limits"));
  EXPECT_FALSE(contest["options"][0].contains("cost"));
  EXPECT_TRUE(ReadPollSpec(WithKeys(made->spec), Defaults()).ok());
}

TEST(PabulibSpecTest, MakesTheOutcomeGreedyWithTheFilesBudget) {
  const pabulib::File file = FileWith("unit;Town", "unit;Town\nrule;greedy\nbudget;35");
  const absl::StatusOr<PabulibSpec> made = SpecFromPabulib(file, std::nullopt, Options());
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_THAT(made->notes, IsEmpty());
  const Json& contest = made->spec["contests"][0];
  EXPECT_EQ(
      contest["result"],
      (Json{{"rule", "budget"}, {"budget", 35}, {"reading", "skip"}, {"tie", "ballot-order"}}));
  EXPECT_EQ(contest["options"][1]["cost"], 20);
  // META's budget is no limit on a vote.
  EXPECT_FALSE(contest.contains("limits"));
  EXPECT_TRUE(ReadPollSpec(WithKeys(made->spec), Defaults()).ok());

  PabulibSpecOptions options = Options();
  options.greedy = GreedyChoice::kStop;
  EXPECT_EQ(SpecFromPabulib(file, std::nullopt, options)->spec["contests"][0]["result"]["reading"],
            "stop");
  options.greedy = GreedyChoice::kNone;
  const absl::StatusOr<PabulibSpec> none = SpecFromPabulib(file, std::nullopt, options);
  EXPECT_FALSE(none->spec["contests"][0].contains("result"));
  EXPECT_FALSE(none->spec["contests"][0]["options"][0].contains("cost"));
}

TEST(PabulibSpecTest, SaysWhyThereIsNoOutcome) {
  EXPECT_THAT(
      SpecFromPabulib(FileWith("unit;Town", "unit;Town\nrule;equalshares\nbudget;35"), std::nullopt,
                      Options())
          ->notes,
      ElementsAre("META's rule 'equalshares' is not known here: the poll states no outcome"));
  EXPECT_THAT(
      SpecFromPabulib(FileWith("unit;Town", "unit;Town\nrule;greedy"), std::nullopt, Options())
          ->notes,
      ElementsAre("META has no budget: the poll states no outcome"));
  const auto refusal = [](pabulib::File file) {
    PabulibSpecOptions options = Options();
    options.greedy = GreedyChoice::kSkip;
    const absl::Status status = SpecFromPabulib(file, std::nullopt, options).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    return std::string(status.message());
  };
  EXPECT_THAT(refusal(FileWith()), HasSubstr("META has no budget; --greedy none"));
  pabulib::File file = FileWith("unit;Town", "unit;Town\nbudget;35.5");
  EXPECT_THAT(refusal(file), HasSubstr("budget '35.5' is no whole number; --greedy none"));
  file.meta["budget"] = "35";
  file.projects[1].cost = "20.50";
  EXPECT_THAT(refusal(file), HasSubstr("'20.50' is no whole number; --greedy none"));
  file.projects[1].cost = "0";
  EXPECT_THAT(refusal(file), HasSubstr("project '3' costs nothing; --greedy none"));
}

TEST(PabulibSpecTest, RefusesWhatContestsCannotSay) {
  PabulibSpecOptions ignoring = Options();
  ignoring.ignore_limits = true;
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
  const absl::StatusOr<PabulibSpec> made = SpecFromPabulib(file, std::nullopt, Options());
  ASSERT_TRUE(made.ok()) << made.status();
  const Json& contest = made->spec["contests"][0];
  EXPECT_EQ(contest["rule"], "score");
  EXPECT_EQ(contest["option_max"], 10);
  EXPECT_EQ(contest["sum_max"], 10);
  // Sums may be wide, points not.
  file.meta["max_sum_points"] = "300";
  file.meta["max_points"] = "100";
  const absl::StatusOr<PabulibSpec> wide = SpecFromPabulib(file, std::nullopt, Options());
  ASSERT_TRUE(wide.ok()) << wide.status();
  EXPECT_TRUE(ReadPollSpec(WithKeys(wide->spec), Defaults()).ok());
  file.meta["max_points"] = "101";
  EXPECT_FALSE(SpecFromPabulib(file, std::nullopt, Options()).ok());
}

}  // namespace
}  // namespace urna::tally
