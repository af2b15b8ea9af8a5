// backup, restore.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "server/backup.h"
#include "server/cli/commands.h"
#include "server/restore.h"

namespace urna::server {
namespace {

struct BackupOptions {
  std::string data;
  std::string out;
  bool json = false;
};

nlohmann::json ToJson(const std::vector<LogInfo>& logs) {
  nlohmann::json json = nlohmann::json::array();
  for (const LogInfo& log : logs) {
    json.push_back(
        {{"origin", log.origin}, {"size", log.head.size}, {"root", ToHex(log.head.root)}});
  }
  return json;
}

void Print(const std::vector<LogInfo>& logs) {
  for (const LogInfo& log : logs) {
    std::cout << log.origin << ": " << log.head.size << " entries\n";
  }
}

int RunBackup(const BackupOptions& options) {
  const absl::StatusOr<std::vector<LogInfo>> logs =
      Backup(options.data, options.out, ShowProgressUnless(options.json));
  if (!logs.ok()) return Fail(logs.status());
  if (options.json) {
    std::cout << nlohmann::json{{"backup", options.out}, {"logs", ToJson(*logs)}}.dump(2) << "\n";
    return kDone;
  }
  Print(*logs);
  std::cout << "the backup is in " << options.out << "; log.key is not in it: keep that apart\n";
  return kDone;
}

int RunRestore(RestoreOptions options, bool json) {
  options.progress = ShowProgressUnless(json);
  const absl::StatusOr<RestoreReport> report = Restore(options);
  if (!report.ok()) return Fail(report.status());
  if (json) {
    std::cout << nlohmann::json{{"board", report->board.name},
                                {"logs", ToJson(report->logs)},
                                {"kept", report->kept},
                                {"key_missing", report->key_missing},
                                {"new_token", report->new_token}}
                     .dump(2)
              << "\n";
    return kDone;
  }
  Print(report->logs);
  std::cout << "board " << report->board.name << " is in " << options.data << "\n";
  if (!report->kept.empty()) std::cout << "the ledger as it was lies in " << report->kept << "\n";
  if (report->new_token) std::cout << "admin.token was missing: a new one was made\n";
  if (report->key_missing) {
    std::cout << "log.key is missing: put it there from its own copy, with mode 0600\n";
  }
  return kDone;
}

}  // namespace

void AddBackupCommands(CLI::App& app, Run& run) {
  auto backup = std::make_shared<BackupOptions>();
  CLI::App* made =
      app.add_subcommand("backup", "copy a board's logs and checkpoints, also while it serves");
  made->add_option("--data", backup->data, "the board's data directory")->required();
  made->add_option("--out", backup->out, "the directory to make")->required();
  made->add_flag("--json", backup->json, "machine-readable output");
  made->callback([&run, backup] { run = [backup] { return RunBackup(*backup); }; });

  auto restore = std::make_shared<RestoreOptions>();
  auto json = std::make_shared<bool>(false);
  CLI::App* restored = app.add_subcommand(
      "restore",
      "make a data directory of a backup and of mirrors' records; the server must not "
      "run. Refused if more than these have was ever published");
  restored->add_option("--from", restore->backup, "what `backup` made");
  restored->add_option("--record", restore->records,
                       "a record of one of the board's polls, as `urna-verifier fetch` writes it; "
                       "may be given several times");
  restored->add_option("--data", restore->data, "the data directory; what lies in it is kept")
      ->required();
  restored->add_flag("--json", *json, "machine-readable output");
  restored->callback(
      [&run, restore, json] { run = [restore, json] { return RunRestore(*restore, *json); }; });
}

}  // namespace urna::server
