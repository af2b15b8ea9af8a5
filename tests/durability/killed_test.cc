// The program itself: killed at random moments and at every call by which it commits, and told by
// the system that one of them failed. strace does that to it from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <iostream>
#include <map>
#include <random>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/merkle/tlog_proof.h"
#include "core/remote/board_client.h"
#include "tests/durability/commit_path.h"
#include "tests/durability/strace.h"
#include "tests/server/program.h"

namespace urna::testing {
namespace {

using ::testing::HasSubstr;

constexpr size_t kActs = 48;
constexpr size_t kBefore = 2;  // acts before strace watches

class KilledTest : public ::testing::Test {
 protected:
  static const Prepared& prepared() {
    static const Prepared* const made = new Prepared(kActs);
    return *made;
  }
  void SetUp() override { Begin(); }

  // A fresh board with nothing sent yet.
  void Begin() {
    prepared().CopyTo(data());
    given_.clear();
    next_ = 0;
  }
  std::string data() const { return directory_.File("data"); }
  std::string Folder(const std::string& name) const {
    EXPECT_EQ(MakeDirectories(directory_.File(name)), absl::OkStatus());
    return directory_.File(name);
  }
  std::unique_ptr<Program> Serve() {
    return std::make_unique<Program>(URNA_SERVER_PROGRAM, directory_.path(),
                                     std::vector<std::string>{"serve", "--data", data(), "--listen",
                                                              "127.0.0.1:0", "--threads", "1"});
  }
  static remote::BoardClient Client(const Program& program) {
    return remote::BoardClient::Connect(program.Address(), {}).value();
  }

  // Sends acts, from the first without a receipt on, until one is not answered or `most` are.
  absl::Status Send(remote::BoardClient& client, size_t most = kActs) {
    for (size_t i = 0; i < most && next_ < kActs; ++i) {
      const auto receipt = client.Act(kPollOrigin, prepared().acts()[next_]);
      if (!receipt.ok()) return receipt.status();
      const auto proof = merkle::TlogProof::Parse(AsBytes(receipt->proof));
      const auto checkpoint =
          merkle::OpenCheckpoint(AsBytes(proof.value().checkpoint_note()), prepared().key(),
                                 merkle::OtherSignatures::kRefused);
      given_.push_back(
          Given{server::Receipt{receipt->index, merkle::LeafHash(prepared().acts()[next_]),
                                receipt->proof},
                checkpoint.value().size(), checkpoint->root()});
      ++next_;
    }
    return absl::OkStatus();
  }

  std::unique_ptr<Program> Watch(pid_t thread, std::vector<std::string> arguments) {
    return testing::Watch(thread, Folder("strace"), std::move(arguments));
  }
  // The thread that syncs while an act is sent: the one that commits.
  pid_t Committer(const Program& server, remote::BoardClient& client) {
    const std::string calls = Folder("strace") + "/calls";
    const auto strace = Watch(server.pid(), {"-f", "-o", calls, "-e", "trace=fdatasync"});
    EXPECT_EQ(Send(client, 1), absl::OkStatus());
    strace->Signal(SIGINT);
    strace->Wait();
    const pid_t thread = ThreadOf(calls, "fdatasync");
    EXPECT_NE(thread, 0);
    return thread;
  }
  // How often the committer makes each call, on files of the data directory, for one act. Others
  // come after those: it wakes the threads that answer.
  std::map<std::string, int> CallsOfACommit();

  // Starts the board, sends a few acts, and then lets strace watch its committer with these
  // arguments; sends until it has ended. What it said meanwhile.
  std::string SendUnder(std::vector<std::string> watch) {
    const std::unique_ptr<Program> server = Serve();
    remote::BoardClient client = Client(*server);
    EXPECT_EQ(Send(client, kBefore), absl::OkStatus());
    const pid_t committer = Committer(*server, client);
    watch.insert(watch.begin(), {"-o", "/dev/null"});
    const auto strace = Watch(committer, std::move(watch));
    const size_t before = given_.size();
    EXPECT_FALSE(Send(client).ok()) << "nothing happened to it";
    EXPECT_EQ(given_.size(), before) << "it answered nevertheless";
    EXPECT_EQ(server->Wait(), -1);  // a signal ended it
    strace->Wait();
    return server->Errors();
  }

  // It serves again, and everything is there.
  void ExpectWhole(const std::string& after) {
    const Judgement judgement = Judge(data(), given_, prepared());
    EXPECT_TRUE(judgement.Whole()) << after << ": " << judgement.ToString();
  }

