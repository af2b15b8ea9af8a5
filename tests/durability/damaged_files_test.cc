// Bytes on the disk that are changed, cut off or gone: the board then serves a tree with every
// receipt in it, or it says why it does not start.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "server/data_directory.h"
#include "tests/durability/commit_path.h"
#include "tests/durability/forgetful_disk.h"

namespace urna::testing {
namespace {

using ::testing::HasSubstr;

constexpr size_t kActs = 24;
constexpr size_t kSamples = 12;  // changes of each kind to each file

class DamagedFilesTest : public ::testing::Test {
 protected:
  // A board that ended without closing: tables, and a write-ahead log with the last acts.
  static void SetUpTestSuite() {
    prepared_ = new Prepared(kActs);
    given_ = new std::vector<Given>();
    place_ = new TempDirectory();
    const TempDirectory running;
    prepared_->CopyTo(running.File("data"));
    RunningBoard board(running.File("data"), *prepared_);
    ASSERT_EQ(board.Open(), absl::OkStatus());
    for (size_t i = 0; i < kActs; ++i) {
      auto given = board.Send(i);
      ASSERT_EQ(given.status(), absl::OkStatus());
      given_->push_back(*std::move(given));
    }
    CopyDirectory(running.File("data"), place_->File("data"));
  }
  static void TearDownTestSuite() {
    delete prepared_;
    delete given_;
    delete place_;
  }

  // All files but the program's own notes.
  static std::vector<std::string> Files() {
    std::vector<std::string> files;
    for (const auto& file : std::filesystem::recursive_directory_iterator(place_->File("data"))) {
      const std::string name = file.path().filename().string();
      if (!file.is_regular_file() || name == "LOG" || name == "LOCK") continue;
      files.push_back(std::filesystem::relative(file.path(), place_->File("data")).string());
    }
    return files;
  }
  static std::vector<std::string> WriteAheadLogs(const std::string& ledger) {
    std::vector<std::string> logs;
    for (const auto& file : std::filesystem::directory_iterator(ledger)) {
      if (file.path().extension() == ".log") logs.push_back(file.path().filename().string());
    }
    return logs;
  }
  static std::string Newest(const std::string& extension) {
    std::string newest;
    for (const std::string& file : Files()) {
      if (absl::EndsWith(file, extension) && file > newest) newest = file;
    }
    return newest;
  }

  // What becomes of a copy in which `file` has these bytes.
  Judgement With(const std::string& file, const Bytes& bytes) {
    const WithoutSyncs without_syncs;
    const std::string copy = directory_.File("data");
    CopyDirectory(place_->File("data"), copy);
    std::filesystem::remove(copy + "/" + file);
    EXPECT_EQ(WriteFileDurably(copy + "/" + file, bytes, 0600), absl::OkStatus());
    return Judge(copy, *given_, *prepared_);
  }
  void ExpectHonest(const Judgement& judgement, const std::string& what) {
    ++tried_;
    if (judgement.refused.empty()) ++served_;
    EXPECT_TRUE(judgement.Honest()) << what << ": " << judgement.ToString();
  }
  Bytes Read(const std::string& file) const {
    return ReadFile(place_->File("data/" + file), 1 << 24).value();
  }
  void TearDown() override {
    if (tried_ > 0) std::cout << tried_ << " tried, " << served_ << " of them served\n";
  }

