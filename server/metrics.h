// What the board counts while it serves, for Prometheus and for `urna-server status`. Numbers only:
// no address, no credential, nothing of what was cast.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/admission.h"
#include "server/committer.h"
#include "server/witness_book.h"

namespace urna::server {

// How things are at this moment, beside what was counted.
struct Activity {
  size_t waiting = 0;                                   // requests, for verification
  size_t uncommitted = 0;                               // verified ones, for the committer
  std::vector<std::pair<std::string, uint64_t>> sizes;  // entries of every log, by origin
  std::optional<WitnessStatus> witnesses;               // of a board that has some
};

// Why an entry was refused, as a word: "malformed", "false_proof", "not_entitled", "out_of_turn",
// "exists", "no_log", "busy", "too_often", "witnesses" (their time is awaited), "stopping", or
// "error" for what is the board's own fault.
absl::string_view ReasonOf(const absl::Status& refusal);

// Thread-safe.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  // A request through this door was answered so long after it came.
  void Answered(Door door, const absl::Status& status, double seconds);
  void Committed(const CommitReport& report);
  // A petition act came so far before the committer.
  void Judged(Verdict verdict);
  // The ledger's log was synced.
  void Synced(double seconds);

  struct Totals {
    uint64_t seconds = 0;  // since the start
    uint64_t accepted = 0;
    std::vector<std::pair<std::string, uint64_t>> refused;  // by reason; only what happened
    std::vector<std::pair<std::string, uint64_t>> acts;     // by verdict; only what happened
    uint64_t commits = 0;
    uint64_t committed = 0;  // entries
    double commit_seconds = 0;
    uint64_t syncs = 0;
    double sync_seconds = 0;
    uint64_t memory_bytes = 0;  // resident
  };
  Totals totals() const;

  // All of it in Prometheus's text format.
  std::string Text(const Activity& activity) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace urna::server
