// urna-verifier: checks everything about a poll from its public record alone.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/audit/audit.h"
#include "core/audit/verified_state.h"
#include "core/base/file.h"
#include "core/base/memory.h"
#include "core/base/progress.h"
#include "core/base/status.h"
#include "core/base/utf8.h"
#include "core/base/version.h"
#include "core/crypto/sodium_init.h"
#include "core/crypto/vartime/engine.h"
#include "verifier/certificate.h"
#include "verifier/claim.h"
#include "verifier/fetch.h"
#include "verifier/follow.h"

namespace urna::verifier {
namespace {

constexpr int kUsage = 3;
constexpr size_t kMaxPolicySize = 1 << 20;
constexpr size_t kMaxReceiptSize = 2 << 20;
constexpr size_t kMaxReceiptListSize = size_t{8} << 30;

struct VerifyOptions {
  std::string record;  // a directory or a URL
  std::string keep;
  std::string tls_roots;
  bool newest = false;
  std::string policy;
  std::string stage = "final";
  std::vector<std::string> receipts;
  std::vector<std::string> receipt_lists;
  std::string since;
  std::string state;
  std::string language = "en";
  unsigned threads = 0;
  std::string engine;
  bool json = false;
  bool quiet = false;
};

int Refuse(const std::string& what, const absl::Status& status) {
  std::cerr << "urna-verifier: " << Printable(what) << ": " << Printable(status.message()) << "\n";
  return kUsage;
}

// Reads a list of receipts: one JSON object a line whose "proof" is the receipt.
absl::Status ReadReceiptList(const std::string& file, std::vector<audit::NamedBytes>& receipts) {
  absl::StatusOr<Bytes> text = ReadFile(file, kMaxReceiptListSize);
  if (!text.ok()) return text.status();
  size_t number = 0;
  for (absl::string_view line : absl::StrSplit(AsText(*text), '\n', absl::SkipEmpty())) {
    ++number;
    const auto json = nlohmann::json::parse(line.begin(), line.end(), nullptr, false);
    if (!json.is_object() || !json.contains("proof") || !json["proof"].is_string()) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, ", line ", number, ": no JSON object with a \"proof\""));
    }
    receipts.push_back({absl::StrCat(file, ", line ", number),
                        ToBytes(AsBytes(json["proof"].get_ref<const std::string&>()))});
  }
  return absl::OkStatus();
}

// `since`: a record or a checkpoint file.
std::string CheckpointFile(const std::string& since) {
  if (!std::filesystem::is_directory(since)) return since;
  return record::PollDirectory(since) + "/checkpoint";
}

// What was verified before, if the file is there: it need not be proved again, and the record must
// have grown from it.
absl::Status ReadState(const std::string& file, audit::AuditOptions& audit) {
  const absl::StatusOr<Bytes> text = ReadFile(file, kMaxReceiptSize);
  if (absl::IsNotFound(text.status())) return absl::OkStatus();
  URNA_RETURN_IF_ERROR(text.status());
  URNA_ASSIGN_OR_RETURN(const audit::VerifiedState state,
                        audit::VerifiedState::Parse(AsText(*text)));
  audit.verified_prefix = state.prefix;
  audit.older_checkpoints.push_back({file, state.checkpoint_note});
  return absl::OkStatus();
}

absl::Status WriteState(const std::string& file, const audit::AuditResult& result) {
  URNA_ASSIGN_OR_RETURN(const audit::VerifiedState state,
                        audit::VerifiedState::Of(result.checkpoint_note));
  return WriteFileDurably(file, AsBytes(state.ToText()));
}

