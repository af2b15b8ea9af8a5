// The program itself: its commands, exit statuses, and how it takes being stopped and killed.
#include "tests/server/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "core/record/directory.h"
#include "core/remote/board_client.h"
#include "tests/server/board_fixture.h"
#include "tests/server/http_client.h"

namespace urna::server {
namespace {

using petition::Act;
using ::testing::HasSubstr;
using testing::kPollOrigin;
using testing::Program;
using testing::TestBoard;
using testing::TestPetition;

class ProgramTest : public ::testing::Test {
 protected:
  Program Run(std::vector<std::string> arguments) {
    return Program(URNA_SERVER_PROGRAM, board_.directory().path(), std::move(arguments));
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
  EXPECT_EQ(Run({"--version"}).Wait(), 0);
  EXPECT_EQ(Run({"serve", "--data", board_.directory().File("none")}).Wait(), 1);
  EXPECT_EQ(Run({"serve", "--data", board_.data(), "--board", "other.example"}).Wait(), 1);
}

TEST_F(ProgramTest, AWitnessPolicyThatCannotBeReadIsAUsageError) {
  for (const std::string& policy : {board_.directory().File("none"), board_.data()}) {
    Program program = Run({"serve", "--data", board_.data(), "--witness-policy", policy});
    EXPECT_EQ(program.Wait(), 3);
    EXPECT_THAT(program.Errors(), HasSubstr("witness policy '" + policy + "': "));
  }
}

TEST_F(ProgramTest, EndsInOrderOnSigterm) {
  const std::string port_file = board_.directory().File("port");
  Program program = Run({"serve", "--data", board_.data(), "--port-file", port_file});
  const std::string address = program.Address();
  ASSERT_NE(address, "");
  EXPECT_EQ("127.0.0.1:" + std::string(AsText(*ReadFile(port_file, 100))), address + "\n");
  // A second one is turned away.
  Program second(URNA_SERVER_PROGRAM, board_.directory().File("data"),
                 {"serve", "--data", board_.data()});
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
  const int port = program.HttpPort();
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

TEST_F(ProgramTest, AdministrationIsServedWhereItShallBeAndNowhereElse) {
  const TestPetition petition(board_, 2);
  Program program = Run({"serve", "--data", board_.data(), "--admin-listen", "127.0.0.1:0"});
  ASSERT_NE(program.Address(), "");
  EXPECT_EQ(Client(program).CreateLog(petition.manifest_entry()).status().code(),
            absl::StatusCode::kUnimplemented);
  remote::ConnectOptions options;
  options.admin_token_file = TokenPath(board_.data());
  auto official = remote::BoardClient::Connect(program.AdministrationAddress(), options);
  ASSERT_EQ(official.status(), absl::OkStatus());
  EXPECT_EQ(official->CreateLog(petition.manifest_entry()).status(), absl::OkStatus());
  EXPECT_EQ(official->GetPoll(kPollOrigin)->tree_size, 1u);
  program.Signal(SIGTERM);
  EXPECT_EQ(program.Wait(), 0);
  Program taken = Run({"serve", "--data", board_.data(), "--admin-listen", "nonsense"});
  EXPECT_EQ(taken.Wait(), 3);
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
