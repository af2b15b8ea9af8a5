// What a server does before it serves: reads every entry again, rebuilds each log's tree and state,
// and makes sure that the last published checkpoints are still in there.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/progress.h"
#include "core/crypto/signature.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/note.h"
#include "core/merkle/tree.h"
#include "server/ledger.h"
#include "server/log_state.h"

namespace urna::server {

// A log with everything that the committer needs to go on with it.
struct OpenLog {
  LogNumber number = 0;
  LogState state;
  merkle::CompactTree tree;
  std::optional<merkle::NoteSigner> signer;  // nothing where logs are only looked at
  std::string checkpoint;  // the signed note over `tree`, once this process has published it
  uint64_t latest_order_time = 0;  // of those in the log when it was read; Unix seconds
  WitnessStanding standing = {};   // while it is served by a board with witnesses
};

// By origin.
using OpenLogs = std::map<std::string, OpenLog>;

// The signer of a log's checkpoints: the board's key under the log's origin.
absl::StatusOr<merkle::NoteSigner> MakeLogSigner(const crypto::SigningKey& board_key,
                                                 absl::string_view origin);

// The signed checkpoint of the log as it is.
absl::StatusOr<std::string> SignHead(const OpenLog& log);

// The roll that is meant, as LogState::sealed_roll gives it, or null.
std::shared_ptr<const roll::RollState> FindPinnedRoll(const OpenLogs& logs,
                                                      const roll::RollPin& pin);

enum class Replay {
  kForServing,     // entries are taken as they are: they were checked before they were logged
  kCheckingRules,  // each must keep the rules again, its proofs aside
};

// Reads all logs of the ledger. DataLoss with a sentence that says what to do if entries do not
// give the stored tree heads, or if a tree does not contain the checkpoint in
// `checkpoint_directory`, signed by `log_key`. The logs have no signer and no checkpoint yet.
// `progress` is told of entries.
absl::StatusOr<OpenLogs> ReplayLogs(const Ledger& ledger, const std::string& checkpoint_directory,
                                    const crypto::VerifyKey& log_key, Replay how,
                                    const Progress& progress = {});

// The same for serving, with signers. That a checkpoint file is there says nothing about whether
// it has reached the disk, so each is to be published anew, whatever it says.
absl::StatusOr<OpenLogs> RecoverLogs(const Ledger& ledger, const std::string& checkpoint_directory,
                                     const crypto::SigningKey& board_key);

// FailedPrecondition with what to do if an order in a log is later than `latest`, Unix seconds.
absl::Status CheckClock(const OpenLogs& logs, uint64_t latest);

}  // namespace urna::server
