#include "tally/contest_spec.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "core/audit/result_json.h"
#include "core/base/status.h"

namespace urna::tally {
namespace {

using election::Contest;
using election::GreedyBudget;
using election::Limit;
using election::ListSeats;
using election::MostVotes;
using election::YesNo;

// A value and the word for it.
template <typename T>
struct Word {
  T value;
  const char* word;
};

constexpr std::array<Word<election::Rule>, 4> kRules = {{{election::Rule::kOneOfN, "one-of-n"},
                                                         {election::Rule::kKOfN, "k-of-n"},
                                                         {election::Rule::kScore, "score"},
                                                         {election::Rule::kLists, "lists"}}};
constexpr std::array<Word<Limit::Measure>, 2> kMeasures = {
    {{Limit::Measure::kCost, "cost"}, {Limit::Measure::kNumber, "number"}}};
constexpr std::array<Word<MostVotes::Tie>, 2> kVoteTies = {
    {{MostVotes::Tie::kBallotOrder, "ballot-order"}, {MostVotes::Tie::kLeftOpen, "left-open"}}};
constexpr std::array<Word<ListSeats::Method>, 3> kMethods = {
    {{ListSeats::Method::kDHondt, "d-hondt"},
     {ListSeats::Method::kModifiedDHondt, "modified-d-hondt"},
     {ListSeats::Method::kHareNiemeyer, "hare-niemeyer"}}};
constexpr std::array<Word<GreedyBudget::Reading>, 2> kReadings = {
    {{GreedyBudget::Reading::kStop, "stop"}, {GreedyBudget::Reading::kSkip, "skip"}}};
constexpr std::array<Word<GreedyBudget::Tie>, 3> kBudgetTies = {
    {{GreedyBudget::Tie::kBallotOrder, "ballot-order"},
     {GreedyBudget::Tie::kLowerCost, "lower-cost"},
     {GreedyBudget::Tie::kHigherCost, "higher-cost"}}};
constexpr std::array<Word<YesNo::Base>, 2> kBases = {
    {{YesNo::Base::kYesAndNo, "yes-and-no"}, {YesNo::Base::kAllBallots, "all-ballots"}}};
constexpr std::array<Word<YesNo::Comparison>, 2> kComparisons = {
    {{YesNo::Comparison::kMoreThan, "more than"}, {YesNo::Comparison::kAtLeast, "at least"}}};

template <typename T, size_t N>
std::string WordFor(const std::array<Word<T>, N>& words, T value) {
  for (const Word<T>& one : words) {
    if (one.value == value) return one.word;
  }
  return "?";
}

template <typename T, size_t N>
absl::StatusOr<T> ReadWord(const SpecValue& object, absl::string_view field,
                           const std::array<Word<T>, N>& words) {
  URNA_ASSIGN_OR_RETURN(const SpecValue value, object.Field(field));
  URNA_ASSIGN_OR_RETURN(const std::string text, value.Text());
  std::string all;
  for (size_t i = 0; i < N; ++i) {
    if (text == words[i].word) return words[i].value;
    absl::StrAppend(&all, i == 0 ? "" : i + 1 == N ? " or " : ", ", "'", words[i].word, "'");
  }
  return value.Error(absl::StrCat("one of ", all, " belongs here"));
}

// A number that may be missing.
template <typename T>
absl::Status ReadOptional(const SpecValue& object, absl::string_view field, uint64_t min, T& out) {
  if (!object.Has(field)) return absl::OkStatus();
  URNA_ASSIGN_OR_RETURN(const SpecValue value, object.Field(field));
  URNA_ASSIGN_OR_RETURN(out, value.NumberAs<T>(min));
  return absl::OkStatus();
}

absl::Status ReadFlag(const SpecValue& object, absl::string_view field, bool& out) {
  if (!object.Has(field)) return absl::OkStatus();
  URNA_ASSIGN_OR_RETURN(const SpecValue value, object.Field(field));
  URNA_ASSIGN_OR_RETURN(out, value.Flag());
  return absl::OkStatus();
}

absl::Status ReadPercent(const SpecValue& object, absl::string_view field, uint16_t& out) {
  if (!object.Has(field)) return absl::OkStatus();
  URNA_ASSIGN_OR_RETURN(const SpecValue value, object.Field(field));
  URNA_ASSIGN_OR_RETURN(out, value.Percent());
  return absl::OkStatus();
}

// The position of an option or a list that is named by its id.
template <typename T>
absl::StatusOr<uint16_t> ReadId(const SpecValue& value, const std::vector<T>& all,
                                const char* what) {
  URNA_ASSIGN_OR_RETURN(const std::string id, value.Text());
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].id == id) return static_cast<uint16_t>(i);
  }
  return value.Error(absl::StrCat("there is no ", what, " '", id, "'"));
}

