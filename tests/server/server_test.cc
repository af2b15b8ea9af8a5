// The server over a real channel: from nothing to a verified record, and what it turns away.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <future>
#include <thread>

#include "core/election/state.h"
#include "core/merkle/proof.h"
#include "core/record/directory.h"
#include "core/remote/board_client.h"
#include "server/export.h"
#include "server/grpc_server.h"
#include "tests/server/board_fixture.h"
#include "tests/support/election_fixture.h"

namespace urna::server {
namespace {

using petition::Act;
using testing::ElectionFixture;
using ::testing::HasSubstr;
using testing::kPollOrigin;
using testing::kRollOrigin;
using testing::TestBoard;
using testing::TestPetition;

class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override { Start(); }

  void Start(const BoardOptions& options = {}) {
    server_.reset();
    ASSERT_EQ(board_.Open(options), absl::OkStatus());
    auto server = GrpcServer::Start(*board_, {});
    ASSERT_EQ(server.status(), absl::OkStatus());
    server_ = *std::move(server);
  }
  remote::BoardClient Client(bool token) {
    remote::ConnectOptions options;
    if (token) options.admin_token_file = TokenPath(board_.data());
    return remote::BoardClient::Connect(server_->address(), options).value();
  }
  // Roll and manifest on the board, and the poll opened.
  void SetUpPetition(remote::BoardClient& admin) {
    const std::vector<Bytes> roll = petition_.roll().Entries();
    ASSERT_EQ(admin.CreateLog(roll.front()).status(), absl::OkStatus());
    size_t next = 1;
    const auto receipt = admin.AppendMany(kRollOrigin, [&]() -> std::optional<Bytes> {
      if (next + 1 == roll.size()) return std::nullopt;
      return roll[next++];
    });
    ASSERT_EQ(receipt.status(), absl::OkStatus());
    EXPECT_EQ(
        remote::CheckReceipt(*receipt, roll[roll.size() - 2], board_.LogVerifier(kRollOrigin)),
        absl::OkStatus());
    ASSERT_EQ(admin.Append(kRollOrigin, roll.back()).status(), absl::OkStatus());
    ASSERT_EQ(admin.CreateLog(petition_.manifest_entry()).status(), absl::OkStatus());
    ASSERT_EQ(Client(false).Append(kPollOrigin, petition_.Open()).status(), absl::OkStatus());
  }
  // A record without problems, of these sizes.
  static void ExpectSound(const std::string& directory, uint64_t size) {
    const auto log = record::LogReader::Open(directory);
    ASSERT_EQ(log.status(), absl::OkStatus());
    EXPECT_EQ(log->size(), size);
    EXPECT_THAT(log->CheckFiles(), ::testing::IsEmpty());
  }

