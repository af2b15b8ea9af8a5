#include "server/new_log.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "server/checkpoint_files.h"

namespace urna::server {

absl::StatusOr<OpenLog> BeginLog(const record::Entry& first, const std::string& board_name,
                                 const crypto::SigningKey& board_key, const OpenLogs& logs) {
  URNA_ASSIGN_OR_RETURN(LogState state, LogState::Begin(first));
  const LogFacts& facts = *state.facts();
  const std::string& origin = facts.origin;
  if (!absl::StartsWith(origin, absl::StrCat(board_name, "/"))) {
    return absl::PermissionDeniedError(absl::StrCat(
        "origin '", origin, "' is not of this board: it must begin with '", board_name, "/'"));
  }
  if (origin.size() > kMaxFiledOrigin) {
    return absl::InvalidArgumentError(
        absl::StrCat("origin '", origin, "' is longer than ", kMaxFiledOrigin, " bytes"));
  }
  if (facts.log_key != board_key.public_key().bytes()) {
    return absl::PermissionDeniedError(
        absl::StrCat("log '", origin, "': its log key ", ToHex(facts.log_key),
                     " is not this board's, which is ", ToHex(board_key.public_key().bytes())));
  }
  if (facts.kind == LogKind::kRoll) {
    for (const auto& [other, log] : logs) {
      if (log.state.facts()->id == facts.id) {
        return absl::AlreadyExistsError(absl::StrCat("this roll has the log '", other, "'"));
      }
    }
  }
  URNA_ASSIGN_OR_RETURN(merkle::NoteSigner signer, MakeLogSigner(board_key, origin));
  return OpenLog{0, std::move(state), merkle::CompactTree(), std::move(signer), ""};
}

}  // namespace urna::server
