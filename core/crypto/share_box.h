// Key shares on their way from dealer to trustee: X25519 and XChaCha20-Poly1305. Implements
// docs/protocol.md §5.3.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/crypto/hash.h"
#include "core/crypto/rng.h"
#include "core/crypto/secret.h"
#include "core/crypto/secret_bytes.h"

namespace urna::crypto {

// A trustee's X25519 key pair of one ceremony attempt; erased after the acknowledgement. Move-only,
// wiped.
class ShareEncryptionKey {
 public:
  static constexpr size_t kSize = 32;

  static ShareEncryptionKey Generate(Rng& rng);

  // From the 32 bytes of ExposeForKeyFile. InvalidArgument for any other length.
  static absl::StatusOr<ShareEncryptionKey> FromKeyFile(ByteSpan bytes);

  const std::array<uint8_t, 32>& public_key() const { return public_key_; }

  // For the file in which a trustee keeps his state between two steps, and nothing else.
  SecretBytes ExposeForKeyFile() const { return SecretBytes::CopyOf(secret_.ExposeSpan()); }

 private:
  friend class ShareCipher;
  explicit ShareEncryptionKey(SecretBytes secret);

  SecretBytes secret_;
  std::array<uint8_t, 32> public_key_;
};

// What a share is bound to besides the two keys.
struct ShareContext {
  Hash32 poll;           // manifest hash
  uint16_t attempt = 0;  // from 1
  Hash32 ceremony;       // ceremony hash
  uint16_t dealer = 0;   // i, from 1
  uint16_t recipient = 0;
};

struct SealedShare {
  std::array<uint8_t, 24> nonce;
  std::array<uint8_t, 48> ciphertext;  // the share, 32 bytes, and the tag

  friend bool operator==(const SealedShare&, const SealedShare&) = default;
};

// Seals f_dealer(recipient). InvalidArgument if the recipient's public key is of small order, which
// an honest one never is.
absl::StatusOr<SealedShare> SealShare(const ShareContext& context,
                                      const ShareEncryptionKey& dealer_key,
                                      const std::array<uint8_t, 32>& recipient_public_key,
                                      const SecretScalar& share, Rng& rng);

// InvalidArgument "does not decrypt" (complaint reason 1) if the keys, the context or the
// ciphertext do not fit or if what was sealed is no canonical scalar.
absl::StatusOr<SecretScalar> OpenShare(const ShareContext& context,
                                       const ShareEncryptionKey& recipient_key,
                                       const std::array<uint8_t, 32>& dealer_public_key,
                                       const SealedShare& sealed);

}  // namespace urna::crypto
