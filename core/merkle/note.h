// Signed notes (c2sp.org/signed-note): a text, an empty line, and one line for each signature,
//
//   — <key name> <base64 of key ID and signature>
//
// The keys here are of type 0x01, Ed25519 over the text; cosignature.h has those of witnesses.
// Implements docs/protocol.md §10.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/crypto/signature.h"
#include "core/merkle/verifier_key.h"

namespace urna::merkle {

inline constexpr size_t kMaxNoteSize = 1 << 20;  // bytes
inline constexpr size_t kMaxNoteSignatures = 200;

// One signature line. The signature's bytes mean something only to who knows the key.
struct NoteSignature {
  std::string name;
  uint32_t key_id = 0;
  Bytes signature;  // at least 1 byte; 64 for Ed25519

  // The line as it stands in a note, with its newline.
  std::string Line() const;

  // The inverse; `line` without its newline.
  static absl::StatusOr<NoteSignature> ParseLine(absl::string_view line);

  bool operator==(const NoteSignature&) const = default;
};

// A well-formed note, not verified: nobody need have signed its text. Immutable.
class Note {
 public:
  // Puts a note together. InvalidArgument unless the text ends in a newline and is UTF-8 without
  // control characters but newlines, and the signatures are 1 to kMaxNoteSignatures well-formed
  // ones.
  static absl::StatusOr<Note> Create(absl::string_view text, std::vector<NoteSignature> signatures);

  // Accepts exactly what Serialize() writes.
  static absl::StatusOr<Note> Parse(ByteSpan bytes);

  // The signed text, with its last newline.
  const std::string& text() const { return text_; }
  const std::vector<NoteSignature>& signatures() const { return signatures_; }

  std::string Serialize() const;

  bool operator==(const Note&) const = default;

 private:
  Note(std::string text, std::vector<NoteSignature> signatures);

  std::string text_;
  std::vector<NoteSignature> signatures_;
};

// A public key under a name: checks signature lines.
class NoteVerifier {
 public:
  // InvalidArgument if notes don't allow the name.
  static absl::StatusOr<NoteVerifier> Create(absl::string_view name, const crypto::VerifyKey& key);

  // From a vkey of type 0x01.
  static absl::StatusOr<NoteVerifier> Parse(absl::string_view vkey);

  const std::string& name() const { return key_.name(); }
  uint32_t key_id() const { return key_.key_id(); }
  const crypto::VerifyKey& key() const { return key_.key(); }

  // The text form that Parse reads.
  std::string vkey() const { return key_.vkey(); }

  // Whether the line names this key: its name and its ID.
  bool Matches(const NoteSignature& signature) const;

  // Whether the line is this key's signature of the text.
  bool Verify(absl::string_view text, const NoteSignature& signature) const;

  bool operator==(const NoteVerifier&) const = default;

 private:
  explicit NoteVerifier(VerifierKey key);

  VerifierKey key_;
};

// A secret key under a name: makes signature lines.
class NoteSigner {
 public:
  // InvalidArgument if notes don't allow the name.
  static absl::StatusOr<NoteSigner> Create(absl::string_view name, crypto::SigningKey key);

  const NoteVerifier& verifier() const { return verifier_; }

  NoteSignature Sign(absl::string_view text) const;

 private:
  NoteSigner(NoteVerifier verifier, crypto::SigningKey key);

  NoteVerifier verifier_;
  crypto::SigningKey key_;
};

// The note over `text` with the one signature of `signer`.
absl::StatusOr<std::string> SignNote(absl::string_view text, const NoteSigner& signer);

// A note of which at least one known key's signature was checked.
struct OpenedNote {
  Note note;
  std::vector<NoteSignature> verified;  // by known keys, at most one each
  std::vector<NoteSignature> unknown;   // by other keys: not checked, and mean nothing
};

// Parses a note and checks the signatures of the given keys; lines of other keys are passed over.
// InvalidArgument if the note is malformed or has two lines of one known key, or if two of the
// verifiers have the same name and ID; PermissionDenied if a known key's signature is wrong or no
// known key has signed.
absl::StatusOr<OpenedNote> OpenNote(ByteSpan bytes, std::span<const NoteVerifier> verifiers);

}  // namespace urna::merkle
