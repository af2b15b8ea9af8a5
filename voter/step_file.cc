#include "voter/step_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/base/status.h"

namespace urna::voter {
namespace {

constexpr mode_t kOwnerOnly = 0600;

absl::Status SystemError(absl::string_view doing, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(doing, " ", path));
}

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::Status SyncDirectory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return SystemError("cannot open directory", path);
  const absl::Status status =
      ::fsync(fd) == 0 ? absl::OkStatus() : SystemError("cannot sync directory", path);
  ::close(fd);
  return status;
}

absl::Status WriteZeros(int fd, off_t size, const std::string& path) {
  constexpr std::array<uint8_t, 4096> kZeros{};
  for (off_t at = 0; at < size;) {
    const auto length = static_cast<size_t>(std::min<off_t>(size - at, kZeros.size()));
    const ssize_t written = ::pwrite(fd, kZeros.data(), length, at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError("cannot overwrite", path);
    at += written;
  }
  return ::fsync(fd) == 0 ? absl::OkStatus() : SystemError("cannot sync", path);
}

// Whether a name still stands for an open file.
bool IsStill(int fd, const std::string& path) {
  struct stat opened, named;
  return ::fstat(fd, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

}  // namespace

StepFile::~StepFile() {
  if (lock_ >= 0) ::close(lock_);
}

absl::Status StepFile::Create(const std::string& path, ByteSpan contents) {
  if (StepFile(path, -1).HasNext()) {
    return absl::AlreadyExistsError(absl::StrCat(path, ".next is already there"));
  }
  return WriteNewFileDurably(path, contents, kOwnerOnly);
}

absl::StatusOr<StepFile> StepFile::Open(const std::string& path, size_t max_bytes) {
  while (true) {
    StepFile file(path, ::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (file.lock_ < 0) return SystemError("cannot open", path);
    // Where the file system has no locks the sequence numbers in the log are what is left.
    if (::flock(file.lock_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, " is being used by another program at this moment"));
    }
    if (!IsStill(file.lock_, path)) continue;
    if (file.HasNext()) {
      URNA_RETURN_IF_ERROR(file.WipeOld());
      URNA_RETURN_IF_ERROR(file.PutInPlace());
      continue;
    }
    URNA_ASSIGN_OR_RETURN(file.contents_, ReadFile(path, max_bytes));
    return file;
  }
}

bool StepFile::HasNext() const { return ::access(NextPath().c_str(), F_OK) == 0; }

absl::Status StepFile::Replace(ByteSpan contents) {
  URNA_RETURN_IF_ERROR(WriteNext(contents));
  URNA_RETURN_IF_ERROR(WipeOld());
  return PutInPlace();
}

absl::Status StepFile::WriteNext(ByteSpan contents) {
  URNA_RETURN_IF_ERROR(WriteNewFileDurably(NextPath(), contents, kOwnerOnly));
  contents_ = ToBytes(contents);
  return absl::OkStatus();
}

absl::Status StepFile::WipeOld() {
  struct stat info;
  if (::fstat(lock_, &info) != 0) return SystemError("cannot look at", path_);
  return WriteZeros(lock_, info.st_size, path_);
}

absl::Status StepFile::PutInPlace() {
  if (::rename(NextPath().c_str(), path_.c_str()) != 0) {
    return SystemError("cannot rename", NextPath());
  }
  return SyncDirectory(DirectoryOf(path_));
}

}  // namespace urna::voter
