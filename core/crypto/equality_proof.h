// Proof that X = x·G and D = x·B have the same logarithm x. Implements docs/protocol.md §3.3
// (Chaum, Pedersen 1992), commitments sent. Used by drills and decryption shares.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/crypto/point.h"
#include "core/crypto/rng.h"
#include "core/crypto/scalar.h"
#include "core/crypto/secret.h"

namespace urna::crypto {

struct EqualityProof {
  static constexpr size_t kSize = 96;

  RistrettoPoint commitment_g;  // A1 = w·G
  RistrettoPoint commitment_b;  // A2 = w·B
  Scalar response;              // z = w + c·x

  // From A1 ‖ A2 ‖ z. InvalidArgument unless 96 bytes, all canonical.
  static absl::StatusOr<EqualityProof> Decode(ByteSpan bytes);
  std::array<uint8_t, kSize> Encode() const;

  // A1 ‖ A2, as the transcripts want them.
  std::array<uint8_t, 64> EncodeCommitments() const;

  friend bool operator==(const EqualityProof&, const EqualityProof&) = default;
};

// What is proved; all public.
struct EqualityStatement {
  RistrettoPoint key;    // X = x·G
  RistrettoPoint base;   // B
  RistrettoPoint share;  // D = x·B
};

// Two steps, because one hash covers the commitments of many proofs. Move-only; holds secrets.
class EqualityProver {
 public:
  // First step; `x` is the logarithm in the statement. The nonce is hedged.
  static EqualityProver Commit(const SecretScalar& x, const EqualityStatement& statement, Rng& rng);

  // A1 ‖ A2: to be hashed.
  std::array<uint8_t, 64> EncodeCommitments() const { return proof_.EncodeCommitments(); }

  // Second step; the prover is used up, since a second answer would give x away.
  EqualityProof Respond(const Scalar& challenge) &&;

 private:
  EqualityProver(SecretScalar x, SecretScalar w) : x_(std::move(x)), w_(std::move(w)) {}

  SecretScalar x_;
  SecretScalar w_;
  EqualityProof proof_;
};

// z·G = A1 + c·X and z·B = A2 + c·D. InvalidArgument naming the equation that does not hold.
absl::Status VerifyEqualityProofVarTime(const EqualityStatement& statement,
                                        const EqualityProof& proof, const Scalar& challenge);

}  // namespace urna::crypto
