// What whoever brings logs to disk checks of them before anything else: that a checkpoint is signed
// by the key that the log itself names, and that a roll is the pinned one. docs/protocol.md §10.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/merkle/checkpoint.h"
#include "core/roll/roll.h"

namespace urna::record {

// The checkpoint of the log `origin`, verified with the key that its first entry names. DataLoss if
// that entry begins no log; the errors of merkle::OpenCheckpoint.
absl::StatusOr<merkle::Checkpoint> OpenFetchedCheckpoint(absl::string_view origin, ByteSpan note,
                                                         ByteSpan first_entry);

// The pin of the poll in the directory, nothing if it has not been opened there.
absl::StatusOr<std::optional<roll::RollPin>> FindPin(const std::string& directory);

// DataLoss unless the log in the directory is the pinned roll, or has grown from it.
absl::Status CheckPinnedRoll(const std::string& directory, const roll::RollPin& pin);

}  // namespace urna::record
