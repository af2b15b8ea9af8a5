#include "core/crypto/elgamal.h"

#include <algorithm>
#include <utility>

#include "core/base/status.h"
#include "core/crypto/hash.h"

namespace urna::crypto {
namespace {

// A nonzero scalar that nobody can guess who does not know r, to hide whether the value is zero
// from libsodium's branch on an identity result.
SecretScalar BlindFor(const SecretScalar& r) {
  SecretSha512Hasher hasher;
  hasher.Update(AsBytes("urna/1/encryption blind")).Update(r.ExposeSpan());
  const SecretBytes wide = std::move(hasher).Finish();
  return SecretScalar::FromUniform(wide.ExposeSpan().first<64>());
}

}  // namespace

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

Ciphertext Encrypt(const RistrettoPoint& election_key, uint64_t value, const SecretScalar& r) {
  const SecretScalar blind = BlindFor(r);
  const RistrettoPoint blinded_value = MulBase(SecretScalar::FromUint64(value).Add(blind));
  return Ciphertext{MulBase(r), Mul(r, election_key) + blinded_value - MulBase(blind)};
}

Ciphertext EncryptVarTime(const RistrettoPoint& election_key, uint64_t value, const Scalar& r) {
  return Ciphertext{MulBaseVarTime(r),
                    MulBaseVarTime(Scalar::FromUint64(value)) + MulVarTime(r, election_key)};
}

}  // namespace urna::crypto
