#include "tally/pabulib_compare.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "core/base/status.h"
#include "core/base/utf8.h"
#include "core/election/outcome.h"
#include "core/pabulib/vote_rules.h"
#include "tally/spec_reader.h"

namespace urna::tally {
namespace {

using election::GreedyBudget;

// What the report says of the poll's one contest.
struct Reported {
  std::map<std::string, uint64_t> totals;        // by option
  std::optional<std::set<std::string>> winners;  // if the poll states an outcome
};

absl::StatusOr<SpecValue> ContestOf(const Json& report) {
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
  return list.front();
}

absl::StatusOr<Reported> ReadReport(const Json& report) {
  URNA_ASSIGN_OR_RETURN(const SpecValue contest, ContestOf(report));
  Reported out;
  URNA_ASSIGN_OR_RETURN(const SpecValue options, contest.Field("options"));
  URNA_ASSIGN_OR_RETURN(const std::vector<SpecValue> values, options.List());
  for (const SpecValue& value : values) {
    URNA_ASSIGN_OR_RETURN(const SpecValue id, value.Field("id"));
    URNA_ASSIGN_OR_RETURN(const std::string name, id.Text());
    if (!value.Has("total")) {
      return absl::FailedPreconditionError("the result has no totals: there were too few ballots");
    }
    URNA_ASSIGN_OR_RETURN(const SpecValue total, value.Field("total"));
    URNA_ASSIGN_OR_RETURN(out.totals[name], total.Number(0, UINT64_MAX));
  }
  if (!contest.Has("outcome")) return out;
  URNA_ASSIGN_OR_RETURN(const SpecValue outcome, contest.Field("outcome"));
  URNA_ASSIGN_OR_RETURN(const SpecValue winners, outcome.Field("winners"));
  URNA_ASSIGN_OR_RETURN(const std::vector<SpecValue> ids, winners.List());
  out.winners.emplace();
  for (const SpecValue& id : ids) {
    URNA_ASSIGN_OR_RETURN(const std::string name, id.Text());
    out.winners->insert(name);
  }
  return out;
}

// The file's votes that took part and keep its rules, and how many took part.
absl::StatusOr<pabulib::File> Admissible(const pabulib::File& file, const CompareOptions& options,
                                         Comparison& out) {
  URNA_ASSIGN_OR_RETURN(const pabulib::VoteRules rules,
                        pabulib::ReadVoteRules(file, options.ignore_limits));
  pabulib::File part = file;
  if (options.first_votes && *options.first_votes < part.votes.size()) {
    part.votes.resize(*options.first_votes);
  }
  out.votes = part.votes.size();
  std::vector<pabulib::Vote> kept;
  for (size_t i : pabulib::AdmissibleVotes(part, pabulib::FindBreaches(part, rules))) {
    kept.push_back(part.votes[i]);
  }
  out.left_out = out.votes - kept.size();
  part.votes = std::move(kept);
  return part;
}

absl::Status CompareTotals(const pabulib::File& file, const pabulib::File& admissible,
                           std::map<std::string, uint64_t> totals, Comparison& out) {
  const std::vector<uint64_t> counted = pabulib::CountVotes(admissible);
  out.published = admissible.votes.size() == file.votes.size();
  for (size_t i = 0; i < file.projects.size(); ++i) {
    const pabulib::Project& project = file.projects[i];
    if (out.published && !project.votes) {
      return absl::FailedPreconditionError(
          absl::StrCat("the file does not say how many votes project '", project.id, "' had"));
    }
    Comparison::Row row{project.id, std::nullopt, counted[i], project.votes};
    const uint64_t wanted = out.published ? *project.votes : counted[i];
    const auto found = totals.find(project.id);
    if (found == totals.end()) {
      out.differences.push_back(absl::StrCat("project '", project.id, "' is not in the result"));
    } else {
      row.result = found->second;
      if (found->second != wanted) {
        out.differences.push_back(
            absl::StrCat("project '", project.id, "': ", found->second, " in the result, ", wanted,
                         out.published ? " in the file" : " in the file's admissible votes"));
      }
      totals.erase(found);
    }
    out.rows.push_back(std::move(row));
  }
  for (const auto& [id, total] : totals) {
    out.differences.push_back(
        absl::StrCat("option '", id, "' of the result is no project of the file"));
  }
  return absl::OkStatus();
}

// "agrees", or what is too much and what is missing.
std::string Agreement(const std::set<std::string>& selected, const std::set<std::string>& winners) {
  std::vector<std::string> more, less;
  std::set_difference(winners.begin(), winners.end(), selected.begin(), selected.end(),
                      std::back_inserter(more));
  std::set_difference(selected.begin(), selected.end(), winners.begin(), winners.end(),
                      std::back_inserter(less));
  if (more.empty() && less.empty()) return "agrees";
  std::string out = "differs:";
  if (!more.empty()) absl::StrAppend(&out, " it also has ", absl::StrJoin(more, ", "));
  if (!less.empty()) {
    absl::StrAppend(&out, more.empty() ? "" : ", and", " it lacks ", absl::StrJoin(less, ", "));
  }
  return out;
}

// The winners of greedy with these totals; InvalidArgument if the file's costs are not whole.
absl::StatusOr<std::set<std::string>> Greedy(const pabulib::File& file,
                                             const std::map<std::string, uint64_t>& totals,
                                             GreedyBudget::Reading reading) {
  if (!file.Meta("budget")) return absl::InvalidArgumentError("META has no budget");
  election::Contest contest;
  GreedyBudget rule{0, reading, GreedyBudget::Tie::kBallotOrder};
  URNA_ASSIGN_OR_RETURN(rule.budget, file.MetaNumber("budget", 0));
  contest.result = rule;
  std::vector<uint64_t> votes;
  for (const pabulib::Project& project : file.projects) {
    URNA_ASSIGN_OR_RETURN(const uint64_t cost, pabulib::WholeCost(project));
    contest.options.push_back({project.id, {}, cost, 0});
    const auto found = totals.find(project.id);
    votes.push_back(found == totals.end() ? 0 : found->second);
  }
  std::set<std::string> out;
  for (uint16_t winner : election::OutcomeOf(contest, votes, 0, 0).winners) {
    out.insert(file.projects[winner].id);
  }
  return out;
}

std::vector<std::string> CompareSelected(const pabulib::File& file, const Reported& reported) {
  std::set<std::string> selected;
  bool stated = false;
  for (const pabulib::Project& project : file.projects) {
    stated = stated || project.selected.has_value();
    if (project.selected.value_or(false)) selected.insert(project.id);
  }
  std::vector<std::string> out;
  if (!stated) return out;
  out.push_back(absl::StrCat("selected by the file: ",
                             selected.empty() ? "none" : absl::StrJoin(selected, ", ")));
  if (reported.winners) {
    out.push_back(absl::StrCat("the poll's outcome ", Agreement(selected, *reported.winners)));
  }
  for (const auto& [reading, name] : {std::pair(GreedyBudget::Reading::kStop, "stops at"),
                                      std::pair(GreedyBudget::Reading::kSkip, "skips")}) {
    const absl::StatusOr<std::set<std::string>> winners = Greedy(file, reported.totals, reading);
    out.push_back(absl::StrCat(
        "greedy that ", name, " what doesn't fit ",
        winners.ok() ? Agreement(selected, *winners)
                     : absl::StrCat("cannot be computed: ", winners.status().message())));
  }
  return out;
}

std::string Number(const std::optional<uint64_t>& number) {
  return number ? absl::StrCat(*number) : "-";
}

}  // namespace

absl::StatusOr<Comparison> CompareWithReport(const pabulib::File& file, const Json& report,
                                             const CompareOptions& options) {
  URNA_ASSIGN_OR_RETURN(Reported reported, ReadReport(report));
  Comparison out;
  URNA_ASSIGN_OR_RETURN(const pabulib::File admissible, Admissible(file, options, out));
  out.selected = CompareSelected(file, reported);
  URNA_RETURN_IF_ERROR(CompareTotals(file, admissible, std::move(reported.totals), out));
  return out;
}

std::string ComparisonText(const pabulib::File& file, const Comparison& comparison) {
  std::string out = absl::StrCat(comparison.votes, " of the file's ", file.votes.size(), " votes");
  if (comparison.left_out > 0) {
    absl::StrAppend(&out, ", of which ", comparison.left_out,
                    " break a rule of the file and are not counted");
  }
  absl::StrAppend(
      &out, absl::StrFormat("\n%10s %10s %10s  project\n", "result", "recounted", "published"));
  for (size_t i = 0; i < comparison.rows.size(); ++i) {
    const Comparison::Row& row = comparison.rows[i];
    absl::StrAppend(&out, absl::StrFormat("%10s %10d %10s  %s %s\n", Number(row.result),
                                          row.expected, Number(row.published), row.project,
                                          Printable(file.projects[i].name)));
  }
  for (const std::string& line : comparison.selected) absl::StrAppend(&out, line, "\n");
  for (const std::string& line : comparison.differences) absl::StrAppend(&out, line, "\n");
  if (comparison.differences.empty()) {
    absl::StrAppend(
        &out, "all ", comparison.rows.size(), " projects have ",
        comparison.published ? "the votes that the file states" : "the votes that were admissible",
        "\n");
  }
  return out;
}

Json ComparisonToJson(const Comparison& comparison) {
  Json out;
  out["votes"] = comparison.votes;
  out["left_out"] = comparison.left_out;
  out["compared_with"] = comparison.published ? "published" : "admissible votes";
  out["equal"] = comparison.differences.empty();
  out["projects"] = Json::array();
  for (const Comparison::Row& row : comparison.rows) {
    Json one = {{"id", row.project}};
    one["result"] = row.result ? Json(*row.result) : Json(nullptr);
    one["recounted"] = row.expected;
    one["published"] = row.published ? Json(*row.published) : Json(nullptr);
    out["projects"].push_back(std::move(one));
  }
  out["differences"] = comparison.differences;
  out["selected"] = comparison.selected;
  return out;
}

}  // namespace urna::tally
