// The formulas on edwards25519, -x² + y² = 1 + d·x²·y², behind the ristretto points of point.h.
// Hisil, Wong, Carter, Dawson, 'Twisted Edwards curves revisited' (2008), §3: complete for a = -1,
// so no input needs a case of its own. Costs are in multiplications M and squarings S.
//
// The K in Fe<K> (field51.h) shows that no sum needs a carry before it is multiplied.
#pragma once

#include "core/crypto/vartime/constants.h"
#include "core/crypto/vartime/field51.h"

namespace urna::crypto::vartime {

// (X : Y : Z), x = X/Z, y = Y/Z: enough to be doubled.
struct Projective {
  Field x, y, z;
};

// (X : Y : Z : T) with T = X·Y/Z.
struct Extended {
  Field x, y, z, t;
};

// ((E : G), (H : F)): x = E/G, y = H/F. What an addition leaves before its last multiplications.
struct Completed {
  Fe<4> e;
  Fe<5> f;
  Fe<4> g;
  Fe<4> h;
};

// An affine point prepared for being added often: y+x, y-x, 2d·x·y.
struct AffineNiels {
  Field y_plus_x, y_minus_x, t2d;
};

// An extended point prepared: Y+X, Y-X, 2Z, 2d·T.
struct ProjectiveNiels {
  Field y_plus_x, y_minus_x, z2, t2d;
};

inline constexpr Extended kIdentity{kFieldZero, kFieldOne, kFieldOne, kFieldZero};
inline constexpr Extended kBase{kBaseX, kBaseY, kFieldOne, kBaseXY};

// 4 M
inline Extended ToExtended(const Completed& c) {
  return {Mul(c.e, c.f), Mul(c.g, c.h), Mul(c.f, c.g), Mul(c.e, c.h)};
}
// 3 M
inline Projective ToProjective(const Completed& c) {
  return {Mul(c.e, c.f), Mul(c.g, c.h), Mul(c.f, c.g)};
}
inline Projective ToProjective(const Extended& p) { return {p.x, p.y, p.z}; }

// 1 M
inline ProjectiveNiels ToNiels(const Extended& p) {
  return {Carry(Add(p.y, p.x)), Carry(Sub(p.y, p.x)), Carry(Add(p.z, p.z)), Mul(p.t, kTwoD)};
}
// 1 M; x and y affine, xy their product.
inline AffineNiels ToAffineNiels(const Field& x, const Field& y, const Field& xy) {
  return {Carry(Add(y, x)), Carry(Sub(y, x)), Mul(xy, kTwoD)};
}

inline AffineNiels Negate(const AffineNiels& n) {
  return {n.y_minus_x, n.y_plus_x, Carry(Neg(n.t2d))};
}
inline Extended Negate(const Extended& p) { return {Carry(Neg(p.x)), p.y, p.z, Carry(Neg(p.t))}; }

// The common half of all additions from A = (Y1-X1)(Y2-X2), B = (Y1+X1)(Y2+X2), C = 2d·T1·T2 and
// D = 2·Z1·Z2; subtracting swaps the factors of A and B at the caller, and F and G here.
template <bool kSubtract>
inline Completed CompleteSum(const Field& a, const Field& b, const Field& c, const Fe<2>& d) {
  const Fe<3> e = Sub(b, a);
  const Fe<2> h = Add(b, a);
  const Fe<4> d_minus_c = Sub(d, c);
  const Fe<3> d_plus_c = Add(d, c);
  if constexpr (kSubtract) {
    return {e, d_plus_c, d_minus_c, h};
  } else {
    return {e, d_minus_c, d_plus_c, h};
  }
}

// p + q, or p - q: 3 M.
template <bool kSubtract = false>
inline Completed AddNiels(const Extended& p, const AffineNiels& q) {
  const Field a = Mul(Sub(p.y, p.x), kSubtract ? q.y_plus_x : q.y_minus_x);
  const Field b = Mul(Add(p.y, p.x), kSubtract ? q.y_minus_x : q.y_plus_x);
  return CompleteSum<kSubtract>(a, b, Mul(p.t, q.t2d), Add(p.z, p.z));
}

// p + q, or p - q: 4 M.
template <bool kSubtract = false>
inline Completed AddNiels(const Extended& p, const ProjectiveNiels& q) {
  const Field a = Mul(Sub(p.y, p.x), kSubtract ? q.y_plus_x : q.y_minus_x);
  const Field b = Mul(Add(p.y, p.x), kSubtract ? q.y_minus_x : q.y_plus_x);
  return CompleteSum<kSubtract>(a, b, Mul(p.t, q.t2d), Mul(p.z, q.z2));
}

// 9 M
inline Extended AddExtended(const Extended& p, const Extended& q) {
  return ToExtended(AddNiels(p, ToNiels(q)));
}

// 2·p, 4 S: A = X², B = Y², C = 2Z²; E = (X+Y)² - A - B, G = B - A, H = -A - B, F = G - C, of which
// all four may change sign together.
inline Completed DoublePoint(const Projective& p) {
  const Field xx = Square(p.x);
  const Field yy = Square(p.y);
  const Field zz = Square(p.z);
  const Field xy = Square(Add(p.x, p.y));
  const Fe<2> h = Add(xx, yy);
  const Fe<4> e = Sub(h, xy);
  const Fe<3> g = Sub(xx, yy);
  const Fe<5> f = Add(Add(zz, zz), g);
  return {e, f, g, h};
}

// (x, y) or (-x, y) itself, 1 M: with E = 2x, H = 2y and F = G = 2 as an addition to the identity
// leaves them, that is (4x : 4y : 4 : 4xy).
inline Extended FromNiels(const AffineNiels& n, bool negate) {
  const Field& plus = negate ? n.y_minus_x : n.y_plus_x;
  const Field& minus = negate ? n.y_plus_x : n.y_minus_x;
  const Fe<3> e = Sub(plus, minus);  // 2x
  const Fe<2> h = Add(plus, minus);  // 2y
  return {Carry(Add(e, e)), Carry(Add(h, h)), Field{{4, 0, 0, 0, 0}}, Mul(e, h)};
}

}  // namespace urna::crypto::vartime
