// How a client of a board proves who it talks to, and who it is. Internal to this folder.
#pragma once

#include <grpcpp/security/credentials.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/remote/board_client.h"

namespace urna::remote {

// Errors of BoardClient::Connect.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeCredentials(
    absl::string_view address, const ConnectOptions& options);

// What to look at when a board that asks for certificates drops the connection; empty without TLS.
absl::StatusOr<std::string> CertificateHint(const ConnectOptions& options);

}  // namespace urna::remote
