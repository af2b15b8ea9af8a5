// Writing a poll's record out of a data directory, without a server. docs/protocol.md §10.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace urna::server {

// Writes the poll and, once it is opened, the roll that it pins, under the last published
// checkpoints, into `record`. The ledger is opened for reading only. NotFound if the board has no
// such poll; DataLoss if its entries do not give the checkpoints.
absl::Status ExportRecord(const std::string& data, absl::string_view origin,
                          const std::string& record);

}  // namespace urna::server
