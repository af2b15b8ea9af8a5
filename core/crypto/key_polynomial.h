// A trustee's secret polynomial f(x) = Σ a_k·x^k, what is published of it and the shares dealt from
// it. Implements docs/protocol.md §3.5, §5.1–§5.5 (Feldman 1987, Pedersen 1991).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/crypto/hash.h"
#include "core/crypto/point.h"
#include "core/crypto/rng.h"
#include "core/crypto/scalar.h"
#include "core/crypto/secret.h"

namespace urna::crypto {

// Knowledge of the logarithm a of A = a·G.
struct CoefficientProof {
  static constexpr size_t kSize = 64;

  RistrettoPoint commitment;  // R = w·G
  Scalar response;            // z = w + c·a

  // From R ‖ z.
  static absl::StatusOr<CoefficientProof> Decode(ByteSpan bytes);
  std::array<uint8_t, kSize> Encode() const;

  friend bool operator==(const CoefficientProof&, const CoefficientProof&) = default;
};

// Lists of proofs, 64 bytes each, without prefix.
absl::StatusOr<std::vector<CoefficientProof>> DecodeCoefficientProofs(ByteSpan bytes);
Bytes EncodeCoefficientProofs(std::span<const CoefficientProof> proofs);

// What the proofs of one trustee's coefficients are bound to.
struct CoefficientContext {
  Hash32 poll;                             // manifest hash
  uint16_t attempt = 0;                    // from 1
  uint16_t trustee = 0;                    // i, from 1
  std::array<uint8_t, 32> encryption_key;  // X25519
};

// The secret polynomial. Move-only, wiped.
class KeyPolynomial {
 public:
  // `threshold` coefficients, at least one. One is zero, which nobody would take, with probability
  // 2^-252.
  static KeyPolynomial Random(uint16_t threshold, Rng& rng);

  // From the coefficients as ExposeForKeyFile wrote them, 32 bytes each. InvalidArgument if there
  // is none or one is zero or not canonical.
  static absl::StatusOr<KeyPolynomial> FromKeyFile(ByteSpan bytes);

  // A_k = a_k·G for k = 0 … t − 1.
  const std::vector<RistrettoPoint>& commitments() const { return commitments_; }

  // One proof 3.5 for every coefficient, with h = T("key coefficients"; …) over all of them.
  std::vector<CoefficientProof> Prove(const CoefficientContext& context, Rng& rng) const;

  // f(trustee), trustee from 1.
  SecretScalar ShareFor(uint16_t trustee) const;

  // For the file in which a trustee keeps his state between two steps, and nothing else.
  SecretBytes ExposeForKeyFile() const;

 private:
  explicit KeyPolynomial(std::vector<SecretScalar> coefficients);

  std::vector<SecretScalar> coefficients_;
  std::vector<RistrettoPoint> commitments_;
};

// All proofs of one trustee: z_k·G = R_k + c_k·A_k with c_k = Challenge(h, i, k, 4). Also
// InvalidArgument if the numbers of points and proofs differ, if there is none, or if a coefficient
// is the identity. The error names the coefficient.
absl::Status VerifyCoefficientProofsVarTime(const CoefficientContext& context,
                                            std::span<const RistrettoPoint> coefficients,
                                            std::span<const CoefficientProof> proofs);

// Σ_k trustee^k·A_k: f(trustee)·G for the polynomial behind the coefficients.
RistrettoPoint EvaluateCommitmentsVarTime(uint16_t trustee,
                                          std::span<const RistrettoPoint> coefficients);

// f_i(trustee)·G = Σ_k trustee^k·A_{i,k}. InvalidArgument (complaint reason 2) if it does not hold.
// The first is for the secret share and constant-time in it, the second for an opened one.
absl::Status VerifyShare(const SecretScalar& share, uint16_t trustee,
                         std::span<const RistrettoPoint> coefficients);
absl::Status VerifyOpenedShareVarTime(const Scalar& share, uint16_t trustee,
                                      std::span<const RistrettoPoint> coefficients);

// x_j = Σ_i f_i(j): the trustee's share of the election's secret key, from the shares of all n
// dealers, his own included.
SecretScalar CombineShares(std::span<const SecretScalar> shares);

}  // namespace urna::crypto
