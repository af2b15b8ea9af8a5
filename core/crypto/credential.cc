#include "core/crypto/credential.h"

#include <algorithm>

#include "core/base/status.h"
#include "core/crypto/enrolment.h"
#include "core/crypto/hash_to_group.h"
#include "core/crypto/nonce_source.h"

namespace urna::crypto {
absl::StatusOr<CredentialProof> CredentialProof::Decode(ByteSpan commitment, ByteSpan responses) {
  if (responses.size() != 64) {
    return absl::InvalidArgumentError("the responses of a credential proof are 64 bytes long");
  }
  absl::StatusOr<RistrettoPoint> c = RistrettoPoint::Decode(commitment);
  if (!c.ok()) return Annotate(c.status(), "commitment");
  absl::StatusOr<Scalar> z_s = Scalar::Decode(responses.first(32));
  if (!z_s.ok()) return Annotate(z_s.status(), "z_s");
  absl::StatusOr<Scalar> z_t = Scalar::Decode(responses.subspan(32));
  if (!z_t.ok()) return Annotate(z_t.status(), "z_t");
  return CredentialProof{*c, *z_s, *z_t};
}

std::array<uint8_t, 64> CredentialProof::EncodeResponses() const {
  std::array<uint8_t, 64> out;
  std::copy_n(response_s.bytes().begin(), 32, out.begin());
  std::copy_n(response_t.bytes().begin(), 32, out.begin() + 32);
  return out;
}

Credential::Credential(SecretScalar s, SecretScalar t)
    : s_(std::move(s)), t_(std::move(t)), public_key_(MulBase(s_) + Mul(t_, CredentialBase())) {}

Credential Credential::Generate(Rng& rng) {
  SecretScalar s = SecretScalar::Random(rng);
  SecretScalar t = SecretScalar::Random(rng);
  return Credential(std::move(s), std::move(t));
}

absl::StatusOr<Credential> Credential::FromKeyFile(ByteSpan bytes) {
  if (bytes.size() != kKeyFileSize) {
    return absl::InvalidArgumentError("a credential's secret is 64 bytes long");
  }
  URNA_ASSIGN_OR_RETURN(SecretScalar s, SecretScalar::FromCanonicalSecretBytes(bytes.first(32)));
  URNA_ASSIGN_OR_RETURN(SecretScalar t, SecretScalar::FromCanonicalSecretBytes(bytes.subspan(32)));
  Credential credential(std::move(s), std::move(t));
  if (credential.public_key().IsIdentity()) {
    return absl::InvalidArgumentError("a credential is not the identity");
  }
  return credential;
}

SecretBytes Credential::ExposeForKeyFile() const {
  SecretBytes out(kKeyFileSize);
  std::copy_n(s_.ExposeSpan().begin(), 32, out.data());
  std::copy_n(t_.ExposeSpan().begin(), 32, out.data() + 32);
  return out;
}

CredentialProver::CredentialProver(SecretScalar s, SecretScalar t, SecretScalar a, SecretScalar b)
    : s_(std::move(s)),
      t_(std::move(t)),
      a_(std::move(a)),
      b_(std::move(b)),
      commitment_(MulBase(a_) + Mul(b_, CredentialBase())) {}

CredentialProver CredentialProver::Commit(const Credential& credential, ByteSpan context,
                                          Rng& rng) {
  NonceSource nonces("credential proof", rng);
  nonces.Secret(credential.s_).Secret(credential.t_);
  nonces.Public(credential.public_key()).Public(context);
  SecretScalar a = nonces.Next();
  SecretScalar b = nonces.Next();
  return CredentialProver(credential.s_.Clone(), credential.t_.Clone(), std::move(a), std::move(b));
}

SecretBytes CredentialProver::ExposeForStorage() const {
  SecretBytes out(kStorageSize);
  std::copy_n(a_.ExposeSpan().begin(), 32, out.data());
  std::copy_n(b_.ExposeSpan().begin(), 32, out.data() + 32);
  return out;
}

absl::StatusOr<CredentialProver> CredentialProver::FromStorage(const Credential& credential,
                                                               ByteSpan stored) {
  if (stored.size() != kStorageSize) {
    return absl::InvalidArgumentError("stored nonces of a credential proof are 64 bytes long");
  }
  URNA_ASSIGN_OR_RETURN(SecretScalar a, SecretScalar::FromCanonicalSecretBytes(stored.first(32)));
  URNA_ASSIGN_OR_RETURN(SecretScalar b, SecretScalar::FromCanonicalSecretBytes(stored.subspan(32)));
  return CredentialProver(credential.s_.Clone(), credential.t_.Clone(), std::move(a), std::move(b));
}

CredentialProof CredentialProver::Respond(const Scalar& challenge) && {
  CredentialProof proof{commitment_, a_.Add(s_.Mul(challenge)).ExposeForProofResponse(),
                        b_.Add(t_.Mul(challenge)).ExposeForProofResponse()};
  for (SecretScalar* secret : {&s_, &t_, &a_, &b_}) {
    const SecretScalar used = std::move(*secret);  // a second call could answer nothing
  }
  return proof;
}

absl::Status VerifyCredentialProofVarTime(const RistrettoPoint& credential,
                                          const CredentialProof& proof, const Scalar& challenge) {
  if (MulBaseVarTime(proof.response_s) + MulVarTime(proof.response_t, CredentialBase()) !=
      proof.commitment + MulVarTime(challenge, credential)) {
    return absl::InvalidArgumentError("the credential proof does not verify");
  }
  return absl::OkStatus();
}

CredentialProof MakeEnrolmentProof(const Hash32& roll_id, const std::array<uint8_t, 32>& nonce,
                                   const Credential& credential, Rng& rng) {
  Bytes context = ToBytes(roll_id);
  context.insert(context.end(), nonce.begin(), nonce.end());
  CredentialProver prover = CredentialProver::Commit(credential, context, rng);
  const Scalar challenge = EnrolmentChallenge(roll_id, nonce, credential.public_key().bytes(),
                                              prover.commitment().bytes());
  return std::move(prover).Respond(challenge);
}

absl::Status VerifyEnrolmentProofVarTime(const Hash32& roll_id,
                                         const std::array<uint8_t, 32>& nonce,
                                         const RistrettoPoint& credential,
                                         const CredentialProof& proof) {
  return Annotate(
      VerifyCredentialProofVarTime(
          credential, proof,
          EnrolmentChallenge(roll_id, nonce, credential.bytes(), proof.commitment.bytes())),
      "enrolment");
}

}  // namespace urna::crypto