absl::Status ReadLists(const SpecValue& contest, Contest& out) {
  if (!contest.Has("lists")) return absl::OkStatus();
  URNA_ASSIGN_OR_RETURN(const SpecValue lists, contest.Field("lists"));
  URNA_ASSIGN_OR_RETURN(const std::vector<SpecValue> values, lists.List());
  for (const SpecValue& one : values) {
    URNA_RETURN_IF_ERROR(one.OnlyFields({"id", "name"}));
    election::List list;
    URNA_ASSIGN_OR_RETURN(const SpecValue id, one.Field("id"));
    URNA_ASSIGN_OR_RETURN(list.id, id.Text());
    URNA_ASSIGN_OR_RETURN(const SpecValue name, one.Field("name"));
    URNA_ASSIGN_OR_RETURN(list.name, name.Texts());
    out.lists.push_back(std::move(list));
  }
  return absl::OkStatus();
}

// After the lists, which they name.
absl::Status ReadOptions(const SpecValue& contest, Contest& out) {
  URNA_ASSIGN_OR_RETURN(const SpecValue options, contest.Field("options"));
  URNA_ASSIGN_OR_RETURN(const std::vector<SpecValue> values, options.List());
  for (const SpecValue& one : values) {
    URNA_RETURN_IF_ERROR(one.OnlyFields({"id", "name", "cost", "list"}));
    election::Option option;
    URNA_ASSIGN_OR_RETURN(const SpecValue id, one.Field("id"));
    URNA_ASSIGN_OR_RETURN(option.id, id.Text());
    URNA_ASSIGN_OR_RETURN(const SpecValue name, one.Field("name"));
    URNA_ASSIGN_OR_RETURN(option.name, name.Texts());
    URNA_RETURN_IF_ERROR(ReadOptional(one, "cost", 0, option.cost));
    if (!out.lists.empty() || one.Has("list")) {
      URNA_ASSIGN_OR_RETURN(const SpecValue list, one.Field("list"));
      URNA_ASSIGN_OR_RETURN(option.list, ReadId(list, out.lists, "list"));
    }
    out.options.push_back(std::move(option));
  }
  return absl::OkStatus();
}

// The other way round; an entry that was only decoded may name what is not there.
template <typename T>
std::string IdAt(const std::vector<T>& all, uint16_t position) {
  return position < all.size() ? all[position].id : absl::StrCat("?", position);
}

// What the limit's options can get together.
uint64_t MostOf(const Contest& contest, const Limit& limit) {
  uint64_t most = 0;
  for (uint16_t option : limit.options) {
    most += limit.measure == Limit::Measure::kCost ? contest.options[option].cost : 1;
  }
  return most * contest.option_max;
}

