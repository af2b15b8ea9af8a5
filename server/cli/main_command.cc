#include <CLI/CLI.hpp>
#include <iostream>

#include "core/base/utf8.h"
#include "core/base/version.h"
#include "core/crypto/sodium_init.h"
#include "server/cli/commands.h"

namespace urna::server {

int Fail(const absl::Status& status) {
  std::cerr << "urna-server: " << Printable(status.message()) << "\n";
  const bool refused = absl::IsFailedPrecondition(status) || absl::IsAlreadyExists(status) ||
                       absl::IsDataLoss(status) || absl::IsPermissionDenied(status) ||
                       absl::IsNotFound(status);
  return refused ? kRefused : kUsage;
}

ProgressOf ShowProgressUnless(bool json) {
  return json ? ProgressOf() : ShowEachProgress(ProgressTo::kTerminalOrFile);
}

int Main(int argc, char** argv) {
  CLI::App app{"Runs a board of verifiable votes and petitions.", "urna-server"};
  app.set_version_flag("--version", WithVersion("urna-server"));
  app.require_subcommand(1);
  Run run;
  AddInitCommand(app, run);
  AddServeCommand(app, run);
  AddExportCommand(app, run);
  AddInfoCommand(app, run);
  AddStatusCommand(app, run);
  AddFsckCommand(app, run);
  AddBackupCommands(app, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  const absl::Status crypto = crypto::InitializeCrypto();
  if (!crypto.ok()) return Fail(crypto);
  return run();
}

}  // namespace urna::server
