// That a log only grows: what keeps a board from showing one voter two histories, or taking back
// what it showed. docs/protocol.md §10.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/note.h"
#include "voter/board.h"
#include "voter/receipt_store.h"

namespace urna::voter {

// A checkpoint whose signature was verified, and the note that carries it.
struct SeenCheckpoint {
  std::string note;
  merkle::Checkpoint checkpoint;
};

// InvalidArgument or PermissionDenied as merkle::OpenCheckpoint; signatures of witnesses are let
// be.
absl::StatusOr<SeenCheckpoint> OpenSeen(absl::string_view note, const merkle::NoteVerifier& log);

// Asks the board for its checkpoint of now and verifies the signature.
absl::StatusOr<SeenCheckpoint> CurrentCheckpoint(Board& board, const merkle::NoteVerifier& log);

// That one is the beginning of the other, whichever is larger, by a proof that the board gives.
// DataLoss if it is not; the error of the call if the board gave no answer.
absl::Status CheckSameHistory(Board& board, const merkle::Checkpoint& a,
                              const merkle::Checkpoint& b);

// Whoever says that one is the beginning of the other, as CheckSameHistory does.
using SameHistory =
    std::function<absl::Status(const merkle::Checkpoint& a, const merkle::Checkpoint& b)>;
// Who asks the board for a proof, and so tells it which checkpoints are compared. It must outlive
// what is returned.
SameHistory AskTheBoard(Board& board);
// Who has read the whole log up to `newest` and knows the roots of earlier trees: nobody learns of
// what is compared. Of other checkpoints than those and `newest`: Internal.
SameHistory KnowTheLog(const merkle::Checkpoint& newest, std::map<uint64_t, merkle::Hash> roots);

// Compares a checkpoint that the board shows as its newest with the newest that the store
// remembers, and then remembers it. DataLoss, with both notes written to a file of the store that
// the sentence names, if the log has shrunk or is another one.
absl::Status RememberNewest(const SameHistory& same, const ReceiptStore& store,
                            const SeenCheckpoint& seen);

// The same for a checkpoint of a receipt, which may be older than the newest; it is remembered only
// if it is newer.
absl::Status RememberReceipt(const SameHistory& same, const ReceiptStore& store,
                             const SeenCheckpoint& seen);

}  // namespace urna::voter
