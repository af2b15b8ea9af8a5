#include "server/log_state.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/record/log_links.h"

namespace urna::server {
namespace {

using record::Entry;

constexpr size_t kRingBytes = size_t{64} << 20;  // of decoded rings of one poll

absl::Status WrongKind(const LogFacts& facts, const Entry& entry) {
  return absl::FailedPreconditionError(
      absl::StrCat("the log of the ", record::LogKindName(facts.kind), " '", facts.origin,
                   "' takes no entry of the type ", record::EntryName(entry)));
}

// The roll that an order pins, if it does and the roll is on this board.
std::shared_ptr<const roll::RollState> FindRoll(const std::optional<roll::RollPin>& pin,
                                                const Surroundings& surroundings) {
  if (!pin.has_value() || !surroundings.find_roll) return nullptr;
  return surroundings.find_roll(*pin);
}

// Who has no right to bring in a roll does not make the committer divide it into rings.
absl::Status CheckSigned(const petition::PetitionState& petition, const poll::SignedOrder& order) {
  if (!petition.PinOf(order.order).has_value()) return absl::OkStatus();
  return FirstOf(petition.orders().Check(order));
}

// The board's own policy: the record would not be wrong with such a ballot (docs/protocol.md §6).
absl::Status CheckNotRevoked(const election::ElectionState& election,
                             const election::Ballot& ballot) {
  const auto found = election.revoked().find(ballot.credential);
  if (found == election.revoked().end()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("this credential was revoked by order ", found->second->order,
                   " of the officers and its ballots do not count: ", found->second->reason));
}

// What the rules say about an entry of voters; nothing if it is of no such kind.
std::optional<absl::Status> CheckVoters(const election::ElectionState& election, const Entry& entry,
                                        const Surroundings& surroundings) {
  if (const auto* ballot = std::get_if<election::Ballot>(&entry)) {
    URNA_RETURN_IF_ERROR(FirstOf(election.CheckBallot(*ballot)));
    return CheckNotRevoked(election, *ballot);
  }
  if (const auto* challenge = std::get_if<election::BallotChallenge>(&entry)) {
    return FirstOf(election.CheckChallenge(*challenge));
  }
  if (const auto* opening = std::get_if<election::BallotOpening>(&entry)) {
    return FirstOf(election.CheckBallotOpening(*opening, surroundings.opened));
  }
  return std::nullopt;
}

// The same of signers: which acts there are is the manifest's to say.
std::optional<absl::Status> CheckSigners(const petition::PetitionState& petition,
                                         const Entry& entry) {
  const bool anonymous = petition.manifest().anonymous.has_value();
  if (const auto* act = std::get_if<petition::PetitionAct>(&entry)) {
    if (!anonymous) return FirstOf(petition.CheckAct(*act));
    return absl::FailedPreconditionError(
        "the petition is anonymous and takes no act that names its credential");
  }
  const auto* ring_act = std::get_if<petition::RingAct>(&entry);
  const auto* tag_act = std::get_if<petition::TagAct>(&entry);
  if (ring_act == nullptr && tag_act == nullptr) return std::nullopt;
  if (!anonymous) {
    return absl::FailedPreconditionError("the petition is pseudonymous and takes no anonymous act");
  }
  return FirstOf(ring_act != nullptr ? petition.CheckAct(*ring_act) : petition.CheckAct(*tag_act));
}

merkle::Hash RootAfter(const Surroundings& surroundings) {
  merkle::CompactTree tree = *surroundings.tree;
  tree.Append(surroundings.leaf_hash);
  return tree.root();
}

LogPhase PhaseOf(const election::ElectionState& state) {
  switch (state.phase()) {
    case election::Phase::kSetup:
      return LogPhase::kSetup;
    case election::Phase::kVoting:
      return LogPhase::kVoting;
    case election::Phase::kClosed:
      return LogPhase::kClosed;
    case election::Phase::kSummed:
      return LogPhase::kSummed;
    case election::Phase::kFinal:
      return LogPhase::kFinal;
  }
  return LogPhase::kSetup;
}

LogPhase PhaseOf(const petition::PetitionState& state) {
  switch (state.stage()) {
    case Stage::kSetup:
      return LogPhase::kSetup;
    case Stage::kVoting:
      return LogPhase::kCollecting;
    case Stage::kClosed:
      return LogPhase::kClosed;
    case Stage::kFinal:
      return LogPhase::kFinal;
  }
  return LogPhase::kSetup;
}

LogPhase PhaseOf(const std::shared_ptr<roll::RollState>& state) {
  return state->epoch() > 0 ? LogPhase::kSealed : LogPhase::kFilling;
}

}  // namespace

absl::Status FirstOf(const std::vector<Violation>& violations) {
  return violations.empty() ? absl::OkStatus() : violations.front().status;
}

absl::StatusOr<merkle::NoteVerifier> LogFacts::LogVerifier() const {
  URNA_ASSIGN_OR_RETURN(const crypto::VerifyKey key, crypto::VerifyKey::Decode(log_key));
  return merkle::NoteVerifier::Create(origin, key);
}

LogState::LogState(std::shared_ptr<const LogFacts> facts, Rules rules)
    : facts_(std::move(facts)), rules_(std::move(rules)) {
  if (facts_->kind == LogKind::kPetition) signers_ = std::make_shared<SignerBook>();
  if (facts_->kind == LogKind::kElection) voters_ = std::make_shared<VoterBook>();
}

absl::StatusOr<LogState> LogState::Begin(const Entry& first) {
  auto facts = std::make_shared<LogFacts>();
  if (const auto* manifest = std::get_if<election::SignedManifest>(&first)) {
    URNA_RETURN_IF_ERROR(FirstOf(election::ElectionState::CheckManifestEntry(*manifest)));
    election::ElectionState state(*manifest);
    const election::Manifest& said = manifest->manifest;
    *facts = LogFacts{said.origin, LogKind::kElection, said.log_key, state.poll_id(),
                      said.title,  said.schedule,      said};
    return LogState(std::move(facts), std::move(state));
  }
  if (const auto* manifest = std::get_if<petition::SignedManifest>(&first)) {
    URNA_RETURN_IF_ERROR(FirstOf(petition::PetitionState::CheckManifestEntry(*manifest)));
    petition::PetitionState state(*manifest);
    const petition::Manifest& said = manifest->manifest;
    *facts = LogFacts{said.origin, LogKind::kPetition, said.log_key, state.poll_id(),
                      said.title,  said.schedule,      std::nullopt};
    return LogState(std::move(facts), std::move(state));
  }
  if (const auto* header = std::get_if<roll::SignedRollHeader>(&first)) {
    URNA_RETURN_IF_ERROR(FirstOf(roll::RollState::CheckHeader(*header)));
    auto state = std::make_shared<roll::RollState>(*header);
    const roll::RollHeader& said = header->header;
    *facts = LogFacts{said.origin, LogKind::kRoll,   said.log_key, state->roll_id(),
                      said.title,  poll::Schedule{}, std::nullopt};
    return LogState(std::move(facts), std::move(state));
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "a log begins with a manifest or a roll header, not with: ", record::EntryName(first)));
}

