// Proofs that stand by themselves (c2sp.org/tlog-proof), and Urna's receipts, which are such proofs
// without extra data: entry `index` is in the tree of the checkpoint. As text,
//
//   c2sp.org/tlog-proof@v1
//   extra <base64>               only if there is extra data
//   index <index>
//   <hash in base64>             the leaf's sibling first, the root's child last
//   …
//                                an empty line
//   <checkpoint, as it is>
//
// Implements docs/protocol.md §10.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/hash.h"
#include "core/merkle/note.h"

namespace urna::merkle {

// The longest proof file that is read, in bytes.
inline constexpr size_t kMaxTlogProofSize = kMaxNoteSize + (1 << 17);

// A well-formed proof, not verified. Immutable.
class TlogProof {
 public:
  // InvalidArgument if the checkpoint is not a well-formed signed checkpoint, the index is not in
  // its tree, there are more than kMaxProofHashes hashes, or the extra data is empty or longer than
  // 65,535 bytes. Extra data is not covered by any signature.
  static absl::StatusOr<TlogProof> Create(uint64_t index, std::vector<Hash> hashes,
                                          absl::string_view checkpoint_note,
                                          std::optional<Bytes> extra = std::nullopt);

  // Accepts exactly what Serialize() writes.
  static absl::StatusOr<TlogProof> Parse(ByteSpan bytes);

  uint64_t index() const { return index_; }
  std::span<const Hash> hashes() const { return hashes_; }
  const std::optional<Bytes>& extra() const { return extra_; }

  // The signed note, byte for byte, and what its text says; its signatures are not verified.
  const std::string& checkpoint_note() const { return checkpoint_note_; }
  const Checkpoint& unverified_checkpoint() const { return checkpoint_; }

  std::string Serialize() const;

  bool operator==(const TlogProof&) const = default;

 private:
  TlogProof(uint64_t index, std::vector<Hash> hashes, absl::string_view checkpoint_note,
            Checkpoint checkpoint, std::optional<Bytes> extra);

  uint64_t index_;
  std::vector<Hash> hashes_;
  std::string checkpoint_note_;
  Checkpoint checkpoint_;
  std::optional<Bytes> extra_;
};

// Checks a receipt: no extra data, signed by the log, of this origin, and the entry with this leaf
// hash at the index it states. Returns the log's checkpoint. Errors as OpenCheckpoint's and
// VerifyInclusion's; signature lines of others are ignored.
absl::StatusOr<Checkpoint> VerifyReceipt(const Hash& leaf_hash, const TlogProof& receipt,
                                         const NoteVerifier& log, absl::string_view origin);

}  // namespace urna::merkle
