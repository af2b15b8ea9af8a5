#include "core/base/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <iostream>
#include <string>
#include <thread>

namespace urna {
namespace {

using ::testing::EndsWith;
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

// What the work writes to standard error where that is a terminal. The terminal makes "\r\n" of
// each end of a line.
std::string OnATerminal(const std::function<void()>& work) {
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    work();
    ::_exit(0);
  }
  std::string said;
  char buffer[4096];
  for (ssize_t got = 1; got > 0;) {
    got = ::read(terminal, buffer, sizeof(buffer));
    if (got > 0) said.append(buffer, static_cast<size_t>(got));
  }
  ::close(terminal);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  return said;
}

TEST(ProgressTest, ATerminalHasABarThatEndsInALine) {
  const std::string said = OnATerminal([] {
    const Progress bar = ShowProgress("things", ProgressTo::kTerminal);
    bar(1, 2);
    bar(2, 2);
  });
  EXPECT_THAT(said, EndsWith("\rthings  [########################]  2 of 2\x1b[K\r\n"));
}

TEST(ProgressTest, OfSeveralOnlyThoseThatTakeLongAreShown) {
  const std::string said = OnATerminal([] {
    const ProgressOf progress = ShowEachProgress(ProgressTo::kTerminal);
    const Progress quick = Begin(progress, "quick things");
    quick(1, 1);
    const Progress slow = Begin(progress, "slow things");
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    slow(1, 2);
    slow(2, 2);
  });
  EXPECT_THAT(said, Not(HasSubstr("quick")));
  EXPECT_THAT(said, HasSubstr("\rslow things  [############            ]  1 of 2"));
  EXPECT_THAT(said, EndsWith("2 of 2\x1b[K\r\n"));
}

TEST(ProgressTest, WhatFollowsABarThatBreaksOffBeginsALine) {
  const std::string said = OnATerminal([] {
    {
      const Progress bar = Begin(ShowEachProgress(ProgressTo::kTerminal), "things");
      std::this_thread::sleep_for(std::chrono::milliseconds(150));
      bar(1, 2);
    }
    std::cerr << "an error" << std::endl;
  });
  EXPECT_THAT(said, EndsWith("\x1b[K\r\nan error\r\n"));
}

TEST(ProgressTest, NobodyLooksAtWhatIsNotShown) {
  EXPECT_FALSE(static_cast<bool>(Begin(ProgressOf(), "things")));
}

}  // namespace
}  // namespace urna
