// A petition under way, for the tests of its rules: people, a sealed roll of six members in the
// districts 1, 2 and 3 (the petition has 1 and 2), and the state after the manifest. It is
// pseudonymous, or anonymous with rings of 64 of at least two members, and then published.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/crypto/tag_proof.h"
#include "core/petition/anonymous_act.h"
#include "core/petition/anonymous_batch.h"
#include "core/petition/state.h"
#include "tests/support/poll_fixture.h"

namespace urna::petition {

class PetitionKit {
 public:
  static constexpr uint64_t kOpens = testing::kTestSchedule.opens;
  static constexpr uint64_t kCloses = testing::kTestSchedule.closes;

  static testing::RollOptions SmallRoll() {
    return {.origin = "board.example/roll", .members = 6, .districts = {1, 2, 3}};
  }
  static AnonymousRules SmallRings() {
    return testing::MakeAnonymousRules(64, 2, "the beacon of these tests, round 1");
  }
  enum class From { kManifest, kPublished };
  static constexpr crypto::Hash32 kBeacon = {0xbe, 0xac, 0x07};
  static constexpr crypto::Hash32 kLaterBeacon = {0xbe, 0xac, 0x08};

  explicit PetitionKit(uint64_t seed, const std::optional<AnonymousRules>& anonymous = {},
                       const testing::RollOptions& roll_options = SmallRoll(),
                       From from = From::kPublished)
      : rng(seed),
        people(testing::MakePeople(3, 0, rng)),
        roll(testing::MakeRoll(roll_options, people.registrar, people.roll_log, rng)),
        state(testing::SignManifest(people.officers, ManifestWith(anonymous))) {
    if (from == From::kPublished && anonymous.has_value()) Publish();
  }

  poll::SignedOrder Sign(const poll::Order& order) const {
    return testing::SignOrder(people.officers, state.poll_id(), order);
  }
  poll::SignedOrder Next(decltype(poll::Order::act) act, uint64_t time) const {
    return Sign(testing::NextOrder(state.orders(), std::move(act), time));
  }
  poll::OpenPetition Opening() const { return {state.text_hash(), roll.state->pin()}; }
  poll::OpenAnonymousPetition AnonymousOpening(const crypto::Hash32& beacon = kBeacon) const {
    const auto rings = state.MakeRings(roll.state, beacon);
    return {Opening(), roll.state->epoch(), beacon, rings->size(), rings->hash()};
  }
  decltype(poll::Order::act) OpeningAct() const {
    if (state.manifest().anonymous.has_value()) return AnonymousOpening();
    return Opening();
  }

  std::vector<std::string> Check(const poll::SignedOrder& order) const {
    return testing::Numbers(state.CheckOrder(order, index, roll.state.get()));
  }
  void Apply(const poll::SignedOrder& order) { state.ApplyOrder(order, index++, roll.state); }
  // What brings a draft without initiators and review so far that it can be opened.
  void Publish() {
    for (const auto& [act, time] : testing::PublishingOrders()) Apply(Next(act, time));
  }
  void Open() { Apply(Next(OpeningAct(), kOpens)); }
  // The order that brings the roll's last epoch into the petition, which is open.
  poll::RollEpoch NextEpoch(uint32_t earliest = 1,
                            const crypto::Hash32& beacon = kLaterBeacon) const {
    const auto rings = state.MakeLaterRings(roll.state, beacon);
    const roll::RollPin pin = roll.state->pin();
    return {roll.state->epoch(), earliest,     pin.size, pin.root, beacon,
            rings->size(),       rings->hash()};
  }
  // Seals a next epoch of the roll.
  void Change(std::vector<roll::RollChange> changes) {
    testing::ChangeRoll(roll, people.registrar, std::move(changes));
  }
  void Close() { Apply(Next(poll::Close{}, kCloses)); }
  decltype(poll::Order::act) ResultAct() const {
    if (state.manifest().anonymous.has_value()) return state.AnonymousResult(index);
    return state.Result(index);
  }
  void Finish() { Apply(Next(ResultAct(), kCloses + 1)); }

