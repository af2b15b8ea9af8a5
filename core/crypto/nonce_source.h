// Hedged nonces of proofs: they stay secret if either the randomness or the secret is good, and no
// two statements share one. Implements the advice of docs/protocol.md §2, "nonces".
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/crypto/hash.h"
#include "core/crypto/point.h"
#include "core/crypto/rng.h"
#include "core/crypto/secret.h"
#include "core/crypto/secret_bytes.h"

namespace urna::crypto {

// Give it the purpose, every secret and the whole statement, then take as many nonces as needed:
//   key = SHA-512("urna/1/nonce" ‖ 32 fresh bytes ‖ purpose, secrets and statement, each with its
//         length), nonce i = SHA-512(key ‖ u32(i)) mod ℓ.
class NonceSource {
 public:
  NonceSource(absl::string_view purpose, Rng& rng);

  NonceSource& Secret(const SecretScalar& secret);
  NonceSource& Public(ByteSpan bytes);
  NonceSource& Public(const RistrettoPoint& point) { return Public(point.bytes()); }

  // The statement is complete with the first call.
  SecretScalar Next();

 private:
  void Absorb(ByteSpan bytes);

  SecretSha512Hasher hasher_;
  SecretBytes key_;  // empty until the first Next
  uint32_t taken_ = 0;
};

}  // namespace urna::crypto
