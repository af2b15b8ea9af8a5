#include "core/roll/rings.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/base/parallel.h"
#include "core/crypto/hash_to_group.h"
#include "core/crypto/ring.h"
#include "core/crypto/transcript.h"

namespace urna::roll {
namespace {

using Encoding = std::array<uint8_t, 32>;

// 36 bytes each in the field that the seed hashes.
constexpr uint64_t kMostMembers = 100'000'000;

// So many members are hashed at a time by one thread.
constexpr size_t kRun = 4096;

// The first `count` points that nobody can have a credential for, the same for all rings.
std::vector<Encoding> Padding(size_t count) {
  std::vector<Encoding> out(count);
  ParallelFor(count, 0, [&](size_t i) {
    Writer message;
    message.U32(static_cast<uint32_t>(i));
    out[i] = crypto::HashToGroup("ring padding", message.bytes()).bytes();
  });
  return out;
}

crypto::Hash32 PlaceOf(const crypto::Hash32& seed, const Encoding& credential) {
  return crypto::Transcript("ring order")
      .Field("seed", seed)
      .Field("credential", credential)
      .Hash32();
}

bool Has(const std::vector<uint16_t>& categories, uint16_t category) {
  return std::ranges::binary_search(categories, category);
}

}  // namespace

LeftOut IsLeftOut(const RollState& roll, const RollState::Member& member, const RingPlan& plan) {
  if (plan.first_epoch == 0) return LeftOut::kNo;
  if (roll.ReplacedLastOn(member.credential) >= plan.first_epoch) return LeftOut::kRekeyed;
  if (Has(plan.paper_categories, member.entitlement.category)) return LeftOut::kPaper;
  for (const RollState::LeftCategory& left : roll.LeftCategories(member.credential)) {
    // It was of this category in the epoch before the one in which it left.
    if (left.epoch > plan.first_epoch && Has(plan.paper_categories, left.category)) {
      return LeftOut::kPaper;
    }
  }
  return LeftOut::kNo;
}

absl::Status CheckRingRules(size_t ring_size, size_t fewest, absl::string_view beacon_source,
                            size_t most_bytes) {
  constexpr size_t kMinFewest = 2;
  if (!Rings::IsRingSize(ring_size)) {
    return absl::InvalidArgumentError(
        absl::StrCat("ring_size is ", ring_size, ", not 64, 256, 1024 or 4096"));
  }
  if (fewest < kMinFewest || fewest > ring_size / 2) {
    return absl::InvalidArgumentError(absl::StrCat("fewest is ", fewest, ", with rings of ",
                                                   ring_size, " points it is ", kMinFewest, " to ",
                                                   ring_size / 2));
  }
  if (!beacon_source.empty() && beacon_source.size() <= most_bytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("beacon_source has ", beacon_source.size(), " bytes, not 1 to ", most_bytes));
}

bool Rings::IsRingSize(size_t size) {
  size_t power = 1;
  for (size_t digits = 1; digits <= crypto::kMaxRingDigits; ++digits) {
    power *= crypto::kRingRadix;
    if (power == size) return digits >= crypto::kMinRingDigits;
  }
  return false;
}

Rings::Rings(std::shared_ptr<const RollState> roll, const RingPlan& plan)
    : roll_(std::move(roll)), plan_(plan), strays_(roll_->Strays()) {
  URNA_CHECK(IsRingSize(plan_.ring_size), "a ring has 64, 256, 1,024 or 4,096 points");
  URNA_CHECK(plan_.fewest >= 1 && plan_.fewest <= plan_.ring_size / 2,
             "rings have at most half as many members as are necessary");
  const uint64_t numbered = roll_->numbered();
  URNA_CHECK(numbered + strays_.size() <= kMostMembers, "their points fit into one field");
  const std::vector<bool> left_out = FindLeftOut();
  absl::flat_hash_map<uint16_t, std::vector<uint32_t>> of_district;
  for (uint16_t district : plan_.districts) of_district[district];
  for (uint32_t i = 0; i < left_out.size(); ++i) {
    const RollState::Entitlement& of = MemberAt(i).entitlement;
    const auto found = of_district.find(of.district);
    if (found != of_district.end() && Has(plan_.categories, of.category) && !left_out[i]) {
      found->second.push_back(i);
    }
  }
  const crypto::Hash32 seed = Seed(left_out);
  for (uint16_t district : plan_.districts) {
    Divide(district, seed, std::move(of_district[district]));
  }
  if (!rings_.empty()) {
    smallest_crowd_ = std::ranges::min(rings_, {}, &OfRing::crowd).crowd;
    padding_ = Padding(plan_.ring_size - smallest_crowd_);
  }
  HashAll();
}

const RollState::Member& Rings::MemberAt(uint32_t member) const {
  const uint64_t numbered = roll_->numbered();
  return member < numbered ? roll_->Numbered(member) : strays_[member - numbered];
}

const RollState::Credential& Rings::CredentialOf(uint32_t member) const {
  return MemberAt(member).credential;
}

// By the number of a member.
std::vector<bool> Rings::FindLeftOut() const {
  std::vector<bool> out(roll_->numbered() + strays_.size());
  if (plan_.first_epoch == 0) return out;
  for (uint32_t i = 0; i < out.size(); ++i) {
    out[i] = IsLeftOut(*roll_, MemberAt(i), plan_) != LeftOut::kNo;
  }
  return out;
}

// T32("ring seed"; members: P ‖ u16(district) ‖ u16(category) of every member who is not left out,
// ascending by P, beacon).
crypto::Hash32 Rings::Seed(const std::vector<bool>& left_out) const {
  constexpr size_t kSize = sizeof(Encoding) + 2 * sizeof(uint16_t);
  const auto members = static_cast<size_t>(std::ranges::count(left_out, false));
  crypto::Transcript transcript("ring seed");
  transcript.BeginField("members", static_cast<uint32_t>(kSize * members));
  const auto add = [&](const RollState::Member& member) {
    Writer place;
    place.U16(member.entitlement.district);
    place.U16(member.entitlement.category);
    transcript.Append(member.credential);
    transcript.Append(place.bytes());
  };
  const auto numbered = static_cast<uint32_t>(roll_->numbered());
  uint32_t stray = numbered;
  const auto add_strays = [&](const Encoding* below) {
    for (; stray < left_out.size(); ++stray) {
      if (below != nullptr && CredentialOf(stray) >= *below) return;
      if (!left_out[stray]) add(MemberAt(stray));
    }
  };
  for (uint32_t i = 0; i < numbered; ++i) {
    add_strays(&CredentialOf(i));
    if (!left_out[i]) add(MemberAt(i));
  }
  add_strays(nullptr);
  return transcript.Field("beacon", plan_.beacon).Hash32();
}

// The members in the order of the seed, dealt out to as many rings as are needed.
void Rings::Divide(uint16_t district, const crypto::Hash32& seed, std::vector<uint32_t> members) {
  if (members.size() < plan_.fewest) {
    if (!members.empty()) too_small_.push_back(district);
    return;
  }
  std::vector<std::pair<crypto::Hash32, uint32_t>> places(members.size());
  ParallelForRuns(members.size(), kRun, 0, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      places[i] = {PlaceOf(seed, CredentialOf(members[i])), members[i]};
    }
  });
  std::ranges::sort(places);
  const size_t count = (members.size() + plan_.ring_size - 1) / plan_.ring_size;
  const size_t first = members_.size();
  for (const auto& [place, member] : places) members_.push_back(member);
  for (size_t r = 0; r < count; ++r) {
    const size_t crowd = (members.size() - r + count - 1) / count;
    rings_.push_back({district, static_cast<uint32_t>(first + r), static_cast<uint32_t>(count),
                      static_cast<uint32_t>(crowd)});
  }
}

