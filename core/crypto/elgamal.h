// Exponential ElGamal over ristretto255. Implements docs/protocol.md §3.1.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/crypto/point.h"
#include "core/crypto/secret.h"

namespace urna::crypto {

// A vote under the election key Y = y·G. Ordered by α ‖ β; the default value is the encryption of
// zero with randomness zero, where sums begin.
struct Ciphertext {
  static constexpr size_t kSize = 64;

  RistrettoPoint alpha;  // r·G
  RistrettoPoint beta;   // v·G + r·Y

  static Ciphertext Zero() { return Ciphertext(); }

  // From α ‖ β. InvalidArgument unless 64 bytes, both canonical, α not the identity.
  static absl::StatusOr<Ciphertext> Decode(ByteSpan bytes);

  // α ‖ β.
  std::array<uint8_t, kSize> Encode() const;

  friend Ciphertext operator+(const Ciphertext& a, const Ciphertext& b) {
    return Ciphertext{a.alpha + b.alpha, a.beta + b.beta};
  }
  friend bool operator==(const Ciphertext&, const Ciphertext&) = default;
  friend auto operator<=>(const Ciphertext&, const Ciphertext&) = default;

  template <typename H>
  friend H AbslHashValue(H state, const Ciphertext& ciphertext) {
    return H::combine(std::move(state), ciphertext.alpha, ciphertext.beta);
  }
};

// (r·G, value·G + r·election_key) in constant time for any value: value·G is blinded. `r` must be
// fresh and uniform.
Ciphertext Encrypt(const RistrettoPoint& election_key, uint64_t value, const SecretScalar& r);

// The same for a value and an r that are published: an opened, challenged ballot.
Ciphertext EncryptVarTime(const RistrettoPoint& election_key, uint64_t value, const Scalar& r);

}  // namespace urna::crypto
