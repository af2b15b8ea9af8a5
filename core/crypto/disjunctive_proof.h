// Proof that a ciphertext holds a value in lo..hi, without saying which. Implements
// docs/protocol.md §3.2 (Cramer, Damgård, Schoenmakers 1994 over Chaum–Pedersen), commitments sent.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/crypto/elgamal.h"
#include "core/crypto/point.h"
#include "core/crypto/rng.h"
#include "core/crypto/scalar.h"
#include "core/crypto/secret.h"

namespace urna::crypto {

// For b = hi − lo + 1 branches; branch i stands for the value m_i = lo + i.
struct DisjunctiveProof {
  std::vector<RistrettoPoint> commitments;  // A_0, B_0, …, A_{b−1}, B_{b−1}: 2·b
  std::vector<Scalar> challenges;           // c_0 … c_{b−2}: b − 1, the last one is derived
  std::vector<Scalar> responses;            // z_0 … z_{b−1}: b

  // Sizes in bytes of the three parts, which an entry may keep in separate vectors.
  static constexpr size_t CommitmentBytes(size_t branches) { return 64 * branches; }
  static constexpr size_t ChallengeBytes(size_t branches) { return 32 * (branches - 1); }
  static constexpr size_t ResponseBytes(size_t branches) { return 32 * branches; }

  // From the three parts, whose sizes must be exactly those above. InvalidArgument otherwise, and
  // for a point or scalar that is not canonical.
  static absl::StatusOr<DisjunctiveProof> Decode(size_t branches, ByteSpan commitments,
                                                 ByteSpan challenges, ByteSpan responses);

  friend bool operator==(const DisjunctiveProof&, const DisjunctiveProof&) = default;
};

// The prover, in two steps because the challenge depends on all commitments of a ballot. What it
// does and how long it takes does not depend on the value. Move-only; holds secrets.
class DisjunctiveProver {
 public:
  // First step, about the ciphertext (r·G, value·G + r·election_key), which is not needed:
  // 2·b − 1 multiplications of G and b of the election key. Nonces are hedged; `statement` goes
  // into nothing else: whatever is known of what the challenge will depend on. InvalidArgument if
  // lo > hi, if there are more than 4,096 branches, or if the value is outside lo..hi.
  static absl::StatusOr<DisjunctiveProver> Commit(const RistrettoPoint& election_key,
                                                  ByteSpan statement, uint64_t value,
                                                  const SecretScalar& r, uint64_t lo, uint64_t hi,
                                                  Rng& rng);

  // A_0, B_0, …: to be hashed.
  const std::vector<RistrettoPoint>& commitments() const { return commitments_; }

  // Second step; the prover is used up, since a second answer would give the vote away.
  DisjunctiveProof Respond(const Scalar& challenge) &&;

  // Everything but the commitments, for a device that keeps a sealed ballot until its voter has
  // chosen: r, the masks, c̃_i and z̃_i, 32 + 65·b bytes for b branches.
  SecretBytes ExposeForStorage() const;
  static constexpr size_t StorageBytes(size_t branches) { return 32 + 65 * branches; }
  // InvalidArgument unless it is the form above, with one real branch, and 2·b commitments.
  static absl::StatusOr<DisjunctiveProver> FromStorage(std::vector<RistrettoPoint> commitments,
                                                       ByteSpan stored);

 private:
  DisjunctiveProver(const SecretScalar& r, size_t branches)
      : r_(r.Clone()), real_branch_masks_(branches) {}
  void SubtractSimulated(uint64_t value, uint64_t lo, std::span<RistrettoPoint> by_key) const;

  SecretScalar r_;
  SecretBytes real_branch_masks_;  // one byte a branch: 0xff for i = k, else 0x00
  std::vector<RistrettoPoint> commitments_;
  std::vector<SecretScalar> simulated_challenges_;  // c̃_i
  std::vector<SecretScalar> simulated_responses_;   // z̃_i
};

// c_{b−1} = challenge − Σ c_i, and for every branch z_i·G = A_i + c_i·α and
// z_i·Y = B_i + c_i·(β − m_i·G). InvalidArgument for wrong numbers of elements and for an equation
// that does not hold; the error names the branch and the equation.
absl::Status VerifyDisjunctiveProofVarTime(const RistrettoPoint& election_key,
                                           const Ciphertext& ciphertext, uint64_t lo, uint64_t hi,
                                           const DisjunctiveProof& proof, const Scalar& challenge);

}  // namespace urna::crypto
