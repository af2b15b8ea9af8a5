// How the cheats of tests/forgery spoil an election: hooks that change one thing before or after it
// is signed, and elections with something in them to cheat about.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "tests/forgery/forgery.h"

namespace urna::forgery {

using election::Phase;
using testing::ElectionFixture;
using testing::ElectionOptions;

// The first member of district 2, whose style has contest 1 alone; member 0 is of district 1.
inline constexpr size_t kSouth = 1;

// An election with these hooks, up to a phase, asked about as of a stage.
inline void MakeTo(Case& out, Phase phase, ElectionOptions options, Stage stage = Stage::kFinal) {
  ElectionFixture election(std::move(options));
  election.RunTo(phase);
  out.stage = stage;
  out.Write(election);
}

// A usual election that is open, and one more entry by the cheat.
template <typename MakeEntry>
void WithEntry(Case& out, const MakeEntry& make, ElectionOptions options = {}) {
  ElectionFixture election(std::move(options));
  election.RunTo(Phase::kVoting);
  election.Append(make(election));
  out.stage = Stage::kVoting;
  out.Write(election);
}

// Changes the order of this kind before it is signed.
template <typename Act>
ElectionOptions ChangeOrder(std::function<void(poll::Order&, Act&)> change) {
  ElectionOptions options;
  options.order = [change = std::move(change)](poll::Order& order) {
    if (auto* act = std::get_if<Act>(&order.act)) change(order, *act);
  };
  return options;
}

// Changes the trustee messages of this kind before they are signed.
template <typename Message>
ElectionOptions ChangeMessage(std::function<void(Message&)> change) {
  ElectionOptions options;
  options.message = [change = std::move(change)](election::TrusteeMessage& message) {
    if (auto* wanted = std::get_if<Message>(&message)) change(*wanted);
  };
  return options;
}

// Changes entries of this kind when they are signed already.
template <typename Kind>
ElectionOptions ChangeEntry(std::function<void(Kind&)> change) {
  ElectionOptions options;
  options.entry = [change = std::move(change)](record::Entry& entry) {
    if (auto* wanted = std::get_if<Kind>(&entry)) change(*wanted);
  };
  return options;
}

// Contest 2 has a limit by cost that takes slack bits (at most 9 of 10), contest 3 may be left
// blank, and everybody may challenge one ballot.
inline ElectionOptions RichElection() {
  ElectionOptions options;
  options.manifest = [](election::Manifest& manifest) {
    election::Contest& council = manifest.contests[1];
    for (size_t i = 0; i < 3; ++i) council.options[i].cost = 2 + i;  // 2, 3, 4
    council.sum_max = 3;
    council.limits = {
        {testing::English("Money"), election::Limit::Measure::kCost, 0, 8, {0, 1, 2}}};
    manifest.contests[2].blank = true;
    manifest.challenges = 1;
  };
  return options;
}

// Finished without fault. With everything: weights, districts, slack bits, a challenge with its
// opening, a revocation and a restoration, a blank vote, outcomes. With lists: lists and blank.
std::unique_ptr<ElectionFixture> ElectionWithEverything();
std::unique_ptr<ElectionFixture> ElectionWithLists();

}  // namespace urna::forgery
