// What a rehearsal with many voters shows and leaves behind: progress, receipts, failures.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/progress.h"
#include "core/remote/board_client.h"
#include "voter/bulk.h"

namespace urna::voter {

struct BulkReportOptions {
  std::string receipts;  // file; empty: receipts are verified and forgotten
  bool progress = false;
  void AddTo(CLI::App& command);
};

// Not thread-safe.
class BulkReport {
 public:
  // Opens the receipts file for appending. `what`: "ballot" or "act".
  static absl::StatusOr<std::unique_ptr<BulkReport>> Start(const BulkReportOptions& options,
                                                           uint64_t count, absl::string_view what);
  ~BulkReport();
  BulkReport(const BulkReport&) = delete;
  BulkReport& operator=(const BulkReport&) = delete;

  // Appends {"index", "leaf", "proof"} as one line.
  absl::Status Take(const remote::Receipt& receipt);
  // On standard error, if somebody is looking or asked for it.
  void Progress(uint64_t accepted, uint64_t failed);
  // Syncs the receipts and prints the outcome. `left_out`: a sentence for each who was not asked to
  // take part. FailedPrecondition unless all were accepted.
  absl::Status Finish(const BulkResult& result, size_t checkpoints,
                      const std::vector<std::string>& left_out, bool json);

 private:
  BulkReport(const BulkReportOptions& options, uint64_t count, absl::string_view what);
  double Seconds() const;

  std::string receipts_path_;
  std::string what_;
  uint64_t count_;
  urna::Progress progress_;
  std::FILE* file_ = nullptr;
  std::chrono::steady_clock::time_point started_;
};

}  // namespace urna::voter
