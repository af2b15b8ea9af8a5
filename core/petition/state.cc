#include "core/petition/state.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace urna::petition {
namespace {

using poll::OrderKind;

// Adds a violation with the entry's name in front, unless the status is OK.
void Add(std::vector<Violation>& out, Check check, absl::string_view entry, absl::Status status) {
  if (!status.ok()) out.push_back({check, Annotate(std::move(status), entry)});
}

absl::string_view PhaseName(Phase phase) {
  switch (phase) {
    case Phase::kSetup:
      return "not open yet";
    case Phase::kCollecting:
      return "open";
    case Phase::kClosed:
      return "closed";
    case Phase::kFinal:
      return "final";
  }
  return "unknown";
}

// Where a threshold stands, for a sentence.
std::string Describe(const poll::ThresholdReached& threshold) {
  if (!threshold.reached) {
    return threshold.index == 0 ? "not reached"
                                : absl::StrCat("not reached, with index ", threshold.index);
  }
  return absl::StrCat("reached at index ", threshold.index);
}

poll::Officers OfficersOf(const Manifest& manifest) {
  return {manifest.officers, manifest.officer_quorum};
}

}  // namespace

std::vector<Violation> PetitionState::CheckManifestEntry(const SignedManifest& manifest) {
  std::vector<Violation> out;
  Add(out, Check::kS1, "petition manifest", CheckManifest(manifest.manifest));
  for (Violation& violation :
       poll::CheckManifestSignatures(OfficersOf(manifest.manifest), manifest.signed_body)) {
    out.push_back(std::move(violation));
  }
  return out;
}

PetitionState::PetitionState(SignedManifest manifest)
    : manifest_(std::move(manifest)),
      poll_id_(poll::ManifestHash(manifest_.signed_body.body)),
      orders_(poll_id_, OfficersOf(manifest_.manifest), manifest_.manifest.schedule) {
  for (const roll::NumberedName& district : manifest_.manifest.districts) {
    districts_[district.number] = 0;
  }
  for (uint64_t threshold : manifest_.manifest.thresholds) {
    thresholds_.push_back({threshold, false, 0});
  }
}

Stage PetitionState::stage() const {
  switch (phase_) {
    case Phase::kSetup:
      return Stage::kSetup;
    case Phase::kCollecting:
      return Stage::kVoting;
    case Phase::kClosed:
      return Stage::kClosed;
    case Phase::kFinal:
      return Stage::kFinal;
  }
  return Stage::kSetup;
}

// S8: set-up → open → collecting → close → closed → result → final.
absl::Status PetitionState::CheckPlace(OrderKind kind) const {
  Phase place = Phase::kSetup;
  switch (kind) {
    case OrderKind::kOpenPetition:
      place = Phase::kSetup;
      break;
    case OrderKind::kClose:
      place = Phase::kCollecting;
      break;
    case OrderKind::kPetitionResult:
      place = Phase::kClosed;
      break;
    case OrderKind::kOpenElection:
    case OrderKind::kNewAttempt:
    case OrderKind::kSum:
    case OrderKind::kElectionResult:
    case OrderKind::kRevoke:
    case OrderKind::kRestore:
      return absl::InvalidArgumentError("an election's order has no place in a petition");
  }
  if (phase_ == place) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("out of place, the petition is ", PhaseName(phase_)));
}

// S14.
absl::Status PetitionState::CheckPin(const poll::OpenPetition& opening,
                                     const roll::RollState* pinned) const {
  const auto wrong = [](const std::string& why) { return absl::FailedPreconditionError(why); };
  if (pinned == nullptr) {
    return wrong(absl::StrCat("the roll ", ToHex(opening.roll.roll_id), " is not at hand"));
  }
  if (!pinned->sealed()) return wrong("the roll is not sealed");
  const roll::RollPin pin = pinned->pin();
  if (opening.roll.roll_id != pin.roll_id) {
    return wrong(absl::StrCat("it pins the roll ", ToHex(opening.roll.roll_id),
                              ", the one at hand is ", ToHex(pin.roll_id)));
  }
  if (opening.roll.size != pin.size) {
    return wrong(
        absl::StrCat("it pins a roll of ", opening.roll.size, " entries, the roll has ", pin.size));
  }
  if (opening.roll.root != pin.root) {
    return wrong(absl::StrCat("it pins the roll's root ", ToHex(opening.roll.root),
                              ", the roll has ", ToHex(pin.root)));
  }
  if (pinned->header().registrar != manifest().registrar) {
    return wrong(absl::StrCat("the roll's registrar '", pinned->header().registrar.name,
                              "' is not the manifest's, '", manifest().registrar.name, "'"));
  }
  return absl::OkStatus();
}

// P6.
absl::Status PetitionState::CheckCounts(const poll::PetitionResult& result, uint64_t index) const {
  const auto wrong = [](const std::string& why) { return absl::InvalidArgumentError(why); };
  if (result.tree_size != index) {
    return wrong(absl::StrCat("it says tree size ", result.tree_size, " and has index ", index));
  }
  if (result.signatures != count_) {
    return wrong(absl::StrCat("it says ", result.signatures, " signatures, the log has ", count_));
  }
  const std::vector<poll::DistrictCount> counts = DistrictCounts();
  if (result.districts.size() != counts.size()) {
    return wrong(absl::StrCat("it has ", result.districts.size(), " districts, the manifest has ",
                              counts.size()));
  }
  for (size_t i = 0; i < counts.size(); ++i) {
    if (result.districts[i].district != counts[i].district) {
      return wrong(absl::StrCat("district ", result.districts[i].district, " stands where ",
                                counts[i].district, " belongs"));
    }
    if (result.districts[i].signatures != counts[i].signatures) {
      return wrong(absl::StrCat("district ", counts[i].district, ": it says ",
                                result.districts[i].signatures, " signatures, the log has ",
                                counts[i].signatures));
    }
  }
  return absl::OkStatus();
}

