#include "server/tls.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/bytes.h"
#include "core/base/file.h"
#include "core/base/status.h"

namespace urna::server {
namespace {

constexpr size_t kMaxPemFile = 1 << 20;
// Two suites of TLS 1.2 for a key agreed before.
constexpr char kSuitesOfNobody[] = "PSK-AES128-GCM-SHA256:PSK-AES256-GCM-SHA384";

using Memory = std::unique_ptr<BIO, decltype(&BIO_free)>;

Memory Open(const Bytes& contents) {
  return Memory(BIO_new_mem_buf(contents.data(), static_cast<int>(contents.size())), &BIO_free);
}

absl::StatusOr<std::unique_ptr<X509, decltype(&X509_free)>> ReadCertificate(
    const std::string& file) {
  URNA_ASSIGN_OR_RETURN(const Bytes pem, ReadFile(file, kMaxPemFile));
  std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(Open(pem).get(), nullptr, nullptr, nullptr), &X509_free);
  if (certificate == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("'", file, "' is no certificate in PEM form"));
  }
  return certificate;
}

// Key files have no passphrase; this one says so instead of asking on the terminal.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) { return -1; }

absl::Status CheckPair(const TlsFiles& files) {
  if (files.certificate.empty() || files.key.empty()) {
    return absl::InvalidArgumentError("TLS needs a certificate and its key");
  }
  URNA_ASSIGN_OR_RETURN(const auto certificate, ReadCertificate(files.certificate));
  URNA_ASSIGN_OR_RETURN(const Bytes pem, ReadFile(files.key, kMaxPemFile));
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(Open(pem).get(), nullptr, &NoPassphrase, nullptr), &EVP_PKEY_free);
  if (key == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", files.key, "' is no private key in PEM form without passphrase"));
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return absl::InvalidArgumentError(absl::StrCat("the key in '", files.key,
                                                   "' is not that of the certificate in '",
                                                   files.certificate, "'"));
  }
  return absl::OkStatus();
}

}  // namespace

void AllowOnlyTls13() { ::setenv("GRPC_SSL_CIPHER_SUITES", kSuitesOfNobody, 1); }

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeTls(const TlsFiles& files,
                                                                 unsigned refresh_seconds) {
  URNA_RETURN_IF_ERROR(CheckPair(files));
  const bool clients = !files.client_roots.empty();
  if (clients) URNA_RETURN_IF_ERROR(ReadCertificate(files.client_roots).status());
  auto provider = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      files.key, files.certificate, files.client_roots, refresh_seconds);
  grpc::experimental::TlsServerCredentialsOptions options(std::move(provider));
  options.watch_identity_key_cert_pairs();
  if (clients) options.watch_root_certs();
  options.set_cert_request_type(clients ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                        : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace urna::server
