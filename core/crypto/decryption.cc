#include "core/crypto/decryption.h"

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace urna::crypto {

DecryptionShareProver DecryptionShareProver::Commit(const Ciphertext& ciphertext,
                                                    const SecretScalar& key_share,
                                                    const RistrettoPoint& verification_key,
                                                    Rng& rng) {
  const RistrettoPoint share = Mul(key_share, ciphertext.alpha);
  return DecryptionShareProver(
      share, EqualityProver::Commit(
                 key_share, EqualityStatement{verification_key, ciphertext.alpha, share}, rng));
}

absl::Status VerifyDecryptionShareVarTime(const Ciphertext& ciphertext,
                                          const RistrettoPoint& verification_key,
                                          const RistrettoPoint& share, const EqualityProof& proof,
                                          const Scalar& challenge) {
  return VerifyEqualityProofVarTime(EqualityStatement{verification_key, ciphertext.alpha, share},
                                    proof, challenge);
}

absl::StatusOr<std::vector<Scalar>> LagrangeAtZero(std::span<const uint16_t> trustees) {
  if (trustees.empty()) return absl::InvalidArgumentError("no trustees to combine");
  std::vector<Scalar> out;
  for (size_t at = 0; at < trustees.size(); ++at) {
    if (trustees[at] == 0) return absl::InvalidArgumentError("trustees are numbered from 1");
    const Scalar j = Scalar::FromUint64(trustees[at]);
    Scalar numerator = Scalar::One();
    Scalar denominator = Scalar::One();
    for (size_t other = 0; other < trustees.size(); ++other) {
      if (other == at) continue;
      if (trustees[other] == trustees[at]) {
        return absl::InvalidArgumentError(
            absl::StrCat("trustee ", trustees[at], " is named twice"));
      }
      const Scalar i = Scalar::FromUint64(trustees[other]);
      numerator = numerator * i;
      denominator = denominator * (i - j);
    }
    URNA_ASSIGN_OR_RETURN(const Scalar inverse, denominator.InvertVarTime());
    out.push_back(numerator * inverse);
  }
  return out;
}

absl::StatusOr<RistrettoPoint> CombineDecryptionVarTime(const Ciphertext& ciphertext,
                                                        std::span<const Scalar> lagrange,
                                                        std::span<const RistrettoPoint> shares) {
  if (lagrange.empty() || lagrange.size() != shares.size()) {
    return absl::InvalidArgumentError(absl::StrCat(lagrange.size(), " Lagrange coefficients for ",
                                                   shares.size(), " decryption shares"));
  }
  RistrettoPoint message = ciphertext.beta;
  for (size_t i = 0; i < shares.size(); ++i) {
    message = message - MulVarTime(lagrange[i], shares[i]);
  }
  return message;
}

}  // namespace urna::crypto
