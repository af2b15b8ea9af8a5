// The entries of a roll's log as values. docs/protocol.md §4. Bytes of points and scalars are as
// they stand in the log; the rules in roll.h decode and check them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/localized_text.h"

namespace urna::roll {

// An Ed25519 key under a name, as in a C2SP verifier key.
struct NamedKey {
  std::string name;  // 1..255 bytes, UTF-8, no white space, no '+'
  std::array<uint8_t, 32> key{};
  bool operator==(const NamedKey&) const = default;
};

// A district or category: its number and its name in several languages.
struct NumberedName {
  uint16_t number = 0;
  LocalizedTexts name;
  bool operator==(const NumberedName&) const = default;
};

struct RollHeader {
  std::string origin;
  std::array<uint8_t, 32> log_key{};
  std::array<uint8_t, 32> nonce{};
  LocalizedTexts title;
  NamedKey registrar;
  std::vector<NumberedName> districts;   // ascending by number
  std::vector<NumberedName> categories;  // ascending by number
};

// The header as logged: `header` is what `body` says.
struct SignedRollHeader {
  Bytes body;
  RollHeader header;
  std::array<uint8_t, 64> signature{};
};

struct RollMember {
  std::array<uint8_t, 32> credential{};  // P = s·G + t·K_R
  uint16_t district = 0;
  uint16_t category = 0;
  uint32_t weight = 1;
  std::array<uint8_t, 32> nonce{};       // the registrar's, for this enrolment
  std::array<uint8_t, 32> commitment{};  // C = a·G + b·K_R
  std::array<uint8_t, 64> responses{};   // z_s ‖ z_t
};

enum class ChangeKind : uint8_t { kAdd = 1, kRemove = 2, kMove = 3, kRekey = 4 };

// What happens to one member in an epoch above the first (§4.2).
struct RollChange {
  ChangeKind kind = ChangeKind::kAdd;
  // The credential always; of a removal nothing else, of a move district, category and weight.
  RollMember member;
  std::array<uint8_t, 32> replaced{};  // of a re-keying: the P that this person had

  // Whether it puts a new P on the roll, with an enrolment proof.
  bool enrols() const { return kind == ChangeKind::kAdd || kind == ChangeKind::kRekey; }
};

struct SignedRollChange {
  Bytes body;
  RollChange change;
  std::array<uint8_t, 64> signature{};
};

struct RollSeal {
  uint32_t epoch = 1;
  uint64_t members = 0;            // on the roll in this epoch
  std::array<uint8_t, 32> root{};  // over all entries before the seal
};

struct SignedRollSeal {
  Bytes body;
  RollSeal seal;
  std::array<uint8_t, 64> signature{};
};

}  // namespace urna::roll
