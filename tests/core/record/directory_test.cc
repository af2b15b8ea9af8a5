#include "core/record/directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/merkle/note.h"
#include "core/merkle/proof.h"
#include "core/merkle/tile.h"

namespace urna::record {
namespace {

namespace fs = std::filesystem;

constexpr char kOrigin[] = "vote.example/test";

Bytes EntryAt(uint64_t index) {
  Bytes entry = ToBytes(AsBytes(absl::StrCat("entry ", index)));
  entry.resize(entry.size() + index % 7, 0x20);
  return entry;
}

merkle::MemoryTree TreeOf(uint64_t size) {
  merkle::MemoryTree tree;
  for (uint64_t i = 0; i < size; ++i) tree.Append(merkle::LeafHash(EntryAt(i)));
  return tree;
}

// A note with a signature of nobody: nothing here looks at it.
std::string NoteOf(const std::string& origin, uint64_t size, const merkle::Hash& root) {
  const merkle::Checkpoint checkpoint = *merkle::Checkpoint::Create(origin, size, root);
  merkle::NoteSignature signature;
  signature.name = origin;
  signature.key_id = 0x01020304;
  signature.signature = Bytes(64, 0x55);
  return merkle::Note::Create(checkpoint.Body(), {signature})->Serialize();
}

std::string NoteOf(uint64_t size) { return NoteOf(kOrigin, size, TreeOf(size).root()); }

// A fresh directory for each test, removed at its end.
class DirectoryTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = absl::StrCat(testing::TempDir(), "urna-directory-XXXXXX");
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    base_ = name;
    log_ = absl::StrCat(name, "/log");
  }
  void TearDown() override { fs::remove_all(base_); }

  absl::Status Write(uint64_t size) {
    asked_.clear();
    return WriteLog(log_, AsBytes(NoteOf(size)), [this](uint64_t index) -> absl::StatusOr<Bytes> {
      asked_.push_back(index);
      return EntryAt(index);
    });
  }

