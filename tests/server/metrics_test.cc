// What the operator sees: metrics, `status`, the log; and that none of it says who was there.
#include "server/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "core/base/file.h"
#include "core/remote/board_client.h"
#include "server/http_server.h"
#include "server/server_log.h"
#include "server/status_socket.h"
#include "tests/server/board_fixture.h"
#include "tests/server/http_client.h"
#include "tests/server/program.h"

namespace urna::server {
namespace {

using petition::Act;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::kPollOrigin;
using ::testing::Not;
using ::testing::Pair;
using testing::Program;
using testing::TestBoard;
using testing::TestPetition;

TEST(MetricsTest, CountsAnswersByDoorAndReason) {
  Metrics metrics;
  metrics.Answered(Door::kCast, absl::OkStatus(), 0.003);
  metrics.Answered(Door::kCast, absl::OkStatus(), 0.3);
  metrics.Answered(Door::kCast, absl::ResourceExhaustedError("busy"), 0);
  metrics.Answered(Door::kAct, absl::InvalidArgumentError("no entry"), 0);
  metrics.Answered(Door::kAct, absl::ResourceExhaustedError("busy"), 0);
  metrics.Answered(Door::kAppend, absl::DataLossError("disk"), 0);
  const Metrics::Totals totals = metrics.totals();
  EXPECT_EQ(totals.accepted, 2u);
  EXPECT_THAT(totals.refused,
              ::testing::ElementsAre(Pair("busy", 2), Pair("error", 1), Pair("malformed", 1)));
  const std::string text = metrics.Text({});
  EXPECT_THAT(text, AllOf(HasSubstr("urna_accepted_total{door=\"cast\"} 2\n"),
                          HasSubstr("urna_accepted_total{door=\"act\"} 0\n"),
                          HasSubstr("urna_refused_total{door=\"act\",reason=\"malformed\"} 1\n"),
                          HasSubstr("urna_answer_seconds_bucket{door=\"cast\",le=\"0.005\"} 1\n"),
                          HasSubstr("urna_answer_seconds_count{door=\"cast\"} 2\n")));
}

TEST(MetricsTest, CountsCommitsAndSyncsAndShowsTheMoment) {
  Metrics metrics;
  metrics.Committed({.entries = 40, .seconds = 0.02});
  metrics.Committed({.entries = 2, .seconds = 0.01});
  metrics.Committed({.entries = 0, .seconds = 9});  // duplicates only: nothing was written
  metrics.Synced(0.004);
  const Metrics::Totals totals = metrics.totals();
  EXPECT_EQ(totals.commits, 2u);
  EXPECT_EQ(totals.committed, 42u);
  EXPECT_DOUBLE_EQ(totals.commit_seconds, 0.03);
  EXPECT_EQ(totals.syncs, 1u);
  EXPECT_DOUBLE_EQ(totals.sync_seconds, 0.004);
  EXPECT_GT(totals.memory_bytes, 1u << 20);
  Activity activity;
  activity.waiting = 7;
  activity.sizes = {{"board.example/poll", 12}};
  EXPECT_THAT(
      metrics.Text(activity),
      AllOf(HasSubstr("urna_queue{for=\"verification\"} 7\n"),
            HasSubstr("urna_queue{for=\"commit\"} 0\n"),
            HasSubstr("urna_log_entries{log=\"board.example/poll\"} 12\n"),
            HasSubstr("urna_fsync_seconds_count 1\n"), HasSubstr("urna_commit_entries_sum 42\n"),
            HasSubstr("process_resident_memory_bytes ")));
}

TEST(MetricsTest, EveryRefusalHasAReasonOfOneWord) {
  for (int code = 1; code <= 16; ++code) {
    const absl::string_view reason =
        ReasonOf(absl::Status(static_cast<absl::StatusCode>(code), "sentence"));
    EXPECT_FALSE(reason.empty());
    EXPECT_EQ(reason.find(' '), absl::string_view::npos) << reason;
  }
  EXPECT_EQ(ReasonOf(absl::PermissionDeniedError("")), "not_entitled");
  EXPECT_EQ(ReasonOf(absl::InternalError("")), "error");
}

TEST(ServerLogTest, WhatLooksLikeAKeyIsLeftOut) {
  const std::string key(64, 'a');
  EXPECT_EQ(LeaveOutHex("credential " + key + " again"), "credential (left out) again");
  EXPECT_EQ(LeaveOutHex(key + key), "(left out)");
  EXPECT_EQ(LeaveOutHex("log 'board.example/face' has 1234567890 entries"),
            "log 'board.example/face' has 1234567890 entries");
  EXPECT_EQ(LeaveOutHex(std::string(31, '0')), std::string(31, '0'));
  EXPECT_EQ(LeaveOutHex(""), "");
}

class OperationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(board_.Open(), absl::OkStatus());
    petition_.emplace(board_, 3);
    ASSERT_EQ(petition_->SetUp(board_), absl::OkStatus());
  }
  Program Run(std::vector<std::string> arguments, const std::string& folder = "") {
    return Program(URNA_SERVER_PROGRAM, folder.empty() ? board_.directory().path() : folder,
                   std::move(arguments));
  }

