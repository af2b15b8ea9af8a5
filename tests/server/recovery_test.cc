// Starting again: what a board must find as it left it, and when it must refuse to serve.
#include "server/recovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "core/base/file.h"
#include "server/checkpoint_files.h"
#include "tests/server/board_fixture.h"

namespace urna::server {
namespace {

using petition::Act;
using ::testing::HasSubstr;
using testing::kPollOrigin;
using testing::kRollOrigin;
using testing::TestBoard;
using testing::TestPetition;

class RecoveryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(board_.Open(), absl::OkStatus());
    ASSERT_EQ(petition_.SetUp(board_), absl::OkStatus());
    ASSERT_EQ(board_.Act(petition_.Act(0, Act::kSign, 1)).status(), absl::OkStatus());
  }

  std::string PollCheckpoint() const {
    return CheckpointsPath(board_.data()) + "/" + CheckpointFileName(kPollOrigin);
  }
  std::string saved() { return board_.directory().File("saved"); }
  void ExpectRefused(const std::string& sentence) {
    const absl::Status status = board_.Open();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(sentence));
    EXPECT_THAT(std::string(status.message()), HasSubstr("must not go on signing"));
  }

  TestBoard board_;
  TestPetition petition_{board_, 3};
};

TEST_F(RecoveryTest, GoesOnWhereItStopped) {
  const std::string checkpoint = (*board_->Find(kPollOrigin))->checkpoint;
  board_.Stop();
  ASSERT_EQ(board_.Open(), absl::OkStatus());
  const auto view = *board_->Find(kPollOrigin);
  EXPECT_EQ(view->checkpoint, checkpoint);
  EXPECT_EQ(view->signatures, 1u);
  EXPECT_EQ(view->phase, LogPhase::kCollecting);
  EXPECT_EQ((*board_->Find(kRollOrigin))->phase, LogPhase::kSealed);
  // The state is there: who signed cannot sign again.
  EXPECT_FALSE(board_.Act(petition_.MakeAct(0, Act::kSign, 2)).ok());
  const auto receipt = board_.Act(petition_.Act(1, Act::kSign, 1));
  ASSERT_EQ(receipt.status(), absl::OkStatus());
  EXPECT_EQ(receipt->index, 3u);
  ASSERT_EQ(board_.Append(kPollOrigin, petition_.Close()).status(), absl::OkStatus());
  ASSERT_EQ(board_.Open(), absl::OkStatus());
  ASSERT_EQ(board_.Append(kPollOrigin, petition_.Result()).status(), absl::OkStatus());
  ASSERT_EQ(board_.Open(), absl::OkStatus());
  EXPECT_EQ((*board_->Find(kPollOrigin))->phase, LogPhase::kFinal);
}

TEST_F(RecoveryTest, CrashBetweenWriteAndCheckpointLosesNothing) {
  testing::CopyDirectory(CheckpointsPath(board_.data()), saved());
  const Bytes act = petition_.Act(1, Act::kSign, 1);
  ASSERT_EQ(board_.Act(act).status(), absl::OkStatus());
  board_.Stop();
  testing::CopyDirectory(saved(), CheckpointsPath(board_.data()));  // the older checkpoints
  ASSERT_EQ(board_.Open(), absl::OkStatus());
  EXPECT_EQ((*board_->Find(kPollOrigin))->size, 4u);
  EXPECT_EQ(board_.Act(act)->index, 3u);
  // It is published before it is served.
  const auto files = ReadCheckpoints(CheckpointsPath(board_.data()));
  ASSERT_EQ(files.status(), absl::OkStatus());
  EXPECT_EQ(files->at(kPollOrigin), (*board_->Find(kPollOrigin))->checkpoint);
}

TEST_F(RecoveryTest, CrashBeforeTheFirstCheckpointOfALogLosesNothing) {
  TestBoard fresh;
  ASSERT_EQ(fresh.Open(), absl::OkStatus());
  TestPetition petition(fresh, 1);
  ASSERT_EQ(fresh.Create(petition.manifest_entry()).status(), absl::OkStatus());
  fresh.Stop();
  std::filesystem::remove(CheckpointsPath(fresh.data()) + "/" + CheckpointFileName(kPollOrigin));
  ASSERT_EQ(fresh.Open(), absl::OkStatus());
  EXPECT_EQ(fresh.Create(petition.manifest_entry())->index, 0u);
}

TEST_F(RecoveryTest, RefusesALedgerOlderThanThePublishedCheckpoint) {
  board_.Stop();
  testing::CopyDirectory(LedgerPath(board_.data()), saved());
  ASSERT_EQ(board_.Open(), absl::OkStatus());
  ASSERT_EQ(board_.Act(petition_.Act(1, Act::kSign, 1)).status(), absl::OkStatus());
  board_.Stop();
  testing::CopyDirectory(saved(), LedgerPath(board_.data()));
  ExpectRefused("a checkpoint of 4 entries was published, but the ledger has only 3");
}