// The report as people read it.
void PrintReport(const audit::AuditResult& result, const std::string& language) {
  const int status = result.report.ExitStatus();
  std::cout << result.report.ToText() << "\n";
  if (status == 0) std::cout << audit::ResultText(result, language) << "\n";
  const std::string stage_name = result.report.reached().has_value()
                                     ? std::string(StageName(*result.report.reached()))
                                     : "unknown";
  if (status == 0) {
    std::cout << "VERIFIED (stage " << stage_name << ")\n";
  } else if (status == 1) {
    std::cout << "NOT VERIFIED: at least one check failed\n";
  } else {
    std::cout << "NOT VERIFIED: not every check could be run (stage " << stage_name
              << ", asked for " << StageName(result.report.asked()) << ")\n";
  }
}

int Verify(const VerifyOptions& options) {
  audit::AuditOptions audit;
  absl::StatusOr<Stage> stage = ParseStage(options.stage);
  if (!stage.ok()) return Refuse("--stage", stage.status());
  audit.stage = *stage;
  audit.threads = options.threads;
  if (absl::Status engine = crypto::vartime::SelectEngine(options.engine); !engine.ok()) {
    std::cerr << "urna-verifier: " << Printable(engine.message()) << "\n";
    return kUsage;
  }
  if (!std::filesystem::is_directory(options.record)) {
    return Refuse(options.record, absl::NotFoundError("no such record directory"));
  }
  if (!options.policy.empty()) {
    const absl::StatusOr<Bytes> text = ReadFile(options.policy, kMaxPolicySize);
    if (!text.ok()) return Refuse("--policy", text.status());
    absl::StatusOr<audit::Policy> policy = audit::Policy::Parse(AsText(*text));
    if (!policy.ok()) return Refuse(options.policy, policy.status());
    audit.policy = *std::move(policy);
  }
  for (const std::string& file : options.receipts) {
    absl::StatusOr<Bytes> receipt = ReadFile(file, kMaxReceiptSize);
    if (!receipt.ok()) return Refuse("--receipt", receipt.status());
    audit.receipts.push_back({file, *std::move(receipt)});
  }
  for (const std::string& file : options.receipt_lists) {
    const absl::Status read = ReadReceiptList(file, audit.receipts);
    if (!read.ok()) return Refuse("--receipts", read);
  }
  if (!options.since.empty()) {
    absl::StatusOr<Bytes> note = ReadFile(CheckpointFile(options.since), kMaxReceiptSize);
    if (!note.ok()) return Refuse("--since", note.status());
    audit.older_checkpoints.push_back({options.since, *std::move(note)});
  }
  if (!options.state.empty()) {
    if (absl::Status state = ReadState(options.state, audit); !state.ok()) {
      return Refuse(options.state, state);
    }
  }
  if (!options.quiet && !options.json) {
    audit.progress = ShowProgress("entries verified", ProgressTo::kTerminalOrFile);
  }

  const audit::AuditResult result = audit::AuditRecord(options.record, audit);
  const int status = result.report.ExitStatus();
  if (options.json) std::cout << audit::ToJson(result) << "\n";
  if (!options.json) PrintReport(result, options.language);
  if (options.state.empty()) return status;
  if (status != 0) {
    std::cerr << "urna-verifier: " << options.state
              << " stays as it was, since the record is not verified\n";
    return status;
  }
  absl::Status written = WriteState(options.state, result);
  return written.ok() ? status : Refuse(options.state, written);
}

// If the record is a URL, brings it to disk first.
int VerifyWherever(VerifyOptions options) {
  if (!IsWebUrl(options.record)) {
    if (options.keep.empty()) return Verify(options);
    return Refuse("--keep", absl::InvalidArgumentError("the record is on disk already"));
  }
  const absl::StatusOr<WebRecord> record = WebRecord::Fetch(
      options.record, options.keep, options.tls_roots, options.newest,
      options.quiet || options.json ? ProgressOf() : ShowEachProgress(ProgressTo::kTerminalOrFile));
  if (!record.ok()) {
    std::cerr << "urna-verifier: " << Printable(record.status().message()) << "\n";
    return FetchExitStatus(record.status());
  }
  options.record = record->directory();
  return Verify(options);
}

