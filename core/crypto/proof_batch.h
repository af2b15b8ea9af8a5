// Many proofs verified together: the equations of docs/protocol.md §3.3 and §3.4, and which of many
// claims do not hold, found with one multi-scalar multiplication for all that do (§3.6).
//
// NOT constant-time: everything in here is public. What is found not to be proved is to be handed
// to the verification one by one, which says in which way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/crypto/point.h"
#include "core/crypto/rng.h"
#include "core/crypto/scalar.h"
#include "core/crypto/vartime/batch_equation.h"
#include "core/crypto/vartime/point.h"
#include "core/crypto/vartime/scalar_vartime.h"

namespace urna::crypto {

// How many proofs a batch should have at most: more gain next to nothing.
inline constexpr size_t kProofBatch = 1024;

vartime::Point ToVarTimePoint(const RistrettoPoint& point);
vartime::PublicScalar ToPublicScalar(const Scalar& scalar);
// `rng` must outlive it.
vartime::RandomSource WeightsFrom(Rng& rng);

// z_s·G + z_t·K_R = C + c·P  (§3.4)
struct CredentialEquation {
  vartime::Point credential;  // P
  vartime::Point commitment;  // C
  vartime::PublicScalar response_s, response_t, challenge;
};
// `g` and `k_r` are G and K_R in the batch.
void AddEquation(const CredentialEquation& equation, vartime::EquationBatch::Base g,
                 vartime::EquationBatch::Base k_r, vartime::EquationBatch& batch);

// z·G = A1 + c·X and z·B = A2 + c·D  (§3.3)
struct EqualityEquations {
  vartime::Point share;                       // D
  vartime::Point commitment_g, commitment_b;  // A1, A2
  vartime::PublicScalar response, challenge;
};
// `g`, `key` and `base` are G, X and B in the batch.
void AddEquations(const EqualityEquations& equations, vartime::EquationBatch::Base g,
                  vartime::EquationBatch::Base key, vartime::EquationBatch::Base base,
                  vartime::EquationBatch& batch);

// "This credential gave that proof for the challenge": the bytes as they were sent, which must
// outlive the claim.
struct CredentialClaim {
  std::span<const uint8_t, 32> credential;  // P, which must not be the identity
  std::span<const uint8_t, 32> commitment;  // C
  std::span<const uint8_t, 64> responses;   // z_s ‖ z_t
  Scalar challenge;
};
// Positions, ascending, of the claims of which something does not decode or the equation does not
// hold. A false claim is missing with probability below 2^-124, over `rng`, which must be the
// operating system's, after the claims are fixed.
std::vector<size_t> FindUnprovedCredentials(std::span<const CredentialClaim> claims, Rng& rng);

// "D has the logarithm to the base B that X has": likewise. X and B are decoded once for all claims
// that share them.
struct EqualityClaim {
  RistrettoPoint key;                  // X
  RistrettoPoint base;                 // B
  std::span<const uint8_t, 32> share;  // D
  std::span<const uint8_t, 96> proof;  // A1 ‖ A2 ‖ z
  Scalar challenge;
};
// The same for claims that stand or fall together: positions of the groups in which one fails. An
// empty group is proved.
std::vector<size_t> FindUnprovedEqualities(std::span<const std::vector<EqualityClaim>> groups,
                                           Rng& rng);

}  // namespace urna::crypto
