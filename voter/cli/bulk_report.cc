#include "voter/cli/bulk_report.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/status.h"
#include "core/base/utf8.h"
#include "voter/cli/commands.h"

namespace urna::voter {
namespace {

constexpr size_t kFailuresShown = 20;

absl::Status FileError(const std::string& path) {
  return absl::UnknownError(absl::StrCat("writing ", path, ": ", std::strerror(errno)));
}

}  // namespace

void BulkReportOptions::AddTo(CLI::App& command) {
  command.add_option("--receipts", receipts,
                     "File to which every receipt is appended, as one JSON a line");
  command.add_flag("--progress", progress, "Show progress also where no terminal is");
}

BulkReport::BulkReport(const BulkReportOptions& options, uint64_t count, absl::string_view what)
    : receipts_path_(options.receipts),
      what_(what),
      count_(count),
      progress_(ShowProgress(absl::StrCat(what, "s answered"), options.progress
                                                                   ? ProgressTo::kTerminalOrFile
                                                                   : ProgressTo::kTerminal)),
      started_(std::chrono::steady_clock::now()) {}

BulkReport::~BulkReport() {
  if (file_ != nullptr) std::fclose(file_);
}

absl::StatusOr<std::unique_ptr<BulkReport>> BulkReport::Start(const BulkReportOptions& options,
                                                              uint64_t count,
                                                              absl::string_view what) {
  std::unique_ptr<BulkReport> report(new BulkReport(options, count, what));
  if (!options.receipts.empty()) {
    report->file_ = std::fopen(options.receipts.c_str(), "ab");
    if (report->file_ == nullptr) return FileError(options.receipts);
    // A receipt that was given is there even if this program is killed.
    std::setvbuf(report->file_, nullptr, _IOLBF, 1 << 14);
  }
  return report;
}

absl::Status BulkReport::Take(const remote::Receipt& receipt) {
  if (file_ == nullptr) return absl::OkStatus();
  const Json json{
      {"index", receipt.index}, {"leaf", ToHex(receipt.leaf_hash)}, {"proof", receipt.proof}};
  const std::string line = json.dump() + "\n";
  if (std::fwrite(line.data(), 1, line.size(), file_) != line.size()) {
    return FileError(receipts_path_);
  }
  return absl::OkStatus();
}

double BulkReport::Seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
}

void BulkReport::Progress(uint64_t accepted, uint64_t failed) {
  if (progress_) progress_(accepted + failed, count_);
}

absl::Status BulkReport::Finish(const BulkResult& result, size_t checkpoints,
                                const std::vector<std::string>& left_out, bool json) {
  if (file_ != nullptr && (std::fflush(file_) != 0 || fsync(fileno(file_)) != 0)) {
    return FileError(receipts_path_);
  }
  const double seconds = Seconds();
  const double rate = static_cast<double>(result.accepted) / std::max(seconds, 0.001);
  for (size_t i = 0; i < result.failures.size() && i < kFailuresShown; ++i) {
    std::cerr << what_ << " " << result.failures[i].item + 1 << ": "
              << Printable(result.failures[i].status.message()) << "\n";
  }
  if (result.failures.size() > kFailuresShown) {
    std::cerr << "… and " << result.failures.size() - kFailuresShown << " more\n";
  }
  if (json) {
    Json failures = Json::array();
    for (const BulkFailure& failure : result.failures) {
      failures.push_back(
          {{"item", failure.item + 1}, {"error", std::string(failure.status.message())}});
    }
    Json answer{
        {"accepted", result.accepted}, {"failed", failures}, {"unanswered", result.unanswered},
        {"checkpoints", checkpoints},  {"seconds", seconds}, {"per_second", rate}};
    answer["left_out"] = left_out;
    if (!receipts_path_.empty()) answer["receipts_file"] = receipts_path_;
    Print(answer);
  } else {
    PrintLine(
        absl::StrFormat("%d of %d %ss accepted in %.1f s (%.0f/s); every receipt verified, "
                        "under %d checkpoints",
                        result.accepted, count_, what_, seconds, rate, checkpoints));
  }
  if (result.accepted == count_) return absl::OkStatus();
  std::string why =
      absl::StrCat(result.accepted, " of ", count_, " ", what_, "s were accepted, ",
                   result.failures.size(), " failed, ", result.unanswered, " were not answered");
  if (!result.ended.ok()) absl::StrAppend(&why, ": ", result.ended.message());
  return absl::FailedPreconditionError(why);
}

}  // namespace urna::voter
