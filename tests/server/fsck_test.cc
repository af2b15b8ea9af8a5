// urna-server fsck: every row that follows from the entries is compared and can be made anew; what
// is lost is said, and never papered over.
#include "server/fsck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "server/checkpoint_files.h"
#include "server/ledger_format.h"
#include "tests/server/board_fixture.h"
#include "tests/server/program.h"

namespace urna::server {
namespace {

using petition::Act;
using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kPollOrigin;
using testing::kRollOrigin;
using ::testing::Not;
using testing::Program;
using ::testing::SizeIs;
using testing::TestBoard;
using testing::TestPetition;

using RawDatabase = std::unique_ptr<rocksdb::DB>;

class FsckTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(board_.Open(), absl::OkStatus());
    ASSERT_EQ(petition_.SetUp(board_), absl::OkStatus());
    receipt_ = board_.Act(petition_.Act(0, Act::kSign, 1)).value();
    roll_ = board_->ledger().Find(kRollOrigin)->number;
    poll_ = board_->ledger().Find(kPollOrigin)->number;
    board_.Stop();
  }

  // Changes rows behind the board's back.
  template <typename Change>
  void Damage(const Change& change) {
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(rocksdb::Options(), LedgerPath(board_.data()), &raw).ok());
    const RawDatabase database(raw);
    change(*database);
  }
  static void Delete(rocksdb::DB& database, const Bytes& key) {
    ASSERT_TRUE(database.Delete(rocksdb::WriteOptions(), ToSlice(key)).ok());
  }
  static void Put(rocksdb::DB& database, const Bytes& key, const Bytes& value) {
    ASSERT_TRUE(database.Put(rocksdb::WriteOptions(), ToSlice(key), ToSlice(value)).ok());
  }

  absl::StatusOr<FsckReport> Check(bool repair = false) {
    FsckOptions options;
    options.data = board_.data();
    options.repair = repair;
    return Fsck(options);
  }
  // What it finds is the one cure's, and --repair leaves all as it is.
  void ExpectNotRepaired(Cure cure, const std::string& sentence) {
    const auto before = Check();
    ASSERT_EQ(before.status(), absl::OkStatus());
    ASSERT_THAT(before->findings, Not(IsEmpty()));
    EXPECT_THAT(before->findings, ::testing::Contains(::testing::AllOf(
                                      Field(&FsckFinding::cure, cure),
                                      Field(&FsckFinding::sentence, HasSubstr(sentence)))));
    const auto after = Check(true);
    ASSERT_EQ(after.status(), absl::OkStatus());
    EXPECT_THAT(after->findings, SizeIs(before->findings.size()));
    EXPECT_THAT(after->repaired, IsEmpty());
    EXPECT_FALSE(board_.Open().ok());
  }

  std::string PollCheckpoint() const {
    return CheckpointsPath(board_.data()) + "/" + CheckpointFileName(kPollOrigin);
  }

  TestBoard board_;
  TestPetition petition_{board_, 3};
  Receipt receipt_;
  LogNumber roll_ = 0;
  LogNumber poll_ = 0;
};

TEST_F(FsckTest, AWholeBoardIsWhole) {
  const auto report = Check();
  ASSERT_EQ(report.status(), absl::OkStatus());
  EXPECT_TRUE(report->Whole());
  EXPECT_TRUE(report->key_seen);
  EXPECT_TRUE(report->rules_checked);
  ASSERT_THAT(report->logs, SizeIs(2));
  EXPECT_EQ(report->logs[1].info.origin, kPollOrigin);
  EXPECT_EQ(report->logs[1].info.head.size, 3u);
  EXPECT_EQ(report->logs[1].published, 3u);
  // 5 + 3 entries, as many leaf hashes, 5 + 2 + 1 and 3 + 1 nodes, names, heads, the format.
  EXPECT_EQ(report->rows, 8u + 8u + 12u + 2u + 2u + 1u);
  EXPECT_EQ(board_.Open(), absl::OkStatus());
}

