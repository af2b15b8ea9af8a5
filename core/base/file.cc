#include "core/base/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <random>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace urna {
namespace {

absl::Status SystemError(int error, absl::string_view doing, const std::string& path) {
  return absl::ErrnoToStatus(error, absl::StrCat(doing, " ", path));
}

// An open file descriptor, closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }

  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

// Removes a file at the end unless Keep() was called.
class RemoveUnlessKept {
 public:
  explicit RemoveUnlessKept(const std::string& path) : path_(path) {}
  RemoveUnlessKept(const RemoveUnlessKept&) = delete;
  RemoveUnlessKept& operator=(const RemoveUnlessKept&) = delete;
  ~RemoveUnlessKept() {
    if (!kept_) ::unlink(path_.c_str());
  }

  void Keep() { kept_ = true; }

 private:
  const std::string& path_;
  bool kept_ = false;
};

constexpr absl::string_view kTemporary = ".tmp-";
constexpr size_t kTemporaryDigits = 8;

bool IsTemporary(absl::string_view name) {
  if (name.size() < kTemporary.size() + kTemporaryDigits) return false;
  const absl::string_view digits = name.substr(name.size() - kTemporaryDigits);
  name.remove_suffix(kTemporaryDigits);
  return name.substr(name.size() - kTemporary.size()) == kTemporary &&
         std::all_of(digits.begin(), digits.end(), absl::ascii_isxdigit);
}

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::Status SyncDirectory(const std::string& path) {
  Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) return SystemError(errno, "cannot open directory", path);
  if (::fsync(directory.get()) != 0) return SystemError(errno, "cannot sync directory", path);
  return absl::OkStatus();
}

absl::Status WriteAll(int fd, ByteSpan bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return SystemError(errno, "cannot write", path);
    }
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

// Makes a synced temporary file with these bytes in the directory of `path` and returns its name.
// The umask takes bits off `mode` only where `exact_mode` is false.
absl::StatusOr<std::string> WriteTemporary(const std::string& path, ByteSpan bytes, mode_t mode,
                                           bool exact_mode) {
  std::random_device random;
  std::string temporary;
  int fd = -1;
  do {
    temporary = absl::StrCat(path, kTemporary, absl::Hex(random(), absl::kZeroPad8));
    fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EEXIST);
  if (fd < 0) return SystemError(errno, "cannot make a temporary file for", path);
  Descriptor file(fd);
  RemoveUnlessKept cleanup(temporary);
  if (exact_mode && ::fchmod(file.get(), mode) != 0) {
    return SystemError(errno, "cannot set the mode of", temporary);
  }
  URNA_RETURN_IF_ERROR(WriteAll(file.get(), bytes, temporary));
  if (::fsync(file.get()) != 0) return SystemError(errno, "cannot sync", temporary);
  if (::close(file.Release()) != 0) return SystemError(errno, "cannot close", temporary);
  cleanup.Keep();
  return temporary;
}

// Gives a file its final name if nothing has that name yet, in one step. Returns an errno or 0.
int RenameToNew(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // A file system without RENAME_NOREPLACE: a hard link is as good.
  if (::link(from.c_str(), to.c_str()) != 0) return errno;
  return ::unlink(from.c_str()) == 0 ? 0 : errno;
}

}  // namespace

absl::StatusOr<Bytes> ReadFile(const std::string& path, size_t max_bytes) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return SystemError(errno, "cannot open", path);
  struct stat info;
  if (::fstat(file.get(), &info) != 0) return SystemError(errno, "cannot stat", path);
  const size_t expected = info.st_size > 0 ? static_cast<size_t>(info.st_size) : 0;
  Bytes out(std::min(expected, max_bytes) + 1);  // one more: to see the end without growing
  size_t have = 0;
  while (true) {
    const ssize_t got = ::read(file.get(), out.data() + have, out.size() - have);
    if (got < 0) {
      if (errno == EINTR) continue;
      return SystemError(errno, "cannot read", path);
    }
    if (got == 0) break;
    have += static_cast<size_t>(got);
    if (have > max_bytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat(path, " is longer than ", max_bytes, " bytes"));
    }
    if (have == out.size()) out.resize(std::min(2 * have, max_bytes) + 1);
  }
  out.resize(have);
  return out;
}

absl::Status WriteFileDurably(const std::string& path, ByteSpan bytes, mode_t mode) {
  URNA_ASSIGN_OR_RETURN(const std::string temporary,
                        WriteTemporary(path, bytes, mode, mode != 0644));
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    return SystemError(error, "cannot replace", path);
  }
  return SyncDirectory(DirectoryOf(path));
}

absl::Status WriteNewFileDurably(const std::string& path, ByteSpan bytes, mode_t mode) {
  URNA_ASSIGN_OR_RETURN(const std::string temporary, WriteTemporary(path, bytes, mode, true));
  if (const int error = RenameToNew(temporary, path); error != 0) {
    ::unlink(temporary.c_str());
    return SystemError(error, "cannot create", path);
  }
  return SyncDirectory(DirectoryOf(path));
}

absl::StatusOr<size_t> RemoveTemporaries(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> found;
  for (std::filesystem::directory_iterator file(directory, error), end; !error && file != end;
       file.increment(error)) {
    if (IsTemporary(file->path().filename().string()) && file->is_regular_file(error)) {
      found.push_back(file->path().string());
    }
  }
  if (error) return SystemError(error.value(), "cannot list", directory);
  for (const std::string& path : found) {
    if (::unlink(path.c_str()) != 0) return SystemError(errno, "cannot remove", path);
  }
  return found.size();
}

absl::Status MakeDirectories(const std::string& path) {
  if (path.empty()) return absl::InvalidArgumentError("a directory needs a name");
  struct stat info;
  for (size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), 0777) == 0) {
      URNA_RETURN_IF_ERROR(SyncDirectory(DirectoryOf(part)));
    } else if (const int error = errno;
               ::stat(part.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
      return SystemError(error, "cannot make directory", part);
    }
    if (end == std::string::npos) return absl::OkStatus();
  }
}

}  // namespace urna
