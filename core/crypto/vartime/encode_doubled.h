// The encodings of many points with a single inversion, as long as it is of their doubles.
//
// An encoding (RFC 9496 §4.3.2) wants an inverse square root of its own, 250 squarings that no two
// points can share. A double 2·P has one that P's coordinates give away up to an inverse, and
// inverses can be had many at a time (Montgomery's trick): a tenth of the work. Whoever makes
// points as multiples k·G halves k modulo ℓ first. (The formulas are M. Hamburg's; H. de Valence
// uses them in curve25519-dalek, `double_and_compress_batch`.)
//
// NOT constant-time, for public points alone.
#pragma once

#include <span>
#include <vector>

#include "core/crypto/vartime/point.h"
#include "core/crypto/vartime/scalar_vartime.h"

namespace urna::crypto::vartime {

// The encoding of points[i] + points[i], for every i. One thread; some hundred points at a time are
// enough.
std::vector<Encoding> EncodeDoubled(std::span<const Point> points);

// 1/2 modulo ℓ: k·P is the double of (k·HalfScalar())·P.
PublicScalar HalfScalar();

}  // namespace urna::crypto::vartime
