// Where randomness comes from. Functions that need some take an Rng&; only main and test fixtures
// make one (docs/protocol.md §2, nonces).
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace urna::crypto {

// Not thread-safe unless the implementation says so.
class Rng {
 public:
  Rng() = default;
  Rng(const Rng&) = delete;
  Rng& operator=(const Rng&) = delete;
  virtual ~Rng() = default;

  // Overwrites every byte of `out`.
  virtual void Fill(std::span<uint8_t> out) = 0;

  // N fresh bytes, for nonces and salts that become public.
  template <size_t N>
  std::array<uint8_t, N> Array() {
    std::array<uint8_t, N> out;
    Fill(out);
    return out;
  }
};

// The operating system's randomness, through libsodium. Thread-safe. Aborts the process if the
// system has none to give.
class SystemRng final : public Rng {
 public:
  SystemRng();
  void Fill(std::span<uint8_t> out) override;
};

// A reproducible stream (ChaCha20 under the seed). FOR TESTS AND REHEARSALS ONLY: whoever knows the
// seed knows every secret drawn from it.
class SeededRng final : public Rng {
 public:
  explicit SeededRng(uint64_t seed);
  explicit SeededRng(const std::array<uint8_t, 32>& seed);
  ~SeededRng() override;
  void Fill(std::span<uint8_t> out) override;

 private:
  std::array<uint8_t, 32> seed_{};
  uint64_t calls_ = 0;
};

}  // namespace urna::crypto
