// Receipts for what is logged, and the answers to those who sent it, on a thread of their own:
// while one round is answered, the committer writes the next (docs/protocol.md §10).
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/merkle/hash.h"
#include "server/ledger.h"

namespace urna::server {

// What the sender of an entry gets.
struct Receipt {
  uint64_t index = 0;
  merkle::Hash leaf_hash{};
  std::string proof;  // a tlog-proof
};
using Done = std::function<void(absl::StatusOr<Receipt>)>;

// Nodes of one tree by level and index.
using KnownNodes = absl::flat_hash_map<std::pair<int, uint64_t>, merkle::Hash>;

// A log at the checkpoint of a round.
struct AnsweredLog {
  LogNumber number = 0;
  uint64_t size = 0;
  std::string checkpoint;  // the signed note
  KnownNodes nodes;        // those that the round wrote, so that they need not be read
};

// How one submission of a round came out.
struct Outcome {
  std::string origin;
  absl::Status status;
  uint64_t index = 0;        // of the last entry, if OK
  merkle::Hash leaf_hash{};  // of the last entry, if OK
  Done done;
};

// What is to be answered after a round: every log in which an outcome is OK is there.
struct RoundOfAnswers {
  std::vector<Outcome> outcomes;
  std::map<std::string, AnsweredLog> logs;  // by origin
};

// Push and Stop belong to one thread at a time.
class Answers {
 public:
  // The ledger must outlive it.
  explicit Answers(const Ledger& ledger);
  // Stops.
  ~Answers();

  // Answers them, after those before; waits while too many rounds are not answered yet.
  void Push(RoundOfAnswers round);
  // Answers all that was pushed, then ends the thread. More than once does no harm.
  void Stop();

 private:
  void Run();
  void Answer(RoundOfAnswers& round) const;

  const Ledger& ledger_;
  std::mutex mutex_;  // over the next two
  std::deque<RoundOfAnswers> rounds_;
  bool stopping_ = false;
  std::condition_variable changed_;
  std::thread thread_;
};

}  // namespace urna::server
