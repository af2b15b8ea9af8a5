// urna-tally: the tool of officers, registrars and trustees.
#include <CLI/CLI.hpp>
#include <iostream>

#include "core/base/clock.h"
#include "core/base/memory.h"
#include "core/base/version.h"
#include "core/console/console.h"
#include "core/crypto/rng.h"
#include "core/crypto/sodium_init.h"
#include "core/crypto/vartime/engine.h"
#include "tally/commands.h"

namespace urna::tally {
namespace {

int Main(int argc, char** argv) {
  if (absl::Status status = crypto::InitializeCrypto(); !status.ok()) {
    return console::Finish("urna-tally", status);
  }
  CLI::App app(
      "urna-tally: keys, rolls, manifests, orders and counts of Urna's elections and petitions.\n"
      "Exit status: 0 done, 1 refused, 2 could not be carried out, 3 usage, input or output.");
  app.name("urna-tally");
  app.set_version_flag("--version", WithVersion("urna-tally"));
  app.require_subcommand(1);
  app.fallthrough();
  crypto::SystemRng rng;
  const SystemClock clock;
  Context context{rng, clock};
  app.add_flag("--json", context.json, "Answer as JSON on standard output");
  app.add_flag("--progress", context.progress, "Lines of progress even without a terminal");
  app.add_option("--threads", context.threads, "Threads; 0: one a core")->capture_default_str();
  std::string engine;
  app.add_option("--engine", engine, crypto::vartime::EngineOptionHelp());
  app.add_option("--language", context.language, "Language of titles and names")
      ->capture_default_str();

  Commands commands(app, context);
  AddKeyCommands(commands);
  AddRollCommands(commands);
  AddManifestCommands(commands);
  AddOrderCommands(commands);
  AddPetitionCommands(commands);
  AddTrusteeCommands(commands);
  AddPollCommands(commands);
  AddPabulibCommands(commands);
  AddCertificateCommands(commands);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : console::kUsage;
  }
  if (absl::Status status = crypto::vartime::SelectEngine(engine); !status.ok()) {
    return console::Finish("urna-tally", status);
  }
  return console::Finish("urna-tally", commands.Run());
}

}  // namespace
}  // namespace urna::tally

int main(int argc, char** argv) {
  urna::KeepFreedMemory();
  return urna::tally::Main(argc, argv);
}
