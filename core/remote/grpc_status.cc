#include "core/remote/grpc_status.h"

#include <string>

namespace urna::remote {

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  const std::string& sentence = status.error_message();
  if (code == absl::StatusCode::kUnavailable) {
    return absl::UnavailableError("the board cannot be reached or is shutting down: " + sentence);
  }
  if (code == absl::StatusCode::kDeadlineExceeded) {
    return absl::DeadlineExceededError(
        "the board has not answered in time; the same bytes may be sent again");
  }
  return absl::Status(code, sentence.empty() ? "the board has given no reason" : sentence);
}

}  // namespace urna::remote
