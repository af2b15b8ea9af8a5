#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <csignal>
#include <iostream>
#include <memory>
#include <string>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/crypto/vartime/engine.h"
#include "server/board.h"
#include "server/cli/commands.h"
#include "server/grpc_server.h"
#include "server/http_server.h"
#include "server/server_log.h"
#include "server/status_socket.h"
#include "server/tls.h"

namespace urna::server {
namespace {

struct Options {
  std::string data;
  std::string board;
  std::string port_file;
  std::string engine;
  std::string log_level = "info";
  std::string log_format = "text";
  int64_t grace_seconds = 10;
  BoardOptions serve;
  ListenOptions listen;
  HttpOptions http;     // without address: none
  HttpOptions metrics;  // without address: none
  Options() {
    http.address.clear();
    metrics.address.clear();
    serve.admission.acts_per_credential = 10;
    serve.admission.acts_per_peer = 3000;
    metrics.connections = 64;
  }
};

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

absl::StatusOr<std::unique_ptr<HttpServer>> StartMetrics(const Board& board,
                                                         const HttpOptions& options) {
  if (options.address.empty()) return std::unique_ptr<HttpServer>();
  absl::StatusOr<std::unique_ptr<HttpServer>> metrics = HttpServer::StartMetrics(board, options);
  if (metrics.ok()) {
    std::cout << "metrics on http://" << (*metrics)->address() << "/metrics" << std::endl;
  }
  return metrics;
}

int Serve(const Options& options) {
  const sigset_t signals = BlockEndingSignals();
  StartLog({options.log_level, options.log_format == "json"});
  AllowOnlyTls13();
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
  const auto metrics = StartMetrics(**board, options.metrics);
  if (!metrics.ok()) return Fail(metrics.status());
  auto status_socket = StatusSocket::Start(**board, StatusSocketPath(options.data));
  if (!status_socket.ok()) {
    spdlog::warn("urna-server status will not find this board: {}",
                 std::string(status_socket.status().message()));
  }
  const auto server = GrpcServer::Start(**board, options.listen);
  if (!server.ok()) return Fail(server.status());
  if (!options.port_file.empty()) {
    const std::string port = std::to_string((*server)->port()) + "\n";
    const absl::Status written = WriteFileDurably(options.port_file, AsBytes(port));
    if (!written.ok()) return Fail(written);
  }
  if (!(*server)->administration_address().empty()) {
    std::cout << "administration on " << (*server)->administration_address() << std::endl;
  }
  std::cout << "listening on " << (*server)->address() << std::endl;
  if ((*board)->has_witness_quorum()) {
    spdlog::info("checkpoints are final once the quorum of '{}' has cosigned them",
                 board_options.witnesses.policy_file);
  }
  spdlog::info("board '{}' serves {} logs on {}", (*board)->identity().name,
               (*board)->views().All().size(), (*server)->address());
  int signal = 0;
  sigwait(&signals, &signal);
  spdlog::info("ending: finishing what is under way");
  (*server)->Shutdown(options.grace_seconds);
  if (*http != nullptr) (*http)->Stop();
  if (*metrics != nullptr) (*metrics)->Stop();
  if (status_socket.ok()) status_socket->reset();
  (*board)->Stop();
  spdlog::info("ended after {} writes", (*board)->batches());
  return kDone;
}

void AddLimits(CLI::App& command, Options& options) {
  command
      .add_option("--queue", options.serve.admission.queue.queue_capacity,
                  "entries that may wait for verification")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command
      .add_option("--acts-per-credential", options.serve.admission.acts_per_credential,
                  "ballots, challenges or signatures of one credential a minute; 0: any number")
      ->capture_default_str();
  command
      .add_option(
          "--acts-per-peer", options.serve.admission.acts_per_peer,
          "entries from one IPv4 address or IPv6 /64 a minute, this machine left out; 0: any "
          "number, for boards behind a proxy")
      ->capture_default_str();
}

void AddWitnesses(CLI::App& command, Options& options) {
  command.add_option("--witness-policy", options.serve.witnesses.policy_file,
                     "witnesses with their URLs, and their quorum, in C2SP's form (tlog-policy): "
                     "they are sent every log's checkpoints");
  command.add_option("--witness-roots", options.serve.witnesses.root_certificates_file,
                     "PEM file of root certificates for witnesses that are asked by https; the "
                     "system's if not given");
}

void AddOptions(CLI::App& command, Options& options) {
  command.add_option("--data", options.data, "the board's data directory")->required();
  command.add_option("--listen", options.listen.address, "host:port; port 0 picks a free one")
      ->capture_default_str();
  command.add_option("--http", options.http.address,
                     "host:port for the public files of all logs over plain HTTP, which is enough "
                     "for what is signed; for https put a proxy before it. Off if not given");
  command.add_option("--metrics", options.metrics.address,
                     "host:port for the board's metrics, which Prometheus reads at /metrics; not "
                     "for the public. Off if not given");
  command.add_option("--board", options.board, "refuse to serve a board of another name");
  command.add_option("--tls-cert", options.listen.tls_certificate_file,
                     "PEM file, with chain. TLS 1.3 alone is spoken; the files are read again when "
                     "they change");
  command.add_option("--tls-key", options.listen.tls_key_file, "PEM file without passphrase");
  command
      .add_option("--tls-refresh", options.listen.tls_refresh_seconds,
                  "seconds between two looks at the files")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  command.add_option("--admin-listen", options.listen.administration_address,
                     "host:port where alone registrars, officers and trustees are served, such as "
                     "on a private network; with the same certificate");
  command.add_option("--admin-client-roots", options.listen.client_roots_file,
                     "PEM file; at --admin-listen only those are served who show a certificate "
                     "that is under one of these. Read again when it changes");
  command.add_flag("--insecure-listen-anywhere", options.listen.insecure_anywhere,
                   "without TLS beyond this machine: behind a proxy, or for rehearsals");
  command.add_option("--port-file", options.port_file, "write the port there once it listens");
  command.add_option("--log-key-file", options.serve.log_key_file, "instead of DATA/log.key");
  command.add_option("--admin-token-file", options.serve.token_file, "instead of DATA/admin.token");
  command.add_flag("--clock-is-right", options.serve.clock_is_right,
                   "start although the logs have orders that are later than the clock");
  command
      .add_option("--threads", options.serve.admission.threads, "that verify proofs; 0: one a core")
      ->capture_default_str();
  AddLimits(command, options);
  AddWitnesses(command, options);
  command.add_option("--engine", options.engine, crypto::vartime::EngineOptionHelp());
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
  command.add_option("--log-format", options.log_format, "of the lines on standard error")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
}

}  // namespace

void AddServeCommand(CLI::App& app, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* serve = app.add_subcommand("serve", "run the board until SIGTERM or SIGINT");
  AddOptions(*serve, *options);
  serve->callback([&run, options] { run = [options] { return Serve(*options); }; });
}

}  // namespace urna::server
