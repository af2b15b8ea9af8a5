// The whole board without the network: ledger, committer, admission and the views, put together.
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
#include "core/base/clock.h"
#include "core/crypto/rng.h"
#include "core/crypto/secret_bytes.h"
#include "server/admission.h"
#include "server/committer.h"
#include "server/data_directory.h"
#include "server/ledger.h"
#include "server/log_views.h"
#include "server/metrics.h"
#include "server/witness_sender.h"

namespace urna::server {

struct BoardOptions {
  std::string data;          // the directory that InitializeBoard made
  std::string log_key_file;  // empty: the data directory's
  std::string token_file;    // empty: the data directory's
  AdmissionOptions admission;
  WitnessSenderOptions witnesses;
  bool clock_is_right = false;  // serves although logged orders are later than the clock says
  size_t batch_entries = 512;
  size_t commit_queue = 1024;                            // CommitterOptions::queue_capacity
  std::function<void(const absl::Status&)> fatal;        // CommitterOptions::fatal
  std::function<absl::Status()> before_write;            // LedgerOptions::before_write
  std::function<void(rocksdb::Options&)> adjust_ledger;  // LedgerOptions::adjust
};

// Proof that an entry is in a tree of the log.
struct InclusionAnswer {
  uint64_t index = 0;
  uint64_t tree_size = 0;
  std::vector<merkle::Hash> hashes;
  std::optional<Receipt> receipt;  // if it is the published tree
};

// Thread-safe.
class Board {
 public:
  // Recovers everything and is then ready. `clock` must outlive it.
  static absl::StatusOr<std::unique_ptr<Board>> Open(const BoardOptions& options,
                                                     const Clock& clock);
  // Stops.
  ~Board();

  const BoardIdentity& identity() const { return identity_; }
  // Whether this is the administration token, in hex; takes the same time wherever it differs.
  bool IsToken(absl::string_view hex) const;

  // Answers through `done`; counts and times the answer.
  void Submit(AdmissionRequest request);

  const LogViews& views() const { return views_; }
  // NotFound with a sentence if there is no such log.
  absl::StatusOr<std::shared_ptr<const LogView>> Find(absl::string_view origin) const;
  // Entries of a view's log; only published ones may be asked for.
  const Ledger& ledger() const { return *ledger_; }

  // In the published tree if `tree_size` is 0. NotFound or InvalidArgument where there is no proof.
  absl::StatusOr<InclusionAnswer> ProveInclusion(const LogView& view, uint64_t index,
                                                 uint64_t tree_size) const;
  absl::StatusOr<InclusionAnswer> ProveInclusion(const LogView& view, const merkle::Hash& leaf_hash,
                                                 uint64_t tree_size) const;

  // The checkpoint of a view with the cosignatures that its very tree has.
  std::string CheckpointOf(const LogView& view) const;
  // Whether there are witnesses, and a quorum of them that makes checkpoints final.
  bool has_witness_quorum() const;
  // The largest checkpoint of the view's log that has met the quorum; nothing if there is none.
  std::optional<std::string> FinalCheckpointOf(const LogView& view) const;

  // Takes nothing more, answers everything that it has taken, and closes the ledger's writer.
  void Stop();

  uint64_t batches() const { return committer_->batches(); }
  const Metrics& metrics() const { return *metrics_; }
  Activity activity() const;

 private:
  Board(BoardIdentity identity, crypto::SigningKey key, crypto::SecretBytes token,
        std::unique_ptr<Metrics> metrics, std::unique_ptr<Ledger> ledger);

  BoardIdentity identity_;
  crypto::SigningKey key_;
  crypto::SecretBytes token_;
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<Ledger> ledger_;
  LogViews views_;
  crypto::SystemRng rng_;
  std::unique_ptr<WitnessSender> witnesses_;  // null without; the committer speaks to it
  std::unique_ptr<Committer> committer_;
  std::unique_ptr<Admission> admission_;
};

}  // namespace urna::server
