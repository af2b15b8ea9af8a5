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

}  // namespace

absl::StatusOr<std::vector<DirectoryItem>> ListDirectory(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
  if (directory == nullptr) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open directory ", path));
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
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot stat ", path, "/", item.name));
    }
    item.kind = KindOf(info);
    items.push_back(std::move(item));
  }
  if (errno != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot read directory ", path));
  }
  std::sort(items.begin(), items.end(),
            [](const DirectoryItem& a, const DirectoryItem& b) { return a.name < b.name; });
  return items;
}

absl::StatusOr<Bytes> ReadPlainFile(const std::string& path, size_t max_bytes) {
  struct stat info;
  if (::lstat(path.c_str(), &info) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
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