  TestBoard board_;
  TestPetition petition_{board_, 5};
  std::unique_ptr<GrpcServer> server_;
};

TEST_F(ServerTest, PetitionFromManifestToRecord) {
  remote::BoardClient admin = Client(true);
  SetUpPetition(admin);
  remote::BoardClient client = Client(false);
  const merkle::NoteVerifier log = board_.LogVerifier(kPollOrigin);
  for (size_t member = 0; member < 3; ++member) {
    const Bytes act = petition_.Act(member, Act::kSign, 1);
    const auto receipt = client.Act(kPollOrigin, act);
    ASSERT_EQ(receipt.status(), absl::OkStatus());
    EXPECT_EQ(remote::CheckReceipt(*receipt, act, log), absl::OkStatus());
  }
  const auto count = client.GetCount(kPollOrigin);
  ASSERT_EQ(count.status(), absl::OkStatus());
  EXPECT_EQ(count->signatures, 3u);
  EXPECT_EQ(count->tree_size, 5u);
  EXPECT_EQ(count->districts, petition_.state().DistrictCounts());
  EXPECT_EQ(count->thresholds, petition_.state().Thresholds());
  ASSERT_EQ(client.Append(kPollOrigin, petition_.Close()).status(), absl::OkStatus());
  ASSERT_EQ(client.Append(kPollOrigin, petition_.Result()).status(), absl::OkStatus());
  const auto summary = client.GetPoll(kPollOrigin);
  ASSERT_EQ(summary.status(), absl::OkStatus());
  EXPECT_EQ(summary->phase, remote::LogPhase::kFinal);
  EXPECT_EQ(summary->kind, remote::LogKind::kPetition);
  EXPECT_EQ(summary->id, petition_.state().poll_id());
  EXPECT_EQ(summary->roll_origin, kRollOrigin);
  EXPECT_EQ(summary->schedule, testing::kTestSchedule);

  const std::string fetched = board_.directory().File("fetched");
  ASSERT_EQ(client.FetchRecord(kPollOrigin, fetched), absl::OkStatus());
  ExpectSound(record::PollDirectory(fetched), 7);
  ExpectSound(record::RollDirectory(fetched, petition_.roll().state->roll_id()), 7);

  server_->Shutdown(1);
  board_.Stop();
  const std::string exported = board_.directory().File("exported");
  ASSERT_EQ(ExportRecord(board_.data(), kPollOrigin, exported).status(), absl::OkStatus());
  ExpectSound(record::PollDirectory(exported), 7);
  ExpectSound(record::RollDirectory(exported, petition_.roll().state->roll_id()), 7);
  EXPECT_EQ(record::LogReader::Open(record::PollDirectory(exported))->checkpoint_note(),
            record::LogReader::Open(record::PollDirectory(fetched))->checkpoint_note());
  EXPECT_EQ(ExportRecord(board_.data(), "board.example/none", exported).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(ServerTest, TellsWhoItIsAndWhatItHas) {
  remote::BoardClient admin = Client(true);
  SetUpPetition(admin);
  remote::BoardClient client = Client(false);
  const auto info = client.GetBoard();
  ASSERT_EQ(info.status(), absl::OkStatus());
  EXPECT_EQ(info->name, testing::kBoardName);
  EXPECT_EQ(info->log_key, board_->identity().log_key.bytes());
  const auto polls = client.ListPolls();
  ASSERT_EQ(polls.status(), absl::OkStatus());
  ASSERT_EQ(polls->size(), 1u);
  EXPECT_EQ(polls->front().title, petition_.state().manifest().title);
  const auto all = client.ListPolls(true);
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ(all->back().kind, remote::LogKind::kRoll);
  EXPECT_EQ(all->back().phase, remote::LogPhase::kSealed);
  EXPECT_EQ(client.GetPoll("board.example/none").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ServerTest, ServesEntriesAndProofsThatVerify) {
  remote::BoardClient client = Client(true);
  SetUpPetition(client);
  const auto entries = client.GetEntries(kRollOrigin, 0, 0);
  ASSERT_EQ(entries.status(), absl::OkStatus());
  EXPECT_EQ(*entries, petition_.roll().Entries());
  EXPECT_EQ(client.GetEntries(kRollOrigin, 2, 4)->size(), 2u);
  EXPECT_EQ(client.GetEntries(kRollOrigin, 6, 1000)->size(), 1u);
  EXPECT_EQ(client.GetEntries(kRollOrigin, 8, 0).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(client.GetEntries("board.example/none", 0, 0).status().code(),
            absl::StatusCode::kNotFound);

  const merkle::Hash leaf = merkle::LeafHash((*entries)[3]);
  const auto proof = client.GetInclusionProof(kRollOrigin, leaf);
  ASSERT_EQ(proof.status(), absl::OkStatus());
  EXPECT_EQ(proof->index, 3u);
  EXPECT_EQ(remote::CheckReceipt(*proof->receipt, (*entries)[3], board_.LogVerifier(kRollOrigin)),
            absl::OkStatus());
  const auto older = client.GetInclusionProof(kRollOrigin, 3, 5);
  ASSERT_EQ(older.status(), absl::OkStatus());
  const std::vector<Bytes> first_five(entries->begin(), entries->begin() + 5);
  EXPECT_EQ(merkle::VerifyInclusion(leaf, 3, 5, older->hashes, testing::RootOf(first_five)),
            absl::OkStatus());
  const auto grown = client.GetConsistencyProof(kRollOrigin, 5);
  ASSERT_EQ(grown.status(), absl::OkStatus());
  EXPECT_EQ(merkle::VerifyConsistency(5, testing::RootOf(first_five), 7, testing::RootOf(*entries),
                                      *grown),
            absl::OkStatus());
  EXPECT_EQ(client.GetConsistencyProof(kRollOrigin, 5, 8).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(ServerTest, RefusalsKeepTheirCodesAndSentences) {
  remote::BoardClient client = Client(false);
  const absl::Status token = client.CreateLog(petition_.manifest_entry()).status();
  EXPECT_EQ(token.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(token.message()), HasSubstr("administration token"));
  remote::BoardClient admin = Client(true);
  SetUpPetition(admin);
  const Bytes act = petition_.MakeAct(0, Act::kSign, 1);
  EXPECT_EQ(client.Cast(kPollOrigin, act).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(client.Act("board.example/none", act).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(client.Act(kPollOrigin, Bytes{1, 2, 3}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(client.Act(kPollOrigin, Bytes(65'536, 0x50)).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(client.Act(kPollOrigin, Bytes(2 << 20, 0x50)).status().code(),
            absl::StatusCode::kResourceExhausted);  // gRPC's own limit
  EXPECT_EQ(client.GetCount(kRollOrigin).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(client.AppendMany(kRollOrigin, [] { return std::nullopt; }).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(ServerTest, ManyCallsFromOneThread) {
  remote::BoardClient client = Client(true);
  SetUpPetition(client);
  size_t next = 0;
  std::vector<Bytes> acts;
  for (size_t i = 0; i < 5; ++i) acts.push_back(petition_.MakeAct(i, Act::kSign, 1));
  std::vector<uint64_t> indices(acts.size(), 0);
  client.ActMany(
      kPollOrigin,
      [&]() -> std::optional<Bytes> {
        if (next == acts.size()) return std::nullopt;
        return acts[next++];
      },
      3,
      [&](uint64_t index, absl::StatusOr<remote::Receipt> receipt) {
        ASSERT_EQ(receipt.status(), absl::OkStatus());
        EXPECT_EQ(remote::CheckReceipt(*receipt, acts[index], board_.LogVerifier(kPollOrigin)),
                  absl::OkStatus());
        indices[index] = receipt->index;
      });
  std::sort(indices.begin(), indices.end());
  EXPECT_EQ(indices, (std::vector<uint64_t>{2, 3, 4, 5, 6}));
}

TEST_F(ServerTest, BusyBoardIsAskedAgainUntilItHasTaken) {
  remote::BoardClient admin = Client(true);
  SetUpPetition(admin);
  BoardOptions options;
  options.admission.threads = 1;
  options.admission.queue.queue_capacity = 1;
  options.commit_queue = 1;
  options.batch_entries = 1;
  options.before_write = [] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return absl::OkStatus();
  };
  Start(options);
  remote::BoardClient client = Client(false);
  int given = 0;
  int accepted = 0;
  client.ActMany(
      kPollOrigin,
      [&]() -> std::optional<Bytes> {
        if (given == 5) return std::nullopt;
        return petition_.MakeAct(given++, Act::kSign, 1);
      },
      5,
      [&](uint64_t, absl::StatusOr<remote::Receipt> receipt) {
        EXPECT_EQ(receipt.status(), absl::OkStatus());
        ++accepted;
      });
  EXPECT_EQ(accepted, 5);
  EXPECT_EQ(client.GetCount(kPollOrigin)->signatures, 5u);
}

// What came back, as bytes.
std::string TextOf(const grpc::ByteBuffer& buffer) {
  grpc::Slice bytes;
  return buffer.DumpToSingleSlice(&bytes).ok() ? std::string(bytes.begin(), bytes.end()) : "";
}

grpc::ByteBuffer BufferOf(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

TEST_F(ServerTest, HealthServiceSaysThatItServes) {
  grpc::GenericStub stub(
      grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const auto call =
      stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", BufferOf(""), &queue);
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->StartCall();
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  ASSERT_TRUE(status.ok()) << status.error_message();
  // HealthCheckResponse { status = SERVING (1) }
  EXPECT_EQ(TextOf(answer), std::string("\x08\x01"));
}

TEST_F(ServerTest, ReflectionListsTheServices) {
  grpc::GenericStub stub(
      grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  void* tag = nullptr;
  bool ok = false;
  const auto call = stub.PrepareCall(
      &context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  call->StartCall(nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  // ServerReflectionRequest { list_services = "*" }
  call->Write(BufferOf("\x3a\x01*"), nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  grpc::ByteBuffer answer;
  call->Read(&answer, nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  for (const char* service : {"urna.v1.Board", "urna.v1.Voting", "urna.v1.Petitions",
                              "urna.v1.Administration", "grpc.health.v1.Health"}) {
    EXPECT_THAT(TextOf(answer), HasSubstr(service));
  }
  context.TryCancel();
  grpc::Status status;
  call->Finish(&status, nullptr);
  queue.Next(&tag, &ok);
}

TEST_F(ServerTest, ShutdownAnswersWhatIsUnderWay) {
  remote::BoardClient admin = Client(true);
  SetUpPetition(admin);
  std::promise<void> writing;
  std::promise<void> go_on;
  std::shared_future<void> may_go_on = go_on.get_future().share();
  BoardOptions options;
  bool first = true;
  options.before_write = [&, may_go_on] {
    if (first) writing.set_value();
    first = false;
    may_go_on.wait();
    return absl::OkStatus();
  };
  Start(options);
  remote::BoardClient client = Client(false);
  const Bytes act = petition_.Act(0, Act::kSign, 1);
  auto answer = std::async(std::launch::async, [&] { return client.Act(kPollOrigin, act); });
  writing.get_future().wait();
  auto shutdown = std::async(std::launch::async, [this] { server_->Shutdown(30); });
  go_on.set_value();
  EXPECT_EQ(answer.get().status(), absl::OkStatus());
  shutdown.wait();
  EXPECT_EQ(client.Act(kPollOrigin, act).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ServerTest, ListensWithoutTlsOnThisMachineOnly) {
  ListenOptions options;
  options.address = "0.0.0.0:0";
  EXPECT_EQ(GrpcServer::Start(*board_, options).status().code(),
            absl::StatusCode::kFailedPrecondition);
  options.insecure_anywhere = true;
  EXPECT_EQ(GrpcServer::Start(*board_, options).status(), absl::OkStatus());
  options.address = server_->address();
  EXPECT_EQ(GrpcServer::Start(*board_, options).status().code(), absl::StatusCode::kUnavailable);
  options.address = "nonsense";
  EXPECT_EQ(GrpcServer::Start(*board_, options).status().code(),
            absl::StatusCode::kInvalidArgument);
}

// An election whose entries come from the fixture, sent through the right calls.
class ElectionServerTest : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    testing::ElectionOptions options;
    options.make_roll = [this](const testing::TestPeople& people, crypto::Rng& rng) {
      return testing::MakeRoll({kRollOrigin, 5, {1, 2}}, people.registrar,
                               board_.LogSigner(kRollOrigin), rng);
    };
    options.manifest = [this](election::Manifest& manifest) {
      manifest.origin = kPollOrigin;
      manifest.log_key = board_.LogSigner(kPollOrigin).named.key;
    };
    election_ = std::make_unique<ElectionFixture>(options);
    client_ = std::make_unique<remote::BoardClient>(Client(true));
  }

  absl::Status Send(const record::Entry& entry, const Bytes& bytes) {
    if (std::holds_alternative<election::SignedManifest>(entry)) {
      return client_->CreateLog(bytes).status();
    }
    if (std::holds_alternative<election::Ballot>(entry)) {
      return client_->Cast(kPollOrigin, bytes).status();
    }
    return client_->Append(kPollOrigin, bytes).status();
  }
  // Everything that the fixture has logged since the last time.
  void SendNew() {
    for (; sent_ < election_->entries().size(); ++sent_) {
      const record::Entry& entry = election_->entries()[sent_];
      ASSERT_EQ(Send(entry, election_->encoded()[sent_]), absl::OkStatus())
          << "entry " << sent_ << ": " << record::EntryName(entry);
    }
  }
  void SendRoll() {
    for (const Bytes& bytes : election_->roll().Entries()) {
      const bool first = bytes == election_->roll().Entries().front();
      ASSERT_EQ((first ? client_->CreateLog(bytes) : client_->Append(kRollOrigin, bytes)).status(),
                absl::OkStatus());
    }
  }

  std::unique_ptr<ElectionFixture> election_;
  std::unique_ptr<remote::BoardClient> client_;
  size_t sent_ = 0;
};

TEST_F(ElectionServerTest, FromManifestToResultAcrossRestarts) {
  SendRoll();
  election_->RunTo(election::Phase::kVoting);
  SendNew();
  const auto tampered = [this] {
    Bytes bytes = record::EncodeEntry(election_->Ballot(0, {{1, 0}, {1, 0, 0}, {1, 1}})).value();
    bytes.back() ^= 1;
    return bytes;
  };
  EXPECT_FALSE(client_->Cast(kPollOrigin, tampered()).ok());
  Start();  // in the middle of voting
  client_ = std::make_unique<remote::BoardClient>(Client(true));
  EXPECT_EQ(client_->GetPoll(kPollOrigin)->phase, remote::LogPhase::kVoting);
  const Bytes last = election_->encoded().back();
  const auto again = client_->Cast(kPollOrigin, last);
  ASSERT_EQ(again.status(), absl::OkStatus());
  EXPECT_EQ(again->index, election_->encoded().size() - 1);
}

TEST_F(ElectionServerTest, CountsAndPublishes) {
  SendRoll();
  election_->RunTo(election::Phase::kFinal);
  // Up to the sum, then a restart: the sums must be there again for shares and result.
  const auto is_sum = [](const record::Entry& entry) {
    const auto* order = std::get_if<poll::SignedOrder>(&entry);
    return order != nullptr && order->order.kind() == poll::OrderKind::kSum;
  };
  for (; sent_ < election_->entries().size(); ++sent_) {
    const record::Entry& entry = election_->entries()[sent_];
    ASSERT_EQ(Send(entry, election_->encoded()[sent_]), absl::OkStatus())
        << "entry " << sent_ << ": " << record::EntryName(entry);
    if (!is_sum(entry)) continue;
    Start();
    client_ = std::make_unique<remote::BoardClient>(Client(true));
  }
  EXPECT_EQ(client_->GetPoll(kPollOrigin)->phase, remote::LogPhase::kFinal);
  const std::string fetched = board_.directory().File("fetched");
  ASSERT_EQ(client_->FetchRecord(kPollOrigin, fetched), absl::OkStatus());
  ExpectSound(record::PollDirectory(fetched), election_->entries().size());
  Start();  // a final log starts as well
}

TEST_F(ElectionServerTest, RefusesASumThatIsNotTheLedgers) {
  SendRoll();
  election_->RunTo(election::Phase::kClosed);
  SendNew();
  poll::Sum wrong = election_->Sum();
  wrong.sums_hash[0] ^= 1;
  const Bytes bytes = record::EncodeEntry(election_->Order(wrong)).value();
  const absl::Status refused = client_->Append(kPollOrigin, bytes).status();
  EXPECT_FALSE(refused.ok());
  EXPECT_EQ(client_->GetPoll(kPollOrigin)->phase, remote::LogPhase::kClosed);
  election_->LogSum();
  SendNew();
  EXPECT_EQ(client_->GetPoll(kPollOrigin)->phase, remote::LogPhase::kSummed);
}

}  // namespace
}  // namespace urna::server
