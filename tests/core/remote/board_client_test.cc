// The client without a board: what it refuses before it sends anything, and what it believes.
#include "core/remote/board_client.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "core/crypto/rng.h"
#include "core/crypto/sodium_init.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/proof.h"
#include "core/remote/grpc_status.h"
#include "proto/urna.grpc.pb.h"

namespace urna::remote {
namespace {

using ::testing::HasSubstr;

TEST(BoardClientTest, TalksPlainToThisMachineOnly) {
  EXPECT_EQ(BoardClient::Connect("board.example:7000", {}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(BoardClient::Connect("127.0.0.1.evil.example:7000", {}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  for (const char* address : {"127.0.0.1:7000", "localhost:7000", "[::1]:7000"}) {
    EXPECT_EQ(BoardClient::Connect(address, {}).status(), absl::OkStatus()) << address;
  }
  ConnectOptions anywhere;
  anywhere.allow_plain_anywhere = true;
  EXPECT_EQ(BoardClient::Connect("board.example:7000", anywhere).status(), absl::OkStatus());
  ConnectOptions tls;
  tls.tls = true;
  EXPECT_EQ(BoardClient::Connect("board.example:7000", tls).status(), absl::OkStatus());
}

TEST(BoardClientTest, RefusesAddressesWithoutHostOrPort) {
  for (const char* address : {"", "localhost", "localhost:", ":7000"}) {
    EXPECT_EQ(BoardClient::Connect(address, {}).status().code(), absl::StatusCode::kInvalidArgument)
        << address;
  }
}

TEST(BoardClientTest, MissingFilesAreSaid) {
  ConnectOptions roots;
  roots.root_certificates_file = "/nonexistent/roots.pem";
  EXPECT_EQ(BoardClient::Connect("board.example:7000", roots).status().code(),
            absl::StatusCode::kNotFound);
  ConnectOptions token;
  token.admin_token_file = "/nonexistent/token";
  EXPECT_EQ(BoardClient::Connect("localhost:7000", token).status().code(),
            absl::StatusCode::kNotFound);
}

// Says that it is busy so many times, and when it may be asked again; then that it knows no log.
class BusyVoting final : public v1::Voting::Service {
 public:
  BusyVoting(int times, std::string retry_after_ms)
      : times_(times), retry_after_ms_(std::move(retry_after_ms)) {}
  int calls() const { return calls_; }

  grpc::Status Cast(grpc::ServerContext* context, const v1::CastRequest* /*request*/,
                    v1::Receipt* /*receipt*/) override {
    if (calls_++ >= times_) return grpc::Status(grpc::StatusCode::NOT_FOUND, "no log");
    if (!retry_after_ms_.empty()) {
      context->AddTrailingMetadata("urna-retry-after-ms", retry_after_ms_);
    }
    return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "busy");
  }

 private:
  const int times_;
  const std::string retry_after_ms_;
  std::atomic<int> calls_{0};
};

TEST(BoardClientTest, ABusyBoardIsAskedAgainWhenItSaysAndOnlyIfThatIsSoon) {
  struct Case {
    int busy;
    const char* retry_after_ms;
    int calls;
    absl::StatusCode code;
  };
  for (const Case& c : {Case{2, "150", 3, absl::StatusCode::kNotFound},
                        Case{9, "1", 4, absl::StatusCode::kResourceExhausted},
                        Case{1, "60000", 1, absl::StatusCode::kResourceExhausted},
                        Case{1, "", 1, absl::StatusCode::kResourceExhausted},
                        Case{1, "soon", 1, absl::StatusCode::kResourceExhausted}}) {
    BusyVoting voting(c.busy, c.retry_after_ms);
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&voting);
    const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    BoardClient client = BoardClient::Connect("127.0.0.1:" + std::to_string(port), {}).value();
    const auto started = std::chrono::steady_clock::now();
    EXPECT_EQ(client.Cast("log", Bytes{1}).status().code(), c.code) << c.retry_after_ms;
    EXPECT_EQ(voting.calls(), c.calls) << c.retry_after_ms;
    const auto took = std::chrono::steady_clock::now() - started;
    if (c.calls == 3) {
      EXPECT_GE(took, std::chrono::milliseconds(300));
    }
    server->Shutdown();
  }
}

// A connection that is lost on the way, or a board that is about to be there, is no reason to fail.
TEST(BoardClientTest, ABoardThatComesALittleLaterIsFound) {
  v1::Board::Service board;  // answers that it knows no call
  int port = 0;
  const auto start = [&](int wanted) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:" + std::to_string(wanted),
                             grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&board);
    return builder.BuildAndStart();
  };
  start(0)->Shutdown();
  ASSERT_NE(port, 0);
  BoardClient client = BoardClient::Connect("127.0.0.1:" + std::to_string(port), {}).value();
  std::unique_ptr<grpc::Server> server;
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    server = start(port);
  });
  EXPECT_EQ(client.GetBoard().status().code(), absl::StatusCode::kUnimplemented);
  later.join();
  server->Shutdown();
}

