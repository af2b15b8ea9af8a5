// What the hammer needs beforehand: a board in the middle of an election, and ballots for it that
// are sealed already, so that what is measured is the server alone. Throwaway secrets: see
// bench/synthetic_record/throwaway.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/ballot_shapes.h"
#include "core/base/bytes.h"
#include "core/merkle/note.h"
#include "tally/context.h"

namespace urna::bench {

struct PrepareOptions {
  Shape shape = kShapes[1];
  uint64_t ballots = 100'000;   // second ones included
  uint32_t revote_percent = 2;  // of the voters, who vote twice
  uint64_t seed = 1;
  std::string directory;  // to make
};

// DIRECTORY/board: the data directory, for urna-server; DIRECTORY/ballots: the ballots, each after
// its length in two bytes, in an order in which they may be cast. AlreadyExists if the directory is
// there.
absl::Status PrepareElection(const PrepareOptions& options, const tally::Context& context);

struct PreparePetitionOptions {
  uint64_t signatures = 20'000;
  uint64_t members = 0;  // of the roll, rounded up to whole rings; 0: as many as sign
  uint16_t ring_size = 1024;
  uint64_t seed = 1;
  std::string directory;  // to make
};

// The same of an anonymous petition, with ring acts of all rings in a random order instead of
// ballots.
absl::Status PreparePetition(const PreparePetitionOptions& options, const tally::Context& context);

std::string PreparedBoard(const std::string& directory);
// The origin of every prepared poll.
inline constexpr char kPreparedOrigin[] = "bench.example/election";

// The ballots, or ring acts, of a prepared poll, all in memory.
absl::StatusOr<std::vector<Bytes>> ReadBallots(const std::string& directory);
// Whose signature its checkpoints carry.
absl::StatusOr<merkle::NoteVerifier> PreparedLog(const std::string& directory);

}  // namespace urna::bench
