#include "voter/selections.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/status.h"

namespace urna::voter {
namespace {

using election::Contest;
using election::Manifest;
using election::Selections;
using election::Style;

std::string ContestName(const Contest& contest) {
  return absl::StrCat("contest ", contest.number, " '", PickText(contest.title, "en"), "'");
}

std::optional<size_t> FindOption(const Contest& contest, absl::string_view id) {
  for (size_t i = 0; i < contest.options.size(); ++i) {
    if (contest.options[i].id == id) return i;
  }
  return std::nullopt;
}

// The position of a contest in the style.
absl::StatusOr<size_t> FindContest(const Style& style, uint16_t number) {
  for (size_t i = 0; i < style.contests.size(); ++i) {
    if (style.contests[i] == number) return i;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "contest ", number, " is not on your ballot; it has ",
      style.contests.size() == 1 ? "contest " : "contests ", absl::StrJoin(style.contests, ", ")));
}

struct Choice {
  size_t option = 0;
  uint32_t points = 1;
};

absl::StatusOr<Choice> ParseOption(const Contest& contest, absl::string_view text) {
  const bool scored = contest.rule == election::Rule::kScore;
  const auto option_of = [&](absl::string_view id) { return FindOption(contest, id); };
  if (const auto option = option_of(text); option.has_value()) {
    if (scored) {
      return absl::InvalidArgumentError(absl::StrCat(ContestName(contest), ", option '", text,
                                                     "': say how many points it gets, as '",
                                                     contest.number, ":", text, "=1'"));
    }
    return Choice{*option, 1};
  }
  const size_t equals = text.rfind('=');
  const auto option =
      equals == absl::string_view::npos ? std::nullopt : option_of(text.substr(0, equals));
  if (!option.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(ContestName(contest), " has no option '", text, "'"));
  }
  Choice choice{*option, 0};
  const absl::string_view points = text.substr(equals + 1);
  if (points.empty() || !absl::c_all_of(points, absl::ascii_isdigit) ||
      !absl::SimpleAtoi(points, &choice.points)) {
    return absl::InvalidArgumentError(absl::StrCat(ContestName(contest), ", option '",
                                                   text.substr(0, equals), "': '", points,
                                                   "' is no number of points"));
  }
  return choice;
}

// What the answers of a ballot are collected in.
struct Answers {
  Answers(const Manifest& manifest, const Style& of) : style(of) {
    for (uint16_t number : of.contests) {
      contests.push_back(manifest.FindContest(number));
      selections.emplace_back(contests.back()->options.size(), 0);
    }
    blank.assign(contests.size(), false);
    chosen.resize(contests.size());
    for (size_t i = 0; i < contests.size(); ++i) chosen[i].assign(selections[i].size(), false);
  }

  bool Answered(size_t contest) const {
    return std::find(chosen[contest].begin(), chosen[contest].end(), true) != chosen[contest].end();
  }

  absl::Status Take(absl::string_view text) {
    const size_t colon = text.find(':');
    uint32_t number = 0;
    const absl::string_view digits = text.substr(0, std::min(colon, text.size()));
    if (colon == absl::string_view::npos || digits.empty() ||
        !absl::c_all_of(digits, absl::ascii_isdigit) || !absl::SimpleAtoi(digits, &number) ||
        number > UINT16_MAX) {
      return absl::InvalidArgumentError(absl::StrCat("choice '", text,
                                                     "' is not of the form CONTEST:OPTION or "
                                                     "CONTEST:OPTION=POINTS"));
    }
    URNA_ASSIGN_OR_RETURN(const size_t contest, FindContest(style, static_cast<uint16_t>(number)));
    URNA_ASSIGN_OR_RETURN(const Choice choice,
                          ParseOption(*contests[contest], text.substr(colon + 1)));
    if (chosen[contest][choice.option]) {
      return absl::InvalidArgumentError(absl::StrCat(ContestName(*contests[contest]), ", option '",
                                                     contests[contest]->options[choice.option].id,
                                                     "': chosen twice"));
    }
    chosen[contest][choice.option] = true;
    selections[contest][choice.option] = choice.points;
    return absl::OkStatus();
  }

  const Style& style;
  std::vector<const Contest*> contests;
  Selections selections;
  std::vector<bool> blank;
  std::vector<std::vector<bool>> chosen;
};

}  // namespace

absl::StatusOr<Selections> SelectionsFromChoices(const Manifest& manifest, uint16_t style_number,
                                                 const std::vector<std::string>& choices,
                                                 const std::vector<uint16_t>& blanks) {
  const Style* style = manifest.FindStyle(style_number);
  if (style == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("there is no ballot style ", style_number));
  }
  Answers answers(manifest, *style);
  for (const std::string& choice : choices) URNA_RETURN_IF_ERROR(answers.Take(choice));
  for (uint16_t number : blanks) {
    URNA_ASSIGN_OR_RETURN(const size_t contest, FindContest(*style, number));
    answers.blank[contest] = true;
  }
  for (size_t i = 0; i < answers.contests.size(); ++i) {
    const Contest& contest = *answers.contests[i];
    if (answers.blank[i] && answers.Answered(i)) {
      return absl::InvalidArgumentError(
          absl::StrCat(ContestName(contest), ": both blank and chosen"));
    }
    if (answers.blank[i] && contest.sum_min > 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(ContestName(contest), " does not take a blank vote"));
    }
    if (!answers.blank[i] && !answers.Answered(i)) {
      return absl::InvalidArgumentError(
          absl::StrCat(ContestName(contest), ": nothing is chosen",
                       contest.sum_min > 0
                           ? std::string()
                           : absl::StrCat("; say --blank ", contest.number, " if you mean that")));
    }
  }
  URNA_RETURN_IF_ERROR(election::CheckSelections(manifest, style_number, answers.selections));
  return std::move(answers.selections);
}

