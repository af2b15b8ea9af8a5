// Four lanes with products of 32 bits: AVX2.
#include <immintrin.h>

#include "core/crypto/vartime/constants.h"
#include "core/crypto/vartime/lane_backends.h"
#include "core/crypto/vartime/lanes_words.h"

URNA_BEGIN_TARGET("avx2")
#include "core/crypto/vartime/lanes_field25.h"
#include "core/crypto/vartime/lanes_kernels.h"

namespace urna::crypto::vartime::lanes {
namespace {

struct Words256 {
  static constexpr int kLanes = 4;
  __m256i v;

  static Words256 Broadcast(uint64_t x) { return {_mm256_set1_epi64x(static_cast<int64_t>(x))}; }
  static Words256 Load(const uint64_t* from) {
    return {_mm256_loadu_si256(reinterpret_cast<const __m256i_u*>(from))};
  }
  void Store(uint64_t* to) const { _mm256_storeu_si256(reinterpret_cast<__m256i_u*>(to), v); }

  template <int kBits>
  Words256 Shl() const {
    return {_mm256_slli_epi64(v, kBits)};
  }
  template <int kBits>
  Words256 Shr() const {
    return {_mm256_srli_epi64(v, kBits)};
  }
  static Words256 Mul32(Words256 a, Words256 b) { return {_mm256_mul_epu32(a.v, b.v)}; }

  static unsigned EqualLanes(Words256 a, Words256 b) {
    return static_cast<unsigned>(
        _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(a.v, b.v))));
  }
  // Bit l of `lanes` over the whole of lane l.
  static Words256 Select(unsigned lanes, Words256 a, Words256 b) {
    const __m256i bit = _mm256_set_epi64x(8, 4, 2, 1);
    const __m256i mask = _mm256_cmpeq_epi64(_mm256_and_si256(_mm256_set1_epi64x(lanes), bit), bit);
    return {_mm256_blendv_epi8(b.v, a.v, mask)};
  }

  // Two 4 × 4 transposes.
  static void LoadRows(const uint64_t* const* rows, Words256* out) {
#pragma GCC unroll 2
    for (int half = 0; half < 8; half += 4) {
      __m256i r[4];
      for (int i = 0; i < 4; ++i) {
        r[i] = _mm256_loadu_si256(reinterpret_cast<const __m256i_u*>(rows[i] + half));
      }
      const __m256i even01 = _mm256_unpacklo_epi64(r[0], r[1]);  // words 0 and 2 of both rows
      const __m256i odd01 = _mm256_unpackhi_epi64(r[0], r[1]);
      const __m256i even23 = _mm256_unpacklo_epi64(r[2], r[3]);
      const __m256i odd23 = _mm256_unpackhi_epi64(r[2], r[3]);
      out[half].v = _mm256_permute2x128_si256(even01, even23, 0x20);
      out[half + 1].v = _mm256_permute2x128_si256(odd01, odd23, 0x20);
      out[half + 2].v = _mm256_permute2x128_si256(even01, even23, 0x31);
      out[half + 3].v = _mm256_permute2x128_si256(odd01, odd23, 0x31);
    }
  }
};

// Not friends within the class: g++ 12 compiles those for the processor outside of the region.
inline Words256 operator+(Words256 a, Words256 b) { return {_mm256_add_epi64(a.v, b.v)}; }
inline Words256 operator-(Words256 a, Words256 b) { return {_mm256_sub_epi64(a.v, b.v)}; }
inline Words256 operator&(Words256 a, Words256 b) { return {_mm256_and_si256(a.v, b.v)}; }
inline Words256 operator|(Words256 a, Words256 b) { return {_mm256_or_si256(a.v, b.v)}; }

}  // namespace
}  // namespace urna::crypto::vartime::lanes
URNA_END_TARGET

namespace urna::crypto::vartime::lanes {

const LaneKernels& Avx2Kernels() {
  static constexpr LaneKernels kKernels = Kernels<Field25<Words256>>::Table();
  return kKernels;
}

}  // namespace urna::crypto::vartime::lanes
