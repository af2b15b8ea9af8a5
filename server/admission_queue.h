// What waits for verification, and how much may: beyond that the board says at once that it is
// busy, so that what it has taken is answered as fast as ever.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/base/bytes.h"
#include "server/committer.h"

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
  std::string peer;  // PeerNetwork; empty: not limited. Kept until its proofs were verified
  Done done;         // called once, on any thread
};

struct AdmissionQueueOptions {
  size_t queue_capacity = 4096;           // requests
  size_t queue_bytes = size_t{64} << 20;  // of their entries
  // Once the request that is next has waited so long, no more are taken but the first few, which
  // make up for verification in batches.
  std::chrono::milliseconds queue_wait{60};
};

// Thread-safe.
class AdmissionQueue {
 public:
  explicit AdmissionQueue(const AdmissionQueueOptions& options) : options_(options) {}

  // Puts it at the end; if it is refused it stays as it was. ResourceExhausted (Busy) if too much
  // is waiting, Unavailable after Stop.
  absl::Status Push(AdmissionRequest& request);
  // What comes next: one request, or as many for one log as are to be verified together: all that
  // wait, but for the share of each other thread that has nothing to do. So batches are small while
  // little comes, and grow while the threads are busy. Waits for it; nothing once Stop was called
  // and all is taken.
  std::vector<AdmissionRequest> Take();
  void Stop();

  size_t size() const;

 private:
  struct Waiting {
    AdmissionRequest request;
    std::chrono::steady_clock::time_point since;
  };
  bool IsFull(size_t more_bytes, std::chrono::steady_clock::time_point now) const;

  const AdmissionQueueOptions options_;
  mutable std::mutex mutex_;  // over the rest
  std::condition_variable not_empty_;
  std::deque<Waiting> queue_;
  size_t idle_ = 0;  // threads in Take
  size_t bytes_ = 0;
  uint64_t refused_ = 0;
  bool stopping_ = false;
};

// How many of those that wait one thread takes, where so many, itself among them, have nothing to
// do.
size_t ShareOf(size_t waiting, size_t idle_threads);

// Whether such entries are verified together: ballots, challenges of sealed ballots, petition acts.
bool GoesTogether(const AdmissionRequest& request);

}  // namespace urna::server
