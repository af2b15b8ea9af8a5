// A ledger looked at from outside: rebuilds every log's tree from the entries alone and compares
// with it whatever else is stored. Believes nothing but the entries.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/progress.h"
#include "core/merkle/tree.h"
#include "server/ledger.h"

namespace urna::server {

struct LedgerProblem {
  bool derived = false;  // of rows that follow from the entries, which are all there
  std::string sentence;
};

struct LedgerCheck {
  std::vector<LogInfo> logs;  // as the entries say it; an origin that is not stored is empty
  uint64_t rows = 0;          // compared
  std::vector<LedgerProblem> problems;
};

// Keeps servers away from a ledger for as long as it lives.
class LedgerLock {
 public:
  // FailedPrecondition if a server has it open.
  static absl::StatusOr<std::unique_ptr<LedgerLock>> Take(const std::string& directory);
  ~LedgerLock();

 private:
  struct Impl;
  explicit LedgerLock(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Is shown each entry, log by log and in order up to the first that is missing, with the tree that
// ends with it; an error of its own ends the check.
using EntryVisitor = std::function<absl::Status(LogNumber log, uint64_t index, ByteSpan entry,
                                                const merkle::CompactTree& tree)>;

// Opens the database for reading only and reads every row. An error is one of opening it, or of
// the visitor; everything else is a problem in the answer. `progress` is told of entries.
absl::StatusOr<LedgerCheck> CheckLedger(const std::string& directory, const EntryVisitor& visit,
                                        const Progress& progress = {});

}  // namespace urna::server