TEST_F(RecoveryTest, RefusesALedgerWhoseWriteAheadLogIsGone) {
  const std::string ledger = LedgerPath(board_.data());
  testing::CopyDirectory(ledger, saved());  // while it runs: the entries are in the log only
  board_.Stop();
  testing::CopyDirectory(saved(), ledger);
  for (const auto& file : std::filesystem::directory_iterator(saved())) {
    if (file.path().extension() == ".log") {
      std::filesystem::remove(ledger + "/" + file.path().filename().string());
    }
  }
  EXPECT_EQ(board_.Open().code(), absl::StatusCode::kDataLoss);
}

TEST_F(RecoveryTest, RefusesAnotherHistoryOfTheSameLength) {
  board_.Stop();
  testing::CopyDirectory(board_.data(), saved());
  ASSERT_EQ(board_.Open(), absl::OkStatus());
  ASSERT_EQ(board_.Act(petition_.MakeAct(1, Act::kSign, 1)).status(), absl::OkStatus());
  board_.Stop();
  const std::string first = board_.directory().File("first");
  testing::CopyDirectory(CheckpointsPath(board_.data()), first);
  testing::CopyDirectory(saved(), board_.data());
  ASSERT_EQ(board_.Open(), absl::OkStatus());
  ASSERT_EQ(board_.Act(petition_.MakeAct(2, Act::kSign, 1)).status(), absl::OkStatus());
  board_.Stop();
  testing::CopyDirectory(first, CheckpointsPath(board_.data()));
  ExpectRefused("its first 4 entries are not those of the published checkpoint");
}

TEST_F(RecoveryTest, RefusesAMissingCheckpointFile) {
  board_.Stop();
  std::filesystem::remove(PollCheckpoint());
  ExpectRefused("the file of its checkpoint is missing");
}

TEST_F(RecoveryTest, RefusesACheckpointOfALogThatIsNotThere) {
  board_.Stop();
  std::filesystem::remove_all(LedgerPath(board_.data()));
  LedgerOptions create;
  create.mode = LedgerMode::kCreate;
  ASSERT_TRUE(Ledger::Open(LedgerPath(board_.data()), create).ok());
  ExpectRefused("the ledger has no such log");
}

TEST_F(RecoveryTest, RefusesATamperedCheckpointFile) {
  board_.Stop();
  Bytes note = *ReadFile(PollCheckpoint(), 1 << 16);
  std::string text(AsText(note));
  const size_t size = text.find("\n3\n");
  ASSERT_NE(size, std::string::npos);
  text[size + 1] = '2';
  ASSERT_EQ(WriteFileDurably(PollCheckpoint(), AsBytes(text)), absl::OkStatus());
  ExpectRefused("not this board's");
}

TEST_F(RecoveryTest, RefusesAKeyFileThatOthersCanReadOrOfAnotherBoard) {
  board_.Stop();
  const std::string key = LogKeyPath(board_.data());
  ASSERT_EQ(chmod(key.c_str(), 0640), 0);
  EXPECT_EQ(board_.Open().code(), absl::StatusCode::kFailedPrecondition);
  TestBoard other;
  ASSERT_EQ(chmod(key.c_str(), 0600), 0);
  BoardOptions options;
  options.log_key_file = LogKeyPath(other.data());
  EXPECT_EQ(board_.Open(options).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(board_.Open(), absl::OkStatus());
}

TEST_F(RecoveryTest, RefusesADamagedKeyOrTokenAndSaysWhatToDo) {
  board_.Stop();
  for (const std::string& path : {LogKeyPath(board_.data()), TokenPath(board_.data())}) {
    const Bytes whole = *ReadFile(path, 1 << 16);
    for (const std::string& text : {std::string("torn"), std::string(100, 'a')}) {
      ASSERT_EQ(WriteFileDurably(path, AsBytes(text), 0600), absl::OkStatus());
      const absl::Status status = board_.Open();
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
      EXPECT_THAT(std::string(status.message()), HasSubstr(path));
      EXPECT_THAT(std::string(status.message()), HasSubstr("docs/operations.md"));
    }
    ASSERT_EQ(WriteFileDurably(path, whole, 0600), absl::OkStatus());
  }
  EXPECT_EQ(board_.Open(), absl::OkStatus());
}

TEST_F(RecoveryTest, RefusesWithoutTheKeyOrTheTokenAndSaysWhatToDo) {
  board_.Stop();
  std::filesystem::rename(LogKeyPath(board_.data()), saved());
  absl::Status status = board_.Open();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("from the copy that was kept"));
  std::filesystem::rename(saved(), LogKeyPath(board_.data()));
  std::filesystem::remove(TokenPath(board_.data()));
  status = board_.Open();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("make a new one"));
}

