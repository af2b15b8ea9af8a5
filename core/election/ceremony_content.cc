// What the messages of the key ceremony say, as far as everybody can check it.
#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/drill.h"
#include "core/crypto/key_ceremony.h"
#include "core/election/ceremony.h"

namespace urna::election {
namespace {

using Key = std::array<uint8_t, 32>;

// 2^255 − 19, little-endian.
constexpr Key kPrime = [] {
  Key p;
  p.fill(0xff);
  p[0] = 0xed;
  p[31] = 0x7f;
  return p;
}();

// The u-coordinates of small order, below 2^255 − 19 (RFC 7748 §6.1): 0, 1, −1 and the two of order
// 8, little-endian.
constexpr std::array<Key, 5> kSmallOrder = {
    Key{}, Key{1},
    [] {
      Key minus_one = kPrime;
      minus_one[0] -= 1;
      return minus_one;
    }(),
    Key{0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
        0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
        0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
    Key{0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
        0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c,
        0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57}};

// An X25519 public key, below 2^255 − 19 and not of small order.
absl::Status CheckEncryptionKey(const Key& key) {
  if (!std::lexicographical_compare(key.rbegin(), key.rend(), kPrime.rbegin(), kPrime.rend())) {
    return absl::InvalidArgumentError("the encryption key is not below 2^255 - 19");
  }
  if (std::find(kSmallOrder.begin(), kSmallOrder.end(), key) != kSmallOrder.end()) {
    return absl::InvalidArgumentError("the encryption key is of small order");
  }
  return absl::OkStatus();
}

void Add(std::vector<Violation>& out, Check check, absl::Status status, uint16_t trustee,
         const char* what) {
  if (status.ok()) return;
  out.push_back({check, Annotate(std::move(status), absl::StrCat(what, " of trustee ", trustee))});
}

absl::Status CheckNoIdentity(const std::vector<crypto::RistrettoPoint>& points) {
  for (size_t k = 0; k < points.size(); ++k) {
    if (points[k].IsIdentity()) {
      return absl::InvalidArgumentError(absl::StrCat("coefficient ", k, " is the identity"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

void Ceremony::CheckContent(const KeyCoefficients& message, std::vector<Violation>& out) const {
  constexpr const char* kWhat = "key coefficients";
  const auto add = [&](urna::Check check, absl::Status status) {
    Add(out, check, std::move(status), message.trustee, kWhat);
  };
  add(urna::Check::kS10, CheckEncryptionKey(message.encryption_key));
  if (message.coefficients.size() != size_t{32} * threshold_ ||
      message.proofs.size() != crypto::CoefficientProof::kSize * threshold_) {
    add(urna::Check::kS10, absl::InvalidArgumentError(absl::StrCat(
                               message.coefficients.size(), " bytes of coefficients and ",
                               message.proofs.size(), " of proofs, which are not ", threshold_)));
    return;
  }
  auto coefficients = crypto::DecodePoints(message.coefficients);
  auto proofs = crypto::DecodeCoefficientProofs(message.proofs);
  add(urna::Check::kL3, coefficients.status());
  add(urna::Check::kL3, proofs.status());
  if (coefficients.ok()) add(urna::Check::kL3, CheckNoIdentity(*coefficients));
  if (!out.empty()) return;

  crypto::DealerCoefficients published;
  published.attempt = message.attempt;
  published.trustee = message.trustee;
  published.coefficients = *std::move(coefficients);
  published.proofs = *std::move(proofs);
  published.encryption_key = message.encryption_key;
  published.salt = message.salt;
  const auto commitment = commitments_.find(message.trustee);
  if (commitment == commitments_.end() ||
      commitment->second.commitment != crypto::KeyCommitmentHash(poll_, published)) {
    add(urna::Check::kS10,
        absl::InvalidArgumentError("they are not what the trustee committed to"));
  }
  add(urna::Check::kS10, crypto::VerifyDealerCoefficientsVarTime(poll_, threshold_, published));
}

void Ceremony::CheckContent(const KeyShareOpening& message, std::vector<Violation>& out) const {
  Add(out, urna::Check::kL3, crypto::Scalar::Decode(message.share).status(), message.trustee,
      "key share opening");
}

void Ceremony::CheckContent(const Drill& message, std::vector<Violation>& out) const {
  const auto add = [&](urna::Check check, absl::Status status) {
    Add(out, check, std::move(status), message.trustee, "drill");
  };
  const auto last = drills_.find(message.trustee);
  if (last != drills_.end() && message.drill <= last->second) {
    add(urna::Check::kS13,
        absl::FailedPreconditionError(absl::StrCat("number ", message.drill, " is not above ",
                                                   last->second, ", the last one")));
  }
  auto share = crypto::RistrettoPoint::Decode(message.share);
  auto proof = crypto::EqualityProof::Decode(message.proof);
  add(urna::Check::kL3, Annotate(share.status(), "share"));
  add(urna::Check::kL3, Annotate(proof.status(), "proof"));
  if (!share.ok() || !proof.ok()) return;
  if (!keys_.has_value()) {
    add(urna::Check::kS13,
        absl::FailedPreconditionError("the coefficients in the log give no keys"));
    return;
  }
  const crypto::Drill drill{message.drill, *share, *std::move(proof)};
  add(urna::Check::kS13,
      crypto::VerifyDrillVarTime(keys_->key_context, message.trustee,
                                 keys_->verification_keys[message.trustee - 1], drill));
}

}  // namespace urna::election
