#include "core/crypto/signature.h"

#include <sodium.h>

#include <cstring>

#include "core/base/check.h"
#include "core/base/status.h"

namespace urna::crypto {
namespace {

// y < 2^255 − 19, the sign bit left aside.
bool IsCanonicalFieldElement(const std::array<uint8_t, 32>& bytes) {
  if ((bytes[31] & 0x7f) != 0x7f) return true;
  for (size_t i = 30; i > 0; --i) {
    if (bytes[i] != 0xff) return true;
  }
  return bytes[0] < 0xed;
}

// Whether 8·A is a point at all and not the identity. libsodium's own check of a point would also
// demand the prime-order subgroup, which crypto_sign_verify_detached does not.
bool IsPointOfLargeOrder(const std::array<uint8_t, 32>& bytes) {
  constexpr std::array<uint8_t, 32> kIdentity = {1};
  std::array<uint8_t, 32> multiple = bytes;
  for (int doubling = 0; doubling < 3; ++doubling) {
    std::array<uint8_t, 32> doubled;
    if (crypto_core_ed25519_add(doubled.data(), multiple.data(), multiple.data()) != 0) {
      return false;
    }
    multiple = doubled;
  }
  return multiple != kIdentity;
}

}  // namespace

absl::StatusOr<VerifyKey> VerifyKey::Decode(ByteSpan bytes) {
  URNA_ASSIGN_OR_RETURN(auto key, ToArray<32>(bytes));
  if (!IsCanonicalFieldElement(key) || !IsPointOfLargeOrder(key)) {
    return absl::InvalidArgumentError("not a canonical Ed25519 key of large order");
  }
  return VerifyKey(key);
}

absl::Status VerifyKey::Verify(ByteSpan message, std::span<const uint8_t, 64> signature) const {
  if (crypto_sign_verify_detached(signature.data(), message.data(), message.size(),
                                  bytes_.data()) != 0) {
    return absl::InvalidArgumentError("the signature does not verify");
  }
  return absl::OkStatus();
}

SigningKey SigningKey::Generate(Rng& rng) {
  SecretBytes seed(kSeedSize);
  rng.Fill(seed.MutableSpan());
  absl::StatusOr<SigningKey> key = FromSeed(seed.ExposeSpan());
  URNA_CHECK(key.ok(), "a fresh seed makes a key");
  return *std::move(key);
}

absl::StatusOr<SigningKey> SigningKey::FromSeed(ByteSpan seed) {
  if (seed.size() != kSeedSize) {
    return absl::InvalidArgumentError("the seed of a signing key is 32 bytes long");
  }
  SecretBytes secret(crypto_sign_SECRETKEYBYTES);
  std::array<uint8_t, 32> public_key;
  if (crypto_sign_seed_keypair(public_key.data(), secret.data(), seed.data()) != 0) {
    return absl::InternalError("no key could be made from the seed");
  }
  return SigningKey(std::move(secret), VerifyKey(public_key));
}

Signature SigningKey::Sign(ByteSpan message) const {
  Signature signature;
  URNA_CHECK(crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(),
                                  secret_.data()) == 0,
             "signing failed");
  return signature;
}

SecretBytes SigningKey::ExposeSeedForKeyFile() const {
  return SecretBytes::CopyOf(secret_.ExposeSpan().first(kSeedSize));
}

}  // namespace urna::crypto
