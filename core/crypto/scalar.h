// Public integers modulo ℓ. Implements docs/protocol.md §1, "scalar". Secret ones are SecretScalar.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/bytes.h"

namespace urna::crypto {

// An integer in 0..ℓ−1, ℓ = 2^252 + 27742317777372353535851937790883648493, as 32 bytes,
// little-endian. Immutable. The order is that of the bytes and only good for containers.
class Scalar {
 public:
  static constexpr size_t kSize = 32;

  // Zero.
  Scalar() : bytes_{} {}

  // InvalidArgument unless these are 32 bytes that stand for an integer below ℓ.
  static absl::StatusOr<Scalar> Decode(ByteSpan bytes);

  static Scalar Zero() { return Scalar(); }
  static Scalar One() { return FromUint64(1); }
  static Scalar FromUint64(uint64_t value);

  // 64 bytes, little-endian, reduced modulo ℓ.
  static Scalar FromUniform(std::span<const uint8_t, 64> bytes);

  const std::array<uint8_t, 32>& bytes() const { return bytes_; }
  bool IsZero() const { return *this == Scalar(); }

  Scalar Negate() const;

  // The inverse modulo ℓ; FailedPrecondition for zero.
  absl::StatusOr<Scalar> InvertVarTime() const;

  friend Scalar operator+(const Scalar& a, const Scalar& b);
  friend Scalar operator-(const Scalar& a, const Scalar& b);
  friend Scalar operator*(const Scalar& a, const Scalar& b);
  friend bool operator==(const Scalar&, const Scalar&) = default;
  friend auto operator<=>(const Scalar&, const Scalar&) = default;

 private:
  friend class SecretScalar;
  explicit Scalar(const std::array<uint8_t, 32>& bytes) : bytes_(bytes) {}

  std::array<uint8_t, 32> bytes_;
};

// Lists of scalars, 32 bytes each, without prefix. The error names the position, from 0.
absl::StatusOr<std::vector<Scalar>> DecodeScalars(ByteSpan bytes);
Bytes EncodeScalars(std::span<const Scalar> scalars);

}  // namespace urna::crypto
