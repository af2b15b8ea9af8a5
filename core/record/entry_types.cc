#include "core/record/entry_types.h"

#include "core/base/check.h"

namespace urna::record {

absl::string_view TypeName(EntryType type) {
  switch (type) {
    case EntryType::kElectionManifest:
      return "election manifest";
    case EntryType::kPetitionManifest:
      return "petition manifest";
    case EntryType::kRollHeader:
      return "roll header";
    case EntryType::kRollMember:
      return "roll member";
    case EntryType::kRollSeal:
      return "roll seal";
    case EntryType::kRollChange:
      return "roll change";
    case EntryType::kKeyCommitment:
      return "key commitment";
    case EntryType::kKeyCoefficients:
      return "key coefficients";
    case EntryType::kKeyShares:
      return "key shares";
    case EntryType::kKeyAcknowledgement:
      return "key acknowledgement";
    case EntryType::kKeyComplaint:
      return "key complaint";
    case EntryType::kKeyShareOpening:
      return "key share opening";
    case EntryType::kDrill:
      return "drill";
    case EntryType::kOrder:
      return "order";
    case EntryType::kWitnessedCheckpoint:
      return "witnessed checkpoint";
    case EntryType::kBallot:
      return "ballot";
    case EntryType::kBallotChallenge:
      return "ballot challenge";
    case EntryType::kBallotOpening:
      return "ballot opening";
    case EntryType::kRingBallot:
      return "ring ballot";
    case EntryType::kTagBallot:
      return "tag ballot";
    case EntryType::kPetitionAct:
      return "petition act";
    case EntryType::kRingAct:
      return "ring act";
    case EntryType::kTagAct:
      return "tag act";
    case EntryType::kCountAcknowledgement:
      return "count acknowledgement";
    case EntryType::kDecryptionShare:
      return "decryption share";
  }
  CheckFailed(__FILE__, __LINE__, "an entry type without a name");
}

std::optional<EntryType> ParseType(uint8_t byte) {
  for (EntryType type : kAllEntryTypes) {
    if (static_cast<uint8_t>(type) == byte) return type;
  }
  return std::nullopt;
}

bool IsVotersEntry(EntryType type) {
  switch (type) {
    case EntryType::kBallot:
    case EntryType::kBallotChallenge:
    case EntryType::kBallotOpening:
    case EntryType::kRingBallot:
    case EntryType::kTagBallot:
      return true;
    default:
      return false;
  }
}

bool IsPetitionAct(EntryType type) {
  return type == EntryType::kPetitionAct || type == EntryType::kRingAct ||
         type == EntryType::kTagAct;
}

bool IsTrusteeMessage(EntryType type) {
  switch (type) {
    case EntryType::kKeyCommitment:
    case EntryType::kKeyCoefficients:
    case EntryType::kKeyShares:
    case EntryType::kKeyAcknowledgement:
    case EntryType::kKeyComplaint:
    case EntryType::kKeyShareOpening:
    case EntryType::kDrill:
    case EntryType::kCountAcknowledgement:
    case EntryType::kDecryptionShare:
      return true;
    default:
      return false;
  }
}

}  // namespace urna::record
