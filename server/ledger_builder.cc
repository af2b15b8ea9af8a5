#include "server/ledger_builder.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace urna::server {
namespace {

constexpr size_t kBlockBytes = size_t{4} << 20;
constexpr size_t kBlockEntries = 4096;

bool Exists(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

absl::Status Rename(const std::string& from, const std::string& to, unsigned flags) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) == 0) {
    return absl::OkStatus();
  }
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot rename ", from, " to ", to));
}

// Makes durable what was renamed in the directory that `path` lies in.
absl::Status SyncDirectoryOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int error = fd >= 0 && ::fsync(fd) == 0 ? 0 : errno;
  if (fd >= 0) ::close(fd);
  if (error == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(error, absl::StrCat("cannot sync directory ", directory));
}

}  // namespace

absl::StatusOr<std::unique_ptr<LedgerBuilder>> LedgerBuilder::Create(const std::string& directory) {
  LedgerOptions options;
  options.mode = LedgerMode::kCreate;
  URNA_ASSIGN_OR_RETURN(std::unique_ptr<Ledger> ledger, Ledger::Open(directory, options));
  return std::unique_ptr<LedgerBuilder>(new LedgerBuilder(std::move(ledger)));
}

absl::Status LedgerBuilder::Add(absl::string_view origin, ByteSpan entry) {
  const bool full = bytes_ >= kBlockBytes || next_.entries.size() >= kBlockEntries;
  if (full || next_.origin != origin) URNA_RETURN_IF_ERROR(Write());
  next_.origin = std::string(origin);
  next_.entries.push_back(ToBytes(entry));
  bytes_ += entry.size();
  return absl::OkStatus();
}

absl::Status LedgerBuilder::Write() {
  if (next_.entries.empty()) return absl::OkStatus();
  URNA_RETURN_IF_ERROR(ledger_->AppendBatch({next_}).status());
  next_.entries.clear();
  bytes_ = 0;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<LogInfo>> LedgerBuilder::Finish() {
  URNA_RETURN_IF_ERROR(Write());
  std::vector<LogInfo> logs = ledger_->Logs();
  ledger_.reset();
  return logs;
}

std::string FreeName(const std::string& path, absl::string_view what) {
  int number = 1;
  while (Exists(absl::StrCat(path, ".", what, "-", number))) ++number;
  return absl::StrCat(path, ".", what, "-", number);
}

absl::Status PutInPlace(const std::string& made, const std::string& path, const std::string& kept) {
  if (Exists(path)) {
    URNA_RETURN_IF_ERROR(Rename(made, path, RENAME_EXCHANGE));
    URNA_RETURN_IF_ERROR(Rename(made, kept, RENAME_NOREPLACE));
  } else {
    URNA_RETURN_IF_ERROR(Rename(made, path, RENAME_NOREPLACE));
  }
  return SyncDirectoryOf(path);
}

}  // namespace urna::server
