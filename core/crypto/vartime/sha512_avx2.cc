#if defined(__x86_64__)

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "core/crypto/vartime/sha512_kernels.h"

// Behind all headers: a function of theirs that was compiled for AVX2 here could be the one that
// the linker keeps for the whole program. What follows is in an anonymous namespace or a template
// over something that is, and calls intrinsics only.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC target("avx2")
#endif

#include "core/crypto/vartime/sha512_lanes.h"

namespace urna::crypto::vartime {
namespace {

struct Avx2Vector {
  static constexpr size_t kLanes = 4;
  using Register = __m256i;

  static Register Load(const void* words) {
    return _mm256_loadu_si256(static_cast<const __m256i_u*>(words));
  }
  static void Store(void* words, Register r) {
    _mm256_storeu_si256(static_cast<__m256i_u*>(words), r);
  }

  static Register Set(uint64_t x) { return _mm256_set1_epi64x(static_cast<long long>(x)); }
  static Register Add(Register a, Register b) { return _mm256_add_epi64(a, b); }
  template <int n>
  static Register Rotr(Register x) {
    return _mm256_or_si256(_mm256_srli_epi64(x, n), _mm256_slli_epi64(x, 64 - n));
  }
  template <int n>
  static Register Shr(Register x) {
    return _mm256_srli_epi64(x, n);
  }
  static Register Xor3(Register a, Register b, Register c) {
    return _mm256_xor_si256(_mm256_xor_si256(a, b), c);
  }
  static Register Ch(Register a, Register b, Register c) {
    return _mm256_xor_si256(c, _mm256_and_si256(a, _mm256_xor_si256(b, c)));
  }
  // Where b and c agree it is b, else a. The next round's a ⊕ b is this round's b ⊕ c.
  static Register Maj(Register a, Register b, Register c) {
    return _mm256_xor_si256(b, _mm256_and_si256(_mm256_xor_si256(a, b), _mm256_xor_si256(b, c)));
  }

  static void LoadBlocks(const uint8_t* const* blocks, Register* w) {
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) LoadQuarter(blocks, 32 * i, w + 4 * i);
  }

 private:
  // Four words of four lanes: rows are read, bytes of each word reversed, then transposed in two
  // steps of exchanging words and pairs.
  static void LoadQuarter(const uint8_t* const* blocks, size_t offset, Register* w) {
    constexpr long long kHigh = 0x08090a0b0c0d0e0f, kLow = 0x0001020304050607;
    const Register swap = _mm256_set_epi64x(kHigh, kLow, kHigh, kLow);
    Register rows[4];
#pragma GCC unroll 4
    for (size_t l = 0; l < 4; ++l) rows[l] = _mm256_shuffle_epi8(Load(blocks[l] + offset), swap);
    const Register even01 = _mm256_unpacklo_epi64(rows[0], rows[1]);  // words 0 and 2
    const Register odd01 = _mm256_unpackhi_epi64(rows[0], rows[1]);   // words 1 and 3
    const Register even23 = _mm256_unpacklo_epi64(rows[2], rows[3]);
    const Register odd23 = _mm256_unpackhi_epi64(rows[2], rows[3]);
    w[0] = _mm256_permute2x128_si256(even01, even23, 0x20);
    w[1] = _mm256_permute2x128_si256(odd01, odd23, 0x20);
    w[2] = _mm256_permute2x128_si256(even01, even23, 0x31);
    w[3] = _mm256_permute2x128_si256(odd01, odd23, 0x31);
  }
};
static_assert(Avx2Vector::kLanes == kSha512Avx2.lanes);

}  // namespace

void Sha512CompressAvx2(uint64_t* state, const uint8_t* const* blocks) {
  Sha512Lanes<Avx2Vector>::Compress(state, blocks);
}

}  // namespace urna::crypto::vartime

#if defined(__clang__)
#pragma clang attribute pop
#endif

#endif  // defined(__x86_64__)