absl::Status LogState::CheckWitnessed(const poll::WitnessedCheckpoint& entry,
                                      const Surroundings& surroundings) const {
  if (const auto misplaced = poll::CheckWitnessedPlace(phase() == LogPhase::kFinal)) {
    return misplaced->status;
  }
  URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier log, facts_->LogVerifier());
  return CheckWitnessedCheckpoint(entry, surroundings.tree->size(), log, surroundings.nodes);
}

absl::Status LogState::Check(const Entry& entry, const Surroundings& surroundings) const {
  const uint64_t index = surroundings.tree->size();
  const auto* witnessed = std::get_if<poll::WitnessedCheckpoint>(&entry);
  if (witnessed != nullptr && facts_->kind != LogKind::kRoll) {
    return CheckWitnessed(*witnessed, surroundings);
  }
  if (const auto* election = std::get_if<election::ElectionState>(&rules_)) {
    if (const auto voters = CheckVoters(*election, entry, surroundings)) return *voters;
    if (const auto* message = std::get_if<election::SignedTrusteeMessage>(&entry)) {
      return FirstOf(election->CheckTrusteeMessage(*message));
    }
    if (const auto* order = std::get_if<poll::SignedOrder>(&entry)) {
      const auto pinned = FindRoll(record::PinOf(entry), surroundings);
      return FirstOf(election->CheckOrder(*order, index, pinned.get(), surroundings.sums));
    }
  } else if (const auto* petition = std::get_if<petition::PetitionState>(&rules_)) {
    if (const auto acts = CheckSigners(*petition, entry)) return *acts;
    if (const auto* order = std::get_if<poll::SignedOrder>(&entry)) {
      URNA_RETURN_IF_ERROR(CheckSigned(*petition, *order));
      const auto pinned = FindRoll(petition->PinOf(order->order), surroundings);
      return FirstOf(petition->CheckOrder(*order, index, pinned.get()));
    }
  } else {
    const roll::RollState& roll = *std::get<std::shared_ptr<roll::RollState>>(rules_);
    if (const auto* member = std::get_if<roll::RollMember>(&entry)) {
      return FirstOf(roll.CheckMember(*member));
    }
    if (const auto* change = std::get_if<roll::SignedRollChange>(&entry)) {
      URNA_RETURN_IF_ERROR(FirstOf(roll::CheckCanonical(change->change)));
      return FirstOf(roll.CheckChange(*change));
    }
    if (const auto* seal = std::get_if<roll::SignedRollSeal>(&entry)) {
      return FirstOf(roll.CheckSeal(*seal, surroundings.tree->root()));
    }
  }
  return WrongKind(*facts_, entry);
}

