// How a voter comes onto a roll: a credential, and the proof for the registrar that its secret is
// known. docs/protocol.md §4.
#pragma once

#include <array>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/crypto/credential.h"
#include "core/crypto/rng.h"

namespace urna::voter {

// What the voter hands to the registrar; all of it becomes public with the roll.
struct Enrolment {
  std::array<uint8_t, 32> credential{};  // P
  std::array<uint8_t, 32> nonce{};       // the registrar's, for this voter
  std::array<uint8_t, 32> commitment{};  // C
  std::array<uint8_t, 64> responses{};   // z_s ‖ z_t

  bool operator==(const Enrolment&) const = default;
};

// Made once for a roll and a nonce. `rng` gives the proof's nonces.
Enrolment MakeEnrolment(const crypto::Hash32& roll_id, const std::array<uint8_t, 32>& nonce,
                        const crypto::Credential& credential, crypto::Rng& rng);

// One line of JSON without newline: {"credential", "nonce", "commitment", "responses"} in hex, and
// with a place {"district", "category"} too: then it is a line of a registrar's members file.
struct RollPlace {
  uint16_t district = 1;
  uint16_t category = 1;
};
std::string EnrolmentLine(const Enrolment& enrolment);
std::string MemberLine(const Enrolment& enrolment, const RollPlace& place);

// 32 bytes in lower-case hex; InvalidArgument that begins with `what`.
absl::StatusOr<std::array<uint8_t, 32>> ParseHex32(absl::string_view text, absl::string_view what);

}  // namespace urna::voter