  static Prepared* prepared_;
  static std::vector<Given>* given_;
  static TempDirectory* place_;
  TempDirectory directory_;
  std::mt19937_64 random_{19450808};
  size_t tried_ = 0;
  size_t served_ = 0;
};

Prepared* DamagedFilesTest::prepared_ = nullptr;
std::vector<Given>* DamagedFilesTest::given_ = nullptr;
TempDirectory* DamagedFilesTest::place_ = nullptr;

TEST_F(DamagedFilesTest, UndamagedItServesEverything) {
  ASSERT_NE(Newest(".log"), "");
  ASSERT_NE(Newest(".sst"), "");
  CopyDirectory(place_->File("data"), directory_.File("data"));
  const Judgement judgement = Judge(directory_.File("data"), *given_, *prepared_);
  EXPECT_TRUE(judgement.Whole()) << judgement.ToString();
}

TEST_F(DamagedFilesTest, AFlippedBitAnywhere) {
  for (const std::string& file : Files()) {
    Bytes bytes = Read(file);
    const size_t samples = Long() ? bytes.size() : std::min(kSamples, bytes.size());
    for (size_t i = 0; i < samples; ++i) {
      const size_t at = Long() ? i : random_() % bytes.size();
      const auto bit = static_cast<uint8_t>(1 << random_() % 8);
      bytes[at] ^= bit;
      ExpectHonest(With(file, bytes), absl::StrCat(file, ", bit ", bit, " of byte ", at));
      bytes[at] ^= bit;
    }
  }
}

TEST_F(DamagedFilesTest, AFileCutOffAnywhere) {
  for (const std::string& file : Files()) {
    const Bytes bytes = Read(file);
    const size_t samples = Long() ? bytes.size() : std::min(kSamples, bytes.size());
    for (size_t i = 0; i < samples; ++i) {
      const size_t size = Long() ? i : random_() % bytes.size();
      const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      ExpectHonest(With(file, cut), absl::StrCat(file, " cut off at ", size));
    }
  }
}

TEST_F(DamagedFilesTest, ABlockOfZerosAnywhere) {
  for (const std::string& file : Files()) {
    const Bytes bytes = Read(file);
    for (size_t i = 0; i < kSamples / 3; ++i) {
      Bytes holed = bytes;
      const size_t from = random_() % bytes.size();
      std::fill(holed.begin() + static_cast<std::ptrdiff_t>(from),
                holed.begin() + static_cast<std::ptrdiff_t>(std::min(from + 512, bytes.size())),
                uint8_t{0});
      ExpectHonest(With(file, holed), absl::StrCat(file, " with zeros at ", from));
    }
  }
}

TEST_F(DamagedFilesTest, AnyFileGone) {
  for (const std::string& file : Files()) {
    CopyDirectory(place_->File("data"), directory_.File("data"));
    std::filesystem::remove(directory_.File("data/" + file));
    const Judgement judgement = Judge(directory_.File("data"), *given_, *prepared_);
    ExpectHonest(judgement, file + " deleted");
    // These two RocksDB makes anew; nothing else is done without.
    const bool spare = absl::StrContains(file, "OPTIONS") || absl::StrContains(file, "IDENTITY");
    EXPECT_EQ(judgement.refused.empty(), spare) << file << ": " << judgement.ToString();
  }
}

// The write-ahead log of each act ends at a record: cut there, nothing looks torn.
TEST_F(DamagedFilesTest, TheWriteAheadLogCutAtARecord) {
  const TempDirectory running;
  prepared_->CopyTo(running.File("data"));
  RunningBoard board(running.File("data"), *prepared_);
  ASSERT_EQ(board.Open(), absl::OkStatus());
  std::vector<Given> given;
  std::vector<std::string> logs;
  std::vector<uintmax_t> sizes;  // after each act
  for (size_t i = 0; i < 6; ++i) {
    given.push_back(board.Send(i).value());
    logs = WriteAheadLogs(running.File("data/ledger"));
    ASSERT_EQ(logs.size(), 1u);
    sizes.push_back(std::filesystem::file_size(running.File("data/ledger/" + logs.front())));
  }
  for (size_t left = 0; left < sizes.size(); ++left) {
    CopyDirectory(running.File("data"), directory_.File("data"));
    std::filesystem::resize_file(directory_.File("data/ledger/" + logs.front()), sizes[left]);
    const Judgement judgement = Judge(directory_.File("data"), given, *prepared_);
    EXPECT_EQ(judgement.lost, sizes.size() - 1 - left);
    if (left + 1 == sizes.size()) {
      EXPECT_TRUE(judgement.Whole()) << judgement.ToString();
    } else {
      EXPECT_THAT(judgement.refused, HasSubstr("was published, but the ledger has only"));
      EXPECT_THAT(judgement.refused, HasSubstr("must not go on signing"));
    }
  }
}

TEST_F(DamagedFilesTest, AnOldBackupOfTheLedgerUnderNewCheckpoints) {
  const TempDirectory running;
  prepared_->CopyTo(running.File("data"));
  std::vector<Given> given;
  {
    RunningBoard board(running.File("data"), *prepared_);
    ASSERT_EQ(board.Open(), absl::OkStatus());
    for (size_t i = 0; i < 3; ++i) given.push_back(board.Send(i).value());
  }
  CopyDirectory(place_->File("data"), directory_.File("data"));
  CopyDirectory(server::LedgerPath(running.File("data")),
                server::LedgerPath(directory_.File("data")));
  const Judgement judgement = Judge(directory_.File("data"), *given_, *prepared_);
  EXPECT_EQ(judgement.lost, kActs - 3);
  EXPECT_THAT(judgement.refused, HasSubstr("restore a backup together with a mirror's record"));
}

// With its checkpoints the backup is as it was once: the board cannot know. Every receipt given
// since is under a signed checkpoint of a larger tree, which it can no longer show.
TEST_F(DamagedFilesTest, AnOldBackupOfEverythingIsShownByEveryReceiptGivenSince) {
  const std::string old = directory_.File("data");
  prepared_->CopyTo(old);
  RunningBoard board(old, *prepared_);
  ASSERT_EQ(board.Open(), absl::OkStatus());
  const auto view = board.board().Find(kPollOrigin);
  ASSERT_EQ(view.status(), absl::OkStatus());
  for (const Given& given : *given_) {
    EXPECT_GT(given.size, (*view)->size);
    EXPECT_EQ(board.board().ProveInclusion(**view, given.receipt.index, given.size).status().code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(board.board().ProveInclusion(**view, given.receipt.leaf_hash, 0).status().code(),
              absl::StatusCode::kNotFound);
  }
}

}  // namespace
}  // namespace urna::testing
