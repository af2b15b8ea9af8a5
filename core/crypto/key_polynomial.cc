#include "core/crypto/key_polynomial.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/base/status.h"
#include "core/crypto/nonce_source.h"
#include "core/crypto/transcript.h"

namespace urna::crypto {
namespace {

Hash64 CoefficientsHash(const CoefficientContext& context,
                        std::span<const RistrettoPoint> coefficients,
                        std::span<const RistrettoPoint> commitments) {
  return Transcript("key coefficients")
      .Field("poll", context.poll)
      .FieldU16("attempt", context.attempt)
      .FieldU16("trustee", context.trustee)
      .Field("coefficients", EncodePoints(coefficients))
      .Field("commitments", EncodePoints(commitments))
      .Field("encryption key", context.encryption_key)
      .Hash();
}

}  // namespace

absl::StatusOr<CoefficientProof> CoefficientProof::Decode(ByteSpan bytes) {
  if (bytes.size() != kSize) {
    return absl::InvalidArgumentError("a coefficient's proof is 64 bytes long");
  }
  URNA_ASSIGN_OR_RETURN(RistrettoPoint commitment, RistrettoPoint::Decode(bytes.first(32)));
  URNA_ASSIGN_OR_RETURN(Scalar response, Scalar::Decode(bytes.subspan(32)));
  return CoefficientProof{commitment, response};
}

std::array<uint8_t, CoefficientProof::kSize> CoefficientProof::Encode() const {
  std::array<uint8_t, kSize> out;
  std::copy_n(commitment.bytes().begin(), 32, out.begin());
  std::copy_n(response.bytes().begin(), 32, out.begin() + 32);
  return out;
}

absl::StatusOr<std::vector<CoefficientProof>> DecodeCoefficientProofs(ByteSpan bytes) {
  constexpr size_t kSize = CoefficientProof::kSize;
  if (bytes.size() % kSize != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(bytes.size(), " bytes are not a whole number of coefficients' proofs"));
  }
  std::vector<CoefficientProof> out;
  for (size_t at = 0; at < bytes.size(); at += kSize) {
    absl::StatusOr<CoefficientProof> proof = CoefficientProof::Decode(bytes.subspan(at, kSize));
    if (!proof.ok()) return Annotate(proof.status(), absl::StrCat("proof ", at / kSize));
    out.push_back(*proof);
  }
  return out;
}

Bytes EncodeCoefficientProofs(std::span<const CoefficientProof> proofs) {
  Bytes out;
  for (const CoefficientProof& proof : proofs) {
    const auto bytes = proof.Encode();
    out.insert(out.end(), bytes.begin(), bytes.end());
  }
  return out;
}

KeyPolynomial::KeyPolynomial(std::vector<SecretScalar> coefficients)
    : coefficients_(std::move(coefficients)) {
  commitments_.reserve(coefficients_.size());
  for (const SecretScalar& a : coefficients_) commitments_.push_back(MulBase(a));
}

KeyPolynomial KeyPolynomial::Random(uint16_t threshold, Rng& rng) {
  URNA_CHECK(threshold >= 1, "a threshold is at least 1");
  std::vector<SecretScalar> coefficients;
  coefficients.reserve(threshold);
  for (uint16_t k = 0; k < threshold; ++k) coefficients.push_back(SecretScalar::Random(rng));
  return KeyPolynomial(std::move(coefficients));
}

absl::StatusOr<KeyPolynomial> KeyPolynomial::FromKeyFile(ByteSpan bytes) {
  if (bytes.empty() || bytes.size() % Scalar::kSize != 0) {
    return absl::InvalidArgumentError("a key polynomial is one or more coefficients of 32 bytes");
  }
  std::vector<SecretScalar> coefficients;
  coefficients.reserve(bytes.size() / Scalar::kSize);
  for (size_t at = 0; at < bytes.size(); at += Scalar::kSize) {
    URNA_ASSIGN_OR_RETURN(SecretScalar a,
                          SecretScalar::FromCanonicalSecretBytes(bytes.subspan(at, Scalar::kSize)));
    coefficients.push_back(std::move(a));
  }
  KeyPolynomial polynomial(std::move(coefficients));
  for (const RistrettoPoint& a : polynomial.commitments_) {
    if (a.IsIdentity()) return absl::InvalidArgumentError("a coefficient of the key is zero");
  }
  return polynomial;
}

