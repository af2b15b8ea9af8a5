// A record directory in a board's place: whoever has the files needs no connection.
// docs/protocol.md §10.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "voter/board.h"

namespace urna::voter {

// Answers about the poll of RECORD alone, and takes no entries. The poll's origin, as its
// checkpoint says it, goes into `origin`. NotFound if there is no such record, InvalidArgument if
// its checkpoint is malformed.
absl::StatusOr<std::unique_ptr<Board>> OpenRecordBoard(const std::string& record,
                                                       std::string& origin);

}  // namespace urna::voter