Bytes Rings::PointsOf(uint32_t ring) const {
  const OfRing& of = rings_[ring];
  std::vector<Encoding> points;
  points.reserve(plan_.ring_size);
  for (size_t i = 0; i < of.crowd; ++i) {
    points.push_back(CredentialOf(members_[of.first + i * of.stride]));
  }
  points.insert(points.end(), padding_.begin(),
                padding_.begin() + static_cast<ptrdiff_t>(plan_.ring_size - of.crowd));
  std::ranges::sort(points);
  Bytes out;
  out.reserve(points.size() * sizeof(Encoding));
  for (const Encoding& point : points) out.insert(out.end(), point.begin(), point.end());
  return out;
}

// Of every ring its hash, and whether it is one.
void Rings::HashAll() {
  hashes_.resize(rings_.size());
  std::vector<uint8_t> twice(rings_.size());
  ParallelFor(rings_.size(), 0, [&](size_t ring) {
    const Bytes points = PointsOf(static_cast<uint32_t>(ring));
    hashes_[ring] = crypto::RingHash(points);
    for (size_t at = sizeof(Encoding); at < points.size(); at += sizeof(Encoding)) {
      const auto here = points.begin() + static_cast<ptrdiff_t>(at);
      if (std::equal(here - sizeof(Encoding), here, here)) twice[ring] = 1;
    }
  });
  Bytes all;
  for (size_t ring = 0; ring < rings_.size(); ++ring) {
    all.insert(all.end(), hashes_[ring].begin(), hashes_[ring].end());
    if (twice[ring] != 0) broken_.push_back(static_cast<uint32_t>(ring));
  }
  hash_ = crypto::Transcript("rings").Field("rings", all).Hash32();
}