TEST_F(FsckTest, EveryDerivedRowIsFoundWrongAndMadeAnew) {
  const merkle::Hash leaf = receipt_.leaf_hash;
  const Bytes wrong(32, 7);
  const std::vector<std::pair<std::string, std::function<void(rocksdb::DB&)>>> damages = {
      {"tree head: it is missing", [&](auto& db) { Delete(db, HeadKey(poll_)); }},
      {"tree head: it is not", [&](auto& db) { Put(db, HeadKey(poll_), Bytes(40, 0)); }},
      {"tree head: it is not", [&](auto& db) { Put(db, HeadKey(poll_), Bytes(3, 0)); }},
      {"node 0/2 is missing", [&](auto& db) { Delete(db, NodeKey(poll_, 0, 2)); }},
      {"node 1/0 is not", [&](auto& db) { Put(db, NodeKey(poll_, 1, 0), wrong); }},
      {"5 rows, 4 belong", [&](auto& db) { Put(db, NodeKey(poll_, 1, 1), wrong); }},
      {"that of entry 2 is missing", [&](auto& db) { Delete(db, LeafKey(poll_, leaf)); }},
      {"that of entry 2 is not", [&](auto& db) { Put(db, LeafKey(poll_, leaf), Bytes(8, 0)); }},
      {"4 rows, 3 belong", [&](auto& db) { Put(db, LeafKey(poll_, {}), Bytes(8, 0)); }},
      {"its name is missing", [&](auto& db) { Delete(db, NameKey(roll_)); }},
      {"its name is stored as",
       [&](auto& db) {
         Put(db, NameKey(poll_), Bytes{'x', '/', 'y'});
       }},
      {"the ledger's format", [&](auto& db) { Delete(db, Bytes{'F'}); }},
      {"a kind that nothing writes", [&](auto& db) { Put(db, Bytes{'Q'}, wrong); }}};
  int repairs = 0;
  for (const auto& [sentence, damage] : damages) {
    SCOPED_TRACE(sentence);
    Damage(damage);
    const auto found = Check();
    ASSERT_EQ(found.status(), absl::OkStatus());
    ASSERT_THAT(found->findings, Not(IsEmpty()));
    EXPECT_THAT(found->findings, Each(Field(&FsckFinding::cure, Cure::kRepair)));
    EXPECT_THAT(found->findings[0].sentence, HasSubstr(sentence));
    const auto repaired = Check(true);
    ASSERT_EQ(repaired.status(), absl::OkStatus());
    EXPECT_TRUE(repaired->Whole());
    EXPECT_TRUE(repaired->rules_checked);
    EXPECT_THAT(repaired->repaired, SizeIs(found->findings.size()));
    EXPECT_EQ(repaired->kept, LedgerPath(board_.data()) + ".damaged-" + std::to_string(++repairs));
    EXPECT_TRUE(std::filesystem::exists(repaired->kept + "/CURRENT"));
    ASSERT_TRUE(Check()->Whole());
    ASSERT_EQ(board_.Open(), absl::OkStatus());
    const auto proof = board_->ProveInclusion(**board_->Find(kPollOrigin), leaf, 0);
    ASSERT_EQ(proof.status(), absl::OkStatus());
    EXPECT_EQ(proof->receipt->proof, receipt_.proof);
    board_.Stop();
  }
}

TEST_F(FsckTest, AMissingEntryIsNeverRepaired) {
  Damage([&](rocksdb::DB& database) { Delete(database, EntryKey(poll_, 1)); });
  ExpectNotRepaired(Cure::kRestore, "entry 1 is missing, but there are 1 after it");
}

TEST_F(FsckTest, AMissingLastEntryIsNeverRepaired) {
  Damage([&](rocksdb::DB& database) { Delete(database, EntryKey(poll_, 2)); });
  ExpectNotRepaired(Cure::kRestore, "its tree head says 3 entries, but only 2 are there");
}

TEST_F(FsckTest, AChangedEntryIsNeverRepaired) {
  const Bytes other = petition_.MakeAct(1, Act::kSign, 1);
  Damage([&](rocksdb::DB& database) { Put(database, EntryKey(poll_, 2), other); });
  ExpectNotRepaired(Cure::kRestore,
                    "its first 3 entries are not those of the published checkpoint");
}

