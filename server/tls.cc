#include "server/tls.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <cstdlib>
#include <utility>

#include "core/base/status.h"
#include "core/tls/certificate_files.h"

namespace urna::server {
namespace {

// Two suites of TLS 1.2 for a key agreed before.
constexpr char kSuitesOfNobody[] = "PSK-AES128-GCM-SHA256:PSK-AES256-GCM-SHA384";

}  // namespace

void AllowOnlyTls13() { ::setenv("GRPC_SSL_CIPHER_SUITES", kSuitesOfNobody, 1); }

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeTls(const TlsFiles& files,
                                                                 unsigned refresh_seconds) {
  URNA_RETURN_IF_ERROR(tls::CheckKeyPair(files.certificate, files.key));
  const bool clients = !files.client_roots.empty();
  if (clients) URNA_RETURN_IF_ERROR(tls::ReadCertificates(files.client_roots).status());
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
