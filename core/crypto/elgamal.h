// Exponential ElGamal over ristretto255. Implements docs/protocol.md §3.1.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <utility>
#include <vector>

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

// 0·G … maximum·G, from which a vote takes its own by masks. A multiplication would tell a vote of
// zero from others (point.h), and costs more than the one addition that is left.
class SmallMultiples {
 public:
  // Up to 15 additions of public points for every hexadecimal digit of `maximum`.
  explicit SmallMultiples(uint64_t maximum);

  // value·G for a secret value of at most `at_most`, which is public and at most the maximum:
  // one addition for every hexadecimal digit of `at_most` but the first.
  RistrettoPoint Select(uint64_t value, uint64_t at_most) const;

 private:
  uint64_t maximum_;
  std::vector<std::vector<RistrettoPoint>> digits_;  // digits_[i][d] is d·16^i·G
};

// (r·G, value·G + r·election_key) in constant time: two multiplications, and additions. `value` is
// at most `at_most`, as above; one that is above it is encrypted wrongly, and nothing can be proved
// of it. `r` must be fresh and uniform.
Ciphertext Encrypt(const RistrettoPoint& election_key, const SmallMultiples& multiples,
                   uint64_t value, uint64_t at_most, const SecretScalar& r);

// The same for a value and an r that are published: an opened, challenged ballot.
Ciphertext EncryptVarTime(const RistrettoPoint& election_key, uint64_t value, const Scalar& r);

}  // namespace urna::crypto