TEST(BoardClientTest, NobodyListeningIsUnavailable) {
  ConnectOptions options;
  options.deadline_seconds = 5;
  // Port 1 is nobody's.
  BoardClient client = BoardClient::Connect("127.0.0.1:1", options).value();
  EXPECT_EQ(client.GetBoard().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(client.GetEntries("a/b", 0, 0).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(client.AppendMany("a/b", [] { return Bytes{1}; }).status().code(),
            absl::StatusCode::kUnavailable);
  int answered = 0;
  int given = 0;
  client.CastMany(
      "a/b",
      [&]() -> std::optional<Bytes> {
        if (given == 3) return std::nullopt;
        ++given;
        return Bytes{1};
      },
      2,
      [&](uint64_t, absl::StatusOr<Receipt> receipt) {
        EXPECT_EQ(receipt.status().code(), absl::StatusCode::kUnavailable);
        ++answered;
      });
  EXPECT_EQ(answered, 3);
}

TEST(BoardClientTest, CodesAreTheBoards) {
  for (const auto code : {absl::StatusCode::kInvalidArgument, absl::StatusCode::kFailedPrecondition,
                          absl::StatusCode::kAlreadyExists, absl::StatusCode::kPermissionDenied,
                          absl::StatusCode::kResourceExhausted, absl::StatusCode::kNotFound,
                          absl::StatusCode::kDataLoss}) {
    const absl::Status status =
        FromGrpc(grpc::Status(static_cast<grpc::StatusCode>(code), "a sentence"));
    EXPECT_EQ(status.code(), code);
    EXPECT_EQ(status.message(), "a sentence");
  }
  EXPECT_TRUE(FromGrpc(grpc::Status::OK).ok());
  EXPECT_EQ(FromGrpc(grpc::Status(grpc::StatusCode::NOT_FOUND, "no\x1b[2J\nsuch")).message(),
            "no [2J such");
  EXPECT_THAT(
      std::string(FromGrpc(grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "")).message()),
      HasSubstr("same bytes may be sent again"));
}

// A log of four entries, signed.
class CheckReceiptTest : public ::testing::Test {
 protected:
  CheckReceiptTest() : signer_(MakeSigner()) {
    for (uint8_t i = 0; i < 4; ++i) tree_.Append(merkle::LeafHash(Bytes{i}));
  }
  static merkle::NoteSigner MakeSigner() {
    EXPECT_TRUE(crypto::InitializeCrypto().ok());
    crypto::SeededRng rng(1);
    return merkle::NoteSigner::Create("b/poll", crypto::SigningKey::Generate(rng)).value();
  }
  Receipt ReceiptOf(uint8_t entry) const {
    const auto checkpoint = merkle::Checkpoint::Create("b/poll", 4, tree_.root()).value();
    const std::string note = merkle::SignCheckpoint(checkpoint, signer_).value();
    const auto hashes = merkle::InclusionProof(4, entry, tree_.reader()).value();
    const auto proof = merkle::TlogProof::Create(entry, hashes, note).value();
    return Receipt{entry, merkle::LeafHash(Bytes{entry}), proof.Serialize()};
  }

  merkle::MemoryTree tree_;
  merkle::NoteSigner signer_;
};

TEST_F(CheckReceiptTest, AcceptsTheEntrysOwn) {
  EXPECT_EQ(CheckReceipt(ReceiptOf(2), Bytes{2}, signer_.verifier()), absl::OkStatus());
}

TEST_F(CheckReceiptTest, RefusesAnotherEntrysAndAnotherLogs) {
  EXPECT_FALSE(CheckReceipt(ReceiptOf(2), Bytes{3}, signer_.verifier()).ok());
  const auto other = merkle::NoteVerifier::Create("b/other", signer_.verifier().key()).value();
  EXPECT_FALSE(CheckReceipt(ReceiptOf(2), Bytes{2}, other).ok());
}

TEST_F(CheckReceiptTest, RefusesIndexOrLeafHashThatIsNotTheProofs) {
  Receipt index = ReceiptOf(2);
  index.index = 1;
  EXPECT_EQ(CheckReceipt(index, Bytes{2}, signer_.verifier()).code(), absl::StatusCode::kDataLoss);
  Receipt leaf = ReceiptOf(2);
  leaf.leaf_hash[0] ^= 1;
  EXPECT_EQ(CheckReceipt(leaf, Bytes{2}, signer_.verifier()).code(), absl::StatusCode::kDataLoss);
  Receipt proof = ReceiptOf(2);
  proof.proof.clear();
  EXPECT_FALSE(CheckReceipt(proof, Bytes{2}, signer_.verifier()).ok());
}

}  // namespace
}  // namespace urna::remote
