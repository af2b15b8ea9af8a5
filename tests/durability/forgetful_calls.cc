// What stands in front of libc's calls, for every part of this program that is linked to them by
// name, RocksDB's library among them.
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

#include "tests/durability/forgetful_disk.h"

namespace urna::testing {
namespace {

template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

std::string Clean(const char* path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

// The disk that has to be told of a call on a path or an open file, if there is one, with
// everything held up.
class Noted {
 public:
  explicit Noted(const char* path) : disk_(ForgetfulDisk::Current()) {
    if (disk_ == nullptr) return;
    path_ = Clean(path);
    lock_.emplace(disk_->mutex());
    if (!disk_->Covers(path_)) Leave();
  }
  explicit Noted(int fd) : disk_(ForgetfulDisk::Current()) {
    if (disk_ == nullptr) return;
    lock_.emplace(disk_->mutex());
    if (!disk_->Covers(fd)) Leave();
  }
  explicit operator bool() const { return disk_ != nullptr; }
  ForgetfulDisk* operator->() const { return disk_; }
  const std::string& path() const { return path_; }

 private:
  void Leave() {
    lock_.reset();
    disk_ = nullptr;
  }

  ForgetfulDisk* disk_;
  std::string path_;
  std::optional<std::lock_guard<std::recursive_mutex>> lock_;
};

// What a step with a fault returns: `well`, or -1 and EIO.
template <typename Result>
Result Spoilt(Fault fault, Result well) {
  if (fault == Fault::kLeftOut) return well;
  errno = EIO;
  return -1;
}

int Open(const char* path, int flags, mode_t mode) {
  static auto* const real = Next<int(const char*, int, ...)>("open");
  const Noted disk(path);
  if (!disk) return real(path, flags, mode);
  struct stat info {};
  const bool making = (flags & O_CREAT) != 0 && ::stat(path, &info) != 0;
  if (making) disk->Before();
  const int fd = real(path, flags, mode);
  if (fd < 0) return fd;
  if (making) disk->Made(disk.path());
  disk->Opened(fd, disk.path());
  return fd;
}

std::atomic<int> without_syncs{0};

int Sync(int fd, int (*real)(int)) {
  const Noted disk(fd);
  if (!disk) return without_syncs > 0 ? 0 : real(fd);
  disk->Before();
  if (!disk->Covers(fd)) return real(fd);  // the disk has moved meanwhile
  const ForgetfulDisk::Fate fate = disk->Sync(fd);
  return fate.has_value() ? Spoilt(*fate, 0) : 0;
}

}  // namespace

WithoutSyncs::WithoutSyncs() { ++without_syncs; }
WithoutSyncs::~WithoutSyncs() { --without_syncs; }

}  // namespace urna::testing

extern "C" {

int open(const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(list, mode_t) : 0;
  va_end(list);
  return urna::testing::Open(path, flags, mode);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  static auto* const real = urna::testing::Next<ssize_t(int, const void*, size_t)>("write");
  const urna::testing::Noted disk(fd);
  if (!disk) return real(fd, bytes, size);
  const urna::testing::ForgetfulDisk::Fate fate = disk->Write(fd);
  if (fate.has_value()) return urna::testing::Spoilt(*fate, static_cast<ssize_t>(size));
  return real(fd, bytes, size);
}

int fsync(int fd) {
  static auto* const real = urna::testing::Next<int(int)>("fsync");
  return urna::testing::Sync(fd, real);
}

int fdatasync(int fd) {
  static auto* const real = urna::testing::Next<int(int)>("fdatasync");
  return urna::testing::Sync(fd, real);
}

int close(int fd) {
  static auto* const real = urna::testing::Next<int(int)>("close");
  const urna::testing::Noted disk(fd);
  if (disk) disk->Closed(fd);
  return real(fd);
}

int rename(const char* from, const char* to) noexcept {
  static auto* const real = urna::testing::Next<int(const char*, const char*)>("rename");
  const urna::testing::Noted disk(from);
  if (!disk) return real(from, to);
  disk->Before();
  const auto fate = disk->Rename(disk.path(), urna::testing::Clean(to));
  return fate.has_value() ? urna::testing::Spoilt(*fate, 0) : real(from, to);
}

int unlink(const char* path) noexcept {
  static auto* const real = urna::testing::Next<int(const char*)>("unlink");
  const urna::testing::Noted disk(path);
  if (!disk) return real(path);
  disk->Before();
  disk->Removed(disk.path());
  return real(path);
}

}  // extern "C"
