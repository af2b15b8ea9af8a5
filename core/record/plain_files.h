// Directories looked at without following links. Used by the files of this folder only.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/bytes.h"

namespace urna::record {

enum class FileKind { kPlain, kDirectory, kLink, kOther };

struct DirectoryItem {
  std::string name;
  FileKind kind = FileKind::kOther;
};

// What a directory holds, ascending by name. NotFound if there is none.
absl::StatusOr<std::vector<DirectoryItem>> ListDirectory(const std::string& path);

// As urna::ReadFile, but DataLoss for a link and whatever else is no plain file.
absl::StatusOr<Bytes> ReadPlainFile(const std::string& path, size_t max_bytes);

// Puts `bytes` at `path` in one step, but not yet on the disk: SyncFiles() comes before anything
// that relies on it. For many files this takes a hundredth of the time of WriteFileDurably.
absl::Status WriteFileUnsynced(const std::string& path, ByteSpan bytes);

// Waits until all that was written in the file system of this directory is on the disk.
absl::Status SyncFiles(const std::string& directory);

// "'<name>' is a link", for people.
std::string NotPlain(const std::string& name, FileKind kind);

}  // namespace urna::record
