// TLS between client and server, with certificates made for the test.
#include "server/tls.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/file.h"
#include "proto/urna.grpc.pb.h"
#include "server/data_directory.h"
#include "server/grpc_server.h"
#include "tests/server/board_fixture.h"
#include "tests/support/certificates.h"

namespace urna::server {
namespace {

using ::testing::HasSubstr;
using testing::TestBoard;
using testing::TestPetition;
using testing::WriteCertificate;

constexpr grpc::StatusCode kOk = grpc::StatusCode::OK;

// The version of TLS that a client which speaks `version` alone comes to; empty if the server
// refuses it.
std::string Handshake(int port, int version) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  &SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), version);
  SSL_CTX_set_max_proto_version(context.get(), version);
  BIO* connection = BIO_new_ssl_connect(context.get());
  BIO_set_conn_hostname(connection, absl::StrCat("127.0.0.1:", port).c_str());
  SSL* ssl = nullptr;
  BIO_get_ssl(connection, &ssl);
  const unsigned char protocols[] = {2, 'h', '2'};
  SSL_set_alpn_protos(ssl, protocols, sizeof(protocols));
  const std::string spoken = BIO_do_handshake(connection) == 1 ? SSL_get_version(ssl) : "";
  BIO_free_all(connection);
  return spoken;
}

class TlsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { AllowOnlyTls13(); }
  void SetUp() override {
    listen_.tls_certificate_file = File("cert.pem");
    listen_.tls_key_file = File("key.pem");
    listen_.tls_refresh_seconds = 1;
    WriteCertificate(listen_.tls_certificate_file, listen_.tls_key_file);
    ASSERT_EQ(board_.Open(), absl::OkStatus());
  }
  std::string File(const std::string& name) { return board_.directory().File(name); }
  std::unique_ptr<GrpcServer> Start() {
    auto server = GrpcServer::Start(*board_, listen_);
    EXPECT_EQ(server.status(), absl::OkStatus());
    return server.ok() ? *std::move(server) : nullptr;
  }
  std::string Text(const std::string& file) {
    return std::string(AsText(ReadFile(file, 1 << 20).value()));
  }
  // With the certificate of `client`, if that is not empty.
  std::shared_ptr<grpc::Channel> Connect(int port, const std::string& roots,
                                         const std::string& client = "") {
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = Text(roots);
    if (!client.empty()) {
      tls.pem_cert_chain = Text(File(client + ".pem"));
      tls.pem_private_key = Text(File(client + "-key.pem"));
    }
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a new connection
    return grpc::CreateCustomChannel(absl::StrCat("localhost:", port), grpc::SslCredentials(tls),
                                     arguments);
  }
  grpc::StatusCode Ask(int port, const std::string& roots, const std::string& client = "") {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    v1::GetBoardResponse answer;
    return v1::Board::NewStub(Connect(port, roots, client))
        ->GetBoard(&context, v1::GetBoardRequest(), &answer)
        .error_code();
  }
  grpc::StatusCode Create(int port, const Bytes& entry, const std::string& token,
                          const std::string& client = "") {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    if (!token.empty()) context.AddMetadata("urna-admin-token", token);
    v1::CreateLogRequest request;
    request.set_first_entry(std::string(entry.begin(), entry.end()));
    v1::Receipt answer;
    return v1::Administration::NewStub(Connect(port, listen_.tls_certificate_file, client))
        ->CreateLog(&context, request, &answer)
        .error_code();
  }

  TestBoard board_;
  ListenOptions listen_;
};

