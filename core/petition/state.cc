#include "core/petition/state.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/tag_proof.h"

namespace urna::petition {
namespace {

// Adds a violation with the entry's name in front, unless the status is OK.
void Add(std::vector<Violation>& out, Check check, absl::string_view entry, absl::Status status) {
  if (!status.ok()) out.push_back({check, Annotate(std::move(status), entry)});
}

poll::Officers OfficersOf(const Manifest& manifest) {
  return {manifest.officers, manifest.officer_quorum};
}

// Nothing is asked of a pseudonymous petition.
AnonymousRules RulesOf(const Manifest& manifest) {
  return manifest.anonymous.value_or(AnonymousRules());
}

// Does not keep it alive.
std::shared_ptr<const roll::RollState> Borrow(const roll::RollState* roll) {
  return {std::shared_ptr<const roll::RollState>(), roll};
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
      orders_(poll_id_, OfficersOf(manifest_.manifest), manifest_.manifest.schedule),
      phase_(FirstPhase(manifest_.manifest)),
      title_(manifest_.manifest.title),
      text_(manifest_.manifest.text),
      text_hash_(TextHash(manifest_.manifest)),
      initiators_(poll_id_, RulesOf(manifest_.manifest).invitation),
      paper_(manifest_.manifest),
      minimums_(RulesOf(manifest_.manifest).minimums) {
  for (const roll::NumberedName& district : manifest_.manifest.districts) {
    districts_[district.number] = 0;
  }
  for (uint64_t threshold : manifest_.manifest.thresholds) {
    thresholds_.push_back({threshold, false, 0});
  }
}

// S8.
absl::Status PetitionState::CheckPlaceOf(const poll::Order& order) const {
  URNA_RETURN_IF_ERROR(CheckPlace(manifest(), phase_, order));
  const auto* epoch = std::get_if<poll::RollEpoch>(&order.act);
  return epoch == nullptr ? absl::OkStatus() : context_->anonymous->epochs.CheckPlace(*epoch);
}

std::optional<roll::RollPin> PetitionState::PinOf(const poll::Order& order) const {
  if (const poll::OpenPetition* opening = poll::PetitionOpening(order)) return opening->roll;
  const auto* epoch = std::get_if<poll::RollEpoch>(&order.act);
  if (epoch == nullptr || !roll_pin_.has_value()) return std::nullopt;
  return roll::RollPin{roll_pin_->roll_id, epoch->roll_size, epoch->roll_root};
}

// S14.
absl::Status PetitionState::CheckPin(const roll::RollPin& said, std::optional<uint32_t> epoch,
                                     const roll::RollState* pinned) const {
  const auto wrong = [](const std::string& why) { return absl::FailedPreconditionError(why); };
  if (pinned == nullptr) {
    return wrong(absl::StrCat("the roll ", ToHex(said.roll_id), " is not at hand"));
  }
  if (!pinned->sealed()) return wrong("the roll is not sealed");
  const roll::RollPin pin = pinned->pin();
  if (said.roll_id != pin.roll_id) {
    return wrong(absl::StrCat("it pins the roll ", ToHex(said.roll_id), ", the one at hand is ",
                              ToHex(pin.roll_id)));
  }
  if (said.size != pin.size) {
    return wrong(absl::StrCat("it pins a roll of ", said.size, " entries, the roll has ", pin.size,
                              " up to a seal"));
  }
  if (said.root != pin.root) {
    return wrong(absl::StrCat("it pins the roll's root ", ToHex(said.root), ", the roll has ",
                              ToHex(pin.root)));
  }
  if (epoch.has_value() && *epoch != pinned->epoch()) {
    return wrong(absl::StrCat("it says epoch ", *epoch, ", and the seal at its roll_size ends ",
                              pinned->epoch()));
  }
  if (pinned->header().registrar != manifest().registrar) {
    return wrong(absl::StrCat("the roll's registrar '", pinned->header().registrar.name,
                              "' is not the manifest's, '", manifest().registrar.name, "'"));
  }
  return absl::OkStatus();
}

roll::RingPlan PetitionState::PlanRings(const crypto::Hash32& beacon) const {
  const AnonymousRules& rules = *manifest().anonymous;
  roll::RingPlan plan;
  for (const roll::NumberedName& district : manifest().districts) {
    plan.districts.push_back(district.number);
  }
  plan.categories = rules.categories;
  plan.ring_size = rules.ring_size;
  plan.fewest = rules.fewest;
  plan.beacon = beacon;
  return plan;
}

std::shared_ptr<const roll::Rings> PetitionState::MakeRings(
    std::shared_ptr<const roll::RollState> roll, const crypto::Hash32& beacon) const {
  return std::make_shared<const roll::Rings>(std::move(roll), PlanRings(beacon));
}

std::shared_ptr<const roll::Rings> PetitionState::MakeLaterRings(
    std::shared_ptr<const roll::RollState> roll, const crypto::Hash32& beacon) const {
  roll::RingPlan plan = PlanRings(beacon);
  // There is no epoch below 1, so an opening that says 0 means the same (and breaks S14).
  plan.first_epoch = std::max(1u, context_->anonymous->epochs.first().epoch);
  plan.paper_categories = manifest().anonymous->paper_categories;
  return std::make_shared<const roll::Rings>(std::move(roll), plan);
}

// P8.
absl::Status PetitionState::CheckRings(uint32_t said, const crypto::Hash32& said_hash,
                                       const roll::Rings& rings) const {
  const auto wrong = [](const std::string& why) { return absl::FailedPreconditionError(why); };
  if (!rings.too_small().empty()) {
    return wrong(absl::StrCat("district ", rings.too_small().front(),
                              " has members who may sign online, but fewer than ",
                              manifest().anonymous->fewest, ", so that none of them could sign"));
  }
  if (rings.size() == 0) {
    return wrong("nobody on the roll is of a district of the petition and may sign online");
  }
  if (!rings.broken().empty()) {
    return wrong(absl::StrCat("a point stands twice in ring ", rings.broken().front()));
  }
  if (said != rings.size()) {
    return wrong(absl::StrCat("it says ", said, " rings, the roll gives ", rings.size()));
  }
  if (said_hash != rings.hash()) {
    return wrong(absl::StrCat("it says rings_hash ", ToHex(said_hash), ", the roll gives ",
                              ToHex(rings.hash())));
  }
  return absl::OkStatus();
}

// P8.
absl::Status PetitionState::CheckRollEpoch(const poll::RollEpoch& order,
                                           const roll::RollState* pinned) const {
  const RingEpochs& epochs = context_->anonymous->epochs;
  URNA_RETURN_IF_ERROR(epochs.CheckFields(order));
  if (epochs.Repeats(order) || pinned == nullptr) return absl::OkStatus();
  return CheckRings(order.rings, order.rings_hash, *MakeLaterRings(Borrow(pinned), order.beacon));
}

std::vector<Violation> PetitionState::CheckOrder(const poll::SignedOrder& order, uint64_t index,
                                                 const roll::RollState* pinned) const {
  std::vector<Violation> out = orders_.Check(order);
  const std::string name = poll::DescribeOrder(order.order);
  if (absl::Status place = CheckPlaceOf(order.order); !place.ok()) {
    Add(out, Check::kS8, name, std::move(place));
    return out;  // it changes nothing, so there is nothing else to ask (§12)
  }
  const auto& act = order.order.act;
  const auto* anonymous = std::get_if<poll::OpenAnonymousPetition>(&act);
  if (const poll::OpenPetition* opening = poll::PetitionOpening(order.order)) {
    const auto epoch = anonymous == nullptr ? std::nullopt : std::optional(anonymous->epoch);
    Add(out, Check::kS14, name, CheckPin(opening->roll, epoch, pinned));
    if (opening->text_hash != text_hash_) {
      Add(out, Check::kP1, name,
          absl::InvalidArgumentError("text_hash is not that of the title and text in force"));
    }
  }
  if (anonymous != nullptr && pinned != nullptr) {
    const auto rings = MakeRings(Borrow(pinned), anonymous->beacon);
    Add(out, Check::kP8, name, CheckRings(anonymous->rings, anonymous->rings_hash, *rings));
  }
  if (const auto* epoch = std::get_if<poll::RollEpoch>(&act)) {
    Add(out, Check::kS14, name, CheckPin(*PinOf(order.order), epoch->epoch, pinned));
    Add(out, Check::kP8, name, CheckRollEpoch(*epoch, pinned));
  }
  if (const auto* result = std::get_if<poll::PetitionResult>(&act)) {
    Add(out, Check::kP6, name, CheckCounts(*result, index));
    Add(out, Check::kP7, name, CheckThresholds(result->thresholds));
  } else if (const auto* counted = std::get_if<poll::AnonymousResult>(&act)) {
    Add(out, Check::kP6, name, CheckCounts(*counted, index));
    Add(out, Check::kP7, name, CheckThresholds(counted->thresholds));
    Add(out, Check::kP11, name, CheckPassed(*counted));
  } else if (const auto* revise = std::get_if<poll::Revise>(&act)) {
    Add(out, Check::kP1, name, CheckRevision(*revise));
  } else if (const auto* batch = std::get_if<poll::PaperBatch>(&act)) {
    Add(out, Check::kP10, name, paper_.Check(*batch));
  } else if (const auto* step = std::get_if<poll::Step>(&act)) {
    Add(out, Check::kP12, name, CheckStep(*step, order.order));
  }
  Add(out, Check::kP9, name, CheckInitiators(order.order));
  return out;
}

void PetitionState::ApplyOpening(const poll::SignedOrder& order,
                                 std::shared_ptr<const roll::RollState> pinned) {
  const poll::OpenPetition& opening = *poll::PetitionOpening(order.order);
  context_ =
      ActContext{poll::PollContext(poll_id_, order.signed_body.body), opening.text_hash, nullptr};
  if (const auto* said = std::get_if<poll::OpenAnonymousPetition>(&order.order.act)) {
    EpochRings first{said->epoch, poll::OrderHash(poll_id_, order.signed_body.body),
                     said->roll,  said->beacon,
                     said->rings, said->rings_hash};
    if (pinned != nullptr) {
      first.rings = MakeRings(pinned, said->beacon);
      paper_.PinRoll(*pinned, *manifest().anonymous);
    }
    context_->anonymous = std::make_shared<const AnonymousContext>(
        AnonymousContext{crypto::TagBase(context_->poll_context), RingEpochs(std::move(first))});
    beacon_ = said->beacon;
    minimums_.Open(order.order.time);
  }
  roll_pin_ = opening.roll;
  roll_ = std::move(pinned);
}

// Whoever has the context of before goes on with that.
void PetitionState::ApplyRollEpoch(const poll::SignedOrder& order,
                                   std::shared_ptr<const roll::RollState> pinned) {
  const auto& said = std::get<poll::RollEpoch>(order.order.act);
  AnonymousContext grown = *context_->anonymous;
  std::shared_ptr<const roll::Rings> rings;
  if (pinned != nullptr && !grown.epochs.Repeats(said)) {
    rings = MakeLaterRings(std::move(pinned), said.beacon);
  }
  grown.epochs.Apply(said, poll::OrderHash(poll_id_, order.signed_body.body), std::move(rings));
  context_->anonymous = std::make_shared<const AnonymousContext>(std::move(grown));
}

void PetitionState::ApplyOrder(const poll::SignedOrder& order, uint64_t index,
                               std::shared_ptr<const roll::RollState> pinned) {
  const bool placed = HasPlace(order.order);
  const std::optional<Phase> next = NextPhase(manifest(), phase_, order.order);
  orders_.Apply(order);
  if (!placed) return;
  if (poll::PetitionOpening(order.order) != nullptr) {
    ApplyOpening(order, std::move(pinned));
  } else if (std::holds_alternative<poll::RollEpoch>(order.order.act)) {
    ApplyRollEpoch(order, std::move(pinned));
  } else if (const auto* result = std::get_if<poll::PetitionResult>(&order.order.act)) {
    published_ = *result;
  } else if (const auto* counted = std::get_if<poll::AnonymousResult>(&order.order.act)) {
    counted_ = *counted;
  } else {
    ApplyLife(order, index);
  }
  phase_ = *next;
  if (!IsEnd(phase_)) came_to_ = StageOf(phase_);
}

}  // namespace urna::petition
