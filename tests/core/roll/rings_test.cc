// The rings of a roll, docs/protocol.md §4.1. That they are the same as the reference verifier's is
// seen in tests/vectors/rings_of_rolls.json, which that has made.
#include "core/roll/rings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/codec.h"
#include "core/base/file.h"
#include "core/crypto/hash_to_group.h"
#include "core/crypto/ring.h"
#include "core/crypto/transcript.h"
#include "tests/support/poll_fixture.h"

namespace urna::roll {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Credential = RollState::Credential;

std::vector<Credential> PointsOf(const Rings& rings, uint32_t ring) {
  const Bytes bytes = rings.PointsOf(ring);
  std::vector<Credential> out(bytes.size() / 32);
  for (size_t i = 0; i < out.size(); ++i) std::copy_n(bytes.begin() + 32 * i, 32, out[i].begin());
  return out;
}

RollMember MemberOf(const crypto::RistrettoPoint& point, uint16_t district, uint16_t category = 1) {
  RollMember out;
  out.credential = point.bytes();
  out.district = district;
  out.category = category;
  return out;
}

// A roll of points that are nobody's; rings do not ask.
class RingsTest : public ::testing::Test {
 protected:
  std::shared_ptr<RollState> Roll(const std::map<uint16_t, size_t>& members) {
    std::vector<RollMember> all;
    uint32_t number = 0;
    for (const auto& [district, count] : members) {
      for (size_t i = 0; i < count; ++i) all.push_back(MemberOf(Point(number++), district));
    }
    std::sort(all.begin(), all.end(),
              [](const RollMember& a, const RollMember& b) { return a.credential < b.credential; });
    auto state = std::make_shared<RollState>(SignedRollHeader{});
    for (const RollMember& member : all) state->ApplyMember(member);
    return state;
  }
  static crypto::RistrettoPoint Point(uint32_t number) {
    Writer message;
    message.U32(number);
    return crypto::HashToGroup("test member", message.bytes());
  }
  // Members of the rings by their numbers on the roll, district by district.
  static std::vector<std::set<uint64_t>> MembersOf(const Rings& rings, const RollState& roll) {
    std::vector<std::set<uint64_t>> out(rings.size());
    for (uint32_t ring = 0; ring < rings.size(); ++ring) {
      for (const Credential& point : PointsOf(rings, ring)) {
        if (const auto number = roll.NumberOf(point)) out[ring].insert(*number);
      }
    }
    return out;
  }

