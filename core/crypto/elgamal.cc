#include "core/crypto/elgamal.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/status.h"

namespace urna::crypto {

absl::StatusOr<Ciphertext> Ciphertext::Decode(ByteSpan bytes) {
  if (bytes.size() != kSize) {
    return absl::InvalidArgumentError("a ciphertext is 64 bytes long");
  }
  absl::StatusOr<RistrettoPoint> alpha = RistrettoPoint::DecodeNonIdentity(bytes.first(32));
  if (!alpha.ok()) return Annotate(alpha.status(), "alpha");
  absl::StatusOr<RistrettoPoint> beta = RistrettoPoint::Decode(bytes.subspan(32));
  if (!beta.ok()) return Annotate(beta.status(), "beta");
  return Ciphertext{*alpha, *beta};
}

std::array<uint8_t, Ciphertext::kSize> Ciphertext::Encode() const {
  std::array<uint8_t, kSize> out;
  auto end = std::copy(alpha.bytes().begin(), alpha.bytes().end(), out.begin());
  std::copy(beta.bytes().begin(), beta.bytes().end(), end);
  return out;
}

SmallMultiples::SmallMultiples(uint64_t maximum) : maximum_(maximum) {
  RistrettoPoint unit = RistrettoPoint::Base();  // 16^i·G
  for (uint64_t rest = maximum;; rest /= 16) {
    std::vector<RistrettoPoint>& row = digits_.emplace_back();
    row.push_back(RistrettoPoint::Identity());
    row.push_back(unit);
    while (row.size() <= std::min<uint64_t>(rest, 15)) row.push_back(row.back() + unit);
    if (rest < 16) return;
    unit = row.back() + unit;
  }
}

RistrettoPoint SmallMultiples::Select(uint64_t value, uint64_t at_most) const {
  URNA_CHECK(at_most <= maximum_, "the table reaches as far as the values");
  RistrettoPoint out = SelectPoint(digits_[0], value & 15);
  for (size_t i = 1; i < digits_.size() && at_most >> (4 * i) != 0; ++i) {
    out = out + SelectPoint(digits_[i], (value >> (4 * i)) & 15);
  }
  return out;
}

Ciphertext Encrypt(const RistrettoPoint& election_key, const SmallMultiples& multiples,
                   uint64_t value, uint64_t at_most, const SecretScalar& r) {
  return Ciphertext{MulBase(r), Mul(r, election_key) + multiples.Select(value, at_most)};
}

Ciphertext EncryptVarTime(const RistrettoPoint& election_key, uint64_t value, const Scalar& r) {
  return Ciphertext{MulBaseVarTime(r),
                    MulBaseVarTime(Scalar::FromUint64(value)) + MulVarTime(r, election_key)};
}

}  // namespace urna::crypto
