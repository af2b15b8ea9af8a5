// Enrolments, as the registrar collects them for a roll. docs/protocol.md §4.
//
// One JSON a line: {"credential", "nonce", "commitment", "responses"} in hex, as a voter's program
// wrote it, with {"district", "category"} and perhaps {"weight"}, at least 1 and 1 where it is left
// out, which the registrar adds.
#pragma once

#include <array>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/roll/roll.h"
#include "tally/context.h"

namespace urna::tally {

class SpecValue;

// The nonce, commitment and responses of a line. InvalidArgument naming the field.
absl::Status ReadEnrolment(const SpecValue& value, roll::RollMember& out);

// InvalidArgument, as "members.jsonl line 3: $.credential: 64 hex digits belong here".
absl::StatusOr<std::vector<roll::RollMember>> ParseMembers(absl::string_view text,
                                                           absl::string_view name);

using Nonces = std::set<std::array<uint8_t, 32>>;
// One nonce in hex a line, none twice.
absl::StatusOr<Nonces> ParseNonces(absl::string_view text, absl::string_view name);

// The members in the order of the roll. InvalidArgument naming the line of the first credential or
// nonce that stands twice, nonce that is not one of `nonces` (null: any), member that breaks a rule
// of the roll, or enrolment that is not proved. Proofs are made on `threads` threads.
absl::StatusOr<std::vector<roll::RollMember>> CheckAndSort(std::vector<roll::RollMember> members,
                                                           const Nonces* nonces,
                                                           const roll::RollState& empty_roll,
                                                           unsigned threads,
                                                           const Progress& progress);

}  // namespace urna::tally
