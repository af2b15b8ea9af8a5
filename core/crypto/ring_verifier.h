// Checks the proof that a tag belongs to one of a ring, one by one. Implements docs/protocol.md
// §3.8, "verifier".
//
// NOT constant-time: everything in here is public.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "core/crypto/point.h"
#include "core/crypto/ring.h"
#include "core/crypto/ring_proof.h"
#include "core/crypto/scalar.h"
#include "core/crypto/vartime/point.h"
#include "core/crypto/vartime/scalar_vartime.h"

namespace urna::crypto {

// A ring whose points are decoded for the fast arithmetic, once for all proofs over it. 160 bytes
// a point beside the ring's 32. Immutable, any thread.
class DecodedRing {
 public:
  explicit DecodedRing(Ring ring);

  const Ring& ring() const { return ring_; }
  std::span<const vartime::Point> points() const { return points_; }

 private:
  Ring ring_;
  std::vector<vartime::Point> points_;
};

// K_R and the bases of ring proofs, decoded likewise.
struct DecodedRingBases {
  std::array<std::array<vartime::Point, kRingRadix>, kMaxRingDigits> u, v;
  vartime::Point w, k_r;
};
const DecodedRingBases& TheDecodedRingBases();

// f_{j,i} at n·j + i for every i, f_{j,0} being ξ less the others of its digit, from what was sent.
std::vector<vartime::PublicScalar> DigitFactors(std::span<const vartime::PublicScalar> f,
                                                const vartime::PublicScalar& xi);

// The four equations and that T is not the identity, the cheapest first. InvalidArgument naming
// what is not so; so too for a proof over another number of digits than the ring's.
absl::Status VerifyRingProofVarTime(const DecodedRing& ring, const RistrettoPoint& tag_base,
                                    const RistrettoPoint& tag, const RingProof& proof,
                                    const Scalar& challenge);

}  // namespace urna::crypto
