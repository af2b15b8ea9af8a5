// Writing a poll's record out of a data directory, without a server. docs/protocol.md §10.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/progress.h"

namespace urna::server {

enum class ExportAt {
  kNewest,  // the last published checkpoint, cosigned or not
  kFinal,   // the largest that has met the board's witness quorum, if there is one; else the newest
};

struct Exported {
  uint64_t size = 0;       // entries of the poll in the record
  uint64_t published = 0;  // entries that the board has published
};

// Writes the poll and, once it is opened, the roll that it pins, which is under its last published
// checkpoint, into `record`. The ledger is opened for reading only. NotFound if the board has no
// such poll; DataLoss if its entries do not give the checkpoints.
absl::StatusOr<Exported> ExportRecord(const std::string& data, absl::string_view origin,
                                      const std::string& record, ExportAt at = ExportAt::kFinal,
                                      const ProgressOf& progress = {});

}  // namespace urna::server
