#include "witness/witness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/base/file.h"
#include "core/merkle/fork_evidence.h"
#include "tests/witness/log_fixture.h"
#include "witness/directory.h"

namespace urna::witness {
namespace {

namespace fs = std::filesystem;
using merkle::AddCheckpointReply;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TestLog;

constexpr int64_t kStart = 1'800'000'000;

class WitnessTest : public ::testing::Test {
 protected:
  WitnessTest() {
    fs::remove_all(directory_);
    crypto::SeededRng rng(1);
    verifier_ = InitializeWitness(directory_, "w.example/1", rng).value();
    Open();
  }
  ~WitnessTest() override { fs::remove_all(directory_); }

  absl::Status TryOpen(std::vector<merkle::NoteVerifier> logs) {
    witness_.reset();
    WitnessOptions options;
    options.state_directory = StatePath(directory_);
    options.logs = std::move(logs);
    options.store = [this](const std::string& path, ByteSpan bytes) {
      if (before_store_) {
        if (absl::Status status = before_store_(bytes); !status.ok()) return status;
      }
      return WriteFileDurably(path, bytes);
    };
    options.alarm = [this](const std::string& sentence) { alarms_.push_back(sentence); };
    auto witness = Witness::Open(LoadSigner(directory_).value(), std::move(options), clock_);
    if (!witness.ok()) return witness.status();
    witness_ = *std::move(witness);
    return absl::OkStatus();
  }
  void Open() { ASSERT_TRUE(TryOpen({log_.key(), other_.key()}).ok()); }

  AddCheckpointReply Post(absl::string_view body) { return witness_->AddCheckpoint(AsBytes(body)); }
  int Code(absl::string_view body) { return Post(body).code; }

  // The time in the cosignature; fails unless it is one of this request.
  uint64_t TimeOf(const merkle::AddCheckpointRequest& request, const AddCheckpointReply& reply) {
    const auto answer = merkle::ReadAddCheckpointReply(reply, request, *verifier_);
    EXPECT_TRUE(answer.ok()) << answer.status() << reply.body;
    if (!answer.ok() || !std::holds_alternative<merkle::Cosigned>(*answer)) {
      ADD_FAILURE() << "not cosigned: " << reply.code << " " << reply.body;
      return 0;
    }
    return std::get<merkle::Cosigned>(*answer).time;
  }
  uint64_t Grow(uint64_t from, uint64_t to) {
    const auto request = log_.Request(from, to);
    return TimeOf(request, Post(request.Serialize()));
  }
  void ExpectSize(uint64_t size) {
    const AddCheckpointReply reply = Post(log_.Body(1000, 1000));
    EXPECT_EQ(reply.code, 409);
    EXPECT_EQ(reply.content_type, "text/x.tlog.size");
    EXPECT_EQ(reply.body, absl::StrCat(size, "\n"));
  }

