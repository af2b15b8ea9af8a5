#include "tally/specs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/merkle/note.h"
#include "core/record/entry.h"
#include "tally/contest_spec.h"
#include "tally/describe_contest.h"

namespace urna::tally {
namespace {

using ::testing::ElementsAre;
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
  ASSERT_EQ(manifest.contests.size(), 5u);
  EXPECT_EQ(manifest.contests[0].rule, election::Rule::kOneOfN);
  EXPECT_EQ(manifest.contests[0].sum_max, 1u);
  EXPECT_EQ(manifest.contests[1].sum_max, 2u);
  EXPECT_EQ(manifest.contests[2].option_max, 5);
  EXPECT_EQ(manifest.contests[2].sum_max, 10u);
  EXPECT_EQ(manifest.contests[1].options[2].name[1].text, "Latarnie");
  EXPECT_EQ(manifest.districts[1].style, 2);
}

TEST(SpecsTest, ReadsBlankListsLimitsAndResults) {
  const absl::StatusOr<PollSpec> spec = ReadPollSpec(Example(0), Defaults());
  ASSERT_TRUE(spec.ok()) << spec.status();
  const auto& manifest = std::get<election::Manifest>(*spec);
  EXPECT_EQ(manifest.challenges, 3);
  const election::Contest& mayor = manifest.contests[0];
  EXPECT_TRUE(mayor.blank);
  EXPECT_TRUE(mayor.by_district);
  EXPECT_EQ(mayor.result,
            election::ResultRule(election::MostVotes{1, election::MostVotes::Tie::kLeftOpen}));

  const election::Contest& projects = manifest.contests[1];
  EXPECT_FALSE(projects.blank);
  EXPECT_FALSE(projects.by_district);
  EXPECT_EQ(projects.options[1].cost, 15000u);
  ASSERT_EQ(projects.limits.size(), 2u);
  EXPECT_EQ(projects.limits[0].measure, election::Limit::Measure::kCost);
  EXPECT_EQ(projects.limits[0].at_most, 60000u);
  EXPECT_THAT(projects.limits[0].options, ElementsAre(0, 1, 2));
  EXPECT_EQ(projects.limits[1].measure, election::Limit::Measure::kNumber);
  EXPECT_EQ(projects.limits[1].name[1].text, "Meble");
  EXPECT_THAT(projects.limits[1].options, ElementsAre(1, 2));
  EXPECT_EQ(projects.result, election::ResultRule(election::GreedyBudget{
                                 70000, election::GreedyBudget::Reading::kSkip,
                                 election::GreedyBudget::Tie::kLowerCost}));
  EXPECT_EQ(manifest.contests[2].result, election::ResultRule(election::NoResultRule{}));

  const election::Contest& council = manifest.contests[3];
  EXPECT_EQ(council.rule, election::Rule::kLists);
  EXPECT_EQ(council.lists[1].id, "harbour");
  EXPECT_EQ(council.options[2].list, 1);
  EXPECT_EQ(council.result, election::ResultRule(election::ListSeats{
                                2, election::ListSeats::Method::kModifiedDHondt, 500}));
  EXPECT_EQ(manifest.contests[4].result,
            election::ResultRule(election::YesNo{3000, election::YesNo::Base::kYesAndNo, 1, 2,
                                                 election::YesNo::Comparison::kMoreThan}));
}

TEST(SpecsTest, AManifestGivesItsSpecificationBack) {
  const absl::StatusOr<PollSpec> spec = ReadPollSpec(Example(0), Defaults());
  ASSERT_TRUE(spec.ok()) << spec.status();
  const auto& manifest = std::get<election::Manifest>(*spec);
  const absl::StatusOr<PollSpec> again = ReadPollSpec(SpecOf(manifest), SpecDefaults());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*record::EncodeBody(std::get<election::Manifest>(*again)),
            *record::EncodeBody(manifest));

  const absl::StatusOr<PollSpec> petition = ReadPollSpec(Example(2), Defaults());
  ASSERT_TRUE(petition.ok()) << petition.status();
  const auto& asked = std::get<petition::Manifest>(*petition);
  const absl::StatusOr<PollSpec> asked_again = ReadPollSpec(SpecOf(asked), SpecDefaults());
  ASSERT_TRUE(asked_again.ok()) << asked_again.status();
  EXPECT_EQ(*record::EncodeBody(std::get<petition::Manifest>(*asked_again)),
            *record::EncodeBody(asked));
}

