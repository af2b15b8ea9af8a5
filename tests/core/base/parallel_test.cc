#include "core/base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "core/base/clock.h"

namespace urna {
namespace {

TEST(ParallelForTest, CallsTheBodyOnceForEveryIndex) {
  for (unsigned threads : {0u, 1u, 2u, 7u}) {
    for (size_t count : {0, 1, 3, 1000}) {
      std::vector<std::atomic<int>> calls(count);
      ParallelFor(count, threads, [&](size_t i) { ++calls[i]; });
      for (size_t i = 0; i < count; ++i) EXPECT_EQ(calls[i], 1) << i << " of " << count;
    }
  }
}

TEST(ParallelForTest, RunsCoverEveryIndexOnceAndAreNoLongerThanAllowed) {
  for (unsigned threads : {0u, 1u, 2u, 7u}) {
    for (size_t count : {0, 1, 3, 1000}) {
      for (size_t most : {1, 10, 5000}) {
        std::vector<std::atomic<int>> calls(count);
        std::atomic<size_t> longest = 0, runs = 0;
        ParallelForRuns(count, most, threads, [&](size_t begin, size_t end) {
          for (size_t i = begin; i < end; ++i) ++calls[i];
          if (end - begin > longest) longest = end - begin;
          ++runs;
        });
        for (size_t i = 0; i < count; ++i) EXPECT_EQ(calls[i], 1) << i << " of " << count;
        EXPECT_LE(longest, most);
        if (threads == 7 && count == 1000) {
          EXPECT_GE(runs, 7u);
        }
      }
    }
  }
}

TEST(ClockTest, FixedClockMovesOnlyWhenTold) {
  FixedClock clock(100);
  EXPECT_EQ(clock.NowSeconds(), 100);
  clock.Advance(5);
  EXPECT_EQ(clock.NowSeconds(), 105);
  clock.Set(7);
  EXPECT_EQ(clock.NowSeconds(), 7);
}

TEST(ClockTest, SystemClockIsInThisCentury) {
  EXPECT_GT(SystemClock().NowSeconds(), 1'600'000'000);
  EXPECT_LT(SystemClock().NowSeconds(), 4'100'000'000);
}

}  // namespace
}  // namespace urna
