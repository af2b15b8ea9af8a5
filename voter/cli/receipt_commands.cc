// check, receipts.
#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/status.h"
#include "core/merkle/text.h"
#include "core/merkle/tlog_proof.h"
#include "voter/cli/commands.h"
#include "voter/cli/policy_file.h"
#include "voter/receipt_check.h"

namespace urna::voter {
namespace {

struct CheckCommand {
  console::BoardOptions board;
  OutputOptions output;
  std::vector<std::string> receipts;
  std::string policy;
  bool whole_log = false;
};

// Sequences by directory; none means all of the directory.
using Wanted = std::map<std::string, std::vector<uint64_t>>;

absl::StatusOr<Wanted> SortOut(const std::vector<std::string>& arguments) {
  Wanted out;
  for (const std::string& argument : arguments) {
    const std::filesystem::path path(argument);
    if (std::filesystem::is_directory(path)) {
      URNA_ASSIGN_OR_RETURN(const std::vector<std::string> polls, ReceiptStore::List(argument));
      for (const std::string& poll : polls) out[poll];
      if (polls.empty()) out[argument];
      continue;
    }
    const std::string name = path.filename().string();
    absl::string_view stem = name;
    absl::StatusOr<uint64_t> sequence = absl::InvalidArgumentError("");
    if (absl::ConsumeSuffix(&stem, ".tlog-proof")) {
      sequence = merkle::ParseDecimal(stem, UINT64_MAX);
    }
    if (!sequence.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(argument, ": not a receipt as urna-voter keeps them, <number>.tlog-proof"));
    }
    const std::string directory = path.parent_path().string();
    out[directory.empty() ? "." : directory].push_back(*sequence);
  }
  return out;
}

Json ActJson(const OwnAct& act) {
  Json json{{"index", act.index},
            {"sequence", act.sequence},
            {"what", std::string(SubmissionName(act.kind))},
            {"leaf", ToHex(act.leaf_hash)}};
  if (act.act.has_value()) json["act"] = std::string(petition::ActName(*act.act));
  return json;
}

Json ReportJson(const ReceiptReport& report) {
  Json json{{"origin", report.origin}, {"good", report.Good()}, {"log_size", report.size}};
  if (report.final_size.has_value()) json["final_size"] = *report.final_size;
  json["receipts"] = Json::array();
  for (const CheckedReceipt& receipt : report.receipts) {
    Json one{{"sequence", receipt.sequence}, {"good", receipt.status.ok()}};
    if (receipt.status.ok()) {
      one["index"] = receipt.index;
      if (receipt.final.has_value()) one["final"] = *receipt.final;
    } else {
      one["error"] = std::string(receipt.status.message());
    }
    json["receipts"].push_back(one);
  }
  if (report.pending.has_value()) json["pending"] = *report.pending;
  json["whole_log"] = report.whole_log;
  if (report.whole_log) json["bytes_read"] = report.bytes_read;
  json["unknown"] = Json::array();
  for (const OwnAct& act : report.unknown) json["unknown"].push_back(ActJson(act));
  if (report.last.has_value()) json["last"] = ActJson(*report.last);
  if (report.revoked.has_value()) json["revoked"] = *report.revoked;
  return json;
}

absl::string_view FinalWords(const CheckedReceipt& receipt) {
  if (!receipt.final.has_value()) return "";
  return *receipt.final ? ", final" : ", provisional: the witnesses have not cosigned it yet";
}

void PrintReport(const ReceiptReport& report) {
  PrintLine(absl::StrCat(report.origin, ": ", report.size, " entries, and it has only grown"));
  for (const CheckedReceipt& receipt : report.receipts) {
    PrintLine(receipt.status.ok()
                  ? absl::StrCat("  number ", receipt.sequence, ": in the log, entry ",
                                 receipt.index, FinalWords(receipt))
                  : absl::StrCat("  number ", receipt.sequence,
                                 ": NOT PROVED: ", receipt.status.message()));
  }
  if (report.receipts.empty()) PrintLine("  there are no receipts");
  if (report.pending.has_value()) {
    PrintLine(absl::StrCat("  number ", *report.pending,
                           ": sent and never answered (--retry sends it again)"));
  }
  for (const OwnAct& act : report.unknown) {
    PrintLine(absl::StrCat("  WARNING: entry ", act.index, ", number ", act.sequence,
                           ", was sent with your credential but not from here"));
  }
  if (report.whole_log) {
    PrintLine(absl::StrCat("  read for this: all ", report.size, " entries, ", report.bytes_read,
                           " bytes, as anybody reads them; the board was not told which are "
                           "yours"));
  }
  if (!report.whole_log) {
    PrintLine(
        "  whether your credential was used elsewhere was not looked at: the log is long "
        "(--whole-log)");
  } else if (report.revoked.has_value()) {
    PrintLine(absl::StrCat("  nothing of it counts: the officers have revoked your credential (",
                           *report.revoked, ")"));
  } else if (report.last.has_value() && report.last->act == petition::Act::kSign) {
    PrintLine(absl::StrCat("  your signature counts, once: number ", report.last->sequence,
                           ", entry ", report.last->index));
  } else if (report.last.has_value() && report.last->act == petition::Act::kWithdraw) {
    PrintLine(absl::StrCat("  you have withdrawn, and no signature of yours counts: number ",
                           report.last->sequence, ", entry ", report.last->index));
  } else if (report.last.has_value()) {
    PrintLine(absl::StrCat("  what counts now is number ", report.last->sequence, ", entry ",
                           report.last->index));
  }
}

absl::Status Check(const CheckCommand& options) {
  URNA_ASSIGN_OR_RETURN(const Wanted wanted, SortOut(options.receipts));
  URNA_ASSIGN_OR_RETURN(const std::unique_ptr<Board> board, ConnectBoard(options.board));
  CheckOptions check;
  check.whole_log_limit = WholeLogLimit(options.whole_log);
  VoterPolicy policy;
  if (!options.policy.empty()) {
    URNA_ASSIGN_OR_RETURN(policy, ReadVoterPolicy(options.policy));
    if (!policy.witnesses.has_quorum()) {
      return absl::InvalidArgumentError(absl::StrCat(
          options.policy, ": has no witness quorum, so that it cannot say what is final"));
    }
    check.witnesses = &policy.witnesses;
  }
  Json reports = Json::array();
  bool good = true;
  bool provisional = false;
  for (const auto& [directory, sequences] : wanted) {
    URNA_ASSIGN_OR_RETURN(const ReceiptStore store, ReceiptStore::Open(directory));
    URNA_RETURN_IF_ERROR(CheckLog(policy, store.label().log));
    URNA_ASSIGN_OR_RETURN(const ReceiptReport report,
                          CheckReceipts(*board, store, sequences, check));
    good = good && report.Good();
    provisional = provisional || report.Provisional();
    if (options.output.json) {
      reports.push_back(ReportJson(report));
    } else {
      PrintReport(report);
    }
  }
  if (options.output.json) Print(reports);
  if (!good) {
    return absl::FailedPreconditionError("not everything that you sent is what counts");
  }
  if (!provisional) return absl::OkStatus();
  return absl::UnavailableError(
      "not everything is final yet: ask again in a moment, or later if the board's witnesses are "
      "away");
}

struct ListCommand {
  OutputOptions output;
  std::string directory;
};

absl::StatusOr<uint64_t> IndexOf(const ReceiptStore& store, uint64_t sequence) {
  URNA_ASSIGN_OR_RETURN(const Bytes file, store.ReadReceipt(sequence));
  URNA_ASSIGN_OR_RETURN(const merkle::TlogProof proof, merkle::TlogProof::Parse(file));
  return proof.index();
}

absl::Status List(const ListCommand& options) {
  URNA_ASSIGN_OR_RETURN(const std::vector<std::string> directories,
                        ReceiptStore::List(options.directory));
  Json list = Json::array();
  for (const std::string& directory : directories) {
    URNA_ASSIGN_OR_RETURN(const ReceiptStore store, ReceiptStore::Open(directory));
    URNA_ASSIGN_OR_RETURN(const std::vector<StoredAct> acts, store.Acts());
    Json json{{"origin", store.label().origin},
              {"poll_id", ToHex(store.label().poll_id)},
              {"directory", directory},
              {"acts", Json::array()}};
    if (!options.output.json) PrintLine(store.label().origin);
    for (const StoredAct& act : acts) {
      const absl::StatusOr<Bytes> entry = store.ReadEntry(act.sequence);
      const std::string what(entry.ok() ? SubmissionName(SubmissionOf(*entry)) : "entry");
      Json one{{"sequence", act.sequence},
               {"what", what},
               {"receipt", act.receipt},
               {"refused", act.refused}};
      std::string words = act.refused ? "refused" : "sent, no receipt";
      if (act.receipt) {
        URNA_ASSIGN_OR_RETURN(const uint64_t index, IndexOf(store, act.sequence));
        one["index"] = index;
        words = absl::StrCat("entry ", index, ", ", store.ReceiptPath(act.sequence));
      }
      json["acts"].push_back(one);
      if (!options.output.json) {
        PrintLine(absl::StrCat("  number ", act.sequence, ", ", what, ": ", words));
      }
    }
    list.push_back(json);
  }
  if (options.output.json) Print(list);
  if (!options.output.json && directories.empty()) PrintLine("There are no receipts.");
  return absl::OkStatus();
}

}  // namespace

