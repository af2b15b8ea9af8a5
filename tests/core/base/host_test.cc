#include "core/base/host.h"

#include <gtest/gtest.h>

namespace urna {
namespace {

TEST(HostTest, TakesTheHostOffAnAddress) {
  EXPECT_EQ(*HostOf("board.example:7000"), "board.example");
  EXPECT_EQ(*HostOf("[::1]:7000"), "::1");
  for (const char* address : {"", "localhost", "localhost:", ":7000"}) {
    EXPECT_EQ(HostOf(address).status().code(), absl::StatusCode::kInvalidArgument) << address;
  }
}

TEST(HostTest, KnowsThisMachine) {
  for (const char* host : {"localhost", "::1", "127.0.0.1", "127.1.2.3"}) {
    EXPECT_TRUE(IsLoopbackHost(host)) << host;
  }
}

TEST(HostTest, TakesNoOtherForThisMachine) {
  for (const char* host : {"", "0.0.0.0", "128.0.0.1", "127.0.0.1.evil.example", "127.evil.example",
                           "localhost.evil.example", "127.1", "::", "[::1]"}) {
    EXPECT_FALSE(IsLoopbackHost(host)) << host;
  }
}

}  // namespace
}  // namespace urna
