// The group ristretto255 (RFC 9496). Implements docs/protocol.md §1, "point" and "the identity".
//
// Policy for the identity, stated here and nowhere else: its encoding is 32 zero bytes and it is an
// ordinary value of RistrettoPoint. libsodium's multiplications answer -1 when the *result* is the
// identity, having written the right 32 zero bytes; since a RistrettoPoint is always valid there is
// no other reason for -1, and the wrapper takes the bytes and ignores the answer. libsodium itself
// branches there, so a secret scalar that may well be zero is never handed to it: a vote takes its
// multiple of G from a table by masks (elgamal.h), and of e = c̃·(v − m) in a proof the one that is
// zero is left out, by masks too (disjunctive_proof.cc). Sums and differences do not care.
//
// Where the identity is not allowed at all, decode with DecodeNonIdentity.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/crypto/scalar.h"
#include "core/crypto/secret.h"

namespace urna::crypto {

// A valid element, held as its canonical 32 bytes. Immutable, ordered by its bytes.
class RistrettoPoint {
 public:
  static constexpr size_t kSize = 32;

  // The identity.
  RistrettoPoint() : bytes_{} {}

  // InvalidArgument unless these are 32 bytes of a canonical encoding (RFC 9496 §4.3.1). Takes the
  // identity.
  static absl::StatusOr<RistrettoPoint> Decode(ByteSpan bytes);

  // The same, and InvalidArgument for the identity.
  static absl::StatusOr<RistrettoPoint> DecodeNonIdentity(ByteSpan bytes);

  static RistrettoPoint Identity() { return RistrettoPoint(); }

  // G of RFC 9496.
  static RistrettoPoint Base();

  // The one-way map of RFC 9496 §4.3.4.
  static RistrettoPoint FromUniform(std::span<const uint8_t, 64> bytes);

  const std::array<uint8_t, 32>& bytes() const { return bytes_; }
  bool IsIdentity() const { return *this == RistrettoPoint(); }

  RistrettoPoint Negate() const;

  friend RistrettoPoint operator+(const RistrettoPoint& a, const RistrettoPoint& b);
  friend RistrettoPoint operator-(const RistrettoPoint& a, const RistrettoPoint& b);
  friend bool operator==(const RistrettoPoint&, const RistrettoPoint&) = default;
  friend auto operator<=>(const RistrettoPoint&, const RistrettoPoint&) = default;

  template <typename H>
  friend H AbslHashValue(H state, const RistrettoPoint& point) {
    return H::combine(std::move(state), point.bytes_);
  }

 private:
  friend RistrettoPoint MulVarTime(const Scalar& scalar, const RistrettoPoint& point);
  friend RistrettoPoint MulBaseVarTime(const Scalar& scalar);
  friend RistrettoPoint Mul(const SecretScalar& scalar, const RistrettoPoint& point);
  friend RistrettoPoint MulBase(const SecretScalar& scalar);
  friend RistrettoPoint SelectPoint(std::span<const RistrettoPoint> table, uint64_t index);

  explicit RistrettoPoint(const std::array<uint8_t, 32>& bytes) : bytes_(bytes) {}

  std::array<uint8_t, 32> bytes_;
};

// scalar·point and scalar·G, for public scalars.
RistrettoPoint MulVarTime(const Scalar& scalar, const RistrettoPoint& point);
RistrettoPoint MulBaseVarTime(const Scalar& scalar);

// The same for secret scalars, in constant time (but see the policy above about zero).
RistrettoPoint Mul(const SecretScalar& scalar, const RistrettoPoint& point);
RistrettoPoint MulBase(const SecretScalar& scalar);

// table[index] by masks over the whole table, for a secret index below table.size() (a larger one
// gives the identity).
RistrettoPoint SelectPoint(std::span<const RistrettoPoint> table, uint64_t index);

// Lists of points, 32 bytes each, without prefix. The error names the position, from 0.
absl::StatusOr<std::vector<RistrettoPoint>> DecodePoints(ByteSpan bytes);
Bytes EncodePoints(std::span<const RistrettoPoint> points);

}  // namespace urna::crypto
