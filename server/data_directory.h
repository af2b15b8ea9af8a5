// The board's data directory:
//
//   board.json           {"format": 1, "name": …, "log_key": …}, public
//   log.key              the secret of the key that signs all checkpoints; 64 hex digits, mode 0600
//   admin.token          who shows it may create logs and fill rolls; 64 hex digits, mode 0600
//   ledger/              the database (ledger.h)
//   checkpoints/         the last published checkpoint of every log (checkpoint_files.h)
//   cosigned/, alarms/   of a board with witnesses (witness_setup.h)
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/crypto/rng.h"
#include "core/crypto/secret_bytes.h"
#include "core/crypto/signature.h"

namespace urna::server {

std::string LedgerPath(const std::string& data);
std::string CheckpointsPath(const std::string& data);
std::string CosignedPath(const std::string& data);
std::string AlarmsPath(const std::string& data);
std::string LogKeyPath(const std::string& data);
std::string TokenPath(const std::string& data);

struct BoardIdentity {
  std::string name;
  crypto::VerifyKey log_key;
};

// Makes a new board: key, token, empty ledger. AlreadyExists if there is one; InvalidArgument if no
// origin could begin with the name.
absl::StatusOr<BoardIdentity> InitializeBoard(const std::string& data, absl::string_view name,
                                              crypto::Rng& rng);

// Says in `data`, where nothing says it yet, which board it is of.
absl::Status WriteIdentity(const std::string& data, const BoardIdentity& identity);

// Makes a new administration token in `path`, where nothing is.
absl::Status MakeToken(const std::string& path, crypto::Rng& rng);

// NotFound if `data` holds no board.
absl::StatusOr<BoardIdentity> LoadIdentity(const std::string& data);

// The secret key in `path`; FailedPrecondition if it is not the board's, or if others than its
// owner can read the file.
absl::StatusOr<crypto::SigningKey> LoadLogKey(const std::string& path,
                                              const BoardIdentity& identity);

// The token in `path`; FailedPrecondition if others than its owner can read the file.
absl::StatusOr<crypto::SecretBytes> LoadToken(const std::string& path);

}  // namespace urna::server
