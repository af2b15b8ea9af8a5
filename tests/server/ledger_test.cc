// The database: batches, reading back, and what a crash leaves.
#include "server/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/base/file.h"
#include "core/merkle/proof.h"
#include "tests/server/board_fixture.h"

namespace urna::server {
namespace {

using ::testing::HasSubstr;
using testing::TempDirectory;

Bytes EntryOf(int number) { return ToBytes(AsBytes("entry " + std::to_string(number))); }

class LedgerTest : public ::testing::Test {
 protected:
  std::string path() const { return directory_.File("ledger"); }

  void Create() {
    LedgerOptions options;
    options.mode = LedgerMode::kCreate;
    auto ledger = Ledger::Open(path(), options);
    ASSERT_EQ(ledger.status(), absl::OkStatus());
    ledger_ = *std::move(ledger);
  }
  absl::Status Reopen(const std::string& where, LedgerMode mode = LedgerMode::kOpen) {
    ledger_.reset();
    LedgerOptions options;
    options.mode = mode;
    auto ledger = Ledger::Open(where, options);
    if (ledger.ok()) ledger_ = *std::move(ledger);
    return ledger.status();
  }
  // Appends `count` numbered entries as one batch.
  TreeHead Append(const std::string& origin, int first, int count) {
    LogAppend append{origin, {}};
    for (int i = 0; i < count; ++i) append.entries.push_back(EntryOf(first + i));
    const auto heads = ledger_->AppendBatch({append});
    EXPECT_EQ(heads.status(), absl::OkStatus());
    return heads.ok() ? heads->front() : TreeHead{};
  }
  static merkle::Hash RootOf(int count) {
    std::vector<merkle::Hash> leaves;
    for (int i = 0; i < count; ++i) leaves.push_back(merkle::LeafHash(EntryOf(i)));
    return merkle::RootFromLeaves(leaves);
  }

  TempDirectory directory_;
  std::unique_ptr<Ledger> ledger_;
};

TEST_F(LedgerTest, HeadsAreTheRootsOfWhatWasAppended) {
  Create();
  EXPECT_EQ(Append("b/one", 0, 5), (TreeHead{5, RootOf(5)}));
  EXPECT_EQ(Append("b/one", 5, 1), (TreeHead{6, RootOf(6)}));
  EXPECT_EQ(Append("b/two", 0, 3), (TreeHead{3, RootOf(3)}));
  const auto both = ledger_->AppendBatch({{"b/one", {EntryOf(6)}}, {"b/two", {EntryOf(3)}}});
  ASSERT_EQ(both.status(), absl::OkStatus());
  EXPECT_EQ((*both)[0], (TreeHead{7, RootOf(7)}));
  EXPECT_EQ((*both)[1], (TreeHead{4, RootOf(4)}));
}

TEST_F(LedgerTest, ReopensWithEverything) {
  Create();
  Append("b/one", 0, 300);
  Append("b/two", 0, 2);
  ASSERT_EQ(Reopen(path()), absl::OkStatus());
  ASSERT_EQ(ledger_->Logs().size(), 2u);
  const auto log = ledger_->Find("b/one");
  ASSERT_TRUE(log.has_value());
  EXPECT_EQ(log->head, (TreeHead{300, RootOf(300)}));
  EXPECT_EQ(*ledger_->ReadEntry(log->number, 299), EntryOf(299));
  EXPECT_EQ(ledger_->ReadEntry(log->number, 300).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(*ledger_->FindLeaf(log->number, merkle::LeafHash(EntryOf(123))), 123u);
  EXPECT_EQ(*ledger_->FindLeaf(log->number, merkle::LeafHash(EntryOf(300))), std::nullopt);
  EXPECT_EQ(Append("b/one", 300, 1), (TreeHead{301, RootOf(301)}));
}

TEST_F(LedgerTest, LeafOfOneLogIsNotFoundInAnother) {
  Create();
  Append("b/one", 0, 3);
  Append("b/two", 10, 1);
  EXPECT_EQ(*ledger_->FindLeaf(ledger_->Find("b/two")->number, merkle::LeafHash(EntryOf(0))),
            std::nullopt);
}

TEST_F(LedgerTest, NodesGiveProofsForEverySize) {
  Create();
  Append("b/one", 0, 13);
  const merkle::NodeReader nodes = ledger_->Nodes(ledger_->Find("b/one")->number);
  for (uint64_t size = 1; size <= 13; ++size) {
    for (uint64_t index = 0; index < size; ++index) {
      const auto proof = merkle::InclusionProof(size, index, nodes);
      ASSERT_EQ(proof.status(), absl::OkStatus());
      EXPECT_EQ(merkle::VerifyInclusion(merkle::LeafHash(EntryOf(static_cast<int>(index))), index,
                                        size, *proof, RootOf(static_cast<int>(size))),
                absl::OkStatus());
    }
  }
}

TEST_F(LedgerTest, ReadsRangesAndMissesNothing) {
  Create();
  Append("b/one", 0, 300);
  Append("b/two", 0, 1);
  const LogNumber log = ledger_->Find("b/one")->number;
  std::vector<uint64_t> seen;
  const auto see = [&seen](uint64_t index, ByteSpan entry) {
    EXPECT_TRUE(BytesEqual(entry, EntryOf(static_cast<int>(index))));
    seen.push_back(index);
    return absl::OkStatus();
  };
  EXPECT_EQ(ledger_->ReadEntries(log, 254, 259, see), absl::OkStatus());
  EXPECT_EQ(seen, (std::vector<uint64_t>{254, 255, 256, 257, 258}));
  EXPECT_EQ(ledger_->ReadEntries(log, 298, 301, see).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ledger_->ReadEntries(log, 5, 5, see), absl::OkStatus());
}

TEST_F(LedgerTest, SecondServerIsTurnedAway) {
  Create();
  LedgerOptions options;
  const auto second = Ledger::Open(path(), options);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("in use by another server"));
}

TEST_F(LedgerTest, DiskErrorInAFolderCalledLockIsNotTakenForAnotherServer) {
  const std::string path = directory_.File("clocks and locks");
  std::filesystem::create_directories(path + "/MANIFEST-000001");  // is to be a file
  ASSERT_EQ(WriteFileDurably(path + "/CURRENT", AsBytes("MANIFEST-000001\n")), absl::OkStatus());
  const absl::Status status = Reopen(path);
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), ::testing::Not(HasSubstr("another server")));
}

