// The two algorithms of PortableEngine::MultiScalarMul, apart so that tests and benchmarks can run
// each at every size.
#pragma once

#include <cstddef>
#include <span>

#include "core/crypto/vartime/point.h"
#include "core/crypto/vartime/scalar_vartime.h"

namespace urna::crypto::vartime::internal {

// Straus with width-5 non-adjacent forms: one chain of doublings for all points, one addition per
// point and six bits. 1.3 KB a point.
Point Straus(std::span<const PublicScalar> scalars, std::span<const Point> points);

// Pippenger with signed digits: per window of bits, points are gathered in buckets by their digit.
Point Pippenger(std::span<const PublicScalar> scalars, std::span<const Point> points);

}  // namespace urna::crypto::vartime::internal
