#include "core/record/plain_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/base/status.h"

namespace urna::record {
namespace {

FileKind KindOf(const struct stat& info) {
  if (S_ISREG(info.st_mode)) return FileKind::kPlain;
  if (S_ISDIR(info.st_mode)) return FileKind::kDirectory;
  if (S_ISLNK(info.st_mode)) return FileKind::kLink;
  return FileKind::kOther;
}

absl::Status SystemError(int error, absl::string_view doing, const std::string& path) {
  return absl::ErrnoToStatus(error, absl::StrCat(doing, " ", path));
}

absl::Status WriteAll(int fd, ByteSpan bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      return SystemError(errno, "cannot write", path);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteFileUnsynced(const std::string& path, ByteSpan bytes) {
  const std::string temporary = absl::StrCat(path, ".tmp-00000000");
  const int fd =
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (fd < 0) return SystemError(errno, "cannot make", temporary);
  absl::Status status = WriteAll(fd, bytes, temporary);
  if (::close(fd) != 0 && status.ok()) status = SystemError(errno, "cannot close", temporary);
  if (status.ok() && ::rename(temporary.c_str(), path.c_str()) != 0) {
    status = SystemError(errno, "cannot replace", path);
  }
  if (!status.ok()) ::unlink(temporary.c_str());
  return status;
}

absl::Status SyncFiles(const std::string& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return SystemError(errno, "cannot open directory", directory);
  const int error = ::syncfs(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (error != 0) return SystemError(error, "cannot sync the file system of", directory);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<DirectoryItem>> ListDirectory(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
  if (directory == nullptr) {
    return SystemError(errno, "cannot open directory", path);
  }
  std::vector<DirectoryItem> items;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    DirectoryItem item{entry->d_name};
    if (item.name == "." || item.name == "..") continue;
    struct stat info;
    if (::fstatat(::dirfd(directory.get()), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
      return SystemError(errno, "cannot stat", absl::StrCat(path, "/", item.name));
    }
    item.kind = KindOf(info);
    items.push_back(std::move(item));
  }
  if (errno != 0) {
    return SystemError(errno, "cannot read directory", path);
  }
  std::sort(items.begin(), items.end(),
            [](const DirectoryItem& a, const DirectoryItem& b) { return a.name < b.name; });
  return items;
}

absl::StatusOr<Bytes> ReadPlainFile(const std::string& path, size_t max_bytes) {
  struct stat info;
  if (::lstat(path.c_str(), &info) != 0) {
    return SystemError(errno, "cannot open", path);
  }
  const FileKind kind = KindOf(info);
  if (kind != FileKind::kPlain) return absl::DataLossError(NotPlain(path, kind));
  return ReadFile(path, max_bytes);
}

std::string NotPlain(const std::string& name, FileKind kind) {
  switch (kind) {
    case FileKind::kDirectory:
      return absl::StrCat("'", name, "' is a directory");
    case FileKind::kLink:
      return absl::StrCat("'", name, "' is a link");
    default:
      return absl::StrCat("'", name, "' is no plain file");
  }
}

}  // namespace urna::record
