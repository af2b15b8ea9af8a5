// Drafting officers' orders from what the log says. docs/protocol.md §6 and §9. Pure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/election/state.h"
#include "core/petition/state.h"
#include "core/poll/orders.h"
#include "core/roll/roll.h"

namespace urna::tally {

using OrderAct = decltype(poll::Order::act);

// A poll's state, of whichever kind; borrowed.
struct PollState {
  const election::ElectionState* election = nullptr;
  const petition::PetitionState* petition = nullptr;
  const poll::OrderChain& orders() const {
    return election != nullptr ? election->orders() : petition->orders();
  }
};

// What the orders say. FailedPrecondition if the poll is not ready for them.
//
// `roll` is sealed. An anonymous poll is opened with its beacon, and no other with one:
// InvalidArgument.
absl::StatusOr<OrderAct> DraftOpening(const PollState& state,
                                      std::shared_ptr<const roll::RollState> roll,
                                      const std::optional<crypto::Hash32>& beacon);
// The same of a pseudonymous election, whose roll need not be at hand.
absl::StatusOr<OrderAct> DraftElectionOpening(const election::ElectionState& election,
                                              const roll::RollPin& pin);
// The epochs of an anonymous petition that is collecting.
absl::StatusOr<const petition::RingEpochs*> EpochsOf(const PollState& state);
// Brings the epoch that ends at the roll's last seal into such a petition. `earliest`: epochs below
// end; without it all stay in force that are. InvalidArgument for another roll.
absl::StatusOr<OrderAct> DraftRollEpoch(const PollState& state,
                                        std::shared_ptr<const roll::RollState> roll,
                                        const crypto::Hash32& beacon,
                                        std::optional<uint32_t> earliest);
// Repeats the newest epoch so that those below `earliest` end.
absl::StatusOr<OrderAct> DraftEpochEnd(const PollState& state, uint32_t earliest);
absl::StatusOr<OrderAct> DraftNewAttempt(const PollState& state);
// `size`: of the log, where the order will be the next entry.
absl::StatusOr<OrderAct> DraftSum(const PollState& state, uint64_t size,
                                  const election::PartSums& sums);
absl::StatusOr<OrderAct> DraftResult(const PollState& state, uint64_t size);

// The order without signatures, next in the chain. `time` 0: `now`, or one second after the last
// order if that is later.
absl::StatusOr<poll::SignedOrder> DraftOrder(const PollState& state, OrderAct act, uint64_t time,
                                             uint64_t now, const std::string& reason);

// Every rule about an order that would be logged at `index`. Missing signatures are left out if
// `complete` is false. The first broken rule as a sentence.
absl::Status CheckDraft(const PollState& state, const poll::SignedOrder& order, uint64_t index,
                        const roll::RollState* roll, const election::PartSums* sums, bool complete);

}  // namespace urna::tally
