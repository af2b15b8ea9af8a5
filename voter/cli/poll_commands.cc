// polls, show.
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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

std::string RuleText(const election::Contest& contest) {
  switch (contest.rule) {
    case election::Rule::kOneOfN:
      return contest.sum_min == 0 ? "choose one, or none" : "choose one";
    case election::Rule::kKOfN:
      return contest.sum_min == contest.sum_max
                 ? absl::StrCat("choose ", contest.sum_min)
                 : absl::StrCat("choose ", contest.sum_min, " to ", contest.sum_max);
    case election::Rule::kScore:
      return absl::StrCat("give each 0 to ", contest.option_max, " points, ", contest.sum_min,
                          " to ", contest.sum_max, " in all");
  }
  return "";
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
  for (const election::Contest& contest : manifest.contests) {
    Json options = Json::array();
    for (const election::Option& option : contest.options) {
      options.push_back({{"id", option.id}, {"name", TextsJson(option.name)}});
    }
    json["contests"].push_back({{"number", contest.number},
                                {"title", TextsJson(contest.title)},
                                {"option_max", contest.option_max},
                                {"sum_min", contest.sum_min},
                                {"sum_max", contest.sum_max},
                                {"options", options}});
  }
  return json;
}

void PrintElection(const election::Manifest& manifest, absl::string_view language) {
  for (const election::Contest& contest : manifest.contests) {
    PrintLine("");
    PrintLine(absl::StrCat("Contest ", contest.number, ": ", PickText(contest.title, language)));
    PrintLine(absl::StrCat("  (", RuleText(contest), ")"));
    for (const election::Option& option : contest.options) {
      PrintLine(absl::StrCat("  ", contest.number, ":", option.id, "  ",
                             PickText(option.name, language)));
    }
  }
  if (manifest.styles.size() > 1) {
    PrintLine("\nWhich contests are on your ballot depends on your district:");
    for (const election::District& district : manifest.districts) {
      PrintLine(absl::StrCat("  ", PickText(district.name, language), ": contests ",
                             absl::StrJoin(manifest.FindStyle(district.style)->contests, ", ")));
    }
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
    PrintLine(PickText(poll.petition()->text, language));
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
