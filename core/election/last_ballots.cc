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
  return found == others_.end() ? std::nullopt : std::optional(found->second.ballot);
}

void LastBallots::SetTag(const Credential& tag, const Ballot& ballot,
                         const roll::DistrictWeight& member) {
  Set(tag, ballot);
  others_[tag].member = member;
}

void LastBallots::Set(const Credential& credential, const Ballot& ballot) {
  if (const auto number = NumberOf(credential)) {
    Packed& packed = members_[*number];
    if (packed.sequence == 0) ++size_;
    packed.sequence = ballot.sequence;
    packed.index = ballot.index;
    packed.style = ballot.style;
  } else {
    const auto [at, first] = others_.try_emplace(credential);
    if (first) ++size_;
    at->second.ballot = ballot;
  }
}

roll::DistrictWeight LastBallots::MemberOf(const Credential& credential) const {
  const roll::RollState::Entitlement* found = roll_ == nullptr ? nullptr : roll_->Find(credential);
  if (found != nullptr) return found->district_weight();
  const auto other = others_.find(credential);
  return other == others_.end() ? roll::DistrictWeight{} : other->second.member;
}

std::optional<uint64_t> LastBallots::NumberOf(const Credential& credential) const {
  return roll_ == nullptr ? std::nullopt : roll_->NumberOf(credential);
}

}  // namespace urna::election
