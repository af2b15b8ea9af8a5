#include "core/petition/state.h"

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
  plan.categories = rules.categories;
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
                              " has members who may sign online, but fewer than ",
                              manifest().anonymous->fewest, ", so that none of them could sign"));
  }
  if (rings.size() == 0) {
    return wrong("nobody on the roll is of a district of the petition and may sign online");
  }
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

std::vector<Violation> PetitionState::CheckOrder(const poll::SignedOrder& order, uint64_t index,
                                                 const roll::RollState* pinned) const {
  std::vector<Violation> out = orders_.Check(order);
  const std::string name = poll::DescribeOrder(order.order);
  if (absl::Status place = CheckPlace(manifest(), phase_, order.order); !place.ok()) {
    Add(out, Check::kS8, name, std::move(place));
    return out;  // it changes nothing, so there is nothing else to ask (§12)
  }
  if (const poll::OpenPetition* opening = poll::PetitionOpening(order.order)) {
    Add(out, Check::kS14, name, CheckPin(*opening, pinned));
    if (opening->text_hash != text_hash_) {
      Add(out, Check::kP1, name,
          absl::InvalidArgumentError("text_hash is not that of the title and text in force"));
    }
  }
  const auto& act = order.order.act;
  const auto* anonymous = std::get_if<poll::OpenAnonymousPetition>(&act);
  if (anonymous != nullptr && pinned != nullptr) {
    const auto rings = MakeRings(Borrow(pinned), anonymous->beacon);
    Add(out, Check::kP8, name, CheckRings(*anonymous, *rings));
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
  if (const auto* rings = std::get_if<poll::OpenAnonymousPetition>(&order.order.act)) {
    AnonymousContext anonymous{crypto::TagBase(context_->poll_context), nullptr};
    if (pinned != nullptr) {
      anonymous.rings = MakeRings(pinned, rings->beacon);
      paper_.PinRoll(*pinned, *manifest().anonymous);
    }
    context_->anonymous = std::make_shared<const AnonymousContext>(std::move(anonymous));
    beacon_ = rings->beacon;
    minimums_.Open(order.order.time);
  }
  roll_pin_ = opening.roll;
  roll_ = std::move(pinned);
}

void PetitionState::ApplyOrder(const poll::SignedOrder& order, uint64_t index,
                               std::shared_ptr<const roll::RollState> pinned) {
  const std::optional<Phase> next = NextPhase(manifest(), phase_, order.order);
  orders_.Apply(order);
  if (!next.has_value()) return;
  if (poll::PetitionOpening(order.order) != nullptr) {
    ApplyOpening(order, std::move(pinned));
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
