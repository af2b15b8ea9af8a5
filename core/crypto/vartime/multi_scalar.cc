#include "core/crypto/vartime/multi_scalar.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/crypto/vartime/engine.h"
#include "core/crypto/vartime/multi_scalar_internal.h"
#include "core/crypto/vartime/pippenger.h"

namespace urna::crypto::vartime {
namespace {

// Where Pippenger overtakes Straus, and how many points it takes at a time: more would only push
// the buckets out of the cache.
constexpr size_t kFewPoints = 120;
constexpr size_t kChunk = size_t{1} << 17;

}  // namespace

Point MultiScalarMul(std::span<const PublicScalar> scalars, std::span<const Point> points) {
  URNA_CHECK(scalars.size() == points.size(), "MultiScalarMul: as many scalars as points");
  return CurrentEngine().MultiScalarMul(scalars, points);
}

void AddToSums(std::span<const Point> points, std::span<const uint32_t> places,
               std::span<Point> sums) {
  URNA_CHECK(points.size() == places.size(), "AddToSums: as many places as points");
  const bool inside = std::all_of(places.begin(), places.end(),
                                  [&](uint32_t place) { return place < sums.size(); });
  URNA_CHECK(inside, "AddToSums: a place behind the last sum");
  CurrentEngine().AddToSums(points, places, sums);
}

void PortableEngine::AddToSums(std::span<const Point> points, std::span<const uint32_t> places,
                               std::span<Point> sums) const {
  for (size_t i = 0; i < points.size(); ++i) sums[places[i]] = sums[places[i]] + points[i];
}

Point PortableEngine::MultiScalarMul(std::span<const PublicScalar> scalars,
                                     std::span<const Point> points) const {
  if (points.size() < kFewPoints) return internal::Straus(scalars, points);
  Point sum;
  for (size_t begin = 0; begin < points.size(); begin += kChunk) {
    const size_t size = std::min(kChunk, points.size() - begin);
    sum = sum + internal::Pippenger(scalars.subspan(begin, size), points.subspan(begin, size));
  }
  return sum;
}

FixedBaseTable::FixedBaseTable(const Point& base) : base_(base) {
  std::vector<Extended> multiples;
  multiples.reserve(kDigits * kMultiples);
  Extended unit = base.coordinates();  // 2^(6·digit)·base
  for (int digit = 0; digit < kDigits; ++digit) {
    const ProjectiveNiels step = ToNiels(unit);
    Extended multiple = unit;
    for (int m = 1; m < kMultiples; ++m) {
      multiples.push_back(multiple);
      multiple = ToExtended(AddNiels(multiple, step));
    }
    multiples.push_back(multiple);                           // 32·unit
    unit = ToExtended(DoublePoint(ToProjective(multiple)));  // 64·unit
  }
  table_ = internal::ToAffineNiels(multiples);
}

// Signed digits as in pippenger.cc, with a carry from each to the next. The top one has the bits
// from 246 on: at most 2^5 with its carry, as magnitudes stay below 2^251 + 2^124.
Point FixedBaseTable::Mul(const PublicScalar& scalar) const {
  const SignedMagnitude s(scalar);
  Extended sum = kIdentity;
  int carry = 0;
  for (int digit = 0; digit < kDigits; ++digit) {
    const int bit = kDigitBits * digit;
    const int limb = bit / 64;
    const int shift = bit % 64;
    uint64_t field = s.magnitude[limb] >> shift;
    if (shift > 64 - kDigitBits && limb < 3) field |= s.magnitude[limb + 1] << (64 - shift);
    int value = static_cast<int>(field % (1 << kDigitBits)) + carry;
    carry = value > kMultiples ? 1 : 0;
    value -= carry << kDigitBits;
    if (value == 0) continue;
    const bool negative = (value < 0) != s.negative;
    const AffineNiels& multiple = table_[kMultiples * digit + (value < 0 ? -value : value) - 1];
    sum = ToExtended(negative ? AddNiels<true>(sum, multiple) : AddNiels(sum, multiple));
  }
  return Point(sum);
}

}  // namespace urna::crypto::vartime
