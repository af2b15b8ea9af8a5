// The beginning of a log: what its first entry must say before the board makes one of it.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "core/record/entry.h"
#include "server/recovery.h"

namespace urna::server {

// A log of no number, tree and checkpoint yet, with its signer. The errors of LogState::Begin;
// PermissionDenied if it is not of this board, whose origins begin with `board_name` and a slash,
// or has another key; InvalidArgument if its origin is too long; AlreadyExists if it is a roll that
// has one of `logs` already.
absl::StatusOr<OpenLog> BeginLog(const record::Entry& first, const std::string& board_name,
                                 const crypto::SigningKey& board_key, const OpenLogs& logs);

}  // namespace urna::server
