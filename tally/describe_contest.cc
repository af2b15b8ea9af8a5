#include "tally/describe_contest.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tally/contest_spec.h"

namespace urna::tally {
namespace {

using election::Contest;
using election::GreedyBudget;
using election::Limit;
using election::ListSeats;
using election::MostVotes;
using election::YesNo;

std::string RuleText(const Contest& contest) {
  switch (contest.rule) {
    case election::Rule::kOneOfN:
      return contest.sum_min == 0 ? "one option or none" : "one option";
    case election::Rule::kKOfN:
      return absl::StrCat(contest.sum_min, " to ", contest.sum_max, " options");
    case election::Rule::kScore:
      return absl::StrCat("0 to ", contest.option_max, " for each option, in all ", contest.sum_min,
                          " to ", contest.sum_max);
    case election::Rule::kLists:
      return absl::StrCat("one list, and 0 to ", contest.option_max,
                          " for each of its candidates, in all ", contest.sum_min, " to ",
                          contest.sum_max);
  }
  return "";
}

std::string OptionLine(const Contest& contest, const election::Option& option,
                       absl::string_view language) {
  std::string out = absl::StrCat("[", option.id, "] ", PickText(option.name, language));
  if (option.cost > 0) absl::StrAppend(&out, ", costs ", option.cost);
  if (!contest.lists.empty()) {
    absl::StrAppend(&out, ", on list [",
                    option.list < contest.lists.size() ? contest.lists[option.list].id : "?", "]");
  }
  return out;
}

std::string LimitLine(const Contest& contest, const Limit& limit, absl::string_view language) {
  std::string out = absl::StrCat("limit '", PickText(limit.name, language), "': ");
  const char* what =
      limit.measure == Limit::Measure::kCost
          ? contest.option_max > 1 ? "the cost of what is chosen, times its points" : "the cost"
      : contest.option_max > 1 ? "the points"
                               : "the number";
  absl::StrAppend(&out, what, " of ");
  if (limit.options.size() == contest.options.size()) {
    absl::StrAppend(&out, "all options");
  } else {
    absl::StrAppend(&out, absl::StrJoin(limit.options, ", ", [&](std::string* to, uint16_t i) {
      absl::StrAppend(to, "[", i < contest.options.size() ? contest.options[i].id : "?", "]");
    }));
  }
  absl::StrAppend(&out, " is ");
  if (limit.at_least > 0) absl::StrAppend(&out, "at least ", limit.at_least, " and ");
  absl::StrAppend(&out, "at most ", limit.at_most);
  return out;
}

struct ResultText {
  std::string operator()(const election::NoResultRule&) const { return ""; }
  std::string operator()(const MostVotes& rule) const {
    return absl::StrCat(
        rule.seats == 1 ? std::string("the option with the most votes")
                        : absl::StrCat("the ", rule.seats, " options with the most votes"),
        rule.tie == MostVotes::Tie::kBallotOrder ? "; of equal ones the first on the ballot"
                                                 : "; a tie for the last place is left open");
  }
  std::string operator()(const ListSeats& rule) const {
    const char* method = rule.method == ListSeats::Method::kDHondt ? "by d'Hondt"
                         : rule.method == ListSeats::Method::kModifiedDHondt
                             ? "by modified d'Hondt (divisors to the power of 0.9)"
                             : "by Hare-Niemeyer (largest remainders)";
    std::string out = absl::StrCat(rule.seats, " seats for the lists ", method);
    if (rule.threshold > 0) {
      absl::StrAppend(&out, ", of those with at least ", PercentText(rule.threshold),
                      " of all lists' votes");
    }
    return out;
  }
  std::string operator()(const GreedyBudget& rule) const {
    const char* tie = rule.tie == GreedyBudget::Tie::kBallotOrder ? "the first on the ballot"
                      : rule.tie == GreedyBudget::Tie::kLowerCost ? "the cheaper one"
                                                                  : "the dearer one";
    return absl::StrCat("the options with the most votes until ", rule.budget, " are spent, ",
                        rule.reading == GreedyBudget::Reading::kStop
                            ? "stopping at the first that costs more than is left"
                            : "passing over those that cost more than is left",
                        "; of equal ones ", tie);
  }
  std::string operator()(const YesNo& rule) const {
    std::string out = absl::StrCat(
        "yes, if it has ",
        rule.comparison == YesNo::Comparison::kMoreThan ? "more than " : "at least ",
        rule.numerator, "/", rule.denominator, " of ",
        rule.base == YesNo::Base::kYesAndNo ? "yes and no" : "all ballots, blank ones too");
    if (rule.quorum > 0) {
      absl::StrAppend(&out, " and ", PercentText(rule.quorum), " of those entitled took part");
    }
    return out;
  }
};

}  // namespace

std::string DescribeResultRule(const Contest& contest) {
  return std::visit(ResultText{}, contest.result);
}

std::vector<std::string> DescribeContest(const Contest& contest, absl::string_view language) {
  std::vector<std::string> out = {
      absl::StrCat("contest ", contest.number, ": ", PickText(contest.title, language), " (",
                   RuleText(contest), contest.blank ? "; or blank" : "", ")")};
  if (contest.by_district) {
    out.push_back("  totals are published by district, small ones together");
  }
  for (const election::List& list : contest.lists) {
    out.push_back(absl::StrCat("  list [", list.id, "] ", PickText(list.name, language)));
  }
  for (const election::Option& option : contest.options) {
    out.push_back(absl::StrCat("  ", OptionLine(contest, option, language)));
  }
  for (const Limit& limit : contest.limits) {
    out.push_back(absl::StrCat("  ", LimitLine(contest, limit, language)));
  }
  const std::string result = DescribeResultRule(contest);
  if (!result.empty()) out.push_back(absl::StrCat("  result: ", result));
  return out;
}

}  // namespace urna::tally
