// urna-hammer: prepares an election with sealed ballots, and casts them all at once.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/hammer/load.h"
#include "bench/hammer/prepared.h"
#include "bench/synthetic_record/make_record.h"
#include "core/base/clock.h"
#include "core/console/console.h"
#include "core/crypto/rng.h"
#include "core/crypto/sodium_init.h"
#include "core/record/entry_types.h"

namespace urna::bench {
namespace {

constexpr char kProgram[] = "urna-hammer";

tally::Json TimesJson(const Times& times) {
  return {{"count", times.count()},
          {"p50_ms", times.Quantile(0.5)},
          {"p90_ms", times.Quantile(0.9)},
          {"p99_ms", times.Quantile(0.99)},
          {"max_ms", times.Quantile(1)}};
}

std::string TimesText(absl::string_view what, const Times& times, double seconds) {
  return absl::StrFormat("%-30s %9d  %8.0f/s  p50 %7.1f ms  p99 %7.1f ms  max %7.1f ms\n", what,
                         times.count(), static_cast<double>(times.count()) / seconds,
                         times.Quantile(0.5), times.Quantile(0.99), times.Quantile(1));
}

int Report(const LoadReport& report, const tally::Context& context) {
  tally::Json json;
  json["seconds"] = report.seconds;
  json["accepted_per_second"] = static_cast<double>(report.accepted.count()) / report.seconds;
  json["accepted"] = TimesJson(report.accepted);
  json["duplicates"] = TimesJson(report.again);
  json["garbage_refused"] = TimesJson(report.refused_garbage);
  json["busy"] = TimesJson(report.busy);
  json["overtaken"] = report.overtaken;
  json["reads"] = report.reads;
  json["slow_cut_off"] = report.cut_off;
  json["idle"] = report.idle;
  json["idle_again"] = report.idle_again;
  json["failures"] = report.failures;
  std::string text = TimesText("accepted, receipts verified", report.accepted, report.seconds);
  absl::StrAppend(
      &text, TimesText("the original receipt again", report.again, report.seconds),
      TimesText("garbage refused", report.refused_garbage, report.seconds),
      TimesText("busy, refused", report.busy, report.seconds),
      absl::StrFormat("%.1f s; %d reads; %d slow connections cut off; %d overtaken by the voter's "
                      "second ballot\n",
                      report.seconds, report.reads, report.cut_off, report.overtaken));
  if (report.idle > 0) {
    absl::StrAppend(&text, report.idle, " idle connections at the end; ", report.idle_again,
                    " were cut off and came again\n");
  }
  for (const auto& [sentence, count] : report.failures) {
    absl::StrAppend(&text, "FAILED ", count, " times: ", sentence, "\n");
  }
  context.Answer(text, json);
  return report.failures.empty() && report.accepted.count() > 0 ? console::kDone
                                                                : console::kRefused;
}

// Every idle connection is an open file.
void RaiseFileLimit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

int Run(const std::string& directory, LoadOptions options, const tally::Context& context) {
  RaiseFileLimit();
  const auto ballots = ReadBallots(directory);
  if (!ballots.ok()) return console::Finish(kProgram, ballots.status());
  if (ballots->empty()) {
    return console::Finish(kProgram, absl::DataLossError("nothing was prepared"));
  }
  const auto log = PreparedLog(directory);
  if (!log.ok()) return console::Finish(kProgram, log.status());
  options.petition =
      record::IsPetitionAct(static_cast<record::EntryType>(ballots->front().front()));
  const auto report = RunLoad(*ballots, *log, options);
  if (!report.ok()) return console::Finish(kProgram, report.status());
  return Report(*report, context);
}

void AddPrepare(CLI::App& app, PrepareOptions& options) {
  CLI::App* command = app.add_subcommand(
      "prepare", "make a board in the middle of an election, and sealed ballots for it");
  command->add_option("--out", options.directory, "Directory to make")->required();
  command->add_option("--ballots", options.ballots, "Ballots, second ones included")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  command->add_option("--revote-percent", options.revote_percent, "Voters who cast two")
      ->check(CLI::Range(0, 50))
      ->capture_default_str();
  command->add_option("--seed", options.seed, "What voters and ballots are drawn from")
      ->capture_default_str();
}

void AddPreparePetition(CLI::App& app, PreparePetitionOptions& options) {
  CLI::App* command = app.add_subcommand(
      "prepare-petition",
      "make a board with an anonymous petition that is open, and its signatures");
  command->add_option("--out", options.directory, "Directory to make")->required();
  command->add_option("--signatures", options.signatures, "Each of another member")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command
      ->add_option("--members", options.members,
                   "Of the roll, rounded up to whole rings; 0: as many as sign. Many make many "
                   "rings with few signatures each")
      ->check(CLI::Range(0, 5'000'000))
      ->capture_default_str();
  command->add_option("--ring-size", options.ring_size, "Points of a ring: 64, 256, 1024 or 4096")
      ->capture_default_str();
  command->add_option("--seed", options.seed, "What members and signatures are drawn from")
      ->capture_default_str();
}

void AddRun(CLI::App& app, std::string& directory, LoadOptions& options) {
  CLI::App* command =
      app.add_subcommand("run", "cast the ballots, on a board that serves DIRECTORY/board");
  command->add_option("--dir", directory, "What prepare made")->required();
  command->add_option("--server", options.server, "host:port")->required();
  command->add_option("--tls-roots", options.connect.root_certificates_file,
                      "PEM file of root certificates; without it the connections are plain");
  command->add_option("--connections", options.connections, "Kept; of newcomers: at once")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command->add_option("--in-flight", options.in_flight, "Calls at once on each connection")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command->add_flag("--newcomers", options.newcomers, "A new connection for every ballot");
  command->add_option("--seconds", options.seconds, "Or until the ballots are cast")
      ->capture_default_str();
  command->add_option("--duplicates", options.duplicates, "Of a hundred calls")
      ->check(CLI::Range(0, 50))
      ->capture_default_str();
  command->add_option("--garbage", options.garbage, "Of a hundred calls")
      ->check(CLI::Range(0, 50))
      ->capture_default_str();
  command->add_option("--readers", options.readers, "Who read all the time")->capture_default_str();
  command->add_option("--slow", options.slow, "Connections that send a byte now and then")
      ->capture_default_str();
  command->add_option("--idle", options.idle, "gRPC connections that keep still")
      ->capture_default_str();
  command->add_option("--idle-http", options.idle_http, "HTTP connections that keep still")
      ->capture_default_str();
  command->add_option("--http", options.http_server, "host:port of the board's public files");
}

int Main(int argc, char** argv) {
  if (absl::Status status = crypto::InitializeCrypto(); !status.ok()) {
    return console::Finish(kProgram, status);
  }
  CLI::App app(
      "urna-hammer: many voters at once, with every receipt checked. Exit status: 0 done, 1 "
      "something happened\nthat should not, 2 the board is away, 3 usage, input or output.");
  app.name(kProgram);
  app.require_subcommand(1);
  crypto::SystemRng rng;
  const SystemClock clock;
  tally::Context context{rng, clock};
  app.add_option("--threads", context.threads, "That seal ballots; 0: one a core");
  app.add_flag("--json", context.json, "Answer as JSON on standard output");
  app.add_flag("--progress", context.progress, "Lines of progress even without a terminal");
  app.set_version_flag("--version", std::to_string(kRecordVersion),
                       "The version of the polls that it prepares");
  PrepareOptions prepare;
  AddPrepare(app, prepare);
  PreparePetitionOptions petition;
  AddPreparePetition(app, petition);
  LoadOptions load;
  std::string directory;
  AddRun(app, directory, load);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : console::kUsage;
  }
  if (app.got_subcommand("prepare")) {
    return console::Finish(kProgram, PrepareElection(prepare, context));
  }
  if (app.got_subcommand("prepare-petition")) {
    return console::Finish(kProgram, PreparePetition(petition, context));
  }
  return Run(directory, load, context);
}

}  // namespace
}  // namespace urna::bench

int main(int argc, char** argv) { return urna::bench::Main(argc, argv); }
