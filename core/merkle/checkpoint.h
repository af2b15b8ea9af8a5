// Checkpoints (c2sp.org/tlog-checkpoint): what a log commits to, as the text of a signed note,
//
//   <origin>
//   <size>
//   <root in base64>
//
// without extension lines. The log signs under its origin as key name.
// Implements docs/protocol.md §10.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/merkle/hash.h"
#include "core/merkle/note.h"
#include "core/merkle/tree.h"

namespace urna::merkle {

// A valid checkpoint text; who signed it, if anyone, it does not say. Immutable.
class Checkpoint {
 public:
  // InvalidArgument if the origin is no key name, the size is above kMaxTreeSize, or the size is 0
  // and the root is not the empty one.
  static absl::StatusOr<Checkpoint> Create(absl::string_view origin, uint64_t size,
                                           const Hash& root);

  // Accepts exactly what Body() writes.
  static absl::StatusOr<Checkpoint> Parse(absl::string_view body);

  const std::string& origin() const { return origin_; }
  uint64_t size() const { return size_; }  // leaves
  const Hash& root() const { return root_; }

  // The text to be signed.
  std::string Body() const;

  bool operator==(const Checkpoint&) const = default;

 private:
  Checkpoint(absl::string_view origin, uint64_t size, const Hash& root);

  std::string origin_;
  uint64_t size_;
  Hash root_;
};

// The signed note. InvalidArgument unless the signer's name is the origin.
absl::StatusOr<std::string> SignCheckpoint(const Checkpoint& checkpoint, const NoteSigner& signer);

// Which signature lines a checkpoint may have beside the log's.
enum class OtherSignatures {
  kIgnored,  // any well-formed ones: witnesses may have signed
  kRefused,  // none: the form of fork evidence
};

// A checkpoint signed by the log whose verifier key is given. InvalidArgument if it is malformed,
// has another origin than the key's name, or has lines that are refused; PermissionDenied if the
// log's signature is wrong or missing.
absl::StatusOr<Checkpoint> OpenCheckpoint(ByteSpan note, const NoteVerifier& log,
                                          OtherSignatures others);

}  // namespace urna::merkle
