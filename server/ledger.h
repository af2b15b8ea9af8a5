// Where the board keeps its logs: one RocksDB database, and beside it the last published checkpoint
// of every log as a file of its own. docs/protocol.md §10 for trees and checkpoints.
//
// What is in the database, one key space, integers big-endian, `log` a number of 4 bytes:
//
//   'L' log                     origin
//   'H' log                     tree head: size (8) ‖ root (32)
//   'E' log index (8)           entry
//   'N' log level (1) index (8) hash of a full subtree (32), leaves included
//   'I' log leaf hash (32)      index of the entry (8)
//   'F'                         format of the database: "urna-ledger-1"
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/merkle/hash.h"
#include "core/merkle/tree.h"
#include "core/merkle/tree_head.h"

namespace rocksdb {
struct Options;
}

namespace urna::server {

using LogNumber = uint32_t;

using merkle::TreeHead;

// One log as stored.
struct LogInfo {
  LogNumber number = 0;
  std::string origin;
  TreeHead head;
};

// What goes to the end of one log; an origin that has no log yet begins one.
struct LogAppend {
  std::string origin;
  std::vector<Bytes> entries;  // each 1 to 65,535 bytes
};

enum class LedgerMode { kCreate, kOpen, kReadOnly };

struct LedgerOptions {
  LedgerMode mode = LedgerMode::kOpen;
  // For tests: called before every synced write; an error counts as the disk's.
  std::function<absl::Status()> before_write;
  // May change how the database is opened, such as on which file system, or who is told of what.
  std::function<void(rocksdb::Options&)> adjust;
};

// AppendBatch belongs to one thread; everything else may be called from any, also meanwhile.
class Ledger {
 public:
  // Opens the database in `directory`. FailedPrecondition if another process has it open; DataLoss
  // if it is damaged beyond a torn last write; NotFound if there is none and it is not to be made.
  static absl::StatusOr<std::unique_ptr<Ledger>> Open(const std::string& directory,
                                                      const LedgerOptions& options);
  ~Ledger();

  // All logs, by number.
  std::vector<LogInfo> Logs() const;
  std::optional<LogInfo> Find(absl::string_view origin) const;

  // Appends to all these logs, each named once, in one synced write: entries, nodes, indexes and
  // tree heads. Then reads the entries back and hashes them anew: the heads that are returned, in
  // the order of `appends`, are those of what is stored. After any error the caller must stop the
  // process: what is on the disk is not known.
  absl::StatusOr<std::vector<TreeHead>> AppendBatch(const std::vector<LogAppend>& appends);

  // NotFound if the log has no such entry.
  absl::StatusOr<Bytes> ReadEntry(LogNumber log, uint64_t index) const;
  // Calls `visit` for each of from..to-1 in order, until it returns an error. DataLoss if one is
  // missing.
  absl::Status ReadEntries(
      LogNumber log, uint64_t from, uint64_t to,
      const std::function<absl::Status(uint64_t index, ByteSpan entry)>& visit) const;
  // The index of the entry with this leaf hash, if it is in the log.
  absl::StatusOr<std::optional<uint64_t>> FindLeaf(LogNumber log,
                                                   const merkle::Hash& leaf_hash) const;
  // Reads stored nodes; the ledger must outlive it.
  merkle::NodeReader Nodes(LogNumber log) const;

 private:
  struct Impl;
  explicit Ledger(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace urna::server
