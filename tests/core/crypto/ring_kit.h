// Rings for the tests, and a prover that lies where it is told to.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <vector>

#include "core/base/codec.h"
#include "core/crypto/credential.h"
#include "core/crypto/hash_to_group.h"
#include "core/crypto/ring.h"
#include "core/crypto/ring_proof.h"
#include "core/crypto/ring_prover.h"
#include "core/crypto/rng.h"
#include "core/crypto/tag_proof.h"

namespace urna::crypto {

// A ring with the credentials given, filled up with points that nobody knows the secrets of.
inline Ring RingWith(const std::vector<RistrettoPoint>& members, size_t size) {
  std::vector<RistrettoPoint> points = members;
  for (uint32_t i = 0; points.size() < size; ++i) {
    Writer number;
    number.U32(i);
    points.push_back(HashToGroup("test ring", number.bytes()));
  }
  std::ranges::sort(points);
  return Ring::Create(std::move(points)).value();
}

inline size_t PlaceIn(const Ring& ring, const RistrettoPoint& point) {
  return static_cast<size_t>(std::ranges::find(ring.points(), point) - ring.points().begin());
}

inline Hash64 TestRingHash(const Ring& ring, const RistrettoPoint& tag_base,
                           const RistrettoPoint& tag, ByteSpan commitments) {
  Transcript transcript("test vector");
  AddRingFields(transcript, ring.hash(), tag_base, tag.bytes(), commitments);
  return transcript.Hash();
}

inline Scalar TestRingChallenge(const Ring& ring, const RistrettoPoint& tag_base,
                                const RistrettoPoint& tag, ByteSpan commitments) {
  return RingChallenge(TestRingHash(ring, tag_base, tag, commitments));
}

struct TaggedProof {
  RistrettoPoint tag;
  RingProof proof;
  Scalar challenge;
};

inline TaggedProof ProveInRing(const Ring& ring, const Credential& credential,
                               const RistrettoPoint& tag_base, Rng& rng) {
  RingProver prover = RingProver::Commit(ring, credential, tag_base, {}, rng).value();
  const RistrettoPoint tag = prover.tag();
  const Scalar challenge = TestRingChallenge(ring, tag_base, tag, prover.EncodeCommitments());
  return {tag, std::move(prover).Respond(challenge), challenge};
}

inline Scalar RandomScalar(Rng& rng) { return Scalar::FromUniform(rng.Array<64>()); }

// What a prover claims, true or not. Of an honest one σ has one 1 a digit, at the place of
// s·G + t·K_R, and the other three follow from s.
struct RingClaims {
  std::vector<std::array<Scalar, kRingRadix>> sigma;
  Scalar t;            // answers equation 2
  RistrettoPoint s_g;  // C = s_g + r′·K_R
  Scalar s_open;       // answers equations 3 and 4
  Scalar s_tag;        // T = s_tag·H_e
};

// By the formulas as they stand in the document, place by place and in variable time.
inline TaggedProof ProveClaims(const Ring& ring, const RingClaims& claims,
                               const RistrettoPoint& tag_base, Rng& rng) {
  const RingBases& bases = TheRingBases();
  const RistrettoPoint& k_r = CredentialBase();
  const size_t m = ring.digits();
  const Scalar one = Scalar::One();
  std::vector<std::array<Scalar, kRingRadix>> a(m);
  for (auto& row : a) {
    for (size_t i = 1; i < kRingRadix; ++i) row[0] = row[0] - (row[i] = RandomScalar(rng));
  }
  const Scalar r_a = RandomScalar(rng), r_b = RandomScalar(rng), r = RandomScalar(rng);
  const Scalar alpha = RandomScalar(rng), beta = RandomScalar(rng);
  RingProof proof;
  proof.a = MulVarTime(r_a, bases.w);
  proof.b = MulVarTime(r_b, bases.w);
  for (size_t j = 0; j < m; ++j) {
    for (size_t i = 0; i < kRingRadix; ++i) {
      const Scalar sigma = claims.sigma[j][i];
      const RistrettoPoint &u = bases.u[j][i], &v = bases.v[j][i];
      proof.a = proof.a + MulVarTime(a[j][i], u) - MulVarTime(a[j][i] * a[j][i], v);
      proof.b = proof.b + MulVarTime(sigma, u) + MulVarTime(a[j][i] * (one - sigma - sigma), v);
    }
  }
  std::vector<Scalar> rho;
  for (size_t d = 0; d < m; ++d) {
    rho.push_back(RandomScalar(rng));
    proof.x.push_back(MulVarTime(rho[d], k_r));
  }
  for (size_t k = 0; k < ring.size(); ++k) {
    std::vector<Scalar> p = {one};  // Π_j (σ_{j,k_j}·x + a_{j,k_j})
    for (size_t j = 0, rest = k; j < m; ++j, rest /= kRingRadix) {
      std::vector<Scalar> next(p.size() + 1);
      for (size_t d = 0; d < p.size(); ++d) {
        next[d] = next[d] + p[d] * a[j][rest % kRingRadix];
        next[d + 1] = next[d + 1] + p[d] * claims.sigma[j][rest % kRingRadix];
      }
      p = next;
    }
    for (size_t d = 0; d < m; ++d) proof.x[d] = proof.x[d] + MulVarTime(p[d], ring.points()[k]);
  }
  proof.c = claims.s_g + MulVarTime(r, k_r);
  proof.r1 = MulBaseVarTime(alpha) + MulVarTime(beta, k_r);
  proof.r2 = MulVarTime(alpha, tag_base);
  const RistrettoPoint tag = MulVarTime(claims.s_tag, tag_base);
  const Scalar xi = TestRingChallenge(ring, tag_base, tag, proof.EncodeCommitments());
  Scalar power = one;
  for (size_t j = 0; j < m; ++j) {
    for (size_t i = 1; i < kRingRadix; ++i) {
      proof.f.push_back(claims.sigma[j][i] * xi + a[j][i]);
    }
    proof.z = proof.z - rho[j] * power;
    power = power * xi;
  }
  proof.z_a = r_a + xi * r_b;
  proof.z = proof.z + (claims.t - r) * power;
  proof.u = alpha + xi * claims.s_open;
  proof.v = beta + xi * r;
  return {tag, proof, xi};
}

// What somebody claims who stands at `place` with s and t.
inline RingClaims HonestClaims(const Ring& ring, size_t place, const Scalar& s, const Scalar& t) {
  RingClaims out;
  for (size_t j = 0; j < ring.digits(); ++j, place /= kRingRadix) {
    out.sigma.emplace_back()[place % kRingRadix] = Scalar::One();
  }
  out.t = t;
  out.s_g = MulBaseVarTime(s);
  out.s_open = out.s_tag = s;
  return out;
}

}  // namespace urna::crypto
