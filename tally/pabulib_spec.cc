#include "tally/pabulib_spec.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "tally/spec_reader.h"

namespace urna::tally {
namespace {

// Pabulib's texts are in one language; every text of a manifest must be in the same ones.
class Texts {
 public:
  Texts(const pabulib::File& file, const std::optional<Json>& texts, const LocalizedTexts& title)
      : language_(LanguageOf(file)), texts_(texts) {
    for (const LocalizedText& text : title) languages_.push_back(text.language);
  }

  // The text at `path` of the texts file; else `fallback` in every language.
  absl::StatusOr<Json> Get(const std::vector<std::string>& path,
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
      for (const std::string& language : languages()) out[language] = fallback;
      return out;
    }
    URNA_ASSIGN_OR_RETURN(const LocalizedTexts texts, SpecValue(*found, where).Texts());
    for (const LocalizedText& text : texts) out[text.language] = text.text;
    return out;
  }

  void TakeLanguagesOf(const Json& title) {
    languages_.clear();
    for (const auto& [language, text] : title.items()) languages_.push_back(language);
  }

  absl::Status CheckLanguages(const Json& texts, absl::string_view what) const {
    std::vector<std::string> own;
    for (const auto& [language, text] : texts.items()) own.push_back(language);
    if (own == languages_) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("the languages of ", what, " are not those of the title"));
  }

 private:
  std::vector<std::string> languages() const {
    return languages_.empty() ? std::vector<std::string>{language_} : languages_;
  }

  std::string language_;
  const std::optional<Json>& texts_;
  std::vector<std::string> languages_;
};

bool IsZero(const std::string& value) {
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return c == '0' || c == ',' || c == '.' || c == ' '; });
}

// Limits on single votes that a contest of this version cannot prove.
absl::Status CheckLimits(const pabulib::File& file, const std::string& vote_type) {
  std::vector<std::string> keys = {"max_sum_cost", "max_sum_cost_per_category", "min_sum_cost",
                                   "min_length_per_category", "max_length_per_category"};
  if (vote_type != "approval") {
    keys.insert(keys.end(), {"min_length", "max_length"});
  }
  for (const std::string& key : keys) {
    const std::optional<std::string> value = file.Meta(key);
    if (!value || (absl::string_view(key).substr(0, 3) == "min" && IsZero(*value))) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "META limits votes by ", key, " (", *value,
        "), which no contest of this version can express; --ignore-limits makes the poll without "
        "that limit"));
  }
  return absl::OkStatus();
}

struct Bounds {
  const char* rule = "k-of-n";
  uint64_t option_max = 1, sum_min = 0, sum_max = 1;
};