absl::Status LogState::Apply(const Entry& entry, const Surroundings& surroundings) {
  const uint64_t index = surroundings.tree->size();
  if (facts_->kind != LogKind::kRoll) {
    if (const auto* witnessed = std::get_if<poll::WitnessedCheckpoint>(&entry)) {
      trail_.Take(*witnessed);
      return absl::OkStatus();
    }
    if (const auto* order = std::get_if<poll::SignedOrder>(&entry))
      trail_.Take(index, order->order);
  }
  if (auto* election = std::get_if<election::ElectionState>(&rules_)) {
    if (const auto* ballot = std::get_if<election::Ballot>(&entry)) {
      election->ApplyBallot(*ballot, index);
      voters_->Take(ballot->credential, {ballot->sequence, index});
      return absl::OkStatus();
    }
    if (const auto* challenge = std::get_if<election::BallotChallenge>(&entry)) {
      election->ApplyChallenge(*challenge, index);
      voters_->Take(challenge->credential, {challenge->sequence, index});
      return absl::OkStatus();
    }
    if (const auto* opening = std::get_if<election::BallotOpening>(&entry)) {
      election->ApplyBallotOpening(*opening, index);
      return absl::OkStatus();
    }
    if (const auto* message = std::get_if<election::SignedTrusteeMessage>(&entry)) {
      election->ApplyTrusteeMessage(*message, index);
      return absl::OkStatus();
    }
    if (const auto* order = std::get_if<poll::SignedOrder>(&entry)) {
      auto pinned = FindRoll(record::PinOf(entry), surroundings);
      if (pinned != nullptr) pinned_ = pinned;
      const bool sum = order->order.kind() == poll::OrderKind::kSum;
      election->ApplyOrder(*order, index, std::move(pinned),
                           sum ? RootAfter(surroundings) : merkle::Hash{}, surroundings.sums);
      const std::optional<election::VotingContext>& voting = election->voting();
      if (rings_ == nullptr && voting.has_value() && voting->anonymous != nullptr) {
        rings_ = std::make_shared<roll::RingCache>(kRingBytes);
      }
      return absl::OkStatus();
    }
  } else if (auto* petition = std::get_if<petition::PetitionState>(&rules_)) {
    if (ApplyAct(entry, index)) return absl::OkStatus();
    if (const auto* order = std::get_if<poll::SignedOrder>(&entry)) {
      auto pinned = FindRoll(petition->PinOf(order->order), surroundings);
      if (petition->context().has_value()) later_orders_.push_back(index);
      const bool opening = poll::PetitionOpening(order->order) != nullptr;
      if (opening && pinned != nullptr) pinned_ = pinned;
      petition->ApplyOrder(*order, index, std::move(pinned));
      if (rings_ == nullptr && petition->context().has_value() &&
          petition->context()->anonymous != nullptr) {
        rings_ = std::make_shared<roll::RingCache>(kRingBytes);
      }
      return absl::OkStatus();
    }
  } else {
    roll::RollState& roll = *std::get<std::shared_ptr<roll::RollState>>(rules_);
    if (const auto* member = std::get_if<roll::RollMember>(&entry)) {
      roll.ApplyMember(*member);
      return absl::OkStatus();
    }
    if (const auto* change = std::get_if<roll::SignedRollChange>(&entry)) {
      roll.ApplyChange(*change);
      return absl::OkStatus();
    }
    if (const auto* seal = std::get_if<roll::SignedRollSeal>(&entry)) {
      roll.ApplySeal(*seal, RootAfter(surroundings));
      epochs_[index + 1] = std::make_shared<const roll::RollState>(roll);
      return absl::OkStatus();
    }
  }
  return WrongKind(*facts_, entry);
}