  const crypto::Hash32 beacon_ = {1, 2, 3};
};

TEST_F(RingsTest, EveryMemberOfThePetitionsDistrictsIsInOneRingOfItsDistrict) {
  const auto roll = Roll({{1, 5}, {2, 130}, {3, 64}, {9, 4}});
  const Rings rings(roll, {{1, 2, 3, 4}, {1}, 64, 4, beacon_});
  ASSERT_EQ(rings.size(), 1u + 3u + 1u);
  std::vector<uint16_t> districts;
  std::map<uint64_t, int> seen;
  const auto members = MembersOf(rings, *roll);
  for (uint32_t ring = 0; ring < rings.size(); ++ring) {
    districts.push_back(rings.DistrictOf(ring));
    EXPECT_EQ(members[ring].size(), rings.CrowdOf(ring));
    for (uint64_t member : members[ring]) {
      ++seen[member];
      EXPECT_EQ(roll->Numbered(member).entitlement.district, rings.DistrictOf(ring));
      EXPECT_EQ(rings.Find(roll->Numbered(member).credential), ring);
      EXPECT_EQ(rings.RingsOfMembers()[member], ring);
    }
  }
  EXPECT_THAT(districts, ElementsAre(1, 2, 2, 2, 3));
  EXPECT_EQ(seen.size(), 5u + 130u + 64u);
  for (const auto& [member, times] : seen) EXPECT_EQ(times, 1) << member;
  for (uint64_t i = 0; i < roll->numbered(); ++i) {
    if (roll->Numbered(i).entitlement.district != 9) continue;
    EXPECT_EQ(rings.Find(roll->Numbered(i).credential), std::nullopt);
    EXPECT_EQ(rings.RingsOfMembers()[i], Rings::kNone);
  }
}

TEST_F(RingsTest, CrowdsDifferByOneAtMostAndNoneIsSmall) {
  for (size_t members : {2u, 63u, 64u, 65u, 127u, 128u, 129u, 200u, 321u}) {
    const Rings rings(Roll({{1, members}}), {{1}, {1}, 64, 2, beacon_});
    EXPECT_EQ(rings.size(), (members + 63) / 64) << members;
    size_t least = 64, most = 0, sum = 0;
    for (uint32_t ring = 0; ring < rings.size(); ++ring) {
      least = std::min(least, rings.CrowdOf(ring));
      most = std::max(most, rings.CrowdOf(ring));
      sum += rings.CrowdOf(ring);
    }
    EXPECT_EQ(sum, members);
    EXPECT_LE(most - least, 1u) << members;
    EXPECT_EQ(rings.smallest_crowd(), least);
    if (members > 64) {
      EXPECT_GE(least, 32u) << members;
    }
  }
}

TEST_F(RingsTest, RingsArePaddedWithTheSamePointsAndAreRings) {
  const Rings rings(Roll({{1, 5}, {2, 70}}), {{1, 2}, {1}, 64, 5, beacon_});
  std::vector<Credential> padding;
  for (uint32_t i = 0; i < 64; ++i) {
    Writer message;
    message.U32(i);
    padding.push_back(crypto::HashToGroup("ring padding", message.bytes()).bytes());
  }
  Bytes hashes;
  for (uint32_t ring = 0; ring < rings.size(); ++ring) {
    const std::vector<Credential> points = PointsOf(rings, ring);
    ASSERT_EQ(points.size(), 64u);
    const size_t padded = 64 - rings.CrowdOf(ring);
    for (size_t i = 0; i < padding.size(); ++i) {
      EXPECT_EQ(std::find(points.begin(), points.end(), padding[i]) != points.end(), i < padded);
    }
    const auto decoded = crypto::Ring::Decode(rings.PointsOf(ring));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    hashes.insert(hashes.end(), decoded->hash().begin(), decoded->hash().end());
  }
  EXPECT_THAT(rings.broken(), IsEmpty());
  EXPECT_EQ(rings.hash(), crypto::Transcript("rings").Field("rings", hashes).Hash32());
}

TEST_F(RingsTest, DistrictsWithTooFewHaveNoneAndAreNamed) {
  const auto roll = Roll({{1, 3}, {2, 4}, {3, 0}});
  const Rings rings(roll, {{1, 2, 3}, {1}, 64, 4, beacon_});
  EXPECT_THAT(rings.too_small(), ElementsAre(1));
  ASSERT_EQ(rings.size(), 1u);
  EXPECT_EQ(rings.DistrictOf(0), 2);
  const Rings none(roll, {{3, 7}, {1}, 64, 4, beacon_});
  EXPECT_EQ(none.size(), 0u);
  EXPECT_EQ(none.smallest_crowd(), 0u);
  EXPECT_THAT(none.too_small(), IsEmpty());
  EXPECT_EQ(none.hash(), crypto::Transcript("rings").Field("rings", {}).Hash32());
}

TEST_F(RingsTest, BeaconAndEveryMemberDecideAboutAll) {
  const auto roll = Roll({{1, 200}});
  const auto members = [&](const RollState& state, const crypto::Hash32& beacon) {
    return MembersOf(Rings(std::shared_ptr<const RollState>(std::shared_ptr<int>(), &state),
                           {{1}, {1}, 64, 2, beacon}),
                     state);
  };
  const auto here = members(*roll, beacon_);
  EXPECT_EQ(members(*roll, beacon_), here);
  EXPECT_NE(members(*roll, {9}), here);
  // One member more, in another district: everybody stands beside others.
  auto grown = Roll({{1, 200}, {2, 1}});
  std::vector<std::set<Credential>> before, after;
  const auto sets = [](const Rings& rings) {
    std::vector<std::set<Credential>> out;
    for (uint32_t ring = 0; ring < rings.size(); ++ring) {
      const auto points = PointsOf(rings, ring);
      out.emplace_back(points.begin(), points.end());
    }
    return out;
  };
  EXPECT_NE(sets(Rings(roll, {{1}, {1}, 64, 2, beacon_})),
            sets(Rings(grown, {{1}, {1}, 64, 2, beacon_})));
}

TEST_F(RingsTest, OnlyMembersOfTheCategoriesAreInRingsAndAllCategoriesDealTheCards) {
  const auto with = [](uint16_t last) {
    std::vector<RollMember> all;
    for (uint32_t i = 0; i < 300; ++i) {
      all.push_back(MemberOf(Point(i), 1, i == 299 ? last : static_cast<uint16_t>(i % 3)));
    }
    std::sort(all.begin(), all.end(),
              [](const RollMember& a, const RollMember& b) { return a.credential < b.credential; });
    auto roll = std::make_shared<RollState>(SignedRollHeader{});
    for (const RollMember& member : all) roll->ApplyMember(member);
    return roll;
  };
  const auto roll = with(2);
  const Rings one(roll, {{1}, {1}, 64, 2, beacon_});
  EXPECT_EQ(one.size(), 2u);
  EXPECT_EQ(one.CrowdOf(0) + one.CrowdOf(1), 100u);
  const Rings two(roll, {{1}, {0, 1}, 64, 2, beacon_});
  EXPECT_EQ(two.size(), 4u);
  for (uint64_t i = 0; i < roll->numbered(); ++i) {
    const uint16_t category = roll->Numbered(i).entitlement.category;
    EXPECT_EQ(one.RingsOfMembers()[i] != Rings::kNone, category == 1);
    EXPECT_EQ(two.RingsOfMembers()[i] != Rings::kNone, category != 2);
  }
  // Another category of somebody who is in no ring either way deals all cards anew.
  EXPECT_NE(one.hash(), Rings(with(7), {{1}, {1}, 64, 2, beacon_}).hash());
}

TEST_F(RingsTest, AMemberThatIsAPaddingPointBreaksItsRing) {
  Writer zero;
  zero.U32(0);
  auto roll = std::make_shared<RollState>(SignedRollHeader{});
  std::vector<RollMember> all = {MemberOf(crypto::HashToGroup("ring padding", zero.bytes()), 1),
                                 MemberOf(Point(1), 1), MemberOf(Point(2), 2),
                                 MemberOf(Point(3), 2)};
  std::sort(all.begin(), all.end(),
            [](const RollMember& a, const RollMember& b) { return a.credential < b.credential; });
  for (const RollMember& member : all) roll->ApplyMember(member);
  const Rings rings(roll, {{1, 2}, {1}, 64, 2, beacon_});
  EXPECT_THAT(rings.broken(), ElementsAre(0));
  EXPECT_EQ(rings.size(), 2u);
}

// Of a roll that is wrong, members out of order are members all the same.
TEST_F(RingsTest, MembersOutOfOrderAreInTheSameRings) {
  std::vector<RollMember> all;
  for (uint32_t i = 0; i < 130; ++i) all.push_back(MemberOf(Point(i), 1));
  auto unsorted = std::make_shared<RollState>(SignedRollHeader{});
  for (const RollMember& member : all) unsorted->ApplyMember(member);
  unsorted->ApplyMember(MemberOf(Point(7), 2));  // stands twice: the first entry holds
  const Rings rings(unsorted, {{1}, {1}, 64, 2, beacon_});
  EXPECT_EQ(rings.hash(), Rings(Roll({{1, 130}}), {{1}, {1}, 64, 2, beacon_}).hash());
}

TEST_F(RingsTest, CountsWhoIsInNoRingOfOthers) {
  const auto rings = [&](const std::map<uint16_t, size_t>& members, uint16_t district) {
    return std::make_shared<const Rings>(Roll(members), RingPlan{{district}, {1}, 64, 2, beacon_});
  };
  // The points are numbered district by district.
  const auto first = rings({{1, 130}, {2, 10}}, 1);
  const auto grown = rings({{1, 133}, {2, 7}}, 1);
  const auto second = rings({{1, 130}, {2, 10}}, 2);
  EXPECT_EQ(first->members(), 130u);
  EXPECT_EQ(first->MembersIn(1), 130u);
  EXPECT_EQ(first->MembersIn(2), 0u);
  using Others = std::vector<std::shared_ptr<const Rings>>;
  EXPECT_EQ(grown->CountOutside(Others{}), 133u);
  EXPECT_EQ(grown->CountOutside(Others{first}), 3u);
  EXPECT_EQ(grown->CountOutside(Others{first, second}), 0u);
  EXPECT_EQ(first->CountOutside(Others{grown}), 0u);
  EXPECT_EQ(second->CountOutside(Others{first}), 10u);
  EXPECT_EQ(second->CountOutside(0, *first), 10u);
  EXPECT_EQ(second->CountOutside(0, *grown), 7u);
  EXPECT_EQ(first->WhyInNone(second->roll().Numbered(0).credential).substr(0, 3), "is ");
}

TEST_F(RingsTest, SizesAreThoseOfRings) {
  std::vector<size_t> sizes;
  for (size_t size = 0; size <= 20000; ++size) {
    if (Rings::IsRingSize(size)) sizes.push_back(size);
  }
  EXPECT_THAT(sizes, ElementsAre(64, 256, 1024, 4096));
}

TEST(RingsVectorsTest, AreThoseOfTheReference) {
  const auto file = ReadFile("tests/vectors/rings_of_rolls.json", 1 << 24);
  ASSERT_TRUE(file.ok()) << file.status();
  const nlohmann::json vectors = nlohmann::json::parse(AsText(*file));
  const auto hash = [](const nlohmann::json& text) {
    return ToArray<32>(FromHex(text.get<std::string>()).value()).value();
  };
  auto roll = std::make_shared<RollState>(SignedRollHeader{});
  for (const auto& member : vectors["members"]) {
    RollMember entry;
    entry.credential = hash(member["credential"]);
    entry.district = member["district"];
    entry.category = member["category"];
    roll->ApplyMember(entry);
  }
  ASSERT_GE(vectors["cases"].size(), 5u);
  for (const auto& one : vectors["cases"]) {
    const Rings rings(roll, {one["districts"], one["categories"], one["ring_size"], one["fewest"],
                             hash(one["beacon"])});
    ASSERT_EQ(rings.size(), one["rings"].size());
    for (uint32_t ring = 0; ring < rings.size(); ++ring) {
      const auto& wanted = one["rings"][ring];
      EXPECT_EQ(rings.DistrictOf(ring), wanted["district"].get<uint16_t>());
      EXPECT_EQ(rings.CrowdOf(ring), wanted["crowd"].get<size_t>());
      EXPECT_EQ(crypto::RingHash(rings.PointsOf(ring)), hash(wanted["hash"]));
      for (uint64_t member : wanted["members"]) {
        EXPECT_EQ(rings.Find(roll->Numbered(member).credential), ring);
      }
    }
    EXPECT_EQ(rings.hash(), hash(one["rings_hash"]));
  }
}

}  // namespace
}  // namespace urna::roll
