#include "core/crypto/secret.h"

#include <sodium.h>

#include <algorithm>

namespace urna::crypto {

SecretScalar SecretScalar::Random(Rng& rng) {
  std::array<uint8_t, 64> wide;
  rng.Fill(wide);
  SecretScalar out = FromUniform(wide);
  Wipe(wide);
  return out;
}

SecretScalar SecretScalar::FromUniform(std::span<const uint8_t, 64> bytes) {
  SecretScalar out;
  crypto_core_ristretto255_scalar_reduce(out.bytes_.data(), bytes.data());
  return out;
}

SecretScalar SecretScalar::FromUint64(uint64_t value) {
  SecretScalar out;
  for (size_t i = 0; i < 8; ++i) out.bytes_[i] = static_cast<uint8_t>(value >> (8 * i));
  return out;
}

SecretScalar SecretScalar::FromPublic(const Scalar& value) {
  SecretScalar out;
  out.bytes_ = value.bytes();
  return out;
}

absl::StatusOr<SecretScalar> SecretScalar::FromCanonicalSecretBytes(ByteSpan bytes) {
  if (bytes.size() != Scalar::kSize) {
    return absl::InvalidArgumentError("a secret scalar is 32 bytes long");
  }
  std::array<uint8_t, 64> wide{};
  std::copy(bytes.begin(), bytes.end(), wide.begin());
  SecretScalar out = FromUniform(wide);
  Wipe(wide);
  if (!ConstantTimeEqual(out.bytes_, bytes)) {
    return absl::InvalidArgumentError("a secret scalar is not below the group order");
  }
  return out;
}

SecretScalar::SecretScalar(SecretScalar&& other) noexcept : bytes_(other.bytes_) {
  Wipe(other.bytes_);
}

SecretScalar& SecretScalar::operator=(SecretScalar&& other) noexcept {
  if (this != &other) {
    bytes_ = other.bytes_;
    Wipe(other.bytes_);
  }
  return *this;
}

SecretScalar::~SecretScalar() { Wipe(bytes_); }

SecretScalar SecretScalar::Clone() const {
  SecretScalar out;
  out.bytes_ = bytes_;
  return out;
}

SecretScalar SecretScalar::Add(const SecretScalar& other) const {
  SecretScalar out;
  crypto_core_ristretto255_scalar_add(out.bytes_.data(), bytes_.data(), other.bytes_.data());
  return out;
}

SecretScalar SecretScalar::Sub(const SecretScalar& other) const {
  SecretScalar out;
  crypto_core_ristretto255_scalar_sub(out.bytes_.data(), bytes_.data(), other.bytes_.data());
  return out;
}

SecretScalar SecretScalar::Mul(const SecretScalar& other) const {
  SecretScalar out;
  crypto_core_ristretto255_scalar_mul(out.bytes_.data(), bytes_.data(), other.bytes_.data());
  return out;
}

SecretScalar SecretScalar::Mul(const Scalar& other) const {
  SecretScalar out;
  crypto_core_ristretto255_scalar_mul(out.bytes_.data(), bytes_.data(), other.bytes().data());
  return out;
}

SecretScalar SecretScalar::Negate() const {
  SecretScalar out;
  crypto_core_ristretto255_scalar_negate(out.bytes_.data(), bytes_.data());
  return out;
}

SecretScalar SecretScalar::Masked(uint8_t mask) const {
  SecretScalar out;
  for (size_t i = 0; i < bytes_.size(); ++i) out.bytes_[i] = bytes_[i] & mask;
  return out;
}

}  // namespace urna::crypto
