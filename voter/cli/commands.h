// The commands of urna-voter. Each Add… puts its subcommands under `app`; the one that the user
// gives sets `run`, which Main then calls.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/console/console.h"
#include "core/crypto/credential.h"
#include "voter/participant.h"
#include "voter/poll_view.h"

namespace urna::voter {

using Json = nlohmann::ordered_json;
// OK, or what is printed and decides the exit status (core/console/console.h).
using Run = std::function<absl::Status()>;

int Main(int argc, char** argv);

void AddCredentialCommands(CLI::App& app, Run& run);  // credential new, show
void AddPollCommands(CLI::App& app, Run& run);        // polls, show
void AddVotingCommands(CLI::App& app, Run& run);      // vote, sign, withdraw
void AddSealingCommands(CLI::App& app, Run& run);     // seal, cast, challenge
void AddOpeningCommands(CLI::App& app, Run& run);     // check-opening, publish-opening
void AddReceiptCommands(CLI::App& app, Run& run);     // check, receipts
void AddClaimCommand(CLI::App& app, Run& run);        // claim
void AddRehearsalCommands(CLI::App& app, Run& run);   // enrol-file, cast-file, sign-file

// --json and --language.
struct OutputOptions {
  bool json = false;
  std::string language;  // of the poll's texts; from LC_ALL, LC_MESSAGES or LANG
  OutputOptions();
  void AddTo(CLI::App& command, bool with_language);
};

// --poll, and how much of its log is believed and read.
struct PollOptions {
  std::string poll;
  std::string poll_id;
  bool whole_log = false;
  void AddTo(CLI::App& command);
  absl::StatusOr<ReadOptions> Read() const;
};
// Logs above this many entries are read whole only with --whole-log.
uint64_t WholeLogLimit(bool whole_log);
void AddWholeLog(CLI::App& command, bool& whole_log);

// --choice, --choices-file, --blank: what a ballot says.
struct ChoiceOptions {
  std::vector<std::string> choices;
  std::string file;  // with choices, one a line
  std::vector<uint16_t> blanks;
  void AddTo(CLI::App& command);
  bool given() const { return !choices.empty() || !file.empty() || !blanks.empty(); }
  // InvalidArgument if nothing was given; otherwise as SelectionsFromChoices.
  absl::StatusOr<election::Selections> Read(const election::Manifest& manifest,
                                            uint16_t style) const;
};

// --credential, --passphrase-file, --receipts: who takes part.
struct VoterOptions {
  std::string credential;
  console::PassphraseSource passphrase;
  std::string receipts = "receipts";
  void AddTo(CLI::App& command);
};

// Connected to where the options say.
absl::StatusOr<std::unique_ptr<Board>> ConnectBoard(const console::BoardOptions& options);

// The passphrase of a voter's key file, and the secret in it.
absl::StatusOr<crypto::SecretBytes> ReadPassphrase(const VoterOptions& voter);
absl::StatusOr<crypto::Credential> OpenCredential(const std::string& path,
                                                  const crypto::SecretBytes& passphrase);

// Asks on the terminal for 'yes', unless `yes` says it already. FailedPrecondition with the warning
// if the answer is another, or there is no terminal to ask at.
absl::Status Confirm(absl::string_view warning, bool yes);

// Prints JSON and a newline to standard output.
void Print(const Json& json);
// Prints one line, without control characters.
void PrintLine(absl::string_view line);

// What was accepted, as JSON.
Json AcceptedJson(const PollView& poll, const Accepted& accepted);

// All languages of a text.
Json TextsJson(const LocalizedTexts& texts);
std::string TimeText(uint64_t seconds);  // "2027-03-01 08:00 UTC"

}  // namespace urna::voter
