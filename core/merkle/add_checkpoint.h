// How a log asks a witness for its cosignature (c2sp.org/tlog-witness): it posts to
// <the witness's URL>/add-checkpoint
//
//   old <size of the tree that the witness has cosigned last>
//   <hash in base64>             the consistency proof from that tree to the checkpoint's
//   …
//                                an empty line
//   <checkpoint, as it is>
//
// and what the witness says to that. No I/O here. Implements docs/protocol.md §10.2.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/cosignature.h"
#include "core/merkle/hash.h"
#include "core/merkle/note.h"

namespace urna::merkle {

inline constexpr size_t kMaxAddCheckpointSize = 1 << 16;       // bytes of a request
inline constexpr size_t kMaxAddCheckpointReplySize = 1 << 16;  // bytes of the body of a reply
inline constexpr size_t kMaxAddCheckpointHashes = 63;
inline constexpr absl::string_view kTreeSizeType = "text/x.tlog.size";

// Where a witness takes checkpoints, from its URL as it stands in a policy.
std::string AddCheckpointUrl(absl::string_view witness_url);

// A well-formed request, of which nothing is verified. Immutable.
class AddCheckpointRequest {
 public:
  // InvalidArgument if the note is no well-formed signed checkpoint, the old size is above the
  // checkpoint's, there are more than kMaxAddCheckpointHashes hashes, or the whole is longer than
  // kMaxAddCheckpointSize. FailedPrecondition if the checkpoint states a tree without leaves and
  // another root than its.
  static absl::StatusOr<AddCheckpointRequest> Create(uint64_t old_size, std::vector<Hash> proof,
                                                     absl::string_view checkpoint_note);

  // Accepts exactly what Serialize() writes.
  static absl::StatusOr<AddCheckpointRequest> Parse(ByteSpan body);

  uint64_t old_size() const { return old_size_; }
  std::span<const Hash> proof() const { return proof_; }

  // The signed note, byte for byte, and what its text says; its signatures are not verified.
  const std::string& checkpoint_note() const { return checkpoint_note_; }
  const Checkpoint& unverified_checkpoint() const { return checkpoint_; }

  // Whether the proof leads from the tree of old_size() leaves with this root to the checkpoint's.
  absl::Status VerifyProof(const Hash& old_root) const;

  std::string Serialize() const;

  bool operator==(const AddCheckpointRequest&) const = default;

 private:
  AddCheckpointRequest(uint64_t old_size, std::vector<Hash> proof,
                       absl::string_view checkpoint_note, Checkpoint checkpoint);

  uint64_t old_size_;
  std::vector<Hash> proof_;
  std::string checkpoint_note_;
  Checkpoint checkpoint_;
};

// An HTTP reply to a request, as it came.
struct AddCheckpointReply {
  int code = 0;
  std::string content_type;
  std::string body;
};

// The witness has cosigned.
struct Cosigned {
  NoteSignature line;  // verified
  uint64_t time = 0;   // seconds since 1970
};

// The witness has cosigned another tree last than the request says: one of this size. If that is
// above the log's own, the log has lost entries or has been forked.
struct KnowsOtherSize {
  uint64_t size = 0;
};

// The witness has cosigned another tree of the old size than the one that the proof starts from: if
// the proof is right, the log has two histories, or the witness is broken.
struct ForkAlarm {};

using WitnessAnswer = std::variant<Cosigned, KnowsOtherSize, ForkAlarm>;

// What the reply of the witness with this key to the request means. The proof must have been
// verified, or ForkAlarm says nothing.
//
// Lines of other keys are passed over. PermissionDenied if a cosignature by the key does not
// verify, and for 403: the witness knows another key of the log. NotFound for 404: it does not
// watch the log. Unavailable for 429, 5xx and codes that don't belong here: try again.
// InvalidArgument for 400 and for what makes no sense: no cosignature of the key or two, a size
// that isn't one or that is the request's, a fork of a tree without leaves.
absl::StatusOr<WitnessAnswer> ReadAddCheckpointReply(const AddCheckpointReply& reply,
                                                     const AddCheckpointRequest& request,
                                                     const CosignatureVerifier& witness);

}  // namespace urna::merkle
