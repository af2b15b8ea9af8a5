// The rules of a petition's log, entry by entry. docs/protocol.md §6, §6.1, §8; checks S1, S2,
// S5-S8, S14 and P1-P12 of §12. Pure: no I/O, no clock.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/base/numbered_checks.h"
#include "core/crypto/credential.h"
#include "core/crypto/point.h"
#include "core/crypto/rng.h"
#include "core/petition/epochs.h"
#include "core/petition/initiators.h"
#include "core/petition/life.h"
#include "core/petition/minimums.h"
#include "core/petition/paper.h"
#include "core/petition/petition.h"
#include "core/poll/order_chain.h"
#include "core/roll/rings.h"
#include "core/roll/roll.h"

namespace urna::petition {

// What the acts of an anonymous petition are proved with.
struct AnonymousContext {
  crypto::RistrettoPoint tag_base;  // H_e
  RingEpochs epochs;                // that orders have brought in so far
};

// What a petition act is bound to once the petition is open; of an anonymous one it grows with the
// epochs that are brought in.
struct ActContext {
  crypto::Hash32 poll_context{};
  crypto::Hash32 text_hash{};
  std::shared_ptr<const AnonymousContext> anonymous = nullptr;  // null: it is pseudonymous
};

// P4 (L3 where a point or scalar does not decode). Needs no state, so acts can be verified side by
// side. Variable time: all of it is public.
std::vector<Violation> VerifyActProof(const ActContext& context, const PetitionAct& act);

// Signs (or withdraws) with a credential. `sequence` must be above every earlier one of it.
PetitionAct MakeAct(const ActContext& context, Act act, uint64_t sequence,
                    const crypto::Credential& credential, crypto::Rng& rng);

// Copyable; const methods may run on several threads.
class PetitionState {
 public:
  // S1 and S2 about the first entry.
  static std::vector<Violation> CheckManifestEntry(const SignedManifest& manifest);
  explicit PetitionState(SignedManifest manifest);

  // Whether an order has a place now; without one it changes nothing but the chain (S8, §12).
  bool HasPlace(const poll::Order& order) const { return CheckPlaceOf(order).ok(); }

  // The roll as an order pins it: an opening, or once it is open a roll epoch (order 17), which
  // names the opening's roll. Nothing of other orders.
  std::optional<roll::RollPin> PinOf(const poll::Order& order) const;

  // S5-S8, S14, P1, P6-P12 about the next entry. `pinned`: the roll that PinOf names, or null if it
  // is not at hand (S14 then says so). At most one violation of each check.
  std::vector<Violation> CheckOrder(const poll::SignedOrder& order, uint64_t index,
                                    const roll::RollState* pinned) const;
  // The order takes its place in the chain even where Check found violations; the phase moves on
  // unless S8 was among them (§12).
  void ApplyOrder(const poll::SignedOrder& order, uint64_t index,
                  std::shared_ptr<const roll::RollState> pinned);

  // The rings that a roll and a beacon give an opening (§4.1). Only of an anonymous petition.
  std::shared_ptr<const roll::Rings> MakeRings(std::shared_ptr<const roll::RollState> roll,
                                               const crypto::Hash32& beacon) const;
  // The same for a roll epoch (order 17), without those who could sign twice. Only once it is open.
  std::shared_ptr<const roll::Rings> MakeLaterRings(std::shared_ptr<const roll::RollState> roll,
                                                    const crypto::Hash32& beacon) const;

  // P2, P3, P5 about the next entry, at most one of each; the proof is for VerifyActProof and its
  // like. PetitionActs are for pseudonymous petitions alone, the others for anonymous ones.
  std::vector<Violation> CheckAct(const PetitionAct& act) const;
  std::vector<Violation> CheckAct(const RingAct& act) const;
  std::vector<Violation> CheckAct(const TagAct& act) const;
  // Only for an act without violations.
  void ApplyAct(const PetitionAct& act, uint64_t index);
  void ApplyAct(const RingAct& act, uint64_t index);
  void ApplyAct(const TagAct& act, uint64_t index);

  const Manifest& manifest() const { return manifest_.manifest; }
  const crypto::Hash32& poll_id() const { return poll_id_; }
  Phase phase() const { return phase_; }
  Stage stage() const { return StageOf(phase_); }
  // How far it came: the stage, or the one it had when it was rejected, withdrawn or expired.
  Stage came_to() const { return came_to_; }
  const poll::OrderChain& orders() const { return orders_; }
  // Once opened.
  const std::optional<ActContext>& context() const { return context_; }
  const std::optional<roll::RollPin>& roll_pin() const { return roll_pin_; }
  // Of an anonymous petition, once opened.
  const std::optional<crypto::Hash32>& beacon() const { return beacon_; }
  // In force: the manifest's, or those of the last revision.
  const LocalizedTexts& title() const { return title_; }
  const LocalizedTexts& text() const { return text_; }
  const crypto::Hash32& text_hash() const { return text_hash_; }
  const Initiators& initiators() const { return initiators_; }
  const PaperSignatures& paper() const { return paper_; }
  const Minimums& minimums() const { return minimums_; }