  // An act with its proof; before the opening bound to nothing.
  PetitionAct Make(size_t member, Act act, uint64_t sequence) {
    return MakeAct(state.context().value_or(ActContext{}), act, sequence,
                   roll.credentials.at(member), rng);
  }
  // Of an anonymous petition that is open: the first act of a member, in its own ring of the newest
  // epoch, and later ones.
  const RingEpochs& epochs() const { return state.context()->anonymous->epochs; }
  const roll::Rings& rings() const { return *epochs().newest().rings; }
  uint32_t RingOf(size_t member) const { return *rings().Find(roll.members[member].credential); }
  RingAct MakeRing(size_t member, uint64_t sequence) {
    return MakeRingOf(roll.credentials.at(member), sequence, epochs().newest().epoch);
  }
  // The same of anybody who is in a ring of an epoch that was brought in.
  RingAct MakeRingOf(const crypto::Credential& who, uint64_t sequence, uint32_t epoch) {
    const roll::Rings& of = *epochs().Find(epoch)->rings;
    const uint32_t number = *of.Find(who.public_key().bytes());
    return MakeRingAct(*state.context(), sequence, epoch, number,
                       crypto::Ring::Decode(of.PointsOf(number)).value(), who, rng)
        .value();
  }
  TagAct MakeTag(size_t member, Act act, uint64_t sequence) {
    return MakeTagAct(*state.context(), act, sequence, roll.credentials.at(member), rng);
  }
  std::array<uint8_t, 32> TagOf(size_t member) const {
    return crypto::TagOf(roll.credentials.at(member), state.context()->anonymous->tag_base).bytes();
  }
  // P4 (or L3) one by one.
  std::vector<std::string> CheckProof(const PetitionAct& act) const {
    return testing::Numbers(VerifyActProof(*state.context(), act));
  }
  std::vector<std::string> CheckProof(const RingAct& act) const {
    const EpochRings* epoch = epochs().Find(act.epoch);
    RingCache cache(0);
    const auto ring = epoch == nullptr ? nullptr : cache.Get(epoch->rings, act.ring);
    return testing::Numbers(VerifyActProof(*state.context(), act, ring.get()));
  }
  std::vector<std::string> CheckProof(const TagAct& act) const {
    return testing::Numbers(VerifyActProof(*state.context(), act));
  }

  // One without a proof, where rules alone are asked.
  PetitionAct Bare(size_t member, Act act, uint64_t sequence) const {
    PetitionAct out;
    out.act = act;
    out.sequence = sequence;
    out.credential = roll.members.at(member).credential;
    return out;
  }
  template <typename AnyAct>
  std::vector<std::string> CheckAct(const AnyAct& act) const {
    return testing::Numbers(state.CheckAct(act));
  }
  std::vector<std::string> Check(const PetitionAct& act) const { return CheckAct(act); }
  // Applies a bare act that must be in order; true if it was.
  bool Acts(size_t member, Act act, uint64_t sequence) {
    const PetitionAct made = Bare(member, act, sequence);
    if (!state.CheckAct(made).empty()) return false;
    state.ApplyAct(made, index++);
    return true;
  }
  bool Signs(size_t member, uint64_t sequence) { return Acts(member, Act::kSign, sequence); }
  bool Withdraws(size_t member, uint64_t sequence) {
    return Acts(member, Act::kWithdraw, sequence);
  }

  crypto::SeededRng rng;
  testing::TestPeople people;
  testing::TestRoll roll;
  PetitionState state;
  uint64_t index = 1;  // of the next entry; the manifest has 0

 private:
  Manifest ManifestWith(const std::optional<AnonymousRules>& anonymous) {
    Manifest out = testing::MakePetitionManifest(people, rng);
    out.anonymous = anonymous;
    return out;
  }
};

}  // namespace urna::petition
