#include "core/crypto/equality_proof.h"

#include <algorithm>

#include "core/base/status.h"
#include "core/crypto/nonce_source.h"

namespace urna::crypto {

absl::StatusOr<EqualityProof> EqualityProof::Decode(ByteSpan bytes) {
  if (bytes.size() != kSize) {
    return absl::InvalidArgumentError("a proof of equal logarithms is 96 bytes long");
  }
  EqualityProof proof;
  absl::StatusOr<RistrettoPoint> a1 = RistrettoPoint::Decode(bytes.first(32));
  if (!a1.ok()) return Annotate(a1.status(), "A1");
  absl::StatusOr<RistrettoPoint> a2 = RistrettoPoint::Decode(bytes.subspan(32, 32));
  if (!a2.ok()) return Annotate(a2.status(), "A2");
  absl::StatusOr<Scalar> z = Scalar::Decode(bytes.subspan(64));
  if (!z.ok()) return Annotate(z.status(), "z");
  return EqualityProof{*a1, *a2, *z};
}

std::array<uint8_t, 64> EqualityProof::EncodeCommitments() const {
  std::array<uint8_t, 64> out;
  std::copy_n(commitment_g.bytes().begin(), 32, out.begin());
  std::copy_n(commitment_b.bytes().begin(), 32, out.begin() + 32);
  return out;
}

std::array<uint8_t, EqualityProof::kSize> EqualityProof::Encode() const {
  std::array<uint8_t, kSize> out;
  const std::array<uint8_t, 64> commitments = EncodeCommitments();
  std::copy_n(commitments.begin(), 64, out.begin());
  std::copy_n(response.bytes().begin(), 32, out.begin() + 64);
  return out;
}

EqualityProver EqualityProver::Commit(const SecretScalar& x, const EqualityStatement& statement,
                                      Rng& rng) {
  NonceSource nonces("equality proof", rng);
  nonces.Secret(x).Public(statement.key).Public(statement.base).Public(statement.share);
  EqualityProver prover(x.Clone(), nonces.Next());
  prover.proof_.commitment_g = MulBase(prover.w_);
  prover.proof_.commitment_b = Mul(prover.w_, statement.base);
  return prover;
}

EqualityProof EqualityProver::Respond(const Scalar& challenge) && {
  proof_.response = w_.Add(x_.Mul(challenge)).ExposeForProofResponse();
  // The secrets go now, so that a second call could answer nothing.
  { const SecretScalar used_w = std::move(w_), used_x = std::move(x_); }
  return proof_;
}

absl::Status VerifyEqualityProofVarTime(const EqualityStatement& statement,
                                        const EqualityProof& proof, const Scalar& challenge) {
  if (MulBaseVarTime(proof.response) != proof.commitment_g + MulVarTime(challenge, statement.key)) {
    return absl::InvalidArgumentError("equality proof: z·G is not A1 + c·X");
  }
  if (MulVarTime(proof.response, statement.base) !=
      proof.commitment_b + MulVarTime(challenge, statement.share)) {
    return absl::InvalidArgumentError("equality proof: z·B is not A2 + c·D");
  }
  return absl::OkStatus();
}

}  // namespace urna::crypto
