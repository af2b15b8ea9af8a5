// Making a board's data directory anew from a backup and from mirrors' records.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/progress.h"
#include "server/data_directory.h"
#include "server/ledger.h"

namespace urna::server {

struct RestoreOptions {
  std::string backup;                // what Backup made; empty: there is none
  std::vector<std::string> records;  // directories as `urna-verifier fetch` or a mirror writes them
  std::string data;                  // made if it is missing
  ProgressOf progress = {};
};

struct RestoreReport {
  BoardIdentity board;
  std::vector<LogInfo> logs;
  std::string kept;          // where the ledger lies that was there before; empty if there was none
  bool key_missing = false;  // log.key is to be put there before the board can serve
  bool new_token = false;    // there was no admin.token; a new one was made
};

// Takes each log from where there is most of it, and puts the ledger made of that in the place of
// the one in `data`. The result contains every checkpoint that is known: those of the backup, of
// the records and, most of all, those that lie in `data` still. FailedPrecondition if there is
// none such, for a board that has published more must never sign less, or if a server is running;
// DataLoss if entries are not those of their checkpoint or break the rules. `data` is then as it
// was. A log that is in the backup alone stays as long as it is there.
absl::StatusOr<RestoreReport> Restore(const RestoreOptions& options);

}  // namespace urna::server