  TempDirectory directory_;
  std::vector<Given> given_;
  size_t next_ = 0;
};

TEST_F(KilledTest, AtRandomMoments) {
  const auto seed = std::random_device{}();
  std::cout << "seed " << seed << "\n";
  std::mt19937_64 random(seed);
  const int rounds = Long() ? 200 : 8;
  for (int round = 0; round < rounds; ++round) {
    if (next_ == kActs) Begin();
    const std::unique_ptr<Program> server = Serve();
    remote::BoardClient client = Client(*server);
    ASSERT_EQ(Send(client, 1), absl::OkStatus());
    const auto after = std::chrono::microseconds(random() % 60'000);
    std::thread killer([&] {
      std::this_thread::sleep_for(after);
      server->Signal(SIGKILL);
    });
    static_cast<void>(Send(client));
    killer.join();
    EXPECT_EQ(server->Wait(), -1);
    ExpectWhole(absl::StrCat("killed after ", after.count(), " µs, seed ", seed));
  }
}

TEST_F(KilledTest, ASecondServerIsTurnedAwayAndTheFirstGoesOn) {
  const std::unique_ptr<Program> first = Serve();
  remote::BoardClient client = Client(*first);
  ASSERT_EQ(Send(client, 2), absl::OkStatus());
  Program second(URNA_SERVER_PROGRAM, Folder("second"),
                 {"serve", "--data", data(), "--listen", "127.0.0.1:0"});
  EXPECT_EQ(second.Wait(), 1);
  EXPECT_THAT(second.Errors(), HasSubstr("in use by another server; stop that one first"));
  ASSERT_EQ(Send(client, 2), absl::OkStatus());
  first->Signal(SIGKILL);
  first->Wait();
  ExpectWhole("two servers");
}

// Those in which strace watches: it must be allowed to.
class WatchedTest : public KilledTest {
 protected:
  void SetUp() override {
    const std::string why = WhyNotWatched(Folder("asleep"));
    if (!why.empty() && MayBeLeftOut()) GTEST_SKIP() << "not tested: " << why;
    ASSERT_EQ(why, "") << WithoutWatching(why);
    KilledTest::SetUp();
  }
};

std::map<std::string, int> KilledTest::CallsOfACommit() {
  Begin();
  const std::unique_ptr<Program> server = Serve();
  remote::BoardClient client = Client(*server);
  EXPECT_EQ(Send(client, kBefore), absl::OkStatus());
  const pid_t committer = Committer(*server, client);
  const std::string file = Folder("strace") + "/calls";
  const auto strace =
      Watch(committer, {"-y", "-o", file, "-e", absl::StrCat("trace=", kWritingCalls)});
  EXPECT_EQ(Send(client, 1), absl::OkStatus());
  strace->Signal(SIGINT);
  strace->Wait();
  return CallsOn(file, data());
}

TEST_F(WatchedTest, KilledBeforeEveryCallOfACommit) {
  const std::map<std::string, int> calls = CallsOfACommit();
  // The entry is written and synced; then the checkpoint beside it: written, synced, renamed, and
  // its directory synced.
  EXPECT_EQ(calls.at("fdatasync"), 1);
  EXPECT_EQ(calls.at("fsync"), 2);
  EXPECT_EQ(calls.at("rename"), 1);
  EXPECT_GE(calls.at("write"), 2);
  for (const auto& [call, count] : calls) {
    for (int when = 1; when <= count; ++when) {
      SCOPED_TRACE(absl::StrCat(call, " ", when, " of ", count));
      Begin();
      SendUnder(KillBefore(call, when));
      ExpectWhole(call);
    }
  }
}

TEST_F(WatchedTest, ADiskThatFailsOrIsFullStopsTheBoardBeforeItSaysAccepted) {
  const std::map<std::string, int> calls = CallsOfACommit();
  for (const std::string error : {"EIO", "ENOSPC"}) {
    for (const std::string call : {"write", "fdatasync", "fsync", "rename"}) {
      for (int when = 1; when <= calls.at(call); ++when) {
        SCOPED_TRACE(absl::StrCat(error, " from ", call, " ", when));
        Begin();
        const std::string said =
            SendUnder({"-e", absl::StrCat("trace=", call), "-e",
                       absl::StrCat("inject=", call, ":error=", error, ":when=", when)});
        EXPECT_THAT(said, HasSubstr("Nothing more can be signed; stopping"));
        EXPECT_THAT(said, HasSubstr("docs/operations.md"));
        EXPECT_EQ(absl::StrContains(said, "The disk is full"), error == "ENOSPC") << said;
        ExpectWhole(call);
      }
    }
  }
}

}  // namespace
}  // namespace urna::testing
