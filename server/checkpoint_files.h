// The last published checkpoint of every log, each in a file of its own beside the ledger, so that
// a ledger that has lost or changed something is noticed before anything else is signed.
//
// The file's name is the origin with '_' for '/', which origins cannot contain.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace urna::server {

// The longest origin whose checkpoint can be filed, in bytes.
inline constexpr size_t kMaxFiledOrigin = 200;

std::string CheckpointFileName(absl::string_view origin);

// Puts a signed checkpoint in place of the log's last one: write, fsync, rename, fsync of the
// directory.
absl::Status PublishCheckpoint(const std::string& directory, absl::string_view origin,
                               absl::string_view note);

// The names of the files in the directory that should be checkpoints, in order.
absl::StatusOr<std::vector<std::string>> ListCheckpoints(const std::string& directory);

// Origin and note of one of them, not verified. DataLoss if it is no checkpoint or lies under
// another origin's name.
absl::StatusOr<std::pair<std::string, std::string>> ReadCheckpoint(const std::string& directory,
                                                                   const std::string& name);

// Every checkpoint in the directory, by origin, not verified. DataLoss if a file is none or lies
// under another origin's name.
absl::StatusOr<std::map<std::string, std::string>> ReadCheckpoints(const std::string& directory);

}  // namespace urna::server
