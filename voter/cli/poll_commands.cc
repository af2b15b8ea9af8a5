// polls, show.
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/base/status.h"
#include "voter/cli/commands.h"

namespace urna::voter {
namespace {

struct ListOptions {
  console::BoardOptions board;
  OutputOptions output;
};

absl::Status ListPolls(const ListOptions& options) {
  URNA_ASSIGN_OR_RETURN(remote::BoardClient client, options.board.Connect());
  URNA_ASSIGN_OR_RETURN(const std::vector<remote::PollSummary> polls, client.ListPolls());
  Json list = Json::array();
  for (const remote::PollSummary& poll : polls) {
    if (options.output.json) {
      list.push_back({{"origin", poll.origin},
                      {"kind", std::string(remote::LogKindName(poll.kind))},
                      {"phase", std::string(remote::LogPhaseName(poll.phase))},
                      {"title", TextsJson(poll.title)},
                      {"opens", poll.schedule.opens},
                      {"closes", poll.schedule.closes},
                      {"poll_id", ToHex(poll.id)}});
      continue;
    }
    PrintLine(absl::StrCat(poll.origin, "  (", remote::LogKindName(poll.kind), ", ",
                           remote::LogPhaseName(poll.phase), ")"));
    PrintLine(absl::StrCat("    ", PickText(poll.title, options.output.language)));
    PrintLine(absl::StrCat("    ", TimeText(poll.schedule.opens), " to ",
                           TimeText(poll.schedule.closes)));
  }
  if (options.output.json) {
    Print(list);
  } else if (polls.empty()) {
    PrintLine("There are no polls on this board.");
  }
  return absl::OkStatus();
}

struct ShowOptions {
  console::BoardOptions board;
  PollOptions poll;
  OutputOptions output;
};

// "3", "1 to 3", "any number".
std::string RangeText(uint64_t least, uint64_t most) {
  return least == most ? absl::StrCat(least) : absl::StrCat(least, " to ", most);
}

std::string RuleText(const election::Contest& contest) {
  std::string out;
  switch (contest.rule) {
    case election::Rule::kOneOfN:
      out = contest.sum_min == 0 ? "choose one, or none" : "choose one";
      break;
    case election::Rule::kKOfN:
      out = absl::StrCat("choose ", RangeText(contest.sum_min, contest.sum_max));
      break;
    case election::Rule::kScore:
      out = absl::StrCat("give each 0 to ", contest.option_max, " points, ",
                         RangeText(contest.sum_min, contest.sum_max), " in all");
      break;
    case election::Rule::kLists:
      out = absl::StrCat(
          "choose one list; ", RangeText(contest.sum_min, contest.sum_max),
          contest.option_max == 1
              ? std::string(" of its candidates")
              : absl::StrCat(" points for its candidates, each 0 to ", contest.option_max));
      break;
  }
  if (contest.blank) absl::StrAppend(&out, "; or blank");
  return out;
}

std::string LimitText(const election::Contest& contest, const election::Limit& limit,
                      absl::string_view language) {
  std::string bounds = limit.at_least == 0 ? absl::StrCat("at most ", limit.at_most)
                                           : absl::StrCat(RangeText(limit.at_least, limit.at_most));
  std::string of = "all options";
  if (limit.options.size() < contest.options.size()) {
    of = absl::StrJoin(limit.options, ", ", [&](std::string* out, uint16_t option) {
      absl::StrAppend(out, contest.options[option].id);
    });
  }
  const bool cost = limit.measure == election::Limit::Measure::kCost;
  return absl::StrCat(PickText(limit.name, language), ": ", cost ? "cost " : "number ", bounds,
                      " (", of, ")");
}

Json ContestJson(const election::Contest& contest) {
  Json options = Json::array();
  for (const election::Option& option : contest.options) {
    Json one{{"id", option.id}, {"name", TextsJson(option.name)}, {"cost", option.cost}};
    if (!contest.lists.empty()) one["list"] = contest.lists[option.list].id;
    options.push_back(one);
  }
  Json lists = Json::array();
  for (const election::List& list : contest.lists) {
    lists.push_back({{"id", list.id}, {"name", TextsJson(list.name)}});
  }
  Json limits = Json::array();
  for (const election::Limit& limit : contest.limits) {
    Json ids = Json::array();
    for (uint16_t option : limit.options) ids.push_back(contest.options[option].id);
    const bool cost = limit.measure == election::Limit::Measure::kCost;
    limits.push_back({{"name", TextsJson(limit.name)},
                      {"measure", cost ? "cost" : "number"},
                      {"at_least", limit.at_least},
                      {"at_most", limit.at_most},
                      {"options", ids}});
  }
  return {{"number", contest.number},
          {"title", TextsJson(contest.title)},
          {"rule", static_cast<int>(contest.rule)},
          {"option_max", contest.option_max},
          {"sum_min", contest.sum_min},
          {"sum_max", contest.sum_max},
          {"blank", contest.blank},
          {"options", options},
          {"lists", lists},
          {"limits", limits}};
}

Json ElectionJson(const election::Manifest& manifest) {
  Json json;
  for (const election::District& district : manifest.districts) {
    json["districts"].push_back({{"number", district.number},
                                 {"name", TextsJson(district.name)},
                                 {"style", district.style}});
  }
  for (const election::Style& style : manifest.styles) {
    json["styles"].push_back({{"number", style.number}, {"contests", style.contests}});
  }
  json["challenges"] = manifest.challenges;
  for (const election::Contest& contest : manifest.contests) {
    json["contests"].push_back(ContestJson(contest));
  }
  return json;
}

void PrintOption(const election::Contest& contest, const election::Option& option,
                 absl::string_view indent, absl::string_view language) {
  PrintLine(absl::StrCat(indent, contest.number, ":", option.id, "  ",
                         PickText(option.name, language),
                         option.cost == 0 ? "" : absl::StrCat("  (cost ", option.cost, ")")));
}

void PrintContest(const election::Contest& contest, absl::string_view language) {
  PrintLine("");
  PrintLine(absl::StrCat("Contest ", contest.number, ": ", PickText(contest.title, language)));
  PrintLine(absl::StrCat("  (", RuleText(contest), ")"));
  if (contest.lists.empty()) {
    for (const election::Option& option : contest.options) {
      PrintOption(contest, option, "  ", language);
    }
  }
  for (size_t list = 0; list < contest.lists.size(); ++list) {
    PrintLine(absl::StrCat("  ", contest.number, ":", contest.lists[list].id, "  ",
                           PickText(contest.lists[list].name, language)));
    for (const election::Option& option : contest.options) {
      if (option.list == list) PrintOption(contest, option, "      ", language);
    }
  }
  if (contest.blank) PrintLine(absl::StrCat("  ", contest.number, ":blank"));
  for (const election::Limit& limit : contest.limits) {
    PrintLine(absl::StrCat("  limit ", LimitText(contest, limit, language)));
  }
}

void PrintElection(const election::Manifest& manifest, absl::string_view language) {
  for (const election::Contest& contest : manifest.contests) PrintContest(contest, language);
  if (manifest.styles.size() > 1) {
    PrintLine("");
    PrintLine("Which contests are on your ballot depends on your district:");
    for (const election::District& district : manifest.districts) {
      PrintLine(absl::StrCat("  ", PickText(district.name, language), ": contests ",
                             absl::StrJoin(manifest.FindStyle(district.style)->contests, ", ")));
    }
  }
  if (manifest.challenges > 0) {
    PrintLine("");
    PrintLine(absl::StrCat("You may challenge ", manifest.challenges,
                           manifest.challenges == 1 ? " sealed ballot" : " sealed ballots",
                           " to see what your device encrypts (urna-voter seal)."));
  }
}

absl::Status ShowPoll(const ShowOptions& options) {
  URNA_ASSIGN_OR_RETURN(const std::unique_ptr<Board> board, ConnectBoard(options.board));
  URNA_ASSIGN_OR_RETURN(ReadOptions read, options.poll.Read());
  read.roll = false;
  URNA_ASSIGN_OR_RETURN(const PollView poll, ReadPoll(*board, options.poll.poll, read));
  if (options.output.json) {
    Json json{{"origin", poll.origin},
              {"poll_id", ToHex(poll.poll_id)},
              {"log_key", poll.log.vkey()},
              {"kind", poll.election() != nullptr ? "election" : "petition"},
              {"phase", std::string(remote::LogPhaseName(poll.phase))},
              {"entries", poll.checkpoint.checkpoint.size()},
              {"title", TextsJson(poll.title())},
              {"opens", poll.schedule().opens},
              {"closes", poll.schedule().closes}};
    if (poll.pin.has_value()) json["roll_id"] = ToHex(poll.pin->roll_id);
    if (poll.election() != nullptr) {
      json.update(ElectionJson(*poll.election()));
    } else {
      json["text"] = TextsJson(poll.petition()->text);
      json["thresholds"] = poll.petition()->thresholds;
      if (poll.life.has_value()) json["state"] = std::string(petition::PhaseWord(*poll.life));
    }
    Print(json);
    return absl::OkStatus();
  }
  const std::string& language = options.output.language;
  PrintLine(PickText(poll.title(), language));
  PrintLine(absl::StrCat(poll.origin, ", ", poll.election() != nullptr ? "election" : "petition",
                         ", ", remote::LogPhaseName(poll.phase)));
  PrintLine(
      absl::StrCat(TimeText(poll.schedule().opens), " to ", TimeText(poll.schedule().closes)));
  PrintLine(absl::StrCat("Poll id ", ToHex(poll.poll_id)));
  if (poll.election() != nullptr) {
    PrintElection(*poll.election(), language);
  } else {
    PrintLine("");
    for (absl::string_view line : absl::StrSplit(PickText(poll.petition()->text, language), '\n')) {
      PrintLine(line);
    }
  }
  return absl::OkStatus();
}

}  // namespace

void AddPollCommands(CLI::App& app, Run& run) {
  auto list = std::make_shared<ListOptions>();
  CLI::App* polls = app.add_subcommand("polls", "The elections and petitions of a board");
  list->board.AddTo(*polls, true);
  list->output.AddTo(*polls, true);
  polls->callback([&run, list] { run = [list] { return ListPolls(*list); }; });

  auto show = std::make_shared<ShowOptions>();
  CLI::App* shown = app.add_subcommand(
      "show", "One poll: its contests with the options to choose, or its text; verified");
  show->board.AddTo(*shown, true);
  show->poll.AddTo(*shown);
  show->output.AddTo(*shown, true);
  shown->callback([&run, show] { run = [show] { return ShowPoll(*show); }; });
}

}  // namespace urna::voter
