// Where a petition stands, for people and programs. docs/protocol.md §6, §6.1. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/string_view.h"
#include "core/petition/state.h"
#include "tally/context.h"

namespace urna::tally {

struct PetitionStatus {
  std::string text;  // whole lines
  std::string next;  // what comes next, and by which command
  Json json;
};

// `with_roll`: whether the roll was at hand, so that districts are known. `now`: seconds since
// 1970.
PetitionStatus ReportPetition(const petition::PetitionState& state, bool with_roll, uint64_t now,
                              absl::string_view language);

}  // namespace urna::tally