std::vector<std::string> DescribeSelections(const Manifest& manifest, uint16_t style_number,
                                            const Selections& selections,
                                            absl::string_view language) {
  std::vector<std::string> out;
  const Style* style = manifest.FindStyle(style_number);
  for (size_t i = 0; style != nullptr && i < style->contests.size(); ++i) {
    const Contest& contest = *manifest.FindContest(style->contests[i]);
    std::vector<std::string> names;
    for (size_t o = 0; o < contest.options.size(); ++o) {
      const uint32_t points = selections[i][o];
      if (points == 0) continue;
      const absl::string_view name = PickText(contest.options[o].name, language);
      names.push_back(contest.option_max == 1 ? std::string(name)
                                              : absl::StrCat(name, " (", points, ")"));
    }
    out.push_back(absl::StrCat(contest.number, " '", PickText(contest.title, language),
                               "': ", names.empty() ? "blank" : absl::StrJoin(names, ", ")));
  }
  return out;
}

absl::StatusOr<PabulibVotes> PabulibVotes::Create(const Manifest& manifest, uint16_t style_number,
                                                  const pabulib::File& file) {
  const Style* style = manifest.FindStyle(style_number);
  if (style == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("there is no ballot style ", style_number));
  }
  PabulibVotes out(manifest, style_number);
  for (uint16_t number : style->contests) {
    out.sizes_.push_back(manifest.FindContest(number)->options.size());
  }
  for (const pabulib::Project& project : file.projects) {
    std::optional<std::pair<size_t, size_t>> found;
    for (size_t i = 0; i < style->contests.size(); ++i) {
      const auto option = FindOption(*manifest.FindContest(style->contests[i]), project.id);
      if (!option.has_value()) continue;
      if (found.has_value()) {
        return absl::InvalidArgumentError(
            absl::StrCat("project '", project.id, "' is an option of two contests"));
      }
      found = {i, *option};
    }
    if (!found.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat("project '", project.id, "' at line ",
                                                     project.line, " is no option of ballot style ",
                                                     style_number, " of the poll"));
    }
    out.positions_.push_back(*found);
  }
  URNA_ASSIGN_OR_RETURN(out.limits_.min_length, file.MetaNumber("min_length", 0));
  URNA_ASSIGN_OR_RETURN(out.limits_.max_length, file.MetaNumber("max_length", UINT64_MAX));
  URNA_ASSIGN_OR_RETURN(out.limits_.min_points, file.MetaNumber("min_sum_points", 0));
  URNA_ASSIGN_OR_RETURN(out.limits_.max_points, file.MetaNumber("max_sum_points", UINT64_MAX));
  return out;
}

absl::Status PabulibVotes::CheckLimits(const pabulib::Vote& vote) const {
  const uint64_t length = vote.projects.size();
  if (length < limits_.min_length || length > limits_.max_length) {
    return absl::InvalidArgumentError(absl::StrCat(
        length, " projects are chosen where the file's limits are ", limits_.min_length, " and ",
        limits_.max_length == UINT64_MAX ? "any number" : absl::StrCat(limits_.max_length)));
  }
  if (vote.points.empty()) return absl::OkStatus();
  uint64_t sum = 0;
  for (uint32_t points : vote.points) sum += points;
  if (sum < limits_.min_points || sum > limits_.max_points) {
    return absl::InvalidArgumentError(absl::StrCat(
        sum, " points are given where the file's limits are ", limits_.min_points, " and ",
        limits_.max_points == UINT64_MAX ? "any number" : absl::StrCat(limits_.max_points)));
  }
  return absl::OkStatus();
}

absl::StatusOr<Selections> PabulibVotes::Of(const pabulib::Vote& vote, bool ignore_limits) const {
  Selections out;
  for (size_t size : sizes_) out.emplace_back(size, 0);
  for (size_t i = 0; i < vote.projects.size(); ++i) {
    const auto& [contest, option] = positions_.at(vote.projects[i]);
    out[contest][option] = vote.points.empty() ? 1 : vote.points[i];
  }
  absl::Status status = ignore_limits ? absl::OkStatus() : CheckLimits(vote);
  if (status.ok()) status = election::CheckSelections(*manifest_, style_, out);
  if (!status.ok()) {
    return Annotate(status, absl::StrCat("voter '", vote.voter, "' at line ", vote.line));
  }
  return out;
}

}  // namespace urna::voter
