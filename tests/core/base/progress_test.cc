#include "core/base/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace urna {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ProgressTest, BarIsAsFullAsTheWork) {
  EXPECT_EQ(ProgressBar("things", 0, 10, 0), "things  [                        ]  0 of 10");
  EXPECT_EQ(ProgressBar("things", 5, 10, 0), "things  [############            ]  5 of 10");
  EXPECT_EQ(ProgressBar("things", 10, 10, 9), "things  [########################]  10 of 10");
  // More than was expected, and nothing at all to do, are full bars too.
  EXPECT_THAT(ProgressBar("things", 12, 10, 9), HasSubstr("[########################]  12 of 10"));
  EXPECT_THAT(ProgressBar("things", 0, 0, 0), HasSubstr("[########################]  0 of 0"));
}

TEST(ProgressTest, TimeLeftIsSaidOnceItCanBeKnown) {
  EXPECT_THAT(ProgressBar("things", 1, 4, 5), HasSubstr("1 of 4, 15 s left"));
  EXPECT_THAT(ProgressBar("things", 1, 4, 0.5), Not(HasSubstr("left")));
  EXPECT_THAT(ProgressBar("things", 0, 4, 5), Not(HasSubstr("left")));
  EXPECT_THAT(ProgressBar("things", 4, 4, 5), Not(HasSubstr("left")));
}

TEST(ProgressTest, WithoutATerminalOnlyThoseWhoWantLinesGetAny) {
  // Tests have no terminal on standard error, or show a bar there.
  if (::isatty(STDERR_FILENO) != 0) GTEST_SKIP() << "standard error is a terminal";
  EXPECT_FALSE(static_cast<bool>(ShowProgress("things", ProgressTo::kTerminal)));
  const Progress lines = ShowProgress("things", ProgressTo::kTerminalOrFile);
  ASSERT_TRUE(static_cast<bool>(lines));
  ::testing::internal::CaptureStderr();
  lines(1, 2);
  lines(2, 2);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");  // what is short is not worth a line
  EXPECT_EQ(ProgressLine("things", 1, 2), "things: 1 of 2");
}

}  // namespace
}  // namespace urna