// P7.
absl::Status PetitionState::CheckThresholds(const poll::PetitionResult& result) const {
  const auto wrong = [](const std::string& why) { return absl::InvalidArgumentError(why); };
  if (result.thresholds.size() != thresholds_.size()) {
    return wrong(absl::StrCat("it has ", result.thresholds.size(), " thresholds, the manifest has ",
                              thresholds_.size()));
  }
  for (size_t i = 0; i < thresholds_.size(); ++i) {
    const poll::ThresholdReached& said = result.thresholds[i];
    if (said.threshold != thresholds_[i].threshold) {
      return wrong(absl::StrCat("threshold ", said.threshold, " stands where ",
                                thresholds_[i].threshold, " belongs"));
    }
    if (said != thresholds_[i]) {
      return wrong(absl::StrCat("threshold ", said.threshold, ": it says ", Describe(said),
                                ", by the log it is ", Describe(thresholds_[i])));
    }
  }
  return absl::OkStatus();
}

std::vector<Violation> PetitionState::CheckOrder(const poll::SignedOrder& order, uint64_t index,
                                                 const roll::RollState* pinned) const {
  std::vector<Violation> out = orders_.Check(order);
  const std::string name = poll::DescribeOrder(order.order);
  if (absl::Status place = CheckPlace(order.order.kind()); !place.ok()) {
    Add(out, Check::kS8, name, std::move(place));
    return out;  // it changes nothing, so there is nothing else to ask (§12)
  }
  if (const auto* opening = std::get_if<poll::OpenPetition>(&order.order.act)) {
    Add(out, Check::kS14, name, CheckPin(*opening, pinned));
    if (opening->text_hash != TextHash(manifest())) {
      Add(out, Check::kP1, name,
          absl::InvalidArgumentError("text_hash is not that of the manifest's title and text"));
    }
  }
  if (const auto* result = std::get_if<poll::PetitionResult>(&order.order.act)) {
    Add(out, Check::kP6, name, CheckCounts(*result, index));
    Add(out, Check::kP7, name, CheckThresholds(*result));
  }
  return out;
}

void PetitionState::ApplyOrder(const poll::SignedOrder& order, uint64_t /*index*/,
                               std::shared_ptr<const roll::RollState> pinned) {
  const bool in_place = CheckPlace(order.order.kind()).ok();
  orders_.Apply(order);
  if (!in_place) return;
  if (const auto* opening = std::get_if<poll::OpenPetition>(&order.order.act)) {
    phase_ = Phase::kCollecting;
    context_ = ActContext{poll::PollContext(poll_id_, order.signed_body.body), opening->text_hash};
    roll_pin_ = opening->roll;
    roll_ = std::move(pinned);
  } else if (const auto* result = std::get_if<poll::PetitionResult>(&order.order.act)) {
    phase_ = Phase::kFinal;
    published_ = *result;
  } else {
    phase_ = Phase::kClosed;
  }
}

std::vector<Violation> PetitionState::CheckAct(const PetitionAct& act) const {
  std::vector<Violation> out;
  const std::string name = absl::StrCat(ActName(act.act), " of ", ToHex(act.credential));
  if (phase_ != Phase::kCollecting) {
    Add(out, Check::kP2, name,
        absl::FailedPreconditionError(absl::StrCat("the petition is ", PhaseName(phase_))));
  }
  // Nothing else is known about an act before the opening.
  if (!context_.has_value()) return out;
  Add(out, Check::kP3, name, CheckEntitled(act));
  Add(out, Check::kP5, name, CheckStanding(act));
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

// P5.
absl::Status PetitionState::CheckStanding(const PetitionAct& act) const {
  const Standing last = Find(act.credential).value_or(Standing{});
  if (act.act == Act::kSign && last.signs) {
    return absl::AlreadyExistsError(
        absl::StrCat("the credential has signed already, at index ", last.index));
  }
  if (act.act == Act::kWithdraw && !last.signs) {
    return absl::FailedPreconditionError("there is no signature of the credential to withdraw");
  }
  if (act.sequence > last.sequence) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("sequence number ", act.sequence, " is not above ", last.sequence));
}

void PetitionState::ApplyAct(const PetitionAct& act, uint64_t index) {
  const bool signs = act.act == Act::kSign;
  Standing& standing = acts_[act.credential];
  const bool signed_before = std::exchange(standing.signs, signs);
  standing.sequence = act.sequence;
  standing.index = index;
  if (signs == signed_before) return;  // breaks P5: changes no count

  uint64_t* district = nullptr;
  if (const auto* found = roll_ == nullptr ? nullptr : roll_->Find(act.credential)) {
    const auto at = districts_.find(found->district);
    if (at != districts_.end()) district = &at->second;
  }
  if (!signs) {
    --count_;
    if (district != nullptr) --*district;
    return;
  }
  ++count_;
  if (district != nullptr) ++*district;
  while (reached_ < thresholds_.size() && thresholds_[reached_].threshold <= count_) {
    thresholds_[reached_].reached = true;
    thresholds_[reached_].index = index;
    ++reached_;
  }
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
    const std::array<uint8_t, 32>& credential) const {
  const auto at = acts_.find(credential);
  if (at == acts_.end()) return std::nullopt;
  return at->second;
}

}  // namespace urna::petition
