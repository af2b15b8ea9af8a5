// Public scalars: integers modulo ℓ = 2^252 + 27742317777372353535851937790883648493, the order of
// ristretto255 (docs/protocol.md §1), in four limbs of 64 bits.
//
// NOT constant-time, never for secrets: challenges, responses and weights only.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "absl/status/statusor.h"

namespace urna::crypto::vartime {

// Always the representative in 0..ℓ-1. Immutable.
class PublicScalar {
 public:
  // 0
  constexpr PublicScalar() : limbs_{} {}
  static constexpr PublicScalar One() { return PublicScalar({1, 0, 0, 0}); }
  static constexpr PublicScalar FromU64(uint64_t value) { return PublicScalar({value, 0, 0, 0}); }

  // Little-endian; InvalidArgument if the number is ℓ or more.
  static absl::StatusOr<PublicScalar> Decode(std::span<const uint8_t, 32> bytes);
  // Little-endian, any number, modulo ℓ. For bytes that are known to be canonical already, and for
  // hashes: 64 uniform bytes give a uniform scalar.
  static PublicScalar Reduce(std::span<const uint8_t, 32> bytes);
  static PublicScalar Reduce(std::span<const uint8_t, 64> bytes);
  // Little-endian, a weight below 2^128.
  static PublicScalar FromWeight(std::span<const uint8_t, 16> bytes);

  // Little-endian and canonical.
  std::array<uint8_t, 32> bytes() const;
  // Least significant first, a number below ℓ.
  constexpr const std::array<uint64_t, 4>& limbs() const { return limbs_; }
  constexpr bool IsZero() const { return (limbs_[0] | limbs_[1] | limbs_[2] | limbs_[3]) == 0; }

  friend constexpr bool operator==(const PublicScalar&, const PublicScalar&) = default;
  friend PublicScalar operator+(const PublicScalar& a, const PublicScalar& b);
  friend PublicScalar operator-(const PublicScalar& a, const PublicScalar& b);
  friend PublicScalar operator*(const PublicScalar& a, const PublicScalar& b);
  PublicScalar operator-() const;
  PublicScalar& operator+=(const PublicScalar& b) { return *this = *this + b; }

 private:
  friend class ScalarSum;
  constexpr explicit PublicScalar(const std::array<uint64_t, 4>& limbs) : limbs_(limbs) {}
  // A 512-bit number modulo ℓ.
  static PublicScalar ReduceWide(const std::array<uint64_t, 8>& wide);

  std::array<uint64_t, 4> limbs_;
};

// A sum of products that is reduced once, at its end. 2^66 products fit into it.
class ScalarSum {
 public:
  // The weight is below 2^128 (PublicScalar::FromWeight): so the product is below 2^381.
  void AddProduct(const PublicScalar& weight, const PublicScalar& scalar);
  void Add(const ScalarSum& other);
  PublicScalar Reduced() const;

 private:
  std::array<uint64_t, 7> limbs_{};
};

// A scalar as ±magnitude with magnitude <= (ℓ-1)/2 < 2^251 + 2^124: what is small or the negative
// of something small costs little to multiply by.
struct SignedMagnitude {
  bool negative;
  std::array<uint64_t, 4> magnitude;

  explicit SignedMagnitude(const PublicScalar& scalar);
  // The position of the highest one bit plus 1; 0 for 0. At most 252.
  int BitLength() const;
};

}  // namespace urna::crypto::vartime
