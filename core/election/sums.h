// Adding up encrypted ballots. docs/protocol.md §9.2. All of it is public: the ciphertexts stand in
// the log.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "core/election/manifest.h"
#include "core/election/messages.h"
#include "core/election/tally.h"
#include "core/poll/orders.h"
#include "core/roll/roll.h"

namespace urna::election {

struct DecodedBallot;

// The sums of ballots: of a contest that is counted by district one for every district, of another
// one for all. Ballots may be added on several threads into several of these of one manifest, which
// are then merged; the outcome does not depend on the order. Memory: 320 bytes a counted cell.
class Sums {
 public:
  // Nothing is kept of the manifest.
  explicit Sums(const Manifest& manifest);
  Sums(Sums&&) noexcept;
  Sums& operator=(Sums&&) noexcept;
  ~Sums();

  // A ballot that has passed VerifyBallotVarTime, and what the roll says of its credential.
  struct Counted {
    const Ballot* ballot;
    roll::DistrictWeight member;
  };
  // InvalidArgument, and nothing changes, if a ballot's ciphertexts are not those of its contests.
  // Some hundred ballots at a time are quickest.
  absl::Status Add(std::span<const Counted> ballots);
  // The same for ballots that were added and are not to count.
  absl::Status Subtract(std::span<const Counted> ballots);

  // Ballots whose points have been decoded to verify them.
  struct Verified {
    const DecodedBallot* ballot;
    roll::DistrictWeight member;
  };
  void Add(std::span<const Verified> ballots);

  // `other` must be of the same manifest.
  void Merge(const Sums& other);

  // The sums of these parts: of a contest that is counted by district those of the part's
  // districts, of another those of all its ballots. A part whose contest the manifest does not have
  // stays without cells.
  PartSums Total(const std::vector<poll::Part>& parts) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace urna::election
