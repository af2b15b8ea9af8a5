// What signers put into a petition's log, as PollAudit takes it: proofs side by side, those over
// one ring together, then the rules in the order of the log.
#include <algorithm>
#include <utility>

#include "core/audit/poll_audit.h"
#include "core/crypto/rng.h"
#include "core/petition/act_batch.h"
#include "core/petition/anonymous_batch.h"

namespace urna::audit {
namespace {

using petition::PetitionAct;
using petition::RingAct;
using petition::TagAct;

// Leaves what is found about points and scalars (L3).
void KeepCanonical(std::vector<Violation>& violations) {
  std::erase_if(violations, [](const Violation& v) { return v.check != Check::kL3; });
}

// Calls `take` with the act that the entry is.
template <typename Take>
void WithAct(const record::Entry& entry, Take take) {
  if (const auto* act = std::get_if<PetitionAct>(&entry)) {
    take(*act);
  } else if (const auto* ring_act = std::get_if<RingAct>(&entry)) {
    take(*ring_act);
  } else {
    take(std::get<TagAct>(entry));
  }
}

}  // namespace

// Whether it is an act such as this petition has.
bool PollAudit::IsActHere(const record::Entry& entry) const {
  if (!petition_->manifest().anonymous.has_value()) {
    return std::holds_alternative<PetitionAct>(entry);
  }
  return std::holds_alternative<RingAct>(entry) || std::holds_alternative<TagAct>(entry);
}

// L3 about the points and scalars of an act of whichever petition.
std::vector<Violation> PollAudit::CanonicalAct(const record::Entry& entry) {
  std::vector<Violation> out;
  if (const auto* act = std::get_if<PetitionAct>(&entry)) {
    out = petition::VerifyActProof({}, *act);
  } else if (const auto* ring_act = std::get_if<RingAct>(&entry)) {
    out = petition::CheckCanonical(*ring_act);
  } else {
    out = petition::CheckCanonical(std::get<TagAct>(entry));
  }
  KeepCanonical(out);
  return out;
}

// What the proofs of the waiting entries say, in their order.
std::vector<std::vector<Violation>> PollAudit::ProveActs() const {
  const petition::ActContext context = petition_->context().value_or(petition::ActContext());
  std::vector<const PetitionAct*> named;
  std::vector<petition::AnonymousAct> anonymous;
  std::vector<size_t> places;
  for (size_t i = 0; i < waiting_.entries.size(); ++i) {
    const record::Entry& entry = waiting_.entries[i].entry;
    if (VerifiedBefore(waiting_.entries[i].index)) continue;
    places.push_back(i);
    if (const auto* act = std::get_if<PetitionAct>(&entry)) {
      named.push_back(act);
    } else if (const auto* ring_act = std::get_if<RingAct>(&entry)) {
      anonymous.push_back(ring_act);
    } else {
      anonymous.push_back(&std::get<TagAct>(entry));
    }
  }
  // The weights must be nobody's choice, so their source is not the caller's either.
  crypto::SystemRng rng;
  petition::RingCache no_rings(0);
  // All of them are of one kind.
  std::vector<std::vector<Violation>> found =
      anonymous.empty()
          ? petition::VerifyActProofs(context, named, options_.threads, rng)
          : petition::VerifyAnonymousProofs(
                context, anonymous, rings_ == nullptr ? no_rings : *rings_, options_.threads, rng);
  std::vector<std::vector<Violation>> proofs(waiting_.entries.size());
  for (size_t i = 0; i < places.size(); ++i) proofs[places[i]] = std::move(found[i]);
  return proofs;
}

void PollAudit::FlushActs() {
  std::vector<std::vector<Violation>> proofs = ProveActs();
  for (size_t i = 0; i < waiting_.entries.size(); ++i) {
    TakeAct(waiting_.entries[i].index, waiting_.entries[i].entry, std::move(proofs[i]));
  }
}

void PollAudit::TakeAct(uint64_t index, const record::Entry& entry, std::vector<Violation> proof) {
  const bool opened = petition_->context().has_value();
  // Before the opening there is nothing that proofs could be bound to.
  if (!opened) KeepCanonical(proof);
  findings_.Looked(Check::kP2, 1, "acts");
  if (opened) {
    for (Check check : {Check::kP3, Check::kP4, Check::kP5}) findings_.Looked(check, 1, "acts");
  }
  const std::string name = record::EntryName(entry);
  WithAct(entry, [&](const auto& act) {
    std::vector<Violation> rules = petition_->CheckAct(act);
    // That no ring act has had a tag needs no roll to be seen.
    if (!std::holds_alternative<TagAct>(entry)) rules = WithoutRoll(std::move(rules));
    Add(proof, index, name);
    Add(rules, index, name);
    if (!proof.empty() || !rules.empty() || !opened) return;
    petition_->ApplyAct(act, index);
    if (rings_ != nullptr) {
      series_.TakeCounts(index, petition_->count(), petition_->paper().total());
    }
  });
}

}  // namespace urna::audit
