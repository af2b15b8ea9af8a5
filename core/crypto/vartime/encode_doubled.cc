#include "core/crypto/vartime/encode_doubled.h"

#include "core/base/check.h"

namespace urna::crypto::vartime {
namespace {

// A doubled point as DoublePoint leaves it, each coordinate carried: x = e/g, y = h/f, and of the
// extended coordinates X = e·f, Y = g·h, Z = f·g, T = e·h.
struct Doubled {
  Field e, f, g, h;
  Field eh;       // T
  Field fg;       // Z
  Field product;  // e·f·g·h, 0 exactly if the point is the identity
};

Doubled Double(const Point& point) {
  const Completed c = DoublePoint(ToProjective(point.coordinates()));
  Doubled d{Carry(c.e), Carry(c.f), Carry(c.g), Carry(c.h), Mul(c.e, c.h), Mul(c.f, c.g), {}};
  d.product = Mul(d.eh, d.fg);
  return d;
}

// RFC 9496 §4.3.2, where the inverse square root is that of (a - d) times a quotient of e, f, g and
// h, of which `inverse` = 1/(e·f·g·h) gives all that is needed.
Encoding Encode(const Doubled& d, const Field& inverse) {
  const Field z_inv = Mul(d.eh, inverse);
  const Field t_inv = Mul(d.fg, inverse);
  const bool rotate = IsNegative(Mul(d.eh, z_inv));  // T/Z
  const Field x1 = rotate ? d.h : d.e;
  const Field z1 = rotate ? Mul(d.g, kSqrtM1) : d.f;
  Field y1 = rotate ? Carry(Neg(d.e)) : d.h;
  if (IsNegative(Mul(Mul(z1, x1), z_inv))) y1 = Carry(Neg(y1));
  const Field magic = Mul(rotate ? kSqrtM1 : kInvSqrtAMinusD, Mul(y1, t_inv));
  return FieldToBytes(Absolute(Mul(Sub(z1, y1), magic)));
}

}  // namespace

std::vector<Encoding> EncodeDoubled(std::span<const Point> points) {
  std::vector<Doubled> doubled;
  std::vector<Field> before;  // the product of all products that are not 0 before this one
  doubled.reserve(points.size());
  before.reserve(points.size());
  Field all = kFieldOne;
  for (const Point& point : points) {
    doubled.push_back(Double(point));
    before.push_back(all);
    if (!IsZero(doubled.back().product)) all = Mul(all, doubled.back().product);
  }
  std::vector<Encoding> out(points.size());  // zeros, the identity's encoding
  Field inverse = Invert(all);               // of the products up to the one at hand
  for (size_t i = points.size(); i-- > 0;) {
    if (IsZero(doubled[i].product)) continue;
    out[i] = Encode(doubled[i], Mul(inverse, before[i]));
    inverse = Mul(inverse, doubled[i].product);
  }
  return out;
}

PublicScalar HalfScalar() {
  // (ℓ + 1)/2
  constexpr std::array<uint8_t, 32> kHalf = {0xf7, 0xe9, 0x7a, 0x2e, 0x8d, 0x31, 0x09, 0x2c,
                                             0x6b, 0xce, 0x7b, 0x51, 0xef, 0x7c, 0x6f, 0x0a,
                                             0,    0,    0,    0,    0,    0,    0,    0,
                                             0,    0,    0,    0,    0,    0,    0,    0x08};
  return PublicScalar::Reduce(std::span<const uint8_t, 32>(kHalf));
}

}  // namespace urna::crypto::vartime
