// A new ledger made out of entries: for backups, for what is restored, and for fsck.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "server/ledger.h"

namespace urna::server {

// For one thread. The ledger is on the disk when Finish has returned OK.
class LedgerBuilder {
 public:
  // An empty ledger in `directory`, which must hold none.
  static absl::StatusOr<std::unique_ptr<LedgerBuilder>> Create(const std::string& directory);

  // Puts the entry at the end of the log, which begins with its first one. What is added to one log
  // after another is written in blocks.
  absl::Status Add(absl::string_view origin, ByteSpan entry);

  // Closes the ledger; what it holds then.
  absl::StatusOr<std::vector<LogInfo>> Finish();

 private:
  explicit LedgerBuilder(std::unique_ptr<Ledger> ledger) : ledger_(std::move(ledger)) {}
  absl::Status Write();

  std::unique_ptr<Ledger> ledger_;
  LogAppend next_;
  size_t bytes_ = 0;  // in next_
};

// Where directory `path` is to be put away: `path`.`what`-1, or the first number that is free.
std::string FreeName(const std::string& path, absl::string_view what);

// Puts directory `made` in the place of `path`, and what was there, if anything, at `kept`; in
// such steps that there is always a whole one at `path`, if there was.
absl::Status PutInPlace(const std::string& made, const std::string& path, const std::string& kept);

}  // namespace urna::server