  TestBoard board_;
  std::optional<TestPetition> petition_;
};

TEST_F(OperationTest, BoardCountsWhatItAnswersAndWrites) {
  // A round is counted once all of it is answered, so that a second one waits for the first.
  ASSERT_EQ(board_.Open(), absl::OkStatus());
  const Metrics::Totals before = board_->metrics().totals();
  EXPECT_EQ(before.accepted, 0u);
  const Bytes act = petition_->Act(0, Act::kSign, 1);
  ASSERT_EQ(board_.Act(act).status(), absl::OkStatus());
  ASSERT_EQ(board_.Act(act).status(), absl::OkStatus());  // the original receipt
  EXPECT_FALSE(board_.Act({1, 2, 3}).ok());
  const Metrics::Totals after = board_->metrics().totals();
  EXPECT_EQ(after.accepted, before.accepted + 2);
  EXPECT_EQ(after.committed, before.committed + 1);
  EXPECT_EQ(after.syncs, before.syncs + 1);  // one entry, one synced write
  EXPECT_GT(after.commit_seconds, before.commit_seconds);
  EXPECT_THAT(after.refused, Contains(Pair("malformed", 1)));
  EXPECT_THAT(board_->activity().sizes, Contains(Pair(kPollOrigin, 3)));
}

TEST_F(OperationTest, MetricsAreServedAtOnePathAlone) {
  const auto server = HttpServer::StartMetrics(*board_, {});
  ASSERT_EQ(server.status(), absl::OkStatus());
  const auto answer = testing::HttpRequest((*server)->port(), "GET", "/metrics");
  ASSERT_EQ(answer.status(), absl::OkStatus());
  EXPECT_EQ(answer->code, 200);
  EXPECT_EQ(answer->headers.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(answer->headers.at("cache-control"), "no-store");
  EXPECT_THAT(answer->body, HasSubstr("\nurna_log_entries{log=\"board.example/poll\"} 2\n"));
  EXPECT_EQ(testing::HttpRequest((*server)->port(), "GET", "/poll/checkpoint")->code, 404);
  EXPECT_EQ(testing::HttpRequest((*server)->port(), "POST", "/metrics")->code, 405);
}

TEST_F(OperationTest, ABoardThatDoesNotAnswerIsNotTakenForNone) {
  const testing::TempDirectory directory;
  const std::string path = StatusSocketPath(directory.path());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof address.sun_path);
  std::strcpy(address.sun_path, path.c_str());
  const int listening = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listening, 1), 0);
  const absl::Status status = AskStatus(path, std::chrono::milliseconds(50)).status();
  ::close(listening);
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(status.message()), HasSubstr("has not answered within 50 ms"));
}

TEST_F(OperationTest, StatusIsAskedOnASocketThatIsItsOwnersAlone) {
  const std::string path = StatusSocketPath(board_.data());
  EXPECT_EQ(AskStatus(path).status().code(), absl::StatusCode::kUnavailable);
  ASSERT_EQ(board_.Act(petition_->Act(0, Act::kSign, 1)).status(), absl::OkStatus());
  {
    const auto socket = StatusSocket::Start(*board_, path);
    ASSERT_EQ(socket.status(), absl::OkStatus());
    struct stat info {};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0077u, 0u);
    const auto status = AskStatus(path);
    ASSERT_EQ(status.status(), absl::OkStatus());
    EXPECT_EQ(status->name, testing::kBoardName);
    EXPECT_GE(status->totals.accepted, 1u);
    ASSERT_EQ(status->logs.size(), 2u);
    EXPECT_EQ(status->logs[0].origin, kPollOrigin);
    EXPECT_EQ(status->logs[0].phase, LogPhase::kCollecting);
    EXPECT_EQ(status->logs[0].entries, 3u);
  }
  struct stat gone {};
  EXPECT_NE(::stat(path.c_str(), &gone), 0);
  EXPECT_EQ(StatusSocket::Start(*board_, "/tmp/" + std::string(200, 'x')).status().code(),
            absl::StatusCode::kInvalidArgument);
}

