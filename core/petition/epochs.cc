#include "core/petition/epochs.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/bytes.h"

namespace urna::petition {

RingEpochs::RingEpochs(EpochRings opening) : earliest_(opening.epoch) {
  if (opening.rings != nullptr) members_ = opening.rings->members();
  all_.push_back(std::move(opening));
}

const EpochRings* RingEpochs::Find(uint32_t epoch) const {
  const auto found = std::ranges::lower_bound(all_, epoch, {}, &EpochRings::epoch);
  return found == all_.end() || found->epoch != epoch ? nullptr : &*found;
}

const EpochRings* RingEpochs::FindInForce(uint32_t epoch) const {
  return epoch < earliest_ ? nullptr : Find(epoch);
}

absl::Status RingEpochs::CheckPlace(const poll::RollEpoch& order) const {
  const auto wrong = [](const std::string& why) { return absl::FailedPreconditionError(why); };
  if (order.epoch < newest().epoch) {
    return wrong(absl::StrCat("epoch ", order.epoch, " is below ", newest().epoch,
                              ", the newest that was brought in"));
  }
  if (order.earliest > order.epoch) {
    return wrong(absl::StrCat("the earliest epoch that stays in force is ", order.earliest,
                              ", above its own, ", order.epoch));
  }
  const bool repeats = Repeats(order);
  if (order.earliest < earliest_ || (repeats && order.earliest == earliest_)) {
    return wrong(absl::StrCat(
        "the earliest epoch that stays in force is ", order.earliest,
        repeats ? ", and an order that repeats an epoch raises it above " : ", and it was already ",
        earliest_));
  }
  return absl::OkStatus();
}

absl::Status RingEpochs::CheckFields(const poll::RollEpoch& order) const {
  const auto wrong = [](const std::string& why) { return absl::FailedPreconditionError(why); };
  if (!Repeats(order)) {
    const auto same = std::ranges::find(all_, order.beacon, &EpochRings::beacon);
    if (same == all_.end()) return absl::OkStatus();
    return wrong(absl::StrCat("its beacon is that of epoch ", same->epoch));
  }
  const EpochRings& first = newest();
  const auto other = [&](absl::string_view field) {
    return wrong(absl::StrCat("its ", field, " is not that of the order that brought epoch ",
                              first.epoch, " in"));
  };
  if (order.roll_size != first.roll.size) return other("roll_size");
  if (order.roll_root != first.roll.root) return other("roll_root");
  if (order.beacon != first.beacon) return other("beacon");
  if (order.rings != first.said_rings) return other("number of rings");
  if (order.rings_hash != first.said_rings_hash) return other("rings_hash");
  return absl::OkStatus();
}

void RingEpochs::Apply(const poll::RollEpoch& order, const crypto::Hash32& order_hash,
                       std::shared_ptr<const roll::Rings> rings) {
  earliest_ = order.earliest;
  if (Repeats(order)) return;
  if (rings != nullptr) {
    std::vector<std::shared_ptr<const roll::Rings>> before;
    for (const EpochRings& one : all_) {
      if (one.rings != nullptr) before.push_back(one.rings);
    }
    members_ += rings->CountOutside(before);
  }
  all_.push_back({order.epoch,
                  order_hash,
                  {first().roll.roll_id, order.roll_size, order.roll_root},
                  order.beacon,
                  order.rings,
                  order.rings_hash,
                  std::move(rings)});
}

bool RingEpochs::at_hand() const {
  return std::ranges::all_of(all_, [](const EpochRings& one) { return one.rings != nullptr; });
}

uint64_t RingEpochs::ring_count() const {
  uint64_t out = 0;
  for (const EpochRings& one : all_) out += one.rings == nullptr ? 0 : one.rings->size();
  return out;
}

uint64_t RingEpochs::smallest_crowd() const {
  uint64_t least = 0;
  for (const EpochRings& one : all_) {
    if (one.rings == nullptr || one.rings->size() == 0) continue;
    const uint64_t crowd = one.rings->smallest_crowd();
    least = least == 0 ? crowd : std::min(least, crowd);
  }
  return least;
}

}  // namespace urna::petition
