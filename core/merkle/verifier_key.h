// Verifier keys (c2sp.org/signed-note): a public key under a name and for one type of signature.
// As text, a vkey,
//
//   <name>+<key ID in 8 hex digits>+<base64 of type and public key>
//
// Key names are non-empty UTF-8 without white space and '+'. A key ID is the first four bytes of
// SHA-256(name ‖ 0x0A ‖ type ‖ public key). Both types here have Ed25519 keys: 0x01 signs the text
// of a note, 0x04 the text with a time (cosignature.h). Implements docs/protocol.md §10 and §11.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/crypto/signature.h"

namespace urna::merkle {

inline constexpr uint8_t kEd25519KeyType = 0x01;
inline constexpr uint8_t kCosignatureKeyType = 0x04;

// Whether signed notes allow this key name.
bool IsKeyName(absl::string_view name);

// The key ID of a key of the given type; `public_key` without the type's byte.
uint32_t KeyId(absl::string_view name, uint8_t type, ByteSpan public_key);

// The four bytes of a key ID, as they stand in vkeys and signature lines.
Bytes KeyIdBytes(uint32_t key_id);

// A key with its name and type. Immutable.
class VerifierKey {
 public:
  // InvalidArgument if notes don't allow the name.
  static absl::StatusOr<VerifierKey> Create(absl::string_view name, uint8_t type,
                                            const crypto::VerifyKey& key);

  // From a vkey that must be of this type, 0x01 or 0x04. The key ID must be that of the key.
  static absl::StatusOr<VerifierKey> Parse(absl::string_view vkey, uint8_t type);

  const std::string& name() const { return name_; }
  uint8_t type() const { return type_; }
  const crypto::VerifyKey& key() const { return key_; }
  uint32_t key_id() const { return key_id_; }

  // The text form that Parse reads.
  std::string vkey() const;

  bool operator==(const VerifierKey&) const = default;

 private:
  VerifierKey(std::string name, uint8_t type, const crypto::VerifyKey& key);

  std::string name_;
  uint8_t type_;
  crypto::VerifyKey key_;
  uint32_t key_id_;
};

}  // namespace urna::merkle