bool LogState::ApplyAct(const Entry& entry, uint64_t index) {
  auto& petition = std::get<petition::PetitionState>(rules_);
  const SignerBook::Id* id = nullptr;
  if (const auto* act = std::get_if<petition::PetitionAct>(&entry)) {
    petition.ApplyAct(*act, index);
    id = &act->credential;
  } else if (const auto* ring_act = std::get_if<petition::RingAct>(&entry)) {
    petition.ApplyAct(*ring_act, index);
    id = &ring_act->tag;
  } else if (const auto* tag_act = std::get_if<petition::TagAct>(&entry)) {
    petition.ApplyAct(*tag_act, index);
    id = &tag_act->tag;
  }
  if (id == nullptr) return false;
  signers_->Take(*id, *petition.Find(*id));
  return true;
}

LogPhase LogState::phase() const {
  return std::visit([](const auto& rules) { return PhaseOf(rules); }, rules_);
}

std::shared_ptr<const roll::RollState> LogState::sealed_roll(uint64_t size) const {
  const auto epoch = epochs_.find(size);
  if (epoch != epochs_.end()) return epoch->second;
  return epochs_.empty() ? nullptr : epochs_.rbegin()->second;
}

const election::ElectionState* LogState::election() const {
  return std::get_if<election::ElectionState>(&rules_);
}

LogView LogState::View() const {
  LogView view;
  view.facts = facts_;
  view.phase = phase();
  view.roll = pinned_;
  if (const auto* election = std::get_if<election::ElectionState>(&rules_)) {
    if (election->opening().has_value()) view.pin = election->opening()->roll;
    view.voting = election->voting();
    view.rings = rings_;
    view.voters = voters_;
  } else if (const auto* petition = std::get_if<petition::PetitionState>(&rules_)) {
    view.pin = petition->roll_pin();
    view.signing = petition->context();
    view.later_orders = later_orders_;
    view.rings = rings_;
    view.signers = signers_;
    view.state = std::string(petition::PhaseName(petition->phase()));
    view.signatures = petition->total();
    view.districts = petition->DistrictCounts();
    for (poll::DistrictCount& count : view.districts) {
      count.signatures += petition->paper().Of(count.district);
    }
    view.thresholds = petition->Thresholds();
  }
  return view;
}

}  // namespace urna::server
