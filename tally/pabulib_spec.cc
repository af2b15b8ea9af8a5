#include "tally/pabulib_spec.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "tally/spec_reader.h"

namespace urna::tally {
namespace {

// The poll's texts. Pabulib's are in one language; all of a manifest's must be in the title's.
class Texts {
 public:
  // Both must outlive it.
  static absl::StatusOr<Texts> Create(const pabulib::File& file, const std::optional<Json>& texts,
                                      const LocalizedTexts& title) {
    Texts out(texts);
    for (const LocalizedText& text : title) out.title_[text.language] = text.text;
    if (!title.empty()) return out;
    // Without languages yet, the file's own.
    out.title_[LanguageOf(file)] = "";
    URNA_ASSIGN_OR_RETURN(out.title_,
                          out.Find({"title"}, file.Meta("description").value_or("Budget")));
    return out;
  }

  const Json& title() const { return title_; }

  // The text at `path` of the texts file, which must be in the title's languages; else `fallback`
  // in all of them.
  absl::StatusOr<Json> Get(const std::vector<std::string>& path, const std::string& fallback,
                           absl::string_view what) const {
    URNA_ASSIGN_OR_RETURN(Json out, Find(path, fallback));
    if (LanguagesOf(out) == LanguagesOf(title_)) return out;
    return absl::InvalidArgumentError(
        absl::StrCat("the languages of ", what, " are not those of the title"));
  }

 private:
  explicit Texts(const std::optional<Json>& texts) : texts_(texts), title_(Json::object()) {}

  static std::vector<std::string> LanguagesOf(const Json& texts) {
    std::vector<std::string> out;
    for (const auto& [language, text] : texts.items()) out.push_back(language);
    std::sort(out.begin(), out.end());
    return out;
  }

  absl::StatusOr<Json> Find(const std::vector<std::string>& path,
                            const std::string& fallback) const {
    const Json* found = texts_ ? &*texts_ : nullptr;
    std::string where = "$";
    for (const std::string& name : path) {
      absl::StrAppend(&where, ".", name);
      found = found != nullptr && found->is_object() && found->contains(name) ? &(*found)[name]
                                                                              : nullptr;
    }
    Json out = Json::object();
    if (found == nullptr) {
      for (const auto& [language, text] : title_.items()) out[language] = fallback;
      return out;
    }
    URNA_ASSIGN_OR_RETURN(const LocalizedTexts texts, SpecValue(*found, where).Texts());
    for (const LocalizedText& text : texts) out[text.language] = text.text;
    return out;
  }

  const std::optional<Json>& texts_;
  Json title_;
};

// Whether the file is about money that a vote or the outcome must keep to.
bool NeedsCosts(const pabulib::VoteRules& rules, GreedyChoice greedy) {
  return greedy != GreedyChoice::kNone ||
         std::any_of(rules.limits.begin(), rules.limits.end(), [](const pabulib::VoteLimit& limit) {
           return limit.measure == pabulib::VoteLimit::Measure::kCost;
         });
}

// What kFromMeta means for this file; a note if that is nothing.
GreedyChoice ChooseGreedy(const pabulib::File& file, GreedyChoice choice,
                          std::vector<std::string>& notes) {
  if (choice != GreedyChoice::kFromMeta) return choice;
  const std::string rule = absl::AsciiStrToLower(file.Meta("rule").value_or(""));
  if (rule != "greedy") {
    notes.push_back(rule.empty() ? "META has no rule: the poll states no outcome"
                                 : absl::StrCat("META's rule '", rule,
                                                "' is not known here: the poll states no outcome"));
    return GreedyChoice::kNone;
  }
  if (!file.Meta("budget")) {
    notes.push_back("META has no budget: the poll states no outcome");
    return GreedyChoice::kNone;
  }
  return GreedyChoice::kSkip;
}

absl::StatusOr<Json> GreedyResult(const pabulib::File& file, GreedyChoice greedy) {
  constexpr char kWithout[] = "; --greedy none makes the poll without an outcome";
  if (!file.Meta("budget")) {
    return absl::FailedPreconditionError(absl::StrCat("META has no budget", kWithout));
  }
  absl::StatusOr<uint64_t> budget = file.MetaNumber("budget", 0);
  if (!budget.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(budget.status().message(), kWithout));
  }
  for (const pabulib::Project& project : file.projects) {
    const absl::StatusOr<uint64_t> cost = pabulib::WholeCost(project);
    if (cost.ok() && *cost > 0) continue;
    return absl::FailedPreconditionError(
        absl::StrCat(cost.ok() ? absl::StrCat("project '", project.id, "' costs nothing")
                               : std::string(cost.status().message()),
                     kWithout));
  }
  return Json{{"rule", "budget"},
              {"budget", *budget},
              {"reading", greedy == GreedyChoice::kStop ? "stop" : "skip"},
              {"tie", "ballot-order"}};
}

absl::StatusOr<Json> LimitOf(const pabulib::File& file, const pabulib::VoteLimit& limit,
                             Json name) {
  Json out = {{"name", std::move(name)},
              {"measure", limit.measure == pabulib::VoteLimit::Measure::kCost ? "cost" : "number"}};
  if (limit.at_least > 0) out["at_least"] = limit.at_least;
  out["at_most"] = limit.at_most;
  if (limit.projects.size() == file.projects.size()) {
    out["options"] = "all";
    return out;
  }
  for (uint32_t project : limit.projects) out["options"].push_back(file.projects[project].id);
  return out;
}

absl::StatusOr<Json> OptionsOf(const pabulib::File& file, bool costs, const Texts& words) {
  Json out = Json::array();
  for (const pabulib::Project& project : file.projects) {
    URNA_ASSIGN_OR_RETURN(Json name, words.Get({"options", project.id},
                                               project.name.empty() ? project.id : project.name,
                                               absl::StrCat("project '", project.id, "'")));
    Json option = {{"id", project.id}, {"name", std::move(name)}};
    if (costs) {
      URNA_ASSIGN_OR_RETURN(option["cost"], pabulib::WholeCost(project));
    }
    out.push_back(std::move(option));
  }
  return out;
}

absl::StatusOr<Json> ContestOf(const pabulib::File& file, const pabulib::VoteRules& rules,
                               GreedyChoice greedy, const Texts& words) {
  // First, because it says best what is wrong with costs.
  Json result;
  if (greedy != GreedyChoice::kNone) {
    URNA_ASSIGN_OR_RETURN(result, GreedyResult(file, greedy));
  }
  Json out;
  out["number"] = 1;
  URNA_ASSIGN_OR_RETURN(
      out["title"],
      words.Get({"contest"}, file.Meta("description").value_or("Projects"), "the contest"));
  out["rule"] = rules.points ? "score" : "k-of-n";
  if (rules.points) out["option_max"] = rules.option_max;
  out["sum_min"] = rules.sum_min;
  out["sum_max"] = rules.sum_max;
  URNA_ASSIGN_OR_RETURN(out["options"], OptionsOf(file, NeedsCosts(rules, greedy), words));
  for (const pabulib::VoteLimit& limit : rules.limits) {
    const std::string name = limit.category.empty() ? "all" : limit.category;
    URNA_ASSIGN_OR_RETURN(Json text,
                          words.Get({"limits", name}, limit.category.empty() ? "Total cost" : name,
                                    absl::StrCat("the limit '", name, "'")));
    URNA_ASSIGN_OR_RETURN(Json one, LimitOf(file, limit, std::move(text)));
    out["limits"].push_back(std::move(one));
  }
  if (!result.is_null()) out["result"] = std::move(result);
  return out;
}

}  // namespace

