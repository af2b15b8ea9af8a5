// Eight lanes with products of 32 bits: AVX-512F without IFMA.
#include <immintrin.h>

#include "core/crypto/vartime/constants.h"
#include "core/crypto/vartime/lane_backends.h"
#include "core/crypto/vartime/lanes_words.h"

URNA_BEGIN_TARGET("avx512f")
#include "core/crypto/vartime/lanes_field25.h"
#include "core/crypto/vartime/lanes_kernels.h"
#include "core/crypto/vartime/lanes_words_avx512.h"
URNA_END_TARGET

namespace urna::crypto::vartime::lanes {

const LaneKernels& Avx512Kernels() {
  static constexpr LaneKernels kKernels = Kernels<Field25<Words512>>::Table();
  return kKernels;
}

}  // namespace urna::crypto::vartime::lanes