TEST(SpecsTest, AnythingMayStandInAManifestThatIsShown) {
  const absl::StatusOr<PollSpec> spec = ReadPollSpec(Example(0), Defaults());
  ASSERT_TRUE(spec.ok()) << spec.status();
  election::Manifest bad = std::get<election::Manifest>(*spec);
  bad.registrar.key.fill(0);
  bad.contests[1].limits[0].options = {0, 99};
  bad.contests[3].options[0].list = 9;
  const Json json = SpecOf(bad);
  EXPECT_EQ(json["registrar"], "?");
  EXPECT_EQ(json["contests"][1]["limits"][0]["options"][1], "?99");
  EXPECT_EQ(json["contests"][3]["options"][0]["list"], "?9");
  EXPECT_THAT(DescribeContest(bad.contests[1], "en")[4],
              HasSubstr("[trees], [?] is at most 60000"));
  EXPECT_THAT(DescribeContest(bad.contests[3], "en")[3], HasSubstr("on list [?]"));
}

TEST(SpecsTest, ContestsAreShownInWords) {
  const absl::StatusOr<PollSpec> spec = ReadPollSpec(Example(0), Defaults());
  ASSERT_TRUE(spec.ok()) << spec.status();
  const auto& manifest = std::get<election::Manifest>(*spec);
  EXPECT_THAT(DescribeContest(manifest.contests[0], "en"),
              ElementsAre("contest 1: Mayor (one option; or blank)",
                          "  totals are published by district, small ones together",
                          "  [a] Anna Nowak", "  [b] Jan Kowalski",
                          "  result: the option with the most votes; a tie for the last place is "
                          "left open"));
  EXPECT_THAT(
      DescribeContest(manifest.contests[1], "pl"),
      ElementsAre("contest 2: Projekty starego miasta (0 to 2 options)",
                  "  [trees] Drzewa, costs 40000", "  [benches] Ławki, costs 15000",
                  "  [lamps] Latarnie, costs 30000",
                  "  limit 'Twój budżet': the cost of all options is at most 60000",
                  "  limit 'Meble': the number of [benches], [lamps] is at most 1",
                  "  result: the options with the most votes until 70000 are spent, passing "
                  "over those that cost more than is left; of equal ones the cheaper one"));
  EXPECT_THAT(DescribeContest(manifest.contests[3], "en"),
              ElementsAre("contest 4: Council (one list, and 0 to 1 for each of its candidates, in "
                          "all 0 to 1; or blank)",
                          "  list [greens] Greens", "  list [harbour] Harbour people",
                          "  [g1] Ewa Lis, on list [greens]", "  [g2] Adam Wilk, on list [greens]",
                          "  [h1] Zofia Ryba, on list [harbour]",
                          "  result: 2 seats for the lists by modified d'Hondt (divisors to the "
                          "power of 0.9), of those with at least 5% of all lists' votes"));
  EXPECT_EQ(DescribeResultRule(manifest.contests[4]),
            "yes, if it has more than 1/2 of yes and no and 30% of those entitled took part");
  election::Contest limited = manifest.contests[2];
  limited.limits = {{{{"en", "Both"}}, election::Limit::Measure::kNumber, 1, 3, {0, 1}}};
  EXPECT_THAT(DescribeContest(limited, "en").back(),
              "  limit 'Both': the points of all options is at least 1 and at most 3");
}

