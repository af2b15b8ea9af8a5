#include "core/base/version.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace urna {
namespace {

TEST(VersionTest, FollowsTheProgram) {
  EXPECT_THAT(WithVersion("urna-tally"), ::testing::MatchesRegex("urna-tally [0-9.]+"));
}

}  // namespace
}  // namespace urna
