#include "tally/poll_replay.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/merkle/hash.h"

namespace urna::tally {
namespace {

constexpr size_t kMaxProblems = 100;

}  // namespace

absl::StatusOr<merkle::NoteVerifier> LogVerifier(absl::string_view origin,
                                                 const std::array<uint8_t, 32>& key) {
  URNA_ASSIGN_OR_RETURN(const crypto::VerifyKey decoded, crypto::VerifyKey::Decode(key));
  return merkle::NoteVerifier::Create(origin, decoded);
}

absl::Status PollReplay::Take(ByteSpan bytes) {
  tree_.Append(merkle::LeafHash(bytes));
  absl::StatusOr<record::Entry> entry = record::DecodeEntry(bytes);
  if (!entry.ok()) {
    return absl::DataLossError(absl::StrCat("entry ", index(), ": ", entry.status().message()));
  }
  if (index() == 0) {
    TakeManifest(*entry, bytes);
    if (election_ != nullptr || petition_ != nullptr) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat(
        "the log does not begin with a manifest but with a ", record::EntryName(*entry),
        problems_.empty() ? "" : ": ", problems_.empty() ? "" : problems_.front()));
  }
  if (std::holds_alternative<poll::WitnessedCheckpoint>(*entry)) {
    const bool final_phase = election_ != nullptr ? election_->phase() == election::Phase::kFinal
                                                  : petition_->stage() == Stage::kFinal;
    if (const auto misplaced = poll::CheckWitnessedPlace(final_phase)) Add({*misplaced}, *entry);
    return absl::OkStatus();
  }
  return election_ != nullptr ? TakeElection(*entry, bytes) : TakePetition(*entry);
}

void PollReplay::TakeManifest(const record::Entry& entry, ByteSpan bytes) {
  manifest_ = entry;
  manifest_bytes_ = ToBytes(bytes);
  if (const auto* election = std::get_if<election::SignedManifest>(&entry)) {
    Add(election::ElectionState::CheckManifestEntry(*election), entry);
    if (problems_.empty()) election_ = std::make_unique<election::ElectionState>(*election);
  } else if (const auto* petition = std::get_if<petition::SignedManifest>(&entry)) {
    Add(petition::PetitionState::CheckManifestEntry(*petition), entry);
    if (problems_.empty()) petition_ = std::make_unique<petition::PetitionState>(*petition);
  }
}

absl::StatusOr<std::shared_ptr<const roll::RollState>> PollReplay::RollFor(
    const std::optional<roll::RollPin>& pin) const {
  if (!roll_of_ || !pin.has_value()) return std::shared_ptr<const roll::RollState>();
  return roll_of_(*pin);
}

bool PollReplay::TakeVoters(const record::Entry& entry) {
  std::vector<Violation> violations;
  const auto found = [&](std::vector<Violation> rules) {
    violations = std::move(rules);
    const auto* tagged = std::get_if<election::Ballot>(&entry);
    // That no ballot over a ring has had a tag needs no roll to be seen.
    if (roll_ == nullptr && (tagged == nullptr || tagged->tag_answer() == nullptr)) {
      std::erase_if(violations, [](const Violation& v) { return v.check == Check::kB2; });
    }
    Add(violations, entry);
    return violations.empty();
  };
  if (const auto* ballot = std::get_if<election::Ballot>(&entry)) {
    if (found(election_->CheckBallot(*ballot))) election_->ApplyBallot(*ballot, index());
  } else if (const auto* challenge = std::get_if<election::BallotChallenge>(&entry)) {
    if (found(election_->CheckChallenge(*challenge))) {
      election_->ApplyChallenge(*challenge, index());
    }
  } else if (const auto* opening = std::get_if<election::BallotOpening>(&entry)) {
    if (found(election_->CheckBallotOpening(*opening, nullptr))) {
      election_->ApplyBallotOpening(*opening, index());
    }
  } else {
    return false;
  }
  return true;
}

