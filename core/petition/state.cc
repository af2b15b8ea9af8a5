#include "core/petition/state.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/tag_proof.h"

namespace urna::petition {
namespace {

using poll::OrderKind;

// Adds a violation with the entry's name in front, unless the status is OK.
void Add(std::vector<Violation>& out, Check check, absl::string_view entry, absl::Status status) {
  if (!status.ok()) out.push_back({check, Annotate(std::move(status), entry)});
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

// Does not keep it alive.
std::shared_ptr<const roll::RollState> Borrow(const roll::RollState* roll) {
  return {std::shared_ptr<const roll::RollState>(), roll};
}

}  // namespace

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
    case OrderKind::kOpenAnonymousPetition:
      if ((kind == OrderKind::kOpenAnonymousPetition) != manifest().anonymous.has_value()) {
        return absl::InvalidArgumentError(
            manifest().anonymous.has_value()
                ? "the petition is anonymous, and this order opens a pseudonymous one"
                : "the petition is pseudonymous, and this order opens an anonymous one");
      }
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

std::shared_ptr<const roll::Rings> PetitionState::MakeRings(
    std::shared_ptr<const roll::RollState> roll, const crypto::Hash32& beacon) const {
  const AnonymousRules& rules = *manifest().anonymous;
  roll::RingPlan plan;
  for (const roll::NumberedName& district : manifest().districts) {
    plan.districts.push_back(district.number);
  }
  plan.ring_size = rules.ring_size;
  plan.fewest = rules.fewest;
  plan.beacon = beacon;
  return std::make_shared<const roll::Rings>(std::move(roll), plan);
}

// P8.
absl::Status PetitionState::CheckRings(const poll::OpenAnonymousPetition& opening,
                                       const roll::Rings& rings) const {
  const auto wrong = [](const std::string& why) { return absl::FailedPreconditionError(why); };
  if (!rings.too_small().empty()) {
    return wrong(absl::StrCat("district ", rings.too_small().front(),
                              " has members on the roll, "
                              "but fewer than ",
                              manifest().anonymous->fewest, ", so that none of them could sign"));
  }
  if (rings.size() == 0) return wrong("nobody on the roll is of a district of the petition");
  if (!rings.broken().empty()) {
    return wrong(absl::StrCat("a point stands twice in ring ", rings.broken().front()));
  }
  if (opening.rings != rings.size()) {
    return wrong(absl::StrCat("it says ", opening.rings, " rings, the roll gives ", rings.size()));
  }
  if (opening.rings_hash != rings.hash()) {
    return wrong(absl::StrCat("it says rings_hash ", ToHex(opening.rings_hash), ", the roll gives ",
                              ToHex(rings.hash())));
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
  if (const poll::OpenPetition* opening = poll::PetitionOpening(order.order)) {
    Add(out, Check::kS14, name, CheckPin(*opening, pinned));
    if (opening->text_hash != TextHash(manifest())) {
      Add(out, Check::kP1, name,
          absl::InvalidArgumentError("text_hash is not that of the manifest's title and text"));
    }
  }
  const auto* anonymous = std::get_if<poll::OpenAnonymousPetition>(&order.order.act);
  if (anonymous != nullptr && pinned != nullptr) {
    const auto rings = MakeRings(Borrow(pinned), anonymous->beacon);
    Add(out, Check::kP8, name, CheckRings(*anonymous, *rings));
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
  if (const poll::OpenPetition* opening = poll::PetitionOpening(order.order)) {
    phase_ = Phase::kCollecting;
    context_ = ActContext{poll::PollContext(poll_id_, order.signed_body.body), opening->text_hash,
                          nullptr};
    if (const auto* rings = std::get_if<poll::OpenAnonymousPetition>(&order.order.act)) {
      AnonymousContext anonymous{crypto::TagBase(context_->poll_context), nullptr};
      if (pinned != nullptr) anonymous.rings = MakeRings(pinned, rings->beacon);
      context_->anonymous = std::make_shared<const AnonymousContext>(std::move(anonymous));
      beacon_ = rings->beacon;
    }
    roll_pin_ = opening->roll;
    roll_ = std::move(pinned);
  } else if (const auto* result = std::get_if<poll::PetitionResult>(&order.order.act)) {
    phase_ = Phase::kFinal;
    published_ = *result;
  } else {
    phase_ = Phase::kClosed;
  }
}

}  // namespace urna::petition