std::string LanguageOf(const pabulib::File& file) {
  static const std::map<std::string, std::string> kCodes = {
      {"polish", "pl"},  {"dutch", "nl"},     {"english", "en"}, {"french", "fr"},
      {"german", "de"},  {"italian", "it"},   {"spanish", "es"}, {"estonian", "et"},
      {"serbian", "sr"}, {"ukrainian", "uk"}, {"czech", "cs"},   {"portuguese", "pt"}};
  const std::string name = absl::AsciiStrToLower(file.Meta("language").value_or(""));
  const auto found = kCodes.find(name);
  if (found != kCodes.end()) return found->second;
  for (const auto& [spelt, code] : kCodes) {
    if (name == code) return code;
  }
  return "en";
}

absl::StatusOr<PabulibSpec> SpecFromPabulib(const pabulib::File& file,
                                            const std::optional<Json>& texts,
                                            const PabulibSpecOptions& options) {
  PabulibSpec out;
  URNA_ASSIGN_OR_RETURN(out.rules, pabulib::ReadVoteRules(file, options.ignore_limits));
  out.notes = out.rules.notes;
  const GreedyChoice greedy = ChooseGreedy(file, options.greedy, out.notes);
  URNA_ASSIGN_OR_RETURN(const Texts words, Texts::Create(file, texts, options.title));
  URNA_ASSIGN_OR_RETURN(Json contest, ContestOf(file, out.rules, greedy, words));
  const std::string place = file.Meta("subunit").value_or(
      file.Meta("district").value_or(file.Meta("unit").value_or("All")));
  URNA_ASSIGN_OR_RETURN(Json district, words.Get({"district"}, place, "the district"));

  Json& spec = out.spec;
  spec["kind"] = "election";
  spec["origin"] = options.origin;
  spec["title"] = words.title();
  spec["schedule"] = {
      {"opens", options.opens}, {"closes", options.closes}, {"tolerance", options.tolerance}};
  if (!options.registrar.empty()) spec["registrar"] = options.registrar;
  spec["officers"] = options.officers;
  spec["officer_quorum"] = options.officer_quorum;
  spec["trustees"] = options.trustees;
  spec["trustee_threshold"] = options.trustee_threshold;
  spec["minimum_ballots"] = options.minimum_ballots;
  if (options.challenges > 0) spec["challenges"] = options.challenges;
  spec["districts"] = Json::array({{{"number", 1}, {"name", std::move(district)}}});
  spec["contests"] = Json::array({std::move(contest)});
  return out;
}

}  // namespace urna::tally
