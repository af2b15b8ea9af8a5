// TLS of the gRPC listeners: version 1.3 alone, with certificates that may be renewed while the
// server runs.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace urna::server {

struct TlsFiles {
  std::string certificate;   // PEM, with chain
  std::string key;           // PEM, the certificate's
  std::string client_roots;  // PEM; if not empty, clients must show a certificate under one of them
};

// gRPC 1.51 cannot be told the least version of TLS. What it can be told is the cipher suites of
// TLS 1.2: this leaves it those alone that want a key agreed before, which no server here has, so
// that 1.2 has nothing to offer, whatever the certificate. Before the process's first use of TLS,
// and before its threads start; for the process's clients too.
void AllowOnlyTls13();

// Looks every `refresh_seconds` whether the files have changed; new connections get what they hold
// then. While they do not fit together new connections fail; old ones stay.
//
// InvalidArgument if certificate and key are not both given or do not belong together; errors of
// ReadFile. The credentials must live as long as the server that uses them, which gRPC does not see
// to: a certificate that changes later is a use after free otherwise.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeTls(const TlsFiles& files,
                                                                 unsigned refresh_seconds);

}  // namespace urna::server
