// A log and a record as directories of plain files: what the server serves, a mirror copies and the
// verifier reads. docs/protocol.md §10; check L2 of §12.
//
// Nothing here verifies a signature: a checkpoint that was read is what the files say.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/crypto/hash.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/tree.h"

namespace urna::record {

// RECORD/poll
std::string PollDirectory(const std::string& record);
// RECORD/roll-<64 hex digits>
std::string RollDirectory(const std::string& record, const crypto::Hash32& roll_id);

// What stands at the top level of a record.
struct RecordListing {
  bool has_poll = false;
  std::vector<crypto::Hash32> rolls;  // ascending
  std::vector<std::string> problems;  // a sentence for everything else
};
// NotFound if there is no such directory.
absl::StatusOr<RecordListing> ListRecord(const std::string& record);

// Up to 256 consecutive entries, as one file holds them. Move-only.
class EntryBundle {
 public:
  // InvalidArgument unless `contents` are exactly `width` entries.
  static absl::StatusOr<EntryBundle> Parse(Bytes contents, uint32_t width);
  EntryBundle(EntryBundle&&) = default;
  EntryBundle& operator=(EntryBundle&&) = default;

  // Valid as long as the bundle, also after it has been moved.
  const std::vector<ByteSpan>& entries() const { return entries_; }
  const Bytes& contents() const { return contents_; }

 private:
  EntryBundle(Bytes contents, std::vector<ByteSpan> entries)
      : contents_(std::move(contents)), entries_(std::move(entries)) {}

  Bytes contents_;
  std::vector<ByteSpan> entries_;
};

// Reads one log's directory. Const methods may be called from several threads. Files are read when
// they are asked for: whoever wants to rely on them calls CheckFiles() first.
class LogReader {
 public:
  // Reads the checkpoint. NotFound if there is none, InvalidArgument if it is malformed.
  static absl::StatusOr<LogReader> Open(const std::string& directory);
  LogReader(LogReader&&) noexcept;
  LogReader& operator=(LogReader&&) noexcept;
  ~LogReader();

  const std::string& directory() const;
  // The signed note, byte for byte, and what it says. Nobody has checked who signed it.
  const Bytes& checkpoint_note() const;
  const merkle::Checkpoint& checkpoint() const;
  uint64_t size() const { return checkpoint().size(); }

  // The n-th bundle, entries 256·n and following. InvalidArgument past the end; NotFound, DataLoss
  // or InvalidArgument, naming the file, if it is missing, no plain file or malformed.
  absl::StatusOr<EntryBundle> ReadBundle(uint64_t n) const;

  // One entry. Keeps the last few bundles, so that neighbours cost no more reading.
  absl::StatusOr<Bytes> ReadEntry(uint64_t index) const;

  // Entries from..to−1 in order; stops at the first error, its own or that of `body`. One bundle
  // is in memory at a time.
  absl::Status ForEachEntry(
      uint64_t from, uint64_t to,
      const std::function<absl::Status(uint64_t index, ByteSpan entry)>& body) const;

  // Reads nodes of the tree out of its tiles, for proofs. The reader must not outlive this.
  merkle::NodeReader nodes() const;

  // L2: whether the files are exactly those of the checkpoint's size, whether every tile is what
  // the entries give, and whether they give the checkpoint's root. A sentence for each problem,
  // none if all is well; after the first 100 only their number. Goes on after a problem as far as
  // that is possible. Memory: some ten megabytes, and 16 bytes for each file.
  std::vector<std::string> CheckFiles() const;

 private:
  struct Impl;
  explicit LogReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Gives entry `index`, 1 to 65,535 bytes.
using EntrySource = std::function<absl::StatusOr<Bytes>(uint64_t index)>;

// Writes a log into a directory, which is made if it is missing: all files of the checkpoint's
// size, durably, the checkpoint last. If an older state of the same log lies there it grows: its
// full tiles and bundles stay as they are, its partial ones are removed after the checkpoint has
// been replaced. Entries are asked for in ascending order, each once, from the beginning of the
// first bundle that is not there in full; one bundle is in memory at a time.
//
// DataLoss if the entries (behind the files that were there) don't give the checkpoint's root: the
// directory is then as it was. FailedPrecondition if another or a longer log is there. Not for use
// on one directory by several at once.
absl::Status WriteLog(const std::string& directory, ByteSpan checkpoint_note,
                      const EntrySource& entries);

}  // namespace urna::record