std::vector<uint32_t> Rings::RingsOfMembers() const {
  std::vector<uint32_t> out(roll_->numbered(), kNone);
  for (uint32_t ring = 0; ring < size(); ++ring) {
    const OfRing& of = rings_[ring];
    for (size_t i = 0; i < of.crowd; ++i) {
      const uint32_t member = members_[of.first + i * of.stride];
      if (member < out.size()) out[member] = ring;
    }
  }
  return out;
}

uint64_t Rings::MembersIn(uint16_t district) const {
  uint64_t out = 0;
  for (const OfRing& ring : rings_) {
    if (ring.district == district) out += ring.crowd;
  }
  return out;
}

std::string Rings::WhyInNone(const RollState::Credential& credential) const {
  const RollState::Entitlement* of = roll_->Find(credential);
  if (of == nullptr) return absl::StrCat("is not on the roll in its epoch ", roll_->epoch());
  switch (IsLeftOut(*roll_, {credential, *of}, plan_)) {
    case LeftOut::kRekeyed:
      return absl::StrCat("replaces one that was on the roll in epoch ", plan_.first_epoch,
                          ", with which the petition was opened, or since: its owner could sign "
                          "under both");
    case LeftOut::kPaper:
      return absl::StrCat("was of a category whose members sign on paper, in epoch ",
                          plan_.first_epoch, ", with which the petition was opened, or since");
    case LeftOut::kNo:
      break;
  }
  if (!Has(plan_.categories, of->category)) {
    return absl::StrCat("is of category ", of->category, ", which does not sign online");
  }
  if (!std::ranges::binary_search(plan_.districts, of->district)) {
    return absl::StrCat("is of district ", of->district, ", which is not one of the petition's");
  }
  return absl::StrCat("is of district ", of->district, ", which has fewer than ", plan_.fewest,
                      " members who may sign online");
}

// One bit a member.
class Rings::Standing {
 public:
  explicit Standing(const Rings& rings)
      : rings_(rings), in_(rings.roll_->numbered() + rings.strays_.size()) {
    for (uint32_t member : rings.members_) in_[member] = true;
  }
  bool Has(const RollState::Credential& credential) const {
    if (const auto number = rings_.roll_->NumberOf(credential)) return in_[*number];
    const auto stray =
        std::ranges::lower_bound(rings_.strays_, credential, {}, &RollState::Member::credential);
    if (stray == rings_.strays_.end() || stray->credential != credential) return false;
    return in_[rings_.roll_->numbered() + static_cast<size_t>(stray - rings_.strays_.begin())];
  }

 private:
  const Rings& rings_;
  std::vector<bool> in_;
};

uint64_t Rings::CountOutside(std::span<const std::shared_ptr<const Rings>> others) const {
  std::vector<Standing> standings;
  for (const auto& other : others) standings.emplace_back(*other);
  return static_cast<uint64_t>(std::ranges::count_if(members_, [&](uint32_t member) {
    return std::ranges::none_of(
        standings, [&](const Standing& other) { return other.Has(CredentialOf(member)); });
  }));
}

uint64_t Rings::CountOutside(uint32_t ring, const Rings& other) const {
  const Standing standing(other);
  const OfRing& of = rings_[ring];
  uint64_t out = 0;
  for (size_t i = 0; i < of.crowd; ++i) {
    if (!standing.Has(CredentialOf(members_[of.first + i * of.stride]))) ++out;
  }
  return out;
}

std::optional<uint32_t> Rings::Find(const RollState::Credential& credential) const {
  for (uint32_t ring = 0; ring < size(); ++ring) {
    const OfRing& of = rings_[ring];
    for (size_t i = 0; i < of.crowd; ++i) {
      if (CredentialOf(members_[of.first + i * of.stride]) == credential) return ring;
    }
  }
  return std::nullopt;
}

}  // namespace urna::roll