std::vector<CoefficientProof> KeyPolynomial::Prove(const CoefficientContext& context,
                                                   Rng& rng) const {
  NonceSource nonces("coefficient proof", rng);
  for (const SecretScalar& a : coefficients_) nonces.Secret(a);
  Writer numbers;
  numbers.U16(context.attempt);
  numbers.U16(context.trustee);
  nonces.Public(context.poll).Public(numbers.bytes()).Public(context.encryption_key);
  nonces.Public(EncodePoints(commitments_));

  std::vector<SecretScalar> w;
  std::vector<RistrettoPoint> r;
  w.reserve(coefficients_.size());
  for (size_t k = 0; k < coefficients_.size(); ++k) {
    w.push_back(nonces.Next());
    r.push_back(MulBase(w.back()));
  }
  const Hash64 h = CoefficientsHash(context, commitments_, r);
  std::vector<CoefficientProof> proofs;
  for (size_t k = 0; k < coefficients_.size(); ++k) {
    const Scalar c =
        Challenge(h, context.trustee, static_cast<uint16_t>(k), ChallengeKind::kCoefficient);
    proofs.push_back({r[k], w[k].Add(coefficients_[k].Mul(c)).ExposeForProofResponse()});
  }
  return proofs;
}

SecretScalar KeyPolynomial::ShareFor(uint16_t trustee) const {
  const Scalar x = Scalar::FromUint64(trustee);
  SecretScalar value = coefficients_.back().Clone();
  for (size_t k = coefficients_.size() - 1; k-- > 0;) value = value.Mul(x).Add(coefficients_[k]);
  return value;
}

SecretBytes KeyPolynomial::ExposeForKeyFile() const {
  SecretBytes out(coefficients_.size() * Scalar::kSize);
  for (size_t k = 0; k < coefficients_.size(); ++k) {
    const ByteSpan a = coefficients_[k].ExposeSpan();
    std::copy(a.begin(), a.end(), out.data() + k * Scalar::kSize);
  }
  return out;
}

absl::Status VerifyCoefficientProofsVarTime(const CoefficientContext& context,
                                            std::span<const RistrettoPoint> coefficients,
                                            std::span<const CoefficientProof> proofs) {
  if (coefficients.empty() || coefficients.size() != proofs.size()) {
    return absl::InvalidArgumentError(absl::StrCat("trustee ", context.trustee, ": ",
                                                   coefficients.size(), " coefficients with ",
                                                   proofs.size(), " proofs"));
  }
  std::vector<RistrettoPoint> commitments;
  for (const CoefficientProof& proof : proofs) commitments.push_back(proof.commitment);
  const Hash64 h = CoefficientsHash(context, coefficients, commitments);
  for (size_t k = 0; k < coefficients.size(); ++k) {
    const auto refuse = [&](absl::string_view why) {
      return absl::InvalidArgumentError(
          absl::StrCat("trustee ", context.trustee, ", coefficient ", k, ": ", why));
    };
    if (coefficients[k].IsIdentity()) return refuse("it is the identity");
    const Scalar c =
        Challenge(h, context.trustee, static_cast<uint16_t>(k), ChallengeKind::kCoefficient);
    if (MulBaseVarTime(proofs[k].response) !=
        proofs[k].commitment + MulVarTime(c, coefficients[k])) {
      return refuse("the proof does not verify");
    }
  }
  return absl::OkStatus();
}

RistrettoPoint EvaluateCommitmentsVarTime(uint16_t trustee,
                                          std::span<const RistrettoPoint> coefficients) {
  const Scalar x = Scalar::FromUint64(trustee);
  RistrettoPoint value;
  for (size_t k = coefficients.size(); k-- > 0;) {
    value = k + 1 == coefficients.size() ? coefficients[k] : MulVarTime(x, value) + coefficients[k];
  }
  return value;
}

absl::Status VerifyShare(const SecretScalar& share, uint16_t trustee,
                         std::span<const RistrettoPoint> coefficients) {
  if (MulBase(share) != EvaluateCommitmentsVarTime(trustee, coefficients)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the share for trustee ", trustee, " does not fit the coefficients"));
  }
  return absl::OkStatus();
}

absl::Status VerifyOpenedShareVarTime(const Scalar& share, uint16_t trustee,
                                      std::span<const RistrettoPoint> coefficients) {
  return VerifyShare(SecretScalar::FromPublic(share), trustee, coefficients);
}

SecretScalar CombineShares(std::span<const SecretScalar> shares) {
  SecretScalar sum = SecretScalar::FromUint64(0);
  for (const SecretScalar& share : shares) sum = sum.Add(share);
  return sum;
}

}  // namespace urna::crypto
