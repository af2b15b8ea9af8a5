// What connections get that are slow, silent, greedy, wrong or many: real sockets against the gRPC
// listener.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/remote/board_client.h"
#include "proto/urna.grpc.pb.h"
#include "server/grpc_server.h"
#include "tests/server/board_fixture.h"
#include "tests/server/http_client.h"

namespace urna::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HttpConnection;
using testing::TestBoard;

constexpr absl::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const std::string kSettings("\0\0\0\4\0\0\0\0\0", 9);  // a frame without content

class ConnectionLimitsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(board_.Open(), absl::OkStatus()); }
  void Start(const ConnectionLimits& limits = {}) {
    ListenOptions options;
    options.limits = limits;
    auto server = GrpcServer::Start(*board_, options);
    ASSERT_EQ(server.status(), absl::OkStatus());
    server_ = *std::move(server);
  }
  absl::Status Ask() {
    remote::ConnectOptions options;
    options.deadline_seconds = 10;
    return remote::BoardClient::Connect(server_->address(), options)->GetBoard().status();
  }
  // A connection as a client's that has said nothing yet but that it is one.
  HttpConnection Idle() {
    HttpConnection connection(server_->port());
    connection.Send(absl::StrCat(kPreface, kSettings));
    return connection;
  }
  // On a connection of its own, which no other stub's misdeeds can end.
  std::unique_ptr<v1::Voting::Stub> Voting() {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return v1::Voting::NewStub(grpc::CreateCustomChannel(
        server_->address(), grpc::InsecureChannelCredentials(), arguments));
  }

  TestBoard board_;
  std::unique_ptr<GrpcServer> server_;
};

TEST_F(ConnectionLimitsTest, WhoSaysNothingIsCutOff) {
  ConnectionLimits limits;
  limits.handshake = milliseconds(500);
  Start(limits);
  HttpConnection silent(server_->port());
  ASSERT_TRUE(silent.connected());
  EXPECT_TRUE(silent.Ends(seconds(10)));
}

TEST_F(ConnectionLimitsTest, WhoSpeaksByteByByteIsCutOffAndKeepsNobodyWaiting) {
  ConnectionLimits limits;
  limits.handshake = milliseconds(1500);
  Start(limits);
  std::vector<std::unique_ptr<HttpConnection>> slow;
  for (int i = 0; i < 50; ++i) slow.push_back(std::make_unique<HttpConnection>(server_->port()));
  for (size_t at = 0; at < 10; ++at) {
    for (const auto& connection : slow) connection->Send(kPreface.substr(at, 1));
    EXPECT_EQ(Ask(), absl::OkStatus());
    std::this_thread::sleep_for(milliseconds(100));
  }
  for (const auto& connection : slow) EXPECT_TRUE(connection->Ends(seconds(10)));
}

TEST_F(ConnectionLimitsTest, WhatIsNoHttp2EndsTheConnectionAlone) {
  Start();
  HttpConnection http1(server_->port());
  http1.Send("GET / HTTP/1.1\r\nHost: board\r\n\r\n");
  EXPECT_TRUE(http1.Ends(seconds(10)));
  HttpConnection noise(server_->port());
  std::string bytes;
  for (int i = 0; i < 5000; ++i) bytes.push_back(static_cast<char>(i * 167 + i / 256));
  noise.Send(bytes);
  EXPECT_TRUE(noise.Ends(seconds(10)));
  EXPECT_EQ(Ask(), absl::OkStatus());
}

TEST_F(ConnectionLimitsTest, FramesThatAreTooLongOrMalformedEndTheConnectionAlone) {
  Start();
  struct Case {
    std::string frame;
    bool ends;  // or what follows is waited for
  };
  const Case cases[] = {
      {std::string("\xff\xff\xff\0\0\0\0\0\1", 9) + std::string(1 << 16, 'x'), true},  // 16 MB
      {std::string("\0\0\5\4\0\0\0\0\0hello", 14), true},              // settings that are cut off
      {std::string("\0\0\4\x8\0\0\0\0\0\0\0\0\0", 13), true},          // a window grows by nothing
      {std::string("\0\0\4\1\4\0\0\0\1\xff\xff\xff\xff", 13), false},  // no such headers
      {std::string("\0\0\0\0\0\0\0\0\0", 9), false},                   // data of no stream
  };
  for (const Case& c : cases) {
    HttpConnection connection = Idle();
    connection.Send(c.frame);
    if (c.ends) {
      EXPECT_TRUE(connection.Ends(seconds(10))) << c.frame.size();
    }
    EXPECT_EQ(Ask(), absl::OkStatus());
  }
  EXPECT_EQ(Ask(), absl::OkStatus());
}

TEST_F(ConnectionLimitsTest, MessagesAndHeadersThatAreTooLongAreRefused) {
  Start();
  const auto voting = Voting();
  v1::Receipt receipt;
  v1::CastRequest request;
  request.set_origin(testing::kPollOrigin);
  request.set_entry(std::string(2 << 20, 'x'));
  grpc::ClientContext context;
  EXPECT_EQ(voting->Cast(&context, request, &receipt).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  request.set_entry("x");
  grpc::ClientContext greedy;
  greedy.AddMetadata("urna-admin-token", std::string(64 << 10, 'a'));
  EXPECT_FALSE(voting->Cast(&greedy, request, &receipt).ok());
  grpc::ClientContext modest;
  EXPECT_EQ(Voting()->Cast(&modest, request, &receipt).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ConnectionLimitsTest, IdleOnesAreSentAwayInTheEnd) {
  ConnectionLimits limits;
  limits.idle = milliseconds(500);
  Start(limits);
  HttpConnection idle = Idle();
  EXPECT_TRUE(idle.Ends(seconds(10)));
  ConnectionLimits old;
  old.age = milliseconds(500);
  old.grace = milliseconds(500);
  Start(old);
  HttpConnection aged = Idle();
  EXPECT_TRUE(aged.Ends(seconds(10)));
}

TEST_F(ConnectionLimitsTest, HundredsOfIdleOnesDoNoHarm) {
  Start();
  std::vector<std::unique_ptr<HttpConnection>> idle;
  for (int i = 0; i < 300; ++i) {
    idle.push_back(std::make_unique<HttpConnection>(Idle()));
    ASSERT_TRUE(idle.back()->connected()) << i;
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Ask(), absl::OkStatus());
  for (const auto& connection : idle) EXPECT_FALSE(connection->Ends(milliseconds(1)));
}

// A call that never ends on a stream of its own is no way around the connection's age.
TEST_F(ConnectionLimitsTest, ACallThatNeverEndsIsCutOffWithItsConnection) {
  ConnectionLimits limits;
  limits.age = milliseconds(500);
  limits.grace = milliseconds(500);
  Start(limits);
  const auto administration = v1::Administration::NewStub(
      grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + seconds(20));
  v1::Receipt receipt;
  const auto stream = administration->AppendMany(&context, &receipt);
  const auto started = std::chrono::steady_clock::now();
  const grpc::Status status = stream->Finish();  // without having said that it sends no more
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_LT(std::chrono::steady_clock::now() - started, seconds(15));
}

}  // namespace
}  // namespace urna::server
