// Many proofs that a tag belongs to one of a ring, verified together (docs/protocol.md §3.6, §3.8).
//
// NOT constant-time: everything in here is public. What is found not to be proved is to be handed
// to the verification one by one, which says in which way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/bytes.h"
#include "core/crypto/point.h"
#include "core/crypto/ring_verifier.h"
#include "core/crypto/rng.h"
#include "core/crypto/scalar.h"

namespace urna::crypto {

// "This tag belongs to one of that ring": the bytes as they were sent, which must outlive the
// claim, as must the ring.
struct RingClaim {
  const DecodedRing* ring;
  RistrettoPoint tag_base;           // H_e
  std::span<const uint8_t, 32> tag;  // T, which must not be the identity
  ByteSpan commitments;              // A ‖ B ‖ X_0 … ‖ C ‖ R1 ‖ R2
  ByteSpan responses;                // f … ‖ z_A ‖ z ‖ u ‖ v
  Scalar challenge;                  // ξ
};

// Positions, ascending, of the claims of which something does not decode or an equation does not
// hold. A false claim is missing with probability below 2^-124, over `rng`, which must be the
// operating system's, after the claims are fixed.
//
// The points of a ring are summed up once for all claims over it, wherever they stand, so the more
// claims a ring has the better; some hundred are enough. More than 2^20 over one ring abort.
std::vector<size_t> FindUnprovedRings(std::span<const RingClaim> claims, Rng& rng);

// What a claim is refused by, the cheapest first.
enum class RingStage : uint8_t {
  kForm,    // sizes, points, scalars; T that is the identity
  kTag,     // equations 4 and 3: R1, R2, C and T alone
  kMember,  // equations 1 and 2: all the rest, and the ring
};
struct UnprovedRing {
  size_t position = 0;
  RingStage stage = RingStage::kForm;
  bool operator==(const UnprovedRing&) const = default;
};

// The same claims and the same probability, by position, each with the first stage that refuses it:
// equations 1 and 2 are only asked of claims of which 4 and 3 hold. As dear where all are proved
// (ring_bench, VerifyBatchByStage), and far cheaper where many are rubbish.
std::vector<UnprovedRing> FindUnprovedRingsByStage(std::span<const RingClaim> claims, Rng& rng);

}  // namespace urna::crypto
