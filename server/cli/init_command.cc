#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "core/crypto/rng.h"
#include "server/cli/commands.h"
#include "server/data_directory.h"

namespace urna::server {
namespace {

struct Options {
  std::string data;
  std::string board;
  bool json = false;
};

int Init(const Options& options) {
  crypto::SystemRng rng;
  const absl::StatusOr<BoardIdentity> identity = InitializeBoard(options.data, options.board, rng);
  if (!identity.ok()) return Fail(identity.status());
  const std::string key = ToHex(identity->log_key.bytes());
  if (options.json) {
    std::cout << nlohmann::json{{"board", identity->name},
                                {"log_key", key},
                                {"log_key_file", LogKeyPath(options.data)},
                                {"admin_token_file", TokenPath(options.data)}}
                     .dump(2)
              << "\n";
  } else {
    std::cout << "board:            " << identity->name << "\n"
              << "log key:          " << key << "\n"
              << "secret key:       " << LogKeyPath(options.data) << " (keep it and a copy)\n"
              << "admin token file: " << TokenPath(options.data) << "\n";
  }
  return kDone;
}

}  // namespace

void AddInitCommand(CLI::App& app, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* init = app.add_subcommand("init", "make a new board: key, token, empty ledger");
  init->add_option("--data", options->data, "the directory to make it in")->required();
  init->add_option("--board", options->board, "its name; every origin begins with it")->required();
  init->add_flag("--json", options->json, "machine-readable output");
  init->callback([&run, options] { run = [options] { return Init(*options); }; });
}

}  // namespace urna::server
