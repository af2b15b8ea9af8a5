// The rules of a contest, docs/protocol.md §6: each with a contest in which only it is broken.
#include "core/election/contest_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/election/contest_plan.h"

namespace urna::election {
namespace {

using ::testing::HasSubstr;

const LocalizedTexts kTitle = {{"en", "Election"}};

LocalizedTexts English(const std::string& text) { return {{"en", text}}; }

// Three of them, which cost 40, 60 and 100.
Contest Projects() {
  Contest out;
  out.number = 5;
  out.title = English("Projects");
  out.rule = Rule::kKOfN;
  out.sum_max = 3;
  out.options = {{"a", English("A"), 40}, {"b", English("B"), 60}, {"c", English("C"), 100}};
  out.limits = {{English("Money"), Limit::Measure::kCost, 0, 150, {0, 1, 2}}};
  out.result = GreedyBudget{150};
  return out;
}

// Two lists of two and three candidates, up to two points in all.
Contest Lists() {
  Contest out;
  out.number = 6;
  out.title = English("Council");
  out.rule = Rule::kLists;
  out.sum_max = 2;
  out.blank = true;
  for (uint16_t i = 0; i < 5; ++i) {
    out.options.push_back({absl::StrCat("o", i), English("Somebody"), 0, uint16_t(i / 2 % 2)});
  }
  out.options[4].list = 1;
  out.lists = {{"l", English("Left")}, {"r", English("Right")}};
  out.result = ListSeats{5};
  return out;
}

Contest Question() {
  Contest out;
  out.title = English("Shall we?");
  out.options = {{"yes", English("Yes")}, {"no", English("No")}};
  out.result = YesNo{};
  return out;
}

void ExpectRefused(const Contest& good, const std::function<void(Contest&)>& spoil,
                   const std::string& sentence) {
  ASSERT_EQ(CheckContest(kTitle, good), absl::OkStatus());
  Contest contest = good;
  spoil(contest);
  const absl::Status status = CheckContest(kTitle, contest);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << sentence;
  EXPECT_THAT(std::string(status.message()), HasSubstr(sentence));
}

void ExpectTaken(const Contest& good, const std::function<void(Contest&)>& change) {
  Contest contest = good;
  change(contest);
  EXPECT_EQ(CheckContest(kTitle, contest), absl::OkStatus());
  // Whatever passes can be planned, and its lengths are positive.
  EXPECT_GT(ContestPlan(contest).size(), 10u);
}

TEST(ContestRulesTest, Options) {
  const Contest good = Projects();
  ExpectRefused(
      good, [](Contest& c) { c.options[1].id = "a"; }, "option 2 'a': the id stands twice");
  ExpectRefused(
      good, [](Contest& c) { c.options[1].id = ""; }, "option 2 '': the id has 0 bytes");
  ExpectTaken(good, [](Contest& c) { c.options[1].id = std::string(63, 'b'); });
  ExpectRefused(
      good, [](Contest& c) { c.options[1].id = std::string(64, 'b'); }, "the id has 64 bytes");
  ExpectRefused(
      good, [](Contest& c) { c.options[1].id = "\xff"; }, "UTF-8");
  ExpectRefused(
      good,
      [](Contest& c) {
        c.options[1].name = {{"fi", "B"}};
      },
      "option 2 'b': the text is in the languages");
  ExpectRefused(
      good, [](Contest& c) { c.options[1].list = 1; }, "option 2 'b': there is no list 1");
  ExpectTaken(good, [](Contest& c) { c.options[1].cost = (uint64_t{1} << 40) - 1; });
  ExpectRefused(
      good, [](Contest& c) { c.options[1].cost = uint64_t{1} << 40; },
      "cost 1099511627776 is not below 2^40");
  ExpectRefused(
      good,
      [](Contest& c) {
        c.title = {{"fi", "Hankkeet"}};
      },
      "title: the text is in");
}

TEST(ContestRulesTest, SumsOfRules) {
  Contest score = Projects();
  score.rule = Rule::kScore;
  score.option_max = 5;
  score.limits.clear();
  ExpectTaken(score, [](Contest& c) { c.sum_max = 15; });
  ExpectRefused(
      score, [](Contest& c) { c.sum_max = 16; }, "sum_max 16 is above 5·3");
  ExpectTaken(score, [](Contest& c) { c.option_max = 100; });
  ExpectRefused(
      score, [](Contest& c) { c.option_max = 101; }, "option_max 101 is not in 1..100");
  ExpectRefused(
      score, [](Contest& c) { c.option_max = 0; }, "option_max 0 is not in 1..100");
  // Wide sums are proved with bits.
  ExpectTaken(score, [](Contest& c) {
    c.option_max = 100;
    c.sum_max = 299;
  });
  const Contest projects = Projects();
  ExpectRefused(
      projects, [](Contest& c) { c.option_max = 2; }, "k-of-n has option_max 1");
  ExpectRefused(
      projects, [](Contest& c) { c.sum_max = 0; }, "sum_max is 0");
  ExpectRefused(
      projects, [](Contest& c) { c.sum_min = 4; }, "sum_min 4 is above sum_max 3");
  ExpectRefused(
      projects, [](Contest& c) { c.sum_max = 4; }, "sum_max 4 is above 1·3");
  ExpectRefused(
      projects, [](Contest& c) { c.rule = Rule{5}; }, "rule 5 is unknown");
  ExpectRefused(
      Question(), [](Contest& c) { c.sum_max = 2; }, "one-of-n has option_max 1");
  ExpectRefused(
      Question(), [](Contest& c) { c.option_max = 2; }, "one-of-n has option_max 1");
}

TEST(ContestRulesTest, ListsAndTheirCandidates) {
  const Contest good = Lists();
  ExpectRefused(
      good,
      [](Contest& c) {
        c.lists.clear();
        for (Option& option : c.options) option.list = 0;
      },
      "the rule lists has no lists");
  ExpectRefused(
      good, [](Contest& c) { c.options[0].list = 2; }, "option 1 'o0': there is no list 2");
  ExpectRefused(
      good,
      [](Contest& c) {
        c.lists.push_back({"x", English("Empty")});
      },
      "list 3 'x': no option is on it");
  ExpectRefused(
      good, [](Contest& c) { c.lists[1].id = "l"; }, "list 2 'l': the id stands twice");
  ExpectRefused(
      good, [](Contest& c) { c.lists[1].id = ""; }, "list 2 '': the id has 0 bytes");
  ExpectRefused(
      good, [](Contest& c) { c.lists[1].name = {}; }, "list 2 'r': ");
  ExpectRefused(
      good, [](Contest& c) { c.sum_max = 3; }, "list 1 'l': sum_max 3 is above 1·2");
  ExpectTaken(good, [](Contest& c) {
    c.option_max = 2;
    c.sum_max = 4;
  });
  ExpectRefused(
      good, [](Contest& c) { c.sum_min = 3; }, "sum_min 3 is above sum_max 2");
  ExpectRefused(
      good, [](Contest& c) { c.sum_max = 0; }, "sum_max is 0");
  ExpectRefused(
      good, [](Contest& c) { c.option_max = 101; }, "option_max 101 is not in 1..100");
  ExpectRefused(
      good,
      [](Contest& c) {
        c.limits = {{English("Few"), Limit::Measure::kNumber, 0, 1, {0, 1}}};
      },
      "the rule lists takes no limits");
  ExpectRefused(
      Question(),
      [](Contest& c) {
        c.lists = {{"l", English("List")}};
      },
      "only the rule lists has lists");
}

TEST(ContestRulesTest, Limits) {
  const Contest good = Projects();
  const auto limit = [](const std::function<void(Limit&)>& change) {
    return [change](Contest& c) { change(c.limits[0]); };
  };
  ExpectRefused(good, limit([](Limit& l) { l.name.clear(); }), "limit 1 '': ");
  ExpectRefused(good, limit([](Limit& l) { l.measure = Limit::Measure{3}; }),
                "limit 1 'Money': measure 3 is not in 1..2");
  ExpectRefused(good, limit([](Limit& l) { l.options.clear(); }), "limit 1 'Money': no options");
  ExpectRefused(good, limit([](Limit& l) {
                  l.options = {0, 2, 1};
                }),
                "option 1 stands after option 2");
  ExpectRefused(good, limit([](Limit& l) {
                  l.options = {2, 2};
                }),
                "option 2 stands after option 2");
  ExpectRefused(good, limit([](Limit& l) { l.options = {0, 2, 3}; }), "there is no option 3");
  ExpectRefused(
      good,
      [](Contest& c) {
        c.options[1].cost = 0;
        c.result = NoResultRule{};
      },
      "limit 1 'Money': option 'b' costs nothing");
  ExpectTaken(good, [](Contest& c) {
    c.options[1].cost = 0;
    c.limits[0].options = {0, 2};
    c.limits[0].at_most = 139;
    c.result = NoResultRule{};
  });
  ExpectRefused(good, limit([](Limit& l) { l.at_most = uint64_t{1} << 48; }),
                "at_most 281474976710656 is not below 2^48");
  ExpectRefused(good, limit([](Limit& l) { l.at_least = 151; }),
                "at_least 151 is above at_most 150");
}

TEST(ContestRulesTest, ALimitCanBeKeptAndCanBeBroken) {
  const Contest good = Projects();
  const auto between = [](uint64_t at_least, uint64_t at_most) {
    return [=](Contest& c) {
      c.limits[0].at_least = at_least;
      c.limits[0].at_most = at_most;
    };
  };
  // All three cost 200; everything is a multiple of 20.
  ExpectTaken(good, between(0, 199));
  ExpectRefused(good, between(0, 200), "no ballot can break it");
  ExpectRefused(good, between(0, 1000), "no ballot can break it");
  ExpectTaken(good, between(1, 1000));
  ExpectTaken(good, between(200, 1000));
  ExpectRefused(good, between(201, 1000), "no ballot can keep it");
  ExpectRefused(good, between(41, 59), "no ballot can keep it");
  ExpectTaken(good, between(40, 40));
  const auto number = [](uint64_t at_least, uint64_t at_most) {
    return [=](Contest& c) {
      c.limits[0] = {English("Few"), Limit::Measure::kNumber, at_least, at_most, {0, 2}};
    };
  };
  ExpectTaken(good, number(0, 1));
  ExpectTaken(good, number(1, 9));
  ExpectRefused(good, number(0, 2), "no ballot can break it");
  ExpectRefused(good, number(3, 9), "no ballot can keep it");
  // Of scores an option may take more.
  ExpectTaken(good, [&](Contest& c) {
    number(3, 9)(c);
    c.rule = Rule::kScore;
    c.option_max = 2;
  });
}

TEST(ContestRulesTest, MostVotes) {
  Contest good = Projects();
  good.result = MostVotes{3, MostVotes::Tie::kLeftOpen};
  ExpectRefused(
      good, [](Contest& c) { c.result = MostVotes{0}; }, "seats 0 is not in 1..3");
  ExpectRefused(
      good, [](Contest& c) { c.result = MostVotes{4}; }, "seats 4 is not in 1..3");
  ExpectRefused(
      good,
      [](Contest& c) {
        c.result = MostVotes{1, MostVotes::Tie{3}};
      },
      "result rule: tie 3 is not in 1..2");
  ExpectRefused(
      good,
      [](Contest& c) {
        c.result = MostVotes{1, MostVotes::Tie{0}};
      },
      "result rule: tie 0 is not in 1..2");
  ExpectRefused(
      Lists(), [](Contest& c) { c.result = MostVotes{1}; }, "most votes is not for lists");
}

TEST(ContestRulesTest, SeatsOfLists) {
  using Method = ListSeats::Method;
  const Contest good = Lists();
  ExpectTaken(good, [](Contest& c) { c.result = ListSeats{1, Method::kHareNiemeyer, 10000}; });
  ExpectRefused(
      good, [](Contest& c) { c.result = ListSeats{0}; }, "seats 0 is not in 1..5");
  ExpectRefused(
      good, [](Contest& c) { c.result = ListSeats{6}; }, "seats 6 is not in 1..5");
  ExpectRefused(
      good,
      [](Contest& c) {
        c.result = ListSeats{1, Method{4}};
      },
      "method 4 is not in 1..3");
  ExpectRefused(
      good,
      [](Contest& c) {
        c.result = ListSeats{1, Method::kDHondt, 10001};
      },
      "threshold 10001 is not in 0..10000");
  ExpectRefused(
      Projects(), [](Contest& c) { c.result = ListSeats{1}; },
      "seats of lists are for the rule lists alone");
}

TEST(ContestRulesTest, Budgets) {
  using Reading = GreedyBudget::Reading;
  const Contest good = Projects();
  const auto rule = [](uint64_t budget, int reading, int tie) {
    return [=](Contest& c) {
      c.result =
          GreedyBudget{budget, static_cast<Reading>(reading), static_cast<GreedyBudget::Tie>(tie)};
    };
  };
  ExpectTaken(good, rule((uint64_t{1} << 48) - 1, 1, 3));
  ExpectRefused(good, rule(uint64_t{1} << 48, 1, 1), "budget 281474976710656 is not in 1..");
  ExpectRefused(good, rule(0, 1, 1), "budget 0 is not in 1..");
  ExpectRefused(good, rule(1, 3, 1), "reading 3 is not in 1..2");
  ExpectRefused(good, rule(1, 1, 4), "tie 4 is not in 1..3");
  ExpectRefused(
      good,
      [](Contest& c) {
        c.limits.clear();
        c.options[2].cost = 0;
      },
      "result rule: option 'c' costs nothing");
  ExpectRefused(
      Lists(),
      [](Contest& c) {
        for (Option& option : c.options) option.cost = 1;
        c.result = GreedyBudget{1};
      },
      "a budget is not for lists");
}

TEST(ContestRulesTest, YesOrNo) {
  const Contest good = Question();
  const auto rule = [](int quorum, int base, int numerator, int denominator, int comparison) {
    return [=](Contest& c) {
      c.result = YesNo{uint16_t(quorum), static_cast<YesNo::Base>(base), uint16_t(numerator),
                       uint16_t(denominator), static_cast<YesNo::Comparison>(comparison)};
    };
  };
  ExpectTaken(good, rule(10000, 2, 10000, 10000, 2));
  ExpectRefused(good, rule(10001, 1, 1, 2, 1), "quorum 10001 is not in 0..10000");
  ExpectRefused(good, rule(0, 3, 1, 2, 1), "base 3 is not in 1..2");
  ExpectRefused(good, rule(0, 1, 0, 2, 1), "numerator 0 is not in 1..2");
  ExpectRefused(good, rule(0, 1, 3, 2, 1), "numerator 3 is not in 1..2");
  ExpectRefused(good, rule(0, 1, 1, 10001, 1), "denominator 10001 is not in 1..10000");
  ExpectRefused(good, rule(0, 1, 1, 0, 1), "denominator 0 is not in 1..10000");
  ExpectRefused(good, rule(0, 1, 1, 2, 3), "comparison 3 is not in 1..2");
  ExpectRefused(
      good,
      [](Contest& c) {
        c.options.push_back({"maybe", English("Maybe")});
      },
      "yes or no is for the rule one-of-n with two options");
  ExpectRefused(
      good, [](Contest& c) { c.rule = Rule::kKOfN; },
      "yes or no is for the rule one-of-n with two options");
}

}  // namespace
}  // namespace urna::election
