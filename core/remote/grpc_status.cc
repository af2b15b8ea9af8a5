#include "core/remote/grpc_status.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/utf8.h"

namespace urna::remote {

namespace {

// Whether there was a connection that broke off, rather than nobody there or a board of another
// name than it says.
bool WasDropped(const std::string& sentence) {
  return !absl::StrContains(sentence, "Connection refused") &&
         !absl::StrContains(sentence, "CERTIFICATE_VERIFY_FAILED") &&
         !absl::StrContains(sentence, "DNS resolution");
}

}  // namespace

absl::Status FromGrpc(const grpc::Status& status, absl::string_view certificate_hint) {
  if (status.ok()) return absl::OkStatus();
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  const std::string sentence = Printable(status.error_message());
  if (code == absl::StatusCode::kUnavailable) {
    const bool hint = !certificate_hint.empty() && WasDropped(sentence);
    return absl::UnavailableError(
        absl::StrCat("the board cannot be reached or is shutting down: ", sentence,
                     hint ? "; " : "", hint ? certificate_hint : ""));
  }
  if (code == absl::StatusCode::kDeadlineExceeded) {
    return absl::DeadlineExceededError(
        "the board has not answered in time; the same bytes may be sent again");
  }
  return absl::Status(code, sentence.empty() ? "the board has given no reason" : sentence);
}

}  // namespace urna::remote
