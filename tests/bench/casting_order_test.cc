#include "bench/synthetic_record/casting_order.h"

#include <gtest/gtest.h>

#include <vector>

namespace urna::bench {
namespace {

TEST(CastingOrderTest, EverybodyVotesOnceAndSomeLaterAgain) {
  for (uint64_t ballots : {1u, 2u, 3u, 7u, 51u, 102u, 1000u, 4099u}) {
    for (uint32_t percent : {0u, 1u, 2u, 33u, 50u}) {
      const CastingOrder order(ballots, percent);
      std::vector<int> cast(order.voters(), 0), counted(order.voters(), 0);
      for (uint64_t number = 0; number < ballots; ++number) {
        const CastingOrder::Cast one = order.At(number);
        ASSERT_LT(one.voter, order.voters());
        // First ballots count unless a second one follows, and that has to follow.
        ASSERT_EQ(one.sequence, static_cast<uint64_t>(++cast[one.voter])) << number;
        counted[one.voter] += one.counts ? 1 : 0;
      }
      uint64_t twice = 0;
      for (uint64_t voter = 0; voter < order.voters(); ++voter) {
        ASSERT_EQ(counted[voter], 1) << ballots << " ballots, voter " << voter;
        ASSERT_LE(cast[voter], 2);
        twice += cast[voter] == 2 ? 1 : 0;
      }
      EXPECT_EQ(twice, ballots - order.voters());
      EXPECT_LE(100 * twice, percent * (order.voters() + 1));
      EXPECT_GE(100 * (twice + 1), percent * order.voters()) << ballots << " ballots, " << percent;
    }
  }
}

}  // namespace
}  // namespace urna::bench
