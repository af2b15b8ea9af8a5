// Signed notes (c2sp.org/signed-note): a text, an empty line, and one line for each signature,
//
//   — <key name> <base64 of key ID and signature>
//
// Key names are non-empty UTF-8 without white space and '+'. A key ID is the first four bytes of
// SHA-256(name ‖ 0x0A ‖ type ‖ public key). The one type here is 0x01, Ed25519 over the text.
// Implements docs/protocol.md §10 and the verifier keys of §11.
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

namespace urna::merkle {

inline constexpr size_t kMaxNoteSize = 1 << 20;  // bytes
inline constexpr size_t kMaxNoteSignatures = 200;
inline constexpr uint8_t kEd25519KeyType = 0x01;

// Whether signed notes allow this key name.
bool IsKeyName(absl::string_view name);

// The key ID of a key of the given type; `public_key` without the type's byte.
uint32_t KeyId(absl::string_view name, uint8_t type, ByteSpan public_key);

// One signature line. The signature's bytes mean something only to who knows the key.
struct NoteSignature {
  std::string name;
  uint32_t key_id = 0;
  Bytes signature;  // at least 1 byte; 64 for Ed25519

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

  // From a vkey, `name+<key ID in 8 hex digits>+<base64 of type and public key>`. The key ID must
  // be that of the key.
  static absl::StatusOr<NoteVerifier> Parse(absl::string_view vkey);

  const std::string& name() const { return name_; }
  uint32_t key_id() const { return key_id_; }
  const crypto::VerifyKey& key() const { return key_; }

  // The text form that Parse reads.
  std::string vkey() const;

  // Whether the line names this key: its name and its ID.
  bool Matches(const NoteSignature& signature) const;

  // Whether the line is this key's signature of the text.
  bool Verify(absl::string_view text, const NoteSignature& signature) const;

  bool operator==(const NoteVerifier&) const = default;

 private:
  NoteVerifier(std::string name, const crypto::VerifyKey& key);

  std::string name_;
  crypto::VerifyKey key_;
  uint32_t key_id_;
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
