#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "core/base/version.h"
#include "core/merkle/note.h"
#include "server/checkpoint_files.h"
#include "server/cli/commands.h"
#include "server/data_directory.h"
#include "server/ledger.h"

namespace urna::server {
namespace {

struct Options {
  std::string data;
  bool json = false;
};

// The lines that `info` shows of one log.
absl::StatusOr<nlohmann::json> DescribeLog(const BoardIdentity& identity, const LogInfo& info,
                                           bool published) {
  const absl::StatusOr<merkle::NoteVerifier> key =
      merkle::NoteVerifier::Create(info.origin, identity.log_key);
  if (!key.ok()) return key.status();
  return nlohmann::json{{"origin", info.origin},
                        {"size", info.head.size},
                        {"root", ToHex(info.head.root)},
                        {"vkey", key->vkey()},
                        {"published", published}};
}

absl::StatusOr<nlohmann::json> Describe(const std::string& data) {
  const absl::StatusOr<BoardIdentity> identity = LoadIdentity(data);
  if (!identity.ok()) return identity.status();
  const auto notes = ReadCheckpoints(CheckpointsPath(data));
  if (!notes.ok()) return notes.status();
  LedgerOptions read_only;
  read_only.mode = LedgerMode::kReadOnly;
  const auto ledger = Ledger::Open(LedgerPath(data), read_only);
  if (!ledger.ok()) return ledger.status();
  nlohmann::json logs = nlohmann::json::array();
  for (const LogInfo& info : (*ledger)->Logs()) {
    auto log = DescribeLog(*identity, info, notes->count(info.origin) != 0);
    if (!log.ok()) return log.status();
    logs.push_back(*std::move(log));
  }
  return nlohmann::json{{"board", identity->name},
                        {"log_key", ToHex(identity->log_key.bytes())},
                        {"version", WithVersion("urna-server")},
                        {"logs", std::move(logs)}};
}

int Info(const Options& options) {
  const absl::StatusOr<nlohmann::json> board = Describe(options.data);
  if (!board.ok()) return Fail(board.status());
  if (options.json) {
    std::cout << board->dump(2) << "\n";
    return kDone;
  }
  std::cout << "board:   " << (*board)["board"].get<std::string>() << "\n"
            << "log key: " << (*board)["log_key"].get<std::string>() << "\n";
  for (const nlohmann::json& log : (*board)["logs"]) {
    std::cout << log["origin"].get<std::string>() << ": " << log["size"] << " entries\n  vkey "
              << log["vkey"].get<std::string>() << "\n";
  }
  return kDone;
}

}  // namespace

void AddInfoCommand(CLI::App& app, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* info = app.add_subcommand("info", "what is in a data directory");
  info->add_option("--data", options->data, "the board's data directory")->required();
  info->add_flag("--json", options->json, "machine-readable output");
  info->callback([&run, options] { run = [options] { return Info(*options); }; });
}

}  // namespace urna::server
