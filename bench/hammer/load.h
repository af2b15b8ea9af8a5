// Many voters at once, and those who are in their way: what happened to each kind of call, and how
// long it took.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/merkle/note.h"
#include "core/remote/board_client.h"

namespace urna::bench {

struct LoadOptions {
  std::string server;     // host:port
  bool petition = false;  // ring acts, not ballots
  remote::ConnectOptions connect;
  int connections = 64;  // kept; of newcomers: so many at once
  int in_flight = 6;     // calls of one connection
  bool newcomers = false;
  double seconds = 30;  // or until there are no ballots left
  // Of a hundred calls, so many are
  uint32_t duplicates = 2;  // ballots that were accepted before
  uint32_t garbage = 2;     // ballots with a wrong proof
  int readers = 2;          // who ask for checkpoints, proofs and entries, without end
  int slow = 20;            // connections that never get as far as a call
  // Connections that are there and keep still, opened before the first ballot.
  size_t idle = 0;
  size_t idle_http = 0;
  std::string http_server;  // host:port
};

// Milliseconds, of many calls.
class Times {
 public:
  void Add(double milliseconds) { all_.push_back(static_cast<float>(milliseconds)); }
  void Add(const Times& other) { all_.insert(all_.end(), other.all_.begin(), other.all_.end()); }
  size_t count() const { return all_.size(); }
  // The time that `part`, 0..1, of them did not exceed; 0 if there are none.
  double Quantile(double part) const;

 private:
  std::vector<float> all_;
};

struct LoadReport {
  double seconds = 0;
  Times accepted;         // new ballots, each with a receipt that was verified
  Times again;            // duplicates: the original receipt
  Times busy;             // refused, at the tenth time
  Times refused_garbage;  // as it must be
  // Refused, as they must be: a voter's second ballot had come before the first, which many at once
  // bring about in the first moments of a run.
  uint64_t overtaken = 0;
  uint64_t reads = 0;                        // calls of readers
  uint64_t cut_off = 0;                      // slow connections that the server ended
  size_t idle = 0;                           // idle connections that were there at the end
  uint64_t idle_again = 0;                   // those that were cut off meanwhile and came again
  std::map<std::string, uint64_t> failures;  // what should not have happened, by sentence

  void Add(const LoadReport& other);
};

// Casts the ballots, or ring acts, in their order. `log`: who signs the log's checkpoints.
absl::StatusOr<LoadReport> RunLoad(const std::vector<Bytes>& ballots,
                                   const merkle::NoteVerifier& log, const LoadOptions& options);

}  // namespace urna::bench
