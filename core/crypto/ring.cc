#include "core/crypto/ring.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/hash_to_group.h"
#include "core/crypto/transcript.h"

namespace urna::crypto {
namespace {

RingBases MakeRingBases() {
  RingBases out;
  out.w = HashToGroup("ring base W", {});
  for (uint8_t j = 0; j < kMaxRingDigits; ++j) {
    for (uint8_t i = 0; i < kRingRadix; ++i) {
      const std::array<uint8_t, 2> place = {j, i};
      out.u[j][i] = HashToGroup("ring base U", place);
      out.v[j][i] = HashToGroup("ring base V", place);
    }
  }
  return out;
}

}  // namespace

Ring::Ring(std::vector<RistrettoPoint> points, size_t digits)
    : points_(std::move(points)), digits_(digits), hash_(RingHash(EncodePoints(points_))) {}

Hash32 RingHash(ByteSpan points) { return Transcript("ring").Field("points", points).Hash32(); }

absl::StatusOr<Ring> Ring::Create(std::vector<RistrettoPoint> points) {
  size_t digits = 0;
  size_t size = 1;
  while (size < points.size()) {
    size *= kRingRadix;
    ++digits;
  }
  if (size != points.size() || digits < kMinRingDigits || digits > kMaxRingDigits) {
    return absl::InvalidArgumentError(
        absl::StrCat("a ring has 64, 256, 1024 or 4096 points, not ", points.size()));
  }
  // The identity has the lowest encoding of all.
  if (points.front().IsIdentity()) {
    return absl::InvalidArgumentError("ring: the identity is not allowed as a point");
  }
  for (size_t k = 1; k < points.size(); ++k) {
    if (points[k - 1] < points[k]) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("ring: point ", k, points[k - 1] == points[k] ? " stands twice" : " is lower",
                     ", points are strictly ascending"));
  }
  return Ring(std::move(points), digits);
}

absl::StatusOr<Ring> Ring::Decode(ByteSpan points) {
  absl::StatusOr<std::vector<RistrettoPoint>> decoded = DecodePoints(points);
  if (!decoded.ok()) return Annotate(decoded.status(), "ring");
  return Create(*std::move(decoded));
}

const RingBases& TheRingBases() {
  static const RingBases bases = MakeRingBases();
  return bases;
}

}  // namespace urna::crypto