absl::Status PollReplay::TakeElection(const record::Entry& entry, ByteSpan bytes) {
  if (TakeVoters(entry)) return absl::OkStatus();
  if (const auto* order = std::get_if<poll::SignedOrder>(&entry)) {
    std::optional<election::PartSums> sums;
    if (const poll::OpenElection* open = poll::ElectionOpening(order->order)) {
      URNA_ASSIGN_OR_RETURN(roll_, RollFor(open->roll));
    } else if (std::holds_alternative<poll::Sum>(order->order.act) && sums_of_) {
      URNA_ASSIGN_OR_RETURN(sums, sums_of_(*election_));
    }
    const election::PartSums* known = sums ? &*sums : nullptr;
    std::vector<Violation> violations = election_->CheckOrder(*order, index(), roll_.get(), known);
    if (!roll_of_) {
      // Without the roll nobody's district and weight are known, nor which parts there are.
      std::erase_if(violations, [](const Violation& v) {
        return v.check == Check::kS14 || v.check == Check::kC2;
      });
    }
    Add(violations, entry);
    election_->ApplyOrder(*order, index(), roll_, root(), known);
    logged_orders_.push_back({index(), *order});
  } else if (const auto* message = std::get_if<election::SignedTrusteeMessage>(&entry)) {
    Add(election_->CheckTrusteeMessage(*message), entry);
    election_->ApplyTrusteeMessage(*message, index());
    logged_messages_.push_back({index(), ToBytes(bytes), *message});
  } else {
    Add({{Check::kS8, absl::InvalidArgumentError("has no place in an election's log")}}, entry);
  }
  return absl::OkStatus();
}

absl::Status PollReplay::TakePetition(const record::Entry& entry) {
  const auto take = [&](const auto& act) {
    std::vector<Violation> violations = petition_->CheckAct(act);
    if (roll_ == nullptr) {
      std::erase_if(violations, [](const Violation& v) { return v.check == Check::kP3; });
    }
    Add(violations, entry);
    if (violations.empty()) petition_->ApplyAct(act, index());
  };
  const bool anonymous = petition_->manifest().anonymous.has_value();
  const auto* act = std::get_if<petition::PetitionAct>(&entry);
  const auto* ring_act = std::get_if<petition::RingAct>(&entry);
  const auto* tag_act = std::get_if<petition::TagAct>(&entry);
  if (act != nullptr && !anonymous) {
    take(*act);
  } else if (ring_act != nullptr && anonymous) {
    take(*ring_act);
  } else if (tag_act != nullptr && anonymous) {
    take(*tag_act);
  } else if (const auto* order = std::get_if<poll::SignedOrder>(&entry)) {
    URNA_ASSIGN_OR_RETURN(const auto pinned, RollFor(petition_->PinOf(order->order)));
    if (poll::PetitionOpening(order->order) != nullptr) roll_ = pinned;
    std::vector<Violation> violations = petition_->CheckOrder(*order, index(), pinned.get());
    if (!roll_of_) {
      // Without the roll nobody's district is known, and the districts' counts are not complete,
      // nor is it known how many may sign on paper.
      std::erase_if(violations, [](const Violation& v) {
        return v.check == Check::kS14 || v.check == Check::kP6 || v.check == Check::kP10 ||
               v.check == Check::kP11;
      });
    }
    Add(violations, entry);
    petition_->ApplyOrder(*order, index(), pinned);
    logged_orders_.push_back({index(), *order});
  } else {
    Add({{Check::kS8, absl::InvalidArgumentError("has no place in a petition's log")}}, entry);
  }
  return absl::OkStatus();
}

void PollReplay::Add(const std::vector<Violation>& violations, const record::Entry& entry) {
  for (const Violation& violation : violations) {
    if (problems_.size() >= kMaxProblems) return;
    problems_.push_back(absl::StrCat("entry ", index(), " (", record::EntryName(entry),
                                     "): ", InfoOf(violation.check).number, ": ",
                                     violation.status.message()));
  }
}

std::string PollReplay::origin() const {
  return election_ != nullptr ? election_->manifest().origin : petition_->manifest().origin;
}

const crypto::Hash32& PollReplay::poll_id() const {
  return election_ != nullptr ? election_->poll_id() : petition_->poll_id();
}

const poll::OrderChain& PollReplay::orders() const {
  return election_ != nullptr ? election_->orders() : petition_->orders();
}

absl::StatusOr<merkle::NoteVerifier> PollReplay::log() const {
  return LogVerifier(origin(), election_ != nullptr ? election_->manifest().log_key
                                                    : petition_->manifest().log_key);
}

absl::Status PollReplay::CheckNoProblems() const {
  if (problems_.empty()) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("the log breaks the rules: ", problems_.front(),
                   problems_.size() > 1 ? absl::StrCat(" (and ", problems_.size() - 1, " more)")
                                        : std::string()));
}

}  // namespace urna::tally
