#if defined(__x86_64__)

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "core/crypto/vartime/sha512_kernels.h"

// Behind all headers: a function of theirs that was compiled for AVX-512 here could be the one that
// the linker keeps for the whole program. What follows is in an anonymous namespace or a template
// over something that is, and calls intrinsics only.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512bw")
// GCC 12's own header leaves unused operands of intrinsics undefined and warns about it (bug
// 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "core/crypto/vartime/sha512_lanes.h"

namespace urna::crypto::vartime {
namespace {

struct Avx512Vector {
  static constexpr size_t kLanes = 8;
  using Register = __m512i;

  static Register Load(const uint64_t* words) { return _mm512_loadu_si512(words); }
  static void Store(uint64_t* words, Register r) { _mm512_storeu_si512(words, r); }

  static Register Set(uint64_t x) { return _mm512_set1_epi64(static_cast<long long>(x)); }
  static Register Add(Register a, Register b) { return _mm512_add_epi64(a, b); }
  template <int n>
  static Register Rotr(Register x) {
    return _mm512_ror_epi64(x, n);
  }
  template <int n>
  static Register Shr(Register x) {
    return _mm512_srli_epi64(x, n);
  }
  // The last argument is the truth table: bit 4a + 2b + c.
  static Register Xor3(Register a, Register b, Register c) {
    return _mm512_ternarylogic_epi64(a, b, c, 0x96);
  }
  static Register Ch(Register a, Register b, Register c) {
    return _mm512_ternarylogic_epi64(a, b, c, 0xca);
  }
  static Register Maj(Register a, Register b, Register c) {
    return _mm512_ternarylogic_epi64(a, b, c, 0xe8);
  }

  static void LoadBlocks(const uint8_t* const* blocks, Register* w) {
    LoadHalf(blocks, 0, w);
    LoadHalf(blocks, 64, w + 8);
  }

 private:
  // Eight words of eight lanes: rows are read, bytes of each word reversed, then transposed in
  // three steps of exchanging words, pairs and fours.
  static void LoadHalf(const uint8_t* const* blocks, size_t offset, Register* w) {
    constexpr long long kHigh = 0x08090a0b0c0d0e0f, kLow = 0x0001020304050607;
    const Register swap = _mm512_set_epi64(kHigh, kLow, kHigh, kLow, kHigh, kLow, kHigh, kLow);
    Register rows[8];
#pragma GCC unroll 8
    for (size_t l = 0; l < 8; ++l) {
      rows[l] = _mm512_shuffle_epi8(_mm512_loadu_si512(blocks[l] + offset), swap);
    }
    // pairs[l + o]: words o, o + 2, o + 4, o + 6, each of lanes l and l + 1; o is 0 or 1, l even.
    Register pairs[8];
#pragma GCC unroll 4
    for (size_t l = 0; l < 8; l += 2) {
      pairs[l] = _mm512_unpacklo_epi64(rows[l], rows[l + 1]);
      pairs[l + 1] = _mm512_unpackhi_epi64(rows[l], rows[l + 1]);
    }
    // 0x88 takes pairs 0 and 2 of both arguments, 0xdd pairs 1 and 3.
#pragma GCC unroll 2
    for (size_t o = 0; o < 2; ++o) {
      // Words o and o + 4 of lanes 0 to 3, of lanes 4 to 7; then words o + 2 and o + 6.
      const Register low = _mm512_shuffle_i64x2(pairs[o], pairs[2 + o], 0x88);
      const Register high = _mm512_shuffle_i64x2(pairs[4 + o], pairs[6 + o], 0x88);
      const Register low2 = _mm512_shuffle_i64x2(pairs[o], pairs[2 + o], 0xdd);
      const Register high2 = _mm512_shuffle_i64x2(pairs[4 + o], pairs[6 + o], 0xdd);
      w[o] = _mm512_shuffle_i64x2(low, high, 0x88);
      w[o + 2] = _mm512_shuffle_i64x2(low2, high2, 0x88);
      w[o + 4] = _mm512_shuffle_i64x2(low, high, 0xdd);
      w[o + 6] = _mm512_shuffle_i64x2(low2, high2, 0xdd);
    }
  }
};
static_assert(Avx512Vector::kLanes == kSha512Avx512.lanes);

}  // namespace

void Sha512CompressAvx512(uint64_t* state, const uint8_t* const* blocks) {
  Sha512Lanes<Avx512Vector>::Compress(state, blocks);
}

}  // namespace urna::crypto::vartime

#if defined(__clang__)
#pragma clang attribute pop
#endif

#endif  // defined(__x86_64__)
