// Eight words in a vector of AVX-512F, see lanes_words.h. Included in a region compiled for it; the
// name is another in every source, so that nothing of it has a name for the linker.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace urna::crypto::vartime::lanes {
namespace {

struct Words512 {
  static constexpr int kLanes = 8;
  __m512i v;

  static Words512 Broadcast(uint64_t x) { return {_mm512_set1_epi64(static_cast<int64_t>(x))}; }
  static Words512 Load(const uint64_t* from) { return {_mm512_loadu_si512(from)}; }
  void Store(uint64_t* to) const { _mm512_storeu_si512(to, v); }

  template <int kBits>
  Words512 Shl() const {
    return {_mm512_slli_epi64(v, kBits)};
  }
  template <int kBits>
  Words512 Shr() const {
    return {_mm512_srli_epi64(v, kBits)};
  }
  static Words512 Mul32(Words512 a, Words512 b) { return {_mm512_mul_epu32(a.v, b.v)}; }

  static unsigned EqualLanes(Words512 a, Words512 b) { return _mm512_cmpeq_epi64_mask(a.v, b.v); }
  static Words512 Select(unsigned lanes, Words512 a, Words512 b) {
    return {_mm512_mask_blend_epi64(static_cast<__mmask8>(lanes), b.v, a.v)};
  }

  // An 8 × 8 transpose: pairs of words, then of 128-bit quarters.
  static void LoadRows(const uint64_t* const* rows, Words512* out) {
    __m512i r[8], pair[8], quad[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) r[i] = _mm512_loadu_si512(rows[i]);
#pragma GCC unroll 4
    for (int i = 0; i < 8; i += 2) {
      pair[i] = _mm512_unpacklo_epi64(r[i], r[i + 1]);      // words 0, 2, 4, 6 of both rows
      pair[i + 1] = _mm512_unpackhi_epi64(r[i], r[i + 1]);  // words 1, 3, 5, 7
    }
    // quad[h·4 + p]: of rows 4h to 4h+3 the even (p = 0, 1) or odd (p = 2, 3) words, two of them.
#pragma GCC unroll 2
    for (int h = 0; h < 2; ++h) {
#pragma GCC unroll 2
      for (int odd = 0; odd < 2; ++odd) {
        const __m512i low = pair[4 * h + odd];
        const __m512i high = pair[4 * h + 2 + odd];
        quad[4 * h + 2 * odd] = _mm512_shuffle_i64x2(low, high, 0x88);      // words 0 and 4 (+odd)
        quad[4 * h + 2 * odd + 1] = _mm512_shuffle_i64x2(low, high, 0xdd);  // words 2 and 6
      }
    }
#pragma GCC unroll 2
    for (int odd = 0; odd < 2; ++odd) {
      const __m512i a = quad[2 * odd];
      const __m512i b = quad[4 + 2 * odd];
      const __m512i c = quad[2 * odd + 1];
      const __m512i d = quad[4 + 2 * odd + 1];
      out[odd].v = _mm512_shuffle_i64x2(a, b, 0x88);
      out[4 + odd].v = _mm512_shuffle_i64x2(a, b, 0xdd);
      out[2 + odd].v = _mm512_shuffle_i64x2(c, d, 0x88);
      out[6 + odd].v = _mm512_shuffle_i64x2(c, d, 0xdd);
    }
  }
#ifdef URNA_WORDS_IFMA
  static Words512 MaddLow52(Words512 sum, Words512 a, Words512 b) {
    return {_mm512_madd52lo_epu64(sum.v, a.v, b.v)};
  }
  static Words512 MaddHigh52(Words512 sum, Words512 a, Words512 b) {
    return {_mm512_madd52hi_epu64(sum.v, a.v, b.v)};
  }
#endif
};

// Not friends within the class: g++ 12 compiles those for the processor outside of the region.
inline Words512 operator+(Words512 a, Words512 b) { return {_mm512_add_epi64(a.v, b.v)}; }
inline Words512 operator-(Words512 a, Words512 b) { return {_mm512_sub_epi64(a.v, b.v)}; }
inline Words512 operator&(Words512 a, Words512 b) { return {_mm512_and_si512(a.v, b.v)}; }
inline Words512 operator|(Words512 a, Words512 b) { return {_mm512_or_si512(a.v, b.v)}; }

}  // namespace
}  // namespace urna::crypto::vartime::lanes
