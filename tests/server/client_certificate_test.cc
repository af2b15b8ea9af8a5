// Administration with certificates, as the officials' programs use it: who gets there, and what the
// others are told.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/remote/board_client.h"
#include "proto/urna.grpc.pb.h"
#include "server/data_directory.h"
#include "server/grpc_server.h"
#include "server/tls.h"
#include "tests/server/board_fixture.h"
#include "tests/support/certificates.h"

namespace urna::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TestBoard;
using testing::TestPetition;
using testing::WriteCertificate;

class ClientCertificateTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { AllowOnlyTls13(); }
  void SetUp() override {
    WriteCertificate(File("board.pem"), File("board-key.pem"));
    WriteCertificate(File("officials.pem"), File("officials-key.pem"), {.name = "officials"});
    WriteCertificate(File("others.pem"), File("others-key.pem"), {.name = "others"});
    ListenOptions listen;
    listen.tls_certificate_file = File("board.pem");
    listen.tls_key_file = File("board-key.pem");
    listen.administration_address = "127.0.0.1:0";
    listen.client_roots_file = File("officials.pem");
    ASSERT_EQ(board_.Open(), absl::OkStatus());
    auto server = GrpcServer::Start(*board_, listen);
    ASSERT_EQ(server.status(), absl::OkStatus());
    server_ = *std::move(server);
  }
  std::string File(const std::string& name) { return board_.directory().File(name); }
  // A certificate of `name` under that of `issuer`, valid for so many seconds from now on.
  void Issue(const std::string& name, const std::string& issuer, int64_t from = -60,
             int64_t to = 3600) {
    WriteCertificate(File(name + ".pem"), File(name + "-key.pem"),
                     {.name = name,
                      .issuer_certificate_file = File(issuer + ".pem"),
                      .issuer_key_file = File(issuer + "-key.pem"),
                      .valid_from = from,
                      .valid_to = to});
  }
  // For the listener of administration, with the certificate of `name` if that is not empty.
  remote::ConnectOptions Options(const std::string& name) {
    remote::ConnectOptions options;
    options.root_certificates_file = File("board.pem");
    options.admin_token_file = TokenPath(board_.data());
    options.deadline_seconds = 10;
    if (name.empty()) return options;
    options.client_certificate_file = File(name + ".pem");
    options.client_key_file = File(name + "-key.pem");
    return options;
  }
  std::string Address() const {
    const std::string address = server_->administration_address();
    return absl::StrCat("localhost:", address.substr(address.rfind(':') + 1));
  }
  absl::Status CreateAs(const std::string& name) {
    auto client = remote::BoardClient::Connect(Address(), Options(name));
    if (!client.ok()) return client.status();
    return client->CreateLog(TestPetition(board_, 1).manifest_entry()).status();
  }

  TestBoard board_;
  std::unique_ptr<GrpcServer> server_;
};

TEST_F(ClientCertificateTest, WhoHasOneOfTheOfficialsAdministers) {
  Issue("mari", "officials");
  EXPECT_EQ(CreateAs("mari"), absl::OkStatus());
  EXPECT_EQ(CreateAs("officials"), absl::OkStatus());  // the root itself: the same entry again
}

TEST_F(ClientCertificateTest, WhoHasNoneIsToldThatOneMayBeAskedFor) {
  const absl::Status status = CreateAs("");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("may ask those who administer it for a certificate"),
                    HasSubstr("--tls-cert and --tls-key")));
}

TEST_F(ClientCertificateTest, WhoHasOneOfAnotherRootIsToldWhoseItIs) {
  Issue("stranger", "others");
  const absl::Status status = CreateAs("stranger");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("may not accept the certificate in"), HasSubstr("stranger.pem'"),
                    HasSubstr("issued by 'CN = others'")));
}

TEST_F(ClientCertificateTest, WhoseOwnHasExpiredIsToldSoBeforeAnythingIsSent) {
  Issue("mari", "officials", -3600, -60);
  const absl::Status status = CreateAs("mari");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("mari.pem' has expired: it was valid until"));
  Issue("peeter", "officials", 3000, 6000);
  EXPECT_THAT(std::string(CreateAs("peeter").message()), HasSubstr("is not valid yet"));
}

// A client that does not look at its own.
TEST_F(ClientCertificateTest, AnExpiredOneIsRefusedByTheServerToo) {
  const auto ask = [this](const std::string& name) {
    grpc::SslCredentialsOptions tls;
    const auto text = [this](const std::string& file) {
      return std::string(AsText(ReadFile(File(file), 1 << 20).value()));
    };
    tls.pem_root_certs = text("board.pem");
    tls.pem_cert_chain = text(name + ".pem");
    tls.pem_private_key = text(name + "-key.pem");
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    v1::GetBoardResponse answer;
    return v1::Board::NewStub(
               grpc::CreateCustomChannel(Address(), grpc::SslCredentials(tls), arguments))
        ->GetBoard(&context, v1::GetBoardRequest(), &answer)
        .error_code();
  };
  Issue("mari", "officials", -3600, -60);
  EXPECT_EQ(ask("mari"), grpc::StatusCode::UNAVAILABLE);
  Issue("mari", "officials");
  EXPECT_EQ(ask("mari"), grpc::StatusCode::OK);
}

TEST_F(ClientCertificateTest, FilesThatAreNoPairAreRefusedWithTheirNames) {
  Issue("mari", "officials");
  Issue("peeter", "officials");
  remote::ConnectOptions options = Options("mari");
  options.client_key_file = File("peeter-key.pem");
  absl::Status status = remote::BoardClient::Connect(Address(), options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("peeter-key.pem' is not that of the certificate in"));
  options.client_key_file.clear();
  status = remote::BoardClient::Connect(Address(), options).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("needs a certificate and its key"));
  options = Options("mari");
  options.root_certificates_file.clear();
  status = remote::BoardClient::Connect(Address(), options).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("certificates are shown in TLS only"));
}

TEST_F(ClientCertificateTest, ABoardThatIsNotThereIsNoMatterOfCertificates) {
  server_.reset();
  remote::ConnectOptions options = Options("");
  auto client = remote::BoardClient::Connect("localhost:1", options);
  ASSERT_EQ(client.status(), absl::OkStatus());
  const absl::Status status = client->GetBoard().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("--tls-cert")));
}

}  // namespace
}  // namespace urna::server