absl::StatusOr<std::vector<uint16_t>> ReadLimitOptions(const SpecValue& limit,
                                                       const Contest& contest) {
  URNA_ASSIGN_OR_RETURN(const SpecValue options, limit.Field("options"));
  std::vector<uint16_t> out;
  if (options.Text().value_or("") == "all") {
    for (size_t i = 0; i < contest.options.size(); ++i) out.push_back(static_cast<uint16_t>(i));
    return out;
  }
  const absl::StatusOr<std::vector<SpecValue>> ids = options.List();
  if (!ids.ok()) return options.Error("a list of ids or 'all' belongs here");
  for (const SpecValue& id : *ids) {
    URNA_ASSIGN_OR_RETURN(const uint16_t option, ReadId(id, contest.options, "option"));
    if (std::find(out.begin(), out.end(), option) != out.end()) {
      return id.Error("the option stands twice");
    }
    out.push_back(option);
  }
  std::sort(out.begin(), out.end());
  return out;
}

absl::Status ReadLimits(const SpecValue& contest, Contest& out) {
  if (!contest.Has("limits")) return absl::OkStatus();
  URNA_ASSIGN_OR_RETURN(const SpecValue limits, contest.Field("limits"));
  URNA_ASSIGN_OR_RETURN(const std::vector<SpecValue> values, limits.List());
  for (const SpecValue& one : values) {
    URNA_RETURN_IF_ERROR(one.OnlyFields({"name", "measure", "at_least", "at_most", "options"}));
    Limit limit;
    URNA_ASSIGN_OR_RETURN(const SpecValue name, one.Field("name"));
    URNA_ASSIGN_OR_RETURN(limit.name, name.Texts());
    URNA_ASSIGN_OR_RETURN(limit.measure, ReadWord(one, "measure", kMeasures));
    URNA_ASSIGN_OR_RETURN(limit.options, ReadLimitOptions(one, out));
    limit.at_most = MostOf(out, limit);
    URNA_RETURN_IF_ERROR(ReadOptional(one, "at_least", 0, limit.at_least));
    URNA_RETURN_IF_ERROR(ReadOptional(one, "at_most", 0, limit.at_most));
    out.limits.push_back(std::move(limit));
  }
  return absl::OkStatus();
}

absl::Status ReadSums(const SpecValue& contest, Contest& out) {
  const bool points = out.rule == election::Rule::kScore;
  if (points || contest.Has("option_max")) {
    URNA_ASSIGN_OR_RETURN(const SpecValue most, contest.Field("option_max"));
    URNA_ASSIGN_OR_RETURN(out.option_max, most.NumberAs<uint16_t>(1));
  }
  URNA_RETURN_IF_ERROR(ReadOptional(contest, "sum_min", 0, out.sum_min));
  const bool needed = out.rule == election::Rule::kKOfN || out.rule == election::Rule::kLists;
  if (needed || contest.Has("sum_max")) {
    URNA_ASSIGN_OR_RETURN(const SpecValue most, contest.Field("sum_max"));
    URNA_ASSIGN_OR_RETURN(out.sum_max, most.NumberAs<uint32_t>(1));
  } else if (points) {
    out.sum_max = static_cast<uint32_t>(out.option_max * out.options.size());
  }
  return absl::OkStatus();
}

// "more than 1/2", "at least 2/3"
absl::Status ReadMajority(const SpecValue& result, YesNo& out) {
  URNA_ASSIGN_OR_RETURN(const SpecValue value, result.Field("majority"));
  URNA_ASSIGN_OR_RETURN(const std::string text, value.Text());
  for (const Word<YesNo::Comparison>& one : kComparisons) {
    absl::string_view rest = text;
    if (!absl::ConsumePrefix(&rest, absl::StrCat(one.word, " "))) continue;
    const std::vector<absl::string_view> parts = absl::StrSplit(rest, '/');
    uint32_t numbers[2] = {0, 0};
    bool good = parts.size() == 2;
    for (size_t i = 0; good && i < 2; ++i) {
      good = !parts[i].empty() &&
             std::all_of(parts[i].begin(), parts[i].end(), absl::ascii_isdigit) &&
             absl::SimpleAtoi(parts[i], &numbers[i]) && numbers[i] <= 10000;
    }
    if (!good) break;
    out.comparison = one.value;
    out.numerator = static_cast<uint16_t>(numbers[0]);
    out.denominator = static_cast<uint16_t>(numbers[1]);
    return absl::OkStatus();
  }
  return value.Error("a majority is 'more than 1/2', 'at least 2/3' or the like");
}

