// A signer's tag in one poll, T = s·H_e, and the proof of knowing its s: who acted once under a tag
// acts again by it alone. Implements docs/protocol.md §3.7 (Schnorr 1991).
#pragma once

#include <array>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/crypto/credential.h"
#include "core/crypto/hash.h"
#include "core/crypto/point.h"
#include "core/crypto/rng.h"
#include "core/crypto/scalar.h"
#include "core/crypto/secret.h"

namespace urna::crypto {

// H_e = HashToGroup("tag base", poll context). Nobody knows its logarithm to any base, and the
// tags of one person in two polls, or under two openings of one, cannot be told from those of two.
RistrettoPoint TagBase(const Hash32& poll_context);

// T = s·H_e. Not to be published beside P.
RistrettoPoint TagOf(const Credential& credential, const RistrettoPoint& tag_base);

// c of an act's tag proof: kind 7 of docs/protocol.md §2.
Scalar TagChallenge(const Hash64& h);
// c of a claim's: kind 9.
Scalar ClaimChallenge(const Hash64& h);

struct TagProof {
  RistrettoPoint commitment;  // R = w·H_e
  Scalar response;            // z = w + c·s

  // From R and z, 32 bytes each. InvalidArgument for other sizes and for what is not canonical.
  static absl::StatusOr<TagProof> Decode(ByteSpan commitment, ByteSpan response);

  friend bool operator==(const TagProof&, const TagProof&) = default;
};

// Two steps, because the challenge covers a whole act. Move-only; holds secrets.
class TagProver {
 public:
  // First step. `context` is whatever the proof will speak about, as far as it is known; it goes
  // into the hedged nonce only.
  static TagProver Commit(const Credential& credential, const RistrettoPoint& tag_base,
                          ByteSpan context, Rng& rng);

  const RistrettoPoint& tag() const { return tag_; }                // T
  const RistrettoPoint& commitment() const { return commitment_; }  // R: to be hashed

  // Second step; the prover is used up, since a second answer would give s away.
  TagProof Respond(const Scalar& challenge) &&;

 private:
  TagProver(SecretScalar s, SecretScalar w, const RistrettoPoint& tag_base);

  SecretScalar s_, w_;
  RistrettoPoint tag_;
  RistrettoPoint commitment_;
};

// z·H_e = R + c·T and T is not the identity. InvalidArgument saying which is not so.
absl::Status VerifyTagProofVarTime(const RistrettoPoint& tag_base, const RistrettoPoint& tag,
                                   const TagProof& proof, const Scalar& challenge);

}  // namespace urna::crypto
