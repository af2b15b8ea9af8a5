#include "voter/selections.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
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

std::optional<size_t> FindList(const Contest& contest, absl::string_view id) {
  for (size_t i = 0; i < contest.lists.size(); ++i) {
    if (contest.lists[i].id == id) return i;
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

// What one answer says: a counted cell (§7.1) and what it gets.
struct Choice {
  size_t cell = 0;
  uint32_t points = 1;
};

// Whether an option's points have to be said.
bool NeedsPoints(const Contest& contest) {
  return contest.rule == election::Rule::kScore ||
         (contest.rule == election::Rule::kLists && contest.option_max > 1);
}

size_t ListCell(const Contest& contest, size_t list) { return contest.options.size() + list; }
size_t BlankCell(const Contest& contest) { return contest.CountedCells() - 1; }

// The cell that a whole text names: an option, a list or 'blank'; nothing if it names none.
absl::StatusOr<std::optional<size_t>> FindCell(const Contest& contest, absl::string_view text) {
  const auto option = FindOption(contest, text);
  const auto list = FindList(contest, text);
  if (option.has_value() && list.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        ContestName(contest), " has an option and a list '", text, "': write '", contest.number,
        ":option:", text, "' or '", contest.number, ":list:", text, "'"));
  }
  if (option.has_value()) return option;
  if (list.has_value()) return ListCell(contest, *list);
  if (contest.blank && text == "blank") return BlankCell(contest);
  absl::string_view id = text;
  if (absl::ConsumePrefix(&id, "option:")) return FindOption(contest, id);
  if (absl::ConsumePrefix(&id, "list:")) {
    const auto named = FindList(contest, id);
    if (named.has_value()) return ListCell(contest, *named);
  }
  return std::optional<size_t>();
}

absl::StatusOr<Choice> ParseChoice(const Contest& contest, absl::string_view text) {
  URNA_ASSIGN_OR_RETURN(const std::optional<size_t> whole, FindCell(contest, text));
  if (whole.has_value()) {
    if (*whole < contest.options.size() && NeedsPoints(contest)) {
      return absl::InvalidArgumentError(absl::StrCat(ContestName(contest), ", option '", text,
                                                     "': say how many points it gets, as '",
                                                     contest.number, ":", text, "=1'"));
    }
    return Choice{*whole, 1};
  }
  const size_t equals = text.rfind('=');
  std::optional<size_t> option;
  if (equals != absl::string_view::npos) {
    URNA_ASSIGN_OR_RETURN(option, FindCell(contest, text.substr(0, equals)));
  }
  if (!option.has_value() || *option >= contest.options.size()) {
    return absl::InvalidArgumentError(absl::StrCat(ContestName(contest), " has no option ",
                                                   contest.lists.empty() ? "" : "or list ", "'",
                                                   text, "'"));
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

// Who names candidates has chosen their list too, unless a list was named.
void ImplyList(const Contest& contest, std::vector<uint32_t>& selections) {
  if (contest.lists.empty()) return;
  for (size_t list = 0; list < contest.lists.size(); ++list) {
    if (selections[ListCell(contest, list)] > 0) return;
  }
  for (size_t i = 0; i < contest.options.size(); ++i) {
    if (selections[i] > 0) selections[ListCell(contest, contest.options[i].list)] = 1;
  }
}

// What the answers of a ballot are collected in.
struct Answers {
  Answers(const Manifest& manifest, const Style& of) : style(of) {
    for (uint16_t number : of.contests) {
      contests.push_back(manifest.FindContest(number));
      selections.emplace_back(contests.back()->CountedCells(), 0);
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
                                                     "' is not of the form CONTEST:OPTION, "
                                                     "CONTEST:LIST or CONTEST:OPTION=POINTS"));
    }
    URNA_ASSIGN_OR_RETURN(const size_t at, FindContest(style, static_cast<uint16_t>(number)));
    const Contest& contest = *contests[at];
    URNA_ASSIGN_OR_RETURN(const Choice choice, ParseChoice(contest, text.substr(colon + 1)));
    if (contest.blank && choice.cell == BlankCell(contest)) {
      blank[at] = true;
      return absl::OkStatus();
    }
    if (chosen[at][choice.cell]) {
      return absl::InvalidArgumentError(
          absl::StrCat(ContestName(contest), ", '", text.substr(colon + 1), "': chosen twice"));
    }
    chosen[at][choice.cell] = true;
    selections[at][choice.cell] = choice.points;
    return absl::OkStatus();
  }

  // What is missing or contradicts itself; a blank vote's cell, a candidate's list.
  absl::Status Complete(size_t at) {
    const Contest& contest = *contests[at];
    const bool may_be_empty =
        contest.blank || (contest.sum_min == 0 && contest.rule != election::Rule::kLists);
    if (blank[at] && Answered(at)) {
      return absl::InvalidArgumentError(
          absl::StrCat(ContestName(contest), ": both blank and chosen"));
    }
    if (blank[at] && !may_be_empty) {
      return absl::InvalidArgumentError(
          absl::StrCat(ContestName(contest), " does not take a blank vote"));
    }
    if (!blank[at] && !Answered(at)) {
      return absl::InvalidArgumentError(absl::StrCat(
          ContestName(contest), ": nothing is chosen",
          may_be_empty ? absl::StrCat("; say --blank ", contest.number, " if you mean that")
                       : std::string()));
    }
    if (blank[at] && contest.blank) selections[at][BlankCell(contest)] = 1;
    ImplyList(contest, selections[at]);
    return absl::OkStatus();
  }

  const Style& style;
  std::vector<const Contest*> contests;
  Selections selections;
  std::vector<bool> blank;
  std::vector<std::vector<bool>> chosen;
};

