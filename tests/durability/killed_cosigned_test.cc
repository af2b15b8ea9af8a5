// A board with a witness, killed at every call by which it keeps what has been cosigned: what it
// once showed as final is final when it is back, and it goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/crypto/rng.h"
#include "core/merkle/checkpoint.h"
#include "core/remote/board_client.h"
#include "server/checkpoint_files.h"
#include "server/data_directory.h"
#include "tests/durability/commit_path.h"
#include "tests/durability/strace.h"
#include "tests/server/program.h"
#include "witness/directory.h"

namespace urna::testing {
namespace {

constexpr size_t kActs = 6;

uint64_t SizeOf(absl::string_view note) {
  const auto parsed = merkle::Note::Parse(AsBytes(note));
  EXPECT_EQ(parsed.status(), absl::OkStatus());
  const auto checkpoint = merkle::Checkpoint::Parse(parsed->text());
  EXPECT_EQ(checkpoint.status(), absl::OkStatus());
  return checkpoint->size();
}

// Whether it comes true within half a minute.
bool Eventually(const std::function<bool()>& is_so) {
  for (int i = 0; i < 1500; ++i) {
    if (is_so()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return is_so();
}

class KilledCosignedTest : public ::testing::Test {
 protected:
  static const Prepared& prepared() {
    static const Prepared* const made = new Prepared(kActs);
    return *made;
  }

  void SetUp() override {
    const std::string why = WhyNotWatched(Folder("asleep"));
    if (!why.empty() && MayBeLeftOut()) GTEST_SKIP() << "not tested: " << why;
    ASSERT_EQ(why, "") << WithoutWatching(why);
  }

  // A fresh board that has been opened, and a fresh witness of its logs.
  void Begin() {
    prepared().CopyTo(data());
    const auto files = server::ReadCheckpoints(server::CheckpointsPath(data()));
    entries_ = SizeOf(files.value().at(kPollOrigin));
    given_.clear();
    next_ = 0;
    BeginWitness();
  }
  void BeginWitness() {
    witness_.reset();
    const std::string directory = directory_.File("witness");
    std::filesystem::remove_all(directory);
    crypto::SystemRng rng;
    const auto verifier = witness::InitializeWitness(directory, "witness.example/1", rng);
    ASSERT_EQ(verifier.status(), absl::OkStatus());
    const std::string logs = absl::StrCat("log ", prepared().key().vkey(), "\nlog ",
                                          prepared().roll_key().vkey(), "\nquorum none\n");
    ASSERT_EQ(WriteFileDurably(witness::LogsPath(directory), AsBytes(logs)), absl::OkStatus());
    witness_ = std::make_unique<Program>(
        URNA_WITNESS_PROGRAM, Folder("witness_output"),
        std::vector<std::string>{"serve", directory, "--listen", "127.0.0.1:0"});
    const std::string policy = absl::StrCat("witness w ", verifier->vkey(), " http://",
                                            witness_->Address(), "/\nquorum w\n");
    ASSERT_EQ(WriteFileDurably(policy_file(), AsBytes(policy)), absl::OkStatus());
  }
  void EndWitness() {
    witness_->Signal(SIGKILL);
    witness_->Wait();
  }

  std::string data() const { return directory_.File("data"); }
  std::string cosigned() const { return server::CosignedPath(data()); }
  std::string policy_file() const { return directory_.File("witness.policy"); }
  std::string Folder(const std::string& name) const {
    EXPECT_EQ(MakeDirectories(directory_.File(name)), absl::OkStatus());
    return directory_.File(name);
  }
  std::unique_ptr<Program> Serve() {
    return std::make_unique<Program>(
        URNA_SERVER_PROGRAM, directory_.path(),
        std::vector<std::string>{"serve", "--data", data(), "--listen", "127.0.0.1:0", "--threads",
                                 "1", "--witness-policy", policy_file()});
  }
  static remote::BoardClient Client(const Program& program) {
    return remote::BoardClient::Connect(program.Address(), {}).value();
  }

  // Entries of the largest checkpoint that is shown as final; nothing if none is.
  static std::optional<uint64_t> Final(remote::BoardClient& client) {
    const auto shown = client.GetCheckpoints(kPollOrigin);
    if (!shown.ok() || !shown->final.has_value()) return std::nullopt;
    return SizeOf(*shown->final);
  }
  // The witness's time of the opening is logged, and all that was sent is final.
  bool AllFinal(remote::BoardClient& client) {
    return Eventually([&] { return Final(client) == entries_ + 1 + next_; });
  }
  // Sends the next act; whether it was accepted.
  bool Send(remote::BoardClient& client) {
    const auto receipt = client.Act(kPollOrigin, prepared().acts()[next_]);
    if (!receipt.ok()) return false;
    const auto proof = merkle::TlogProof::Parse(AsBytes(receipt->proof));
    const auto checkpoint =
        merkle::OpenCheckpoint(AsBytes(proof.value().checkpoint_note()), prepared().key(),
                               merkle::OtherSignatures::kRefused);
    given_.push_back(Given{
        server::Receipt{receipt->index, merkle::LeafHash(prepared().acts()[next_]), receipt->proof},
        checkpoint.value().size(), checkpoint->root()});
    ++next_;
    return true;
  }
  // The thread that keeps what is cosigned.
  pid_t Keeper(const Program& server, remote::BoardClient& client) {
    const std::string calls = Folder("strace") + "/calls";
    const auto strace =
        Watch(server.pid(), Folder("strace"), {"-f", "-o", calls, "-e", "trace=rename"});
    EXPECT_TRUE(Send(client));
    EXPECT_TRUE(AllFinal(client));
    strace->Signal(SIGINT);
    strace->Wait();
    const pid_t thread = ThreadOf(calls, cosigned());
    EXPECT_NE(thread, 0);
    return thread;
  }
  // How often it makes each call, on files of that directory, for one checkpoint.
  std::map<std::string, int> CallsOfOne() {
    Begin();
    const std::unique_ptr<Program> server = Serve();
    remote::BoardClient client = Client(*server);
    EXPECT_TRUE(AllFinal(client));
    const pid_t keeper = Keeper(*server, client);
    const std::string file = Folder("strace") + "/calls";
    const auto strace = Watch(keeper, Folder("strace"),
                              {"-y", "-o", file, "-e", absl::StrCat("trace=", kWritingCalls)});
    EXPECT_TRUE(Send(client));
    EXPECT_TRUE(AllFinal(client));
    strace->Signal(SIGINT);
    strace->Wait();
    return CallsOn(file, cosigned());
  }

  // Lets the board be killed before that call. What it had shown as final then.
  uint64_t KillAt(const std::string& call, int when) {
    const std::unique_ptr<Program> server = Serve();
    remote::BoardClient client = Client(*server);
    EXPECT_TRUE(AllFinal(client));
    const pid_t keeper = Keeper(*server, client);
    std::vector<std::string> arguments = KillBefore(call, when);
    arguments.insert(arguments.begin(), {"-o", "/dev/null"});
    const auto strace = Watch(keeper, Folder("strace"), std::move(arguments));
    const uint64_t shown = Final(client).value_or(0);
    EXPECT_EQ(shown, entries_ + 1 + next_);
    static_cast<void>(Send(client));  // killed before the answer has come, or soon after
    EXPECT_EQ(server->Wait(), -1);    // a signal ended it
    strace->Wait();
    return shown;
  }

  TempDirectory directory_;
  uint64_t entries_ = 0;  // of the poll as it was prepared
  std::vector<Given> given_;
  size_t next_ = 0;
  std::unique_ptr<Program> witness_;
};

bool HasTemporaries(const std::string& directory) {
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    if (absl::StrContains(file.path().filename().string(), ".tmp-")) return true;
  }
  return false;
}

TEST_F(KilledCosignedTest, WhatWasFinalStaysFinalWhereverItIsKilled) {
  const std::map<std::string, int> calls = CallsOfOne();
  // Written, synced and renamed, and its directory synced.
  EXPECT_GE(calls.at("write"), 1);
  EXPECT_EQ(calls.at("fsync"), 2);
  EXPECT_EQ(calls.at("rename"), 1);
  bool left_one = false;
  for (const auto& [call, count] : calls) {
    for (int when = 1; when <= count; ++when) {
      SCOPED_TRACE(absl::StrCat(call, " ", when, " of ", count));
      Begin();
      const uint64_t shown = KillAt(call, when);
      left_one |= HasTemporaries(cosigned());
      const auto files = server::ReadCheckpoints(cosigned());
      ASSERT_EQ(files.status(), absl::OkStatus());  // none is torn
      EXPECT_GE(SizeOf(files->at(kPollOrigin)), shown);
      const Judgement judgement = Judge(data(), given_, prepared());
      EXPECT_TRUE(judgement.Whole()) << judgement.ToString();
      EXPECT_FALSE(HasTemporaries(cosigned()));

      const std::unique_ptr<Program> server = Serve();
      remote::BoardClient client = Client(*server);
      EXPECT_GE(Final(client).value_or(0), shown);
      // The act of before may have been logged without an answer: the same bytes are one entry.
      while (next_ < 4 && Send(client)) continue;
      EXPECT_EQ(next_, 4u);
      EXPECT_TRUE(AllFinal(client));
      // And if nobody cosigns any more, it remembers.
      const uint64_t at_last = Final(client).value_or(0);
      server->Signal(SIGKILL);
      server->Wait();
      EndWitness();
      const std::unique_ptr<Program> alone = Serve();
      remote::BoardClient again = Client(*alone);
      EXPECT_EQ(Final(again), at_last);
    }
  }
  EXPECT_TRUE(left_one);  // of some a file half written was left, and taken away
}

}  // namespace
}  // namespace urna::testing
