// Files read whole, and written so that they are either there whole and on the disk, or not at all.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/bytes.h"

namespace urna {

// The whole file. NotFound if there is none, ResourceExhausted if it is longer than `max_bytes`,
// otherwise the system's error. A directory is an error.
absl::StatusOr<Bytes> ReadFile(const std::string& path, size_t max_bytes);

// Puts `bytes` at `path` in place of what is there: a temporary file beside it, write, fsync,
// rename, fsync of the directory. The file is readable by all (mode 0644, less the umask) unless
// another mode is given, which it then has exactly. After an error the old file may or may not have
// been replaced, but is never torn.
absl::Status WriteFileDurably(const std::string& path, ByteSpan bytes, mode_t mode = 0644);

// The same for a file that must not exist yet (AlreadyExists), with the exact permissions `mode`
// from its first byte on: 0600 for key files.
absl::Status WriteNewFileDurably(const std::string& path, ByteSpan bytes, mode_t mode);

// Removes what the two leave beside their files when the process ends in the middle of them:
// regular files whose names end in ".tmp-" and eight hex digits. Nobody may be writing there. How
// many there were; the system's error if the directory cannot be listed or a file not removed.
absl::StatusOr<size_t> RemoveTemporaries(const std::string& directory);

// Makes the directory and all missing ones above it, durably. OK if it is there already.
absl::Status MakeDirectories(const std::string& path);

}  // namespace urna
