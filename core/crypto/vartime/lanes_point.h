// Ristretto decoding and point addition in the lanes of a vector, over any field F of
// lanes_field*.h (docs/protocol.md §1). The formulas are those of edwards.h and point.cc, a point a
// lane.
//
// Public data only, never for secrets.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/crypto/vartime/constants.h"
#include "core/crypto/vartime/field51.h"

namespace urna::crypto::vartime::lanes {

template <class F>
using Words = typename F::Words;
template <class F>
using Fe1 = typename F::template Fe<1>;

// The same element in all lanes; its limbs are below 2^51.
template <class F>
inline Fe1<F> Constant(const Field& value) {
  Words<F> packed[5];
  for (int i = 0; i < 5; ++i) packed[i] = Words<F>::Broadcast(value.v[i]);
  return F::FromPacked(packed);
}

// As many elements as are worked on side by side, so that one need not wait for another's products.
template <class F, size_t kSide>
struct Side {
  Fe1<F> v[kSide];
};

template <class F, size_t kSide>
inline Side<F, kSide> MulSide(const Side<F, kSide>& a, const Side<F, kSide>& b) {
  Side<F, kSide> r;
#pragma GCC unroll 4
  for (size_t i = 0; i < kSide; ++i) r.v[i] = Mul(a.v[i], b.v[i]);
  return r;
}

template <class F, size_t kSide>
inline Side<F, kSide> SquareTimes(Side<F, kSide> a, int times) {
  for (int n = 0; n < times; ++n) {
#pragma GCC unroll 4
    for (size_t i = 0; i < kSide; ++i) a.v[i] = Square(a.v[i]);
  }
  return a;
}

// a^(2^252 - 3), as in field51.cc.
template <class F, size_t kSide>
inline Side<F, kSide> Pow22523(const Side<F, kSide>& a) {
  using S = Side<F, kSide>;
  const S a2 = SquareTimes(a, 1);
  const S a9 = MulSide(a, SquareTimes(a2, 2));
  const S a11 = MulSide(a2, a9);
  const S e5 = MulSide(a9, SquareTimes(a11, 1));         // 2^5 - 1
  const S e10 = MulSide(SquareTimes(e5, 5), e5);         // 2^10 - 1
  const S e20 = MulSide(SquareTimes(e10, 10), e10);      // 2^20 - 1
  const S e40 = MulSide(SquareTimes(e20, 20), e20);      // 2^40 - 1
  const S e50 = MulSide(SquareTimes(e40, 10), e10);      // 2^50 - 1
  const S e100 = MulSide(SquareTimes(e50, 50), e50);     // 2^100 - 1
  const S e200 = MulSide(SquareTimes(e100, 100), e100);  // 2^200 - 1
  const S e250 = MulSide(SquareTimes(e200, 50), e50);    // 2^250 - 1
  return MulSide(SquareTimes(e250, 2), a);
}

// The representatives in 0..p-1, in five limbs of 51 bits.
template <class F>
struct Canonical {
  using W = Words<F>;
  W v[5];

  // As in field51.cc: the value of a Fe1 is below 2^255·(1 + 2^-9) < 2p, so at most one p has to
  // go: q = 1 exactly if value + 19 >= 2^255. Packed limbs are below 2^52, so no sum overflows.
  explicit Canonical(const Fe1<F>& a) {
    W packed[5];
    F::ToPacked(a, packed);
    const W mask = W::Broadcast(kLimbMask);
    W q = (packed[0] + W::Broadcast(19)).template Shr<51>();
    for (int i = 1; i < 5; ++i) q = (packed[i] + q).template Shr<51>();
    W carry = q + (q.template Shl<1>() + q.template Shl<4>());  // 19·q
    for (int i = 0; i < 5; ++i) {
      const W sum = packed[i] + carry;
      v[i] = sum & mask;
      carry = sum.template Shr<51>();  // out of limb 4: q, which is dropped with q·2^255
    }
  }

