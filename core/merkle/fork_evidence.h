// Proof that a log has two histories: two checkpoints with its signature of which the smaller tree
// is not what the larger one begins with. As text,
//
//   urna/1/fork-evidence
//   prefix <hash in base64>      the root of the larger tree's first leaves, as many as the smaller
//   has <hash in base64>             the consistency proof from that root to the larger tree's …
//                                an empty line
//   <the checkpoint of the smaller tree, as it is>
//                                an empty line
//   <the checkpoint of the larger tree, as it is>
//
// Whoever has the log's key needs nothing else to judge it. Implements docs/protocol.md §10.3.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/hash.h"
#include "core/merkle/note.h"

namespace urna::merkle {

inline constexpr size_t kMaxForkEvidenceSize = 1 << 16;  // bytes

// Well-formed evidence, of which nothing is verified. Immutable.
class ForkEvidence {
 public:
  // Of two signed checkpoints, in either order; lines of others than the log are left out. For two
  // of one size the prefix is the root of the one that stands second and the proof empty.
  // InvalidArgument or PermissionDenied if this would not be a proof: what Verify says.
  static absl::StatusOr<ForkEvidence> Create(ByteSpan smaller_note, ByteSpan larger_note,
                                             const Hash& prefix, std::vector<Hash> proof,
                                             const NoteVerifier& log);

  // The evidence that two checkpoints of one size are, in either order.
  static absl::StatusOr<ForkEvidence> OfOneSize(ByteSpan one_note, ByteSpan other_note,
                                                const NoteVerifier& log);

  // Accepts exactly what Serialize() writes.
  static absl::StatusOr<ForkEvidence> Parse(ByteSpan bytes);

  const Checkpoint& smaller() const { return smaller_; }
  const Checkpoint& larger() const { return larger_; }

  // OK only if it proves that the log has signed two histories. PermissionDenied if the log has not
  // signed both checkpoints; InvalidArgument if it has, and they don't contradict each other as
  // far as this shows.
  absl::Status Verify(const NoteVerifier& log) const;

  std::string Serialize() const;

  bool operator==(const ForkEvidence&) const = default;

 private:
  ForkEvidence(std::string smaller_note, Checkpoint smaller, std::string larger_note,
               Checkpoint larger, const Hash& prefix, std::vector<Hash> proof);

  // Both notes have been taken apart: the first is the smaller, or of one size the one with the
  // smaller root.
  static absl::StatusOr<ForkEvidence> FromNotes(absl::string_view smaller_note,
                                                absl::string_view larger_note, const Hash& prefix,
                                                std::vector<Hash> proof);

  std::string smaller_note_;
  Checkpoint smaller_;
  std::string larger_note_;
  Checkpoint larger_;
  Hash prefix_;
  std::vector<Hash> proof_;
};

}  // namespace urna::merkle
