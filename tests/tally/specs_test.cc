#include "tally/specs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/merkle/note.h"

namespace urna::tally {
namespace {

using ::testing::HasSubstr;

// Keys whose names are those of the examples in docs/election-spec.md.
std::string Vkey(const std::string& name) {
  crypto::SeededRng rng(std::hash<std::string>()(name));
  const crypto::SigningKey key = crypto::SigningKey::Generate(rng);
  return merkle::NoteVerifier::Create(name, key.public_key())->vkey();
}

// The n-th JSON block of docs/election-spec.md, with real keys in place of the shortened ones.
Json Example(size_t n) {
  std::ifstream file("docs/election-spec.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  size_t begin = 0, end = 0;
  for (size_t i = 0; i <= n; ++i) {
    begin = all.find("```json\n", end);
    EXPECT_NE(begin, std::string::npos);
    begin += 8;
    end = all.find("```\n", begin);
  }
  Json json = *ParseJson(all.substr(begin, end - begin), "example");
  const auto fix = [](Json& value) {
    const std::string old = value.get<std::string>();
    value = Vkey(old.substr(0, old.find('+')));
  };
  if (json.contains("registrar")) fix(json["registrar"]);
  for (const char* list : {"officers", "trustees"}) {
    if (!json.contains(list)) continue;
    for (Json& value : json[list]) fix(value);
  }
  return json;
}

SpecDefaults Defaults() {
  crypto::SeededRng rng(1);
  SpecDefaults out;
  out.log_key = crypto::SigningKey::Generate(rng).public_key().bytes();
  out.nonce.fill(7);
  return out;
}

std::string ErrorOf(const Json& json) {
  const absl::StatusOr<PollSpec> spec = ReadPollSpec(json, Defaults());
  EXPECT_FALSE(spec.ok());
  return spec.ok() ? "" : std::string(spec.status().message());
}

TEST(SpecsTest, ReadsTheElectionOfTheDocument) {
  const absl::StatusOr<PollSpec> spec = ReadPollSpec(Example(0), Defaults());
  ASSERT_TRUE(spec.ok()) << spec.status();
  const auto& manifest = std::get<election::Manifest>(*spec);
  EXPECT_TRUE(election::CheckManifest(manifest).ok());
  EXPECT_EQ(manifest.origin, "board.example/council-2025");
  EXPECT_EQ(manifest.nonce[3], 7);
  EXPECT_EQ(manifest.schedule.opens, 1748764800u);
  EXPECT_EQ(manifest.schedule.tolerance, 3600u);
  EXPECT_EQ(manifest.officers[1].name, "ben");
  EXPECT_EQ(manifest.trustee_threshold, 2);
  ASSERT_EQ(manifest.contests.size(), 3u);
  EXPECT_EQ(manifest.contests[0].rule, election::Rule::kOneOfN);
  EXPECT_EQ(manifest.contests[0].sum_max, 1u);
  EXPECT_EQ(manifest.contests[1].sum_max, 2u);
  EXPECT_EQ(manifest.contests[2].option_max, 5);
  EXPECT_EQ(manifest.contests[2].sum_max, 10u);
  EXPECT_EQ(manifest.contests[1].options[2].name[1].text, "Latarnie");
  EXPECT_EQ(manifest.districts[1].style, 2);
}

TEST(SpecsTest, ReadsThePetitionAndTheRollOfTheDocument) {
  const absl::StatusOr<PollSpec> spec = ReadPollSpec(Example(2), Defaults());
  ASSERT_TRUE(spec.ok()) << spec.status();
  const auto& manifest = std::get<petition::Manifest>(*spec);
  EXPECT_EQ(manifest.thresholds, (std::vector<uint64_t>{100, 1000}));
  EXPECT_EQ(manifest.schedule.closes, 1756540800u);

  const roll::NamedKey registrar = std::get<petition::Manifest>(*spec).registrar;
  const absl::StatusOr<roll::RollHeader> roll = ReadRollSpec(Example(3), registrar, Defaults());
  ASSERT_TRUE(roll.ok()) << roll.status();
  EXPECT_EQ(roll->districts.size(), 2u);
  EXPECT_EQ(roll->registrar, registrar);
  EXPECT_THAT(std::string(ReadRollSpec(Example(2), registrar, Defaults()).status().message()),
              HasSubstr("there is no field"));
}

TEST(SpecsTest, FillsInOneStyleForAllContests) {
  Json json = Example(0);
  json.erase("styles");
  for (Json& district : json["districts"]) district.erase("style");
  const absl::StatusOr<PollSpec> spec = ReadPollSpec(json, Defaults());
  ASSERT_TRUE(spec.ok()) << spec.status();
  const auto& manifest = std::get<election::Manifest>(*spec);
  ASSERT_EQ(manifest.styles.size(), 1u);
  EXPECT_EQ(manifest.styles[0].contests, (std::vector<uint16_t>{1, 2, 3}));
  EXPECT_EQ(manifest.districts[1].style, 1);
}

TEST(SpecsTest, NamesThePathOfWhatIsWrong) {
  Json json = Example(0);
  json["contests"][1]["options"][0]["name"] = Json::object();
  EXPECT_THAT(ErrorOf(json), HasSubstr("$.contests[1].options[0].name: "));
  json = Example(0);
  json["contests"][2].erase("option_max");
  EXPECT_EQ(ErrorOf(json), "$.contests[2]: the field 'option_max' is missing");
  json = Example(0);
  json["contests"][0]["rule"] = "ranked";
  EXPECT_THAT(ErrorOf(json), HasSubstr("$.contests[0].rule: a rule is"));
  json = Example(0);
  json["styles"][1]["contests"][0] = 9;
  EXPECT_EQ(ErrorOf(json), "$.styles[1].contests[0]: there is no contest 9");
  json = Example(0);
  json["districts"][0]["style"] = 9;
  EXPECT_EQ(ErrorOf(json), "$.districts[0].style: there is no style 9");
  json = Example(0);
  json["schedule"]["opens"] = "yesterday";
  EXPECT_THAT(ErrorOf(json), HasSubstr("$.schedule.opens: 'yesterday' is neither"));
  json = Example(0);
  json["schedule"]["closes"] = json["schedule"]["opens"];
  EXPECT_THAT(ErrorOf(json), HasSubstr("$.schedule.closes: it is not after"));
  json = Example(0);
  json["officers"][0] = "ada+00000000+AA==";
  EXPECT_THAT(ErrorOf(json), HasSubstr("$.officers[0]: not a vkey"));
  json = Example(0);
  json["oficers"] = Json::array();
  EXPECT_EQ(ErrorOf(json), "$: there is no field 'oficers' in this form");
  json = Example(0);
  json["minimum_ballots"] = -1;
  EXPECT_THAT(ErrorOf(json), HasSubstr("$.minimum_ballots: a whole number from 1"));
  json = Example(0);
  json["origin"] = "Board/x";
  EXPECT_THAT(ErrorOf(json), HasSubstr("$.origin: "));
  json = Example(0);
  json["kind"] = "survey";
  EXPECT_THAT(ErrorOf(json), HasSubstr("$.kind: "));
}

TEST(SpecsTest, LeavesRulesAboutTheWholeToTheManifest) {
  Json json = Example(0);
  json["contests"][1]["sum_max"] = 4;
  EXPECT_THAT(ErrorOf(json), HasSubstr("contest 2"));
  json = Example(0);
  json["contests"][0]["title"].erase("pl");
  EXPECT_THAT(ErrorOf(json), HasSubstr("contest 1"));
}

TEST(SpecsTest, WantsTheLogKeyFromSomewhere) {
  SpecDefaults none;
  const absl::StatusOr<PollSpec> spec = ReadPollSpec(Example(0), none);
  EXPECT_THAT(std::string(spec.status().message()), HasSubstr("'log_key' is missing"));
  Json json = Example(0);
  json["log_key"] = Vkey("board.example/council-2025");
  EXPECT_TRUE(ReadPollSpec(json, none).ok());
  json["log_key"] = Vkey("board.example/other");
  EXPECT_THAT(std::string(ReadPollSpec(json, none).status().message()),
              HasSubstr("$.log_key: the key's name"));
}

TEST(ParseJsonTest, RefusesAFieldThatStandsTwice) {
  EXPECT_THAT(std::string(ParseJson(R"({"a": 1, "b": {"c": 1, "c": 2}})", "x").status().message()),
              HasSubstr("field 'c' stands twice"));
  EXPECT_TRUE(ParseJson(R"([{"c": 1}, {"c": 2}])", "x").ok());
  EXPECT_FALSE(ParseJson("{", "x").ok());
}

TEST(ParseTimeTextTest, TakesBothForms) {
  EXPECT_EQ(*ParseTimeText("2025-06-01T08:00:00Z"), 1748764800u);
  EXPECT_EQ(*ParseTimeText("2025-06-01T10:00:00+02:00"), 1748764800u);
  EXPECT_EQ(*ParseTimeText("1748764800"), 1748764800u);
  EXPECT_FALSE(ParseTimeText("2025-06-01").ok());
  EXPECT_FALSE(ParseTimeText("-5").ok());
  EXPECT_FALSE(ParseTimeText("").ok());
}

}  // namespace
}  // namespace urna::tally
