// Makes the proof that a tag belongs to one of a ring. Implements docs/protocol.md §3.8, "prover".
//
// What is done does not depend on the signer's place: everything secret meets libsodium's
// constant-time functions and masks alone, and points that tell the place are wiped. For a ring of
// 1,024 that are 1,627 multiplications.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/crypto/credential.h"
#include "core/crypto/point.h"
#include "core/crypto/ring.h"
#include "core/crypto/ring_proof.h"
#include "core/crypto/rng.h"
#include "core/crypto/scalar.h"

namespace urna::crypto {

namespace internal {
struct RingSecrets;
}

// Two steps, because the challenge covers a whole act. Move-only; holds secrets.
class RingProver {
 public:
  // First step; all the work. The credential finds its place in the ring by itself;
  // InvalidArgument if it has none. `context` is whatever the proof will speak about, as far as it
  // is known; it goes into the hedged nonces only.
  static absl::StatusOr<RingProver> Commit(const Ring& ring, const Credential& credential,
                                           const RistrettoPoint& tag_base, ByteSpan context,
                                           Rng& rng);

  RingProver(RingProver&&) noexcept;
  RingProver& operator=(RingProver&&) noexcept;
  ~RingProver();

  const RistrettoPoint& tag() const { return tag_; }                      // T
  Bytes EncodeCommitments() const { return proof_.EncodeCommitments(); }  // to be hashed

  // Second step; the prover is used up, since a second answer would give s and the place away.
  RingProof Respond(const Scalar& challenge) &&;

 private:
  explicit RingProver(std::unique_ptr<internal::RingSecrets> secrets);

  std::unique_ptr<internal::RingSecrets> secrets_;  // none after the answer
  RistrettoPoint tag_;
  RingProof proof_;
};

}  // namespace urna::crypto
