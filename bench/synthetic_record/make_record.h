// The record of an election that never was, with as many ballots as are wanted: something to time
// the verifier on. It is a whole record, from manifest to result, and verifies.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "bench/ballot_shapes.h"
#include "tally/context.h"

namespace urna::bench {

// Raised whenever the same options make another record, so that records that are kept from before
// are not taken for new ones.
inline constexpr int kRecordVersion = 2;
inline constexpr uint64_t kMostBallots = 100'000'000;  // the bound of the discrete logarithm
inline constexpr uint32_t kMostRevotes = 50;           // percent

struct RecordOptions {
  Shape shape = kShapes[0];
  uint64_t ballots = 1000;      // 1..kMostBallots, second ones included
  uint32_t revote_percent = 2;  // of the voters, who vote twice
  uint64_t seed = 1;
  std::string record;  // directory to make
};

// "RECORD.policy": the policy that fits a record. It is written last, so that where it stands the
// record is whole.
std::string PolicyFile(const std::string& record);

struct RecordSummary {
  uint64_t ballots = 0;
  uint64_t voters = 0;
  uint64_t entries = 0;  // of the poll's log
};
// The same options make the same record, whatever the threads. Memory: some 150 MiB, and 44 bytes a
// ballot. AlreadyExists if the directory or the policy is there.
absl::StatusOr<RecordSummary> MakeRecord(const RecordOptions& options,
                                         const tally::Context& context);

}  // namespace urna::bench
