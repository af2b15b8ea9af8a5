// The first two bytes of every entry: type and version. docs/protocol.md §13.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace urna::record {

inline constexpr uint8_t kEntryVersion = 1;
// Of the manifest of an anonymous poll, the one entry that has another.
inline constexpr uint8_t kAnonymousManifestVersion = 2;

enum class EntryType : uint8_t {
  kElectionManifest = 0x01,
  kPetitionManifest = 0x02,
  kRollHeader = 0x03,
  kRollMember = 0x10,
  kRollSeal = 0x11,
  kRollChange = 0x12,
  kKeyCommitment = 0x20,
  kKeyCoefficients = 0x21,
  kKeyShares = 0x22,
  kKeyAcknowledgement = 0x23,
  kKeyComplaint = 0x24,
  kKeyShareOpening = 0x25,
  kDrill = 0x26,
  kOrder = 0x30,
  kWitnessedCheckpoint = 0x31,
  kBallot = 0x40,
  kBallotChallenge = 0x41,
  kBallotOpening = 0x42,
  kRingBallot = 0x43,
  kTagBallot = 0x44,
  kPetitionAct = 0x50,
  kRingAct = 0x51,
  kTagAct = 0x52,
  kCountAcknowledgement = 0x60,
  kDecryptionShare = 0x61,
};

inline constexpr std::array<EntryType, 25> kAllEntryTypes = {
    EntryType::kElectionManifest,
    EntryType::kPetitionManifest,
    EntryType::kRollHeader,
    EntryType::kRollMember,
    EntryType::kRollSeal,
    EntryType::kRollChange,
    EntryType::kKeyCommitment,
    EntryType::kKeyCoefficients,
    EntryType::kKeyShares,
    EntryType::kKeyAcknowledgement,
    EntryType::kKeyComplaint,
    EntryType::kKeyShareOpening,
    EntryType::kDrill,
    EntryType::kOrder,
    EntryType::kWitnessedCheckpoint,
    EntryType::kBallot,
    EntryType::kBallotChallenge,
    EntryType::kBallotOpening,
    EntryType::kRingBallot,
    EntryType::kTagBallot,
    EntryType::kPetitionAct,
    EntryType::kRingAct,
    EntryType::kTagAct,
    EntryType::kCountAcknowledgement,
    EntryType::kDecryptionShare,
};

// "key commitment": the name for people, as in the table of §13.
absl::string_view TypeName(EntryType type);

// Nothing for a byte that is no type.
std::optional<EntryType> ParseType(uint8_t byte);

// Types 0x20-0x26, 0x60 and 0x61: signed by a trustee (§5).
bool IsTrusteeMessage(EntryType type);

// Types 0x40-0x44: what the voters of elections log (§7).
bool IsVotersEntry(EntryType type);

// Types 0x50-0x52: what the signers of petitions log (§8).
bool IsPetitionAct(EntryType type);

}  // namespace urna::record
