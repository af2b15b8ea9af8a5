// A petition's manifest and acts as values. docs/protocol.md §6, §8.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/base/localized_text.h"
#include "core/poll/orders.h"
#include "core/roll/entries.h"

namespace urna::petition {

// So many that the order with the result still fits into an entry.
inline constexpr size_t kMaxDistricts = 4000;
inline constexpr size_t kMaxThresholds = 1000;

inline constexpr uint8_t kAnonymous = 2;  // `eligibility` of a manifest of version 2
inline constexpr size_t kMaxBeaconSource = 1000;
inline constexpr size_t kMaxProfile = 63;
// So many that the order with the result of an anonymous petition still fits into an entry.
inline constexpr size_t kMaxAnonymousDistricts = 2000;
inline constexpr size_t kMaxMinimums = 100;

// So many signatures must be there so long after the opening.
struct Minimum {
  uint32_t after = 0;     // seconds, at least 1
  uint64_t at_least = 0;  // at least 1, online and on paper
  bool operator==(const Minimum&) const = default;
};

// What an anonymous petition says of its rings (§4.1), of who signs in which way, and of its life
// (§6.1).
struct AnonymousRules {
  uint16_t ring_size = 1024;  // N
  uint16_t fewest = 64;       // k: no ring has fewer members
  std::string beacon_source;  // where the beacon comes from, and which of its values it is
  std::string profile;        // the name of the rules that it follows, for people; may be empty
  std::vector<uint16_t> categories;         // of the roll, ascending: who may sign online
  std::vector<uint16_t> paper_categories;   // ascending: who signs on paper; none of `categories`
  uint8_t initiators = 0;                   // how many must confirm before it is submitted
  uint32_t invitation = 0;                  // seconds until an invitation expires; 0 if none do
  bool review = false;                      // it is reviewed before it is published
  std::vector<Minimum> minimums;            // ascending by `after`
  std::vector<uint64_t> district_minimums;  // of each district; empty if none is needed
  uint16_t districts_needed = 0;            // in how many of them that must be met
  bool operator==(const AnonymousRules&) const = default;
};

struct Manifest {
  std::string origin;
  std::array<uint8_t, 32> log_key{};
  std::array<uint8_t, 32> nonce{};
  LocalizedTexts title;
  LocalizedTexts text;  // the same languages as the title
  poll::Schedule schedule;
  roll::NamedKey registrar;
  std::vector<roll::NamedKey> officers;
  uint16_t officer_quorum = 1;
  std::vector<roll::NumberedName> districts;  // ascending by number
  std::vector<uint64_t> thresholds;           // strictly ascending, each at least 1
  std::optional<AnonymousRules> anonymous;    // none: the petition is pseudonymous

  // Null if there is none of this number.
  const roll::NumberedName* FindDistrict(uint16_t number) const;
};

// Every rule of §6 about a manifest by itself; InvalidArgument names the element.
absl::Status CheckManifest(const Manifest& manifest);

// Of the manifest's own title and text (§6). For a manifest that has passed CheckManifest or was
// decoded: texts too long to be encoded abort the process.
crypto::Hash32 TextHash(const Manifest& manifest);

struct SignedManifest {
  poll::SignedBody signed_body;
  Manifest manifest;
};

enum class Act : uint8_t { kSign = 1, kWithdraw = 2 };
absl::string_view ActName(Act act);  // "sign", "withdraw"

struct PetitionAct {
  Act act = Act::kSign;
  uint64_t sequence = 0;
  std::array<uint8_t, 32> credential{};  // P
  std::array<uint8_t, 32> commitment{};  // C
  std::array<uint8_t, 64> responses{};   // z_s ‖ z_t
};

// The first act of a signer in an anonymous petition, always to sign (§8.1).
struct RingAct {
  uint64_t sequence = 0;
  uint32_t epoch = 1;
  uint32_t ring = 0;
  std::array<uint8_t, 32> tag{};  // T
  Bytes commitments;              // A ‖ B ‖ X_0 ‖ … ‖ C ‖ R1 ‖ R2
  Bytes responses;                // f … ‖ z_A ‖ z ‖ u ‖ v
};

// A later one, proved by the tag alone.
struct TagAct {
  Act act = Act::kSign;
  uint64_t sequence = 0;
  std::array<uint8_t, 32> tag{};         // T
  std::array<uint8_t, 32> commitment{};  // R
  std::array<uint8_t, 32> response{};    // z
};

// What the credential proof covers (§8).
crypto::Hash64 ActTranscript(const crypto::Hash32& poll_context, const crypto::Hash32& text_hash,
                             const PetitionAct& act);

}  // namespace urna::petition
