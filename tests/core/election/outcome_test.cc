// Outcomes, docs/protocol.md §9.3. tests/vectors/outcomes.json has the rules' cases with decisions
// made by hand; here they are read, and what concerns whole results is tried.
#include "core/election/outcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/election/contest_rules.h"

namespace urna::election {
namespace {

using Json = nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

LocalizedTexts English(const std::string& text) { return {{"en", text}}; }

ResultRule RuleOf(const Json& json) {
  const auto number = [&](const char* field) { return json.at(field).get<uint16_t>(); };
  switch (json.at("kind").get<int>()) {
    case 1:
      return MostVotes{number("seats"), MostVotes::Tie{json.at("tie").get<uint8_t>()}};
    case 2:
      return ListSeats{number("seats"), ListSeats::Method{json.at("method").get<uint8_t>()},
                       number("threshold")};
    case 3:
      return GreedyBudget{json.at("budget").get<uint64_t>(),
                          GreedyBudget::Reading{json.at("reading").get<uint8_t>()},
                          GreedyBudget::Tie{json.at("tie").get<uint8_t>()}};
    case 4:
      return YesNo{number("quorum"), YesNo::Base{json.at("base").get<uint8_t>()},
                   number("numerator"), number("denominator"),
                   YesNo::Comparison{json.at("comparison").get<uint8_t>()}};
    default:
      return NoResultRule{};
  }
}

Contest ContestOf(const Json& json) {
  Contest out;
  out.number = 7;
  out.title = English("Contest");
  out.rule = Rule{json.at("rule").get<uint8_t>()};
  out.blank = json.at("blank").get<bool>();
  out.result = RuleOf(json.at("result"));
  for (size_t i = 0; i < json.at("options").get<size_t>(); ++i) {
    Option option{absl::StrCat("o", i), English("option")};
    if (json.contains("cost")) option.cost = json.at("cost").at(i).get<uint64_t>();
    if (json.contains("list")) option.list = json.at("list").at(i).get<uint16_t>();
    out.options.push_back(std::move(option));
  }
  for (size_t i = 0; i < json.at("lists").get<size_t>(); ++i) {
    out.lists.push_back({absl::StrCat("l", i), English("list")});
  }
  return out;
}

TEST(OutcomeTest, DecidesAsTheVectors) {
  std::ifstream file("tests/vectors/outcomes.json");
  const Json vectors = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  ASSERT_FALSE(vectors.is_discarded()) << "tests run in the repository's root";
  ASSERT_EQ(vectors.at("cases").size(), 83u);
  for (const Json& one : vectors.at("cases")) {
    SCOPED_TRACE(one.at("name").get<std::string>());
    const Contest contest = ContestOf(one.at("contest"));
    ASSERT_EQ(CheckContest(contest.title, contest), absl::OkStatus());
    const auto totals = one.at("totals").get<std::vector<uint64_t>>();
    ASSERT_EQ(totals.size(), contest.CountedCells());
    const poll::Outcome outcome = OutcomeOf(contest, totals, one.at("weight").get<uint64_t>(),
                                            one.at("eligible").get<uint64_t>());
    const Json& wanted = one.at("outcome");
    EXPECT_EQ(outcome.contest, 7);
    EXPECT_EQ(outcome.winners, wanted.at("winners").get<std::vector<uint16_t>>());
    EXPECT_EQ(outcome.tied, wanted.at("tied").get<std::vector<uint16_t>>());
    EXPECT_EQ(outcome.seats, wanted.at("seats").get<std::vector<uint16_t>>());
  }
}

TEST(OutcomeTest, NothingOverflowsAtTheLargestNumbers) {
  Contest lists;
  lists.rule = Rule::kLists;
  for (uint16_t i = 0; i < 4; ++i) lists.options.push_back({"o", {}, 0, uint16_t(i / 2)});
  lists.lists.resize(2);
  const std::vector<uint64_t> all = {1, 1, 1, 1, UINT64_MAX, UINT64_MAX};
  for (const auto method : {ListSeats::Method::kDHondt, ListSeats::Method::kModifiedDHondt,
                            ListSeats::Method::kHareNiemeyer}) {
    lists.result = ListSeats{2, method, 5000};
    EXPECT_THAT(OutcomeOf(lists, all, UINT64_MAX, UINT64_MAX).seats, ElementsAre(1, 1));
    lists.result = ListSeats{2, method, 5001};
    EXPECT_THAT(OutcomeOf(lists, all, UINT64_MAX, UINT64_MAX).seats, ElementsAre(0, 0));
    lists.result = ListSeats{65535, method, 0};
    EXPECT_THAT(OutcomeOf(lists, all, UINT64_MAX, UINT64_MAX).seats, ElementsAre(2, 2));
  }
  Contest question;
  question.options.resize(2);
  question.result = YesNo{10000, YesNo::Base::kYesAndNo, 1, 2, YesNo::Comparison::kAtLeast};
  EXPECT_THAT(OutcomeOf(question, {UINT64_MAX, UINT64_MAX}, UINT64_MAX, UINT64_MAX).winners,
              ElementsAre(0));
  EXPECT_THAT(OutcomeOf(question, {UINT64_MAX, UINT64_MAX}, UINT64_MAX - 1, UINT64_MAX).winners,
              ElementsAre(1));
}

// Contests 1 (no result rule), 2 (most votes) and 4 (yes or no, a quorum of a half); districts 1
// and 2 have all of them, district 3 only contest 4.
Manifest ThreeContests() {
  Manifest out;
  out.contests.resize(3);
  const uint16_t numbers[] = {1, 2, 4};
  for (size_t i = 0; i < 3; ++i) {
    out.contests[i].number = numbers[i];
    out.contests[i].options = {{"a", {}}, {"b", {}}};
  }
  out.contests[1].result = MostVotes{};
  out.contests[2].result = YesNo{5000};
  out.styles = {{1, {1, 2, 4}}, {2, {4}}};
  out.districts = {{1, {}, 1}, {2, {}, 1}, {3, {}, 2}};
  return out;
}

TEST(OutcomesTest, OfEveryContestWithARuleOverAllItsParts) {
  const std::vector<poll::Part> parts = {
      {1, {1, 2}, 5, 5}, {2, {1}, 3, 3}, {2, {2}, 2, 2}, {4, {1, 2}, 4, 40}, {4, {3}, 1, 10}};
  const std::vector<poll::PartTotals> results = {
      {0, {4, 1}}, {1, {2, 1}}, {2, {0, 2}}, {3, {30, 10}}, {4, {0, 10}}};
  const auto outcomes = OutcomesOf(ThreeContests(), parts, results, {{1, 100}, {2, 100}, {4, 100}});
  ASSERT_TRUE(outcomes.ok()) << outcomes.status();
  EXPECT_THAT(*outcomes, ElementsAre(poll::Outcome{2, {1}, {}, {}}, poll::Outcome{4, {0}, {}, {}}));

  // One more who is entitled, and the quorum is missed; and nobody known to be entitled is no
  // hurdle.
  const auto missed = OutcomesOf(ThreeContests(), parts, results, {{4, 101}});
  ASSERT_TRUE(missed.ok()) << missed.status();
  EXPECT_THAT((*missed)[1].winners, ElementsAre(1));
  const auto none = OutcomesOf(ThreeContests(), parts, results, {});
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_THAT((*none)[1].winners, ElementsAre(0));
}

TEST(OutcomesTest, NoneOfAContestThatWasNotDecrypted) {
  const auto outcomes =
      OutcomesOf(ThreeContests(), {{4, {1, 2, 3}, 4, 4}}, {{0, {3, 1}}}, {{4, 8}});
  ASSERT_TRUE(outcomes.ok()) << outcomes.status();
  EXPECT_THAT(*outcomes, ElementsAre(poll::Outcome{4, {0}, {}, {}}));
  const auto nothing = OutcomesOf(ThreeContests(), {}, {}, {});
  ASSERT_TRUE(nothing.ok()) << nothing.status();
  EXPECT_THAT(*nothing, IsEmpty());
}

TEST(OutcomesTest, RefusesResultsThatAreNotThoseOfTheParts) {
  const auto error = [](const std::vector<poll::Part>& parts,
                        const std::vector<poll::PartTotals>& results) {
    const auto outcomes = OutcomesOf(ThreeContests(), parts, results, {});
    EXPECT_TRUE(absl::IsInvalidArgument(outcomes.status()));
    return std::string(outcomes.status().message());
  };
  const poll::Part part{2, {1, 2}, 5, 5};
  EXPECT_THAT(error({part}, {}), HasSubstr("results of 0 parts where there are 1"));
  EXPECT_THAT(error({}, {{0, {1, 1}}}), HasSubstr("results of 1 parts where there are 0"));
  EXPECT_THAT(error({part}, {{1, {1, 1}}}), HasSubstr("part 1 stands where that of part 0"));
  EXPECT_THAT(error({part}, {{0, {1}}}), HasSubstr("part 0: 1 totals where 2 belong"));
  EXPECT_THAT(error({part}, {{0, {1, 1, 1}}}), HasSubstr("part 0: 3 totals where 2 belong"));
  EXPECT_THAT(error({{3, {1}, 5, 5}}, {{0, {1, 1}}}), HasSubstr("there is no contest 3"));
  EXPECT_THAT(error({part, part}, {{0, {UINT64_MAX, 1}}, {1, {1, 1}}}),
              HasSubstr("part 1: the sum of the parts does not fit into 64 bits"));
  EXPECT_THAT(error({{2, {1}, 1, UINT64_MAX}, part}, {{0, {1, 1}}, {1, {1, 1}}}),
              HasSubstr("part 1: the sum of the parts does not fit into 64 bits"));
}

TEST(OutcomesTest, TheEntitledAreThoseOfTheDistrictsWithTheContest) {
  EXPECT_THAT(EligibleByContest(ThreeContests(), {{1, 10}, {3, 7}, {9, 100}}),
              ElementsAre(Pair(1, 10), Pair(2, 10), Pair(4, 17)));
  EXPECT_THAT(EligibleByContest(ThreeContests(), {}),
              ElementsAre(Pair(1, 0), Pair(2, 0), Pair(4, 0)));
}

}  // namespace
}  // namespace urna::election