TEST_F(LedgerTest, DamageThatNothingReadsIsFoundAtTheStart) {
  Create();
  Append("b/one", 0, 300);
  ASSERT_EQ(Reopen(path()), absl::OkStatus());  // writes a table
  ledger_.reset();
  std::string table;
  for (const auto& file : std::filesystem::directory_iterator(path())) {
    if (file.path().extension() == ".sst") table = file.path().string();
  }
  ASSERT_NE(table, "");
  Bytes bytes = *ReadFile(table, 1 << 24);
  // Keys are in order, so leaf hashes, which starting reads none of, lie in the middle.
  bytes[bytes.size() / 2] ^= 1;
  ASSERT_EQ(WriteFileDurably(table, bytes), absl::OkStatus());
  const absl::Status status = Reopen(path());
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("urna-server fsck"));
}

TEST_F(LedgerTest, IsNotMadeWhereThereIsNone) {
  EXPECT_EQ(Reopen(path()).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Reopen(path(), LedgerMode::kReadOnly).code(), absl::StatusCode::kNotFound);
}

TEST_F(LedgerTest, CopyTakenWhileItRunsHasAllThatWasWritten) {
  Create();
  const TreeHead head = Append("b/one", 0, 7);
  const std::string copy = directory_.File("copy");
  testing::CopyDirectory(path(), copy);  // no orderly close: as after a crash
  Append("b/one", 7, 1);
  ASSERT_EQ(Reopen(copy), absl::OkStatus());
  EXPECT_EQ(ledger_->Find("b/one")->head, head);
}

TEST_F(LedgerTest, ReadOnlyOpeningSeesWhatOnlyTheWriteAheadLogHas) {
  Create();
  const TreeHead head = Append("b/one", 0, 7);
  const std::string copy = directory_.File("copy");
  testing::CopyDirectory(path(), copy);
  ASSERT_EQ(Reopen(copy, LedgerMode::kReadOnly), absl::OkStatus());
  EXPECT_EQ(ledger_->Find("b/one")->head, head);
}

// The newest write-ahead log of a ledger.
std::string WriteAheadLog(const std::string& path) {
  std::string newest;
  for (const auto& file : std::filesystem::directory_iterator(path)) {
    if (file.path().extension() == ".log" && file.path().string() > newest) {
      newest = file.path().string();
    }
  }
  return newest;
}

TEST_F(LedgerTest, TornLastWriteIsLeftOutWhole) {
  Create();
  const TreeHead before = Append("b/one", 0, 7);
  const std::string copy = directory_.File("copy");
  testing::CopyDirectory(path(), copy);
  const auto whole = std::filesystem::file_size(WriteAheadLog(copy));
  const TreeHead after = Append("b/one", 7, 5);
  const auto longer = std::filesystem::file_size(WriteAheadLog(path()));
  ASSERT_GT(longer, whole);
  for (const auto size : {whole, whole + 1, (whole + longer) / 2, longer - 1, longer}) {
    testing::CopyDirectory(path(), copy);
    std::filesystem::resize_file(WriteAheadLog(copy), size);
    auto torn = Ledger::Open(copy, {});
    ASSERT_EQ(torn.status(), absl::OkStatus()) << "torn at " << size;
    EXPECT_EQ((*torn)->Find("b/one")->head, size == longer ? after : before);
  }
}

TEST_F(LedgerTest, FlippedBitBeforeTheTailIsNotPassedOver) {
  Create();
  for (int i = 0; i < 20; ++i) Append("b/one", i, 1);
  const std::string copy = directory_.File("copy");
  testing::CopyDirectory(path(), copy);
  const std::string log = WriteAheadLog(copy);
  const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(log) / 2);
  std::fstream file(log, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(middle);
  const char byte = static_cast<char>(file.get());
  file.seekp(middle);
  file.put(static_cast<char>(byte ^ 0x10));
  file.close();
  const absl::Status status = Reopen(copy);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("Do not repair it with other tools"));
}

TEST_F(LedgerTest, FailedWriteIsToldAndChangesNoHead) {
  LedgerOptions options;
  options.mode = LedgerMode::kCreate;
  bool fail = false;
  options.before_write = [&fail] {
    return fail ? absl::InternalError("the disk is gone") : absl::OkStatus();
  };
  ledger_ = *Ledger::Open(path(), options);
  const TreeHead head = Append("b/one", 0, 2);
  fail = true;
  EXPECT_FALSE(ledger_->AppendBatch({{"b/one", {EntryOf(2)}}}).ok());
  EXPECT_EQ(ledger_->Find("b/one")->head, head);
}

}  // namespace
}  // namespace urna::server
