// check-opening, publish-opening. docs/protocol.md §7.4.
#include <memory>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/record/entry.h"
#include "voter/cli/commands.h"
#include "voter/enrolment.h"
#include "voter/opening_check.h"
#include "voter/receipt_verifier.h"
#include "voter/record_board.h"

namespace urna::voter {
namespace {

constexpr size_t kMaxOpeningFile = 1 << 18;

absl::StatusOr<election::BallotOpening> ReadOpeningFile(const std::string& path) {
  URNA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(path, kMaxOpeningFile));
  absl::StatusOr<election::BallotOpening> opening = ParseOpening(bytes);
  if (!opening.ok()) return Annotate(opening.status(), path);
  return opening;
}

struct CheckCommand {
  console::BoardOptions board;
  OutputOptions output;
  std::string opening, hash, record, poll, poll_id;
  bool whole_log = false;
};

struct Source {
  std::unique_ptr<Board> board;
  std::string origin;
};

absl::StatusOr<Source> OpenSource(const CheckCommand& options) {
  Source source;
  source.origin = options.poll;
  if (options.record.empty() != options.board.given()) {
    return absl::InvalidArgumentError("give the poll by --server and --poll, or by --record");
  }
  if (options.board.given()) {
    if (options.poll.empty()) return absl::InvalidArgumentError("--server goes with --poll");
    URNA_ASSIGN_OR_RETURN(source.board, ConnectBoard(options.board));
    return source;
  }
  std::string origin;
  URNA_ASSIGN_OR_RETURN(source.board, OpenRecordBoard(options.record, origin));
  if (source.origin.empty()) source.origin = origin;
  return source;
}

Json ReportJson(const PollView& poll, const OpeningReport& report) {
  Json json{{"good", report.Good()},
            {"origin", poll.origin},
            {"poll_id", ToHex(poll.poll_id)},
            {"opens", report.opens.ok()}};
  if (!report.opens.ok()) {
    json["error"] = std::string(report.opens.message());
    return json;
  }
  json["hash"] = ToHex(report.hash);
  json["matches"] = report.expected.value_or(false);
  json["logged"] = report.logged.ok();
  if (report.logged.ok()) {
    json["challenge"] = report.challenge;
  } else {
    json["log_error"] = std::string(report.logged.message());
  }
  json["votes"] = report.votes;
  json["broken"] = report.broken;
  return json;
}

void PrintReport(const PollView& poll, const OpeningReport& report, absl::string_view language) {
  PrintLine(PickText(poll.title(), language));
  if (!report.opens.ok()) {
    PrintLine(
        absl::StrCat("This is no opening of a ballot of this election: ", report.opens.message()));
    return;
  }
  PrintLine(report.expected.value_or(false)
                ? "The opening is that of the hash that you wrote down."
                : "The opening is NOT that of the hash that you wrote down. Its own is:");
  if (!report.expected.value_or(false)) {
    for (const std::string& line : HashLines(report.hash)) PrintLine(absl::StrCat("  ", line));
  }
  PrintLine(report.logged.ok()
                ? absl::StrCat("The log has the challenge: entry ", report.challenge,
                               ". The ballot is not counted.")
                : absl::StrCat("The log does NOT prove the challenge: ", report.logged.message()));
  for (const std::string& sentence : report.broken) {
    PrintLine(absl::StrCat("WARNING: the device sealed a ballot that would never have counted: ",
                           sentence));
  }
  PrintLine("");
  PrintLine("What the ballot says:");
  for (const std::string& line : report.votes) PrintLine(absl::StrCat("  ", line));
  PrintLine("");
  PrintLine(
      "Compare this with what you chose. If anything differs, the device that sealed the "
      "ballot does not do what you tell it: vote with another, and tell the officers.");
}

absl::Status CheckOpeningFile(const CheckCommand& options) {
  URNA_ASSIGN_OR_RETURN(const crypto::Hash64 hash, ParseHash(options.hash));
  URNA_ASSIGN_OR_RETURN(const election::BallotOpening opening, ReadOpeningFile(options.opening));
  URNA_ASSIGN_OR_RETURN(const Source source, OpenSource(options));
  ReadOptions read;
  read.roll = false;
  read.whole_log_limit = WholeLogLimit(options.whole_log);
  read.credential = opening.credential;
  if (!options.poll_id.empty()) {
    URNA_ASSIGN_OR_RETURN(read.poll_id, ParseHex32(options.poll_id, "--poll-id"));
  }
  URNA_ASSIGN_OR_RETURN(const PollView poll, ReadPoll(*source.board, source.origin, read));
  URNA_ASSIGN_OR_RETURN(const OpeningReport report,
                        CheckOpening(*source.board, poll, opening, hash, options.output.language));
  if (options.output.json) {
    Print(ReportJson(poll, report));
  } else {
    PrintReport(poll, report, options.output.language);
  }
  if (report.Good()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "the opening is not that of a ballot that was sealed, challenged and would have counted");
}

struct PublishCommand {
  console::BoardOptions board;
  PollOptions poll;
  OutputOptions output;
  std::string opening;
  bool yes = false;
};

absl::Status PublishOpening(const PublishCommand& options) {
  URNA_ASSIGN_OR_RETURN(election::BallotOpening opening, ReadOpeningFile(options.opening));
  URNA_ASSIGN_OR_RETURN(ReadOptions read, options.poll.Read());
  read.roll = false;
  read.credential = opening.credential;
  URNA_ASSIGN_OR_RETURN(const std::unique_ptr<Board> board, ConnectBoard(options.board));
  URNA_ASSIGN_OR_RETURN(const PollView poll, ReadPoll(*board, options.poll.poll, read));
  URNA_ASSIGN_OR_RETURN(const OpeningReport report,
                        CheckOpening(*board, poll, opening, {}, options.output.language));
  URNA_RETURN_IF_ERROR(report.opens);
  URNA_RETURN_IF_ERROR(report.logged);
  opening.challenge = report.challenge;
  URNA_ASSIGN_OR_RETURN(const Bytes entry, record::EncodeEntry(opening));
  URNA_RETURN_IF_ERROR(
      Confirm("Everybody will see for ever what this challenged ballot said, and whose credential "
              "sealed it. Nobody needs that: you have checked your device without it.",
              options.yes));
  const absl::StatusOr<remote::Receipt> receipt =
      board->Submit(poll.origin, Submission::kOpening, entry);
  if (!receipt.ok()) return ExplainRefusal(receipt.status(), Submission::kOpening);
  ReceiptVerifier verifier(poll.log);
  const absl::Status verified = verifier.Verify(*receipt, merkle::LeafHash(entry)).status();
  if (!verified.ok()) {
    return absl::DataLossError(absl::StrCat(
        "the board's receipt does not verify, so nothing is proved: ", verified.message()));
  }
  if (options.output.json) {
    Print({{"accepted", true},
           {"what", std::string(SubmissionName(Submission::kOpening))},
           {"origin", poll.origin},
           {"challenge", report.challenge},
           {"index", receipt->index},
           {"leaf", ToHex(receipt->leaf_hash)}});
  } else {
    PrintLine(absl::StrCat("The opening is published: entry ", receipt->index, " of the log."));
  }
  return absl::OkStatus();
}

}  // namespace