  // The lanes in which it is zero.
  unsigned Zero() const {
    return W::EqualLanes((v[0] | v[1]) | (v[2] | v[3]) | v[4], W::Broadcast(0));
  }
  // RFC 9496 §4.1: the lanes in which it is odd.
  unsigned Negative() const { return W::EqualLanes(v[0] & W::Broadcast(1), W::Broadcast(1)); }
};

template <class F, int J, int K>
inline unsigned EqualLanes(const typename F::template Fe<J>& a,
                           const typename F::template Fe<K>& b) {
  return Canonical<F>(Carry(Sub(a, b))).Zero();
}

template <class F, int K>
inline typename F::template Fe<K> Select(unsigned lanes, const typename F::template Fe<K>& a,
                                         const typename F::template Fe<K>& b) {
  constexpr int kLimbs = sizeof(a.v) / sizeof(a.v[0]);
  typename F::template Fe<K> r;
  for (int i = 0; i < kLimbs; ++i) r.v[i] = Words<F>::Select(lanes, a.v[i], b.v[i]);
  return r;
}

// What decoding keeps of s around the power.
template <class F>
struct DecodeStart {
  Fe1<F> s, u1, u2, v, w, w3, base;  // base: what is raised to (p-5)/8
};

// RFC 9496 §4.3.1 from s on, which must be canonical and not negative, up to the power.
template <class F>
inline DecodeStart<F> StartDecoding(const Fe1<F>& s) {
  const Fe1<F> one = Constant<F>(kFieldOne);
  const Fe1<F> ss = Square(s);
  DecodeStart<F> d;
  d.s = s;
  d.u1 = Carry(Sub(one, ss));
  d.u2 = Carry(Add(one, ss));
  const Fe1<F> u2u2 = Square(d.u2);
  d.v = Carry(Neg(Add(Mul(Constant<F>(kD), Square(d.u1)), u2u2)));
  // SQRT_RATIO_M1(1, w), w = v·u2²: the candidate is w³·(w^7)^((p-5)/8).
  d.w = Mul(d.v, u2u2);
  d.w3 = Mul(Square(d.w), d.w);
  d.base = Mul(Square(d.w3), d.w);
  return d;
}

// The rest of it: x, y and x·y of the point, one a lane. Returns the lanes that encode a point; the
// others hold nothing of use.
template <class F>
inline unsigned EndDecoding(const DecodeStart<F>& d, const Fe1<F>& power, Words<F>* xyt) {
  using W = Words<F>;
  const Fe1<F> one = Constant<F>(kFieldOne);
  // w·r² is among 1, -1, -i (the root then times i) and i (no square).
  const Fe1<F> r = Mul(d.w3, power);
  const Fe1<F> check = Mul(d.w, Square(r));
  const Fe1<F> i = Constant<F>(kSqrtM1);
  const unsigned correct = EqualLanes<F, 1, 1>(check, one);
  const unsigned flipped = Canonical<F>(Carry(Add(check, one))).Zero();
  // A root is also right with the other sign: x is made non-negative, and y and t take only its
  // square or both of them.
  const Fe1<F> root = Select<F, 1>(flipped, Mul(r, i), r);

  const Fe1<F> den_x = Mul(root, d.u2);
  const Fe1<F> den_y = Mul(Mul(root, den_x), d.v);
  const Fe1<F> signed_x = Mul(den_x, Add(d.s, d.s));
  const Fe1<F> x = Select<F, 1>(Canonical<F>(signed_x).Negative(), Carry(Neg(signed_x)), signed_x);
  const Canonical<F> y(Mul(d.u1, den_y));
  const Canonical<F> canonical_x(x);
  const Fe1<F> y_field = F::FromPacked(y.v);
  const Canonical<F> t(Mul(x, y_field));
  for (int limb = 0; limb < 5; ++limb) {
    xyt[limb] = canonical_x.v[limb];
    xyt[5 + limb] = y.v[limb];
    xyt[10 + limb] = t.v[limb];
  }
  constexpr unsigned kAll = (1u << W::kLanes) - 1;
  return (correct | flipped) & ~t.Negative() & ~y.Zero() & kAll;
}

// (X : Y : Z : T), T = X·Y/Z, one point a lane.
template <class F>
struct LaneExtended {
  Fe1<F> x, y, z, t;
};

template <class F>
inline LaneExtended<F> LaneIdentity() {
  const Fe1<F> zero = Constant<F>(kFieldZero);
  const Fe1<F> one = Constant<F>(kFieldOne);
  return {zero, one, one, zero};
}

// Y+X, Y-X, 2d·X·Y of affine points.
template <class F>
struct LaneNiels {
  Fe1<F> y_plus_x, y_minus_x;
  typename F::template Fe<2> t2d;
};

// From A = (Y1-X1)(Y2-X2), B = (Y1+X1)(Y2+X2), C = 2d·T1·T2, D = 2·Z1·Z2, 4 M.
template <class F, int K>
inline LaneExtended<F> Complete(const Fe1<F>& a, const Fe1<F>& b, const Fe1<F>& c,
                                const typename F::template Fe<K>& d) {
  const auto e = F::Factor(Sub(b, a));
  const auto h = F::Factor(Add(b, a));
  const auto f = F::Factor(Sub(d, c));
  const auto g = F::Factor(Add(d, c));
  return {Mul(f, e), Mul(g, h), Mul(f, g), Mul(e, h)};
}

// p + q, 7 M.
template <class F>
inline LaneExtended<F> AddNiels(const LaneExtended<F>& p, const LaneNiels<F>& q) {
  const Fe1<F> a = Mul(Sub(p.y, p.x), q.y_minus_x);
  const Fe1<F> b = Mul(Add(p.y, p.x), q.y_plus_x);
  const Fe1<F> c = Mul(p.t, q.t2d);
  return Complete<F, 2>(a, b, c, Add(p.z, p.z));
}

// p + q, 9 M.
template <class F>
inline LaneExtended<F> AddExtended(const LaneExtended<F>& p, const LaneExtended<F>& q) {
  const Fe1<F> a = Mul(Sub(p.y, p.x), Carry(Sub(q.y, q.x)));
  const Fe1<F> b = Mul(Add(p.y, p.x), Carry(Add(q.y, q.x)));
  const Fe1<F> c = Mul(Mul(p.t, q.t), Constant<F>(kTwoD));
  const Fe1<F> zz = Mul(p.z, q.z);
  return Complete<F, 2>(a, b, c, Add(zz, zz));
}

}  // namespace urna::crypto::vartime::lanes
