// Certificates made for a test.
#pragma once

#include <string>

namespace urna::testing {

// Writes a self-signed certificate for localhost, under which it may sign others too, and its key.
void WriteCertificate(const std::string& certificate_file, const std::string& key_file,
                      bool rsa = false);

}  // namespace urna::testing
