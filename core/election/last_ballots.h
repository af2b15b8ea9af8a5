// The last ballot of every credential, or of every tag (§7.6), that has cast one. docs/protocol.md
// §9.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/roll/roll.h"

namespace urna::election {

// 16 bytes for every member of the roll, whether it votes or not. Tags take 80 bytes each, and so
// do other credentials, which cast ballots only where the roll is not at hand.
class LastBallots {
 public:
  using Credential = std::array<uint8_t, 32>;
  struct Ballot {
    uint64_t sequence = 0;  // from 1
    uint64_t index = 0;     // in the log, below 2^48
    uint16_t style = 0;
  };

  LastBallots() = default;
  // `roll` may be null.
  explicit LastBallots(std::shared_ptr<const roll::RollState> roll);

  std::optional<Ballot> Find(const Credential& credential) const;
  void Set(const Credential& credential, const Ballot& ballot);
  // The first ballot of a tag, which stands for such a member. Only where there is no roll.
  void SetTag(const Credential& tag, const Ballot& ballot, const roll::DistrictWeight& member);

  // Of credentials.
  uint64_t size() const { return size_; }

  // Calls f(credential, its last ballot, MemberOf(credential)) for each, in no order.
  template <typename F>
  void ForEach(const F& f) const {
    for (uint64_t number = 0; number < members_.size(); ++number) {
      if (members_[number].sequence == 0) continue;
      const roll::RollState::Member& member = roll_->Numbered(number);
      f(member.credential, members_[number].Unpacked(), member.entitlement.district_weight());
    }
    for (const auto& [credential, other] : others_) {
      f(credential, other.ballot, MemberOf(credential));
    }
  }

  // What the roll says of a credential, or what was said of a tag; the default where nothing is.
  roll::DistrictWeight MemberOf(const Credential& credential) const;

 private:
  // Sequence 0: none.
  struct Packed {
    uint64_t sequence = 0;
    uint64_t index : 48 = 0;
    uint64_t style : 16 = 0;
    Ballot Unpacked() const { return {sequence, index, static_cast<uint16_t>(style)}; }
  };

  struct Other {
    Ballot ballot;
    roll::DistrictWeight member;  // of a tag
  };

  std::optional<uint64_t> NumberOf(const Credential& credential) const;

  std::shared_ptr<const roll::RollState> roll_;
  std::vector<Packed> members_;  // by the roll's numbers
  absl::flat_hash_map<Credential, Other> others_;
  uint64_t size_ = 0;
};

}  // namespace urna::election
