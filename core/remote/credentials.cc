#include "core/remote/credentials.h"

#include "absl/strings/str_cat.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/host.h"
#include "core/base/status.h"
#include "core/tls/certificate_files.h"

namespace urna::remote {
namespace {

constexpr size_t kMaxPemFile = 1 << 20;

absl::StatusOr<std::string> ReadPem(const std::string& file) {
  URNA_ASSIGN_OR_RETURN(const Bytes pem, ReadFile(file, kMaxPemFile));
  return std::string(AsText(pem));
}

bool HasCertificate(const ConnectOptions& options) {
  return !options.client_certificate_file.empty() || !options.client_key_file.empty();
}

// The client's own certificate, after a look at it.
absl::Status AddCertificate(const ConnectOptions& options, grpc::SslCredentialsOptions& ssl) {
  URNA_RETURN_IF_ERROR(tls::CheckKeyPair(options.client_certificate_file, options.client_key_file));
  URNA_ASSIGN_OR_RETURN(const tls::CertificateFacts facts,
                        tls::ReadCertificates(options.client_certificate_file));
  URNA_RETURN_IF_ERROR(
      tls::CheckValidAt(options.client_certificate_file, facts, SystemClock().NowSeconds()));
  URNA_ASSIGN_OR_RETURN(ssl.pem_cert_chain, ReadPem(options.client_certificate_file));
  URNA_ASSIGN_OR_RETURN(ssl.pem_private_key, ReadPem(options.client_key_file));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeCredentials(
    absl::string_view address, const ConnectOptions& options) {
  URNA_ASSIGN_OR_RETURN(const std::string host, HostOf(address));
  grpc::SslCredentialsOptions ssl;
  if (!options.root_certificates_file.empty()) {
    URNA_ASSIGN_OR_RETURN(ssl.pem_root_certs, ReadPem(options.root_certificates_file));
  }
  if (options.tls || !options.root_certificates_file.empty()) {
    if (HasCertificate(options)) URNA_RETURN_IF_ERROR(AddCertificate(options, ssl));
    return grpc::SslCredentials(ssl);
  }
  if (HasCertificate(options)) {
    return absl::InvalidArgumentError(
        "certificates are shown in TLS only; give --tls-roots or --tls");
  }
  if (!IsLoopbackHost(host) && !options.allow_plain_anywhere) {
    return absl::FailedPreconditionError(
        absl::StrCat("without TLS only a board on this machine is talked to, not '", address, "'"));
  }
  return grpc::InsecureChannelCredentials();
}

absl::StatusOr<std::string> CertificateHint(const ConnectOptions& options) {
  if (!options.tls && options.root_certificates_file.empty()) return std::string();
  if (!HasCertificate(options)) {
    return std::string(
        "a board may ask those who administer it for a certificate: give --tls-cert and --tls-key");
  }
  URNA_ASSIGN_OR_RETURN(const tls::CertificateFacts facts,
                        tls::ReadCertificates(options.client_certificate_file));
  return absl::StrCat("it may not accept the certificate in '", options.client_certificate_file,
                      "', which is ", tls::Describe(facts),
                      ": ask the operator whose certificates it takes (--admin-client-roots)");
}

}  // namespace urna::remote
