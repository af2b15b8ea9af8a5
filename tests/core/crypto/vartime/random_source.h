// Randomness for the tests of this folder: another seed in every run, always printed, and repeated
// with URNA_TEST_SEED=<the printed number>.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <span>

#include "core/crypto/point.h"
#include "core/crypto/scalar.h"

namespace urna::crypto::vartime {

class RandomSourceForTest {
 public:
  RandomSourceForTest() : RandomSourceForTest(ChooseSeed()) {}
  explicit RandomSourceForTest(uint64_t seed) : engine_(seed) {
    std::cout << "URNA_TEST_SEED=" << seed << "\n";
  }

  uint64_t Next() { return engine_(); }
  uint64_t Below(uint64_t bound) { return engine_() % bound; }
  void Fill(std::span<uint8_t> out) {
    for (uint8_t& byte : out) byte = static_cast<uint8_t>(engine_());
  }
  template <size_t N>
  std::array<uint8_t, N> Bytes() {
    std::array<uint8_t, N> bytes;
    Fill(bytes);
    return bytes;
  }
  // By libsodium.
  Scalar SodiumScalar() { return Scalar::FromUniform(Bytes<64>()); }
  RistrettoPoint SodiumPoint() { return RistrettoPoint::FromUniform(Bytes<64>()); }

 private:
  static uint64_t ChooseSeed() {
    const char* given = std::getenv("URNA_TEST_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  }

  std::mt19937_64 engine_;
};

}  // namespace urna::crypto::vartime
