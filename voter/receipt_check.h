// Whether what a voter sent is still in the log, and whether it is what will be counted.
// docs/protocol.md §10.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/merkle/witness_policy.h"
#include "voter/board.h"
#include "voter/poll_view.h"
#include "voter/receipt_store.h"

namespace urna::voter {

struct CheckedReceipt {
  uint64_t sequence = 0;
  uint64_t index = 0;   // in the log; of no meaning if the status is an error
  absl::Status status;  // OK: still in the log
  // Whether a checkpoint that meets the witness quorum contains it; else it is provisional. Nothing
  // if that was not asked for, or the status is an error.
  std::optional<bool> final = {};
};

struct ReceiptReport {
  std::string origin;
  std::string directory;
  uint64_t size = 0;                   // entries of the log, at the checkpoint of now
  std::optional<uint64_t> final_size;  // entries that are final; nothing if that was not asked for
  std::vector<CheckedReceipt> receipts;
  std::optional<uint64_t> pending;  // sent and never answered

  // Whether all entries were read, for the next three and for the receipts: then the board was told
  // of none of these. Always in an anonymous poll.
  bool whole_log = false;
  bool anonymous = false;
  uint64_t bytes_read = 0;  // of entries, if whole_log
  // Acts of this credential in the log that the store doesn't know: somebody else has the secret.
  std::vector<OwnAct> unknown;
  // The act of this credential that counts as the log is now; never a challenge.
  std::optional<OwnAct> last;
  // The order by which the officers revoked the credential, so that nothing of it counts.
  std::optional<std::string> revoked;

  // Every receipt holds, and no unknown act comes after what the store knows.
  bool Good() const;
  // Whether some receipt holds, but is provisional.
  bool Provisional() const;
};

struct CheckOptions {
  // Logs of up to so many entries are read whole; those of anonymous polls always are.
  uint64_t whole_log_limit = 5000;
  // Whose cosignatures make a checkpoint final; null: nobody is asked. Must outlive the call.
  const merkle::WitnessPolicy* witnesses = nullptr;
};

// Checks the receipts of these sequence numbers, or all of the store if there are none. The log key
// is the store's. DataLoss if the log has shrunk or shows two histories (see history.h), or its
// entries are not those of its checkpoint; NotFound if there is no such receipt.
absl::StatusOr<ReceiptReport> CheckReceipts(Board& board, const ReceiptStore& store,
                                            const std::vector<uint64_t>& sequences,
                                            const CheckOptions& options);

}  // namespace urna::voter
