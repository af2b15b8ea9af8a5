#include "core/crypto/key_ceremony.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/transcript.h"

namespace urna::crypto {

Dealer Dealer::Make(const Hash32& poll, uint16_t attempt, uint16_t trustee, uint16_t threshold,
                    Rng& rng) {
  Dealer dealer{
      DealerSecrets{KeyPolynomial::Random(threshold, rng), ShareEncryptionKey::Generate(rng)},
      DealerCoefficients{}};
  DealerCoefficients& published = dealer.published;
  published.attempt = attempt;
  published.trustee = trustee;
  published.coefficients = dealer.secrets.polynomial.commitments();
  published.encryption_key = dealer.secrets.encryption_key.public_key();
  published.salt = rng.Array<32>();
  published.proofs = dealer.secrets.polynomial.Prove(
      CoefficientContext{poll, attempt, trustee, published.encryption_key}, rng);
  return dealer;
}

Hash32 KeyCommitmentHash(const Hash32& poll, const DealerCoefficients& published) {
  return Transcript("key commitment")
      .Field("poll", poll)
      .FieldU16("attempt", published.attempt)
      .FieldU16("trustee", published.trustee)
      .Field("coefficients", EncodePoints(published.coefficients))
      .Field("proofs", EncodeCoefficientProofs(published.proofs))
      .Field("encryption key", published.encryption_key)
      .Field("salt", published.salt)
      .Hash32();
}

absl::Status VerifyDealerCoefficientsVarTime(const Hash32& poll, uint16_t threshold,
                                             const DealerCoefficients& published) {
  if (published.coefficients.size() != threshold) {
    return absl::InvalidArgumentError(absl::StrCat("trustee ", published.trustee, ": ",
                                                   published.coefficients.size(),
                                                   " coefficients, the threshold is ", threshold));
  }
  return VerifyCoefficientProofsVarTime(
      CoefficientContext{poll, published.attempt, published.trustee, published.encryption_key},
      published.coefficients, published.proofs);
}

Hash32 CeremonyHash(const Hash32& poll, uint16_t attempt,
                    std::span<const Bytes> coefficient_messages) {
  Transcript transcript("ceremony");
  transcript.Field("poll", poll).FieldU16("attempt", attempt);
  for (const Bytes& message : coefficient_messages) transcript.Field("coefficients", message);
  return transcript.Hash32();
}

Hash32 CeremonyDigest(const Hash32& ceremony, std::span<const Bytes> share_messages) {
  Transcript transcript("ceremony digest");
  transcript.Field("ceremony", ceremony);
  for (const Bytes& message : share_messages) transcript.Field("shares", message);
  return transcript.Hash32();
}

absl::StatusOr<ElectionKeys> ElectionKeys::ComputeVarTime(
    std::span<const std::vector<RistrettoPoint>> coefficients) {
  if (coefficients.empty() || coefficients.front().empty()) {
    return absl::InvalidArgumentError("a key ceremony without coefficients");
  }
  // The coefficients of the sum of all polynomials, whose value at 0 is the secret key.
  std::vector<RistrettoPoint> sum = coefficients.front();
  for (size_t i = 1; i < coefficients.size(); ++i) {
    if (coefficients[i].size() != sum.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("trustee ", i + 1, " has ", coefficients[i].size(),
                       " coefficients where trustee 1 has ", sum.size()));
    }
    for (size_t k = 0; k < sum.size(); ++k) sum[k] = sum[k] + coefficients[i][k];
  }
  ElectionKeys keys;
  keys.election_key = sum.front();
  if (keys.election_key.IsIdentity()) {
    return absl::InvalidArgumentError("the election key is the identity");
  }
  for (size_t j = 1; j <= coefficients.size(); ++j) {
    keys.verification_keys.push_back(EvaluateCommitmentsVarTime(static_cast<uint16_t>(j), sum));
    if (keys.verification_keys.back().IsIdentity()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the verification key of trustee ", j, " is the identity"));
    }
  }
  return keys;
}

absl::StatusOr<RistrettoPoint> ElectionKeys::VerificationKey(uint16_t trustee) const {
  if (trustee < 1 || trustee > verification_keys.size()) {
    return absl::OutOfRangeError(
        absl::StrCat("there is no trustee ", trustee, " among ", verification_keys.size()));
  }
  return verification_keys[trustee - 1];
}

Hash32 KeyContext(const Hash32& poll, uint16_t attempt, const ElectionKeys& keys) {
  return Transcript("key context")
      .Field("poll", poll)
      .FieldU16("attempt", attempt)
      .Field("election key", keys.election_key.bytes())
      .Field("verification keys", EncodePoints(keys.verification_keys))
      .Hash32();
}

}  // namespace urna::crypto
