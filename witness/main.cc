// urna-witness: a witness of transparency logs, ours and any other that speaks C2SP's tlog-witness.
// It cosigns a log's checkpoint only if that continues what it has cosigned before.
#include <CLI/CLI.hpp>
#include <csignal>
#include <functional>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/utf8.h"
#include "core/base/version.h"
#include "core/crypto/rng.h"
#include "core/crypto/sodium_init.h"
#include "witness/directory.h"
#include "witness/http_server.h"
#include "witness/witness.h"

namespace urna::witness {
namespace {

enum ExitStatus : int { kDone = 0, kRefused = 1, kUsage = 3 };

using Run = std::function<int()>;

struct Options {
  std::string directory;
  std::string name;
  std::string logs;
  bool json = false;
  HttpOptions http;
};

// Prints the sentence; the exit status that goes with it.
int Fail(const absl::Status& status) {
  std::cerr << "urna-witness: " << Printable(status.message()) << "\n";
  const bool refused = absl::IsFailedPrecondition(status) || absl::IsAlreadyExists(status) ||
                       absl::IsDataLoss(status) || absl::IsNotFound(status);
  return refused ? kRefused : kUsage;
}

// The log lines that count: the directory's, or those of another policy.
std::string LogsOf(const Options& options) {
  return options.logs.empty() ? LogsPath(options.directory) : options.logs;
}

int Init(const Options& options) {
  crypto::SystemRng rng;
  const auto verifier = InitializeWitness(options.directory, options.name, rng);
  if (!verifier.ok()) return Fail(verifier.status());
  if (options.json) {
    std::cout << nlohmann::json{{"name", verifier->name()},
                                {"vkey", verifier->vkey()},
                                {"key_file", KeyPath(options.directory)},
                                {"logs_file", LogsPath(options.directory)}}
                     .dump(2)
              << "\n";
  } else {
    std::cout << "vkey:       " << verifier->vkey() << "\n"
              << "secret key: " << KeyPath(options.directory) << "\n"
              << "put the logs to watch into " << LogsPath(options.directory) << "\n";
  }
  return kDone;
}

// The signals that end the witness; blocked before the first thread starts, so that only sigwait
// gets them.
sigset_t BlockEndingSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int Serve(const Options& options) {
  const sigset_t signals = BlockEndingSignals();
  auto signer = LoadSigner(options.directory);
  if (!signer.ok()) return Fail(signer.status());
  const auto lock = DirectoryLock::Take(options.directory);
  if (!lock.ok()) return Fail(lock.status());
  // Of one that was killed; the lock says that nobody is writing.
  for (const std::string& directory : {options.directory, StatePath(options.directory)}) {
    if (const auto removed = RemoveTemporaries(directory); !removed.ok()) {
      return Fail(removed.status());
    }
  }
  auto logs = LoadLogs(LogsOf(options));
  if (!logs.ok()) return Fail(logs.status());
  WitnessOptions witness_options;
  witness_options.state_directory = StatePath(options.directory);
  witness_options.logs = *std::move(logs);
  witness_options.store = [](const std::string& path, ByteSpan bytes) {
    return WriteFileDurably(path, bytes);
  };
  witness_options.alarm = [](const std::string& sentence) {
    std::cerr << "urna-witness: " + Printable(sentence) + "\n" << std::flush;
  };
  const SystemClock clock;
  const auto witness = Witness::Open(*std::move(signer), std::move(witness_options), clock);
  if (!witness.ok()) return Fail(witness.status());
  const auto server = HttpServer::Start(**witness, options.http);
  if (!server.ok()) return Fail(server.status());
  const size_t watched = (*witness)->Logs().size();
  if (options.json) {
    std::cout << nlohmann::json{{"address", (*server)->address()},
                                {"vkey", (*witness)->verifier().vkey()},
                                {"logs", watched}}
                     .dump()
              << std::endl;
  } else {
    std::cout << "listening on " << (*server)->address() << std::endl;
    std::cout << "'" << Printable((*witness)->verifier().name()) << "' watches " << watched
              << " logs" << std::endl;
  }
  int signal = 0;
  sigwait(&signals, &signal);
  return kDone;
}

absl::StatusOr<nlohmann::json> Describe(const Options& options) {
  const auto verifier = LoadVerifier(options.directory);
  if (!verifier.ok()) return verifier.status();
  const auto keys = LoadLogs(LogsOf(options));
  if (!keys.ok()) return keys.status();
  nlohmann::json logs = nlohmann::json::array();
  for (const merkle::NoteVerifier& key : *keys) {
    const auto state = ReadState(StatePath(options.directory), key.name(), *verifier);
    if (!state.ok()) return state.status();
    nlohmann::json log{{"origin", key.name()}, {"vkey", key.vkey()}};
    if (*state) {
      log["size"] = (*state)->head.size;
      log["root"] = ToBase64((*state)->head.root);
      log["time"] = (*state)->time;
    }
    logs.push_back(std::move(log));
  }
  return nlohmann::json{
      {"name", verifier->name()}, {"vkey", verifier->vkey()}, {"logs", std::move(logs)}};
}

int Info(const Options& options) {
  const absl::StatusOr<nlohmann::json> witness = Describe(options);
  if (!witness.ok()) return Fail(witness.status());
  if (options.json) {
    std::cout << witness->dump(2) << "\n";
    return kDone;
  }
  std::cout << "vkey: " << Printable((*witness)["vkey"].get<std::string>()) << "\n";
  for (const nlohmann::json& log : (*witness)["logs"]) {
    std::cout << Printable(log["origin"].get<std::string>()) << ": ";
    if (log.contains("size")) {
      std::cout << log["size"] << " entries, cosigned at " << log["time"] << "\n";
    } else {
      std::cout << "not cosigned yet\n";
    }
  }
  return kDone;
}

CLI::App* AddCommand(CLI::App& app, const char* name, const char* what,
                     const std::shared_ptr<Options>& options) {
  CLI::App* command = app.add_subcommand(name, what);
  command->add_option("DIR", options->directory, "the witness's directory")->required();
  command->add_flag("--json", options->json, "machine-readable output");
  return command;
}

void AddCommands(CLI::App& app, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* init = AddCommand(app, "init", "make a new witness: its key and directory", options);
  init->add_option("--name", options->name,
                   "its key name, as 'witness.example/2026': a name of yours, without spaces or +")
      ->required();
  init->callback([&run, options] { run = [options] { return Init(*options); }; });

  CLI::App* serve = AddCommand(app, "serve", "cosign checkpoints until SIGTERM or SIGINT", options);
  serve
      ->add_option("--listen", options->http.address,
                   "host:port for plain HTTP; port 0 picks a free one; for https put a proxy "
                   "before it")
      ->capture_default_str();
  serve->add_option("--threads", options->http.threads, "that answer")
      ->check(CLI::Range(2, 256))
      ->capture_default_str();
  serve->add_option("--connections", options->http.connections, "at once; more wait")
      ->check(CLI::Range(2, 100'000))
      ->capture_default_str();
  serve->callback([&run, options] { run = [options] { return Serve(*options); }; });

  CLI::App* info =
      AddCommand(app, "info", "its key, and what it has cosigned of which log", options);
  info->callback([&run, options] { run = [options] { return Info(*options); }; });
  for (CLI::App* command : {serve, info}) {
    command->add_option("--logs", options->logs,
                        "a witness policy whose log lines count instead of DIR/logs");
  }
}

int Main(int argc, char** argv) {
  CLI::App app{"Cosigns the checkpoints of logs that only grow.", "urna-witness"};
  app.footer("Exit status: 0 done, 1 refused, 3 usage or input and output.");
  app.set_version_flag("--version", WithVersion("urna-witness"));
  app.require_subcommand(1);
  Run run;
  AddCommands(app, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  if (const absl::Status crypto = crypto::InitializeCrypto(); !crypto.ok()) return Fail(crypto);
  return run();
}

}  // namespace
}  // namespace urna::witness

int main(int argc, char** argv) { return urna::witness::Main(argc, argv); }
