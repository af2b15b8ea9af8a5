// What an auditor knows beforehand: the keys of the log, the roll, the officers, the registrar, the
// trustees and the witnesses, and a petition's beacon. docs/protocol.md §11.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/merkle/note.h"
#include "core/merkle/witness_policy.h"

namespace urna::audit {

struct Policy {
  merkle::NoteVerifier log;
  merkle::NoteVerifier roll;
  merkle::NoteVerifier registrar;
  std::vector<merkle::NoteVerifier> officers;  // in the manifest's order
  uint16_t officer_quorum = 0;
  std::vector<merkle::NoteVerifier> trustees;  // in the manifest's order; none for a petition
  uint16_t trustee_threshold = 0;              // 0 for a petition
  // Of an anonymous petition, as its source gave it.
  std::optional<std::array<uint8_t, 32>> beacon;
  // Of the epochs of its roll that were brought in later, by their numbers.
  std::map<uint32_t, std::array<uint8_t, 32>> epoch_beacons;
  merkle::WitnessPolicy witnesses = merkle::WitnessPolicy::WithoutWitnesses();  // without logs

  // InvalidArgument naming the line.
  static absl::StatusOr<Policy> Parse(absl::string_view text);
  std::string ToText() const;
};

}  // namespace urna::audit