// "Park, Library", "Park (2), Library (1)", "list Greens: Anna, Bo", "blank", "nothing".
std::string DescribeContest(const Contest& contest, const std::vector<uint32_t>& selections,
                            absl::string_view language) {
  std::vector<std::string> lists, options;
  for (size_t i = 0; i < contest.lists.size(); ++i) {
    if (selections[ListCell(contest, i)] == 0) continue;
    lists.push_back(absl::StrCat("list ", PickText(contest.lists[i].name, language)));
  }
  for (size_t i = 0; i < contest.options.size(); ++i) {
    if (selections[i] == 0) continue;
    const absl::string_view name = PickText(contest.options[i].name, language);
    options.push_back(contest.option_max == 1 && selections[i] == 1
                          ? std::string(name)
                          : absl::StrCat(name, " (", selections[i], ")"));
  }
  std::string out = absl::StrJoin(lists, ", ");
  if (!options.empty()) {
    absl::StrAppend(&out, out.empty() ? "" : ": ", absl::StrJoin(options, ", "));
  }
  if (contest.blank && selections[BlankCell(contest)] > 0) {
    absl::StrAppend(&out, out.empty() ? "" : ", and ", "blank");
  }
  return out.empty() ? contest.blank ? "nothing" : "blank" : out;
}

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
    URNA_RETURN_IF_ERROR(answers.Complete(i));
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
    out.push_back(absl::StrCat(contest.number, " '", PickText(contest.title, language),
                               "': ", DescribeContest(contest, selections[i], language)));
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
    out.contests_.push_back(manifest.FindContest(number));
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
  return out;
}

absl::StatusOr<Selections> PabulibVotes::Of(const pabulib::Vote& vote) const {
  Selections out;
  for (const Contest* contest : contests_) out.emplace_back(contest->CountedCells(), 0);
  for (size_t i = 0; i < vote.projects.size(); ++i) {
    const auto& [contest, option] = positions_.at(vote.projects[i]);
    out[contest][option] = vote.points.empty() ? 1 : vote.points[i];
  }
  for (size_t i = 0; i < contests_.size(); ++i) {
    const Contest& contest = *contests_[i];
    ImplyList(contest, out[i]);
    if (contest.blank && absl::c_all_of(out[i], [](uint32_t x) { return x == 0; })) {
      out[i][BlankCell(contest)] = 1;
    }
  }
  const absl::Status status = election::CheckSelections(*manifest_, style_, out);
  if (!status.ok()) {
    return Annotate(status, absl::StrCat("voter '", vote.voter, "' at line ", vote.line));
  }
  return out;
}

}  // namespace urna::voter
