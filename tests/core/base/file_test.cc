#include "core/base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

namespace urna {
namespace {

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/urna-file-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ + "/" + name; }

  size_t FilesThere() const {
    return std::distance(std::filesystem::directory_iterator(directory_), {});
  }

  std::string directory_;
};

TEST_F(FileTest, ReadsBackWhatItWrote) {
  for (size_t size : {0, 1, 4096, 70000}) {
    const Bytes bytes(size, 0x5a);
    ASSERT_TRUE(WriteFileDurably(Path("a"), bytes).ok());
    EXPECT_EQ(ReadFile(Path("a"), size).value(), bytes);
    if (size > 0) {
      EXPECT_EQ(ReadFile(Path("a"), size - 1).status().code(),
                absl::StatusCode::kResourceExhausted);
    }
  }
  EXPECT_EQ(FilesThere(), 1u);
}

TEST_F(FileTest, ReadsFilesWithoutAStatedSize) {
  EXPECT_FALSE(ReadFile("/proc/self/status", 1 << 20)->empty());
  EXPECT_EQ(ReadFile("/dev/zero", 1000).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(FileTest, MissingFileIsNotFound) {
  EXPECT_EQ(ReadFile(Path("none"), 10).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(WriteFileDurably(Path("none/a"), Bytes{1}).code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(ReadFile(directory_, 10).ok());
}

TEST_F(FileTest, NewFileIsNeverOverwritten) {
  ASSERT_TRUE(WriteNewFileDurably(Path("key"), Bytes{1}, 0600).ok());
  EXPECT_EQ(WriteNewFileDurably(Path("key"), Bytes{2}, 0600).code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReadFile(Path("key"), 10).value(), Bytes{1});
  EXPECT_EQ(FilesThere(), 1u);
  struct stat info;
  ASSERT_EQ(stat(Path("key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
}

TEST_F(FileTest, FailedReplaceLeavesNothingBehind) {
  ASSERT_TRUE(MakeDirectories(Path("taken/inside")).ok());
  EXPECT_FALSE(WriteFileDurably(Path("taken"), Bytes{1}).ok());
  EXPECT_EQ(FilesThere(), 1u);
}

TEST_F(FileTest, RemovesWhatWasLeftOfFilesHalfWritten) {
  for (const std::string name : {"a.tmp-00000000", "b.tmp-89abcdef", "b", "c.tmp-123",
                                 "d.tmp-0123456g", "e.tmp-123456789"}) {
    ASSERT_TRUE(WriteFileDurably(Path(name), Bytes{1}).ok());
  }
  ASSERT_TRUE(MakeDirectories(Path("f.tmp-00000000")).ok());
  EXPECT_EQ(RemoveTemporaries(directory_).value(), 2u);
  EXPECT_EQ(FilesThere(), 5u);
  EXPECT_EQ(ReadFile(Path("b"), 1).value(), Bytes{1});
  EXPECT_EQ(RemoveTemporaries(directory_).value(), 0u);
  EXPECT_EQ(RemoveTemporaries(Path("none")).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(FileTest, MakesAllDirectoriesAndIsIdempotent) {
  ASSERT_TRUE(MakeDirectories(Path("x/y/z/")).ok());
  EXPECT_TRUE(MakeDirectories(Path("x/y/z")).ok());
  EXPECT_TRUE(std::filesystem::is_directory(Path("x/y/z")));
  ASSERT_TRUE(WriteFileDurably(Path("x/file"), Bytes{1}).ok());
  EXPECT_FALSE(MakeDirectories(Path("x/file/deeper")).ok());
  EXPECT_FALSE(MakeDirectories(Path("x/file")).ok());
  EXPECT_FALSE(MakeDirectories("").ok());
}

}  // namespace
}  // namespace urna
