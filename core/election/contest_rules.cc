#include "core/election/contest_rules.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/election/contest_plan.h"
#include "core/poll/order_chain.h"

namespace urna::election {
namespace {

constexpr uint16_t kMaxScore = 100;
constexpr uint64_t kCostBound = uint64_t{1} << 40;
constexpr uint64_t kLimitBound = uint64_t{1} << 48;
constexpr uint16_t kTenThousand = 10000;

absl::Status Wrong(const std::string& sentence) { return absl::InvalidArgumentError(sentence); }

// `value` in min..max, or a sentence.
absl::Status CheckIn(const char* what, uint64_t value, uint64_t min, uint64_t max) {
  if (value >= min && value <= max) return absl::OkStatus();
  return Wrong(absl::StrCat(what, " ", value, " is not in ", min, "..", max));
}

// Ids and names of options or of lists.
template <typename T>
absl::Status CheckNames(const LocalizedTexts& title, const std::vector<T>& all, const char* what) {
  std::set<std::string> ids;
  for (size_t i = 0; i < all.size(); ++i) {
    const std::string where = absl::StrCat(what, " ", i + 1, " '", all[i].id, "'");
    if (all[i].id.empty() || all[i].id.size() > 63) {
      return Wrong(
          absl::StrCat(where, ": the id has ", all[i].id.size(), " bytes where 1 to 63 belong"));
    }
    URNA_RETURN_IF_ERROR(Annotate(CheckUtf8(all[i].id), absl::StrCat(where, ": id")));
    if (!ids.insert(all[i].id).second) {
      return Wrong(absl::StrCat(where, ": the id stands twice"));
    }
    URNA_RETURN_IF_ERROR(Annotate(CheckText(title, all[i].name), where));
  }
  return absl::OkStatus();
}

absl::Status CheckOptions(const LocalizedTexts& title, const Contest& contest) {
  if (contest.options.empty()) return Wrong("no options");
  URNA_RETURN_IF_ERROR(CheckNames(title, contest.options, "option"));
  for (size_t i = 0; i < contest.options.size(); ++i) {
    const Option& option = contest.options[i];
    const std::string where = absl::StrCat("option ", i + 1, " '", option.id, "'");
    if (option.cost >= kCostBound) {
      return Wrong(absl::StrCat(where, ": cost ", option.cost, " is not below 2^40"));
    }
    if (contest.lists.empty() ? option.list != 0 : option.list >= contest.lists.size()) {
      return Wrong(absl::StrCat(where, ": there is no list ", option.list));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSums(const Contest& contest, uint64_t options) {
  if (contest.sum_max < 1) return Wrong("sum_max is 0");
  if (contest.sum_min > contest.sum_max) {
    return Wrong(absl::StrCat("sum_min ", contest.sum_min, " is above sum_max ", contest.sum_max));
  }
  if (contest.sum_max > options * contest.option_max) {
    return Wrong(
        absl::StrCat("sum_max ", contest.sum_max, " is above ", contest.option_max, "·", options));
  }
  return absl::OkStatus();
}

// sum_min..sum_max is for the candidates of one list; every list must allow for it.
absl::Status CheckLists(const LocalizedTexts& title, const Contest& contest) {
  if (contest.lists.empty()) return Wrong("the rule lists has no lists");
  if (!contest.limits.empty()) return Wrong("the rule lists takes no limits");
  URNA_RETURN_IF_ERROR(CheckNames(title, contest.lists, "list"));
  std::vector<uint64_t> options(contest.lists.size(), 0);
  for (const Option& option : contest.options) ++options[option.list];
  for (size_t i = 0; i < contest.lists.size(); ++i) {
    const std::string where = absl::StrCat("list ", i + 1, " '", contest.lists[i].id, "'");
    if (options[i] == 0) return Wrong(absl::StrCat(where, ": no option is on it"));
    URNA_RETURN_IF_ERROR(Annotate(CheckSums(contest, options[i]), where));
  }
  return absl::OkStatus();
}

absl::Status CheckRule(const LocalizedTexts& title, const Contest& contest) {
  if (contest.rule != Rule::kLists && !contest.lists.empty()) {
    return Wrong("only the rule lists has lists");
  }
  switch (contest.rule) {
    case Rule::kOneOfN:
      if (contest.option_max != 1 || contest.sum_max != 1 || contest.sum_min > 1) {
        return Wrong("one-of-n has option_max 1, sum_max 1 and sum_min 0 or 1");
      }
      return absl::OkStatus();
    case Rule::kKOfN:
      if (contest.option_max != 1) return Wrong("k-of-n has option_max 1");
      return CheckSums(contest, contest.options.size());
    case Rule::kScore:
      URNA_RETURN_IF_ERROR(CheckIn("option_max", contest.option_max, 1, kMaxScore));
      return CheckSums(contest, contest.options.size());
    case Rule::kLists:
      URNA_RETURN_IF_ERROR(CheckIn("option_max", contest.option_max, 1, kMaxScore));
      return CheckLists(title, contest);
  }
  return Wrong(absl::StrCat("rule ", static_cast<int>(contest.rule), " is unknown"));
}

// The options of a contest are checked before.
absl::Status CheckLimit(const LocalizedTexts& title, const Contest& contest, const Limit& limit) {
  URNA_RETURN_IF_ERROR(CheckText(title, limit.name));
  URNA_RETURN_IF_ERROR(CheckIn("measure", static_cast<uint64_t>(limit.measure), 1, 2));
  if (limit.options.empty()) return Wrong("no options");
  for (size_t i = 0; i < limit.options.size(); ++i) {
    const uint16_t option = limit.options[i];
    if (i > 0 && limit.options[i - 1] >= option) {
      return Wrong(absl::StrCat("option ", option, " stands after option ", limit.options[i - 1],
                                ": positions are ascending, each once"));
    }
    if (option >= contest.options.size()) {
      return Wrong(absl::StrCat("there is no option ", option, ", counted from 0"));
    }
    if (limit.measure == Limit::Measure::kCost && contest.options[option].cost == 0) {
      return Wrong(absl::StrCat("option '", contest.options[option].id, "' costs nothing"));
    }
  }
  if (limit.at_most >= kLimitBound) {
    return Wrong(absl::StrCat("at_most ", limit.at_most, " is not below 2^48"));
  }
  if (limit.at_least > limit.at_most) {
    return Wrong(absl::StrCat("at_least ", limit.at_least, " is above at_most ", limit.at_most));
  }
  const Claim claim = LimitClaim(contest, limit);
  if (claim.lo > claim.hi) return Wrong("no ballot can keep it");
  if (claim.left_out) return Wrong("no ballot can break it");
  return absl::OkStatus();
}

absl::Status CheckLimits(const LocalizedTexts& title, const Contest& contest) {
  for (size_t i = 0; i < contest.limits.size(); ++i) {
    const Limit& limit = contest.limits[i];
    URNA_RETURN_IF_ERROR(
        Annotate(CheckLimit(title, contest, limit),
                 absl::StrCat("limit ", i + 1, " '", PickText(limit.name, "en"), "'")));
  }
  return absl::OkStatus();
}

// What is wrong with a result rule in this contest; the contest's own rules are checked before.
struct CheckResult {
  const Contest& contest;

  absl::Status operator()(const NoResultRule&) const { return absl::OkStatus(); }

  absl::Status operator()(const MostVotes& rule) const {
    if (contest.rule == Rule::kLists) return Wrong("most votes is not for lists");
    URNA_RETURN_IF_ERROR(CheckIn("seats", rule.seats, 1, contest.options.size()));
    return CheckIn("tie", static_cast<uint64_t>(rule.tie), 1, 2);
  }

  absl::Status operator()(const ListSeats& rule) const {
    if (contest.rule != Rule::kLists) return Wrong("seats of lists are for the rule lists alone");
    URNA_RETURN_IF_ERROR(CheckIn("seats", rule.seats, 1, contest.options.size()));
    URNA_RETURN_IF_ERROR(CheckIn("method", static_cast<uint64_t>(rule.method), 1, 3));
    return CheckIn("threshold", rule.threshold, 0, kTenThousand);
  }

  absl::Status operator()(const GreedyBudget& rule) const {
    if (contest.rule == Rule::kLists) return Wrong("a budget is not for lists");
    for (const Option& option : contest.options) {
      if (option.cost == 0) return Wrong(absl::StrCat("option '", option.id, "' costs nothing"));
    }
    URNA_RETURN_IF_ERROR(CheckIn("budget", rule.budget, 1, kLimitBound - 1));
    URNA_RETURN_IF_ERROR(CheckIn("reading", static_cast<uint64_t>(rule.reading), 1, 2));
    return CheckIn("tie", static_cast<uint64_t>(rule.tie), 1, 3);
  }

  absl::Status operator()(const YesNo& rule) const {
    if (contest.rule != Rule::kOneOfN || contest.options.size() != 2) {
      return Wrong("yes or no is for the rule one-of-n with two options");
    }
    URNA_RETURN_IF_ERROR(CheckIn("quorum", rule.quorum, 0, kTenThousand));
    URNA_RETURN_IF_ERROR(CheckIn("base", static_cast<uint64_t>(rule.base), 1, 2));
    URNA_RETURN_IF_ERROR(CheckIn("denominator", rule.denominator, 1, kTenThousand));
    URNA_RETURN_IF_ERROR(CheckIn("numerator", rule.numerator, 1, rule.denominator));
    return CheckIn("comparison", static_cast<uint64_t>(rule.comparison), 1, 2);
  }
};

}  // namespace

std::string NameOf(const Contest& contest) {
  return absl::StrCat("contest ", contest.number, " '", PickText(contest.title, "en"), "'");
}

absl::Status CheckText(const LocalizedTexts& title, const LocalizedTexts& texts) {
  URNA_RETURN_IF_ERROR(CheckTexts(texts));
  return poll::CheckSameLanguages(title, texts, "the text");
}

absl::Status CheckContest(const LocalizedTexts& title, const Contest& contest) {
  URNA_RETURN_IF_ERROR(Annotate(CheckText(title, contest.title), "title"));
  URNA_RETURN_IF_ERROR(CheckOptions(title, contest));
  URNA_RETURN_IF_ERROR(CheckRule(title, contest));
  URNA_RETURN_IF_ERROR(CheckLimits(title, contest));
  return Annotate(std::visit(CheckResult{contest}, contest.result), "result rule");
}

}  // namespace urna::election
