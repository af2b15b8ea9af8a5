// From bytes to entries that may be committed: decoding, what may come through which door, and all
// proofs that need no state of the log, on every core. What does not fit in here is told so at
// once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/crypto/rng.h"
#include "server/committer.h"
#include "server/ledger.h"
#include "server/log_views.h"

namespace urna::server {

// Through which call an entry comes.
enum class Door {
  kCast,       // ballots, challenges of sealed ballots, openings of challenged ones
  kAct,        // petition acts
  kCreateLog,  // manifests and roll headers, with permission
  kAppend,     // orders and trustee messages; with permission roll members and seals
};

struct AdmissionRequest {
  Door door = Door::kAppend;
  bool administrator = false;  // has shown the board's administration token
  std::string origin;          // empty for kCreateLog: the entry names it
  std::vector<Bytes> entries;  // more than one only for roll members
  Done done;                   // called once, on any thread
};

struct AdmissionOptions {
  unsigned threads = 0;                   // 0: one a core
  size_t queue_capacity = 4096;           // requests
  size_t queue_bytes = size_t{64} << 20;  // of their entries
  int64_t order_tolerance_seconds = 60;   // how far an order's time may be ahead of the clock
};

class Admission {
 public:
  // All must outlive it. `rng` must be the operating system's, and thread-safe: with its weights
  // many ballots are verified at once.
  Admission(const Ledger& ledger, const LogViews& views, Committer& committer, const Clock& clock,
            crypto::Rng& rng, const AdmissionOptions& options);
  // Stops.
  ~Admission();

  // Any thread; does not wait. ResourceExhausted through `done` if too much is waiting already.
  void Submit(AdmissionRequest request);

  // Hands everything that waits to the committer, then ends the threads; later requests are
  // Unavailable. To be called before the committer is stopped.
  void Stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace urna::server
