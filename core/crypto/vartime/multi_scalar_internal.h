// The two algorithms of PortableEngine::MultiScalarMul, apart so that tests and benchmarks can run
// each at every size.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/crypto/vartime/edwards.h"
#include "core/crypto/vartime/point.h"
#include "core/crypto/vartime/scalar_vartime.h"

namespace urna::crypto::vartime::internal {

// Straus with width-5 non-adjacent forms: one chain of doublings for all points, one addition per
// point and six bits. 1.3 KB a point.
Point Straus(std::span<const PublicScalar> scalars, std::span<const Point> points);

// Pippenger with signed digits: per window of bits, points are gathered in buckets by their digit.
Point Pippenger(std::span<const PublicScalar> scalars, std::span<const Point> points);

// The widths of Pippenger's windows for sorted-out lengths: see pippenger.cc. Lowest first; they
// add up to at least longest + 1, or to 252 if that is less.
std::vector<int> ChooseWindows(size_t total_bits, int longest);

// The points with Z = 1, made ready for addition; one inversion for all together.
std::vector<AffineNiels> ToAffineNiels(std::span<const Extended> points);

}  // namespace urna::crypto::vartime::internal
