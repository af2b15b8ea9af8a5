#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/merkle/tile.h"
#include "tests/server/program.h"
#include "verifier/log_follower.h"

namespace urna::verifier {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::Program;

constexpr char kOrigin[] = "log.example/1";

merkle::NoteSigner Signer(uint8_t seed = 7) {
  return merkle::NoteSigner::Create(kOrigin, crypto::SigningKey::FromSeed(Bytes(32, seed)).value())
      .value();
}

// The files of a log; those of another `fork` differ from that entry on.
class Files {
 public:
  explicit Files(uint64_t fork = ~0ULL) : fork_(fork) {}

  // Signs so many entries and puts there exactly their files.
  void Show(uint64_t size) {
    while (tree_.size() < size) {
      const std::string leaf = std::to_string(tree_.size()) + (tree_.size() >= fork_ ? "!" : "");
      tree_.Append(merkle::LeafHash(AsBytes(leaf)));
    }
    files_.clear();
    const merkle::Hash root = merkle::RootAt(size, tree_.reader()).value();
    files_["checkpoint"] = ToBytes(AsBytes(
        merkle::SignCheckpoint(merkle::Checkpoint::Create(kOrigin, size, root).value(), Signer())
            .value()));
    for (const merkle::TileId& tile : merkle::TilesOf(size)) {
      if (tile.level == merkle::TileId::kEntries) continue;
      files_[tile.Path()] = merkle::EncodeTile(tile, tree_.reader()).value();
    }
  }
  std::map<std::string, Bytes>& all() { return files_; }
  std::string checkpoint() { return std::string(AsText(files_["checkpoint"])); }

  LogFiles Reader() {
    return [this](const std::string& path, size_t max_bytes) -> absl::StatusOr<Bytes> {
      const auto found = files_.find(path);
      if (found == files_.end()) return absl::NotFoundError(absl::StrCat("no ", path));
      EXPECT_LE(found->second.size(), max_bytes);
      ++reads_;
      return found->second;
    };
  }
  int TakeReads() { return std::exchange(reads_, 0); }

  void WriteTo(const std::string& directory) const {
    fs::remove_all(directory);
    for (const auto& [path, bytes] : files_) {
      const std::string file = absl::StrCat(directory, "/", path);
      fs::create_directories(fs::path(file).parent_path());
      std::ofstream(file, std::ios::binary) << AsText(bytes);
    }
  }

