// TLS between client and server, with a certificate made for the test.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

#include "core/remote/board_client.h"
#include "server/grpc_server.h"
#include "tests/server/board_fixture.h"

namespace urna::server {
namespace {

using testing::TestBoard;

// Writes a self-signed certificate for localhost and its key.
void WriteCertificate(const std::string& certificate_file, const std::string& key_file) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
  ASSERT_TRUE(key != nullptr && certificate != nullptr);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  for (const auto& [kind, value] : {std::pair(NID_subject_alt_name, "DNS:localhost"),
                                    std::pair(NID_basic_constraints, "critical,CA:TRUE")}) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
    ASSERT_NE(extension, nullptr);
    X509_add_ext(certificate.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  ASSERT_GT(X509_sign(certificate.get(), key.get(), EVP_sha256()), 0);
  FILE* file = fopen(certificate_file.c_str(), "w");
  PEM_write_X509(file, certificate.get());
  fclose(file);
  file = fopen(key_file.c_str(), "w");
  PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  fclose(file);
}

class TlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    listen_.tls_certificate_file = board_.directory().File("cert.pem");
    listen_.tls_key_file = board_.directory().File("key.pem");
    WriteCertificate(listen_.tls_certificate_file, listen_.tls_key_file);
    ASSERT_EQ(board_.Open(), absl::OkStatus());
  }

  TestBoard board_;
  ListenOptions listen_;
};

TEST_F(TlsTest, ClientWithTheRootIsServedAndOthersAreNot) {
  const auto server = GrpcServer::Start(*board_, listen_);
  ASSERT_EQ(server.status(), absl::OkStatus());
  const std::string address = "localhost:" + std::to_string((*server)->port());
  remote::ConnectOptions options;
  options.deadline_seconds = 10;
  options.root_certificates_file = listen_.tls_certificate_file;
  const auto info = remote::BoardClient::Connect(address, options)->GetBoard();
  ASSERT_EQ(info.status(), absl::OkStatus());
  EXPECT_EQ(info->name, testing::kBoardName);

  const std::string other = board_.directory().File("other.pem");
  WriteCertificate(other, board_.directory().File("other-key.pem"));
  options.root_certificates_file = other;
  EXPECT_EQ(remote::BoardClient::Connect(address, options)->GetBoard().status().code(),
            absl::StatusCode::kUnavailable);
  remote::ConnectOptions plain;
  plain.deadline_seconds = 10;
  EXPECT_FALSE(remote::BoardClient::Connect(address, plain)->GetBoard().ok());
}

TEST_F(TlsTest, WithTlsItListensAnywhereAndWantsBothFiles) {
  listen_.address = "0.0.0.0:0";
  EXPECT_EQ(GrpcServer::Start(*board_, listen_).status(), absl::OkStatus());
  listen_.tls_key_file.clear();
  EXPECT_EQ(GrpcServer::Start(*board_, listen_).status().code(),
            absl::StatusCode::kInvalidArgument);
  listen_.tls_key_file = board_.directory().File("none.pem");
  EXPECT_EQ(GrpcServer::Start(*board_, listen_).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace urna::server
