#include "tally/draft_order.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/record/entry.h"

namespace urna::tally {
namespace {

absl::Status NotNow(absl::string_view sentence) { return absl::FailedPreconditionError(sentence); }

absl::Status CheckIsElection(const PollState& state) {
  return state.election != nullptr ? absl::OkStatus() : NotNow("a petition has no such order");
}

}  // namespace

namespace {

absl::StatusOr<poll::OpenElection> KeysAndRoll(const election::ElectionState& election,
                                               const roll::RollPin& pin) {
  const election::Ceremony& ceremony = election.ceremony();
  const std::vector<Violation> open = ceremony.CheckReady();
  if (!open.empty()) return Annotate(open.front().status, "the key ceremony is not done");
  if (!ceremony.keys()) return NotNow("the key ceremony has made no keys");
  poll::OpenElection out;
  out.attempt = ceremony.attempt();
  out.election_key = ceremony.keys()->election_key.bytes();
  for (const crypto::RistrettoPoint& key : ceremony.keys()->verification_keys) {
    out.verification_keys.push_back(key.bytes());
  }
  out.roll = pin;
  return out;
}

// "a value of example.com at noon", if the poll is anonymous.
std::optional<std::string> BeaconSourceOf(const PollState& state) {
  if (state.election != nullptr) {
    const auto& rules = state.election->manifest().anonymous;
    return rules.has_value() ? std::optional(rules->beacon_source) : std::nullopt;
  }
  const auto& rules = state.petition->manifest().anonymous;
  return rules.has_value() ? std::optional(rules->beacon_source) : std::nullopt;
}

}  // namespace

absl::StatusOr<OrderAct> DraftElectionOpening(const election::ElectionState& election,
                                              const roll::RollPin& pin) {
  URNA_ASSIGN_OR_RETURN(poll::OpenElection out, KeysAndRoll(election, pin));
  return OrderAct(std::move(out));
}

absl::StatusOr<OrderAct> DraftOpening(const PollState& state,
                                      std::shared_ptr<const roll::RollState> roll,
                                      const std::optional<crypto::Hash32>& beacon) {
  const roll::RollPin pin = roll->pin();
  const std::optional<std::string> source = BeaconSourceOf(state);
  const bool anonymous = source.has_value();
  if (anonymous && !beacon.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the ", state.election != nullptr ? "election" : "petition",
                     " is anonymous: give the beacon, which is ", *source));
  }
  if (!anonymous && beacon.has_value()) {
    return absl::InvalidArgumentError("only an anonymous poll is opened with a beacon");
  }
  if (state.election != nullptr && !anonymous) return DraftElectionOpening(*state.election, pin);
  if (state.election != nullptr) {
    poll::OpenAnonymousElection opening;
    URNA_ASSIGN_OR_RETURN(static_cast<poll::OpenElection&>(opening),
                          KeysAndRoll(*state.election, pin));
    opening.epoch = roll->epoch();
    const auto rings = state.election->MakeRings(std::move(roll), *beacon);
    opening.beacon = *beacon;
    opening.rings = rings->size();
    opening.rings_hash = rings->hash();
    return OrderAct(std::move(opening));
  }
  const poll::OpenPetition opening{state.petition->text_hash(), pin};
  if (!anonymous) return OrderAct(opening);
  const auto rings = state.petition->MakeRings(std::move(roll), *beacon);
  const uint32_t epoch = rings->roll().epoch();
  return OrderAct(
      poll::OpenAnonymousPetition{opening, epoch, *beacon, rings->size(), rings->hash()});
}

absl::StatusOr<const petition::RingEpochs*> EpochsOf(const PollState& state) {
  if (state.petition == nullptr || !state.petition->manifest().anonymous.has_value()) {
    return NotNow("only an anonymous petition takes later epochs of its roll");
  }
  if (state.petition->phase() != petition::Phase::kCollecting) {
    return absl::FailedPreconditionError(absl::StrCat(
        "only a petition that is collecting takes a later epoch of its roll, and it is ",
        petition::PhaseName(state.petition->phase())));
  }
  return &state.petition->context()->anonymous->epochs;
}

