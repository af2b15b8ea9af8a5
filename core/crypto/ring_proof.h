// That a tag belongs to one of a ring, without saying to which. Implements docs/protocol.md §3.8
// (Groth, Kohlweiss 2015; Bootle, Cerulli, Chaidos, Ghadafi, Groth, Petit 2015), where the argument
// stands. It has had no outside review yet.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/crypto/hash.h"
#include "core/crypto/point.h"
#include "core/crypto/ring.h"
#include "core/crypto/scalar.h"
#include "core/crypto/transcript.h"

namespace urna::crypto {

// Of a ring of n^m points, m = `digits`; in bytes. 928 together for m = 5.
inline constexpr size_t RingCommitmentsSize(size_t digits) { return 32 * (digits + 5); }
inline constexpr size_t RingResponsesSize(size_t digits) {
  return 32 * ((kRingRadix - 1) * digits + 4);
}

// l is the signer's place, l_j its digits, P = s·G + t·K_R its point, σ_{j,i} = [i = l_j], ξ the
// challenge. p_{k,d} is the coefficient of x^d in Π_j (σ_{j,k_j}·x + a_{j,k_j}).
struct RingProof {
  RistrettoPoint a;               // A = Σ a·U − Σ a²·V + r_A·W
  RistrettoPoint b;               // B = Σ σ·U + Σ a(1−2σ)·V + r_B·W
  std::vector<RistrettoPoint> x;  // X_d = Σ_k p_{k,d}·P_k + ρ_d·K_R, of every d < m
  RistrettoPoint c;               // C = s·G + r′·K_R
  RistrettoPoint r1;              // R1 = α·G + β·K_R
  RistrettoPoint r2;              // R2 = α·H_e
  std::vector<Scalar> f;  // f_{j,i} = σ_{j,i}·ξ + a_{j,i} at (n−1)·j + i − 1, for i ≥ 1
  Scalar z_a;             // r_A + ξ·r_B
  Scalar z;               // (t − r′)·ξ^m − Σ ρ_d·ξ^d
  Scalar u;               // α + ξ·s
  Scalar v;               // β + ξ·r′

  // From A ‖ B ‖ X_0 … X_{m−1} ‖ C ‖ R1 ‖ R2 and f … ‖ z_A ‖ z ‖ u ‖ v for a ring of `digits`
  // digits. InvalidArgument for other sizes and for what is not canonical.
  static absl::StatusOr<RingProof> Decode(size_t digits, ByteSpan commitments, ByteSpan responses);

  Bytes EncodeCommitments() const;
  Bytes EncodeResponses() const;

  size_t digits() const { return x.size(); }

  friend bool operator==(const RingProof&, const RingProof&) = default;
};

// ξ: kind 8 of docs/protocol.md §2.
Scalar RingChallenge(const Hash64& h);

// The fields that every transcript with such a proof has, in their order: the whole statement and
// its commitments. `Sink` is Transcript or TranscriptBytes.
template <typename Sink>
Sink& AddRingFields(Sink& transcript, const Hash32& ring_hash, const RistrettoPoint& tag_base,
                    ByteSpan tag, ByteSpan commitments) {
  return transcript.Field("ring", ring_hash)
      .Field("tag base", tag_base.bytes())
      .Field("tag", tag)
      .Field("ring commitments", commitments);
}

}  // namespace urna::crypto
