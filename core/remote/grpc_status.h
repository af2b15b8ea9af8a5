// The one place that takes errors from gRPC. Internal to this folder.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace urna::remote {

// The codes are the same ones, and so is the board's sentence. Where gRPC itself has none that
// would help, it is given one. `certificate_hint` is added where a connection was had and lost, as
// it is by a board that does not accept the client's certificate: TLS 1.3 has no way to tell.
absl::Status FromGrpc(const grpc::Status& status, absl::string_view certificate_hint = "");

}  // namespace urna::remote
