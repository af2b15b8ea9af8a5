// Signatures of a ring, made fast: FOR BENCHMARKS AND REHEARSALS ONLY. All secrets of the ring are
// known, so what a prover sums up point by point (docs/protocol.md §3.8) comes from a sum of
// scalars, and everything runs in variable time. A verifier cannot tell the proofs from others.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/base/bytes.h"
#include "core/crypto/hash.h"
#include "core/crypto/point.h"
#include "core/crypto/ring_verifier.h"
#include "core/crypto/rng.h"
#include "core/crypto/scalar.h"
#include "core/crypto/vartime/multi_scalar.h"
#include "core/crypto/vartime/scalar_vartime.h"

namespace urna::bench {

struct SyntheticSignature {
  std::array<uint8_t, 32> tag;
  Bytes commitments, responses;
  crypto::Scalar challenge;
};

// Multiples of all fixed bases of the proof; some 10 MB, made once for any number of rings.
class ThrowawayBases {
 public:
  explicit ThrowawayBases(const crypto::RistrettoPoint& tag_base);

 private:
  friend class SyntheticRing;
  using Table = crypto::vartime::FixedBaseTable;

  Table g_, k_r_, h_e_, w_;
  std::vector<Table> u_, v_;  // at n·j + i
};

class SyntheticRing {
 public:
  struct Secret {
    crypto::vartime::PublicScalar s, t;
  };
  // Of these members, who have the places of their points' bytes; or of so many that are drawn. As
  // many as a ring has points (aborts otherwise). `bases` must outlive it.
  SyntheticRing(std::span<const Secret> members, const ThrowawayBases& bases);
  SyntheticRing(size_t size, const ThrowawayBases& bases, crypto::Rng& rng);

  const crypto::DecodedRing& ring() const { return *ring_; }

  // What the signer at `place` signs; the challenge is what `challenge` says of the tag and the
  // commitments.
  using ChallengeOf = std::function<crypto::Scalar(ByteSpan tag, ByteSpan commitments)>;
  SyntheticSignature Sign(size_t place, const ChallengeOf& challenge, crypto::Rng& rng) const;

 private:
  using Number = crypto::vartime::PublicScalar;
  const ThrowawayBases& bases_;
  std::vector<Secret> secrets_;
  std::unique_ptr<const crypto::DecodedRing> ring_;
};

}  // namespace urna::bench
