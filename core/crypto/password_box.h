// A box for key files that opens with a passphrase: Argon2id and XChaCha20-Poly1305. Not part of
// the protocol: nothing of it is ever published.
//
//   "urna box" | u8 version = 1 | u64 operations | u64 memory in bytes | salt[16] | nonce[24] |
//   ciphertext and tag
//
// Everything before the ciphertext is authenticated with it.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/crypto/rng.h"
#include "core/crypto/secret_bytes.h"

namespace urna::crypto {

// What guessing one passphrase costs.
enum class PasswordStrength {
  kRehearsal,  // nothing to speak of; for tests and rehearsals, never for a real key
  kModerate,   // 256 MiB and about half a second
  kSensitive,  // 1 GiB and several seconds
};

// ResourceExhausted if the memory for the derivation cannot be had.
absl::StatusOr<Bytes> SealWithPassword(absl::string_view passphrase, ByteSpan plaintext,
                                       PasswordStrength strength, Rng& rng);

// PermissionDenied "wrong passphrase or damaged file" if it does not open; InvalidArgument if the
// bytes are no box at all or ask for more work than kSensitive does.
absl::StatusOr<SecretBytes> OpenWithPassword(absl::string_view passphrase, ByteSpan box);

}  // namespace urna::crypto