absl::StatusOr<election::ResultRule> ReadMostVotes(const SpecValue& result) {
  URNA_RETURN_IF_ERROR(result.OnlyFields({"rule", "seats", "tie"}));
  MostVotes out;
  URNA_ASSIGN_OR_RETURN(const SpecValue seats, result.Field("seats"));
  URNA_ASSIGN_OR_RETURN(out.seats, seats.NumberAs<uint16_t>(1));
  URNA_ASSIGN_OR_RETURN(out.tie, ReadWord(result, "tie", kVoteTies));
  return out;
}

absl::StatusOr<election::ResultRule> ReadListSeats(const SpecValue& result) {
  URNA_RETURN_IF_ERROR(result.OnlyFields({"rule", "seats", "method", "threshold"}));
  ListSeats out;
  URNA_ASSIGN_OR_RETURN(const SpecValue seats, result.Field("seats"));
  URNA_ASSIGN_OR_RETURN(out.seats, seats.NumberAs<uint16_t>(1));
  URNA_ASSIGN_OR_RETURN(out.method, ReadWord(result, "method", kMethods));
  URNA_RETURN_IF_ERROR(ReadPercent(result, "threshold", out.threshold));
  return out;
}

absl::StatusOr<election::ResultRule> ReadBudget(const SpecValue& result) {
  URNA_RETURN_IF_ERROR(result.OnlyFields({"rule", "budget", "reading", "tie"}));
  GreedyBudget out;
  URNA_ASSIGN_OR_RETURN(const SpecValue budget, result.Field("budget"));
  URNA_ASSIGN_OR_RETURN(out.budget, budget.NumberAs<uint64_t>(1));
  URNA_ASSIGN_OR_RETURN(out.reading, ReadWord(result, "reading", kReadings));
  URNA_ASSIGN_OR_RETURN(out.tie, ReadWord(result, "tie", kBudgetTies));
  return out;
}

absl::StatusOr<election::ResultRule> ReadYesNo(const SpecValue& result) {
  URNA_RETURN_IF_ERROR(result.OnlyFields({"rule", "quorum", "base", "majority"}));
  YesNo out;
  URNA_RETURN_IF_ERROR(ReadPercent(result, "quorum", out.quorum));
  URNA_ASSIGN_OR_RETURN(out.base, ReadWord(result, "base", kBases));
  URNA_RETURN_IF_ERROR(ReadMajority(result, out));
  return out;
}

absl::StatusOr<election::ResultRule> ReadResult(const SpecValue& contest) {
  if (!contest.Has("result")) return election::NoResultRule{};
  URNA_ASSIGN_OR_RETURN(const SpecValue result, contest.Field("result"));
  URNA_ASSIGN_OR_RETURN(const SpecValue rule, result.Field("rule"));
  URNA_ASSIGN_OR_RETURN(const std::string text, rule.Text());
  if (text == "most-votes") return ReadMostVotes(result);
  if (text == "lists") return ReadListSeats(result);
  if (text == "budget") return ReadBudget(result);
  if (text == "yes-no") return ReadYesNo(result);
  return rule.Error("one of 'most-votes', 'lists', 'budget' or 'yes-no' belongs here");
}

