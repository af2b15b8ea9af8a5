// Cosignatures (c2sp.org/tlog-cosignature), type 0x04: a witness says of a checkpoint that, at a
// certain time, it is the log's largest tree that the witness has seen, and that it continues all
// those seen before. What is signed, with Ed25519, is
//
//   cosignature/v1
//   time <seconds since 1970>
//   <the text of the checkpoint's note>
//
// and a signature line carries u64 time ‖ signature, 72 bytes. Implements docs/protocol.md §10.2.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/crypto/signature.h"
#include "core/merkle/note.h"
#include "core/merkle/verifier_key.h"

namespace urna::merkle {

inline constexpr size_t kCosignatureSize = 8 + 64;  // bytes, without the key ID

// Times are 1 to this; 0 would be no time.
inline constexpr uint64_t kMaxCosignatureTime = std::numeric_limits<int64_t>::max();

// The message that a cosignature of `text` at `time` signs.
std::string CosignedMessage(absl::string_view text, uint64_t time);

// A witness's public key under its name: checks signature lines. Immutable.
class CosignatureVerifier {
 public:
  // InvalidArgument if notes don't allow the name.
  static absl::StatusOr<CosignatureVerifier> Create(absl::string_view name,
                                                    const crypto::VerifyKey& key);

  // From a vkey of type 0x04.
  static absl::StatusOr<CosignatureVerifier> Parse(absl::string_view vkey);

  const std::string& name() const { return key_.name(); }
  uint32_t key_id() const { return key_.key_id(); }
  const crypto::VerifyKey& key() const { return key_.key(); }

  // The text form that Parse reads.
  std::string vkey() const { return key_.vkey(); }

  // Whether the line names this key: its name and its ID.
  bool Matches(const NoteSignature& signature) const;

  // The time in the line, in seconds since 1970. PermissionDenied unless the line is this key's
  // cosignature of the text.
  absl::StatusOr<uint64_t> Verify(absl::string_view text, const NoteSignature& signature) const;

  bool operator==(const CosignatureVerifier&) const = default;

 private:
  explicit CosignatureVerifier(VerifierKey key);

  VerifierKey key_;
};

// A witness's secret key under its name: makes signature lines.
class CosignatureSigner {
 public:
  // InvalidArgument if notes don't allow the name.
  static absl::StatusOr<CosignatureSigner> Create(absl::string_view name, crypto::SigningKey key);

  const CosignatureVerifier& verifier() const { return verifier_; }

  // The cosignature of the text at `time`, in seconds since 1970. InvalidArgument unless the time
  // is 1 to kMaxCosignatureTime.
  absl::StatusOr<NoteSignature> Sign(absl::string_view text, uint64_t time) const;

 private:
  CosignatureSigner(CosignatureVerifier verifier, crypto::SigningKey key);

  CosignatureVerifier verifier_;
  crypto::SigningKey key_;
};

}  // namespace urna::merkle
