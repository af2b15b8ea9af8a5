// The one thread that owns all trees: it decides which entries are accepted, in which order, and
// has them answered when they are durable, in the tree and under a signed checkpoint
// (docs/protocol.md §10).
//
// One round: take what waits (up to a batch), check each entry against the rules and apply it; one
// synced write of all; read back and hash anew; sign; publish the checkpoints outside the database;
// show the new views; hand the answers on (answers.h). If a write fails, nothing is known any more
// and the process stops.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/clock.h"
#include "core/election/tally.h"
#include "core/merkle/hash.h"
#include "core/record/entry.h"
#include "server/answers.h"
#include "server/ledger.h"
#include "server/log_views.h"
#include "server/recovery.h"
#include "server/witness_desk.h"

namespace urna::server {

// An entry whose proofs have been verified.
struct AdmittedEntry {
  Bytes bytes;
  merkle::Hash leaf_hash{};  // of `bytes`
  record::Entry entry;       // decoded from `bytes`
  // Of the opening of a challenged ballot, what it comes to.
  std::optional<crypto::Hash64> opened = {};
};

// Entries for one log, to be taken in this order; after a refused one the rest is left out. The
// receipt is that of the last.
struct Submission {
  std::string origin;
  bool creates_log = false;  // then it is one entry
  std::vector<AdmittedEntry> entries;
  std::shared_ptr<const election::PartSums> sums;  // for order sum
  Done done;                                       // called once, on the thread of the answers
};

// One round that wrote something, or is answered from what is written.
struct CommitReport {
  size_t entries = 0;  // written
  double seconds = 0;  // from the first look at them to the published checkpoint
};

struct CommitterOptions {
  std::string board_name;  // origins begin with it and a slash
  std::string checkpoint_directory;
  size_t queue_capacity = 1024;  // submissions
  size_t batch_entries = 512;    // at most so many in one write
  // No order can have been logged with a later time, Unix seconds, unless the clock was set back:
  // Start then refuses.
  std::optional<uint64_t> latest_order_time;
  // Told why nothing more can be written, on the committer's thread. Does not return in a server:
  // by default it logs and aborts the process. If it returns, everything is refused from then on.
  std::function<void(const absl::Status&)> fatal;
  // Told of every round, on the committer's thread; may be empty.
  std::function<void(const CommitReport&)> observe;
  // Null on a board without witnesses. Both must outlive the committer; the clock says how long an
  // order can wait for them.
  WitnessDesk* witnesses = nullptr;
  const Clock* clock = nullptr;  // not null if `witnesses` isn't
};

class Committer {
 public:
  // Recovers all logs from the ledger, publishes checkpoints of entries that were written but never
  // answered, and starts the thread. The ledger, the key and the views must outlive it.
  static absl::StatusOr<std::unique_ptr<Committer>> Start(Ledger& ledger,
                                                          const crypto::SigningKey& board_key,
                                                          LogViews& views,
                                                          CommitterOptions options);
  // Stops.
  ~Committer();

  // Queues it, and waits while the queue is full. Witnessed checkpoints are the board's own: the
  // caller sees to it that nobody else's come here. Any thread. After Stop its answer is
  // Unavailable.
  void Submit(Submission submission);

  // Calls `look` with the log of that origin (null if there is none) between two rounds, and
  // returns when it has. Any thread but the committer's. Unavailable after Stop.
  absl::Status Inspect(const std::string& origin, const std::function<void(const OpenLog*)>& look);

  // Answers everything that is queued, then ends the thread. More than once does no harm.
  void Stop();

  uint64_t batches() const;  // written so far
  size_t waiting() const;    // submissions at this moment

 private:
  struct Impl;
  explicit Committer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace urna::server
