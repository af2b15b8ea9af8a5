// urna-server: runs a board. It can stop it, but not cheat unseen: everything it accepts is in a
// log whose checkpoints it has signed.
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/crypto/rng.h"
#include "core/crypto/sodium_init.h"
#include "core/crypto/vartime/engine.h"
#include "core/merkle/note.h"
#include "server/board.h"
#include "server/checkpoint_files.h"
#include "server/data_directory.h"
#include "server/export.h"
#include "server/grpc_server.h"
#include "server/http_server.h"
#include "server/version.h"

namespace urna::server {
namespace {

enum ExitStatus : int { kDone = 0, kRefused = 1, kUsage = 3 };

struct Options {
  std::string data;
  std::string board;
  std::string poll;
  std::string record;
  std::string port_file;
  std::string engine;
  std::string log_level = "info";
  bool json = false;
  int64_t grace_seconds = 10;
  BoardOptions serve;
  ListenOptions listen;
  HttpOptions http;  // without address: none
};

int Fail(const absl::Status& status) {
  std::cerr << "urna-server: " << status.message() << "\n";
  const bool refused = absl::IsFailedPrecondition(status) || absl::IsAlreadyExists(status) ||
                       absl::IsDataLoss(status) || absl::IsPermissionDenied(status) ||
                       absl::IsNotFound(status);
  return refused ? kRefused : kUsage;
}

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
                        {"version", kVersion},
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

int Export(const Options& options) {
  const absl::Status status = ExportRecord(options.data, options.poll, options.record);
  if (!status.ok()) return Fail(status);
  if (options.json) {
    std::cout << nlohmann::json{{"poll", options.poll}, {"record", options.record}}.dump(2) << "\n";
  } else {
    std::cout << "the record of '" << options.poll << "' is in " << options.record << "\n";
  }
  return kDone;
}

// The signals that end the server; blocked from before the first thread starts, so that only
// sigwait gets them.
sigset_t BlockEndingSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// As many open files as this process may have: every connection is one, and so is every table of
// the ledger.
void RaiseFileLimit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

// The public files over HTTP; null if they are not wanted.
absl::StatusOr<std::unique_ptr<HttpServer>> StartHttp(const Board& board,
                                                      const HttpOptions& options) {
  if (options.address.empty()) return std::unique_ptr<HttpServer>();
  absl::StatusOr<std::unique_ptr<HttpServer>> http = HttpServer::Start(board, options);
  if (!http.ok()) return http.status();
  std::cout << "public files on http://" << (*http)->address() << "/" << std::endl;
  spdlog::info("board '{}' serves its public files over HTTP on {}, to {} connections at once",
               board.identity().name, (*http)->address(), (*http)->connections());
  return http;
}

int Serve(const Options& options) {
  const sigset_t signals = BlockEndingSignals();
  spdlog::set_default_logger(spdlog::stderr_color_mt("urna-server"));
  spdlog::set_level(spdlog::level::from_str(options.log_level));
  if (absl::Status engine = crypto::vartime::SelectEngine(options.engine); !engine.ok()) {
    return Fail(engine);
  }
  RaiseFileLimit();
  const SystemClock clock;
  BoardOptions board_options = options.serve;
  board_options.data = options.data;
  const absl::StatusOr<std::unique_ptr<Board>> board = Board::Open(board_options, clock);
  if (!board.ok()) return Fail(board.status());
  if (!options.board.empty() && options.board != (*board)->identity().name) {
    return Fail(absl::FailedPreconditionError("the board in '" + options.data + "' is '" +
                                              (*board)->identity().name + "', not '" +
                                              options.board + "'"));
  }
  const auto http = StartHttp(**board, options.http);
  if (!http.ok()) return Fail(http.status());
  const auto server = GrpcServer::Start(**board, options.listen);
  if (!server.ok()) return Fail(server.status());
  if (!options.port_file.empty()) {
    const std::string port = std::to_string((*server)->port()) + "\n";
    const absl::Status written = WriteFileDurably(options.port_file, AsBytes(port));
    if (!written.ok()) return Fail(written);
  }
  std::cout << "listening on " << (*server)->address() << std::endl;
  spdlog::info("board '{}' serves {} logs on {}", (*board)->identity().name,
               (*board)->views().All().size(), (*server)->address());
  int signal = 0;
  sigwait(&signals, &signal);
  spdlog::info("ending: finishing what is under way");
  (*server)->Shutdown(options.grace_seconds);
  if (*http != nullptr) (*http)->Stop();
  (*board)->Stop();
  spdlog::info("ended after {} writes", (*board)->batches());
  return kDone;
}

void AddServe(CLI::App& command, Options& options) {
  command.add_option("--data", options.data, "the board's data directory")->required();
  command.add_option("--listen", options.listen.address, "host:port; port 0 picks a free one")
      ->capture_default_str();
  command.add_option("--http", options.http.address,
                     "host:port for the public files of all logs over plain HTTP, which is enough "
                     "for what is signed; for https put a proxy before it. Off if not given");
  command.add_option("--board", options.board, "refuse to serve a board of another name");
  command.add_option("--tls-cert", options.listen.tls_certificate_file, "PEM file, with chain");
  command.add_option("--tls-key", options.listen.tls_key_file, "PEM file");
  command.add_flag("--insecure-listen-anywhere", options.listen.insecure_anywhere,
                   "without TLS beyond this machine: behind a proxy, or for rehearsals");
  command.add_option("--port-file", options.port_file, "write the port there once it listens");
  command.add_option("--log-key-file", options.serve.log_key_file, "instead of DATA/log.key");
  command.add_option("--admin-token-file", options.serve.token_file, "instead of DATA/admin.token");
  command
      .add_option("--threads", options.serve.admission.threads, "that verify proofs; 0: one a core")
      ->capture_default_str();
  command.add_option("--engine", options.engine, crypto::vartime::EngineOptionHelp());
  command
      .add_option("--queue", options.serve.admission.queue_capacity,
                  "entries that may wait for verification")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command
      .add_option("--batch", options.serve.batch_entries, "entries in one synced write, at most")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command
      .add_option("--grace", options.grace_seconds,
                  "seconds that calls under way get when the server ends")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
  command.add_option("--log-level", options.log_level, "debug, info, warning, error or off")
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}))
      ->capture_default_str();
}