TEST_F(RecoveryTest, RefusesAChangedOrDamagedBoardFileAndSaysWhereTheRightOneIs) {
  board_.Stop();
  const std::string file = board_.data() + "/board.json";
  const std::string whole(AsText(*ReadFile(file, 1 << 16)));
  for (const std::string name : {"beard.example", "Board.example", "board.exampl\""}) {
    std::string changed = whole;
    changed.replace(changed.find("board.example"), 13, name);
    ASSERT_EQ(WriteFileDurably(file, AsBytes(changed)), absl::OkStatus());
    const absl::Status status = board_.Open();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("board.json"));
    EXPECT_THAT(std::string(status.message()), HasSubstr("is in each backup"));
  }
  ASSERT_EQ(WriteFileDurably(file, AsBytes(whole)), absl::OkStatus());
  EXPECT_EQ(board_.Open(), absl::OkStatus());
}

TEST_F(RecoveryTest, RefusesWhenTheClockWasSetBackUnlessItIsRight) {
  board_.Stop();
  const int64_t opened = testing::kTestSchedule.opens;
  BoardOptions options;
  board_.clock().Set(opened - options.admission.order_tolerance_seconds);
  EXPECT_EQ(board_.Open(), absl::OkStatus());
  board_.clock().Advance(-1);
  const absl::Status status = board_.Open();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("seems to have been set back"));
  EXPECT_THAT(std::string(status.message()), HasSubstr(kPollOrigin));
  options.clock_is_right = true;
  EXPECT_EQ(board_.Open(options), absl::OkStatus());
}

TEST_F(RecoveryTest, PublishesACheckpointAnewThatMayNotHaveReachedTheDisk) {
  board_.Stop();
  const auto before = std::filesystem::last_write_time(PollCheckpoint());
  const Bytes note = *ReadFile(PollCheckpoint(), 1 << 16);
  std::filesystem::last_write_time(PollCheckpoint(), before - std::chrono::hours(1));
  ASSERT_EQ(board_.Open(), absl::OkStatus());
  EXPECT_GE(std::filesystem::last_write_time(PollCheckpoint()), before);
  EXPECT_EQ(*ReadFile(PollCheckpoint(), 1 << 16), note);
}

TEST(DataDirectoryTest, MakesSecretsThatOnlyTheOwnerCanRead) {
  TestBoard board;
  for (const std::string& path : {LogKeyPath(board.data()), TokenPath(board.data())}) {
    struct stat info {};
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u) << path;
  }
}

TEST(DataDirectoryTest, MakesABoardOnlyOnceAndOnlyWithAProperName) {
  testing::TempDirectory directory;
  crypto::SystemRng rng;
  EXPECT_EQ(InitializeBoard(directory.File("a"), "Board Example", rng).status().code(),
            absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(InitializeBoard(directory.File("a"), "board.example", rng).ok());
  EXPECT_EQ(InitializeBoard(directory.File("a"), "board.example", rng).status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(LoadIdentity(directory.File("b")).status().code(), absl::StatusCode::kNotFound);
}

TEST(CheckpointFilesTest, EveryOriginHasItsOwnFile) {
  EXPECT_EQ(CheckpointFileName("board.example/poll"), "board.example_poll.checkpoint");
  EXPECT_NE(CheckpointFileName("a/b-c"), CheckpointFileName("a/b/c"));
}

TEST(CheckpointFilesTest, CheckpointUnderAnotherNameIsRefused) {
  TestBoard board;
  ASSERT_EQ(board.Open(), absl::OkStatus());
  ASSERT_EQ(board.Create(TestPetition(board, 1).manifest_entry()).status(), absl::OkStatus());
  const std::string folder = CheckpointsPath(board.data());
  std::filesystem::copy_file(folder + "/" + CheckpointFileName(kPollOrigin),
                             folder + "/" + CheckpointFileName(kRollOrigin));
  EXPECT_EQ(ReadCheckpoints(folder).status().code(), absl::StatusCode::kDataLoss);
  std::ofstream(folder + "/board.example_poll.checkpoint.tmp-1234") << "torn";
  std::filesystem::remove(folder + "/" + CheckpointFileName(kRollOrigin));
  EXPECT_EQ(ReadCheckpoints(folder)->size(), 1u);
}

TEST(CheckpointFilesTest, WhatABoardThatWasKilledLeftOfOneIsTakenAway) {
  TestBoard board;
  ASSERT_EQ(board.Open(), absl::OkStatus());
  ASSERT_EQ(board.Create(TestPetition(board, 1).manifest_entry()).status(), absl::OkStatus());
  board.Stop();
  ASSERT_EQ(MakeDirectories(CosignedPath(board.data())), absl::OkStatus());
  const std::string name = "/" + CheckpointFileName(kPollOrigin) + ".tmp-0011aaff";
  for (const std::string& folder : {CheckpointsPath(board.data()), CosignedPath(board.data())}) {
    std::ofstream(folder + name) << "torn";
  }
  ASSERT_EQ(board.Open(), absl::OkStatus());
  EXPECT_FALSE(std::filesystem::exists(CheckpointsPath(board.data()) + name));
  EXPECT_FALSE(std::filesystem::exists(CosignedPath(board.data()) + name));
  EXPECT_EQ(ReadCheckpoints(CheckpointsPath(board.data()))->size(), 1u);
}

}  // namespace
}  // namespace urna::server
