// urna-server backup and restore: copies taken while the board writes, and boards made of copies
// and of what mirrors have, never with less in them than was published.
#include "server/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "core/base/file.h"
#include "core/record/directory.h"
#include "server/checkpoint_files.h"
#include "server/export.h"
#include "server/fsck.h"
#include "server/restore.h"
#include "tests/server/board_fixture.h"

namespace urna::server {
namespace {

using petition::Act;
using ::testing::HasSubstr;
using testing::kPollOrigin;
using ::testing::SizeIs;
using testing::TestBoard;
using testing::TestPetition;

class BackupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(board_.Open(), absl::OkStatus());
    ASSERT_EQ(petition_.SetUp(board_), absl::OkStatus());
    ASSERT_EQ(Sign(0, 1).status(), absl::OkStatus());
  }

  absl::StatusOr<Receipt> Sign(size_t member, uint64_t sequence) {
    const auto act = sequence % 2 == 1 ? Act::kSign : Act::kWithdraw;
    return board_.Act(petition_.Act(member, act, sequence));
  }
  std::string File(const std::string& name) { return board_.directory().File(name); }
  static FsckReport Checked(const std::string& data) {
    FsckOptions options;
    options.data = data;
    return Fsck(options).value();
  }
  static uint64_t SizeOfPoll(const std::vector<LogInfo>& logs) {
    for (const LogInfo& log : logs) {
      if (log.origin == kPollOrigin) return log.head.size;
    }
    return 0;
  }
  absl::StatusOr<RestoreReport> Restored(const std::string& from, const std::string& data,
                                         std::vector<std::string> records = {}) {
    RestoreOptions options;
    options.backup = from.empty() ? "" : File(from);
    options.data = data;
    options.records = std::move(records);
    return Restore(options);
  }
  std::string Record(const std::string& name) {
    EXPECT_EQ(ExportRecord(board_.data(), kPollOrigin, File(name)).status(), absl::OkStatus());
    return File(name);
  }

  TestBoard board_;
  TestPetition petition_{board_, 3};
};

TEST_F(BackupTest, OfAServingBoardIsWhole) {
  const auto logs = Backup(board_.data(), File("backup"));
  ASSERT_EQ(logs.status(), absl::OkStatus());
  EXPECT_EQ(SizeOfPoll(*logs), 3u);
  const FsckReport report = Checked(File("backup"));
  EXPECT_TRUE(report.Whole());
  EXPECT_TRUE(report.rules_checked);
  EXPECT_EQ(report.logs[1].published, 3u);
  EXPECT_FALSE(std::filesystem::exists(LogKeyPath(File("backup"))));
  EXPECT_FALSE(std::filesystem::exists(TokenPath(File("backup"))));
}

TEST_F(BackupTest, GoesNowhereWhereSomethingIs) {
  ASSERT_TRUE(Backup(board_.data(), File("backup")).ok());
  EXPECT_EQ(Backup(board_.data(), File("backup")).status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Backup(File("none"), File("other")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(File("other")));
}

TEST_F(BackupTest, TakenWhileTheBoardWritesHasAllThatWasAcceptedBefore) {
  std::atomic<uint64_t> accepted{3};
  std::atomic<bool> ending{false};
  std::thread writer([&] {
    for (uint64_t i = 0; !ending; ++i) {
      const auto receipt = Sign(1 + i % 2, i / 2 + 1);
      ASSERT_EQ(receipt.status(), absl::OkStatus());
      accepted = receipt->index + 1;
    }
  });
  for (int i = 0; i < 5; ++i) {
    const uint64_t before = accepted;
    const auto logs = Backup(board_.data(), File("backup-" + std::to_string(i)));
    EXPECT_EQ(logs.status(), absl::OkStatus());
    EXPECT_GE(logs.ok() ? SizeOfPoll(*logs) : 0, before);
  }
  ending = true;
  writer.join();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Checked(File("backup-" + std::to_string(i))).Whole());
}

TEST_F(BackupTest, OfALedgerWithoutItsPublishedEntriesFails) {
  ASSERT_TRUE(Backup(board_.data(), File("backup")).ok());
  ASSERT_EQ(Sign(1, 1).status(), absl::OkStatus());
  board_.Stop();
  testing::CopyDirectory(LedgerPath(File("backup")), LedgerPath(board_.data()));
  const absl::Status status = Backup(board_.data(), File("bad")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("do not contain the published checkpoint"));
  EXPECT_FALSE(std::filesystem::exists(File("bad")));
}

