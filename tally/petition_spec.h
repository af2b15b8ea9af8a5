// Petitions as people specify them: fields of their own, or those of a profile (examples/profiles),
// and percentages of the people on the roll. docs/election-spec.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "core/petition/petition.h"
#include "core/roll/roll.h"
#include "tally/spec_reader.h"

namespace urna::tally {

// Members of a sealed roll, by district and category.
using RollCount = std::map<std::pair<uint16_t, uint16_t>, uint64_t>;
RollCount CountRoll(const roll::RollState& roll);

// The specification with what the profile says where it says nothing itself. InvalidArgument naming
// the field if the profile is none, or has fields that profiles do not have.
absl::StatusOr<Json> ApplyProfile(const Json& spec, const Json& profile);

// Districts, thresholds and the rules of an anonymous petition. A percentage is of the members who
// may sign, online or on paper, in the petition's districts (or in the district whose minimum it
// is), rounded up; without `roll` it is InvalidArgument.
absl::Status ReadPetitionRules(const SpecValue& spec, const std::optional<RollCount>& roll,
                               petition::Manifest& out);
// What it reads, every field written out.
Json PetitionRulesToJson(const petition::Manifest& manifest);

}  // namespace urna::tally