absl::StatusOr<Bounds> ReadBounds(const pabulib::File& file, const std::string& vote_type) {
  const uint64_t all = file.projects.size();
  Bounds out;
  if (vote_type == "approval") {
    URNA_ASSIGN_OR_RETURN(out.sum_min, file.MetaNumber("min_length", 1));
    URNA_ASSIGN_OR_RETURN(out.sum_max, file.MetaNumber("max_length", all));
    out.sum_max = std::min(out.sum_max, all);
  } else if (vote_type == "cumulative" || vote_type == "scoring") {
    out.rule = "score";
    if (vote_type == "scoring" || file.Meta("max_sum_points")) {
      URNA_ASSIGN_OR_RETURN(out.sum_max, file.MetaNumber("max_sum_points", UINT32_MAX));
    } else {
      return absl::FailedPreconditionError(
          "a cumulative vote needs max_sum_points in META, which is missing");
    }
    URNA_ASSIGN_OR_RETURN(out.option_max, file.MetaNumber("max_points", out.sum_max));
    URNA_ASSIGN_OR_RETURN(out.sum_min, file.MetaNumber("min_sum_points", 0));
    out.sum_max = std::min(out.sum_max, out.option_max * all);
    if (out.option_max < 1 || out.option_max > 100) {
      return absl::FailedPreconditionError(absl::StrCat(
          "a project can get up to ", out.option_max, " points; the rule 'score' takes 1 to 100"));
    }
  } else {
    return absl::FailedPreconditionError(
        absl::StrCat("votes of the type '", vote_type,
                     "' cannot be expressed; approval, cumulative and scoring votes can"));
  }
  const bool needs_proof = out.sum_min != 0 || out.sum_max != out.option_max * all;
  if (out.sum_min > out.sum_max || (needs_proof && out.sum_max - out.sum_min > 255)) {
    return absl::FailedPreconditionError(
        absl::StrCat("a vote's sum from ", out.sum_min, " to ", out.sum_max,
                     " is out of reach: the two may be at most 255 apart"));
  }
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

absl::StatusOr<Json> SpecFromPabulib(const pabulib::File& file, const std::optional<Json>& texts,
                                     const PabulibSpecOptions& options) {
  const std::string vote_type = file.Meta("vote_type").value_or("approval");
  if (!options.ignore_limits) URNA_RETURN_IF_ERROR(CheckLimits(file, vote_type));
  URNA_ASSIGN_OR_RETURN(const Bounds bounds, ReadBounds(file, vote_type));

  Texts words(file, texts, options.title);
  Json title = Json::object();
  if (options.title.empty()) {
    URNA_ASSIGN_OR_RETURN(title, words.Get({"title"}, file.Meta("description").value_or("Budget")));
    words.TakeLanguagesOf(title);
  } else {
    for (const LocalizedText& text : options.title) title[text.language] = text.text;
  }
  const auto text = [&](const std::vector<std::string>& path, const std::string& fallback,
                        const std::string& what) -> absl::StatusOr<Json> {
    URNA_ASSIGN_OR_RETURN(Json out, words.Get(path, fallback));
    URNA_RETURN_IF_ERROR(words.CheckLanguages(out, what));
    return out;
  };

  Json contest;
  contest["number"] = 1;
  URNA_ASSIGN_OR_RETURN(
      contest["title"],
      text({"contest"}, file.Meta("description").value_or("Projects"), "the contest"));
  contest["rule"] = bounds.rule;
  if (bounds.option_max != 1) contest["option_max"] = bounds.option_max;
  contest["sum_min"] = bounds.sum_min;
  contest["sum_max"] = bounds.sum_max;
  contest["options"] = Json::array();
  for (const pabulib::Project& project : file.projects) {
    URNA_ASSIGN_OR_RETURN(
        Json name, text({"options", project.id}, project.name.empty() ? project.id : project.name,
                        absl::StrCat("project '", project.id, "'")));
    contest["options"].push_back({{"id", project.id}, {"name", std::move(name)}});
  }

  const std::string place = file.Meta("subunit").value_or(
      file.Meta("district").value_or(file.Meta("unit").value_or("All")));
  URNA_ASSIGN_OR_RETURN(Json district, text({"district"}, place, "the district"));

  Json spec;
  spec["kind"] = "election";
  spec["origin"] = options.origin;
  spec["title"] = std::move(title);
  spec["schedule"] = {
      {"opens", options.opens}, {"closes", options.closes}, {"tolerance", options.tolerance}};
  if (!options.registrar.empty()) spec["registrar"] = options.registrar;
  spec["officers"] = options.officers;
  spec["officer_quorum"] = options.officer_quorum;
  spec["trustees"] = options.trustees;
  spec["trustee_threshold"] = options.trustee_threshold;
  spec["minimum_ballots"] = options.minimum_ballots;
  spec["districts"] = Json::array({{{"number", 1}, {"name", std::move(district)}}});
  spec["contests"] = Json::array({std::move(contest)});
  return spec;
}

absl::StatusOr<std::vector<std::string>> CompareWithReport(const pabulib::File& file,
                                                           const Json& report,
                                                           std::optional<uint64_t> first_votes) {
  const SpecValue root(report, "report");
  URNA_ASSIGN_OR_RETURN(const SpecValue form, root.Field("urna"));
  if (form.Text().value_or("") != "report/1") return form.Error("this is no verifier's report");
  if (report.value("status", -1) != 0 || !report.value("verified", false) ||
      report.value("stage", "") != "final") {
    return absl::FailedPreconditionError(
        "the report is not that of a final record which was verified");
  }
  URNA_ASSIGN_OR_RETURN(const SpecValue election, root.Field("election"));
  URNA_ASSIGN_OR_RETURN(const SpecValue contests, election.Field("contests"));
  URNA_ASSIGN_OR_RETURN(const std::vector<SpecValue> list, contests.List());
  if (list.size() != 1) {
    return absl::FailedPreconditionError(
        absl::StrCat("the result has ", list.size(), " contests where a file has one"));
  }
  std::map<std::string, uint64_t> totals;
  URNA_ASSIGN_OR_RETURN(const SpecValue options, list.front().Field("options"));
  URNA_ASSIGN_OR_RETURN(const std::vector<SpecValue> values, options.List());
  for (const SpecValue& value : values) {
    URNA_ASSIGN_OR_RETURN(const SpecValue id, value.Field("id"));
    URNA_ASSIGN_OR_RETURN(const SpecValue total, value.Field("total"));
    URNA_ASSIGN_OR_RETURN(const std::string name, id.Text());
    URNA_ASSIGN_OR_RETURN(totals[name], total.Number(0, UINT64_MAX));
  }

  pabulib::File part = file;
  if (first_votes && *first_votes < part.votes.size()) part.votes.resize(*first_votes);
  const std::vector<uint64_t> counted = pabulib::CountVotes(part);
  std::vector<std::string> out;
  for (size_t i = 0; i < file.projects.size(); ++i) {
    const pabulib::Project& project = file.projects[i];
    if (!first_votes && !project.votes) {
      return absl::FailedPreconditionError(
          absl::StrCat("the file does not say how many votes project '", project.id, "' had"));
    }
    const uint64_t wanted = first_votes ? counted[i] : *project.votes;
    const auto found = totals.find(project.id);
    if (found == totals.end()) {
      out.push_back(absl::StrCat("project '", project.id, "' is not in the result"));
    } else if (found->second != wanted) {
      out.push_back(absl::StrCat("project '", project.id, "': ", found->second, " in the result, ",
                                 wanted, " in the file"));
    }
    if (found != totals.end()) totals.erase(found);
  }
  for (const auto& [id, total] : totals) {
    out.push_back(absl::StrCat("option '", id, "' of the result is no project of the file"));
  }
  return out;
}

}  // namespace urna::tally
