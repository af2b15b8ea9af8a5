// The witness itself: of every log that it watches it knows the checkpoint that it has cosigned
// last, and cosigns one that continues it, once that is stored. Implements docs/protocol.md §10.2.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/merkle/add_checkpoint.h"
#include "core/merkle/cosignature.h"
#include "core/merkle/note.h"
#include "witness/state_file.h"

namespace urna::witness {

struct WitnessOptions {
  std::string state_directory;
  std::vector<merkle::NoteVerifier> logs;  // several keys may have one name: any of them signs
  // Stores a file durably.
  std::function<absl::Status(const std::string& path, ByteSpan bytes)> store;
  // Is told what its operator should hear of: a log that contradicts itself, a disk that fails.
  std::function<void(const std::string& sentence)> alarm;
};

// One log as the witness knows it.
struct WatchedLog {
  std::string origin;
  std::optional<State> state;
};

// All functions may be called from several threads at once; requests for one log wait for each
// other.
class Witness {
 public:
  // Reads all states. DataLoss if one is damaged; NotFound if there is no directory of states. The
  // clock must outlive the witness.
  static absl::StatusOr<std::unique_ptr<Witness>> Open(merkle::CosignatureSigner signer,
                                                       WitnessOptions options, const Clock& clock);

  // Answers the body of a request. A cosignature is in the reply only after the state with it was
  // stored. What could not be stored may be there or not, so that the log is not cosigned any more
  // until the witness is started again.
  merkle::AddCheckpointReply AddCheckpoint(ByteSpan body);

  const merkle::CosignatureVerifier& verifier() const { return signer_.verifier(); }
  std::vector<WatchedLog> Logs() const;

 private:
  struct Log {
    std::vector<merkle::NoteVerifier> keys;
    mutable std::mutex mutex;  // over the rest
    std::optional<State> state;
    bool unsure = false;  // whether the last state was stored
  };

  Witness(merkle::CosignatureSigner signer, WitnessOptions options, const Clock& clock);

  absl::Status ReadStates();
  // Stores the proof that the log has signed another tree of the size that is known.
  void AccuseOf(const Log& log, const std::string& other_note);
  // The time of the next cosignature; Unavailable while the clock is behind an earlier one.
  absl::StatusOr<uint64_t> NextTime();
  // With the log's mutex held.
  merkle::AddCheckpointReply Continue(Log& log, const merkle::AddCheckpointRequest& request,
                                      const merkle::OpenedNote& opened);
  merkle::AddCheckpointReply Cosign(Log& log, const merkle::AddCheckpointRequest& request,
                                    const merkle::OpenedNote& opened);

  const merkle::CosignatureSigner signer_;
  const WitnessOptions options_;
  const Clock& clock_;
  std::map<std::string, Log> logs_;  // by origin; the set of them does not change
  std::mutex time_mutex_;
  uint64_t last_time_ = 0;  // of all cosignatures
};

}  // namespace urna::witness