void AddReceiptCommands(CLI::App& app, Run& run) {
  auto check = std::make_shared<CheckCommand>();
  CLI::App* checked = app.add_subcommand(
      "check",
      "Whether what you sent is still in the log, the log has only grown, and nobody else used "
      "your credential");
  checked
      ->add_option("receipts", check->receipts,
                   "Receipt files (<number>.tlog-proof), or directories of receipts")
      ->required();
  check->board.AddTo(*checked, true);
  checked->add_option("--policy", check->policy,
                      "Policy with witnesses and their quorum, an auditor's or a witness policy: "
                      "says which receipts are final and which provisional; exit status 2 while "
                      "one is provisional");
  checked->add_flag("--whole-log", check->whole_log,
                    "Search the whole log, however long it is, as is always done in an anonymous "
                    "petition");
  check->output.AddTo(*checked, false);
  checked->callback([&run, check] { run = [check] { return Check(*check); }; });

  auto list = std::make_shared<ListCommand>();
  CLI::App* listed = app.add_subcommand("receipts", "What a receipts directory holds");
  listed->add_option("directory", list->directory, "Directory of receipts")->required();
  list->output.AddTo(*listed, false);
  listed->callback([&run, list] { run = [list] { return List(*list); }; });
}

}  // namespace urna::voter
