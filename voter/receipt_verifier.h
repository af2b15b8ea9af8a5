// Checks many receipts of one log. docs/protocol.md §10.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/hash.h"
#include "core/merkle/note.h"
#include "core/merkle/tlog_proof.h"
#include "core/remote/board_client.h"

namespace urna::voter {

// The signature of a checkpoint is verified once, however many receipts carry it. Not thread-safe.
class ReceiptVerifier {
 public:
  // `log`: the log's key under its origin.
  explicit ReceiptVerifier(merkle::NoteVerifier log) : log_(std::move(log)) {}

  // That the receipt proves the entry with this leaf hash, and that its index and leaf hash are
  // the proof's. The log's checkpoint. DataLoss where the board contradicts itself: about the
  // index, or by two roots of one size in the receipts of this verifier; otherwise as
  // merkle::VerifyReceipt.
  absl::StatusOr<merkle::Checkpoint> Verify(const remote::Receipt& receipt,
                                            const merkle::Hash& leaf_hash);

  // The same for a receipt file.
  absl::StatusOr<merkle::Checkpoint> VerifyFile(ByteSpan proof, const merkle::Hash& leaf_hash);

  const merkle::NoteVerifier& log() const { return log_; }
  // Different checkpoints so far.
  size_t checkpoints() const { return opened_.size(); }

 private:
  absl::StatusOr<merkle::Checkpoint> VerifyProof(const merkle::TlogProof& proof,
                                                 const merkle::Hash& leaf_hash);
  absl::StatusOr<merkle::Checkpoint> Open(const std::string& note);

  merkle::NoteVerifier log_;
  std::unordered_map<std::string, merkle::Checkpoint> opened_;  // by the note's bytes
  std::map<uint64_t, merkle::Hash> roots_;                      // by size
};

}  // namespace urna::voter
