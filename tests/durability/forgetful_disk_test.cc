#include "tests/durability/forgetful_disk.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "core/base/file.h"
#include "tests/server/board_fixture.h"

namespace urna::testing {
namespace {

using ::testing::Pair;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

class ForgetfulDiskTest : public ::testing::Test {
 protected:
  ForgetfulDiskTest() { EXPECT_EQ(MakeDirectories(directory_.File("disk/d")), absl::OkStatus()); }
  std::string File(const std::string& name) const { return directory_.File("disk/d/" + name); }
  std::string Left(const ForgetfulDisk& disk, const std::string& name, Remains remains) {
    disk.Leave(directory_.File("left"), remains, random_);
    const auto bytes = ReadFile(directory_.File("left/d/" + name), 1 << 20);
    return bytes.ok() ? std::string(AsText(*bytes)) : "(none)";
  }

  TempDirectory directory_;
  std::mt19937_64 random_{1};
};

TEST_F(ForgetfulDiskTest, KeepsWhatWasSyncedAndNothingElse) {
  const ForgetfulDisk disk(directory_.File("disk"));
  ASSERT_EQ(WriteFileDurably(File("a"), AsBytes("first")), absl::OkStatus());
  EXPECT_EQ(Left(disk, "a", Remains::kNothing), "first");
  EXPECT_THAT(disk.Steps(), UnorderedElementsAre(Pair("write d/*.tmp", 1), Pair("sync d/*.tmp", 1),
                                                 Pair("rename d/a", 1), Pair("sync d/", 1)));
  std::ofstream(File("a"), std::ios::app) << ", second";
  EXPECT_EQ(Left(disk, "a", Remains::kNothing), "first");
  EXPECT_THAT(Left(disk, "a", Remains::kTorn), StartsWith("first"));
}

TEST_F(ForgetfulDiskTest, ForgetsFileAndNameEachWithoutItsSync) {
  ForgetfulDisk disk(directory_.File("disk"));
  disk.FaultAt({"sync d/", 0}, Fault::kLeftOut);
  ASSERT_EQ(WriteFileDurably(File("a"), AsBytes("first")), absl::OkStatus());
  EXPECT_EQ(disk.Faulted(), 1u);
  EXPECT_EQ(Left(disk, "a", Remains::kNothing), "(none)");
  EXPECT_EQ(Left(disk, "a", Remains::kNames), "first");
  disk.FaultAt({"sync d/*.tmp", 1}, Fault::kLeftOut);
  ASSERT_EQ(WriteFileDurably(File("a"), AsBytes("second")), absl::OkStatus());
  EXPECT_EQ(disk.Faulted(), 2u);
  EXPECT_EQ(Left(disk, "a", Remains::kNothing), "");
}

TEST_F(ForgetfulDiskTest, LeavesOutAWriteOrARename) {
  ForgetfulDisk disk(directory_.File("disk"));
  ASSERT_EQ(WriteFileDurably(File("a"), AsBytes("first")), absl::OkStatus());
  disk.FaultAt({"rename d/a", 1}, Fault::kLeftOut);
  ASSERT_EQ(WriteFileDurably(File("a"), AsBytes("second")), absl::OkStatus());
  EXPECT_EQ(Left(disk, "a", Remains::kNames), "first");
  disk.FaultAt({"write d/*.tmp", 2}, Fault::kLeftOut);
  ASSERT_EQ(WriteFileDurably(File("a"), AsBytes("third")), absl::OkStatus());
  EXPECT_EQ(Left(disk, "a", Remains::kNothing), "");
}

TEST_F(ForgetfulDiskTest, FailsAStepAndGoesOn) {
  ForgetfulDisk disk(directory_.File("disk"));
  for (const std::string kind : {"write d/*.tmp", "sync d/*.tmp", "rename d/a", "sync d/"}) {
    disk.FaultAt({kind, disk.Steps()[kind]}, Fault::kFails);
    const absl::Status status = WriteFileDurably(File("a"), AsBytes(kind));
    EXPECT_FALSE(status.ok()) << kind;
    ASSERT_EQ(WriteFileDurably(File("a"), AsBytes("well")), absl::OkStatus());
    EXPECT_EQ(Left(disk, "a", Remains::kNothing), "well");
  }
}

TEST_F(ForgetfulDiskTest, WhatAFailedSyncWasForStaysLost) {
  ForgetfulDisk disk(directory_.File("disk"));
  ASSERT_EQ(WriteFileDurably(File("a"), AsBytes("first")), absl::OkStatus());
  disk.FaultAt({"sync d/a", 0}, Fault::kFails);
  const int fd = ::open(File("a").c_str(), O_WRONLY | O_APPEND);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(::write(fd, ", lost", 6), 6);
  EXPECT_EQ(::fsync(fd), -1);
  ASSERT_EQ(::write(fd, ", kept", 6), 6);
  EXPECT_EQ(::fsync(fd), 0);
  ::close(fd);
  EXPECT_EQ(Left(disk, "a", Remains::kNames), "first" + std::string(6, '\0') + ", kept");
}

TEST_F(ForgetfulDiskTest, StandsOverTheCopyAfterAMove) {
  ForgetfulDisk disk(directory_.File("disk"));
  ASSERT_EQ(WriteFileDurably(File("a"), AsBytes("first")), absl::OkStatus());
  std::ofstream(File("a"), std::ios::app) << ", second";
  const std::string copy = directory_.File("copy");
  disk.MoveTo(copy);
  EXPECT_EQ(AsText(*ReadFile(copy + "/d/a", 100)), "first, second");
  EXPECT_EQ(Left(disk, "a", Remains::kNothing), "first");
  ASSERT_EQ(WriteFileDurably(copy + "/d/b", AsBytes("third")), absl::OkStatus());
  EXPECT_EQ(Left(disk, "b", Remains::kNothing), "third");
}

}  // namespace
}  // namespace urna::testing
