// Cells and claims of contests, docs/protocol.md §7.1.
#include "core/election/contest_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "tests/core/election/rich_contests.h"

namespace urna::election {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "x0 + 3·x2 - x4 in 0..7"
std::string Say(const Claim& claim) {
  std::string out;
  const auto say = [&out](const Term& term) {
    const int64_t k = term.coefficient;
    out += out.empty() ? (k < 0 ? "-" : "") : (k < 0 ? " - " : " + ");
    const int64_t size = k < 0 ? -k : k;
    if (size != 1) out += std::to_string(size) + "·";
    out += "x" + std::to_string(term.cell);
  };
  for (const Term& term : claim.terms) say(term);
  for (const Term& term : claim.slack) say(term);
  const std::string range = std::to_string(claim.proved_lo()) + ".." + std::to_string(claim.hi);
  return out + " in " + range + (claim.left_out ? ", left out" : "");
}

std::vector<std::string> Linear(const ContestPlan& plan) {
  std::vector<std::string> out;
  for (const Claim& claim : plan.linear()) out.push_back(Say(claim));
  return out;
}

// Whether cells with these values keep every claim, by the claims themselves.
bool Keeps(const ContestPlan& plan, const std::vector<uint64_t>& values) {
  for (const std::vector<Claim>* claims : {&plan.ranges(), &plan.linear()}) {
    for (const Claim& claim : *claims) {
      int64_t sum = 0;
      for (const std::vector<Term>* terms : {&claim.terms, &claim.slack}) {
        for (const Term& term : *terms) {
          sum += term.coefficient * static_cast<int64_t>(values[term.cell]);
        }
      }
      if (sum < static_cast<int64_t>(claim.proved_lo()) || sum > static_cast<int64_t>(claim.hi)) {
        return false;
      }
    }
  }
  return true;
}

TEST(ContestPlanTest, OneOfNAsBefore) {
  Contest contest = testing::PlainContest(Rule::kOneOfN, 3, 1, 0, 1);
  const ContestPlan plan(contest);
  EXPECT_EQ(plan.cells(), 3u);
  EXPECT_THAT(Linear(plan), ElementsAre("x0 + x1 + x2 in 0..1"));
  EXPECT_EQ(plan.proofs().size(), 4u);
  EXPECT_EQ(plan.size(), 10 + 3 * (128u * 2 + 32) + 128 * 2 - 32);
}

TEST(ContestPlanTest, LeavesOutWhatTheRangesSay) {
  const ContestPlan plan(testing::PlainContest(Rule::kScore, 2, 2, 0, 4));
  EXPECT_THAT(Linear(plan), ElementsAre("x0 + x1 in 0..4, left out"));
  EXPECT_EQ(plan.proofs().size(), 2u);
}

TEST(ContestPlanTest, BlankExcludesEverything) {
  Contest contest = testing::PlainContest(Rule::kKOfN, 2, 1, 0, 2);
  contest.blank = true;
  const ContestPlan plan(contest);
  EXPECT_EQ(plan.counted_cells(), 3u);
  EXPECT_THAT(Linear(plan), ElementsAre("x0 + x1 + 2·x2 in 0..2"));
  EXPECT_TRUE(Keeps(plan, {0, 0, 1}));
  EXPECT_FALSE(Keeps(plan, {1, 0, 1}));
}

TEST(ContestPlanTest, WideClaimsAreMadeWithSlackBits) {
  // 0..7 has eight branches still, 0..8 takes bits 1, 2, 4 and 1.
  const ContestPlan narrow(testing::PlainContest(Rule::kKOfN, 9, 1, 0, 7));
  EXPECT_EQ(narrow.cells(), 9u);
  const ContestPlan wide(testing::PlainContest(Rule::kKOfN, 10, 1, 1, 9));
  EXPECT_EQ(wide.cells(), 14u);
  EXPECT_THAT(Linear(wide), ElementsAre("x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9"
                                        " + x10 + 2·x11 + 4·x12 + x13 in 9..9"));
}

TEST(ContestPlanTest, WideRangesComeBeforeWideSums) {
  const ContestPlan plan(testing::PlainContest(Rule::kScore, 2, 100, 0, 150));
  // 0..100 takes 7 bits each, 0..150 takes 8.
  EXPECT_EQ(plan.cells(), 2u + 7 + 7 + 8);
  EXPECT_EQ(Say(plan.ranges()[0]),
            "x0 + x2 + 2·x3 + 4·x4 + 8·x5 + 16·x6 + 32·x7 + 37·x8 in 100..100");
  EXPECT_EQ(plan.ranges()[2].hi, 1u);
  EXPECT_EQ(plan.linear()[0].slack.front().cell, 16u);
  EXPECT_EQ(plan.proofs().size(), plan.cells() + 1);
  EXPECT_EQ(plan.CellName(2), "slack bit 1");
  EXPECT_EQ(plan.ProofName(plan.cells()), "sum");
}

TEST(ContestPlanTest, LimitsAreDividedByTheirCommonDivisor) {
  Contest contest = testing::BudgetContest();
  const ContestPlan plan(contest);
  // Costs 300, 200, 500, at most 700; then the number of options 0 and 2, at most 1.
  EXPECT_THAT(Linear(plan), ElementsAre("x0 + x1 + x2 in 0..3, left out",
                                        "3·x0 + 2·x1 + 5·x2 in 0..7", "x0 + x2 in 0..1"));
  contest.limits[0].at_most = 799;
  EXPECT_EQ(Say(ContestPlan(contest).linear()[1]), "3·x0 + 2·x1 + 5·x2 in 0..7");
  contest.limits[0].at_most = 1000;
  EXPECT_EQ(Say(ContestPlan(contest).linear()[1]), "3·x0 + 2·x1 + 5·x2 in 0..10, left out");
  contest.limits[0].at_most = 900;
  EXPECT_EQ(Say(ContestPlan(contest).linear()[1]),
            "3·x0 + 2·x1 + 5·x2 + x3 + 2·x4 + 4·x5 + 2·x6 in 9..9");
}

TEST(ContestPlanTest, ABlankVoteNeedNotReachALowerLimit) {
  Contest contest = testing::BudgetContest();
  contest.blank = true;
  contest.limits[0].at_least = 201;
  const ContestPlan plan(contest);
  EXPECT_THAT(Linear(plan), ElementsAre("x0 + x1 + x2 + 3·x3 in 0..3",
                                        "3·x0 + 2·x1 + 5·x2 + 3·x3 in 3..7", "x0 + x2 in 0..1"));
}

TEST(ContestPlanTest, OneListAndItsCandidates) {
  const ContestPlan plan(testing::ListContest());
  // Candidates 0, 1 of list 0 (cell 4), 2, 3 of list 1 (cell 5), blank (cell 6); at most 2 points.
  EXPECT_THAT(Linear(plan), ElementsAre("x4 + x5 + x6 in 1..1", "2·x4 - x0 - x1 in 0..2",
                                        "2·x5 - x2 - x3 in 0..2"));
  EXPECT_EQ(plan.LinearName(2), "candidates of list 2 'Reds'");
  EXPECT_EQ(plan.CellName(6), "blank");
}

// What every contest means, said in another way, for all values of its counted cells.
struct Meaning {
  const char* name;
  Contest contest;
  std::function<bool(const std::vector<uint64_t>&)> allowed;
};

std::vector<Meaning> Meanings() {
  std::vector<Meaning> out;
  out.push_back({"budget", testing::BudgetContest(), [](const auto& v) {
                   return 300 * v[0] + 200 * v[1] + 500 * v[2] <= 700 && v[0] + v[2] <= 1;
                 }});
  Contest wide = testing::BudgetContest();
  wide.limits[0].at_most = 900;
  wide.limits.pop_back();
  out.push_back({"wide budget", wide,
                 [](const auto& v) { return 300 * v[0] + 200 * v[1] + 500 * v[2] <= 900; }});
  Contest least = testing::BudgetContest();
  least.blank = true;
  least.limits[0].at_least = 201;
  out.push_back({"blank budget", least, [](const auto& v) {
                   const uint64_t sum = v[0] + v[1] + v[2];
                   const uint64_t cost = 300 * v[0] + 200 * v[1] + 500 * v[2];
                   if (v[3] == 1) return sum == 0;
                   return cost >= 201 && cost <= 700 && v[0] + v[2] <= 1;
                 }});
  out.push_back({"lists", testing::ListContest(), [](const auto& v) {
                   if (v[4] + v[5] + v[6] != 1) return false;
                   if (v[6] == 1) return v[0] + v[1] + v[2] + v[3] == 0;
                   return v[4] == 1 ? v[0] + v[1] <= 2 && v[2] + v[3] == 0
                                    : v[2] + v[3] <= 2 && v[0] + v[1] == 0;
                 }});
  out.push_back({"score", testing::PlainContest(Rule::kScore, 3, 9, 4, 20), [](const auto& v) {
                   const uint64_t sum = v[0] + v[1] + v[2];
                   return sum >= 4 && sum <= 20;
                 }});
  return out;
}

TEST(ContestPlanTest, SlackCanBeFilledExactlyForWhatIsAllowed) {
  for (const Meaning& meaning : Meanings()) {
    const ContestPlan plan(meaning.contest);
    std::vector<uint64_t> values(plan.counted_cells(), 0);
    size_t allowed = 0, seen = 0;
    for (bool more = true; more; ++seen) {
      const std::vector<uint64_t> cells = FillSlack(plan, values);
      ASSERT_EQ(cells.size(), plan.cells());
      EXPECT_EQ(Keeps(plan, cells), meaning.allowed(values))
          << meaning.name << " " << ::testing::PrintToString(values);
      allowed += meaning.allowed(values);
      more = false;
      for (size_t i = 0; i < values.size() && !more; ++i) {
        more = values[i] < plan.Maximum(i);
        values[i] = more ? values[i] + 1 : 0;
      }
    }
    EXPECT_GT(allowed, 0u) << meaning.name;
    EXPECT_LT(allowed, seen) << meaning.name;
  }
}

// No choice of slack bits makes a claim hold that does not: the weights reach 0..W and no further.
TEST(ContestPlanTest, NoSlackHelpsAgainstALimit) {
  for (uint64_t at_most : {uint64_t{900}, uint64_t{800}}) {
    Contest contest = testing::BudgetContest();
    contest.limits.pop_back();
    contest.limits[0].at_most = at_most;
    const Claim claim = ContestPlan(contest).linear()[1];
    ASSERT_FALSE(claim.slack.empty());
    std::set<int64_t> reached;
    for (size_t bits = 0; bits < size_t{1} << claim.slack.size(); ++bits) {
      int64_t sum = 0;
      for (size_t i = 0; i < claim.slack.size(); ++i) {
        if ((bits >> i & 1) != 0) sum += claim.slack[i].coefficient;
      }
      reached.insert(sum);
    }
    EXPECT_EQ(*reached.begin(), 0);
    EXPECT_EQ(*reached.rbegin(), static_cast<int64_t>(claim.hi - claim.lo));
    EXPECT_EQ(reached.size(), claim.hi - claim.lo + 1);
  }
}

}  // namespace
}  // namespace urna::election
