// Copying a board while it serves. docs/operations.md says how often, and where the keys go.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/progress.h"
#include "server/ledger.h"

namespace urna::server {

// Makes `out`, which must not exist: board.json, the published checkpoints, and a ledger made anew
// of all entries, which contains those checkpoints. No key and no token. The board may go on
// serving meanwhile; what it accepts after this began may be left out. DataLoss if the entries are
// not what was published. Returns what the copy holds.
absl::StatusOr<std::vector<LogInfo>> Backup(const std::string& data, const std::string& out,
                                            const ProgressOf& progress = {});

}  // namespace urna::server
