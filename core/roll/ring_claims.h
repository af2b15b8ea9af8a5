// Many proofs over the rings of a poll verified together (docs/protocol.md §3.6, §3.8): sorted by
// their rings, so that the points of each are decoded and summed up once for many proofs.
//
// NOT constant-time: everything in here is public.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/crypto/ring_batch.h"
#include "core/crypto/ring_verifier.h"
#include "core/crypto/rng.h"
#include "core/crypto/scalar.h"
#include "core/roll/ring_cache.h"

namespace urna::roll {

// "This tag belongs to one of the ring of this number": the bytes as they were sent, which must
// outlive the claim.
struct NumberedRingClaim {
  uint32_t ring = 0;
  std::span<const uint8_t, 32> tag;  // T
  ByteSpan commitments;              // A ‖ B ‖ X_0 … ‖ C ‖ R1 ‖ R2
  ByteSpan responses;                // f … ‖ z_A ‖ z ‖ u ‖ v
};

// ξ of the claim at a position; on any thread.
using RingChallengeOf = std::function<crypto::Scalar(size_t position)>;

struct RefusedRingClaim {
  size_t position = 0;
  crypto::RingStage stage = crypto::RingStage::kMember;  // the first that refuses it, if asked for
  std::shared_ptr<const crypto::DecodedRing> ring;
};

// Where to begin.
enum class RingOrder {
  kAllAtOnce,  // quickest if all are good, as in a log
  kByStage,    // the equations over the ring only where those of the tag hold: for a board
};

// The claims, in no order, of which something does not decode or an equation does not hold, on up
// to `threads` threads (0: one a core). Nothing is said of a claim over a ring that there is not. A
// false claim is missing with probability below 2^-120, over `rng`, which must be the operating
// system's (and thread-safe, as that is).
std::vector<RefusedRingClaim> FindUnprovedRingClaims(std::span<const NumberedRingClaim> claims,
                                                     const std::shared_ptr<const Rings>& rings,
                                                     const crypto::RistrettoPoint& tag_base,
                                                     const RingChallengeOf& challenge,
                                                     RingCache& cache, RingOrder order,
                                                     unsigned threads, crypto::Rng& rng);

}  // namespace urna::roll
