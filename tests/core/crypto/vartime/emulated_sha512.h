// The vectors of sha512_lanes.h as an array: the algorithm, without any processor's vectors.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/crypto/vartime/sha512_kernels.h"
#include "core/crypto/vartime/sha512_lanes.h"

namespace urna::crypto::vartime {

// An array for a register. An odd number of lanes, so that nothing rests on a power of two.
struct EmulatedSha512Vector {
  static constexpr size_t kLanes = 3;
  using Register = std::array<uint64_t, kLanes>;

  template <typename Function>
  static Register Each(const Function& function) {
    Register out;
    for (size_t lane = 0; lane < kLanes; ++lane) out[lane] = function(lane);
    return out;
  }

  static Register Load(const uint64_t* words) {
    return Each([&](size_t l) { return words[l]; });
  }
  static void Store(uint64_t* words, const Register& r) {
    for (size_t lane = 0; lane < kLanes; ++lane) words[lane] = r[lane];
  }
  static void LoadBlocks(const uint8_t* const* blocks, Register* w) {
    for (size_t t = 0; t < 16; ++t) {
      w[t] = Each([&](size_t l) {
        uint64_t word = 0;
        for (size_t i = 0; i < 8; ++i) word = word << 8 | blocks[l][8 * t + i];
        return word;
      });
    }
  }

  static Register Set(uint64_t x) {
    return Each([&](size_t) { return x; });
  }
  static Register Add(const Register& a, const Register& b) {
    return Each([&](size_t l) { return a[l] + b[l]; });
  }
  template <int n>
  static Register Rotr(const Register& x) {
    return Each([&](size_t l) { return x[l] >> n | x[l] << (64 - n); });
  }
  template <int n>
  static Register Shr(const Register& x) {
    return Each([&](size_t l) { return x[l] >> n; });
  }
  static Register Xor3(const Register& a, const Register& b, const Register& c) {
    return Each([&](size_t l) { return a[l] ^ b[l] ^ c[l]; });
  }
  static Register Ch(const Register& a, const Register& b, const Register& c) {
    return Each([&](size_t l) { return (a[l] & b[l]) ^ (~a[l] & c[l]); });
  }
  static Register Maj(const Register& a, const Register& b, const Register& c) {
    return Each([&](size_t l) { return (a[l] & b[l]) ^ (a[l] & c[l]) ^ (b[l] & c[l]); });
  }
};

inline constexpr Sha512Kernel kSha512Emulated = {"emulated", EmulatedSha512Vector::kLanes, 1,
                                                 &Sha512Lanes<EmulatedSha512Vector>::Compress};

}  // namespace urna::crypto::vartime
