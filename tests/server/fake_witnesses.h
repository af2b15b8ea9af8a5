// Witnesses behind a transport that a test holds in its hand: honest, away, lying or accusing.
#pragma once

#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/merkle/add_checkpoint.h"
#include "core/merkle/tree_head.h"
#include "server/witness_sender.h"
#include "tests/support/witnesses.h"

namespace urna::testing {

enum class Manner {
  kHonest,
  kAway,            // nobody answers
  kBusy,            // 503
  kUnaware,         // 404
  kWrongSignature,  // cosigns another tree than it was shown
  kStands,          // doesn't answer until it is honest again
  kConflict,        // 409 without a size, whatever it is asked
  kUnprocessable,   // 422
  kKnowsMore,       // 409 with a size above the log's
};

// Thread-safe.
class FakeWitnesses {
 public:
  // Their times are the clock's, which must outlive them.
  explicit FakeWitnesses(const Clock& clock, size_t count = 3, size_t needed = 2);

  const TestWitnesses& keys() const { return keys_; }
  // With URLs, as a board needs it.
  std::string PolicyText() const;

  void Set(size_t witness, Manner manner);
  // What it has been asked so far.
  std::vector<merkle::AddCheckpointRequest> Asked(size_t witness) const;

  // Fast, over this.
  server::WitnessSenderOptions Options(const std::string& policy_file);

 private:
  absl::StatusOr<merkle::AddCheckpointReply> Answer(const std::string& url,
                                                    const std::string& body);
  merkle::AddCheckpointReply AnswerHonestly(size_t witness,
                                            const merkle::AddCheckpointRequest& request);
  std::string Url(size_t witness) const;

  const Clock& clock_;
  TestWitnesses keys_;
  mutable std::mutex mutex_;  // over the rest
  std::condition_variable changed_;
  std::vector<Manner> manners_;
  std::vector<std::map<std::string, merkle::TreeHead>> known_;  // by origin
  std::vector<std::vector<merkle::AddCheckpointRequest>> asked_;
};

}  // namespace urna::testing
