// Where a command reads a poll: from a record on disk, or from a board.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/console/console.h"
#include "tally/context.h"
#include "tally/poll_replay.h"

namespace urna::tally {

// --record DIR, or --server A --poll ORIGIN [--cache DIR].
struct PollOptions {
  console::BoardOptions board;
  std::string record;
  std::string poll;
  std::string cache;
  void AddTo(CLI::App& command);
  // InvalidArgument unless exactly one of the two ways is given.
  absl::Status Check() const;
};

// Follows a poll's log: each Refresh takes what is new into the replay, under a checkpoint that the
// manifest's log key has signed and whose root the entries give. Used by one thread.
class PollReader {
 public:
  static absl::StatusOr<std::unique_ptr<PollReader>> Open(const PollOptions& options,
                                                          PollReplay replay = {});

  // DataLoss if the log is not what its checkpoint says, or has not grown from what was read
  // before.
  absl::Status Refresh();
  const PollReplay& replay() const { return replay_; }
  PollReplay TakeReplay() && { return std::move(replay_); }
  // Null for a record on disk.
  remote::BoardClient* board() { return board_ ? &*board_ : nullptr; }

 private:
  explicit PollReader(PollReplay replay) : replay_(std::move(replay)) {}
  absl::Status RefreshFromBoard();
  absl::Status ReadDirectory();
  absl::Status CheckCheckpoint(ByteSpan note) const;

  PollReplay replay_;
  std::string record_;
  std::string origin_;
  std::optional<remote::BoardClient> board_;
};

// A whole record on disk: the one that was named, or one brought from the board into --cache or
// into a temporary directory, which goes with this object. Of a board with witnesses it is the
// largest that is final, unless the newest is wanted.
class RecordOnDisk {
 public:
  static absl::StatusOr<RecordOnDisk> Open(const PollOptions& options, const Context& context,
                                           remote::FetchAt at = remote::FetchAt::kFinal);
  RecordOnDisk(RecordOnDisk&& other) noexcept;
  RecordOnDisk& operator=(RecordOnDisk&&) = delete;
  ~RecordOnDisk();

  const std::string& path() const { return path_; }

  // The rules replayed over the record with its roll, and with the sums recomputed at order 'sum';
  // only the proofs of ballots and acts are left out.
  absl::StatusOr<PollReplay> Replay(const Context& context) const;

 private:
  RecordOnDisk(std::string path, bool temporary) : path_(std::move(path)), temporary_(temporary) {}
  std::string path_;
  bool temporary_;
};

// Posts an entry to a log and verifies the receipt under the log's key.
absl::StatusOr<remote::Receipt> PostEntry(remote::BoardClient& board,
                                          const merkle::NoteVerifier& log, ByteSpan entry);

}  // namespace urna::tally
