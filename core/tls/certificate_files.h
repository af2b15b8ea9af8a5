// Certificate and key files for TLS, looked at before they are used: what is wrong with one is said
// with its name, while a failed handshake says little, and that to the wrong side. Nothing here
// decides whom to trust; the handshake does.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace urna::tls {

// What a certificate says of itself. Times are Unix seconds.
struct CertificateFacts {
  std::string subject;
  std::string issuer;
  int64_t not_before = 0;
  int64_t not_after = 0;
};

// The first certificate of a PEM file; those after it must be certificates too. InvalidArgument if
// there is none, or something else among them; errors of ReadFile.
absl::StatusOr<CertificateFacts> ReadCertificates(const std::string& file);

// That the key, in PEM form and without passphrase, is that of the first certificate.
// InvalidArgument if not, or if one of the files is not given; errors of ReadFile.
absl::Status CheckKeyPair(const std::string& certificate_file, const std::string& key_file);

// FailedPrecondition if the certificate, in that file, has expired or is not valid yet.
absl::Status CheckValidAt(const std::string& file, const CertificateFacts& facts, int64_t now);

// "of 'CN = mari', issued by 'CN = board.example officials', valid until 2026-12-31T00:00:00Z".
std::string Describe(const CertificateFacts& facts);

}  // namespace urna::tls