TEST_F(BackupTest, RestoredToAnEmptyPlaceItServesWithItsKey) {
  ASSERT_TRUE(Backup(board_.data(), File("backup")).ok());
  const std::string checkpoint = (*board_->Find(kPollOrigin))->checkpoint;
  board_.Stop();
  const auto report = Restored("backup", File("new"));
  ASSERT_EQ(report.status(), absl::OkStatus());
  EXPECT_TRUE(report->key_missing);
  EXPECT_TRUE(report->new_token);
  EXPECT_EQ(report->kept, "");
  EXPECT_THAT(report->logs, SizeIs(2));
  std::filesystem::copy_file(LogKeyPath(board_.data()), LogKeyPath(File("new")));
  BoardOptions options;
  options.data = File("new");
  const auto board = Board::Open(options, board_.clock());
  ASSERT_EQ(board.status(), absl::OkStatus());
  EXPECT_EQ((*(*board)->Find(kPollOrigin))->checkpoint, checkpoint);
}

TEST_F(BackupTest, OlderThanWhatIsPublishedIsRefusedUnlessARecordHasTheRest) {
  ASSERT_TRUE(Backup(board_.data(), File("backup")).ok());
  const auto receipt = Sign(1, 1);
  const std::string record = Record("record");
  EXPECT_EQ(Restored("backup", board_.data()).status().code(),
            absl::StatusCode::kFailedPrecondition);  // it serves
  board_.Stop();
  const auto refused = Restored("backup", board_.data());
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("but here are only 3"));
  EXPECT_TRUE(Checked(board_.data()).Whole());  // it is as it was

  std::filesystem::remove_all(LedgerPath(board_.data()));
  const auto report = Restored("backup", board_.data(), {record});
  ASSERT_EQ(report.status(), absl::OkStatus());
  EXPECT_EQ(SizeOfPoll(report->logs), 4u);
  EXPECT_FALSE(report->key_missing);
  ASSERT_EQ(board_.Open(), absl::OkStatus());
  const auto proof = board_->ProveInclusion(**board_->Find(kPollOrigin), receipt->leaf_hash, 0);
  EXPECT_EQ(proof->receipt->proof, receipt->proof);
}

TEST_F(BackupTest, RecordsAloneAreEnoughWhereTheBoardIsKnown) {
  const std::string record = Record("record");
  board_.Stop();
  EXPECT_EQ(Restored("", File("new"), {record}).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Restored("", board_.data()).status().code(), absl::StatusCode::kInvalidArgument);
  std::filesystem::remove_all(LedgerPath(board_.data()));
  const auto report = Restored("", board_.data(), {record});
  ASSERT_EQ(report.status(), absl::OkStatus());
  EXPECT_THAT(report->logs, SizeIs(2));  // the roll came with the poll
  EXPECT_EQ(board_.Open(), absl::OkStatus());
}

TEST_F(BackupTest, KeepsTheLedgerThatWasThere) {
  ASSERT_TRUE(Backup(board_.data(), File("backup")).ok());
  board_.Stop();
  const auto report = Restored("backup", board_.data());
  ASSERT_EQ(report.status(), absl::OkStatus());
  EXPECT_EQ(report->kept, LedgerPath(board_.data()) + ".before-restore-1");
  EXPECT_TRUE(std::filesystem::exists(report->kept + "/CURRENT"));
  EXPECT_TRUE(Checked(board_.data()).Whole());
}

TEST_F(BackupTest, TwoHistoriesAreNotPutTogether) {
  ASSERT_TRUE(Backup(board_.data(), File("backup")).ok());
  board_.Stop();
  testing::CopyDirectory(board_.data(), File("saved"));
  ASSERT_EQ(board_.Open(), absl::OkStatus());
  ASSERT_TRUE(board_.Act(petition_.MakeAct(1, Act::kSign, 1)).ok());
  ASSERT_TRUE(board_.Act(petition_.MakeAct(2, Act::kSign, 1)).ok());
  const std::string record = Record("record");
  board_.Stop();
  testing::CopyDirectory(File("saved"), board_.data());
  ASSERT_EQ(board_.Open(), absl::OkStatus());
  ASSERT_TRUE(board_.Act(petition_.MakeAct(2, Act::kSign, 1)).ok());
  board_.Stop();
  const auto report = Restored("backup", board_.data(), {record});
  EXPECT_EQ(report.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(report.status().message()), HasSubstr("Two histories were signed"));
  EXPECT_EQ(board_.Open(), absl::OkStatus());  // it is as it was
}

TEST_F(BackupTest, OfAnotherBoardIsRefused) {
  ASSERT_TRUE(Backup(board_.data(), File("backup")).ok());
  TestBoard other;
  EXPECT_EQ(Restored("backup", other.data()).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(BackupTest, DamagedRecordIsRefused) {
  const std::string record = Record("record");
  board_.Stop();
  std::filesystem::remove_all(LedgerPath(board_.data()));
  const std::string bundle = record::PollDirectory(record) + "/tile/entries/000.p/3";
  Bytes bytes = *ReadFile(bundle, 1 << 20);
  bytes.back() ^= 1;
  ASSERT_EQ(WriteFileDurably(bundle, bytes), absl::OkStatus());
  const auto report = Restored("", board_.data(), {record});
  EXPECT_EQ(report.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(report.status().message()), HasSubstr("are not those of the checkpoint"));
}

}  // namespace
}  // namespace urna::server
