#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "core/base/utf8.h"
#include "server/cli/commands.h"
#include "server/fsck.h"

namespace urna::server {
namespace {

struct Options {
  FsckOptions fsck;
  bool json = false;
};

const char* CureName(Cure cure) {
  switch (cure) {
    case Cure::kRepair:
      return "repair";
    case Cure::kRestore:
      return "restore";
    case Cure::kByHand:
      return "by hand";
  }
  return "";
}

nlohmann::json ToJson(const std::vector<FsckFinding>& findings) {
  nlohmann::json json = nlohmann::json::array();
  for (const FsckFinding& finding : findings) {
    json.push_back({{"cure", CureName(finding.cure)}, {"sentence", finding.sentence}});
  }
  return json;
}

void PrintJson(const FsckReport& report) {
  nlohmann::json logs = nlohmann::json::array();
  for (const FsckLog& log : report.logs) {
    nlohmann::json one = {{"origin", log.info.origin},
                          {"size", log.info.head.size},
                          {"root", ToHex(log.info.head.root)}};
    if (log.published.has_value()) one["published"] = *log.published;
    logs.push_back(std::move(one));
  }
  std::cout << nlohmann::json{{"board", report.board.name},
                              {"whole", report.Whole()},
                              {"logs", std::move(logs)},
                              {"rows", report.rows},
                              {"key_seen", report.key_seen},
                              {"rules_checked", report.rules_checked},
                              {"findings", ToJson(report.findings)},
                              {"repaired", ToJson(report.repaired)},
                              {"kept", report.kept}}
                   .dump(2)
            << "\n";
}

// What to do, once for all findings of a kind.
const char* Advice(Cure cure, bool alone) {
  switch (cure) {
    case Cure::kRepair:
      return alone
                 ? "no entry is lost: `urna-server fsck --repair` makes a new ledger of the entries"
                 : "these follow from the entries and are made anew when the rest is in order";
    case Cure::kRestore:
      return "keep this directory as it is; `urna-server restore` makes a new one of a backup and "
             "of mirrors' records (docs/operations.md)";
    case Cure::kByHand:
      return "do what the sentences say, then run fsck again";
  }
  return "";
}

void PrintText(const FsckReport& report) {
  std::cout << "board " << report.board.name << ", " << report.rows << " rows compared\n";
  for (const FsckLog& log : report.logs) {
    std::cout << log.info.origin << ": " << log.info.head.size << " entries, "
              << (log.published.has_value() ? std::to_string(*log.published) : "none")
              << " published\n";
  }
  if (!report.key_seen) std::cout << "the log's key is not here and was not looked at\n";
  for (const FsckFinding& finding : report.repaired) {
    std::cout << "repaired: " << Printable(finding.sentence) << "\n";
  }
  if (!report.kept.empty()) std::cout << "the ledger as it was lies in " << report.kept << "\n";
  for (const Cure cure : {Cure::kRepair, Cure::kByHand, Cure::kRestore}) {
    bool any = false;
    bool alone = true;
    for (const FsckFinding& finding : report.findings) {
      if (finding.cure != cure) {
        alone = false;
        continue;
      }
      any = true;
      std::cout << "WRONG: " << Printable(finding.sentence) << "\n";
    }
    if (any) std::cout << "  => " << Advice(cure, alone) << "\n";
  }
  if (report.Whole()) std::cout << "everything is as the entries say\n";
}

int RunFsck(Options options) {
  options.fsck.progress = ShowProgressUnless(options.json);
  const absl::StatusOr<FsckReport> report = Fsck(options.fsck);
  if (absl::IsFailedPrecondition(report.status())) {
    Fail(report.status());
    return kNotRun;
  }
  if (!report.ok()) return Fail(report.status());
  if (options.json) {
    PrintJson(*report);
  } else {
    PrintText(*report);
  }
  return report->Whole() ? kDone : kRefused;
}

}  // namespace

void AddFsckCommand(CLI::App& app, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "fsck",
      "make everything anew from the stored entries and compare it with what is there; exit "
      "status 0: whole, 1: not, 2: a server has it open, 3: usage or input/output");
  command->add_option("--data", options->fsck.data, "the data directory, or a backup")->required();
  command->add_flag("--repair", options->fsck.repair,
                    "if no entry is lost, make a new ledger of the entries; the old one is kept");
  command->add_option("--log-key-file", options->fsck.log_key_file, "instead of DATA/log.key");
  command->add_flag("--json", options->json, "machine-readable output");
  command->callback([&run, options] { run = [options] { return RunFsck(*options); }; });
}

}  // namespace urna::server
