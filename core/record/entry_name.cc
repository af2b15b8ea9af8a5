#include "absl/strings/str_cat.h"
#include "core/record/entry.h"
#include "core/record/entry_types.h"

namespace urna::record {
namespace {

struct TypeOfEntry {
  EntryType operator()(const election::SignedManifest&) const {
    return EntryType::kElectionManifest;
  }
  EntryType operator()(const petition::SignedManifest&) const {
    return EntryType::kPetitionManifest;
  }
  EntryType operator()(const roll::SignedRollHeader&) const { return EntryType::kRollHeader; }
  EntryType operator()(const roll::RollMember&) const { return EntryType::kRollMember; }
  EntryType operator()(const roll::SignedRollSeal&) const { return EntryType::kRollSeal; }
  EntryType operator()(const roll::SignedRollChange&) const { return EntryType::kRollChange; }
  EntryType operator()(const election::SignedTrusteeMessage& entry) const {
    return static_cast<EntryType>(TypeOf(entry.message));
  }
  EntryType operator()(const poll::SignedOrder&) const { return EntryType::kOrder; }
  EntryType operator()(const poll::WitnessedCheckpoint&) const {
    return EntryType::kWitnessedCheckpoint;
  }
  EntryType operator()(const election::Ballot& entry) const {
    if (entry.ring_answer() != nullptr) return EntryType::kRingBallot;
    return entry.tag_answer() != nullptr ? EntryType::kTagBallot : EntryType::kBallot;
  }
  EntryType operator()(const election::BallotChallenge&) const {
    return EntryType::kBallotChallenge;
  }
  EntryType operator()(const election::BallotOpening&) const { return EntryType::kBallotOpening; }
  EntryType operator()(const petition::PetitionAct&) const { return EntryType::kPetitionAct; }
  EntryType operator()(const petition::RingAct&) const { return EntryType::kRingAct; }
  EntryType operator()(const petition::TagAct&) const { return EntryType::kTagAct; }
};

}  // namespace

EntryType TypeOf(const Entry& entry) { return std::visit(TypeOfEntry(), entry); }

std::string EntryName(const Entry& entry) {
  if (const auto* order = std::get_if<poll::SignedOrder>(&entry)) {
    return absl::StrCat("order '", poll::OrderName(order->order.kind()), "'");
  }
  return std::string(TypeName(TypeOf(entry)));
}

std::string NameAnEntry(const Entry& entry) {
  const EntryType type = TypeOf(entry);
  const std::string name = EntryName(entry);
  if (type == EntryType::kKeyCoefficients || type == EntryType::kKeyShares) return name;
  const bool vowel = absl::string_view("aeiou").find(name.front()) != absl::string_view::npos;
  return absl::StrCat(vowel ? "an " : "a ", name);
}

}  // namespace urna::record
