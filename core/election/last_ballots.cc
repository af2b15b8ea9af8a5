#include "core/election/last_ballots.h"

#include <utility>

namespace urna::election {

LastBallots::LastBallots(std::shared_ptr<const roll::RollState> roll)
    : roll_(std::move(roll)), members_(roll_ == nullptr ? 0 : roll_->numbered()) {}

std::optional<LastBallots::Ballot> LastBallots::Find(const Credential& credential) const {
  if (const auto number = NumberOf(credential)) {
    const Packed& packed = members_[*number];
    return packed.sequence == 0 ? std::nullopt : std::optional(packed.Unpacked());
  }
  const auto found = others_.find(credential);
  return found == others_.end() ? std::nullopt : std::optional(found->second);
}

void LastBallots::Set(const Credential& credential, const Ballot& ballot) {
  if (const auto number = NumberOf(credential)) {
    Packed& packed = members_[*number];
    if (packed.sequence == 0) ++size_;
    packed.sequence = ballot.sequence;
    packed.index = ballot.index;
    packed.style = ballot.style;
  } else {
    if (others_.insert_or_assign(credential, ballot).second) ++size_;
  }
}

roll::DistrictWeight LastBallots::MemberOf(const Credential& credential) const {
  const roll::RollState::Entitlement* found = roll_ == nullptr ? nullptr : roll_->Find(credential);
  return found == nullptr ? roll::DistrictWeight{} : found->district_weight();
}

std::optional<uint64_t> LastBallots::NumberOf(const Credential& credential) const {
  return roll_ == nullptr ? std::nullopt : roll_->NumberOf(credential);
}

}  // namespace urna::election
