#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_format.h"
#include "core/base/utf8.h"
#include "server/cli/commands.h"
#include "server/status_socket.h"

namespace urna::server {
namespace {

struct Options {
  std::string data;
  bool json = false;
};

double Mean(double sum, uint64_t count) {
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

nlohmann::ordered_json ToJson(const BoardStatus& status) {
  nlohmann::ordered_json json{{"board", status.name},
                              {"version", status.version},
                              {"seconds", status.totals.seconds},
                              {"memory_bytes", status.totals.memory_bytes},
                              {"accepted", status.totals.accepted},
                              {"refused", nlohmann::ordered_json::object()},
                              {"waiting", status.waiting},
                              {"uncommitted", status.uncommitted},
                              {"commits", status.totals.commits},
                              {"committed", status.totals.committed},
                              {"commit_seconds", status.totals.commit_seconds},
                              {"syncs", status.totals.syncs},
                              {"sync_seconds", status.totals.sync_seconds},
                              {"logs", nlohmann::ordered_json::array()}};
  for (const auto& [reason, count] : status.totals.refused) json["refused"][reason] = count;
  for (const LogStatus& log : status.logs) {
    nlohmann::ordered_json one{{"origin", log.origin},
                               {"kind", std::string(record::LogKindName(log.kind))},
                               {"phase", std::string(record::LogPhaseName(log.phase))},
                               {"entries", log.entries}};
    if (status.has_quorum) {
      one["final_entries"] = log.final_entries;
      one["behind_seconds"] = log.behind_seconds;
    }
    json["logs"].push_back(std::move(one));
  }
  if (status.witnesses.empty()) return json;
  json["witnesses"] = nlohmann::ordered_json::array();
  for (const WitnessStatus::Witness& witness : status.witnesses) {
    json["witnesses"].push_back(
        {{"name", witness.name}, {"away", witness.away}, {"sentence", witness.sentence}});
  }
  json["alarm"] = status.alarm;
  return json;
}

void PrintTable(const BoardStatus& status) {
  const auto line = [](absl::string_view name, const std::string& value) {
    std::cout << absl::StreamFormat("%-22s %s\n", Printable(name), Printable(value));
  };
  const Metrics::Totals& totals = status.totals;
  line("board", status.name);
  line("version", status.version);
  line("up for", absl::StrFormat("%d:%02d:%02d", totals.seconds / 3600, totals.seconds / 60 % 60,
                                 totals.seconds % 60));
  line("memory", absl::StrFormat("%d MiB", totals.memory_bytes >> 20));
  line("accepted", absl::StrFormat("%d", totals.accepted));
  for (const auto& [reason, count] : totals.refused) {
    line("refused, " + reason, absl::StrFormat("%d", count));
  }
  line("waiting", absl::StrFormat("%d for verification, %d for the committer", status.waiting,
                                  status.uncommitted));
  line("synced writes",
       absl::StrFormat("%d, of %.1f entries and %.1f ms on average", totals.commits,
                       Mean(static_cast<double>(totals.committed), totals.commits),
                       1000 * Mean(totals.commit_seconds, totals.commits)));
  line("syncs of the ledger", absl::StrFormat("%d, of %.1f ms on average", totals.syncs,
                                              1000 * Mean(totals.sync_seconds, totals.syncs)));
  if (!status.alarm.empty()) line("ALARM", status.alarm);
  for (const WitnessStatus::Witness& witness : status.witnesses) {
    line("witness " + witness.name, witness.away ? "away: " + witness.sentence : "cosigns");
  }
  for (const LogStatus& log : status.logs) {
    std::string words = absl::StrFormat("%s, %s, %d entries", record::LogKindName(log.kind),
                                        record::LogPhaseName(log.phase), log.entries);
    if (status.has_quorum) {
      absl::StrAppendFormat(&words, ", %d of them final", log.final_entries);
      if (log.final_entries < log.entries) {
        absl::StrAppendFormat(&words, ", no more for %d s", log.behind_seconds);
      }
    }
    line(log.origin, words);
  }
}

int ShowStatus(const Options& options) {
  const absl::StatusOr<BoardStatus> status = AskStatus(StatusSocketPath(options.data));
  if (absl::IsUnavailable(status.status()) || absl::IsDeadlineExceeded(status.status())) {
    Fail(status.status());
    return kNotRun;
  }
  if (!status.ok()) return Fail(status.status());
  if (options.json) {
    std::cout << ToJson(*status).dump(2) << "\n";
  } else {
    PrintTable(*status);
  }
  return kDone;
}

}  // namespace

void AddStatusCommand(CLI::App& app, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* status = app.add_subcommand(
      "status", "how the board that serves from a data directory is doing; exit 2 if none answers");
  status->add_option("--data", options->data, "the board's data directory")->required();
  status->add_flag("--json", options->json, "machine-readable output");
  status->callback([&run, options] { run = [options] { return ShowStatus(*options); }; });
}

}  // namespace urna::server