int Run(int argc, char** argv) {
  CLI::App app{"Runs a board of verifiable votes and petitions.", "urna-server"};
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(1);
  Options options;
  options.http.address.clear();

  CLI::App* init = app.add_subcommand("init", "make a new board: key, token, empty ledger");
  init->add_option("--data", options.data, "the directory to make it in")->required();
  init->add_option("--board", options.board, "its name; every origin begins with it")->required();
  init->add_flag("--json", options.json, "machine-readable output");

  CLI::App* serve = app.add_subcommand("serve", "run the board until SIGTERM or SIGINT");
  AddServe(*serve, options);

  CLI::App* export_command = app.add_subcommand("export", "write a poll's record as static files");
  export_command->add_option("--data", options.data, "the board's data directory")->required();
  export_command->add_option("--poll", options.poll, "the poll's origin")->required();
  export_command->add_option("RECORD", options.record, "the directory to write")->required();
  export_command->add_flag("--json", options.json, "machine-readable output");

  CLI::App* info = app.add_subcommand("info", "what is in a data directory");
  info->add_option("--data", options.data, "the board's data directory")->required();
  info->add_flag("--json", options.json, "machine-readable output");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  const absl::Status crypto = crypto::InitializeCrypto();
  if (!crypto.ok()) return Fail(crypto);
  if (init->parsed()) return Init(options);
  if (serve->parsed()) return Serve(options);
  if (export_command->parsed()) return Export(options);
  return Info(options);
}

}  // namespace
}  // namespace urna::server

int main(int argc, char** argv) { return urna::server::Run(argc, argv); }
