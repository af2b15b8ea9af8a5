#include "core/crypto/tag_proof.h"

#include <utility>

#include "core/base/status.h"
#include "core/crypto/credential_secrets.h"
#include "core/crypto/hash_to_group.h"
#include "core/crypto/nonce_source.h"
#include "core/crypto/transcript.h"

namespace urna::crypto {

RistrettoPoint TagBase(const Hash32& poll_context) { return HashToGroup("tag base", poll_context); }

RistrettoPoint TagOf(const Credential& credential, const RistrettoPoint& tag_base) {
  return Mul(CredentialSecrets::Of(credential).s, tag_base);
}

Scalar TagChallenge(const Hash64& h) {
  return Challenge(h, kNoIndex, kNoIndex, ChallengeKind::kTag);
}

Scalar ClaimChallenge(const Hash64& h) {
  return Challenge(h, kNoIndex, kNoIndex, ChallengeKind::kClaim);
}

absl::StatusOr<TagProof> TagProof::Decode(ByteSpan commitment, ByteSpan response) {
  absl::StatusOr<RistrettoPoint> r = RistrettoPoint::Decode(commitment);
  if (!r.ok()) return Annotate(r.status(), "R");
  absl::StatusOr<Scalar> z = Scalar::Decode(response);
  if (!z.ok()) return Annotate(z.status(), "z");
  return TagProof{*r, *z};
}

TagProver::TagProver(SecretScalar s, SecretScalar w, const RistrettoPoint& tag_base)
    : s_(std::move(s)), w_(std::move(w)), tag_(Mul(s_, tag_base)), commitment_(Mul(w_, tag_base)) {}

TagProver TagProver::Commit(const Credential& credential, const RistrettoPoint& tag_base,
                            ByteSpan context, Rng& rng) {
  CredentialSecrets secrets = CredentialSecrets::Of(credential);
  NonceSource nonces("tag proof", rng);
  nonces.Secret(secrets.s).Public(tag_base).Public(context);
  return TagProver(std::move(secrets.s), nonces.Next(), tag_base);
}

TagProof TagProver::Respond(const Scalar& challenge) && {
  const TagProof proof{commitment_, w_.Add(s_.Mul(challenge)).ExposeForProofResponse()};
  { const SecretScalar used_s = std::move(s_), used_w = std::move(w_); }
  return proof;
}

absl::Status VerifyTagProofVarTime(const RistrettoPoint& tag_base, const RistrettoPoint& tag,
                                   const TagProof& proof, const Scalar& challenge) {
  if (tag.IsIdentity()) return absl::InvalidArgumentError("the tag is the identity");
  if (MulVarTime(proof.response, tag_base) != proof.commitment + MulVarTime(challenge, tag)) {
    return absl::InvalidArgumentError("the tag proof does not verify");
  }
  return absl::OkStatus();
}

}  // namespace urna::crypto
