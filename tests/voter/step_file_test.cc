#include "voter/step_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/base/file.h"
#include "tests/voter/fake_board.h"

namespace urna::voter {
namespace {

using ::testing::HasSubstr;

constexpr size_t kMost = 1 << 16;

class StepFileTest : public ::testing::Test {
 protected:
  StepFileTest() : path_(scratch_.path() + "/file") {
    EXPECT_TRUE(StepFile::Create(path_, AsBytes("old secrets")).ok());
  }
  StepFile Open() {
    auto file = StepFile::Open(path_, kMost);
    EXPECT_TRUE(file.ok()) << file.status();
    return *std::move(file);
  }
  std::string Text() { return std::string(AsText(ReadFile(path_, kMost).value())); }
  // What another opening finds, and that nothing is left to be done.
  void ExpectNew() {
    EXPECT_EQ(AsText(Open().contents()), "new");
    EXPECT_EQ(Text(), "new");
    EXPECT_FALSE(std::filesystem::exists(path_ + ".next"));
  }

  ScratchDirectory scratch_;
  std::string path_;
};

TEST_F(StepFileTest, IsForItsOwnerAloneAndNeverOverwritten) {
  struct stat info;
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_TRUE(absl::IsAlreadyExists(StepFile::Create(path_, AsBytes("other"))));
  EXPECT_EQ(AsText(Open().contents()), "old secrets");
  ASSERT_TRUE(Open().Replace(AsBytes("new")).ok());
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ExpectNew();
}

TEST_F(StepFileTest, StoppedAfterAnyStepItGoesOnAndNeverBack) {
  ASSERT_TRUE(Open().WriteNext(AsBytes("new")).ok());
  EXPECT_EQ(Text(), "old secrets");
  ExpectNew();
}

TEST_F(StepFileTest, StoppedAfterTheOldContentsAreGone) {
  {
    StepFile file = Open();
    ASSERT_TRUE(file.WriteNext(AsBytes("new")).ok());
    ASSERT_TRUE(file.WipeOld().ok());
  }
  EXPECT_EQ(Text(), std::string(11, '\0')) << "overwritten where they stood";
  ExpectNew();
}

TEST_F(StepFileTest, NothingElseTakesThePlaceOfWhatWasDecided) {
  StepFile file = Open();
  ASSERT_TRUE(file.WriteNext(AsBytes("new")).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(file.WriteNext(AsBytes("other"))));
  EXPECT_TRUE(absl::IsAlreadyExists(StepFile::Create(path_, AsBytes("other"))));
}

TEST_F(StepFileTest, OneProcessHoldsIt) {
  {
    const StepFile held = Open();
    const auto other = StepFile::Open(path_, kMost);
    EXPECT_TRUE(absl::IsFailedPrecondition(other.status())) << other.status();
    EXPECT_THAT(other.status().message(), HasSubstr("used by another program"));
  }
  EXPECT_TRUE(StepFile::Open(path_, kMost).ok());
}

TEST_F(StepFileTest, SaysThatThereIsNoneAndThatItIsTooLong) {
  EXPECT_TRUE(absl::IsNotFound(StepFile::Open(path_ + "x", kMost).status()));
  EXPECT_TRUE(absl::IsResourceExhausted(StepFile::Open(path_, 5).status()));
}

}  // namespace
}  // namespace urna::voter
