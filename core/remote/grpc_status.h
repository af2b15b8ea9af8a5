// The one place that takes errors from gRPC. Internal to this folder.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace urna::remote {

// The codes are the same ones, and so is the board's sentence. Where gRPC itself has none that
// would help, it is given one.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace urna::remote