  uint64_t count() const { return count_; }  // online
  uint64_t total() const { return count_ + paper_.total(); }
  std::vector<poll::DistrictCount> DistrictCounts() const;  // online
  std::vector<poll::ThresholdReached> Thresholds() const;   // of the total
  // What the result order must say if it is logged at `index`: of a pseudonymous petition, and of
  // an anonymous one.
  poll::PetitionResult Result(uint64_t index) const;
  poll::AnonymousResult AnonymousResult(uint64_t index) const;
  // The last act of a credential or tag: sequence, and whether it signs now.
  struct Standing {
    uint64_t sequence = 0;
    uint64_t index = 0;
    std::optional<uint16_t> district;  // where its signature counts; none if it is not known
    bool signs = false;
  };
  std::optional<Standing> Find(const std::array<uint8_t, 32>& credential_or_tag) const;
  // What the result order in the log says, right or wrong: of a pseudonymous petition, and of an
  // anonymous one.
  const std::optional<poll::PetitionResult>& published() const { return published_; }
  const std::optional<poll::AnonymousResult>& counted() const { return counted_; }

 private:
  absl::Status CheckPlaceOf(const poll::Order& order) const;
  // `epoch`: as the order says; nothing of a pseudonymous petition.
  absl::Status CheckPin(const roll::RollPin& pin, std::optional<uint32_t> epoch,
                        const roll::RollState* pinned) const;
  absl::Status CheckCounts(const poll::PetitionResult& result, uint64_t index) const;
  absl::Status CheckCounts(const poll::AnonymousResult& result, uint64_t index) const;
  absl::Status CheckThresholds(const std::vector<poll::ThresholdReached>& said) const;
  absl::Status CheckPassed(const poll::AnonymousResult& result) const;
  absl::Status CheckStep(const poll::Step& step, const poll::Order& order) const;
  absl::Status CheckExpiry(const poll::Step& step, uint64_t time) const;
  absl::Status CheckInitiators(const poll::Order& order) const;
  absl::Status CheckRevision(const poll::Revise& revise) const;
  void ApplyOpening(const poll::SignedOrder& order, std::shared_ptr<const roll::RollState> pinned);
  void ApplyRollEpoch(const poll::SignedOrder& order,
                      std::shared_ptr<const roll::RollState> pinned);
  void ApplyLife(const poll::SignedOrder& order, uint64_t index);
  void Reach(uint64_t index);
  roll::RingPlan PlanRings(const crypto::Hash32& beacon) const;
  absl::Status CheckRings(uint32_t said, const crypto::Hash32& said_hash,
                          const roll::Rings& rings) const;
  absl::Status CheckRollEpoch(const poll::RollEpoch& order, const roll::RollState* pinned) const;
  std::vector<Violation> CheckOpen(const std::string& name) const;
  absl::Status CheckEntitled(const PetitionAct& act) const;
  absl::Status CheckRing(const RingAct& act) const;
  void Count(Standing& standing, bool signs, uint64_t sequence, uint64_t index);

  SignedManifest manifest_;
  crypto::Hash32 poll_id_{};
  poll::OrderChain orders_;
  Phase phase_;
  Stage came_to_ = Stage::kSetup;
  LocalizedTexts title_;
  LocalizedTexts text_;
  crypto::Hash32 text_hash_{};
  Initiators initiators_;
  PaperSignatures paper_;
  Minimums minimums_;
  std::optional<ActContext> context_;
  std::optional<roll::RollPin> roll_pin_;
  std::shared_ptr<const roll::RollState> roll_;
  std::optional<crypto::Hash32> beacon_;
  absl::flat_hash_map<std::array<uint8_t, 32>, Standing> acts_;  // by credential or tag
  // Of the rings that have any, by epoch and number.
  absl::flat_hash_map<std::pair<uint32_t, uint32_t>, size_t> tags_;
  std::map<uint16_t, uint64_t> districts_;  // of every district of the manifest, online
  uint64_t count_ = 0;
  std::vector<poll::ThresholdReached> thresholds_;  // all of the manifest's, ascending
  size_t reached_ = 0;                              // how many of them are
  std::optional<poll::PetitionResult> published_;
  std::optional<poll::AnonymousResult> counted_;
};

}  // namespace urna::petition
