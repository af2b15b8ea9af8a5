// Whole elections, from manifest to result.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/election_fixture.h"

namespace urna::election {
namespace {

using testing::ElectionFixture;
using testing::ElectionOptions;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Numbers;

TEST(ElectionTest, RunsFromManifestToResult) {
  ElectionFixture election;
  election.RunTo(Phase::kFinal);
  EXPECT_THAT(Numbers(election.violations()), IsEmpty());
  const ElectionState& state = election.state();
  EXPECT_EQ(state.phase(), Phase::kFinal);
  EXPECT_EQ(state.stage(), Stage::kFinal);
  EXPECT_EQ(state.ballots(), 5u);
  EXPECT_EQ(state.voters(), 4u);
  ASSERT_TRUE(state.published().has_value());
  EXPECT_EQ(state.published()->results, ElectionFixture::UsualTotals());
}

}  // namespace
}  // namespace urna::election
