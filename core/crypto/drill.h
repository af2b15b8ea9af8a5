// The drill: a trustee shows that the stored key share works, on a base that the tool derives
// itself. Implements docs/protocol.md §5.6.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "core/crypto/equality_proof.h"
#include "core/crypto/hash.h"
#include "core/crypto/point.h"
#include "core/crypto/rng.h"
#include "core/crypto/secret.h"

namespace urna::crypto {

struct Drill {
  uint32_t number = 0;   // d; rises strictly for each trustee
  RistrettoPoint share;  // D = x_j·B
  EqualityProof proof;   // the logarithm of D to B is that of X_j to G

  friend bool operator==(const Drill&, const Drill&) = default;
};

// B = HashToGroup("drill base", key context ‖ u32(number) ‖ u16(trustee)).
RistrettoPoint DrillBase(const Hash32& key_context, uint32_t number, uint16_t trustee);

// `key_share` is x_j; that it belongs to the verification key X_j is what the drill finds out, so
// verify the outcome before using it.
Drill MakeDrill(const Hash32& key_context, uint32_t number, uint16_t trustee,
                const SecretScalar& key_share, const RistrettoPoint& verification_key, Rng& rng);

// InvalidArgument naming trustee and drill if the proof does not verify.
absl::Status VerifyDrillVarTime(const Hash32& key_context, uint16_t trustee,
                                const RistrettoPoint& verification_key, const Drill& drill);

}  // namespace urna::crypto
