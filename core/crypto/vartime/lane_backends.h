// The kernels of every lane back end. To call one on a processor without its instructions ends the
// program: engine.cc asks first. On other architectures than x86-64 there are none.
#pragma once

#include "core/crypto/vartime/lane_engine.h"

namespace urna::crypto::vartime::lanes {

#if defined(__x86_64__)
const LaneKernels& IfmaKernels();    // AVX-512F and AVX-512 IFMA
const LaneKernels& Avx512Kernels();  // AVX-512F
const LaneKernels& Avx2Kernels();    // AVX2
#endif

}  // namespace urna::crypto::vartime::lanes
