// Sends the checkpoints of all logs to the board's witnesses, keeps what they cosign, and gets
// their times logged (docs/protocol.md §10.2, §10.4). One thread for each witness, so that a slow
// one keeps no other waiting, and one that stores and logs. The committer never waits for any of
// them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/clock.h"
#include "core/crypto/rng.h"
#include "core/merkle/add_checkpoint.h"
#include "server/committer.h"
#include "server/data_directory.h"
#include "server/ledger.h"
#include "server/witness_book.h"
#include "server/witness_desk.h"

namespace urna::server {

// Posts a body to a URL and gives the whole answer, whatever its code; an error if there is none.
// For one thread.
using WitnessTransport = std::function<absl::StatusOr<merkle::AddCheckpointReply>(
    const std::string& url, const std::string& body)>;

struct WitnessSenderOptions {
  std::string policy_file;  // empty: the board has no witnesses
  WitnessBookOptions book;
  std::string root_certificates_file;  // PEM, for https; empty: the system's
  // Called once by each witness's thread; empty: libcurl.
  std::function<absl::StatusOr<WitnessTransport>()> connect;
};

class WitnessSender final : public WitnessDesk {
 public:
  // Reads policy, cosigned checkpoints and alarms, and makes the directory for the former. An alarm
  // that lies there counts from the first moment. Errors are those of witness_setup.h. The ledger,
  // the clock and the randomness, which must be thread-safe, must outlive it.
  static absl::StatusOr<std::unique_ptr<WitnessSender>> Open(const std::string& data,
                                                             const BoardIdentity& board,
                                                             const Ledger& ledger,
                                                             const Clock& clock, crypto::Rng& rng,
                                                             WitnessSenderOptions options);
  // Stops.
  ~WitnessSender() override;

  const merkle::WitnessPolicy& policy() const override { return book_.policy(); }
  absl::Status CheckNoAlarm() const override { return book_.CheckNoAlarm(); }
  void Published(std::shared_ptr<const LogView> view) override;
  void Want(const std::string& origin, uint64_t not_before) override;

  // Starts the threads. The committer must outlive them.
  void Start(Committer& committer);
  // Ends them; a question that is under way is given up. To be called before the committer stops.
  void Stop();

  const WitnessBook& book() const { return book_; }
  WitnessStatus Status() const { return book_.Status(clock_.NowSeconds()); }

 private:
  struct Threads;
  WitnessSender(std::string data, const Ledger& ledger, const Clock& clock, crypto::Rng& rng,
                merkle::WitnessPolicy policy, WitnessSenderOptions options);

  absl::StatusOr<WitnessTransport> Connect();
  void AskWitness(size_t witness);
  void Ask(size_t witness, const WitnessTask& task, const WitnessTransport& transport);
  void Keep(Committer& committer);
  void Store(const FinalCheckpoint& checkpoint);
  void LogIt(Committer& committer, const FinalCheckpoint& checkpoint);
  void Raise(size_t witness, const WitnessTask& task, const std::string& what,
             const merkle::AddCheckpointRequest& request, const merkle::AddCheckpointReply& reply);
  double Jitter() const;

  const std::string data_;
  const Ledger& ledger_;
  const Clock& clock_;
  crypto::Rng& rng_;
  const WitnessSenderOptions options_;
  WitnessBook book_;
  std::unique_ptr<Threads> threads_;
};

}  // namespace urna::server