TEST_F(TlsTest, ClientWithTheRootIsServedAndOthersAreNot) {
  const auto server = Start();
  EXPECT_EQ(Ask(server->port(), listen_.tls_certificate_file), kOk);
  WriteCertificate(File("other.pem"), File("other-key.pem"));
  EXPECT_EQ(Ask(server->port(), File("other.pem")), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, WithTlsItListensAnywhereAndWantsBothFiles) {
  listen_.address = "0.0.0.0:0";
  EXPECT_EQ(GrpcServer::Start(*board_, listen_).status(), absl::OkStatus());
  listen_.tls_key_file.clear();
  EXPECT_EQ(GrpcServer::Start(*board_, listen_).status().code(),
            absl::StatusCode::kInvalidArgument);
  listen_.tls_key_file = File("none.pem");
  EXPECT_EQ(GrpcServer::Start(*board_, listen_).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(TlsTest, FilesThatDoNotFitTogetherAreRefusedWithTheirNames) {
  WriteCertificate(File("other.pem"), File("other-key.pem"));
  listen_.tls_key_file = File("other-key.pem");
  EXPECT_THAT(std::string(GrpcServer::Start(*board_, listen_).status().message()),
              HasSubstr("other-key.pem' is not that of the certificate"));
  listen_.tls_key_file = listen_.tls_certificate_file;
  EXPECT_THAT(std::string(GrpcServer::Start(*board_, listen_).status().message()),
              HasSubstr("is no private key"));
  listen_.tls_certificate_file = File("other-key.pem");
  EXPECT_THAT(std::string(GrpcServer::Start(*board_, listen_).status().message()),
              HasSubstr("is no certificate"));
}

TEST_F(TlsTest, Tls12IsRefusedWhateverTheCertificate) {
  for (const bool rsa : {false, true}) {
    WriteCertificate(listen_.tls_certificate_file, listen_.tls_key_file, {.rsa = rsa});
    const auto server = Start();
    EXPECT_EQ(Handshake(server->port(), TLS1_3_VERSION), "TLSv1.3") << rsa;
    EXPECT_EQ(Handshake(server->port(), TLS1_2_VERSION), "") << rsa;
  }
}

TEST_F(TlsTest, RenewedCertificateIsShownToNewConnections) {
  const auto server = Start();
  ASSERT_EQ(Ask(server->port(), listen_.tls_certificate_file), kOk);
  for (int round = 0; round < 3; ++round) {
    const std::string before = File(absl::StrCat("before", round, ".pem"));
    std::filesystem::copy_file(listen_.tls_certificate_file, before);
    WriteCertificate(listen_.tls_certificate_file, listen_.tls_key_file);
    bool renewed = false;
    for (int i = 0; i < 100 && !renewed; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      renewed = Ask(server->port(), listen_.tls_certificate_file) == kOk;
    }
    EXPECT_TRUE(renewed) << "round " << round;
    EXPECT_NE(Ask(server->port(), before), kOk) << "round " << round;
  }
}

// Somebody renews the certificate and forgets the key, or is in the middle of it.
TEST_F(TlsTest, FilesThatStopFittingTogetherDoNoLastingHarm) {
  const auto server = Start();
  ASSERT_EQ(Ask(server->port(), listen_.tls_certificate_file), kOk);
  const std::string before = File("before.pem");
  std::filesystem::copy_file(listen_.tls_certificate_file, before);
  WriteCertificate(listen_.tls_certificate_file, File("forgotten-key.pem"));
  std::this_thread::sleep_for(std::chrono::seconds(3));
  Ask(server->port(), before);  // whatever comes of it
  std::filesystem::rename(File("forgotten-key.pem"), listen_.tls_key_file);
  bool renewed = false;
  for (int i = 0; i < 100 && !renewed; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    renewed = Ask(server->port(), listen_.tls_certificate_file) == kOk;
  }
  EXPECT_TRUE(renewed);
}

class AdministrationListenerTest : public TlsTest {
 protected:
  void SetUp() override {
    TlsTest::SetUp();
    WriteCertificate(File("official.pem"), File("official-key.pem"));
    WriteCertificate(File("stranger.pem"), File("stranger-key.pem"));
    listen_.administration_address = "127.0.0.1:0";
    listen_.client_roots_file = File("official.pem");
  }
  static int PortOf(const std::string& address) {
    return std::stoi(address.substr(address.rfind(':') + 1));
  }
};

TEST_F(AdministrationListenerTest, OnlyThoseWithACertificateGetThere) {
  const auto server = Start();
  const int port = PortOf(server->administration_address());
  EXPECT_NE(port, server->port());
  EXPECT_EQ(Ask(port, listen_.tls_certificate_file, "official"), kOk);
  EXPECT_NE(Ask(port, listen_.tls_certificate_file, "stranger"), kOk);
  EXPECT_NE(Ask(port, listen_.tls_certificate_file), kOk);
  EXPECT_EQ(Ask(server->port(), listen_.tls_certificate_file), kOk);
}

TEST_F(AdministrationListenerTest, IsTheOnlyPlaceForAdministrationAndWantsTheTokenToo) {
  const auto server = Start();
  const int port = PortOf(server->administration_address());
  const TestPetition petition(board_, 2);
  const std::string token(absl::StripSuffix(Text(TokenPath(board_.data())), "\n"));
  const Bytes manifest = petition.manifest_entry();
  EXPECT_EQ(Create(server->port(), manifest, token), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(Create(port, manifest, "", "official"), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Create(port, manifest, token, "stranger"), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Create(port, manifest, token, "official"), kOk);
}

TEST_F(AdministrationListenerTest, CertificatesAreNotAskedForWhereTheyWouldProveNothing) {
  listen_.administration_address.clear();
  EXPECT_EQ(GrpcServer::Start(*board_, listen_).status().code(),
            absl::StatusCode::kInvalidArgument);
  listen_.administration_address = "127.0.0.1:0";
  listen_.tls_certificate_file.clear();
  listen_.tls_key_file.clear();
  EXPECT_EQ(GrpcServer::Start(*board_, listen_).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace urna::server