void AddOpeningCommands(CLI::App& app, Run& run) {
  auto check = std::make_shared<CheckCommand>();
  CLI::App* checks = app.add_subcommand(
      "check-opening",
      "On a second device: what a challenged ballot said, and whether it is the one that was "
      "sealed");
  checks->add_option("opening", check->opening, "The opening, as 'challenge' wrote it")->required();
  checks
      ->add_option("--hash", check->hash,
                   "The hash that 'seal' showed, 128 hex digits in any groups")
      ->required();
  check->board.AddTo(*checks, false);
  checks->add_option("--poll", check->poll, "Origin of the poll's log");
  checks->add_option("--record", check->record, "Record directory, instead of a board");
  checks->add_option("--poll-id", check->poll_id,
                     "Manifest hash in hex, as the officers published it; the poll must have it");
  AddWholeLog(*checks, check->whole_log);
  check->output.AddTo(*checks, true);
  checks->callback([&run, check] { run = [check] { return CheckOpeningFile(*check); }; });

  auto publish = std::make_shared<PublishCommand>();
  CLI::App* publishes = app.add_subcommand(
      "publish-opening", "Log what a challenged ballot said, for everybody to see for ever");
  publishes->add_option("opening", publish->opening, "The opening, as 'challenge' wrote it")
      ->required();
  publish->board.AddTo(*publishes, true);
  publish->poll.AddTo(*publishes);
  publishes->add_flag("--yes", publish->yes, "Do not ask whether you mean it");
  publish->output.AddTo(*publishes, true);
  publishes->callback([&run, publish] { run = [publish] { return PublishOpening(*publish); }; });
}

}  // namespace urna::voter
