#include "core/roll/rings.h"

#include <algorithm>
#include <utility>

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

}  // namespace

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
  absl::flat_hash_map<uint16_t, std::vector<uint32_t>> of_district;
  for (uint16_t district : plan_.districts) of_district[district];
  const auto take = [&](const RollState::Entitlement& of, uint64_t number) {
    const auto found = of_district.find(of.district);
    if (found != of_district.end() && std::ranges::binary_search(plan_.categories, of.category)) {
      found->second.push_back(static_cast<uint32_t>(number));
    }
  };
  for (uint64_t i = 0; i < numbered; ++i) take(roll_->Numbered(i).entitlement, i);
  for (size_t i = 0; i < strays_.size(); ++i) take(strays_[i].entitlement, numbered + i);
  const crypto::Hash32 seed = Seed();
  for (uint16_t district : plan_.districts) {
    Divide(district, seed, std::move(of_district[district]));
  }
  if (!rings_.empty()) {
    smallest_crowd_ = std::ranges::min(rings_, {}, &OfRing::crowd).crowd;
    padding_ = Padding(plan_.ring_size - smallest_crowd_);
  }
  HashAll();
}

const RollState::Credential& Rings::CredentialOf(uint32_t member) const {
  const uint64_t numbered = roll_->numbered();
  return member < numbered ? roll_->Numbered(member).credential
                           : strays_[member - numbered].credential;
}

// T32("ring seed"; members: P ‖ u16(district) ‖ u16(category) of every member, ascending by P,
// beacon).
crypto::Hash32 Rings::Seed() const {
  constexpr size_t kSize = sizeof(Encoding) + 2 * sizeof(uint16_t);
  crypto::Transcript transcript("ring seed");
  transcript.BeginField("members",
                        static_cast<uint32_t>(kSize * (roll_->numbered() + strays_.size())));
  const auto add = [&](const RollState::Member& member) {
    Writer place;
    place.U16(member.entitlement.district);
    place.U16(member.entitlement.category);
    transcript.Append(member.credential);
    transcript.Append(place.bytes());
  };
  auto stray = strays_.begin();
  for (uint64_t i = 0; i < roll_->numbered(); ++i) {
    const RollState::Member& member = roll_->Numbered(i);
    for (; stray != strays_.end() && stray->credential < member.credential; ++stray) add(*stray);
    add(member);
  }
  for (; stray != strays_.end(); ++stray) add(*stray);
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
  std::vector<crypto::Hash32> hashes(rings_.size());
  std::vector<uint8_t> twice(rings_.size());
  ParallelFor(rings_.size(), 0, [&](size_t ring) {
    const Bytes points = PointsOf(static_cast<uint32_t>(ring));
    hashes[ring] = crypto::RingHash(points);
    for (size_t at = sizeof(Encoding); at < points.size(); at += sizeof(Encoding)) {
      const auto here = points.begin() + static_cast<ptrdiff_t>(at);
      if (std::equal(here - sizeof(Encoding), here, here)) twice[ring] = 1;
    }
  });
  Bytes all;
  for (size_t ring = 0; ring < rings_.size(); ++ring) {
    all.insert(all.end(), hashes[ring].begin(), hashes[ring].end());
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
