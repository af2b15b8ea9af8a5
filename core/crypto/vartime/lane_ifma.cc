// Eight lanes with products of 52 bits: AVX-512 IFMA.
#include <immintrin.h>

#include "core/crypto/vartime/constants.h"
#include "core/crypto/vartime/lane_backends.h"
#include "core/crypto/vartime/lanes_words.h"

#define URNA_WORDS_IFMA
URNA_BEGIN_TARGET("avx512f,avx512ifma")
#include "core/crypto/vartime/lanes_field51.h"
#include "core/crypto/vartime/lanes_kernels.h"
#include "core/crypto/vartime/lanes_words_avx512.h"
URNA_END_TARGET

namespace urna::crypto::vartime::lanes {

const LaneKernels& IfmaKernels() {
  static constexpr LaneKernels kKernels = Kernels<Field51<Words512>>::Table();
  return kKernels;
}

}  // namespace urna::crypto::vartime::lanes
