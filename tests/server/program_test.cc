// The program itself: its commands, exit statuses, and how it takes being stopped and killed.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "core/base/file.h"
#include "core/record/directory.h"
#include "core/remote/board_client.h"
#include "tests/server/board_fixture.h"
#include "tests/server/http_client.h"

extern char** environ;

namespace urna::server {
namespace {

using petition::Act;
using ::testing::HasSubstr;
using testing::kPollOrigin;
using testing::TestBoard;
using testing::TestPetition;

// One run of urna-server; its output goes to files.
class Program {
 public:
  Program(const std::string& folder, std::vector<std::string> arguments)
      : out_(folder + "/stdout"), err_(folder + "/stderr") {
    std::string program = URNA_SERVER_PROGRAM;
    std::vector<char*> argv = {program.data()};
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 1, out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&files, 2, err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    EXPECT_EQ(posix_spawn(&pid_, argv[0], &files, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&files);
  }
  ~Program() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  // The exit status, or -1 if a signal ended it.
  int Wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  void Signal(int signal) { kill(pid_, signal); }
  std::string Output() const { return Text(out_); }
  std::string Errors() const { return Text(err_); }

  // The address of the line "listening on ...", once it is there.
  std::string Address() const { return After("listening on "); }
  // Of "public files on http://.../".
  std::string HttpAddress() const { return After("public files on http://"); }

 private:
  // The rest of the line that begins so, once it is there.
  std::string After(const std::string& before) const {
    for (int i = 0; i < 600; ++i) {
      const std::string text = Output();
      const size_t found = text.find(before);
      const size_t end = found == std::string::npos ? found : text.find('\n', found);
      if (end != std::string::npos) {
        return text.substr(found + before.size(), end - found - before.size());
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return "";
  }
  static std::string Text(const std::string& path) {
    const auto bytes = ReadFile(path, 1 << 20);
    return bytes.ok() ? std::string(AsText(*bytes)) : "";
  }

  std::string out_;
  std::string err_;
  pid_t pid_ = 0;
};

class ProgramTest : public ::testing::Test {
 protected:
  Program Run(std::vector<std::string> arguments) {
    return Program(board_.directory().path(), std::move(arguments));
  }
  remote::BoardClient Client(const Program& program) {
    remote::ConnectOptions options;
    options.admin_token_file = TokenPath(board_.data());
    return remote::BoardClient::Connect(program.Address(), options).value();
  }

  TestBoard board_;
};

TEST_F(ProgramTest, InitMakesABoardAndSaysItsKey) {
  const std::string data = board_.directory().File("new");
  Program init = Run({"init", "--data", data, "--board", "new.example", "--json"});
  EXPECT_EQ(init.Wait(), 0);
  const auto json = nlohmann::json::parse(init.Output());
  EXPECT_EQ(json["board"], "new.example");
  EXPECT_EQ(json["log_key"], ToHex(LoadIdentity(data)->log_key.bytes()));
  EXPECT_EQ(json["admin_token_file"], TokenPath(data));
  Program again = Run({"init", "--data", data, "--board", "new.example"});
  EXPECT_EQ(again.Wait(), 1);
  EXPECT_THAT(again.Errors(), HasSubstr("there is a board"));
}

TEST_F(ProgramTest, UsageErrorsAreThree) {
  EXPECT_EQ(Run({}).Wait(), 3);
  EXPECT_EQ(Run({"serve"}).Wait(), 3);
  EXPECT_EQ(Run({"serve", "--data", board_.data(), "--listen", "nonsense"}).Wait(), 3);
  EXPECT_EQ(Run({"--help"}).Wait(), 0);
  EXPECT_EQ(Run({"serve", "--data", board_.directory().File("none")}).Wait(), 1);
  EXPECT_EQ(Run({"serve", "--data", board_.data(), "--board", "other.example"}).Wait(), 1);
}

TEST_F(ProgramTest, EndsInOrderOnSigterm) {
  const std::string port_file = board_.directory().File("port");
  Program program = Run({"serve", "--data", board_.data(), "--port-file", port_file});
  const std::string address = program.Address();
  ASSERT_NE(address, "");
  EXPECT_EQ("127.0.0.1:" + std::string(AsText(*ReadFile(port_file, 100))), address + "\n");
  // A second one is turned away.
  Program second(board_.directory().File("data"), {"serve", "--data", board_.data()});
  EXPECT_EQ(second.Wait(), 1);
  EXPECT_THAT(second.Errors(), HasSubstr("in use by another server"));
  program.Signal(SIGTERM);
  EXPECT_EQ(program.Wait(), 0);
}

TEST_F(ProgramTest, ServesItsPublicFilesOverHttpIfAsked) {
  TestPetition petition(board_, 2);
  ASSERT_EQ(board_.Open(), absl::OkStatus());
  ASSERT_EQ(petition.SetUp(board_), absl::OkStatus());
  const std::string checkpoint = (*board_->Find(kPollOrigin))->checkpoint;
  board_.Stop();
  Program program = Run({"serve", "--data", board_.data(), "--http", "127.0.0.1:0"});
  ASSERT_NE(program.Address(), "");
  const std::string address = program.HttpAddress();
  int port = 0;
  ASSERT_TRUE(
      absl::SimpleAtoi(absl::StripSuffix(address.substr(address.rfind(':') + 1), "/"), &port));
  const auto answer = testing::HttpRequest(port, "GET", "/poll/checkpoint");
  ASSERT_EQ(answer.status(), absl::OkStatus());
  EXPECT_EQ(answer->body, checkpoint);
  const testing::HttpConnection open(port);
  program.Signal(SIGTERM);
  EXPECT_EQ(program.Wait(), 0);
  EXPECT_THAT(program.Errors(), HasSubstr("public files over HTTP on 127.0.0.1:"));
  Program wrong = Run({"serve", "--data", board_.data(), "--http", "nonsense"});
  EXPECT_EQ(wrong.Wait(), 3);
  EXPECT_THAT(wrong.Errors(), HasSubstr("'nonsense' is not of the form host:port"));
}

TEST_F(ProgramTest, KilledInTheMiddleItKeepsWhatItAcceptedAndExportsIt) {
  TestPetition petition(board_, 3);
  ASSERT_EQ(board_.Open(), absl::OkStatus());
  ASSERT_EQ(petition.SetUp(board_), absl::OkStatus());
  board_.Stop();
  const Bytes first = petition.Act(0, Act::kSign, 1);
  remote::Receipt receipt;
  {
    Program program = Run({"serve", "--data", board_.data()});
    remote::BoardClient client = Client(program);
    const auto accepted = client.Act(kPollOrigin, first);
    ASSERT_EQ(accepted.status(), absl::OkStatus());
    receipt = *accepted;
    program.Signal(SIGKILL);
    EXPECT_EQ(program.Wait(), -1);
  }
  Program program = Run({"serve", "--data", board_.data()});
  remote::BoardClient client = Client(program);
  EXPECT_EQ(client.Act(kPollOrigin, first)->index, receipt.index);
  ASSERT_EQ(client.Act(kPollOrigin, petition.Act(1, Act::kSign, 1)).status(), absl::OkStatus());
  program.Signal(SIGKILL);
  program.Wait();

  const std::string record = board_.directory().File("record");
  Program exported =
      Run({"export", "--data", board_.data(), "--poll", kPollOrigin, record, "--json"});
  EXPECT_EQ(exported.Wait(), 0) << exported.Errors();
  const auto log = record::LogReader::Open(record::PollDirectory(record));
  ASSERT_EQ(log.status(), absl::OkStatus());
  EXPECT_EQ(log->size(), 4u);
  EXPECT_THAT(log->CheckFiles(), ::testing::IsEmpty());

  Program info = Run({"info", "--data", board_.data(), "--json"});
  EXPECT_EQ(info.Wait(), 0);
  const auto json = nlohmann::json::parse(info.Output());
  ASSERT_EQ(json["logs"].size(), 2u);
  EXPECT_EQ(json["logs"][1]["origin"], kPollOrigin);
  EXPECT_EQ(json["logs"][1]["size"], 4);
  EXPECT_EQ(json["logs"][1]["vkey"], board_.LogVerifier(kPollOrigin).vkey());
}

}  // namespace
}  // namespace urna::server