// A run with everything in it that a log could be tempted to write down.
TEST_F(OperationTest, ProgramShowsItsStatusAndItsLogNamesNobody) {
  board_.Stop();
  Program program = Run({"serve", "--data", board_.data(), "--metrics", "127.0.0.1:0",
                         "--log-format", "json", "--log-level", "debug"});
  ASSERT_NE(program.Address(), "");
  remote::ConnectOptions options;
  auto client = remote::BoardClient::Connect(program.Address(), options);
  ASSERT_EQ(client.status(), absl::OkStatus());
  const Bytes act = petition_->Act(0, Act::kSign, 1);
  ASSERT_EQ(client->Act(kPollOrigin, act).status(), absl::OkStatus());
  Bytes forged = petition_->MakeAct(1, Act::kSign, 1);
  forged[forged.size() - 2] ^= 1;
  EXPECT_FALSE(client->Act(kPollOrigin, forged).ok());
  EXPECT_FALSE(client->Append(kPollOrigin, act).ok());
  EXPECT_FALSE(client->CreateLog(petition_->manifest_entry()).ok());
  // What speaks no HTTP/2 makes gRPC's library talk, and it knows addresses.
  const size_t colon = program.Address().rfind(':');
  testing::HttpConnection garbage(std::stoi(program.Address().substr(colon + 1)));
  garbage.Send("GET / HTTP/1.0\r\n\r\n");
  garbage.Ends(std::chrono::seconds(5));

  const testing::TempDirectory beside;
  Program table = Run({"status", "--data", board_.data()}, beside.path());
  EXPECT_EQ(table.Wait(), 0) << table.Errors();
  EXPECT_THAT(table.Output(), HasSubstr("petition, collecting, 3 entries"));
  Program status = Run({"status", "--data", board_.data(), "--json"}, beside.path());
  ASSERT_EQ(status.Wait(), 0);
  const auto json = nlohmann::json::parse(status.Output());
  EXPECT_EQ(json["accepted"], 1);
  EXPECT_EQ(json["refused"]["false_proof"], 1);   // the forged act
  EXPECT_EQ(json["refused"]["not_entitled"], 1);  // the log without a token
  EXPECT_EQ(json["logs"][0]["entries"], 3);

  program.Signal(SIGTERM);
  EXPECT_EQ(program.Wait(), 0);
  Program none = Run({"status", "--data", board_.data()}, beside.path());
  EXPECT_EQ(none.Wait(), 2);

  const std::string log = program.Errors();
  for (absl::string_view line : absl::StrSplit(log, '\n', absl::SkipEmpty())) {
    const auto parsed = nlohmann::json::parse(line.begin(), line.end(), nullptr, false);
    ASSERT_TRUE(parsed.is_object()) << line;
    EXPECT_TRUE(parsed.contains("time") && parsed.contains("level") && parsed.contains("message"));
  }
  EXPECT_THAT(log, HasSubstr("serves 2 logs"));
  for (const char* address : {"ipv4:", "ipv6:", "127.0.0.1:0", "peer"}) {
    EXPECT_THAT(log, Not(HasSubstr(address)));
  }
  // The only address is the one it listens on.
  EXPECT_EQ(log.find("127.0.0.1"), log.rfind("127.0.0.1")) << log;
  for (const crypto::Credential& credential : petition_->roll().credentials) {
    const auto bytes = credential.public_key().bytes();
    EXPECT_THAT(log, Not(HasSubstr(ToHex(bytes))));
    EXPECT_THAT(log, Not(HasSubstr(absl::Base64Escape(AsText(bytes)))));
  }
}

}  // namespace
}  // namespace urna::server
