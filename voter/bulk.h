// Rehearsals: many voters at once. Ballots and acts are made on all cores and sent from one thread,
// many calls under way together; every receipt is verified.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/crypto/credential.h"
#include "core/crypto/rng.h"
#include "core/crypto/secret_bytes.h"
#include "voter/board.h"
#include "voter/enrolment.h"
#include "voter/receipt_verifier.h"

namespace urna::voter {

// Credentials for one roll, and what the registrar gets of them, in the order of the nonces.
struct ManyEnrolled {
  crypto::SecretBytes secrets;  // s ‖ t, 64 bytes each
  std::vector<Enrolment> enrolments;
};
// `rng` must be thread-safe; `threads` as for ParallelFor.
ManyEnrolled EnrolMany(const crypto::Hash32& roll_id,
                       std::span<const std::array<uint8_t, 32>> nonces, unsigned threads,
                       crypto::Rng& rng);

// How many credentials these secrets are, and one of them. InvalidArgument if they are no whole
// number, or there is none of this index.
absl::StatusOr<uint64_t> CountCredentials(const crypto::SecretBytes& secrets);
absl::StatusOr<crypto::Credential> CredentialAt(const crypto::SecretBytes& secrets, uint64_t index);

struct BulkOptions {
  int in_flight = 64;
  unsigned threads = 0;          // that make entries; 0: one a core
  double patience_seconds = 30;  // how long a board may be busy or away and answer nothing
  size_t most_refusals = 20;     // then the rest is not tried
};

// `item`: 0..count-1.
struct BulkFailure {
  uint64_t item = 0;
  absl::Status status;
};

struct BulkResult {
  uint64_t accepted = 0;              // with verified receipts
  std::vector<BulkFailure> failures;  // could not be made, were refused, or got a false receipt
  uint64_t unanswered = 0;            // not sent, or sent and never answered
  absl::Status ended;                 // why it ended early; OK if every item was tried
};

// Makes the entry of an item. Called on several threads at once.
using MakeEntry = std::function<absl::StatusOr<Bytes>(uint64_t item)>;
// Called from the calling thread for every verified receipt; an error ends the run.
using TakeReceipt = std::function<absl::Status(uint64_t item, const remote::Receipt& receipt)>;
// Called from the calling thread after every answer.
using BulkProgress = std::function<void(uint64_t accepted, uint64_t failed)>;

// Makes and sends `count` entries; they arrive in no particular order. What a busy or absent board
// did not answer is sent again, byte for byte, until its patience ends.
BulkResult SubmitAll(Board& board, Submission kind, uint64_t count, const MakeEntry& make,
                     ReceiptVerifier& verifier, const TakeReceipt& take,
                     const BulkProgress& progress, const BulkOptions& options);

}  // namespace urna::voter
