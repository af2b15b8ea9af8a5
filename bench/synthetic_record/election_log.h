// The log of a synthetic election but for its ballots: everything that officers and trustees put
// into it, made by the code that they use. docs/protocol.md §5, §6 and §9.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "bench/ballot_shapes.h"
#include "bench/synthetic_record/ballots.h"
#include "bench/synthetic_record/growing_log.h"
#include "bench/synthetic_record/people.h"
#include "core/crypto/rng.h"
#include "core/election/ballot.h"
#include "core/election/tally.h"
#include "core/poll/order_chain.h"
#include "core/record/entry.h"
#include "tally/poll_replay.h"
#include "tally/trustee_state.h"

namespace urna::bench {

// Used by one thread. What is passed in must outlive it.
class ElectionLog {
 public:
  ElectionLog(const Shape& shape, const People& people, GrowingLog& log, crypto::Rng& rng);

  // Manifest, key ceremony with a drill, opening.
  absl::Status SetUp(const roll::RollPin& roll);
  // Once it is set up.
  const election::Manifest& manifest() const { return manifest_; }
  const election::VotingContext& voting() const { return voting_; }

  // Closing, order sum, acknowledgements, shares, result. `counted`: the indices of the ballots
  // that count, ascending; `known`: what they add up to; `voters`: the members of the roll.
  // Internal if the shares do not decrypt to the votes.
  absl::Status Count(const std::vector<uint64_t>& counted, const KnownSums& known, uint64_t voters);

 private:
  absl::Status Log(const record::Entry& entry);
  absl::Status LogManifest();
  absl::Status RunCeremony();
  absl::Status LogOrder(decltype(poll::Order::act) act, uint64_t time);
  absl::Status LogMessage(const election::TrusteeMessage& message, uint16_t trustee);
  // Officers' signatures, as many as are needed.
  absl::Status Sign(record::Entry& entry) const;
  absl::Status LogSum(const std::vector<uint64_t>& counted);
  absl::StatusOr<std::vector<poll::PartTotals>> LogShares();

  const People& people_;
  GrowingLog& log_;
  crypto::Rng& rng_;
  election::Manifest manifest_;
  crypto::Hash32 poll_{};  // manifest hash
  std::unique_ptr<poll::OrderChain> orders_;
  tally::PollReplay setup_;  // the log up to the opening
  std::vector<tally::TrusteeState> trustees_;
  election::VotingContext voting_;
  // Of the counted ballots, once they are known.
  std::vector<poll::Part> parts_;
  election::PartSums sums_;
  crypto::Hash32 counted_hash_{};
};

}  // namespace urna::bench
