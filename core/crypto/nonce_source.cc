#include "core/crypto/nonce_source.h"

#include <array>
#include <utility>

#include "core/base/check.h"

namespace urna::crypto {

NonceSource::NonceSource(absl::string_view purpose, Rng& rng) {
  SecretBytes fresh(32);
  rng.Fill(fresh.MutableSpan());
  hasher_.Update(AsBytes("urna/1/nonce"));
  hasher_.Update(fresh.ExposeSpan());
  Absorb(AsBytes(purpose));
}

NonceSource& NonceSource::Secret(const SecretScalar& secret) {
  Absorb(secret.ExposeSpan());
  return *this;
}

NonceSource& NonceSource::Public(ByteSpan bytes) {
  Absorb(bytes);
  return *this;
}

void NonceSource::Absorb(ByteSpan bytes) {
  URNA_CHECK(key_.empty(), "the statement comes before the first nonce");
  std::array<uint8_t, 8> length;
  for (size_t i = 0; i < 8; ++i)
    length[i] = static_cast<uint8_t>(uint64_t{bytes.size()} >> (8 * i));
  hasher_.Update(length);
  hasher_.Update(bytes);
}

SecretScalar NonceSource::Next() {
  if (key_.empty()) key_ = std::move(hasher_).Finish();
  std::array<uint8_t, 4> number;
  for (size_t i = 0; i < 4; ++i) number[i] = static_cast<uint8_t>(taken_ >> (8 * i));
  ++taken_;
  SecretSha512Hasher hasher;
  hasher.Update(key_.ExposeSpan()).Update(number);
  const SecretBytes wide = std::move(hasher).Finish();
  return SecretScalar::FromUniform(wide.ExposeSpan().first<64>());
}

}  // namespace urna::crypto