 private:
  uint64_t fork_;
  merkle::MemoryTree tree_;
  std::map<std::string, Bytes> files_;
  int reads_ = 0;
};

// The checkpoint with a line of somebody else, such as a witness.
std::string WithAnotherLine(const std::string& note) {
  const merkle::Note parsed = merkle::Note::Parse(AsBytes(note)).value();
  std::vector<merkle::NoteSignature> lines = parsed.signatures();
  lines.push_back({"witness.example/1", 7, Bytes(76, 1)});
  return merkle::Note::Create(parsed.text(), std::move(lines))->Serialize();
}

LogFollower NewFollower() { return LogFollower::Create(Signer().verifier(), std::nullopt).value(); }

// The outcome, or the error's sentence.
std::string Look(LogFollower& follower, Files& files) {
  const auto step = follower.Look(files.Reader());
  if (!step.ok()) return std::string(step.status().message());
  const char* words[] = {"first", "unchanged", "grown", "smaller", "forked"};
  if (step->evidence) {
    EXPECT_TRUE(step->evidence->Verify(Signer().verifier()).ok());
    const auto read = merkle::ForkEvidence::Parse(AsBytes(step->evidence->Serialize()));
    EXPECT_EQ(read.value(), *step->evidence);
  }
  EXPECT_EQ(step->evidence.has_value(), step->outcome == FollowOutcome::kForked);
  return words[static_cast<int>(step->outcome)];
}

TEST(LogFollowerTest, AnHonestLogGrows) {
  Files log;
  LogFollower follower = NewFollower();
  log.Show(0);
  EXPECT_EQ(Look(follower, log), "first");
  EXPECT_EQ(Look(follower, log), "unchanged");
  for (const uint64_t size : {1, 2, 255, 256, 257, 300, 512, 700, 70'000}) {
    log.Show(size);
    EXPECT_EQ(Look(follower, log), "grown") << size;
    EXPECT_EQ(*follower.state(), log.checkpoint());
    EXPECT_EQ(Look(follower, log), "unchanged") << size;
  }
}

TEST(LogFollowerTest, CosignaturesAreOfNoMatter) {
  Files log;
  log.Show(300);
  const std::string bare = log.checkpoint();
  log.all()["checkpoint"] = ToBytes(AsBytes(WithAnotherLine(bare)));
  LogFollower follower = NewFollower();
  EXPECT_EQ(Look(follower, log), "first");
  EXPECT_EQ(*follower.state(), bare);
  // Nor in what somebody else has kept.
  auto kept = LogFollower::Create(Signer().verifier(), WithAnotherLine(bare));
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(*kept->state(), bare);
  EXPECT_EQ(Look(*kept, log), "unchanged");
  Files other(299);
  other.Show(300);
  other.all()["checkpoint"] = ToBytes(AsBytes(WithAnotherLine(other.checkpoint())));
  EXPECT_EQ(Look(*kept, other), "forked");
}

TEST(LogFollowerTest, AfterALongTimeAFewFilesAreEnough) {
  Files log;
  log.Show(1000);
  LogFollower before = NewFollower();
  EXPECT_EQ(Look(before, log), "first");
  const auto state = before.state();
  log.Show(70'000);
  LogFollower follower = LogFollower::Create(Signer().verifier(), state).value();
  log.TakeReads();
  EXPECT_EQ(Look(follower, log), "grown");
  EXPECT_LE(log.TakeReads(), 6);
}

TEST(LogFollowerTest, PartialTilesThatAreGoneAreReadFromFullOnes) {
  Files log;
  log.Show(600);
  LogFollower follower = NewFollower();
  EXPECT_EQ(Look(follower, log), "first");
  log.Show(1000);
  const Bytes full = log.all()["tile/0/002"];
  log.Show(700);
  ASSERT_EQ(log.all().erase("tile/0/002.p/188"), 1u);
  const LogFollower before = follower;
  EXPECT_EQ(Look(follower, log), "no tile/0/002.p/188");
  log.all()["tile/0/002"] = full;
  EXPECT_EQ(Look(follower, log), "grown");
  // A full tile that does not begin with the partial one.
  LogFollower again = before;
  log.all()["tile/0/002"][0] ^= 1;
  EXPECT_EQ(Look(again, log), "the tiles are not those of the checkpoint of 700 entries");
}

TEST(LogFollowerTest, AForkOfOneSizeIsProved) {
  Files log;
  Files fork(250);
  log.Show(300);
  fork.Show(300);
  LogFollower follower = NewFollower();
  EXPECT_EQ(Look(follower, log), "first");
  EXPECT_EQ(Look(follower, fork), "forked");
  EXPECT_EQ(*follower.state(), log.checkpoint());
  EXPECT_EQ(Look(follower, log), "unchanged");
}

TEST(LogFollowerTest, AForkThatGrowsIsProved) {
  for (const uint64_t from : {0, 5, 255, 299}) {
    Files log;
    Files fork(from);
    LogFollower follower = NewFollower();
    log.Show(300);
    EXPECT_EQ(Look(follower, log), "first");
    for (const uint64_t size : {301, 512, 1000}) {
      fork.Show(size);
      EXPECT_EQ(Look(follower, fork), "forked") << from << " " << size;
    }
    EXPECT_EQ(*follower.state(), log.checkpoint());
  }
  // What differs only after what was known is no fork for who knows no more.
  Files log;
  Files fork(300);
  LogFollower follower = NewFollower();
  log.Show(300);
  fork.Show(400);
  EXPECT_EQ(Look(follower, log), "first");
  EXPECT_EQ(Look(follower, fork), "grown");
}

TEST(LogFollowerTest, ALogThatIsRolledBackIsNotFollowed) {
  Files log;
  LogFollower follower = NewFollower();
  log.Show(300);
  EXPECT_EQ(Look(follower, log), "first");
  const std::string known = *follower.state();
  for (const uint64_t size : {299, 256, 1, 0}) {
    log.Show(size);
    EXPECT_EQ(Look(follower, log), "smaller") << size;
    EXPECT_EQ(*follower.state(), known);
  }
  log.Show(300);
  EXPECT_EQ(Look(follower, log), "unchanged");
}

TEST(LogFollowerTest, ASmallerTreeThatContradictsIsProvedIfTheFilesAreThere) {
  Files log;
  Files fork(100);
  LogFollower follower = NewFollower();
  log.Show(300);
  fork.Show(200);
  EXPECT_EQ(Look(follower, log), "first");
  EXPECT_EQ(Look(follower, fork), "smaller");
  log.all()["checkpoint"] = ToBytes(AsBytes(fork.checkpoint()));
  EXPECT_EQ(Look(follower, log), "forked");
}

TEST(LogFollowerTest, GarbageIsNotFollowed) {
  Files log;
  LogFollower follower = NewFollower();
  log.Show(300);
  EXPECT_EQ(Look(follower, log), "first");
  const std::string known = *follower.state();
  const std::string wrong_tiles = "the tiles are not those of the checkpoint of 400 entries";
  const auto with = [&](const std::string& path, auto change) {
    log.Show(400);
    EXPECT_TRUE(log.all().count(path)) << path;
    change(log.all()[path]);
    return Look(follower, log);
  };
  EXPECT_EQ(with("tile/0/001.p/144", [](Bytes& bytes) { bytes[5] ^= 1; }), wrong_tiles);
  EXPECT_EQ(with("tile/1/000.p/1", [](Bytes& bytes) { bytes[5] ^= 1; }), wrong_tiles);
  EXPECT_EQ(with("tile/0/001.p/144", [](Bytes& bytes) { bytes.pop_back(); }),
            "tile/0/001.p/144 has 4607 bytes");
  EXPECT_EQ(with("tile/0/001.p/144", [](Bytes& bytes) { bytes.clear(); }),
            "tile/0/001.p/144 has 0 bytes");
  EXPECT_THAT(with("checkpoint", [](Bytes& bytes) { bytes.clear(); }), HasSubstr("checkpoint: "));
  EXPECT_THAT(with("checkpoint", [](Bytes& bytes) { bytes[20] ^= 1; }), HasSubstr("checkpoint: "));
  const std::string foreign =
      merkle::SignCheckpoint(merkle::Checkpoint::Create(kOrigin, 400, merkle::Hash{}).value(),
                             Signer(8))
          .value();
  EXPECT_EQ(with("checkpoint", [&](Bytes& bytes) { bytes = ToBytes(AsBytes(foreign)); }),
            "checkpoint: a note is not signed by any known key");
  log.Show(400);
  log.all().erase("tile/0/001.p/144");
  EXPECT_EQ(follower.Look(log.Reader()).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(*follower.state(), known);

  LogFollower fresh = NewFollower();
  log.Show(400);
  log.all()["tile/0/001.p/144"][0] ^= 1;
  EXPECT_EQ(Look(fresh, log), wrong_tiles);
  EXPECT_FALSE(fresh.state().has_value());
}

TEST(LogFollowerTest, AStateOfAnotherLogIsRefused) {
  Files log;
  log.Show(5);
  EXPECT_FALSE(LogFollower::Create(Signer(8).verifier(), log.checkpoint()).ok());
  EXPECT_FALSE(LogFollower::Create(Signer().verifier(), std::string()).ok());
  EXPECT_FALSE(LogFollower::Create(Signer().verifier(), log.checkpoint() + "x").ok());
  EXPECT_TRUE(LogFollower::Create(Signer().verifier(), log.checkpoint()).ok());
}

class FollowProgramTest : public ::testing::Test {
 protected:
  FollowProgramTest() {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    std::ofstream(folder_ + "/policy") << "log " << Signer().verifier().vkey() << "\nquorum none\n";
  }
  ~FollowProgramTest() override { fs::remove_all(folder_); }

  int RunWith(const std::vector<std::string>& arguments) {
    Program program(URNA_VERIFIER_PROGRAM, folder_, arguments);
    const int status = program.Wait();
    output_ = program.Output();
    errors_ = program.Errors();
    return status;
  }
  int Follow(const Files& files, std::vector<std::string> more = {}) {
    files.WriteTo(folder_ + "/log");
    std::vector<std::string> arguments = {"follow",           folder_ + "/log",   "--once",
                                          "--state",          folder_ + "/state", "--policy",
                                          folder_ + "/policy"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunWith(arguments);
  }

  const std::string folder_ = absl::StrCat(::testing::TempDir(), "/follow_test-", ::getpid());
  std::string output_;
  std::string errors_;
};

TEST_F(FollowProgramTest, FollowsAndProves) {
  Files log;
  Files fork(100);
  log.Show(300);
  EXPECT_EQ(Follow(log), 0) << errors_;
  EXPECT_EQ(output_, "log.example/1: seen first with 300 entries\n");
  log.Show(700);
  EXPECT_EQ(Follow(log, {"--json"}), 0);
  EXPECT_EQ(output_, "{\"origin\":\"log.example/1\",\"outcome\":\"grown\",\"size\":700}\n");
  fork.Show(800);
  EXPECT_EQ(Follow(fork), 1);
  EXPECT_THAT(errors_, HasSubstr("HAS TWO HISTORIES"));
  const std::string evidence = folder_ + "/state.evidence";
  ASSERT_TRUE(fs::exists(evidence));
  const Bytes written = ReadFile(evidence, 1 << 20).value();
  EXPECT_EQ(Follow(fork), 1);  // again, and the evidence is left alone
  EXPECT_EQ(ReadFile(evidence, 1 << 20).value(), written);
  EXPECT_EQ(Follow(log), 0);

  EXPECT_EQ(RunWith({"evidence", evidence, "--log", Signer().verifier().vkey()}), 0);
  EXPECT_THAT(output_, HasSubstr("PROVED: log.example/1 has two histories. Its key has signed "
                                 "trees of 700 and 800 entries"));
  EXPECT_EQ(RunWith({"evidence", evidence, "--policy", folder_ + "/policy", "--json"}), 0);
  EXPECT_THAT(output_, HasSubstr("\"proved\": true"));
  EXPECT_EQ(RunWith({"evidence", evidence, "--log", Signer(8).verifier().vkey()}), 1);
  EXPECT_THAT(output_, HasSubstr("NOT PROVED: "));
  EXPECT_EQ(RunWith({"evidence", folder_ + "/state", "--policy", folder_ + "/policy"}), 1);
}

TEST_F(FollowProgramTest, SaysWhatElseIsWrong) {
  Files log;
  log.Show(300);
  EXPECT_EQ(Follow(log), 0);
  log.Show(200);
  EXPECT_EQ(Follow(log), 1);
  EXPECT_THAT(errors_, HasSubstr("shows 200 entries, and had 300 before"));
  log.Show(400);
  log.all()["tile/0/001.p/144"][0] ^= 1;
  EXPECT_EQ(Follow(log), 1);
  EXPECT_THAT(errors_, HasSubstr("the tiles are not those of the checkpoint"));
  log.all().erase("tile/0/001.p/144");
  EXPECT_EQ(Follow(log), 2);
  log.all().clear();
  EXPECT_EQ(Follow(log), 3);  // not even the directory
  EXPECT_EQ(RunWith({"follow", folder_}), 3);
  EXPECT_EQ(RunWith({"follow", folder_, "--state", folder_ + "/other"}), 3);
  EXPECT_EQ(RunWith({"follow", "http://127.0.0.1:1/x", "--once", "--state", folder_ + "/other",
                     "--policy", folder_ + "/policy"}),
            2);
  EXPECT_EQ(RunWith({"evidence", folder_ + "/none", "--policy", folder_ + "/policy"}), 3);
}

}  // namespace
}  // namespace urna::verifier
