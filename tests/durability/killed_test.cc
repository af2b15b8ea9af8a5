// The program itself: killed at random moments and at every write, sync and rename by which it
// commits, and told by the system that one of them failed. strace does that to it from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/merkle/tlog_proof.h"
#include "core/remote/board_client.h"
#include "tests/durability/commit_path.h"
#include "tests/server/program.h"

namespace urna::testing {
namespace {

using ::testing::HasSubstr;

constexpr size_t kActs = 48;
constexpr char kStrace[] = "/usr/bin/strace";

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

  // Starts the board, sends two acts, and then lets strace watch it with these arguments; sends
  // until it has ended. What it said meanwhile.
  std::string SendUnder(std::vector<std::string> watch) {
    const std::unique_ptr<Program> server = Serve();
    remote::BoardClient client = Client(*server);
    EXPECT_EQ(Send(client, 2), absl::OkStatus());
    const std::string folder = directory_.File("strace");
    EXPECT_EQ(MakeDirectories(folder), absl::OkStatus());
    watch.insert(watch.begin(),
                 {"-f", "-o", folder + "/calls", "-p", std::to_string(server->pid())});
    Program strace(kStrace, folder, std::move(watch));
    for (int i = 0; i < 200 && strace.Errors().find("attached") == std::string::npos; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_THAT(strace.Errors(), HasSubstr("attached")) << "strace must be allowed to watch";
    const absl::Status ended = Send(client);
    EXPECT_FALSE(ended.ok()) << "nothing happened to it";
    EXPECT_EQ(server->Wait(), -1);  // a signal ended it
    strace.Wait();
    return server->Errors();
  }

  // It serves again, and everything is there; goes on from there.
  void ExpectWhole(const std::string& after) {
    const Judgement judgement = Judge(data(), given_, prepared());
    EXPECT_TRUE(judgement.Whole()) << after << ": " << judgement.ToString();
  }

  TempDirectory directory_;
  std::mt19937_64 random_{std::random_device{}()};
  std::vector<Given> given_;
  size_t next_ = 0;
};

TEST_F(KilledTest, AtRandomMoments) {
  const auto seed = random_();
  std::cout << "seed " << seed << "\n";
  random_.seed(seed);
  const int rounds = Long() ? 200 : 8;
  for (int round = 0; round < rounds; ++round) {
    if (next_ == kActs) Begin();
    const std::unique_ptr<Program> server = Serve();
    remote::BoardClient client = Client(*server);
    const auto after = std::chrono::microseconds(random_() % 120'000);
    std::thread killer([&] {
      std::this_thread::sleep_for(after);
      server->Signal(SIGKILL);
    });
    static_cast<void>(Send(client));
    killer.join();
    server->Wait();
    ExpectWhole(absl::StrCat("killed after ", after.count(), " µs, seed ", seed));
  }
}

TEST_F(KilledTest, AtEveryWriteSyncAndRenameOfACommit) {
  const std::vector<std::string> calls = {"write",  "fdatasync", "fsync",
                                          "rename", "openat",    "close"};
  for (const std::string& call : calls) {
    for (int when = 1; when <= (Long() ? 12 : 3); ++when) {
      SCOPED_TRACE(absl::StrCat(call, " ", when));
      Begin();
      SendUnder({"-e", absl::StrCat("trace=", call), "-e",
                 absl::StrCat("inject=", call, ":signal=KILL:when=", when)});
      ExpectWhole(call);
    }
  }
}

TEST_F(KilledTest, ADiskThatFailsStopsTheBoardBeforeItSaysAccepted) {
  for (const std::string error : {"EIO", "ENOSPC"}) {
    for (const std::string call : {"fdatasync", "fsync", "rename"}) {
      for (int when = 1; when <= (Long() ? 4 : 2); ++when) {
        SCOPED_TRACE(absl::StrCat(error, " from ", call, " ", when));
        Begin();
        const std::string said =
            SendUnder({"-e", absl::StrCat("trace=", call), "-e",
                       absl::StrCat("inject=", call, ":error=", error, ":when=", when)});
        EXPECT_THAT(said, HasSubstr("Nothing more can be signed; stopping"));
        EXPECT_EQ(said.find("The disk is full") != std::string::npos, error == "ENOSPC");
        ExpectWhole(call);
      }
    }
  }
}

// The write-ahead log can no longer be written to, as on a disk that is full or gone.
TEST_F(KilledTest, WritesThatFailStopTheBoardBeforeItSaysAccepted) {
  for (const std::string error : {"EIO", "ENOSPC"}) {
    SCOPED_TRACE(error);
    Begin();
    // Names of write-ahead logs go up: one of the next is the one that it will write to.
    std::vector<std::string> watch = {"-e", "trace=write", "-e",
                                      absl::StrCat("inject=write:error=", error, ":when=1+")};
    for (int number = 0; number < 60; ++number) {
      watch.push_back("-P");
      watch.push_back(absl::StrCat(data(), "/ledger/", absl::Dec(number, absl::kZeroPad6), ".log"));
    }
    const std::string said = SendUnder(std::move(watch));
    EXPECT_THAT(said, HasSubstr("Nothing more can be signed; stopping"));
    ExpectWhole(error);
  }
}

TEST_F(KilledTest, ASecondServerIsTurnedAwayAndTheFirstGoesOn) {
  const std::unique_ptr<Program> first = Serve();
  remote::BoardClient client = Client(*first);
  ASSERT_EQ(Send(client, 2), absl::OkStatus());
  ASSERT_EQ(MakeDirectories(directory_.File("second")), absl::OkStatus());
  Program second(URNA_SERVER_PROGRAM, directory_.File("second"),
                 {"serve", "--data", data(), "--listen", "127.0.0.1:0"});
  EXPECT_EQ(second.Wait(), 1);
  EXPECT_THAT(second.Errors(), HasSubstr("in use by another server; stop that one first"));
  ASSERT_EQ(Send(client, 2), absl::OkStatus());
  first->Signal(SIGKILL);
  first->Wait();
  ExpectWhole("two servers");
}

}  // namespace
}  // namespace urna::testing
