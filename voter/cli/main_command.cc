#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "core/base/file.h"
#include "core/base/progress.h"
#include "core/base/status.h"
#include "core/base/utf8.h"
#include "core/base/version.h"
#include "core/console/key_file.h"
#include "core/crypto/sodium_init.h"
#include "voter/cli/commands.h"
#include "voter/enrolment.h"
#include "voter/selections.h"

namespace urna::voter {
namespace {

constexpr char kProgram[] = "urna-voter";
constexpr uint64_t kWholeLogLimit = 5000;
constexpr size_t kMaxChoicesFile = 1 << 20;

// "et_EE.UTF-8" -> "et"; English where the environment says nothing.
std::string LanguageOfEnvironment() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string whole = value;
    const std::string language = absl::AsciiStrToLower(whole.substr(0, whole.find_first_of("_.@")));
    return language == "c" || language == "posix" ? "en" : language;
  }
  return "en";
}

}  // namespace

OutputOptions::OutputOptions() : language(LanguageOfEnvironment()) {}

void OutputOptions::AddTo(CLI::App& command, bool with_language) {
  command.add_flag("--json", json, "Answer as JSON on standard output");
  if (!with_language) return;
  command
      .add_option("--language", language,
                  "Language of the poll's texts, as 'et'; default: that of the environment")
      ->capture_default_str();
}

uint64_t WholeLogLimit(bool whole_log) { return whole_log ? UINT64_MAX : kWholeLogLimit; }

void AddWholeLog(CLI::App& command, bool& whole_log) {
  command.add_flag(
      "--whole-log", whole_log,
      absl::StrCat("Read the whole log also if it has more than ", kWholeLogLimit, " entries"));
}

void PollOptions::AddTo(CLI::App& command) {
  command.add_option("--poll", poll, "Origin of the poll's log, as board.example/budget-2027")
      ->required();
  command.add_option("--poll-id", poll_id,
                     "Manifest hash in hex, as the officers published it; the poll must have it");
  AddWholeLog(command, whole_log);
}

absl::StatusOr<ReadOptions> PollOptions::Read() const {
  ReadOptions options;
  options.whole_log_limit = WholeLogLimit(whole_log);
  if (!poll_id.empty()) {
    URNA_ASSIGN_OR_RETURN(options.poll_id, ParseHex32(poll_id, "--poll-id"));
  }
  return options;
}

absl::StatusOr<std::unique_ptr<Board>> ConnectBoard(const console::BoardOptions& options) {
  URNA_ASSIGN_OR_RETURN(remote::BoardClient client, options.Connect());
  return MakeRemoteBoard(std::move(client), ShowEachProgress(ProgressTo::kTerminal));
}

void ChoiceOptions::AddTo(CLI::App& command) {
  command.add_option("--choice", choices,
                     "CONTEST:OPTION_ID, CONTEST:OPTION_ID=POINTS, CONTEST:LIST_ID or "
                     "CONTEST:blank; once for each option");
  command.add_option("--choices-file", file,
                     "File with the same, one a line, so that your choices do not show in the list "
                     "of processes");
  command.add_option("--blank", blanks, "CONTEST that you leave blank");
}

absl::StatusOr<election::Selections> ChoiceOptions::Read(const election::Manifest& manifest,
                                                         uint16_t style) const {
  if (!given()) {
    return absl::InvalidArgumentError(
        "say what you vote for, with --choice, --choices-file or --blank");
  }
  std::vector<std::string> all = choices;
  if (!file.empty()) {
    URNA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(file, kMaxChoicesFile));
    for (absl::string_view line : absl::StrSplit(AsText(bytes), '\n')) {
      line = absl::StripAsciiWhitespace(line);
      if (!line.empty() && line[0] != '#') all.emplace_back(line);
    }
  }
  return SelectionsFromChoices(manifest, style, all, blanks);
}

void VoterOptions::AddTo(CLI::App& command) {
  command.add_option("--credential", credential, "Your key file")->required();
  passphrase.AddTo(command);
  command
      .add_option("--receipts", receipts,
                  "Directory for receipts and for what was sent, of all your polls")
      ->capture_default_str();
}

absl::StatusOr<crypto::SecretBytes> ReadPassphrase(const VoterOptions& voter) {
  return voter.passphrase.Read(absl::StrCat("Passphrase of ", voter.credential));
}

absl::StatusOr<crypto::Credential> OpenCredential(const std::string& path,
                                                  const crypto::SecretBytes& words) {
  URNA_ASSIGN_OR_RETURN(const console::KeyFile key,
                        console::OpenKeyFile(path, "credential", words));
  absl::StatusOr<crypto::Credential> credential =
      crypto::Credential::FromKeyFile(key.secret.ExposeSpan());
  if (!credential.ok()) return Annotate(credential.status(), path);
  if (ToHex(credential->public_key().bytes()) != key.public_key) {
    return absl::PermissionDeniedError(absl::StrCat(path, ": the credential is not its own"));
  }
  return credential;
}

absl::Status Confirm(absl::string_view warning, bool yes) {
  if (yes) return absl::OkStatus();
  if (isatty(STDIN_FILENO) == 0) {
    return absl::FailedPreconditionError(absl::StrCat(warning, " (--yes says that you want that)"));
  }
  std::cerr << PrintableLines(warning) << "\nSay 'yes' if you want that: " << std::flush;
  std::string line;
  std::getline(std::cin, line);
  if (absl::StripAsciiWhitespace(line) == "yes") return absl::OkStatus();
  return absl::FailedPreconditionError("nothing was done");
}

Json AcceptedJson(const PollView& poll, const Accepted& accepted) {
  return {{"accepted", true},
          {"what", std::string(SubmissionName(accepted.kind))},
          {"origin", poll.origin},
          {"poll_id", ToHex(poll.poll_id)},
          {"sequence", accepted.sequence},
          {"index", accepted.index},
          {"leaf", ToHex(accepted.leaf_hash)},
          {"entry_file", accepted.entry_file},
          {"receipt_file", accepted.receipt_file}};
}

void Print(const Json& json) { std::cout << json.dump(2) << "\n"; }

void PrintLine(absl::string_view line) { std::cout << Printable(line) << "\n"; }

Json TextsJson(const LocalizedTexts& texts) {
  Json json = Json::object();
  for (const LocalizedText& text : texts) json[text.language] = text.text;
  return json;
}

std::string TimeText(uint64_t seconds) {
  return absl::FormatTime("%Y-%m-%d %H:%M UTC",
                          absl::FromUnixSeconds(static_cast<int64_t>(seconds)),
                          absl::UTCTimeZone());
}

int Main(int argc, char** argv) {
  CLI::App app(
      "urna-voter: votes, signs petitions, keeps and checks receipts.\n"
      "Exit status: 0 done, 1 refused or a check failed, 2 could not be carried out, 3 usage or "
      "input/output.");
  app.name(kProgram);
  app.set_version_flag("--version", WithVersion(kProgram));
  app.require_subcommand(1);
  Run run;
  AddCredentialCommands(app, run);
  AddPollCommands(app, run);
  AddVotingCommands(app, run);
  AddSealingCommands(app, run);
  AddOpeningCommands(app, run);
  AddReceiptCommands(app, run);
  AddClaimCommand(app, run);
  AddRehearsalCommands(app, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? console::kDone : console::kUsage;
  }
  if (absl::Status status = crypto::InitializeCrypto(); !status.ok()) {
    return console::Finish(kProgram, status);
  }
  return console::Finish(kProgram, run());
}

}  // namespace urna::voter