  const std::string directory_ = absl::StrCat(::testing::TempDir(), "/witness_test-", ::getpid());
  FixedClock clock_{kStart};
  TestLog log_;
  TestLog other_{"log.example/2", 8};
  std::optional<merkle::CosignatureVerifier> verifier_;
  std::function<absl::Status(ByteSpan)> before_store_;
  std::vector<std::string> alarms_;
  std::unique_ptr<Witness> witness_;
};

TEST_F(WitnessTest, CosignsALogThatGrows) {
  EXPECT_EQ(Grow(0, 0), kStart);
  uint64_t size = 0;
  for (const uint64_t next : {1, 2, 3, 255, 256, 257, 700}) {
    clock_.Advance(1);
    EXPECT_EQ(Grow(size, next), static_cast<uint64_t>(clock_.NowSeconds()));
    size = next;
    ExpectSize(size);
  }
  EXPECT_THAT(alarms_, IsEmpty());
}

TEST_F(WitnessTest, TheSameCheckpointAgainGetsALaterTime) {
  EXPECT_EQ(Grow(0, 5), kStart);
  EXPECT_EQ(Grow(5, 5), kStart);
  clock_.Advance(60);
  EXPECT_EQ(Grow(5, 5), kStart + 60);
  // What it has cosigned from before that is no longer a start.
  EXPECT_EQ(Code(log_.Body(0, 5)), 409);
}

TEST_F(WitnessTest, OutOfOrderIsToldTheSizeItKnows) {
  Grow(0, 9);
  const std::string before = log_.Body(4, 7);
  EXPECT_EQ(Code(before), 409);
  EXPECT_EQ(Code(log_.Body(7, 9)), 409);
  EXPECT_EQ(Code(log_.Body(10, 12)), 409);
  ExpectSize(9);
  Grow(9, 12);
  ExpectSize(12);
}

TEST_F(WitnessTest, NeverASmallerTree) {
  Grow(0, 9);
  for (uint64_t from = 0; from < 9; ++from) EXPECT_EQ(Code(log_.Body(from, 8)), 409) << from;
  EXPECT_EQ(Code(absl::StrReplaceAll(log_.Body(8, 8), {{"old 8", "old 9"}})), 400);
  ExpectSize(9);
}

TEST_F(WitnessTest, NeverAnotherHistory) {
  TestLog forked("log.example/1", 7, 6);
  Grow(0, 9);
  EXPECT_EQ(Code(forked.Body(9, 9)), 422);
  ASSERT_EQ(alarms_.size(), 1u);
  EXPECT_THAT(alarms_[0], HasSubstr("'log.example/1' has signed two trees of 9 leaves"));
  const auto evidence = merkle::ForkEvidence::Parse(
      ReadFile(StateFile(StatePath(directory_), "log.example/1") + ".evidence", 1 << 20).value());
  EXPECT_TRUE(evidence->Verify(log_.key()).ok());
  EXPECT_EQ(evidence->larger().size(), 9u);
  EXPECT_EQ(Code(forked.Body(9, 12)), 422);
  // A proof of the one history under a checkpoint of the other.
  const auto proof = log_.Request(9, 12).proof();
  const auto mixed = merkle::AddCheckpointRequest::Create(
      9, std::vector<merkle::Hash>(proof.begin(), proof.end()), forked.NoteAt(12));
  EXPECT_EQ(Code(mixed->Serialize()), 422);
  ExpectSize(9);
  Grow(9, 12);
}

TEST_F(WitnessTest, ABadProofIsRefused) {
  Grow(0, 5);
  const auto right = log_.Request(5, 12);
  std::vector<merkle::Hash> proof(right.proof().begin(), right.proof().end());
  const auto code = [&](uint64_t from, const std::vector<merkle::Hash>& hashes) {
    return Code(merkle::AddCheckpointRequest::Create(from, hashes, log_.NoteAt(12))->Serialize());
  };
  for (size_t i = 0; i < proof.size(); ++i) {
    std::vector<merkle::Hash> wrong = proof;
    wrong[i][31] ^= 1;
    EXPECT_EQ(code(5, wrong), 422);
    wrong = proof;
    wrong.erase(wrong.begin() + static_cast<ptrdiff_t>(i));
    EXPECT_EQ(code(5, wrong), 422);
  }
  std::vector<merkle::Hash> more = proof;
  more.push_back(merkle::Hash{});
  EXPECT_EQ(code(5, more), 422);
  EXPECT_EQ(code(5, {}), 422);
  ExpectSize(5);
  EXPECT_EQ(code(5, proof), 200);
}

TEST_F(WitnessTest, AProofFromNothingIsRefused) {
  const auto proof = log_.Request(3, 5).proof();
  const auto request = merkle::AddCheckpointRequest::Create(
      0, std::vector<merkle::Hash>(proof.begin(), proof.end()), log_.NoteAt(5));
  EXPECT_EQ(Code(request->Serialize()), 422);
  ExpectSize(0);
}

TEST_F(WitnessTest, OnlyTheLogsOwnSignatureCounts) {
  EXPECT_EQ(Code(TestLog("log.example/3").Body(0, 5)), 404);
  EXPECT_EQ(Code(TestLog("log.example/1", 9).Body(0, 5)), 403);
  // The right key ID with a wrong signature.
  const std::string body = log_.Body(0, 5);
  const size_t last = body.size() - 8;
  std::string wrong = body;
  wrong[last] = wrong[last] == 'A' ? 'B' : 'A';
  EXPECT_EQ(Code(wrong), 403);
  // Another log's checkpoint under this origin's name, and this one's signature on another text.
  EXPECT_EQ(Code(absl::StrReplaceAll(body, {{"log.example/1\n5", "log.example/2\n5"}})), 403);
  EXPECT_EQ(Code(absl::StrReplaceAll(body, {{"\n5\n", "\n6\n"}})), 403);
  ExpectSize(0);
}

TEST_F(WitnessTest, LinesOfOthersAreNotPassedOn) {
  const merkle::Note note = merkle::Note::Parse(AsBytes(log_.NoteAt(5))).value();
  auto lines = note.signatures();
  lines.push_back({"somebody", 5, Bytes(64, 1)});
  const std::string more = merkle::Note::Create(note.text(), lines)->Serialize();
  EXPECT_EQ(Code("old 0\n\n" + more), 200);
  const auto stored = ReadState(StatePath(directory_), "log.example/1", *verifier_).value().value();
  EXPECT_EQ(stored.note.signatures().size(), 2u);
  EXPECT_EQ(stored.head, log_.HeadAt(5));
  lines.push_back(lines.front());
  EXPECT_EQ(Code("old 5\n\n" + merkle::Note::Create(note.text(), lines)->Serialize()), 400);
}

TEST_F(WitnessTest, MalformedIsRefused) {
  for (const std::string& body :
       {std::string(), std::string("\n"), std::string("old 0\n"), std::string("old 0\n\n"),
        std::string(100'000, 'a'), log_.Body(0, 5).substr(1), log_.Body(0, 5) + "\n",
        absl::StrReplaceAll(log_.Body(0, 5), {{"\n", "\r\n"}})}) {
    EXPECT_EQ(Code(body), 400);
  }
  const std::string no_leaves = absl::StrReplaceAll(
      log_.Body(0, 0), {{ToBase64(merkle::EmptyRoot()), ToBase64(log_.HeadAt(1).root)}});
  EXPECT_EQ(Code(no_leaves), 422);
  ExpectSize(0);
}

TEST_F(WitnessTest, EitherOfTwoKeysOfALogSigns) {
  TestLog renewed("log.example/1", 9);
  ASSERT_TRUE(TryOpen({log_.key(), renewed.key()}).ok());
  Grow(0, 5);
  const auto request = renewed.Request(5, 8);
  TimeOf(request, Post(request.Serialize()));
  ExpectSize(8);
}

TEST_F(WitnessTest, RemembersAfterARestart) {
  Grow(0, 5);
  Open();
  ExpectSize(5);
  EXPECT_EQ(Code(TestLog("log.example/1", 7, 2).Body(5, 9)), 422);
  Grow(5, 9);
  EXPECT_EQ(witness_->Logs()[0].state->head, log_.HeadAt(9));
  EXPECT_FALSE(witness_->Logs()[1].state.has_value());
}

TEST_F(WitnessTest, TheStateIsStoredBeforeTheCosignatureLeaves) {
  Grow(0, 5);
  std::string seen;
  before_store_ = [&](ByteSpan bytes) {
    seen = std::string(AsText(bytes));
    return absl::OkStatus();
  };
  clock_.Advance(1);
  const AddCheckpointReply reply = Post(log_.Body(5, 9));
  EXPECT_EQ(reply.code, 200);
  EXPECT_THAT(seen, HasSubstr(reply.body));
  EXPECT_THAT(seen, HasSubstr(log_.NoteAt(9)));
}

TEST_F(WitnessTest, WithoutTheDiskItCosignsNothingMoreOfTheLog) {
  Grow(0, 5);
  before_store_ = [](ByteSpan) { return absl::UnavailableError("disk full"); };
  const AddCheckpointReply reply = Post(log_.Body(5, 9));
  EXPECT_EQ(reply.code, 500);
  EXPECT_EQ(reply.body.find("\u2014"), std::string::npos);
  ASSERT_EQ(alarms_.size(), 1u);
  EXPECT_THAT(alarms_[0], HasSubstr("disk full"));
  before_store_ = nullptr;
  // Size 9 may have been stored or not: a tree that contradicts it must not be cosigned.
  EXPECT_EQ(Code(TestLog("log.example/1", 7, 6).Body(5, 9)), 500);
  EXPECT_EQ(Code(log_.Body(5, 9)), 500);
  EXPECT_EQ(Code(other_.Body(0, 3)), 200);
  Open();
  ExpectSize(5);
  Grow(5, 9);
}

TEST_F(WitnessTest, TimesNeverGoBack) {
  Grow(0, 5);
  clock_.Set(kStart - 1);
  const AddCheckpointReply reply = Post(log_.Body(5, 9));
  EXPECT_EQ(reply.code, 503);
  EXPECT_THAT(reply.body, HasSubstr("its clock was set back"));
  EXPECT_EQ(Code(log_.Body(5, 5)), 503);
  EXPECT_EQ(Code(other_.Body(0, 3)), 503);
  Open();  // and not after a restart
  EXPECT_EQ(Code(log_.Body(5, 9)), 503);
  EXPECT_EQ(Code(other_.Body(0, 3)), 503);
  clock_.Set(-5);
  EXPECT_EQ(Code(log_.Body(5, 9)), 503);
  clock_.Set(kStart);
  EXPECT_EQ(Grow(5, 9), kStart);
}

TEST_F(WitnessTest, ADamagedStateIsNotBegunAnew) {
  Grow(0, 5);
  const std::string file = StateFile(StatePath(directory_), "log.example/1");
  const std::string right(AsText(ReadFile(file, 1 << 20).value()));
  const auto open_with = [&](const std::string& contents) {
    std::ofstream(file, std::ios::binary) << contents;
    return TryOpen({log_.key()});
  };
  std::string flipped = right;
  flipped[right.find("\n5\n") + 1] = '6';
  const std::string unsigned_by_us = log_.NoteAt(5);
  for (const std::string& wrong :
       {std::string(), right.substr(0, right.size() / 2), flipped, right + "x", unsigned_by_us}) {
    const absl::Status refused = open_with(wrong);
    EXPECT_EQ(refused.code(), absl::StatusCode::kDataLoss) << refused;
    EXPECT_THAT(std::string(refused.message()),
                HasSubstr("the state of log 'log.example/1' is damaged: "));
  }
  EXPECT_TRUE(open_with(right).ok());
  // The state of another log in its place.
  fs::copy_file(file, StateFile(StatePath(directory_), "log.example/2"));
  EXPECT_EQ(TryOpen({other_.key()}).code(), absl::StatusCode::kDataLoss);
  fs::remove_all(StatePath(directory_));
  EXPECT_EQ(TryOpen({log_.key()}).code(), absl::StatusCode::kNotFound);
}

TEST_F(WitnessTest, OfManyAtOnceOneHistoryIsCosigned) {
  Grow(0, 5);
  std::vector<std::string> bodies;
  for (uint64_t fork = 5; fork < 13; ++fork) {
    bodies.push_back(TestLog("log.example/1", 7, fork).Body(5, 13));
  }
  std::vector<int> codes(bodies.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < bodies.size(); ++i) {
    threads.emplace_back([&, i] { codes[i] = Code(bodies[i]); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::count(codes.begin(), codes.end(), 200), 1);
  EXPECT_EQ(std::count(codes.begin(), codes.end(), 409), 7);
  ExpectSize(13);
}

TEST_F(WitnessTest, ADirectoryIsMadeOnceAndServedOnce) {
  crypto::SeededRng rng(2);
  EXPECT_EQ(InitializeWitness(directory_, "w.example/2", rng).status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(InitializeWitness(directory_ + "-2", "a b", rng).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(LoadVerifier(directory_ + "-2").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(LoadVerifier(directory_).value(), *verifier_);
  {
    const DirectoryLock lock = DirectoryLock::Take(directory_).value();
    EXPECT_EQ(DirectoryLock::Take(directory_).status().code(),
              absl::StatusCode::kFailedPrecondition);
  }
  EXPECT_TRUE(DirectoryLock::Take(directory_).ok());
}

TEST_F(WitnessTest, ItsKeyIsItsOwnersAndItsOwn) {
  fs::permissions(KeyPath(directory_), fs::perms::owner_read | fs::perms::group_read);
  EXPECT_EQ(LoadSigner(directory_).status().code(), absl::StatusCode::kFailedPrecondition);
  std::ofstream(KeyPath(directory_)) << std::string(64, '1') << "\n";
  fs::permissions(KeyPath(directory_), fs::perms::owner_read);
  EXPECT_EQ(LoadSigner(directory_).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(WitnessTest, ReadsTheLogLinesOfAPolicy) {
  EXPECT_THAT(LoadLogs(LogsPath(directory_)).value(), IsEmpty());
  std::ofstream(LogsPath(directory_)) << "# ours\nlog " << log_.key().vkey() << "\nlog "
                                      << other_.key().vkey() << " https://x/\nquorum none\n";
  EXPECT_THAT(LoadLogs(LogsPath(directory_)).value(),
              ::testing::ElementsAre(log_.key(), other_.key()));
  // A board has many logs under one key.
  const TestLog sister("log.example/sister");
  ASSERT_EQ(sister.key().key(), log_.key().key());
  std::ofstream(LogsPath(directory_))
      << "log " << log_.key().vkey() << "\nlog " << sister.key().vkey() << "\nquorum none\n";
  EXPECT_THAT(LoadLogs(LogsPath(directory_)).value(),
              ::testing::ElementsAre(log_.key(), sister.key()));
  std::ofstream(LogsPath(directory_))
      << "log " << log_.key().vkey() << "\nlog " << log_.key().vkey() << "\nquorum none\n";
  EXPECT_THAT(std::string(LoadLogs(LogsPath(directory_)).status().message()),
              HasSubstr("stands there twice"));
  std::ofstream(LogsPath(directory_)) << "log " << log_.key().vkey() << "\n";
  EXPECT_THAT(std::string(LoadLogs(LogsPath(directory_)).status().message()),
              HasSubstr("no line 'quorum'"));
}

}  // namespace
}  // namespace urna::witness
