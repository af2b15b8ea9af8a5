// The record of an anonymous petition that never was, with as many signatures as are wanted:
// something to time the verifier on. It is whole, from manifest to result, and verifies.
// docs/protocol.md §4.1, §8.1. Throwaway secrets: see throwaway.h.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/synthetic_record/people.h"
#include "core/petition/petition.h"
#include "core/roll/roll.h"
#include "tally/context.h"

namespace urna::bench {

inline constexpr uint64_t kMostSignatures = 1'000'000;

struct PetitionOptions {
  uint64_t signatures = 1000;  // 1..kMostSignatures, each of another member
  uint16_t ring_size = 1024;
  uint64_t seed = 1;
  std::string record;  // directory to make
};

struct PetitionSummary {
  uint64_t signatures = 0;
  uint64_t members = 0;  // of the roll: a fifth more than have signed, so many that rings are full
  uint64_t rings = 0;
  uint64_t entries = 0;  // of the poll's log
};
// The same options make the same record, whatever the threads. Signers of all rings come in a
// random order. Memory: 260 bytes a member, for the rings. InvalidArgument for options out of
// range; AlreadyExists if the directory or its policy is there.
absl::StatusOr<PetitionSummary> MakePetitionRecord(const PetitionOptions& options,
                                                   const tally::Context& context);

// A petition of these people that is open, in `directory` as a record, and its signatures, one
// after the other: for who logs them otherwise. The people's logs have the origins. `members` are
// at least as many as sign, and a multiple of the ring size.
struct OpenPetitionOptions {
  PetitionOptions petition;
  uint64_t members = 0;
};
absl::Status MakeOpenPetition(
    const OpenPetitionOptions& options, const People& people, const tally::Context& context,
    const std::function<absl::Status(const roll::RollPin& pin)>& opened,
    const std::function<absl::Status(const petition::RingAct& act)>& signature);

}  // namespace urna::bench
