// Secret integers modulo ℓ: votes' randomness, credentials, key shares, nonces. Everything done
// with them is constant-time libsodium; what leaves them leaves through a function whose name says
// why.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/crypto/rng.h"
#include "core/crypto/scalar.h"
#include "core/crypto/secret_bytes.h"

namespace urna::crypto {

// Move-only, wiped when it goes or is moved from. No ==, no printing.
class SecretScalar {
 public:
  // Uniform over 0..ℓ−1 (64 bytes of `rng` reduced; zero comes with probability 2^-252).
  static SecretScalar Random(Rng& rng);

  // 64 secret bytes, little-endian, reduced modulo ℓ.
  static SecretScalar FromUniform(std::span<const uint8_t, 64> bytes);

  static SecretScalar FromUint64(uint64_t value);
  static SecretScalar FromPublic(const Scalar& value);

  // From a key file or an opened box. InvalidArgument unless 32 bytes below ℓ.
  static absl::StatusOr<SecretScalar> FromCanonicalSecretBytes(ByteSpan bytes);

  SecretScalar(SecretScalar&& other) noexcept;
  SecretScalar& operator=(SecretScalar&& other) noexcept;
  SecretScalar(const SecretScalar&) = delete;
  SecretScalar& operator=(const SecretScalar&) = delete;
  ~SecretScalar();

  // A second copy, for a prover that outlives the call it was made in.
  SecretScalar Clone() const;

  SecretScalar Add(const SecretScalar& other) const;
  SecretScalar Sub(const SecretScalar& other) const;
  SecretScalar Mul(const SecretScalar& other) const;
  SecretScalar Mul(const Scalar& other) const;
  SecretScalar Negate() const;

  // This scalar if `mask` is 0xff, zero if it is 0x00; the mask is secret too.
  SecretScalar Masked(uint8_t mask) const;

  // The value as part of a proof that is about to be published: only for w + c·x and the like.
  Scalar ExposeForProofResponse() const { return Scalar(bytes_); }

  // The value itself, shown to others on purpose: the opening of a challenged ballot, the opening
  // of a disputed key share.
  Scalar ExposeForOpening() const { return Scalar(bytes_); }

  // 32 bytes, for writing a key file.
  SecretBytes ExposeForKeyFile() const { return SecretBytes::CopyOf(bytes_); }

  // For hashing and sealing within this folder. The span dies with the scalar.
  ByteSpan ExposeSpan() const { return bytes_; }

 private:
  SecretScalar() : bytes_{} {}

  std::array<uint8_t, 32> bytes_;
};

}  // namespace urna::crypto
