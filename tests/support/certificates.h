// Certificates made for a test.
#pragma once

#include <cstdint>
#include <string>

namespace urna::testing {

struct CertificateOptions {
  std::string name = "localhost";  // CN, and the DNS name it is for
  bool rsa = false;
  // The certificate that signs it and that one's key; empty: itself.
  std::string issuer_certificate_file = "";
  std::string issuer_key_file = "";
  // Seconds from now on.
  int64_t valid_from = -60;
  int64_t valid_to = 3600;
};

// Writes a certificate, under which it may sign others too, and its key.
void WriteCertificate(const std::string& certificate_file, const std::string& key_file,
                      const CertificateOptions& options = {});

}  // namespace urna::testing
