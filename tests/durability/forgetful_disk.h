// A disk that forgets. While one stands over a directory, every call of this process that makes,
// renames, removes or syncs a file in it is noted, and what a loss of power would leave at any
// moment can be laid out in another directory: of each file what was synced, of each directory the
// names that were synced, of everything else nothing, or torn remains.
//
// It lies below RocksDB's file system and below our own files alike: the test program defines
// open, close, fsync, fdatasync, rename and unlink, which thereby stand in front of libc's. Nothing
// is really synced, so that thousands of commits take seconds.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace urna::testing {

// What becomes of a chosen sync.
enum class SyncFault {
  kLeftOut,  // it does nothing and says that all is well
  kFails,    // EIO; and what it was to sync is lost for good, whatever later syncs say
};

// What a loss of power leaves of what was not synced.
enum class Remains {
  kNothing,  // neither bytes nor names
  kNames,    // all names, no bytes
  kTorn,     // of every directory's changes the first few, of every file's bytes the first few
  kGarbage,  // all names, and zeros or noise in place of bytes
};

class ForgetfulDisk {
 public:
  // What is in the directory counts as synced. There is one at a time; files in it must not be
  // open yet.
  explicit ForgetfulDisk(std::string root);
  ~ForgetfulDisk();
  ForgetfulDisk(const ForgetfulDisk&) = delete;
  ForgetfulDisk& operator=(const ForgetfulDisk&) = delete;

  // The syncs so far, each as what it was of: "ledger/*.log", "ledger/", "checkpoints/*.tmp", …
  std::vector<std::string> Syncs() const;
  void FaultAt(size_t sync, SyncFault fault);

  // Called before every noted change and sync, while all other such calls wait.
  void BeforeEach(std::function<void()> hook);

  // Lays out what would be left now.
  void Leave(const std::string& to, Remains remains, std::mt19937_64& random) const;

  // The process is killed and the power goes later: `to` becomes what a new process would find now,
  // and the disk stands over that, with what was synced of it.
  void MoveTo(const std::string& to);

  // For the calls that stand in front of libc's; false if the path is not below the directory.
  struct File;
  bool Covers(const std::string& path) const;
  void Made(const std::string& path);
  void Opened(int fd, const std::string& path);
  void Closed(int fd);
  void Renamed(const std::string& from, const std::string& to);
  void Removed(const std::string& path);
  // 0 or an errno.
  int Sync(int fd);
  void Before();
  std::recursive_mutex& mutex() { return mutex_; }

 private:
  using FilePtr = std::shared_ptr<File>;
  using Names = std::map<std::string, FilePtr>;
  // Names of one directory that changed in one step; null: gone.
  struct Change {
    std::string directory;
    std::vector<std::pair<std::string, FilePtr>> names;
  };

  Bytes Contents(const File& file) const;
  Bytes Left(const File& file, Remains remains, std::mt19937_64& random) const;
  void SyncFile(File& file, SyncFault* fault);
  static void Apply(const Change& change, Names& names);
  std::string Kind(const std::string& path) const;

  std::string root_;
  mutable std::recursive_mutex mutex_;
  Names now_;                     // by path below the root
  Names synced_;                  // the same, as the disk has it
  std::vector<Change> unsynced_;  // in order
  std::map<int, std::string> open_;
  std::map<int, FilePtr> open_files_;
  std::vector<std::string> syncs_;
  std::map<size_t, SyncFault> faults_;
  std::function<void()> hook_;
  bool in_hook_ = false;
};

}  // namespace urna::testing
