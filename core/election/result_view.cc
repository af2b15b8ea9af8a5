#include "core/election/result_view.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "core/base/utf8.h"

namespace urna::election {
namespace {

std::string Named(const LocalizedTexts& name, absl::string_view language) {
  return Printable(PickText(name, language));
}

// "Anna, Bo" of positions in a list of things with names; "nobody" for none.
template <typename Things>
std::string Names(const std::vector<uint16_t>& positions, const Things& things,
                  absl::string_view language, absl::string_view none) {
  if (positions.empty()) return std::string(none);
  return absl::StrJoin(positions, ", ", [&](std::string* out, uint16_t i) {
    absl::StrAppend(out, i < things.size() ? Named(things[i].name, language) : absl::StrCat(i));
  });
}

std::string Describe(const NoResultRule&, const Contest&, const poll::Outcome&, absl::string_view) {
  return "";
}

std::string Describe(const MostVotes& rule, const Contest& contest, const poll::Outcome& outcome,
                     absl::string_view language) {
  std::string out =
      absl::StrCat("elected: ", Names(outcome.winners, contest.options, language, "nobody"));
  if (!outcome.tied.empty()) {
    const size_t open = rule.seats - std::min<size_t>(rule.seats, outcome.winners.size());
    absl::StrAppend(&out, "; ", open, open == 1 ? " seat is" : " seats are", " left open among ",
                    Names(outcome.tied, contest.options, language, ""));
  }
  return out;
}

std::string Describe(const ListSeats&, const Contest& contest, const poll::Outcome& outcome,
                     absl::string_view language) {
  std::vector<std::string> seats;
  for (size_t i = 0; i < contest.lists.size() && i < outcome.seats.size(); ++i) {
    seats.push_back(absl::StrCat(Named(contest.lists[i].name, language), " ", outcome.seats[i]));
  }
  return absl::StrCat("seats: ", absl::StrJoin(seats, ", "),
                      "; elected: ", Names(outcome.winners, contest.options, language, "nobody"));
}

std::string Describe(const GreedyBudget& rule, const Contest& contest, const poll::Outcome& outcome,
                     absl::string_view language) {
  uint64_t cost = 0;
  for (uint16_t i : outcome.winners)
    cost += i < contest.options.size() ? contest.options[i].cost : 0;
  return absl::StrCat("funded: ", Names(outcome.winners, contest.options, language, "nothing"),
                      " (", cost, " of ", rule.budget, ")");
}

std::string Describe(const YesNo&, const Contest&, const poll::Outcome& outcome,
                     absl::string_view) {
  return outcome.winners == std::vector<uint16_t>{0} ? "accepted" : "not accepted";
}

// "(4 ballots)", "(4 ballots of the weight 7)"
std::string Size(uint64_t ballots, uint64_t weight) {
  return absl::StrCat(" (", ballots, ballots == 1 ? " ballot" : " ballots",
                      weight == ballots ? "" : absl::StrCat(" of the weight ", weight), ")\n");
}

void AppendTotals(const Contest& contest, const std::vector<uint64_t>& totals,
                  absl::string_view indent, absl::string_view language, std::string& text) {
  const auto line = [&](uint64_t total, const std::string& name) {
    absl::StrAppendFormat(&text, "%s%10d  %s\n", indent, total, name);
  };
  size_t cell = 0;
  for (const Option& option : contest.options) line(totals[cell++], Named(option.name, language));
  for (const List& list : contest.lists) {
    line(totals[cell++], absl::StrCat("list ", Named(list.name, language)));
  }
  if (contest.blank) line(totals[cell], "blank");
}

std::string DistrictNames(const Manifest& manifest, const std::vector<uint16_t>& districts,
                          absl::string_view language) {
  return absl::StrJoin(districts, ", ", [&](std::string* out, uint16_t number) {
    const District* district = manifest.FindDistrict(number);
    absl::StrAppend(out, district == nullptr ? absl::StrCat("district ", number)
                                             : Named(district->name, language));
  });
}

}  // namespace

std::vector<ContestResult> ResultsOf(const ElectionState& state) {
  std::vector<ContestResult> out;
  if (!state.published().has_value() || !state.summed().has_value()) return out;
  const std::vector<poll::Part>& parts = state.summed()->sum.parts;
  for (const poll::PartTotals& totals : state.published()->results) {
    if (totals.part >= parts.size()) continue;
    const poll::Part& part = parts[totals.part];
    const Contest* contest = state.manifest().FindContest(part.contest);
    if (contest == nullptr || contest->CountedCells() != totals.totals.size()) continue;
    auto at = std::find_if(out.begin(), out.end(),
                           [&](const ContestResult& one) { return one.contest == contest; });
    if (at == out.end()) {
      at = out.emplace(out.end());
      at->contest = contest;
      at->totals.assign(totals.totals.size(), 0);
    }
    at->parts.push_back({&part, &totals.totals});
    at->ballots += part.ballots;
    at->weight += part.weight;
    for (size_t i = 0; i < totals.totals.size(); ++i) at->totals[i] += totals.totals[i];
  }
  for (ContestResult& one : out) {
    for (const poll::Outcome& outcome : state.published()->outcomes) {
      if (outcome.contest == one.contest->number) one.outcome = &outcome;
    }
  }
  return out;
}

std::vector<const Contest*> NotDecrypted(const ElectionState& state) {
  std::vector<const Contest*> out;
  if (!state.summed().has_value()) return out;
  const std::vector<poll::Part>& parts = state.summed()->sum.parts;
  for (const Contest& contest : state.manifest().contests) {
    const bool decrypted = std::any_of(parts.begin(), parts.end(), [&](const poll::Part& part) {
      return part.contest == contest.number;
    });
    if (!decrypted) out.push_back(&contest);
  }
  return out;
}

std::string OutcomeText(const Contest& contest, const poll::Outcome& outcome,
                        absl::string_view language) {
  return std::visit([&](const auto& rule) { return Describe(rule, contest, outcome, language); },
                    contest.result);
}

std::string ResultText(const ElectionState& state, absl::string_view language) {
  std::string text;
  if (!state.published().has_value()) return text;
  for (const ContestResult& one : ResultsOf(state)) {
    absl::StrAppend(&text, "\n", Named(one.contest->title, language),
                    Size(one.ballots, one.weight));
    AppendTotals(*one.contest, one.totals, "", language, text);
    for (const ContestResult::OfPart& of : one.parts) {
      if (one.parts.size() == 1) break;
      absl::StrAppend(&text, "  ", DistrictNames(state.manifest(), of.part->districts, language),
                      Size(of.part->ballots, of.part->weight));
      AppendTotals(*one.contest, *of.totals, "  ", language, text);
    }
    if (one.outcome == nullptr) continue;
    const std::string outcome = OutcomeText(*one.contest, *one.outcome, language);
    if (!outcome.empty()) absl::StrAppend(&text, "  ", outcome, "\n");
  }
  for (const Contest* contest : NotDecrypted(state)) {
    absl::StrAppend(&text, "\n", Named(contest->title, language),
                    ": not decrypted, too few ballots for the manifest's minimum of ",
                    state.manifest().minimum_ballots, "\n");
  }
  return text;
}

}  // namespace urna::election
