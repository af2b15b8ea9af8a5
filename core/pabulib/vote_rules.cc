#include "core/pabulib/vote_rules.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/status.h"

namespace urna::pabulib {
namespace {

using Measure = VoteLimit::Measure;

constexpr uint64_t kMaxPoints = 100;  // that a ballot gives to one option

// META's key of a limit: "max_sum_cost", "min_length_per_category".
std::string KeyOf(const VoteLimit& limit, bool max) {
  return absl::StrCat(max ? "max" : "min",
                      limit.measure == Measure::kCost ? "_sum_cost" : "_length",
                      limit.category.empty() ? "" : "_per_category");
}

std::vector<std::string> SplitNames(absl::string_view text) {
  std::vector<std::string> out;
  for (absl::string_view name : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    out.emplace_back(absl::StripAsciiWhitespace(name));
  }
  return out;
}

absl::StatusOr<uint64_t> WholeNumber(absl::string_view text, absl::string_view what) {
  text = absl::StripAsciiWhitespace(text);
  uint64_t value = 0;
  if (text.empty() || !std::all_of(text.begin(), text.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(text, &value)) {
    return absl::InvalidArgumentError(absl::StrCat(what, " '", text, "' is no whole number"));
  }
  return value;
}

// One number for each of `count` categories; one alone is for all of them. Empty if the key is not
// there.
absl::StatusOr<std::vector<uint64_t>> ReadNumbers(const File& file, const std::string& key,
                                                  size_t count) {
  std::vector<uint64_t> out;
  const std::optional<std::string> text = file.Meta(key);
  if (!text) return out;
  for (absl::string_view one : absl::StrSplit(*text, ',')) {
    URNA_ASSIGN_OR_RETURN(const uint64_t number, WholeNumber(one, key));
    out.push_back(number);
  }
  if (out.size() == 1) out.resize(count, out[0]);
  if (out.size() != count) {
    return absl::InvalidArgumentError(
        absl::StrCat(key, " has ", out.size(), " numbers for ", count, " categories"));
  }
  return out;
}

// What META limits, before it is known what can be broken.
class LimitReader {
 public:
  LimitReader(const File& file, VoteRules& rules) : file_(file), rules_(rules) {}

  absl::Status Read() {
    VoteLimit all;
    for (uint32_t i = 0; i < file_.projects.size(); ++i) all.projects.push_back(i);
    URNA_ASSIGN_OR_RETURN(all.at_least, file_.MetaNumber("min_sum_cost", 0));
    URNA_ASSIGN_OR_RETURN(all.at_most, file_.MetaNumber("max_sum_cost", UINT64_MAX));
    URNA_RETURN_IF_ERROR(Take(std::move(all)));
    return ReadCategories();
  }

 private:
  absl::Status ReadCategories() {
    static constexpr const char* kKeys[] = {"min_sum_cost_per_category",
                                            "max_sum_cost_per_category", "min_length_per_category",
                                            "max_length_per_category"};
    if (std::none_of(std::begin(kKeys), std::end(kKeys),
                     [&](const char* key) { return file_.Meta(key).has_value(); })) {
      return absl::OkStatus();
    }
    const std::vector<std::string> names = SplitNames(file_.Meta("categories").value_or(""));
    if (names.empty()) {
      return absl::InvalidArgumentError("META has limits by category, but no categories");
    }
    URNA_ASSIGN_OR_RETURN(const auto projects, ProjectsOf(names));
    for (const Measure measure : {Measure::kCost, Measure::kNumber}) {
      const char* const* keys = kKeys + (measure == Measure::kCost ? 0 : 2);
      URNA_ASSIGN_OR_RETURN(const auto least, ReadNumbers(file_, keys[0], names.size()));
      URNA_ASSIGN_OR_RETURN(const auto most, ReadNumbers(file_, keys[1], names.size()));
      for (size_t i = 0; i < names.size(); ++i) {
        URNA_RETURN_IF_ERROR(Take({names[i], measure, least.empty() ? 0 : least[i],
                                   most.empty() ? UINT64_MAX : most[i], projects[i]}));
      }
    }
    return absl::OkStatus();
  }

  // The projects of every category; a project may have several, with commas between them.
  absl::StatusOr<std::vector<std::vector<uint32_t>>> ProjectsOf(
      const std::vector<std::string>& names) const {
    std::vector<std::vector<uint32_t>> out(names.size());
    for (uint32_t i = 0; i < file_.projects.size(); ++i) {
      for (const std::string& category : SplitNames(file_.projects[i].category)) {
        const auto found = std::find(names.begin(), names.end(), category);
        if (found == names.end()) {
          return absl::InvalidArgumentError(
              absl::StrCat("project '", file_.projects[i].id, "' at line ", file_.projects[i].line,
                           ": category '", category, "' is not among META's"));
        }
        std::vector<uint32_t>& projects = out[static_cast<size_t>(found - names.begin())];
        if (projects.empty() || projects.back() != i) projects.push_back(i);
      }
    }
    return out;
  }

  // Keeps a limit that a vote can break.
  absl::Status Take(VoteLimit limit) {
    if (limit.at_least == 0 && limit.at_most == UINT64_MAX) return absl::OkStatus();
    uint64_t all = limit.projects.size();
    if (limit.measure == Measure::kCost) {
      URNA_ASSIGN_OR_RETURN(all, SumOfCosts(limit));
    }
    const std::string name =
        absl::StrCat(KeyOf(limit, limit.at_most != UINT64_MAX),
                     limit.category.empty() ? "" : absl::StrCat(" '", limit.category, "'"));
    if (limit.at_least > std::min(all, limit.at_most)) {
      return absl::InvalidArgumentError(absl::StrCat(name, ": no vote can reach ", limit.at_least));
    }
    if (limit.at_least == 0 && limit.at_most >= all) {
      const size_t count = limit.projects.size();
      rules_.notes.push_back(absl::StrCat(
          name, " ", limit.at_most, " is no limit, of ", count,
          count == 1 ? " project" : " projects",
          limit.measure == Measure::kCost ? absl::StrCat(" that cost ", all) : std::string()));
      return absl::OkStatus();
    }
    if (rules_.points) {
      return absl::FailedPreconditionError(absl::StrCat(
          "META limits votes by ", name,
          ", but voters give points, which no ballot limits so; --ignore-limits makes the poll "
          "without limits"));
    }
    limit.at_most = std::min(limit.at_most, all);
    rules_.limits.push_back(std::move(limit));
    return absl::OkStatus();
  }

  // Leaves out of a limit what costs nothing.
  absl::StatusOr<uint64_t> SumOfCosts(VoteLimit& limit) const {
    uint64_t sum = 0;
    std::vector<uint32_t> costly;
    for (uint32_t i : limit.projects) {
      URNA_ASSIGN_OR_RETURN(const uint64_t cost, WholeCost(file_.projects[i]));
      if (cost > 0) costly.push_back(i);
      if (__builtin_add_overflow(sum, cost, &sum)) {
        return absl::InvalidArgumentError("the costs of all projects are too much to add up");
      }
    }
    limit.projects = std::move(costly);
    return sum;
  }

  const File& file_;
  VoteRules& rules_;
};

// What is given to all projects together, and to one.
absl::Status ReadSums(const File& file, VoteRules& rules) {
  const uint64_t all = file.projects.size();
  if (!rules.points) {
    URNA_ASSIGN_OR_RETURN(rules.sum_min, file.MetaNumber("min_length", 1));
    URNA_ASSIGN_OR_RETURN(rules.sum_max, file.MetaNumber("max_length", all));
  } else {
    for (const char* key : {"min_length", "max_length"}) {
      if (!file.Meta(key)) continue;
      return absl::FailedPreconditionError(absl::StrCat(
          "META limits votes by ", key,
          ", but voters give points, which no ballot limits so; --ignore-limits makes the poll "
          "without limits"));
    }
    URNA_ASSIGN_OR_RETURN(rules.sum_min, file.MetaNumber("min_sum_points", 0));
    URNA_ASSIGN_OR_RETURN(rules.sum_max, file.MetaNumber("max_sum_points", UINT64_MAX));
    URNA_ASSIGN_OR_RETURN(rules.option_max, file.MetaNumber("max_points", rules.sum_max));
  }
  if (rules.option_max < 1 || rules.option_max > kMaxPoints) {
    return absl::FailedPreconditionError(
        rules.option_max == UINT64_MAX
            ? std::string("META has neither max_points nor max_sum_points; one of them is needed")
            : absl::StrCat("a project can get up to ", rules.option_max,
                           " points; the rule 'score' takes 1 to ", kMaxPoints));
  }
  rules.sum_max = std::min(rules.sum_max, rules.option_max * all);
  if (rules.sum_max < 1 || rules.sum_min > rules.sum_max) {
    return absl::InvalidArgumentError(absl::StrCat("no vote can have between ", rules.sum_min,
                                                   " and ", rules.sum_max,
                                                   rules.points ? " points" : " projects"));
  }
  return absl::OkStatus();
}

// Whatever the file's voters did is allowed.
absl::Status AllowAll(const File& file, VoteRules& rules) {
  if (rules.points) {
    URNA_ASSIGN_OR_RETURN(rules.option_max, file.MetaNumber("max_points", 1));
    for (const Vote& vote : file.votes) {
      for (uint32_t points : vote.points) {
        rules.option_max = std::max<uint64_t>(rules.option_max, points);
      }
    }
    if (rules.option_max < 1 || rules.option_max > kMaxPoints) {
      return absl::FailedPreconditionError(
          absl::StrCat("a project can get up to ", rules.option_max,
                       " points; the rule 'score' takes 1 to ", kMaxPoints));
    }
  }
  rules.sum_min = 0;
  rules.sum_max = rules.option_max * file.projects.size();
  return absl::OkStatus();
}

uint64_t SumOf(const Vote& vote) {
  if (vote.points.empty()) return vote.projects.size();
  return std::accumulate(vote.points.begin(), vote.points.end(), uint64_t{0});
}

// Which projects a limit is about, and what each counts.
std::vector<uint64_t> Measures(const File& file, const VoteLimit& limit) {
  std::vector<uint64_t> out(file.projects.size(), 0);
  for (uint32_t i : limit.projects) {
    out[i] = limit.measure == Measure::kCost ? WholeCost(file.projects[i]).value_or(0) : 1;
  }
  return out;
}

}  // namespace

absl::StatusOr<uint64_t> WholeCost(const Project& project) {
  return WholeNumber(project.cost, absl::StrCat("project '", project.id, "' at line ", project.line,
                                                ": the cost"));
}

absl::StatusOr<VoteRules> ReadVoteRules(const File& file, bool ignore_limits) {
  const std::string type = file.Meta("vote_type").value_or("approval");
  VoteRules out;
  out.points = type == "cumulative" || type == "scoring";
  if (!out.points && type != "approval") {
    return absl::FailedPreconditionError(
        absl::StrCat("votes of the type '", type,
                     "' cannot be expressed; approval, cumulative and scoring votes can"));
  }
  if (ignore_limits) {
    URNA_RETURN_IF_ERROR(AllowAll(file, out));
    return out;
  }
  URNA_RETURN_IF_ERROR(ReadSums(file, out));
  URNA_RETURN_IF_ERROR(LimitReader(file, out).Read());
  return out;
}

std::vector<Breach> FindBreaches(const File& file, const VoteRules& rules) {
  std::vector<std::vector<uint64_t>> measures;
  for (const VoteLimit& limit : rules.limits) measures.push_back(Measures(file, limit));
  std::vector<Breach> out;
  for (size_t v = 0; v < file.votes.size(); ++v) {
    const Vote& vote = file.votes[v];
    const auto check = [&](uint64_t value, uint64_t least, uint64_t most, const auto& name) {
      if (value < least) out.push_back({v, name(false), value, least});
      if (value > most) out.push_back({v, name(true), value, most});
    };
    check(SumOf(vote), rules.sum_min, rules.sum_max, [&](bool max) {
      return absl::StrCat(max ? "max" : "min", rules.points ? "_sum_points" : "_length");
    });
    for (uint32_t points : vote.points) {
      check(points, 0, rules.option_max, [](bool) { return std::string("max_points"); });
    }
    for (size_t i = 0; i < rules.limits.size(); ++i) {
      const VoteLimit& limit = rules.limits[i];
      uint64_t sum = 0;
      for (uint32_t project : vote.projects) sum += measures[i][project];
      check(sum, limit.at_least, limit.at_most, [&](bool max) {
        return absl::StrCat(KeyOf(limit, max),
                            limit.category.empty() ? "" : absl::StrCat(" '", limit.category, "'"));
      });
    }
  }
  return out;
}

std::string DescribeBreach(const File& file, const Breach& breach) {
  const Vote& vote = file.votes[breach.vote];
  const bool above = breach.value > breach.bound;
  return absl::StrCat("voter '", vote.voter, "' at line ", vote.line, ": ", breach.limit, " is ",
                      breach.bound, ", the vote has ", breach.value, ", ",
                      above ? breach.value - breach.bound : breach.bound - breach.value,
                      above ? " too many" : " too few");
}

std::vector<size_t> AdmissibleVotes(const File& file, const std::vector<Breach>& breaches) {
  std::vector<bool> breaks(file.votes.size(), false);
  for (const Breach& breach : breaches) breaks[breach.vote] = true;
  std::vector<size_t> out;
  for (size_t i = 0; i < breaks.size(); ++i) {
    if (!breaks[i]) out.push_back(i);
  }
  return out;
}

}  // namespace urna::pabulib
