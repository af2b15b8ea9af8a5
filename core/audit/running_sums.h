// The sums of an election's counted ballots, made while its ballots are verified, from the points
// that were decoded for that. Which ballots count is known only at the end: those that then do not
// (a later one took their place, their credential was revoked) are read again and subtracted.
// docs/protocol.md §9.2.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "core/election/decoded_ballots.h"
#include "core/election/state.h"
#include "core/election/sums.h"
#include "core/record/directory.h"

namespace urna::audit {

class RunningSums {
 public:
  explicit RunningSums(const election::Manifest& manifest) : manifest_(manifest) {}

  struct Verified {
    uint64_t index = 0;  // in the poll's log
    const election::DecodedBallot* ballot = nullptr;
    roll::DistrictWeight member;  // of the roll that the opening pins
  };
  // Ballots that may come to count. On any thread.
  void Add(std::span<const Verified> ballots);

  // The sums of Parts() over the counted set. Ballots that were never added are read from the log
  // too, so that right after construction this is a count of its own. Not while Add is running.
  absl::StatusOr<election::PartSums> Total(const record::LogReader& log,
                                           const election::ElectionState& election,
                                           unsigned threads);

 private:
  // What the log's ballots at some indices add to the sums, or take from them.
  struct Correction {
    uint64_t index = 0;
    bool subtract = false;
  };
  std::vector<Correction> Corrections(const std::vector<uint64_t>& counted) const;
  absl::Status Correct(std::span<const Correction> corrections, const record::LogReader& log,
                       const election::ElectionState& election);

  election::Sums Take();
  void Return(election::Sums sums);

  const election::Manifest& manifest_;
  std::mutex mutex_;                  // guards what follows
  std::vector<election::Sums> free_;  // as many as threads have added at once
  std::vector<bool> added_;           // by index
};

}  // namespace urna::audit