struct ResultToJson {
  Json operator()(const election::NoResultRule&) const { return nullptr; }
  Json operator()(const MostVotes& rule) const {
    return {{"rule", "most-votes"}, {"seats", rule.seats}, {"tie", WordFor(kVoteTies, rule.tie)}};
  }
  Json operator()(const ListSeats& rule) const {
    return {{"rule", "lists"},
            {"seats", rule.seats},
            {"method", WordFor(kMethods, rule.method)},
            {"threshold", PercentText(rule.threshold)}};
  }
  Json operator()(const GreedyBudget& rule) const {
    return {{"rule", "budget"},
            {"budget", rule.budget},
            {"reading", WordFor(kReadings, rule.reading)},
            {"tie", WordFor(kBudgetTies, rule.tie)}};
  }
  Json operator()(const YesNo& rule) const {
    return {{"rule", "yes-no"},
            {"quorum", PercentText(rule.quorum)},
            {"base", WordFor(kBases, rule.base)},
            {"majority", absl::StrCat(WordFor(kComparisons, rule.comparison), " ", rule.numerator,
                                      "/", rule.denominator)}};
  }
};

Json LimitToJson(const Contest& contest, const Limit& limit) {
  Json ids = Json::array();
  for (uint16_t option : limit.options) ids.push_back(IdAt(contest.options, option));
  return {{"name", audit::TextsJson(limit.name)},
          {"measure", WordFor(kMeasures, limit.measure)},
          {"at_least", limit.at_least},
          {"at_most", limit.at_most},
          {"options", std::move(ids)}};
}

}  // namespace

absl::StatusOr<Contest> ReadContest(const SpecValue& value) {
  URNA_RETURN_IF_ERROR(
      value.OnlyFields({"number", "title", "rule", "option_max", "sum_min", "sum_max", "blank",
                        "by_district", "options", "lists", "limits", "result"}));
  Contest out;
  URNA_ASSIGN_OR_RETURN(const SpecValue number, value.Field("number"));
  URNA_ASSIGN_OR_RETURN(out.number, number.NumberAs<uint16_t>());
  URNA_ASSIGN_OR_RETURN(const SpecValue title, value.Field("title"));
  URNA_ASSIGN_OR_RETURN(out.title, title.Texts());
  URNA_ASSIGN_OR_RETURN(out.rule, ReadWord(value, "rule", kRules));
  URNA_RETURN_IF_ERROR(ReadFlag(value, "blank", out.blank));
  URNA_RETURN_IF_ERROR(ReadFlag(value, "by_district", out.by_district));
  URNA_RETURN_IF_ERROR(ReadLists(value, out));
  URNA_RETURN_IF_ERROR(ReadOptions(value, out));
  URNA_RETURN_IF_ERROR(ReadSums(value, out));
  URNA_RETURN_IF_ERROR(ReadLimits(value, out));
  URNA_ASSIGN_OR_RETURN(out.result, ReadResult(value));
  return out;
}

Json ContestToJson(const Contest& contest) {
  Json out = {{"number", contest.number},
              {"title", audit::TextsJson(contest.title)},
              {"rule", WordFor(kRules, contest.rule)},
              {"option_max", contest.option_max},
              {"sum_min", contest.sum_min},
              {"sum_max", contest.sum_max},
              {"blank", contest.blank},
              {"by_district", contest.by_district},
              {"options", Json::array()}};
  for (const election::Option& option : contest.options) {
    Json one = {{"id", option.id}, {"name", audit::TextsJson(option.name)}};
    if (option.cost > 0) one["cost"] = option.cost;
    if (!contest.lists.empty()) one["list"] = IdAt(contest.lists, option.list);
    out["options"].push_back(std::move(one));
  }
  for (const election::List& list : contest.lists) {
    out["lists"].push_back({{"id", list.id}, {"name", audit::TextsJson(list.name)}});
  }
  for (const Limit& limit : contest.limits) out["limits"].push_back(LimitToJson(contest, limit));
  if (contest.result.index() != 0) out["result"] = std::visit(ResultToJson{}, contest.result);
  return out;
}

std::string PercentText(uint16_t ten_thousandths) {
  const int whole = ten_thousandths / 100, rest = ten_thousandths % 100;
  if (rest == 0) return absl::StrCat(whole, "%");
  if (rest % 10 == 0) return absl::StrCat(whole, ".", rest / 10, "%");
  return absl::StrFormat("%d.%02d%%", whole, rest);
}

}  // namespace urna::tally
