// What is decrypted together, docs/protocol.md §9.1.
#include "core/election/parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "tests/support/poll_fixture.h"

namespace urna::election {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Numbers;
using ::testing::SizeIs;

// One contest for all of the districts 1, 2, …, by district.
Manifest MakeManifest(uint16_t districts, uint32_t minimum) {
  Manifest out;
  out.minimum_ballots = minimum;
  for (uint16_t d = 1; d <= districts; ++d) out.districts.push_back({d, {}, 1});
  out.styles = {{1, {1}}};
  out.contests.resize(1);
  out.contests[0].number = 1;
  out.contests[0].by_district = true;
  out.contests[0].options.resize(2);
  return out;
}

// So many ballots of weight 1 in the districts 1, 2, …
roll::Census Ballots(const std::vector<uint64_t>& by_district) {
  roll::Census out;
  for (size_t i = 0; i < by_district.size(); ++i) {
    if (by_district[i] > 0) out[{static_cast<uint16_t>(i + 1), 1}] = by_district[i];
  }
  return out;
}

std::vector<std::vector<uint16_t>> DistrictsOf(const std::vector<poll::Part>& parts) {
  std::vector<std::vector<uint16_t>> out;
  for (const poll::Part& part : parts) out.push_back(part.districts);
  return out;
}

using Districts = std::vector<uint16_t>;

TEST(PartsTest, OneForAllDistrictsUnlessByDistrict) {
  Manifest manifest = MakeManifest(3, 2);
  manifest.contests[0].by_district = false;
  EXPECT_THAT(PartsOf(manifest, Ballots({5, 0, 1})), ElementsAre(poll::Part{1, {1, 2, 3}, 6, 6}));
  EXPECT_THAT(PartsOf(manifest, Ballots({1})), IsEmpty());
  manifest.contests[0].by_district = true;
  EXPECT_THAT(
      PartsOf(manifest, Ballots({5, 2, 3})),
      ElementsAre(poll::Part{1, {1}, 5, 5}, poll::Part{1, {2}, 2, 2}, poll::Part{1, {3}, 3, 3}));
}

TEST(PartsTest, SmallDistrictsAreMergedForwardTheLastBackward) {
  const Manifest manifest = MakeManifest(4, 3);
  const auto parts = [&](const std::vector<uint64_t>& ballots) {
    return DistrictsOf(PartsOf(manifest, Ballots(ballots)));
  };
  EXPECT_THAT(parts({2, 5, 5, 5}), ElementsAre(Districts{1, 2}, Districts{3}, Districts{4}));
  EXPECT_THAT(parts({5, 5, 5, 2}), ElementsAre(Districts{1}, Districts{2}, Districts{3, 4}));
  EXPECT_THAT(parts({1, 1, 1, 5}), ElementsAre(Districts{1, 2, 3}, Districts{4}));
  EXPECT_THAT(parts({5, 1, 1, 5}), ElementsAre(Districts{1}, Districts{2, 3, 4}));
  EXPECT_THAT(parts({0, 5, 0, 0}), ElementsAre(Districts{1, 2, 3, 4}));
  EXPECT_THAT(parts({0, 5, 0, 5}), ElementsAre(Districts{1, 2}, Districts{3, 4}));
  EXPECT_THAT(parts({1, 0, 1, 1}), ElementsAre(Districts{1, 2, 3, 4}));
}

TEST(PartsTest, WhatIsTooSmallAsAWholeIsLeftOut) {
  EXPECT_THAT(PartsOf(MakeManifest(3, 3), Ballots({1, 0, 1})), IsEmpty());
  EXPECT_THAT(PartsOf(MakeManifest(3, 1), {}), IsEmpty());
  EXPECT_THAT(PartsOf(MakeManifest(1, 1), Ballots({1})), SizeIs(1));
}

TEST(PartsTest, EveryWeightThatOccursIsThereOftenEnough) {
  const Manifest manifest = MakeManifest(3, 3);
  // The single voter of weight 9 in district 1 hides among those of district 2.
  roll::Census counted = {{{1, 1}, 5}, {{1, 9}, 1}, {{2, 1}, 4}, {{2, 9}, 2}, {{3, 1}, 3}};
  EXPECT_THAT(PartsOf(manifest, counted),
              ElementsAre(poll::Part{1, {1, 2}, 12, 36}, poll::Part{1, {3}, 3, 3}));
  // In the last district there is nobody else: all are united, and still it is one.
  counted = {{{1, 1}, 5}, {{2, 1}, 5}, {{3, 1}, 5}, {{3, 9}, 1}};
  EXPECT_THAT(PartsOf(manifest, counted), IsEmpty());
  // Uniting what is large enough with what is not may make it too small; it goes on.
  counted = {{{1, 9}, 3}, {{2, 1}, 5}, {{3, 1}, 5}, {{3, 9}, 1}};
  EXPECT_THAT(DistrictsOf(PartsOf(manifest, counted)), ElementsAre(Districts{1, 2, 3}));
}

TEST(PartsTest, EveryContestHasItsOwn) {
  Manifest manifest = MakeManifest(3, 2);
  manifest.contests.resize(2);
  manifest.contests[1].number = 2;  // one total for all
  manifest.styles = {{1, {1}}, {2, {1, 2}}};
  manifest.districts[1].style = manifest.districts[2].style = 2;
  EXPECT_THAT(PartsOf(manifest, Ballots({1, 2, 1})),
              ElementsAre(poll::Part{1, {1, 2, 3}, 4, 4}, poll::Part{2, {2, 3}, 3, 3}));
}

// --- S16 and S14: which rolls allow for it.

TEST(WeightClassTest, RareWeightsAreRefused) {
  Manifest manifest = MakeManifest(2, 3);
  EXPECT_THAT(CheckWeightClasses(manifest, {{{1, 1}, 9}, {{1, 5}, 1}, {{2, 5}, 2}}), IsEmpty());
  const auto found = CheckWeightClasses(manifest, {{{1, 1}, 9}, {{1, 5}, 1}, {{2, 5}, 1}});
  EXPECT_THAT(Numbers(found), ElementsAre("S16"));
  EXPECT_EQ(found[0].status.message(),
            "opening: contest 1: 2 members of the roll have the weight 5, fewer than the 3 of the "
            "manifest's minimum, so that totals could give their votes away");
  // What is elsewhere does not matter: district 7 is none of the election's.
  EXPECT_THAT(CheckWeightClasses(manifest, {{{1, 1}, 9}, {{7, 5}, 1}}), IsEmpty());
  EXPECT_THAT(CheckWeightClasses(manifest, {}), IsEmpty());
}

TEST(WeightClassTest, EveryContestHasItsOwn) {
  Manifest manifest = MakeManifest(2, 2);
  manifest.contests.resize(2);
  manifest.contests[1].number = 2;
  manifest.styles = {{1, {1}}, {2, {1, 2}}};
  manifest.districts[1].style = 2;
  // Two of weight 5 vote on contest 1, but only one of them on contest 2.
  const auto found = CheckWeightClasses(manifest, {{{1, 5}, 1}, {{2, 5}, 1}, {{2, 1}, 2}});
  ASSERT_THAT(Numbers(found), ElementsAre("S16"));
  EXPECT_THAT(std::string(found[0].status.message()), HasSubstr("contest 2"));
}

TEST(WeightClassTest, TotalsStayWithinTheBound) {
  Manifest manifest = MakeManifest(1, 1);
  EXPECT_TRUE(CheckLargestTotal(manifest, {{{1, 1}, 100'000'000}}).ok());
  EXPECT_FALSE(CheckLargestTotal(manifest, {{{1, 1}, 100'000'001}}).ok());
  EXPECT_TRUE(CheckLargestTotal(manifest, {{{1, 25'000'000}, 2}, {{7, 50'000'000}, 1}}).ok());
  EXPECT_FALSE(CheckLargestTotal(manifest, {{{1, 25'000'000}, 2}, {{7, 50'000'001}, 1}}).ok());
  EXPECT_FALSE(CheckLargestTotal(manifest, {{{1, ~0u}, ~uint64_t{0}}}).ok());
  manifest.contests[0].option_max = 100;
  EXPECT_TRUE(CheckLargestTotal(manifest, {{{1, 500'000}, 2}}).ok());
  EXPECT_FALSE(CheckLargestTotal(manifest, {{{1, 500'000}, 2}, {{1, 1}, 1}}).ok());
}

// --- No published total, sum or difference says more than a part does.

class RandomPartsTest : public ::testing::Test {
 protected:
  uint64_t Draw(uint64_t below) {
    return std::uniform_int_distribution<uint64_t>(0, below - 1)(random_);
  }

  // A few districts, styles, contests and weights, and few enough ballots to be in the way.
  void DrawElection() {
    manifest_ =
        MakeManifest(static_cast<uint16_t>(1 + Draw(7)), 1 + static_cast<uint32_t>(Draw(5)));
    manifest_.contests.resize(2);
    manifest_.contests[1].number = 2;
    manifest_.contests[1].by_district = Draw(3) > 0;
    manifest_.contests[0].by_district = Draw(3) > 0;
    manifest_.styles = {{1, {1}}, {2, {2}}, {3, {1, 2}}};
    for (District& district : manifest_.districts)
      district.style = static_cast<uint16_t>(1 + Draw(3));
    counted_.clear();
    for (const District& district : manifest_.districts) {
      for (uint32_t weight : {1, 2, 4, 1000}) {
        if (weight > 1 && Draw(3) > 0) continue;
        if (const uint64_t ballots = Draw(9); ballots > 0) {
          counted_[{district.number, weight}] = ballots;
        }
      }
    }
  }

  std::vector<poll::Part> PartsOfContest(uint16_t contest) const {
    std::vector<poll::Part> out = PartsOf(manifest_, counted_);
    std::erase_if(out, [&](const poll::Part& part) { return part.contest != contest; });
    return out;
  }

  std::mt19937_64 random_{20};
  Manifest manifest_;
  roll::Census counted_;
};

TEST_F(RandomPartsTest, AreAPartitionOfLargeEnoughSets) {
  size_t merged = 0, left_out = 0;
  for (int round = 0; round < 2000; ++round) {
    DrawElection();
    for (const Contest& contest : manifest_.contests) {
      const std::vector<poll::Part> parts = PartsOfContest(contest.number);
      Districts all;
      for (const poll::Part& part : parts) {
        std::map<uint32_t, uint64_t> by_weight;
        uint64_t ballots = 0, weight = 0;
        for (uint16_t district : part.districts) {
          for (const auto& [member, count] : counted_) {
            if (member.district != district) continue;
            by_weight[member.weight] += count;
            ballots += count;
            weight += count * member.weight;
          }
        }
        EXPECT_EQ(part.ballots, ballots);
        EXPECT_EQ(part.weight, weight);
        EXPECT_GE(ballots, manifest_.minimum_ballots);
        for (const auto& [value, count] : by_weight) {
          EXPECT_GE(count, manifest_.minimum_ballots) << "weight " << value;
        }
        all.insert(all.end(), part.districts.begin(), part.districts.end());
        merged += part.districts.size() > 1 ? 1 : 0;
      }
      // Each district that has the contest once, in order; or nothing at all.
      Districts expected;
      for (const District& district : manifest_.districts) {
        const std::vector<uint16_t>& has = manifest_.FindStyle(district.style)->contests;
        if (std::count(has.begin(), has.end(), contest.number) > 0)
          expected.push_back(district.number);
      }
      if (parts.empty()) {
        ++left_out;
      } else {
        EXPECT_EQ(all, expected);
      }
    }
    if (HasFailure()) FAIL() << "round " << round;
  }
  // The draw meets all cases.
  EXPECT_GT(merged, 100u);
  EXPECT_GT(left_out, 100u);
}

// Whoever adds and subtracts published totals of a contest, however often, gets Σ k_p·T_p. A ballot
// takes part in it with k_p·weight, p its part: the same as every other ballot of its part and
// weight. So it stands for at least the minimum of ballots, never for fewer.
TEST_F(RandomPartsTest, NoDifferenceOfTotalsIsAboutFewerThanTheMinimum) {
  size_t looked = 0;
  for (int round = 0; round < 300; ++round) {
    DrawElection();
    for (const Contest& contest : manifest_.contests) {
      const std::vector<poll::Part> parts = PartsOfContest(contest.number);
      const size_t combinations = static_cast<size_t>(std::pow(3, parts.size()));
      for (size_t combination = 0; combination < combinations; ++combination) {
        std::map<int64_t, uint64_t> by_coefficient;  // ballots that enter with this factor
        size_t rest = combination;
        for (const poll::Part& part : parts) {
          const int64_t k = static_cast<int64_t>(rest % 3) - 1;
          rest /= 3;
          for (const auto& [member, count] : counted_) {
            if (std::count(part.districts.begin(), part.districts.end(), member.district) > 0) {
              by_coefficient[k * member.weight] += count;
            }
          }
        }
        for (const auto& [coefficient, ballots] : by_coefficient) {
          if (coefficient == 0) continue;
          EXPECT_GE(ballots, manifest_.minimum_ballots) << round;
          ++looked;
        }
      }
    }
  }
  EXPECT_GT(looked, 1000u);
}

// Without merging it would be otherwise: one district with one ballot.
TEST(PartsTest, WithoutMergingADifferenceWouldBeOneVote) {
  const Manifest manifest = MakeManifest(2, 2);
  const roll::Census counted = Ballots({5, 1});
  EXPECT_FALSE(IsLargeEnough({{1, 1}}, 2));
  EXPECT_THAT(PartsOf(manifest, counted), ElementsAre(poll::Part{1, {1, 2}, 6, 6}));
}

}  // namespace
}  // namespace urna::election
