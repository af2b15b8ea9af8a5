// A disk that forgets. While one stands over a directory, every call of this process that makes,
// writes, renames, removes or syncs a file in it is noted, and what a loss of power would leave at
// any moment can be laid out in another directory: of each file what was synced, of each directory
// the names that were synced, of everything else nothing, or torn remains.
//
// It lies below RocksDB's file system and below our own files alike: the test program defines
// open, close, write, fsync, fdatasync, rename and unlink, which thereby stand in front of libc's
// (forgetful_calls.cc). Nothing is really synced, so that thousands of commits take seconds.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/base/bytes.h"

namespace urna::testing {

// What becomes of a chosen step.
enum class Fault {
  kLeftOut,  // it does nothing and says that all is well
  kFails,    // EIO; and what a sync was for is lost for good, whatever later syncs say
};

// A write, a sync or a rename, by what it is of and the how-manieth of that kind it is, from 0:
// {"sync ledger/*.log", 3}, {"sync ledger/", 0}, {"rename checkpoints/*.checkpoint", 1} (the new
// name), {"write checkpoints/*.tmp", 2}. Threads mix the kinds up, so a step has no other number.
struct Step {
  std::string kind;
  size_t nth = 0;
};

// What a loss of power leaves of what was not synced.
enum class Remains {
  kNothing,  // neither bytes nor names
  kNames,    // all names, no bytes
  kTorn,     // of every directory's changes the first few, of every file's bytes the first few
  kGarbage,  // all names, and zeros or noise in place of bytes
};

// While one stands, no sync of this process does anything: for looking at what is left, as a disk
// that is slow makes tests slow.
class WithoutSyncs {
 public:
  WithoutSyncs();
  ~WithoutSyncs();
  WithoutSyncs(const WithoutSyncs&) = delete;
  WithoutSyncs& operator=(const WithoutSyncs&) = delete;
};

class ForgetfulDisk {
 public:
  // What is in the directory counts as synced. There is one at a time; files in it must not be
  // open yet.
  explicit ForgetfulDisk(std::string root);
  ~ForgetfulDisk();
  ForgetfulDisk(const ForgetfulDisk&) = delete;
  ForgetfulDisk& operator=(const ForgetfulDisk&) = delete;

  // How many steps of each kind there were so far.
  std::map<std::string, size_t> Steps() const;
  void FaultAt(Step step, Fault fault);
  // How many of the steps with faults have come.
  size_t Faulted() const;

  // Called before every noted change of names and every sync, while all other such calls wait.
  void BeforeEach(std::function<void()> hook);

  // Lays out what would be left now.
  void Leave(const std::string& to, Remains remains, std::mt19937_64& random) const;

  // The process is killed and the power goes later: `to` becomes what a new process would find now,
  // and the disk stands over that, with what was synced of it.
  void MoveTo(const std::string& to);

  // For the calls that stand in front of libc's, under `mutex`. What is asked for the fate of a
  // step says nothing where it shall simply be done.
  struct File;
  using Fate = std::optional<Fault>;
  static ForgetfulDisk* Current();  // null while there is none, and for what it does itself
  std::recursive_mutex& mutex() { return mutex_; }
  bool Covers(const std::string& path) const;
  bool Covers(int fd) const { return open_.count(fd) != 0 || open_files_.count(fd) != 0; }
  void Before();
  void Made(const std::string& path);
  void Opened(int fd, const std::string& path);
  void Closed(int fd);
  void Removed(const std::string& path);
  Fate Write(int fd);
  Fate Rename(const std::string& from, const std::string& to);
  Fate Sync(int fd);

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
  Fate FateOf(const std::string& kind);
  void SyncFile(File& file, Fate fate) const;
  void SyncDirectory(const std::string& path);
  static void Apply(const Change& change, Names& names);
  std::string Kind(const std::string& path) const;

  std::string root_;
  mutable std::recursive_mutex mutex_;
  Names now_;                        // by path below the root
  Names synced_;                     // the same, as the disk has it
  std::vector<Change> unsynced_;     // in order
  std::map<int, std::string> open_;  // directories
  std::map<int, FilePtr> open_files_;
  std::map<std::string, size_t> steps_;
  std::vector<std::pair<Step, Fault>> faults_;
  size_t faulted_ = 0;
  std::function<void()> hook_;
  bool in_hook_ = false;
};

}  // namespace urna::testing