int Main(int argc, char** argv) {
  CLI::App app(
      "urna-verifier: checks everything about a poll from its public record alone.\n"
      "Exit status: 0 verified, 1 a check failed, 2 a check could not be run, 3 usage or input.");
  app.name("urna-verifier");
  app.set_version_flag("--version", WithVersion("urna-verifier"));
  VerifyOptions verify;
  app.add_option("record", verify.record,
                 "The record: a directory with poll/ and roll-…/, or the poll's URL on the web");
  app.add_option("--keep", verify.keep,
                 "With a URL: the directory to bring the record to, which may hold an older state "
                 "of it; otherwise it is not kept");
  app.add_option("--tls-roots", verify.tls_roots, "With a URL: PEM file of root certificates");
  app.add_flag("--newest", verify.newest,
               "With a URL: at the newest checkpoint, also if the board's witnesses have not "
               "cosigned it");
  app.add_option("--policy", verify.policy,
                 "File with the keys you know beforehand (docs/protocol.md §11); without it the "
                 "identity checks are NOT RUN");
  app.add_option("--stage", verify.stage,
                 "Stage up to which the record must be complete: setup, voting, closed or final")
      ->capture_default_str();
  app.add_option("--receipt", verify.receipts, "Receipts that must be in the record");
  app.add_option("--receipts", verify.receipt_lists,
                 "Lists of such receipts, one JSON object a line, as urna-voter cast-file writes");
  app.add_option("--since", verify.since,
                 "An older record, or checkpoint file, that this record must have grown from");
  app.add_option(
      "--state", verify.state,
      "File in which to remember what was verified, for the next time: then only what is "
      "new is proved, and the record must have grown from it");
  app.add_option("--language", verify.language, "Language of names in the result")
      ->capture_default_str();
  app.add_option("--threads", verify.threads, "Threads; 0: one a core")->capture_default_str();
  app.add_option("--engine", verify.engine, crypto::vartime::EngineOptionHelp());
  app.add_flag("--json", verify.json, "Report as JSON on standard output");
  app.add_flag("--quiet", verify.quiet, "No progress");

  FetchOptions fetch;
  CLI::App* fetch_command =
      app.add_subcommand("fetch", "Bring a poll's record from a board to disk");
  CLI::Option* url =
      fetch_command->add_option("--url", fetch.url, "URL of the poll on the web; or:");
  fetch_command->add_option("--server", fetch.server, "host:port of the board")->excludes(url);
  fetch_command->add_option("--poll", fetch.poll, "Origin of the poll's log")->excludes(url);
  fetch_command->add_option("record", fetch.record, "Directory to write")->required();
  fetch_command->add_flag("--tls", fetch.tls, "Connect by TLS");
  fetch_command->add_option("--tls-roots", fetch.tls_roots, "PEM file of root certificates");
  fetch_command->add_flag("--plain-anywhere", fetch.plain_anywhere,
                          "Without TLS also to other machines");
  fetch_command->add_flag("--newest", fetch.newest,
                          "At the newest checkpoint, also if the board's witnesses have not "
                          "cosigned it; otherwise at the newest that is final");
  fetch_command->add_flag("--quiet", fetch.quiet, "No progress");
  fetch_command->add_flag("--json", fetch.json, "Answer as JSON");
  std::function<int()> run;
  AddFollowCommands(app, run);
  AddCertificateCommand(app, run);
  AddClaimCommand(app, run);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  if (absl::Status status = crypto::InitializeCrypto(); !status.ok()) {
    return Refuse("libsodium", status);
  }
  if (fetch_command->parsed()) return Fetch(fetch);
  if (run) return run();
  if (verify.record.empty()) {
    std::cerr << app.help();
    return kUsage;
  }
  return VerifyWherever(std::move(verify));
}

}  // namespace
}  // namespace urna::verifier

int main(int argc, char** argv) {
  urna::KeepFreedMemory();
  return urna::verifier::Main(argc, argv);
}
