// Decryption by t of n trustees, without the secret key ever being in one place. Implements the
// equations of docs/protocol.md §9; the transcript of a share message belongs to its entry.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/crypto/elgamal.h"
#include "core/crypto/equality_proof.h"
#include "core/crypto/point.h"
#include "core/crypto/rng.h"
#include "core/crypto/scalar.h"
#include "core/crypto/secret.h"

namespace urna::crypto {

// One trustee's share of one ciphertext, with its proof in two steps, because one hash covers all
// shares of a message. Move-only; holds secrets.
class DecryptionShareProver {
 public:
  // First step. `key_share` is x_j, `verification_key` X_j = x_j·G.
  static DecryptionShareProver Commit(const Ciphertext& ciphertext, const SecretScalar& key_share,
                                      const RistrettoPoint& verification_key, Rng& rng);

  const RistrettoPoint& share() const { return share_; }  // D = x_j·α

  // A1 ‖ A2: to be hashed.
  std::array<uint8_t, 64> EncodeCommitments() const { return prover_.EncodeCommitments(); }

  // Second step; uses the prover up.
  EqualityProof Respond(const Scalar& challenge) && {
    return std::move(prover_).Respond(challenge);
  }

 private:
  DecryptionShareProver(const RistrettoPoint& share, EqualityProver prover)
      : share_(share), prover_(std::move(prover)) {}

  RistrettoPoint share_;
  EqualityProver prover_;
};

// The proof 3.3 for base α: log_G X_j = log_α D. InvalidArgument if it does not verify.
absl::Status VerifyDecryptionShareVarTime(const Ciphertext& ciphertext,
                                          const RistrettoPoint& verification_key,
                                          const RistrettoPoint& share, const EqualityProof& proof,
                                          const Scalar& challenge);

// λ_j = Π_{i≠j} i/(i − j) for every j of `trustees`, in their order. InvalidArgument for an empty
// list, a 0 and a repeated number.
absl::StatusOr<std::vector<Scalar>> LagrangeAtZero(std::span<const uint16_t> trustees);

// M = β − Σ_j λ_j·D_j with the shares of exactly t trustees, `lagrange` from LagrangeAtZero, both
// in the same order. M = v·G for the sum v that was encrypted. InvalidArgument if the numbers
// differ.
absl::StatusOr<RistrettoPoint> CombineDecryptionVarTime(const Ciphertext& ciphertext,
                                                        std::span<const Scalar> lagrange,
                                                        std::span<const RistrettoPoint> shares);

}  // namespace urna::crypto