TEST(SpecsTest, NamesThePathOfWhatIsWrongWithAContest) {
  const auto error = [](const std::function<void(Json&)>& spoil) {
    Json json = Example(0);
    spoil(json["contests"]);
    return ErrorOf(json);
  };
  EXPECT_EQ(error([](Json& c) { c[0]["blank"] = "yes"; }),
            "$.contests[0].blank: true or false belongs here");
  EXPECT_EQ(error([](Json& c) { c[0]["by_district"] = 1; }),
            "$.contests[0].by_district: true or false belongs here");
  EXPECT_THAT(error([](Json& c) { c[1]["options"][0]["cost"] = 1.5; }),
              HasSubstr("$.contests[1].options[0].cost: a whole number"));
  EXPECT_EQ(error([](Json& c) { c[1]["options"][0]["price"] = 1; }),
            "$.contests[1].options[0]: there is no field 'price' in this form");
  EXPECT_EQ(error([](Json& c) { c[3]["options"][0].erase("list"); }),
            "$.contests[3].options[0]: the field 'list' is missing");
  EXPECT_EQ(error([](Json& c) { c[3]["options"][0]["list"] = "reds"; }),
            "$.contests[3].options[0].list: there is no list 'reds'");
  EXPECT_EQ(error([](Json& c) { c[0]["options"][0]["list"] = "greens"; }),
            "$.contests[0].options[0].list: there is no list 'greens'");
  EXPECT_EQ(error([](Json& c) { c[3].erase("sum_max"); }),
            "$.contests[3]: the field 'sum_max' is missing");
  EXPECT_EQ(error([](Json& c) { c[3]["lists"][0]["color"] = "green"; }),
            "$.contests[3].lists[0]: there is no field 'color' in this form");
  EXPECT_EQ(error([](Json& c) { c[1]["limits"][0]["measure"] = "weight"; }),
            "$.contests[1].limits[0].measure: one of 'cost' or 'number' belongs here");
  EXPECT_EQ(error([](Json& c) { c[1]["limits"][1]["options"][0] = "ship"; }),
            "$.contests[1].limits[1].options[0]: there is no option 'ship'");
  EXPECT_EQ(error([](Json& c) { c[1]["limits"][1]["options"][1] = "benches"; }),
            "$.contests[1].limits[1].options[1]: the option stands twice");
  EXPECT_EQ(error([](Json& c) { c[1]["limits"][1]["options"] = "some"; }),
            "$.contests[1].limits[1].options: a list of ids or 'all' belongs here");
  EXPECT_EQ(error([](Json& c) { c[1]["limits"][0]["budget"] = 3; }),
            "$.contests[1].limits[0]: there is no field 'budget' in this form");
}

TEST(SpecsTest, NamesThePathOfWhatIsWrongWithAResult) {
  const auto error = [](size_t contest, const std::function<void(Json&)>& spoil) {
    Json json = Example(0);
    spoil(json["contests"][contest]["result"]);
    return ErrorOf(json);
  };
  EXPECT_EQ(error(0, [](Json& r) { r["rule"] = "approval"; }),
            "$.contests[0].result.rule: one of 'most-votes', 'lists', 'budget' or 'yes-no' belongs "
            "here");
  EXPECT_EQ(error(0, [](Json& r) { r["quorum"] = "1%"; }),
            "$.contests[0].result: there is no field 'quorum' in this form");
  EXPECT_EQ(error(0, [](Json& r) { r.erase("tie"); }),
            "$.contests[0].result: the field 'tie' is missing");
  EXPECT_EQ(error(1, [](Json& r) { r["tie"] = "left-open"; }),
            "$.contests[1].result.tie: one of 'ballot-order', 'lower-cost' or 'higher-cost' "
            "belongs here");
  EXPECT_EQ(error(1, [](Json& r) { r.erase("reading"); }),
            "$.contests[1].result: the field 'reading' is missing");
  EXPECT_EQ(error(3, [](Json& r) { r["method"] = "sainte-lague"; }),
            "$.contests[3].result.method: one of 'd-hondt', 'modified-d-hondt' or 'hare-niemeyer' "
            "belongs here");
  for (const char* bad : {"5", "5 %", "%", "5.123%", ".5%", "5.%", "-5%", "1000%", "5,5%"}) {
    EXPECT_EQ(error(3, [&](Json& r) { r["threshold"] = bad; }),
              "$.contests[3].result.threshold: a percentage as \"5%\" or \"0.25%\" belongs here")
        << bad;
  }
  EXPECT_EQ(error(3, [](Json& r) { r["threshold"] = "100.01%"; }),
            "$.contests[3].result.threshold: a percentage is at most 100%");
  for (const char* bad : {"half", "more than 0.5", "more than 1/", "at least 1/2/3", "over 1/2",
                          "more than 1/20000", "more than -1/2"}) {
    EXPECT_EQ(error(4, [&](Json& r) { r["majority"] = bad; }),
              "$.contests[4].result.majority: a majority is 'more than 1/2', 'at least 2/3' or the "
              "like")
        << bad;
  }
  // What only the rules of manifests know.
  EXPECT_THAT(error(4, [](Json& r) { r["majority"] = "at least 3/2"; }),
              HasSubstr("contest 5 'Shall the bridge be built?': result rule: numerator 3"));
  EXPECT_THAT(error(3, [](Json& r) { r["seats"] = 4; }), HasSubstr("contest 4 'Council'"));
}