absl::StatusOr<OrderAct> DraftRollEpoch(const PollState& state,
                                        std::shared_ptr<const roll::RollState> roll,
                                        const crypto::Hash32& beacon,
                                        std::optional<uint32_t> earliest) {
  URNA_ASSIGN_OR_RETURN(const petition::RingEpochs* epochs, EpochsOf(state));
  const roll::RollPin pin = roll->pin();
  if (pin.roll_id != epochs->first().roll.roll_id) {
    return absl::InvalidArgumentError("that is another roll than the petition was opened with");
  }
  const uint32_t epoch = roll->epoch();
  if (epoch <= epochs->newest().epoch) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the last epoch of the roll is ", epoch, ", and epoch ", epochs->newest().epoch,
        " was brought in already: the registrar seals a next one first, `urna-tally roll change`"));
  }
  const auto rings = state.petition->MakeLaterRings(std::move(roll), beacon);
  return OrderAct(poll::RollEpoch{epoch, earliest.value_or(epochs->earliest()), pin.size, pin.root,
                                  beacon, rings->size(), rings->hash()});
}

absl::StatusOr<OrderAct> DraftEpochEnd(const PollState& state, uint32_t earliest) {
  URNA_ASSIGN_OR_RETURN(const petition::RingEpochs* epochs, EpochsOf(state));
  const petition::EpochRings& newest = epochs->newest();
  return OrderAct(poll::RollEpoch{newest.epoch, earliest, newest.roll.size, newest.roll.root,
                                  newest.beacon, newest.said_rings, newest.said_rings_hash});
}

absl::StatusOr<OrderAct> DraftNewAttempt(const PollState& state) {
  URNA_RETURN_IF_ERROR(CheckIsElection(state));
  const uint16_t attempt = state.election->ceremony().attempt();
  if (attempt == UINT16_MAX) return NotNow("there are no attempt numbers left");
  return OrderAct(poll::NewAttempt{static_cast<uint16_t>(attempt + 1)});
}

absl::StatusOr<OrderAct> DraftSum(const PollState& state, uint64_t size,
                                  const election::PartSums& sums) {
  URNA_RETURN_IF_ERROR(CheckIsElection(state));
  return OrderAct(state.election->SumOrder(size, sums));
}

absl::StatusOr<OrderAct> DraftResult(const PollState& state, uint64_t size) {
  if (state.petition != nullptr) {
    if (state.petition->phase() != petition::Phase::kClosed) {
      return NotNow("the petition is not closed, or has its result already");
    }
    if (!state.petition->manifest().anonymous.has_value()) {
      return OrderAct(state.petition->Result(size));
    }
    return OrderAct(state.petition->AnonymousResult(size));
  }
  if (state.election->phase() != election::Phase::kSummed) {
    return NotNow("the election has no order 'sum' yet, or has its result already");
  }
  URNA_ASSIGN_OR_RETURN(poll::ElectionResult result, state.election->ResultOrder());
  return OrderAct(std::move(result));
}

absl::StatusOr<poll::SignedOrder> DraftOrder(const PollState& state, OrderAct act, uint64_t time,
                                             uint64_t now, const std::string& reason) {
  const poll::OrderChain& orders = state.orders();
  poll::SignedOrder out;
  out.order.number = orders.last_number() + 1;
  out.order.previous = orders.last_hash();
  out.order.time = time != 0 ? time : std::max(now, orders.last_time() + 1);
  out.order.reason = reason;
  out.order.act = std::move(act);
  URNA_ASSIGN_OR_RETURN(out.signed_body.body, record::EncodeBody(out.order));
  return out;
}

absl::Status CheckDraft(const PollState& state, const poll::SignedOrder& order, uint64_t index,
                        const roll::RollState* roll, const election::PartSums* sums,
                        bool complete) {
  const std::vector<Violation> violations =
      state.election != nullptr ? state.election->CheckOrder(order, index, roll, sums)
                                : state.petition->CheckOrder(order, index, roll);
  for (const Violation& violation : violations) {
    if (violation.check == Check::kS6 && !complete) continue;
    return violation.status;
  }
  return absl::OkStatus();
}

}  // namespace urna::tally
