// The rules of a roll's log, entry by entry. docs/protocol.md §4, §4.2; checks S3 and S4 of §12.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/base/numbered_checks.h"
#include "core/crypto/transcript.h"
#include "core/roll/entries.h"

namespace urna::roll {

// What a poll's opening order says of its roll: the log up to and with the seal of an epoch.
struct RollPin {
  crypto::Hash32 roll_id{};
  uint64_t size = 0;
  crypto::Hash32 root{};
  bool operator==(const RollPin&) const = default;
};

// T32("roll"; body).
crypto::Hash32 RollId(ByteSpan header_body);
// The bytes that the registrar signs.
crypto::Hash64 RollHeaderSignatureMessage(const crypto::Hash32& roll_id);
crypto::Hash64 RollSealSignatureMessage(const crypto::Hash32& roll_id, ByteSpan seal_body);
// `epoch`: that which the next seal closes.
crypto::Hash64 RollChangeSignatureMessage(const crypto::Hash32& roll_id, uint32_t epoch,
                                          ByteSpan change_body);

// Rules of a header by itself (keys, names, numbers ascending, origin); InvalidArgument names the
// element.
absl::Status CheckRollHeader(const RollHeader& header);

// `board/name`: a-z 0-9 . - /, docs/protocol.md §6. InvalidArgument, as for the three below.
absl::Status CheckOrigin(absl::string_view origin);
// The name is that of a C2SP verifier key and the key is one (§1).
absl::Status CheckNamedKey(const NamedKey& key);
// The key that signs a log's checkpoints.
absl::Status CheckLogKey(const std::array<uint8_t, 32>& key);
// At least one, ascending by number, each with a name. `what` names one: "district".
absl::Status CheckNumberedNames(const std::vector<NumberedName>& names, absl::string_view what);

// S4: whether the member's enrolment is proved for this roll (L3 where a point or scalar does not
// decode). Needs no state, so members can be verified side by side.
std::vector<Violation> VerifyEnrolment(const crypto::Hash32& roll_id, const RollMember& member);

// L3 about the points of a change that VerifyEnrolment does not look at: whom a removal or a move
// is about, and whom a re-keying replaces.
std::vector<Violation> CheckCanonical(const RollChange& change);

// "add", "remove", "move", "re-key"
absl::string_view ChangeName(ChangeKind kind);

// How many there are of every district and weight: members of a roll, or ballots of such members.
struct DistrictWeight {
  uint16_t district = 0;
  uint32_t weight = 1;
  auto operator<=>(const DistrictWeight&) const = default;
};
using Census = std::map<DistrictWeight, uint64_t>;

// What the entries so far add up to. A copyable value, and copies of sealed states share the
// members that they have; const methods may run on several threads.
class RollState {
 public:
  // S3 about the first entry.
  static std::vector<Violation> CheckHeader(const SignedRollHeader& header);
  explicit RollState(SignedRollHeader header);

  // S3 about the next entry: above every member before it, known district and category, weight at
  // least 1, not sealed.
  std::vector<Violation> CheckMember(const RollMember& member) const;
  // Also a member with violations takes its place, so that later checks can be made; of a
  // credential that stands twice the first entry holds. Behind the first seal it changes nothing.
  void ApplyMember(const RollMember& member);

  // S3 about the next entry: the rules of §4.2, and the registrar's signature.
  std::vector<Violation> CheckChange(const SignedRollChange& change) const;
  // Only for a change without violations of S3; for others, and for what has no place in a roll,
  // PassOver, which counts an entry that changes nothing.
  void ApplyChange(const SignedRollChange& change);
  void PassOver();

  // `root_before`: the Merkle root over all entries before the seal.
  std::vector<Violation> CheckSeal(const SignedRollSeal& seal,
                                   const crypto::Hash32& root_before) const;
  // `root_after`: the Merkle root with the seal.
  void ApplySeal(const SignedRollSeal& seal, const crypto::Hash32& root_after);

  const RollHeader& header() const { return header_.header; }
  const crypto::Hash32& roll_id() const { return roll_id_; }
  // Whether the last entry is a seal.
  bool sealed() const { return sealed_; }
  // How many seals there are: the number of the last epoch that is whole, 0 if there is none.
  uint32_t epoch() const { return seals_; }
  // On the roll now; before the first seal, and in its epoch, every member's entry is one.
  uint64_t members() const { return member_count_; }
  // Every entry that was applied, and the root that the seal left. Only when sealed.
  RollPin pin() const;
  // The same with all changes in their places though no seal has closed them. Not sealed.
  RollState Unsealed() const;

  struct Entitlement {
    uint16_t district = 0;
    uint16_t category = 0;
    uint32_t weight = 1;
    DistrictWeight district_weight() const { return {district, weight}; }
    bool operator==(const Entitlement&) const = default;
  };
  using Credential = std::array<uint8_t, 32>;
  // Null if P is not on the roll.
  const Entitlement* Find(const Credential& credential) const;
  // If a re-keying brought the credential onto the roll: the last epoch in which the one that it
  // replaced was on it. 0 if none did.
  uint32_t ReplacedLastOn(const Credential& credential) const;
  // The categories that a member has had and left, each with the epoch that it was left in,
  // ascending by epoch. Moves within a category are none.
  struct LeftCategory {
    uint32_t epoch = 0;
    uint16_t category = 0;
  };
  std::span<const LeftCategory> LeftCategories(const Credential& credential) const;

  // Members are numbered from 0 in ascending order of their credentials; those that stand out of
  // order, in a roll that is wrong, have no number. Of a state that is not sealed these numbers,
  // Strays and CountMembers are those of the last seal (Unsealed() has all).
  struct Member {
    Credential credential{};
    Entitlement entitlement;
  };
  uint64_t numbered() const { return members_->size(); }
  std::optional<uint64_t> NumberOf(const Credential& credential) const;
  const Member& Numbered(uint64_t number) const { return (*members_)[number]; }
  // All whom Find finds and who have no number, ascending. Empty unless the roll is wrong.
  std::vector<Member> Strays() const;
  // All whom Find finds; only those of some categories, ascending.
  Census CountMembers() const;
  Census CountMembers(std::span<const uint16_t> categories) const;

 private:
  using Members = std::deque<Member>;
  absl::Status CheckEntitlement(const RollMember& member) const;
  absl::Status CheckRules(const RollChange& change) const;
  bool WasEverOn(const Credential& credential) const;
  void MergeChanges();

  SignedRollHeader header_;
  crypto::Hash32 roll_id_{};
  // Ascending by credential: 40 bytes a member, found by halving. It grows without being copied,
  // and is changed only where no copy of this state has it too.
  std::shared_ptr<Members> members_ = std::make_shared<Members>();
  // Those that stood out of order: empty unless the roll is wrong.
  absl::flat_hash_map<Credential, Entitlement> strays_;
  // Who is named by the changes since the last seal, and what they are then; nothing: not on the
  // roll.
  std::map<Credential, std::optional<Entitlement>> changes_;
  std::optional<Credential> last_changed_;  // by the last of them
  // Who were on the roll and are not, and the last epoch in which they were.
  absl::flat_hash_map<Credential, uint32_t> former_;
  absl::flat_hash_set<Credential> replaced_;  // those for whom a re-keying brought another
  absl::flat_hash_map<Credential, uint32_t> replaced_last_on_;
  absl::flat_hash_map<Credential, std::vector<LeftCategory>> left_categories_;
  uint64_t member_count_ = 0;
  uint64_t entries_ = 1;
  uint32_t seals_ = 0;
  bool sealed_ = false;
  crypto::Hash32 root_{};
};

}  // namespace urna::roll
