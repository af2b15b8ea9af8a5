#include "core/crypto/vartime/point.h"

#include "absl/status/status.h"
#include "core/crypto/vartime/engine.h"

namespace urna::crypto::vartime {
namespace {

// What RFC 9496 §4.3.1 computes before its inverse square root.
struct DecodeStart {
  bool canonical;   // s is below p and not negative
  Field s;          // 0 if not canonical, which decodes quietly to the identity
  Field u1, u2;     // 1 - s², 1 + s²
  Field v, v_u2u2;  // -d·u1² - u2² and v·u2²
};

DecodeStart BeginDecode(std::span<const uint8_t, 32> bytes) {
  DecodeStart d;
  d.s = kFieldZero;
  d.canonical = (bytes[0] & 1) == 0 && FieldFromBytes(bytes, &d.s);
  const Field ss = Square(d.s);
  d.u1 = Carry(Sub(kFieldOne, ss));
  d.u2 = Carry(Add(kFieldOne, ss));
  const Field u2u2 = Square(d.u2);
  d.v = Carry(Neg(Add(Mul(kD, Square(d.u1)), u2u2)));
  d.v_u2u2 = Mul(d.v, u2u2);
  return d;
}

// The rest, given 1/sqrt(v·u2²). False if the bytes encode nothing.
bool FinishDecode(const DecodeStart& d, const SqrtRatio& inverse_sqrt, Point* out) {
  const Field den_x = Mul(inverse_sqrt.root, d.u2);
  const Field den_y = Mul(Mul(inverse_sqrt.root, den_x), d.v);
  const Field x = Absolute(Mul(Add(d.s, d.s), den_x));
  const Field y = Mul(d.u1, den_y);
  const Field t = Mul(x, y);
  if (!d.canonical || !inverse_sqrt.was_square || IsNegative(t) || IsZero(y)) return false;
  *out = Point(Extended{x, y, kFieldOne, t});
  return true;
}

}  // namespace

absl::StatusOr<Point> Point::Decode(std::span<const uint8_t, 32> bytes) {
  Point point;
  const DecodeStart start = BeginDecode(bytes);
  if (!start.canonical || !FinishDecode(start, InverseSqrt(start.v_u2u2), &point)) {
    return absl::InvalidArgumentError("point: not a canonical ristretto255 encoding");
  }
  return point;
}

Encoding Point::Encode() const {
  const Field u1 = Mul(Add(p_.z, p_.y), Sub(p_.z, p_.y));
  const Field u2 = Mul(p_.x, p_.y);
  const Field inverse_sqrt = InverseSqrt(Mul(u1, Square(u2))).root;
  const Field den1 = Mul(inverse_sqrt, u1);
  const Field den2 = Mul(inverse_sqrt, u2);
  const Field z_inv = Mul(Mul(den1, den2), p_.t);
  Field x = p_.x;
  Field y = p_.y;
  Field den_inv = den2;
  if (IsNegative(Mul(p_.t, z_inv))) {
    x = Mul(p_.y, kSqrtM1);
    y = Mul(p_.x, kSqrtM1);
    den_inv = Mul(den1, kInvSqrtAMinusD);
  }
  if (IsNegative(Mul(x, z_inv))) y = Carry(Neg(y));
  return FieldToBytes(Absolute(Mul(den_inv, Sub(p_.z, y))));
}

// The four curve points that stand for the identity are (0, ±1) and (±i, 0).
bool Point::IsIdentity() const { return IsZero(p_.x) || IsZero(p_.y); }

bool operator==(const Point& a, const Point& b) {
  const Extended& p = a.p_;
  const Extended& q = b.p_;
  return Equal(Mul(p.x, q.y), Mul(p.y, q.x)) || Equal(Mul(p.y, q.y), Mul(p.x, q.x));
}

Point operator+(const Point& a, const Point& b) { return Point(AddExtended(a.p_, b.p_)); }
Point operator-(const Point& a, const Point& b) {
  return Point(ToExtended(AddNiels<true>(a.p_, ToNiels(b.p_))));
}
Point Point::operator-() const { return Point(Negate(p_)); }
Point Point::Doubled() const { return Point(ToExtended(DoublePoint(ToProjective(p_)))); }

DecodedBatch DecodeBatch(std::span<const Encoding> encodings) {
  DecodedBatch batch;
  batch.points.resize(encodings.size());
  CurrentEngine().Decode(encodings, batch.points, &batch.failed);
  return batch;
}

void PortableEngine::Decode(std::span<const Encoding> encodings, std::span<Point> points,
                            std::vector<size_t>* failed) const {
  const size_t count = encodings.size();
  size_t i = 0;
  for (; i + 1 < count; i += 2) {
    const DecodeStart start0 = BeginDecode(encodings[i]);
    const DecodeStart start1 = BeginDecode(encodings[i + 1]);
    SqrtRatio sqrt0;
    SqrtRatio sqrt1;
    InverseSqrtPair(start0.v_u2u2, start1.v_u2u2, &sqrt0, &sqrt1);
    if (!FinishDecode(start0, sqrt0, &points[i])) failed->push_back(i);
    if (!FinishDecode(start1, sqrt1, &points[i + 1])) failed->push_back(i + 1);
  }
  if (i < count) {
    const DecodeStart start = BeginDecode(encodings[i]);
    if (!FinishDecode(start, InverseSqrt(start.v_u2u2), &points[i])) failed->push_back(i);
  }
}

}  // namespace urna::crypto::vartime
