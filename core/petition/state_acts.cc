// What acts do to a petition: who may sign and withdraw, and what counts. docs/protocol.md §8,
// §8.1.
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/petition/state.h"
#include "core/petition/turn.h"

namespace urna::petition {
namespace {

// Adds a violation with the entry's name in front, unless the status is OK.
void Add(std::vector<Violation>& out, Check check, absl::string_view entry, absl::Status status) {
  if (!status.ok()) out.push_back({check, Annotate(std::move(status), entry)});
}

}  // namespace

// P2.
std::vector<Violation> PetitionState::CheckOpen(const std::string& name) const {
  if (phase_ == Phase::kCollecting) return {};
  return {{Check::kP2, absl::FailedPreconditionError(
                           absl::StrCat(name, ": the petition is ", PhaseName(phase_)))}};
}

std::vector<Violation> PetitionState::CheckAct(const PetitionAct& act) const {
  const std::string name = NameAnAct(act);
  std::vector<Violation> out = CheckOpen(name);
  // Nothing else is known about an act before the opening.
  if (!context_.has_value()) return out;
  Add(out, Check::kP3, name, CheckEntitled(act));
  if (auto wrong = CheckTurn(act, Find(act.credential))) out.push_back(*std::move(wrong));
  return out;
}

std::vector<Violation> PetitionState::CheckAct(const RingAct& act) const {
  const std::string name = NameAnAct(act);
  std::vector<Violation> out = CheckOpen(name);
  if (!context_.has_value()) return out;
  Add(out, Check::kP3, name, CheckRing(act));
  if (auto wrong = CheckTurn(act, Find(act.tag))) out.push_back(*std::move(wrong));
  return out;
}

std::vector<Violation> PetitionState::CheckAct(const TagAct& act) const {
  const std::string name = NameAnAct(act);
  std::vector<Violation> out = CheckOpen(name);
  if (!context_.has_value()) return out;
  if (auto wrong = CheckTurn(act, Find(act.tag))) out.push_back(*std::move(wrong));
  return out;
}

// P3.
absl::Status PetitionState::CheckEntitled(const PetitionAct& act) const {
  if (roll_ == nullptr) return absl::FailedPreconditionError("the roll is not at hand");
  const roll::RollState::Entitlement* found = roll_->Find(act.credential);
  if (found == nullptr) {
    return absl::PermissionDeniedError("the credential is not on the roll");
  }
  if (districts_.contains(found->district)) return absl::OkStatus();
  return absl::PermissionDeniedError(
      absl::StrCat("district ", found->district, " is not one of the petition's"));
}

// P3.
absl::Status PetitionState::CheckRing(const RingAct& act) const {
  const auto no = [](const std::string& why) { return absl::PermissionDeniedError(why); };
  if (context_->anonymous == nullptr || !context_->anonymous->epochs.at_hand()) {
    return absl::FailedPreconditionError("the roll is not at hand");
  }
  const RingEpochs& epochs = context_->anonymous->epochs;
  const EpochRings* epoch = epochs.FindInForce(act.epoch);
  if (epoch == nullptr && epochs.Find(act.epoch) != nullptr) {
    return no(absl::StrCat("epoch ", act.epoch, " has ended, the earliest in force is ",
                           epochs.earliest()));
  }
  if (epoch == nullptr) {
    return no(absl::StrCat("there are no rings of epoch ", act.epoch, ", the newest is ",
                           epochs.newest().epoch));
  }
  const roll::Rings& rings = *epoch->rings;
  if (act.ring >= rings.size()) {
    return no(absl::StrCat("there is no ring ", act.ring, " of epoch ", act.epoch, ", there are ",
                           rings.size()));
  }
  // Neither can be if the proofs are sound.
  const auto tags = tags_.find({act.epoch, act.ring});
  if (tags != tags_.end() && tags->second >= rings.CrowdOf(act.ring)) {
    return no(absl::StrCat("ring ", act.ring, " has ", rings.CrowdOf(act.ring),
                           " members and as many tags already"));
  }
  if (acts_.size() < epochs.members()) return absl::OkStatus();
  return no(absl::StrCat("all rings together have ", epochs.members(),
                         " members and there are as many tags already"));
}

void PetitionState::ApplyAct(const PetitionAct& act, uint64_t index) {
  Standing& standing = acts_[act.credential];
  const auto* found = roll_ == nullptr ? nullptr : roll_->Find(act.credential);
  if (found != nullptr) standing.district = found->district;
  Count(standing, act.act == Act::kSign, act.sequence, index);
}

void PetitionState::ApplyAct(const RingAct& act, uint64_t index) {
  Standing& standing = acts_[act.tag];
  const EpochRings* epoch =
      context_->anonymous == nullptr ? nullptr : context_->anonymous->epochs.Find(act.epoch);
  if (epoch != nullptr && epoch->rings != nullptr && act.ring < epoch->rings->size()) {
    standing.district = epoch->rings->DistrictOf(act.ring);
    ++tags_[{act.epoch, act.ring}];
  }
  Count(standing, true, act.sequence, index);
}

void PetitionState::ApplyAct(const TagAct& act, uint64_t index) {
  Count(acts_[act.tag], act.act == Act::kSign, act.sequence, index);
}

void PetitionState::Count(Standing& standing, bool signs, uint64_t sequence, uint64_t index) {
  const bool signed_before = std::exchange(standing.signs, signs);
  standing.sequence = sequence;
  standing.index = index;
  if (signs == signed_before) return;  // breaks P5: changes no count

  uint64_t* district = nullptr;
  if (standing.district.has_value()) {
    const auto at = districts_.find(*standing.district);
    if (at != districts_.end()) district = &at->second;
  }
  if (!signs) {
    --count_;
    if (district != nullptr) --*district;
    return;
  }
  ++count_;
  if (district != nullptr) ++*district;
  Reach(index);
}

std::vector<poll::DistrictCount> PetitionState::DistrictCounts() const {
  std::vector<poll::DistrictCount> out;
  out.reserve(districts_.size());
  for (const auto& [district, signatures] : districts_) out.push_back({district, signatures});
  return out;
}

std::vector<poll::ThresholdReached> PetitionState::Thresholds() const { return thresholds_; }

poll::PetitionResult PetitionState::Result(uint64_t index) const {
  return {index, count_, DistrictCounts(), thresholds_};
}

std::optional<PetitionState::Standing> PetitionState::Find(
    const std::array<uint8_t, 32>& credential_or_tag) const {
  const auto at = acts_.find(credential_or_tag);
  if (at == acts_.end()) return std::nullopt;
  return at->second;
}

}  // namespace urna::petition
