// What all command-line programs share: exit statuses, passphrases, how to reach a board.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/crypto/password_box.h"
#include "core/crypto/secret_bytes.h"
#include "core/remote/board_client.h"

namespace urna::console {

enum ExitStatus : int {
  kDone = 0,
  kRefused = 1,  // refused, or a check failed
  kNotRun = 2,   // could not be carried out
  kUsage = 3,    // usage, input or output
};

// kDone for OK; kRefused for what rules or a board refuse; kNotRun for Unavailable and
// DeadlineExceeded; kUsage for the rest.
int ExitStatusOf(const absl::Status& status);

// Prints "<program>: <sentence>" on standard error if it is an error; the exit status.
int Finish(absl::string_view program, const absl::Status& status);

// Where a passphrase comes from: the first line of a file, or a prompt without echo.
struct PassphraseSource {
  std::string file;
  void AddTo(CLI::App& command);
  // FailedPrecondition if there is neither a file nor a terminal. `again`: asks twice.
  absl::StatusOr<crypto::SecretBytes> Read(absl::string_view prompt, bool again = false) const;
};

// --server, --tls, --tls-roots, --tls-cert, --tls-key, --plain-anywhere, --admin-token-file.
struct BoardOptions {
  std::string server;
  remote::ConnectOptions connect;
  void AddTo(CLI::App& command, bool required);
  bool given() const { return !server.empty(); }
  absl::StatusOr<remote::BoardClient> Connect() const;
};

}  // namespace urna::console
