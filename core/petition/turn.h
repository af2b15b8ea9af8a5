// Whether it is an act's turn: what who has acted before may do next. Checks P5 and, of the tag of
// a tag act, P3 of docs/protocol.md §8, §8.1 and §12; needs nothing but the last act.
#pragma once

#include <optional>
#include <string>

#include "core/base/numbered_checks.h"
#include "core/petition/state.h"

namespace urna::petition {

// The one violation, or nothing. `last`: where the act's credential or tag stands; nothing if it
// has not acted yet.
std::optional<Violation> CheckTurn(const PetitionAct& act,
                                   const std::optional<PetitionState::Standing>& last);
std::optional<Violation> CheckTurn(const RingAct& act,
                                   const std::optional<PetitionState::Standing>& last);
std::optional<Violation> CheckTurn(const TagAct& act,
                                   const std::optional<PetitionState::Standing>& last);

// How a violation names the act: "withdraw of tag 0a1b…".
std::string NameAnAct(const PetitionAct& act);
std::string NameAnAct(const RingAct& act);
std::string NameAnAct(const TagAct& act);

}  // namespace urna::petition