TEST_F(FsckTest, ALogThatIsGoneIsNeverRepaired) {
  Damage([&](rocksdb::DB& database) {
    ASSERT_TRUE(
        database.DeleteRange(rocksdb::WriteOptions(), database.DefaultColumnFamily(), "A", "Z")
            .ok());
  });
  ExpectNotRepaired(Cure::kRestore, "the ledger has no such log");
}

TEST_F(FsckTest, AnEntryThatBreaksTheRulesIsFound) {
  // The member signs again without having withdrawn, and nothing asked the rules.
  const Bytes twice = petition_.MakeAct(0, Act::kSign, 2);
  {
    const auto ledger = Ledger::Open(LedgerPath(board_.data()), {});
    ASSERT_EQ(ledger.status(), absl::OkStatus());
    ASSERT_TRUE((*ledger)->AppendBatch({{kPollOrigin, {twice}}}).ok());
  }
  const auto report = Check(true);
  ASSERT_EQ(report.status(), absl::OkStatus());
  ASSERT_THAT(report->findings, SizeIs(1));
  EXPECT_EQ(report->findings[0].cure, Cure::kRestore);
  EXPECT_THAT(report->findings[0].sentence, HasSubstr("entry 3 is not what can have been logged"));
}

TEST_F(FsckTest, WithoutItsCheckpointALogIsNotRepaired) {
  std::filesystem::remove(PollCheckpoint());
  Damage([&](rocksdb::DB& database) { Delete(database, NodeKey(poll_, 0, 0)); });
  ExpectNotRepaired(Cure::kByHand, "is missing");
}

TEST_F(FsckTest, ATornCheckpointFileIsTold) {
  ASSERT_EQ(WriteFileDurably(PollCheckpoint(), {}), absl::OkStatus());
  ExpectNotRepaired(Cure::kByHand, "is not the checkpoint that its name says");
}

TEST_F(FsckTest, AnotherBoardsKeyIsTold) {
  TestBoard other;
  std::filesystem::copy_file(LogKeyPath(other.data()), LogKeyPath(board_.data()),
                             std::filesystem::copy_options::overwrite_existing);
  ExpectNotRepaired(Cure::kByHand, "is not the key of board");
}

TEST_F(FsckTest, DirectoryWithoutKeyIsAllRight) {
  std::filesystem::remove(LogKeyPath(board_.data()));
  const auto report = Check();
  ASSERT_EQ(report.status(), absl::OkStatus());
  EXPECT_TRUE(report->Whole());
  EXPECT_FALSE(report->key_seen);
}

TEST_F(FsckTest, TheProgramSaysSoByItsExitStatus) {
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "fsck");
    return Program(URNA_SERVER_PROGRAM, board_.directory().path(), std::move(arguments));
  };
  EXPECT_EQ(run({}).Wait(), 3);
  EXPECT_EQ(run({"--data", board_.data()}).Wait(), 0);
  {
    const auto serving = Ledger::Open(LedgerPath(board_.data()), {});
    Program busy = run({"--data", board_.data()});
    EXPECT_EQ(busy.Wait(), 2);
    EXPECT_THAT(busy.Errors(), HasSubstr("in use by another server"));
  }
  Damage([&](rocksdb::DB& database) { Delete(database, NodeKey(poll_, 0, 0)); });
  Program wrong = run({"--data", board_.data()});
  EXPECT_EQ(wrong.Wait(), 1);
  EXPECT_THAT(wrong.Output(), HasSubstr("node 0/0 is missing"));
  EXPECT_THAT(wrong.Output(), HasSubstr("fsck --repair"));
  Program repaired = run({"--data", board_.data(), "--repair", "--json"});
  EXPECT_EQ(repaired.Wait(), 0);
  const auto json = nlohmann::json::parse(repaired.Output());
  EXPECT_EQ(json["whole"], true);
  EXPECT_EQ(json["repaired"].size(), 1u);
  EXPECT_EQ(json["repaired"][0]["cure"], "repair");
}

}  // namespace
}  // namespace urna::server
