// From bytes to entries that may be committed: decoding, what may come through which door, and all
// proofs that need no state of the log, on every core. What does not fit in here is told so at
// once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "core/base/clock.h"
#include "core/crypto/rng.h"
#include "server/admission_queue.h"
#include "server/committer.h"
#include "server/entry_proofs.h"
#include "server/ledger.h"
#include "server/log_views.h"

namespace urna::server {

// So many acts more a false proof counts of its peer's: the batch in which it lies is searched for
// it, which costs many times an honest entry. Not of its credential's: a ballot that is logged can
// be sent by anybody with another response, under a credential that is proved all the same.
inline constexpr uint32_t kFalseProofActs = 5;

struct AdmissionOptions {
  unsigned threads = 0;  // 0: one a core
  AdmissionQueueOptions queue;
  int64_t order_tolerance_seconds = 60;  // how far an order's time may be ahead of the clock
  // A minute; 0: any number. Of a credential only what is proved to be its own counts, and not what
  // is logged already, so that nobody can use up another's.
  uint32_t acts_per_credential = 0;
  uint32_t acts_per_peer = 0;  // of those that the request names; a false proof is many
  // Told of every petition act how far it came; on any thread, and may be empty.
  std::function<void(Verdict)> judged_act;
};

class Admission {
 public:
  // All must outlive it. `rng` must be the operating system's, and thread-safe: with its weights
  // many ballots are verified at once.
  Admission(const Ledger& ledger, const LogViews& views, Committer& committer, const Clock& clock,
            crypto::Rng& rng, const AdmissionOptions& options);
  // Stops.
  ~Admission();

  // Any thread; does not wait. ResourceExhausted through `done` if too much is waiting already, or
  // if one peer or credential acts too often; refusals.h says when it may come again.
  void Submit(AdmissionRequest request);

  // Hands everything that waits to the committer, then ends the threads; later requests are
  // Unavailable. To be called before the committer is stopped.
  void Stop();

  size_t waiting() const;  // requests at this moment

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace urna::server
