// A file whose contents are given up for others, so that whoever is interrupted goes on in one
// direction only: the new contents are on the disk before the old ones are overwritten, and once
// they are there the old ones are never used again.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/bytes.h"

namespace urna::voter {

// Holds the file for this process alone as long as it lives; move-only. All files are for their
// owner alone (mode 0600).
class StepFile {
 public:
  // AlreadyExists rather than overwrite.
  static absl::Status Create(const std::string& path, ByteSpan contents);
  // Finishes first what Replace had begun. NotFound if there is no such file, FailedPrecondition if
  // another process holds it.
  static absl::StatusOr<StepFile> Open(const std::string& path, size_t max_bytes);
  StepFile(StepFile&& other) noexcept
      : path_(std::move(other.path_)),
        contents_(std::move(other.contents_)),
        lock_(std::exchange(other.lock_, -1)) {}
  StepFile(const StepFile&) = delete;
  StepFile& operator=(const StepFile&) = delete;
  ~StepFile();

  const std::string& path() const { return path_; }
  const Bytes& contents() const { return contents_; }

  // The three steps below. After an error between them Open finishes the rest.
  absl::Status Replace(ByteSpan contents);

  // The new contents beside the file, durably: from here on they are what Open finds.
  absl::Status WriteNext(ByteSpan contents);
  // The old contents overwritten in their place. (What the disk itself keeps of overwritten blocks
  // is out of reach.)
  absl::Status WipeOld();
  // The new contents under the file's name.
  absl::Status PutInPlace();

 private:
  StepFile(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string NextPath() const { return path_ + ".next"; }
  bool HasNext() const;

  std::string path_;
  Bytes contents_;
  int lock_;  // an open descriptor of the file, locked
};

}  // namespace urna::voter
