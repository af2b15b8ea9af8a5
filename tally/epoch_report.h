// What a next epoch of a roll does to the rings of a running petition: what officers look at before
// they bring it in. docs/protocol.md §4.1, §8.2. Pure.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/string_view.h"
#include "core/crypto/hash.h"
#include "core/petition/state.h"
#include "core/roll/roll.h"
#include "tally/context.h"

namespace urna::tally {

struct EpochReport {
  std::string text;  // whole lines
  Json json;
};

// Of an anonymous petition that is open and whose roll is at hand; `roll` ends with the epoch.
// `language` picks the districts' names.
EpochReport ReportEpoch(const petition::PetitionState& state,
                        std::shared_ptr<const roll::RollState> roll, const crypto::Hash32& beacon,
                        absl::string_view language);

}  // namespace urna::tally