TEST(PercentTextTest, IsReadBackAsItWas) {
  for (const auto& [number, text] : std::vector<std::pair<uint16_t, std::string>>{
           {0, "0%"}, {5, "0.05%"}, {25, "0.25%"}, {50, "0.5%"}, {500, "5%"}, {10000, "100%"}}) {
    EXPECT_EQ(PercentText(number), text);
    const Json json = text;
    EXPECT_EQ(*SpecValue(json).Percent(), number);
  }
}

TEST(SpecsTest, APetitionSaysThatItIsAnonymous) {
  Json json = Example(2);
  EXPECT_FALSE(std::get<petition::Manifest>(*ReadPollSpec(json, Defaults())).anonymous.has_value());
  json["anonymous"] = {{"fewest", 32}, {"beacon", "a beacon, round 7"}, {"categories", {1, 2}}};
  const absl::StatusOr<PollSpec> spec = ReadPollSpec(json, Defaults());
  ASSERT_TRUE(spec.ok()) << spec.status();
  const auto& manifest = std::get<petition::Manifest>(*spec);
  petition::AnonymousRules rules;
  rules.ring_size = 1024;
  rules.fewest = 32;
  rules.beacon_source = "a beacon, round 7";
  rules.categories = {1, 2};
  EXPECT_EQ(manifest.anonymous, rules);
  const absl::StatusOr<PollSpec> again = ReadPollSpec(SpecOf(manifest), SpecDefaults());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(std::get<petition::Manifest>(*again).anonymous, manifest.anonymous);
  const auto refused = [&](const Json& anonymous, const std::string& words) {
    json["anonymous"] = anonymous;
    EXPECT_THAT(std::string(ReadPollSpec(json, Defaults()).status().message()), HasSubstr(words));
  };
  refused({{"fewest", 32}}, "$.anonymous");
  refused({{"beacon", "b"}}, "$.anonymous");
  refused({{"fewest", 32}, {"beacon", "b"}, {"rings", 3}}, "rings");
  refused({{"fewest", 32}, {"beacon", "b"}}, "categories");
  refused({{"fewest", 600}, {"beacon", "b"}, {"categories", {1}}}, "fewest is 600");
  refused({{"fewest", 2}, {"beacon", "b"}, {"categories", {1}}, {"ring_size", 100}},
          "ring_size is 100");
}

TEST(SpecsTest, AnElectionSaysThatItIsAnonymous) {
  Json json = Example(0);
  EXPECT_FALSE(std::get<election::Manifest>(*ReadPollSpec(json, Defaults())).anonymous.has_value());
  json.erase("challenges");
  json["anonymous"] = {{"fewest", 32}, {"beacon", "a beacon, round 7"}, {"categories", {1, 2}}};
  const absl::StatusOr<PollSpec> spec = ReadPollSpec(json, Defaults());
  ASSERT_TRUE(spec.ok()) << spec.status();
  const auto& manifest = std::get<election::Manifest>(*spec);
  EXPECT_EQ(manifest.anonymous, (election::AnonymousRules{1024, 32, "a beacon, round 7", {1, 2}}));
  const absl::StatusOr<PollSpec> again = ReadPollSpec(SpecOf(manifest), SpecDefaults());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(std::get<election::Manifest>(*again).anonymous, manifest.anonymous);
  const auto refused = [&](const Json& changed, const std::string& words) {
    EXPECT_THAT(std::string(ReadPollSpec(changed, Defaults()).status().message()),
                HasSubstr(words));
  };
  Json changed = json;
  changed["challenges"] = 1;
  refused(changed, "cannot be challenged");
  changed = json;
  changed["anonymous"].erase("categories");
  refused(changed, "categories");
  changed = json;
  changed["anonymous"]["paper_categories"] = {3};
  refused(changed, "paper_categories");
  changed = json;
  changed["anonymous"]["fewest"] = 1;
  refused(changed, "fewest is 1");
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
  EXPECT_EQ(manifest.styles[0].contests, (std::vector<uint16_t>{1, 2, 3, 4, 5}));
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
  EXPECT_THAT(ErrorOf(json), HasSubstr("$.contests[0].rule: one of 'one-of-n', 'k-of-n'"));
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
  EXPECT_EQ(*ParseTimeText("9999-12-31T23:59:59Z"), 253402300799u);
  EXPECT_FALSE(ParseTimeText("10000-01-01T00:00:00Z").ok());
  EXPECT_FALSE(ParseTimeText("253402300800").ok());
  EXPECT_FALSE(ParseTimeText("infinite-future").ok());
}

}  // namespace
}  // namespace urna::tally
