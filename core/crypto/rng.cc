#include "core/crypto/rng.h"

#include <sodium.h>

#include "core/base/check.h"
#include "core/crypto/sodium_init.h"

namespace urna::crypto {

SystemRng::SystemRng() { URNA_CHECK(InitializeCrypto().ok(), "libsodium is not ready"); }

void SystemRng::Fill(std::span<uint8_t> out) { randombytes_buf(out.data(), out.size()); }

SeededRng::SeededRng(uint64_t seed) {
  for (size_t i = 0; i < 8; ++i) seed_[i] = static_cast<uint8_t>(seed >> (8 * i));
}

SeededRng::SeededRng(const std::array<uint8_t, 32>& seed) : seed_(seed) {}

SeededRng::~SeededRng() { sodium_memzero(seed_.data(), seed_.size()); }

// Every call has a nonce of its own: its number.
void SeededRng::Fill(std::span<uint8_t> out) {
  std::array<uint8_t, crypto_stream_chacha20_ietf_NONCEBYTES> nonce{};
  for (size_t i = 0; i < 8; ++i) nonce[i] = static_cast<uint8_t>(calls_ >> (8 * i));
  ++calls_;
  crypto_stream_chacha20_ietf(out.data(), out.size(), nonce.data(), seed_.data());
}

}  // namespace urna::crypto
