// A voter's credential P = s·G + t·K_R, the proof of knowing (s, t), and the enrolment proof.
// Implements docs/protocol.md §3.4 (Okamoto 1992) and the enrolment proof of §4.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/crypto/hash.h"
#include "core/crypto/point.h"
#include "core/crypto/rng.h"
#include "core/crypto/scalar.h"
#include "core/crypto/secret.h"

namespace urna::crypto {

struct CredentialProof {
  RistrettoPoint commitment;  // C = a·G + b·K_R
  Scalar response_s;          // z_s = a + c·s
  Scalar response_t;          // z_t = b + c·t

  // From C (32 bytes) and z_s ‖ z_t (64 bytes). InvalidArgument for other sizes and for what is not
  // canonical.
  static absl::StatusOr<CredentialProof> Decode(ByteSpan commitment, ByteSpan responses);

  // z_s ‖ z_t.
  std::array<uint8_t, 64> EncodeResponses() const;

  friend bool operator==(const CredentialProof&, const CredentialProof&) = default;
};

// The secret (s, t). Move-only, wiped.
class Credential {
 public:
  static constexpr size_t kKeyFileSize = 64;

  // P is the identity, which nobody would take, with probability 2^-252.
  static Credential Generate(Rng& rng);

  // From s ‖ t, as ExposeForKeyFile wrote it. InvalidArgument for other sizes, for scalars that are
  // not canonical, and if P were the identity.
  static absl::StatusOr<Credential> FromKeyFile(ByteSpan bytes);

  const RistrettoPoint& public_key() const { return public_key_; }  // P

  // s ‖ t, 64 bytes; for writing a key file and nothing else.
  SecretBytes ExposeForKeyFile() const;

 private:
  friend class CredentialProver;
  Credential(SecretScalar s, SecretScalar t);

  SecretScalar s_;
  SecretScalar t_;
  RistrettoPoint public_key_;
};

// Two steps, because the challenge covers a whole ballot or act. Move-only; holds secrets.
class CredentialProver {
 public:
  // First step. `context` is whatever the proof will speak about, as far as it is known; it goes
  // into the hedged nonces only.
  static CredentialProver Commit(const Credential& credential, ByteSpan context, Rng& rng);

  const RistrettoPoint& commitment() const { return commitment_; }  // C: to be hashed

  // Second step; the prover is used up, since a second answer would give (s, t) away.
  CredentialProof Respond(const Scalar& challenge) &&;

  // The nonces a ‖ b, 64 bytes, for a device that keeps a sealed ballot until its voter has chosen.
  SecretBytes ExposeForStorage() const;
  static constexpr size_t kStorageSize = 64;
  // InvalidArgument for other sizes and for scalars that are not canonical.
  static absl::StatusOr<CredentialProver> FromStorage(const Credential& credential,
                                                      ByteSpan stored);

 private:
  CredentialProver(SecretScalar s, SecretScalar t, SecretScalar a, SecretScalar b);

  SecretScalar s_, t_, a_, b_;
  RistrettoPoint commitment_;
};

// z_s·G + z_t·K_R = C + c·P. InvalidArgument if it does not hold.
absl::Status VerifyCredentialProofVarTime(const RistrettoPoint& credential,
                                          const CredentialProof& proof, const Scalar& challenge);

// The whole enrolment proof: 3.4 with c = Challenge(h, 65535, 65535, 3),
// h = T("enrolment"; roll, nonce, credential: P, commitment: C).
CredentialProof MakeEnrolmentProof(const Hash32& roll_id, const std::array<uint8_t, 32>& nonce,
                                   const Credential& credential, Rng& rng);
absl::Status VerifyEnrolmentProofVarTime(const Hash32& roll_id,
                                         const std::array<uint8_t, 32>& nonce,
                                         const RistrettoPoint& credential,
                                         const CredentialProof& proof);

}  // namespace urna::crypto