  // The paths of all files, relative to the log.
  std::vector<std::string> Files() const {
    std::vector<std::string> files;
    for (const auto& item : fs::recursive_directory_iterator(log_)) {
      if (!item.is_directory()) files.push_back(fs::relative(item.path(), log_).string());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  static std::vector<std::string> ExpectedFiles(uint64_t size) {
    std::vector<std::string> files = {"checkpoint"};
    for (const merkle::TileId& tile : merkle::TilesOf(size)) files.push_back(tile.Path());
    std::sort(files.begin(), files.end());
    return files;
  }

  std::string Path(absl::string_view name) const { return absl::StrCat(log_, "/", name); }

  void Put(absl::string_view name, ByteSpan bytes) const {
    const std::string path = Path(name);
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }

  std::vector<std::string> Problems() const {
    const absl::StatusOr<LogReader> reader = LogReader::Open(log_);
    if (!reader.ok()) return {std::string(reader.status().message())};
    return reader->CheckFiles();
  }

  // Some problem contains the words.
  void ExpectProblem(absl::string_view words) const {
    bool found = false;
    std::string all;
    for (const std::string& problem : Problems()) {
      found = found || absl::StrContains(problem, words);
      absl::StrAppend(&all, problem, "\n");
    }
    EXPECT_TRUE(found) << "no problem with '" << words << "' among\n" << all;
  }

  std::string base_;
  std::string log_;
  std::vector<uint64_t> asked_;
};

TEST_F(DirectoryTest, ReadsBackWhatWasWritten) {
  for (uint64_t size : {0, 1, 2, 255, 256, 257, 600}) {
    fs::remove_all(log_);
    ASSERT_TRUE(Write(size).ok()) << size;
    EXPECT_EQ(Files(), ExpectedFiles(size));
    absl::StatusOr<LogReader> reader = LogReader::Open(log_);
    ASSERT_TRUE(reader.ok()) << reader.status();
    EXPECT_EQ(AsText(reader->checkpoint_note()), NoteOf(size));
    EXPECT_EQ(reader->checkpoint().size(), size);
    EXPECT_EQ(reader->checkpoint().origin(), kOrigin);
    EXPECT_EQ(reader->CheckFiles(), std::vector<std::string>());
    uint64_t next = 0;
    const absl::Status read = reader->ForEachEntry(0, size, [&](uint64_t index, ByteSpan entry) {
      EXPECT_EQ(index, next++);
      EXPECT_EQ(ToBytes(entry), EntryAt(index));
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << read;
    EXPECT_EQ(next, size);
    for (uint64_t index = size; index-- > 0;) EXPECT_EQ(*reader->ReadEntry(index), EntryAt(index));
    EXPECT_EQ(reader->ReadEntry(size).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(DirectoryTest, ReadsPartsOfALog) {
  ASSERT_TRUE(Write(600).ok());
  const LogReader reader = *LogReader::Open(log_);
  std::vector<uint64_t> seen;
  const auto remember = [&](uint64_t index, ByteSpan entry) {
    EXPECT_EQ(ToBytes(entry), EntryAt(index));
    seen.push_back(index);
    return absl::OkStatus();
  };
  EXPECT_TRUE(reader.ForEachEntry(254, 258, remember).ok());
  EXPECT_EQ(seen, (std::vector<uint64_t>{254, 255, 256, 257}));
  seen.clear();
  EXPECT_TRUE(reader.ForEachEntry(5, 5, remember).ok());
  EXPECT_TRUE(reader.ForEachEntry(600, 600, remember).ok());
  EXPECT_TRUE(seen.empty());
  EXPECT_FALSE(reader.ForEachEntry(599, 601, remember).ok());
  EXPECT_FALSE(reader.ForEachEntry(3, 2, remember).ok());
  EXPECT_EQ(reader.ForEachEntry(0, 600,
                                [](uint64_t, ByteSpan) { return absl::CancelledError("enough"); }),
            absl::CancelledError("enough"));
  const absl::StatusOr<EntryBundle> bundle = reader.ReadBundle(2);
  ASSERT_TRUE(bundle.ok());
  EXPECT_EQ(bundle->entries().size(), 88u);
  EXPECT_EQ(ToBytes(bundle->entries()[0]), EntryAt(512));
  EXPECT_FALSE(reader.ReadBundle(3).ok());
}

TEST_F(DirectoryTest, TilesGiveProofs) {
  ASSERT_TRUE(Write(600).ok());
  const LogReader reader = *LogReader::Open(log_);
  for (uint64_t index : {0, 255, 256, 599}) {
    const auto proof = merkle::InclusionProof(600, index, reader.nodes());
    ASSERT_TRUE(proof.ok()) << proof.status();
    EXPECT_TRUE(merkle::VerifyInclusion(merkle::LeafHash(EntryAt(index)), index, 600, *proof,
                                        reader.checkpoint().root())
                    .ok());
  }
  EXPECT_EQ(*merkle::RootAt(300, reader.nodes()), TreeOf(300).root());
}

TEST_F(DirectoryTest, GrowsWithoutLeavingPartialTilesBehind) {
  for (const auto& [from, to] : std::vector<std::pair<uint64_t, uint64_t>>{{0, 1},
                                                                           {1, 2},
                                                                           {1, 1},
                                                                           {2, 256},
                                                                           {255, 257},
                                                                           {256, 600},
                                                                           {257, 600},
                                                                           {300, 512},
                                                                           {512, 600},
                                                                           {600, 600}}) {
    fs::remove_all(log_);
    ASSERT_TRUE(Write(from).ok());
    ASSERT_TRUE(Write(to).ok()) << from << " to " << to;
    EXPECT_EQ(Files(), ExpectedFiles(to)) << from << " to " << to;
    EXPECT_EQ(Problems(), std::vector<std::string>()) << from << " to " << to;
    // Full bundles are not asked for again.
    if (!asked_.empty()) {
      EXPECT_EQ(asked_.front(), from / 256 * 256);
    }
    EXPECT_EQ(asked_.size(), to - from / 256 * 256);
  }
}

TEST_F(DirectoryTest, GrowsOverTheSecondLevelOfTiles) {
  ASSERT_TRUE(Write(65535).ok());
  ASSERT_TRUE(Write(65537).ok());
  EXPECT_EQ(asked_.front(), 65280u);
  EXPECT_EQ(Files(), ExpectedFiles(65537));
  EXPECT_TRUE(fs::exists(Path("tile/1/000")));
  EXPECT_TRUE(fs::exists(Path("tile/2/000.p/1")));
  EXPECT_EQ(Problems(), std::vector<std::string>());
}

TEST_F(DirectoryTest, CleansUpAfterAnInterruptedWrite) {
  ASSERT_TRUE(Write(300).ok());
  Put("tile/0/001.p/44.tmp-0badcafe", Bytes(5));
  Put("checkpoint.tmp-0badcafe", Bytes(5));
  Put("tile/entries/001.p/60", Bytes(5));
  Put("tile/1/000.p/7", Bytes(5));
  Put("tile/entries/002", Bytes(5));
  EXPECT_EQ(Problems().size(), 5u);
  ASSERT_TRUE(Write(310).ok());
  EXPECT_EQ(Files(), ExpectedFiles(310));
  EXPECT_EQ(Problems(), std::vector<std::string>());
}

TEST_F(DirectoryTest, LeavesFilesOfOthersAlone) {
  Put("notes.txt", AsBytes("mine"));
  Put("tile/README", AsBytes("mine"));
  ASSERT_TRUE(Write(3).ok());
  ASSERT_TRUE(Write(4).ok());
  EXPECT_TRUE(fs::exists(Path("notes.txt")));
  EXPECT_TRUE(fs::exists(Path("tile/README")));
  ExpectProblem("'notes.txt' has no place in a log");
  ExpectProblem("'tile/README' has no place in a log");
}

TEST_F(DirectoryTest, RefusesEntriesThatDoNotGiveTheRoot) {
  ASSERT_TRUE(Write(300).ok());
  const absl::Status status = WriteLog(
      log_, AsBytes(NoteOf(600)),
      [](uint64_t index) -> absl::StatusOr<Bytes> { return EntryAt(index == 400 ? 401 : index); });
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_EQ(Files(), ExpectedFiles(300));
  EXPECT_EQ(Problems(), std::vector<std::string>());
}

TEST_F(DirectoryTest, RefusesAForkOfWhatIsThere) {
  ASSERT_TRUE(WriteLog(log_, AsBytes([] {
                         merkle::MemoryTree other;
                         for (uint64_t i = 0; i < 300; ++i) {
                           other.Append(merkle::LeafHash(EntryAt(i + 1)));
                         }
                         return NoteOf(kOrigin, 300, other.root());
                       }()),
                       [](uint64_t index) -> absl::StatusOr<Bytes> { return EntryAt(index + 1); })
                  .ok());
  EXPECT_EQ(Write(600).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(LogReader::Open(log_)->size(), 300u);
  EXPECT_EQ(Problems(), std::vector<std::string>());
}

TEST_F(DirectoryTest, RefusesAnotherLogAndAShorterOne) {
  ASSERT_TRUE(Write(300).ok());
  EXPECT_EQ(Write(299).code(), absl::StatusCode::kFailedPrecondition);
  const auto source = [](uint64_t index) -> absl::StatusOr<Bytes> { return EntryAt(index); };
  EXPECT_EQ(
      WriteLog(log_, AsBytes(NoteOf("vote.example/other", 301, TreeOf(301).root())), source).code(),
      absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Problems(), std::vector<std::string>());
}

TEST_F(DirectoryTest, PassesOnTheErrorOfTheSource) {
  ASSERT_TRUE(Write(10).ok());
  const auto source = [](uint64_t index) -> absl::StatusOr<Bytes> {
    if (index == 290) return absl::UnavailableError("gone");
    return EntryAt(index);
  };
  const absl::Status status = WriteLog(log_, AsBytes(NoteOf(600)), source);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(absl::StrContains(status.message(), "entry 290")) << status;
  EXPECT_EQ(Files(), ExpectedFiles(10));
  EXPECT_FALSE(WriteLog(log_, AsBytes(NoteOf(600)), [](uint64_t) { return Bytes(); }).ok());
  EXPECT_FALSE(WriteLog(log_, AsBytes("no note"), source).ok());
}

TEST_F(DirectoryTest, OpenSaysWhatIsWrongWithTheCheckpoint) {
  EXPECT_EQ(LogReader::Open(log_).status().code(), absl::StatusCode::kNotFound);
  Put("checkpoint", AsBytes("vote.example/test\n"));
  EXPECT_EQ(LogReader::Open(log_).status().code(), absl::StatusCode::kInvalidArgument);
  Put("checkpoint", Bytes(merkle::kMaxNoteSize + 1, 'a'));
  EXPECT_EQ(LogReader::Open(log_).status().code(), absl::StatusCode::kResourceExhausted);
  fs::remove(Path("checkpoint"));
  fs::create_symlink("elsewhere", Path("checkpoint"));
  EXPECT_EQ(LogReader::Open(log_).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(DirectoryTest, EveryFlippedByteIsFound) {
  ASSERT_TRUE(Write(6).ok());
  for (const std::string& name : Files()) {
    const Bytes good = *ReadFile(Path(name), 1 << 20);
    for (size_t i = 0; i < good.size(); ++i) {
      Bytes bad = good;
      bad[i] ^= static_cast<uint8_t>(1 << i % 8);
      Put(name, bad);
      const absl::StatusOr<LogReader> reader = LogReader::Open(log_);
      if (!reader.ok()) continue;
      const bool other_note = reader->checkpoint_note() != ToBytes(AsBytes(NoteOf(6)));
      const bool other_checkpoint = name == "checkpoint" && other_note;
      EXPECT_TRUE(other_checkpoint || !reader->CheckFiles().empty()) << name << " byte " << i;
    }
    Put(name, good);
  }
  EXPECT_EQ(Problems(), std::vector<std::string>());
}

TEST_F(DirectoryTest, NamesEveryTileThatIsNotWhatTheEntriesGive) {
  ASSERT_TRUE(Write(600).ok());
  for (const std::string& name : Files()) {
    if (!absl::StartsWith(name, "tile/") || absl::StartsWith(name, "tile/entries")) continue;
    const Bytes good = *ReadFile(Path(name), 1 << 20);
    Bytes bad = good;
    bad[bad.size() / 2] ^= 0x80;
    Put(name, bad);
    EXPECT_EQ(Problems(),
              std::vector<std::string>{absl::StrCat("'", name, "' is not what the entries give")});
    Put(name, good);
  }
}

TEST_F(DirectoryTest, NamesEveryMissingFile) {
  ASSERT_TRUE(Write(600).ok());
  for (const std::string& name : Files()) {
    fs::rename(Path(name), absl::StrCat(base_, "/aside"));
    ExpectProblem(name == "checkpoint" ? "checkpoint" : absl::StrCat("'", name, "' is missing"));
    fs::rename(absl::StrCat(base_, "/aside"), Path(name));
  }
  EXPECT_EQ(Problems(), std::vector<std::string>());
}

TEST_F(DirectoryTest, GoesOnAfterAProblem) {
  ASSERT_TRUE(Write(600).ok());
  fs::remove(Path("tile/entries/000"));
  Bytes tile = *ReadFile(Path("tile/0/001"), 1 << 20);
  tile[0] ^= 1;
  Put("tile/0/001", tile);
  Put("stray", AsBytes("x"));
  const std::vector<std::string> problems = Problems();
  EXPECT_EQ(problems, (std::vector<std::string>{"'stray' has no place in a log",
                                                "'tile/entries/000' is missing",
                                                "'tile/0/001' is not what the entries give",
                                                "the root cannot be rebuilt without all entries"}));
  fs::remove(Path("tile/0/000"));
  ExpectProblem("tiles and root cannot be rebuilt from entry 0 on");
}

TEST_F(DirectoryTest, NamesEveryStrayFile) {
  ASSERT_TRUE(Write(300).ok());
  const std::vector<std::string> files = Files();
  for (const char* name :
       {"stray", "checkpoint.old", "tile/stray", "tile/0/stray", "tile/0/002", "tile/0/001.p/43",
        "tile/0/001", "tile/0/000.p/44", "tile/1/000.p/2", "tile/1/000", "tile/2/000.p/1",
        "tile/entries/002", "tile/entries/001.p/45", "tile/entries/001.p/044", "tile/0/x000/001",
        "tile/00/000", "tile/0/1", "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o", "tile/entries/.hidden"}) {
    SCOPED_TRACE(name);
    ASSERT_FALSE(fs::exists(Path(name)));
    const fs::path top = log_ + "/" + std::string(name).substr(0, std::string(name).find('/'));
    const bool new_top = !fs::exists(top);
    Put(name, Bytes(32, 1));
    // Deeper than any tile a directory is named instead of what is in it.
    ExpectProblem(absl::StrCat("'", std::string(name).substr(0, 25)));
    new_top ? fs::remove_all(top) : fs::remove(Path(name));
    for (fs::path up = fs::path(Path(name)).parent_path();
         up != fs::path(log_) && fs::exists(up) && fs::is_empty(up); up = up.parent_path()) {
      fs::remove(up);
    }
    ASSERT_EQ(Files(), files);
  }
  EXPECT_EQ(Problems(), std::vector<std::string>());
}

TEST_F(DirectoryTest, NamesWhatIsNoPlainFile) {
  ASSERT_TRUE(Write(300).ok());
  fs::create_directories(Path("tile/0/002.p"));
  ExpectProblem("directory 'tile/0/002.p' holds no file of the log");
  fs::remove(Path("tile/0/002.p"));

  fs::rename(Path("tile/0/000"), absl::StrCat(base_, "/aside"));
  fs::create_symlink(absl::StrCat(base_, "/aside"), Path("tile/0/000"));
  ExpectProblem("'tile/0/000' is a link");
  fs::remove(Path("tile/0/000"));
  fs::create_directory(Path("tile/0/000"));
  ExpectProblem("'tile/0/000' is missing");
  ExpectProblem("directory 'tile/0/000' holds no file of the log");
  fs::remove(Path("tile/0/000"));
  ASSERT_EQ(::mkfifo(Path("tile/0/000").c_str(), 0600), 0);
  ExpectProblem("'tile/0/000' is no plain file");
  fs::remove(Path("tile/0/000"));
  fs::rename(absl::StrCat(base_, "/aside"), Path("tile/0/000"));

  fs::rename(Path("tile/entries"), absl::StrCat(base_, "/entries"));
  fs::create_directory_symlink(absl::StrCat(base_, "/entries"), Path("tile/entries"));
  ExpectProblem("'tile/entries' is a link");
  fs::remove(Path("tile/entries"));
  fs::rename(absl::StrCat(base_, "/entries"), Path("tile/entries"));
  EXPECT_EQ(Problems(), std::vector<std::string>());
}

TEST_F(DirectoryTest, NamesFilesThatAreTooLong) {
  ASSERT_TRUE(Write(3).ok());
  Bytes tile = *ReadFile(Path("tile/0/000.p/3"), 1 << 20);
  tile.push_back(0);
  Put("tile/0/000.p/3", tile);
  ExpectProblem("tile/0/000.p/3 is longer than 96 bytes");
  ASSERT_EQ(::truncate(Path("tile/entries/000.p/3").c_str(), 1 << 25), 0);
  ExpectProblem("tile/entries/000.p/3 is longer than");
}

TEST_F(DirectoryTest, ASizeThatNobodyCouldStoreIsNoTrouble) {
  ASSERT_TRUE(Write(300).ok());
  Put("checkpoint", AsBytes(NoteOf(kOrigin, merkle::kMaxTreeSize, TreeOf(300).root())));
  const std::vector<std::string> problems = Problems();
  EXPECT_GT(problems.size(), 20u);
  EXPECT_LE(problems.size(), 101u);
  ExpectProblem("more files are missing");
}

TEST_F(DirectoryTest, AnotherRootThanTheCheckpointsIsAProblem) {
  ASSERT_TRUE(Write(300).ok());
  Put("checkpoint", AsBytes(NoteOf(kOrigin, 300, TreeOf(299).root())));
  const std::vector<std::string> problems = Problems();
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_TRUE(absl::StartsWith(problems[0], "the entries give the root ")) << problems[0];
}

TEST_F(DirectoryTest, ManyProblemsAreCounted) {
  ASSERT_TRUE(Write(3).ok());
  for (int i = 0; i < 150; ++i) Put(absl::StrCat("stray-", i), AsBytes("x"));
  const std::vector<std::string> problems = Problems();
  ASSERT_EQ(problems.size(), 101u);
  EXPECT_EQ(problems.back(), "and 50 more problems");
}

TEST_F(DirectoryTest, ListsTheLogsOfARecord) {
  crypto::Hash32 id{};
  id.fill(0xab);
  EXPECT_EQ(PollDirectory("r"), "r/poll");
  EXPECT_EQ(RollDirectory("r", id), absl::StrCat("r/roll-", ToHex(id)));
  EXPECT_EQ(ListRecord(absl::StrCat(base_, "/none")).status().code(), absl::StatusCode::kNotFound);
  fs::create_directory(PollDirectory(base_));
  fs::create_directory(RollDirectory(base_, id));
  absl::StatusOr<RecordListing> listing = ListRecord(base_);
  ASSERT_TRUE(listing.ok());
  EXPECT_TRUE(listing->has_poll);
  EXPECT_EQ(listing->rolls, std::vector<crypto::Hash32>{id});
  EXPECT_EQ(listing->problems, std::vector<std::string>());

  id.fill(0xcd);
  std::ofstream(RollDirectory(base_, id)) << "x";
  id.fill(0xef);
  fs::create_directory_symlink("poll", RollDirectory(base_, id));
  fs::create_directory(absl::StrCat(base_, "/roll-ABCD"));
  std::ofstream(absl::StrCat(base_, "/policy")) << "x";
  listing = ListRecord(base_);
  ASSERT_TRUE(listing.ok());
  EXPECT_EQ(listing->rolls.size(), 1u);
  ASSERT_EQ(listing->problems.size(), 4u);
  EXPECT_EQ(listing->problems[0], "'policy' has no place in a record");
  EXPECT_EQ(listing->problems[1], "'roll-ABCD' has no place in a record");
  EXPECT_TRUE(absl::EndsWith(listing->problems[2], "is a file where a log's directory belongs"));
  EXPECT_TRUE(absl::EndsWith(listing->problems[3], "is a link"));
}

}  // namespace
}  // namespace urna::record
