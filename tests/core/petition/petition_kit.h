// A petition under way, for the tests of its rules: people, a sealed roll of six members in the
// districts 1, 2 and 3 (the petition has 1 and 2), and the state after the manifest.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/petition/state.h"
#include "tests/support/poll_fixture.h"

namespace urna::petition {

class PetitionKit {
 public:
  static constexpr uint64_t kOpens = testing::kTestSchedule.opens;
  static constexpr uint64_t kCloses = testing::kTestSchedule.closes;

  explicit PetitionKit(uint64_t seed)
      : rng(seed),
        people(testing::MakePeople(3, 0, rng)),
        roll(testing::MakeRoll(
            {.origin = "board.example/roll", .members = 6, .districts = {1, 2, 3}},
            people.registrar, people.roll_log, rng)),
        state(testing::SignManifest(people.officers, testing::MakePetitionManifest(people, rng))) {}

  poll::SignedOrder Sign(const poll::Order& order) const {
    return testing::SignOrder(people.officers, state.poll_id(), order);
  }
  poll::SignedOrder Next(decltype(poll::Order::act) act, uint64_t time) const {
    return Sign(testing::NextOrder(state.orders(), std::move(act), time));
  }
  poll::OpenPetition Opening() const { return {TextHash(state.manifest()), roll.state->pin()}; }

  std::vector<std::string> Check(const poll::SignedOrder& order) const {
    return testing::Numbers(state.CheckOrder(order, index, roll.state.get()));
  }
  void Apply(const poll::SignedOrder& order) { state.ApplyOrder(order, index++, roll.state); }
  void Open() { Apply(Next(Opening(), kOpens)); }
  void Close() { Apply(Next(poll::Close{}, kCloses)); }
  void Finish() { Apply(Next(state.Result(index), kCloses + 1)); }

  // An act with its proof; before the opening bound to nothing.
  PetitionAct Make(size_t member, Act act, uint64_t sequence) {
    return MakeAct(state.context().value_or(ActContext{}), act, sequence,
                   roll.credentials.at(member), rng);
  }
  // One without a proof, where rules alone are asked.
  PetitionAct Bare(size_t member, Act act, uint64_t sequence) const {
    PetitionAct out;
    out.act = act;
    out.sequence = sequence;
    out.credential = roll.members.at(member).credential;
    return out;
  }
  std::vector<std::string> Check(const PetitionAct& act) const {
    return testing::Numbers(state.CheckAct(act));
  }
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
};

}  // namespace urna::petition
