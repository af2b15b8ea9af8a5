// The rings that a roll is divided into for an anonymous petition: a pure function of the roll's
// members, the petition's districts, categories, ring size and fewest members, and a public beacon;
// of a later epoch also of the epoch that the petition was opened with. docs/protocol.md §4.1.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/crypto/hash.h"
#include "core/roll/roll.h"

namespace urna::roll {

// What decides about the rings beside the roll.
struct RingPlan {
  std::vector<uint16_t> districts;   // of the petition, ascending
  std::vector<uint16_t> categories;  // whose members are in rings, ascending
  size_t ring_size = 0;              // N: 64, 256, 1,024 or 4,096
  size_t fewest = 1;                 // k: at most N/2
  crypto::Hash32 beacon{};
  // Of the rings of a later epoch: the one that the opening pins (e0). 0: these are the opening's.
  uint32_t first_epoch = 0;
  std::vector<uint16_t> paper_categories = {};  // ascending; looked at for a later epoch alone
};

// Who is no member where rings of a later epoch are made, since they could sign twice.
enum class LeftOut : uint8_t {
  kNo,
  kRekeyed,  // what its re-keying replaced was on the roll in e0 or since
  kPaper,    // was of a category of paper in e0 or since
};
LeftOut IsLeftOut(const RollState& roll, const RollState::Member& member, const RingPlan& plan);
// The rules of §6 about a manifest's ring_size, fewest and beacon_source, which has 1 to
// `most_bytes` bytes; InvalidArgument names the field.
absl::Status CheckRingRules(size_t ring_size, size_t fewest, absl::string_view beacon_source,
                            size_t most_bytes);

// Immutable, for any thread. Keeps the roll, and 4 bytes a member.
class Rings {
 public:
  static bool IsRingSize(size_t size);

  // Hashes every member twice, on all cores.
  Rings(std::shared_ptr<const RollState> roll, const RingPlan& plan);

  const RollState& roll() const { return *roll_; }
  uint32_t size() const { return static_cast<uint32_t>(rings_.size()); }  // how many there are
  uint64_t members() const { return members_.size(); }                    // in all of them
  size_t ring_size() const { return plan_.ring_size; }                    // N
  const crypto::Hash32& hash() const { return hash_; }                    // rings_hash
  // 0 if there is no ring.
  size_t smallest_crowd() const { return smallest_crowd_; }
  // Districts with such members, but fewer than `fewest`, and so without a ring.
  const std::vector<uint16_t>& too_small() const { return too_small_; }
  // Rings in which a point stands twice, so that they are none. Empty unless the roll is wrong.
  const std::vector<uint32_t>& broken() const { return broken_; }

  // Of a ring that there is.
  uint16_t DistrictOf(uint32_t ring) const { return rings_[ring].district; }
  size_t CrowdOf(uint32_t ring) const { return rings_[ring].crowd; }
  const crypto::Hash32& HashOf(uint32_t ring) const { return hashes_[ring]; }  // ring hash
  // All N points in ascending order, one after the other.
  Bytes PointsOf(uint32_t ring) const;
  // The members in all rings of a district; 0 if it has none.
  uint64_t MembersIn(uint16_t district) const;

  // The ring in which a member is; nothing if the credential is in none. Looks at every member.
  std::optional<uint32_t> Find(const RollState::Credential& credential) const;
  // Of many members: by their numbers on the roll (RollState::NumberOf), kNone for those in none.
  static constexpr uint32_t kNone = UINT32_MAX;
  std::vector<uint32_t> RingsOfMembers() const;
  // Why somebody is in none, as a sentence that goes on after "the credential". Only of a
  // credential that is in none.
  std::string WhyInNone(const RollState::Credential& credential) const;

  // How many members there are who are in no ring of any of the others. About 50 ns for each and
  // for each of the others.
  uint64_t CountOutside(std::span<const std::shared_ptr<const Rings>> others) const;
  // The same of the members of one ring.
  uint64_t CountOutside(uint32_t ring, const Rings& other) const;

 private:
  struct OfRing {
    uint16_t district = 0;
    uint32_t first = 0;   // position of its first member in members_
    uint32_t stride = 0;  // from one to the next: the number of the district's rings
    uint32_t crowd = 0;
  };
  // Who is in some ring of these rings.
  class Standing;

  const RollState::Member& MemberAt(uint32_t member) const;
  const RollState::Credential& CredentialOf(uint32_t member) const;
  std::vector<bool> FindLeftOut() const;
  crypto::Hash32 Seed(const std::vector<bool>& left_out) const;
  void Divide(uint16_t district, const crypto::Hash32& seed, std::vector<uint32_t> members);
  void HashAll();

  std::shared_ptr<const RollState> roll_;
  RingPlan plan_;
  std::vector<RollState::Member> strays_;  // of a roll that is wrong; numbered behind the others
  std::vector<uint32_t> members_;          // their numbers, by district, in the order of the seed
  std::vector<OfRing> rings_;
  std::vector<std::array<uint8_t, 32>> padding_;  // as many as the smallest ring needs
  std::vector<uint16_t> too_small_;
  std::vector<uint32_t> broken_;
  size_t smallest_crowd_ = 0;
  std::vector<crypto::Hash32> hashes_;  // of every ring
  crypto::Hash32 hash_{};
};

}  // namespace urna::roll
