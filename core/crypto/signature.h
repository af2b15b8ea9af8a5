// Ed25519 signatures of logs, officers, registrars and trustees. Implements docs/protocol.md §1,
// "key" and "signature": RFC 8032 with libsodium's cofactorless rule, one at a time.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/crypto/rng.h"
#include "core/crypto/secret_bytes.h"

namespace urna::crypto {

using Signature = std::array<uint8_t, 64>;

// A canonical Ed25519 public key that is not of small order. Ordered by its bytes.
class VerifyKey {
 public:
  static constexpr size_t kSize = 32;

  // InvalidArgument if there are not 32 bytes, if they are no canonical encoding of a point of the
  // curve, or if the point is of small order.
  static absl::StatusOr<VerifyKey> Decode(ByteSpan bytes);

  const std::array<uint8_t, 32>& bytes() const { return bytes_; }

  // InvalidArgument "the signature does not verify" unless it does: S below ℓ, R not of small
  // order, R = S·B − SHA-512(R ‖ A ‖ message)·A.
  absl::Status Verify(ByteSpan message, std::span<const uint8_t, 64> signature) const;

  friend bool operator==(const VerifyKey&, const VerifyKey&) = default;
  friend auto operator<=>(const VerifyKey&, const VerifyKey&) = default;

  template <typename H>
  friend H AbslHashValue(H state, const VerifyKey& key) {
    return H::combine(std::move(state), key.bytes_);
  }

 private:
  friend class SigningKey;
  explicit VerifyKey(const std::array<uint8_t, 32>& bytes) : bytes_(bytes) {}

  std::array<uint8_t, 32> bytes_;
};

// An Ed25519 secret key. Move-only, wiped. Sign may be called from several threads at once.
class SigningKey {
 public:
  static constexpr size_t kSeedSize = 32;

  static SigningKey Generate(Rng& rng);

  // The key of RFC 8032's 32-byte secret. InvalidArgument for any other length.
  static absl::StatusOr<SigningKey> FromSeed(ByteSpan seed);

  const VerifyKey& public_key() const { return public_key_; }

  // Deterministic, as RFC 8032 has it.
  Signature Sign(ByteSpan message) const;

  // The 32 bytes that FromSeed takes; for writing a key file and nothing else.
  SecretBytes ExposeSeedForKeyFile() const;

 private:
  SigningKey(SecretBytes secret, VerifyKey public_key)
      : secret_(std::move(secret)), public_key_(public_key) {}

  SecretBytes secret_;  // 64 bytes: seed ‖ public key, libsodium's form
  VerifyKey public_key_;
};

}  // namespace urna::crypto
