// Arithmetic modulo p = 2^255 - 19 in the lanes of a vector, one element a lane, with five limbs of
// 51 bits: for processors whose vectors multiply 52 by 52 bits (vpmadd52: AVX-512 IFMA).
//
// W is a vector of 64-bit words, see lanes_words.h. Public data only, never for secrets.
//
//   Every limb of a Fe51<W, K> is below K·B, B = 2^51 + 2^13. (As in field51.h.)
//
//   Add:   Fe51<J> + Fe51<K> = Fe51<J+K>, limb by limb.
//   Sub:   Fe51<J> - Fe51<K> = Fe51<J+K+1>: limb by limb with (K+1)·p added, whose limbs are
//          (K+1)(2^51-19) and (K+1)(2^51-1); none goes below zero, since
//          (K+1)(2^51-19) - K(2^51+2^13) = 2^51 - 19(K+1) - 2^13·K > 0 for K <= 64.
//   Mul:   see there. vpmadd52 takes the low 52 bits of a word and 2·B is more: everything but a
//          Fe51<1> is carried first.
#pragma once

#include <cstdint>

#include "core/crypto/vartime/field51.h"

namespace urna::crypto::vartime::lanes {

template <class W, int K>
struct Fe51 {
  static_assert(1 <= K && K <= 64);
  W v[5];

  // Fe51<K> is a Fe51<J> for every J >= K.
  template <int J>
  requires(J > K) operator Fe51<W, J>() const { return Fe51<W, J>{{v[0], v[1], v[2], v[3], v[4]}}; }
};

template <class W, int J, int K>
inline Fe51<W, J + K> Add(const Fe51<W, J>& a, const Fe51<W, K>& b) {
  Fe51<W, J + K> r;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) r.v[i] = a.v[i] + b.v[i];
  return r;
}

template <class W, int J, int K>
inline Fe51<W, J + K + 1> Sub(const Fe51<W, J>& a, const Fe51<W, K>& b) {
  const W first = W::Broadcast((K + 1) * (kLimbMask - 18));
  const W other = W::Broadcast((K + 1) * kLimbMask);
  Fe51<W, J + K + 1> r;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) r.v[i] = a.v[i] + ((i == 0 ? first : other) - b.v[i]);
  return r;
}

template <class W, int K>
inline Fe51<W, K + 1> Neg(const Fe51<W, K>& a) {
  const W first = W::Broadcast((K + 1) * (kLimbMask - 18));
  const W other = W::Broadcast((K + 1) * kLimbMask);
  Fe51<W, K + 1> r;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) r.v[i] = (i == 0 ? first : other) - a.v[i];
  return r;
}

namespace internal51 {

// All carries at once, 19 of the one that comes back from the top. Limbs below 2^59.5 carry less
// than 2^8.5, 19 of them less than 2^12.8: every limb ends below 2^51 + 2^13.
template <class W>
inline Fe51<W, 1> CarryLimbs(const W* a) {
  const W mask = W::Broadcast(kLimbMask);
  Fe51<W, 1> r;
  r.v[0] = W::MaddLow52(a[0] & mask, a[4].template Shr<51>(), W::Broadcast(19));
#pragma GCC unroll 5
  for (int i = 1; i < 5; ++i) r.v[i] = (a[i] & mask) + a[i - 1].template Shr<51>();
  return r;
}

// Columns of a product: a_i·b_j = 2^52·hi + lo, where lo belongs to column i+j and 2·hi to i+j+1,
// since 2^52 = 2·2^51.
//   lo: at most 5 of them below 2^52 in a column;
//   hi: below B²/2^52 < 2^50·(1 + 2^-36), at most 5 in a column, twice: below 2.6·2^52;
//   so a column is below 7.6·2^52 < 2^55, 19 times column k+5 below 2^59.3, their sum below 2^59.4.
template <class W>
inline Fe51<W, 1> Fold(const W* column) {
  W r[5];
#pragma GCC unroll 5
  for (int k = 0; k < 5; ++k) {
    const W& high = column[k + 5];
    r[k] = (column[k] + high) + (high.template Shl<1>() + high.template Shl<4>());  // 19·x
  }
  return CarryLimbs<W>(r);
}

// First the high halves, whose sums are doubled; the low halves are added to that.
template <class W>
inline Fe51<W, 1> MulWithin(const W* a, const W* b) {
  W column[10];
#pragma GCC unroll 10
  for (int k = 0; k < 10; ++k) column[k] = W::Broadcast(0);
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) {
#pragma GCC unroll 5
    for (int j = 0; j < 5; ++j) {
      column[i + j + 1] = W::MaddHigh52(column[i + j + 1], a[i], b[j]);
    }
  }
#pragma GCC unroll 10
  for (int k = 1; k < 10; ++k) column[k] = column[k] + column[k];
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) {
#pragma GCC unroll 5
    for (int j = 0; j < 5; ++j) column[i + j] = W::MaddLow52(column[i + j], a[i], b[j]);
  }
  return Fold<W>(column);
}

// The columns of MulWithin(a, a), with products of different limbs once:
// 2·(2·Σ hi + Σ lo) of those, and of squares of a limb 2·hi + lo.
template <class W>
inline Fe51<W, 1> SquareWithin(const W* a) {
  W column[10];
#pragma GCC unroll 10
  for (int k = 0; k < 10; ++k) column[k] = W::Broadcast(0);
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) {
#pragma GCC unroll 5
    for (int j = i + 1; j < 5; ++j) {
      column[i + j + 1] = W::MaddHigh52(column[i + j + 1], a[i], a[j]);
    }
  }
#pragma GCC unroll 10
  for (int k = 2; k < 9; ++k) column[k] = column[k] + column[k];
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) {
    column[2 * i + 1] = W::MaddHigh52(column[2 * i + 1], a[i], a[i]);
#pragma GCC unroll 5
    for (int j = i + 1; j < 5; ++j) column[i + j] = W::MaddLow52(column[i + j], a[i], a[j]);
  }
#pragma GCC unroll 10
  for (int k = 1; k < 10; ++k) column[k] = column[k] + column[k];
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) column[2 * i] = W::MaddLow52(column[2 * i], a[i], a[i]);
  return Fold<W>(column);
}

}  // namespace internal51

// A limb below K·B carries at most K <= 64.
template <class W, int K>
inline Fe51<W, 1> Carry(const Fe51<W, K>& a) {
  return internal51::CarryLimbs<W>(a.v);
}

template <class W, int J, int K>
inline Fe51<W, 1> Mul(const Fe51<W, J>& a, const Fe51<W, K>& b) {
  if constexpr (J > 1) {
    return Mul(Carry(a), b);
  } else if constexpr (K > 1) {
    return Mul(a, Carry(b));
  } else {
    return internal51::MulWithin<W>(a.v, b.v);
  }
}

template <class W, int K>
inline Fe51<W, 1> Square(const Fe51<W, K>& a) {
  if constexpr (K > 1) {
    return Square(Carry(a));
  } else {
    return internal51::SquareWithin<W>(a.v);
  }
}

// How the sources that work with any field name this one.
template <class W>
struct Field51 {
  using Words = W;
  static constexpr bool kProductsOf52Bits = true;
  template <int K>
  using Fe = Fe51<W, K>;

  // What several products should be given: a sum is carried once for all of them.
  template <int K>
  static Fe<1> Factor(const Fe<K>& a) {
    return Carry(a);
  }

  // From limbs of 51 bits, each below 2^51 + 2^13.
  static Fe<1> FromPacked(const W* packed) { return Take<1>(packed); }
  // From limbs of 51 bits, each below 2^52.
  static Fe<2> FromPackedTwice(const W* packed) { return Take<2>(packed); }
  // To limbs of 51 bits, each below 2^51 + 2^13.
  static void ToPacked(const Fe<1>& a, W* packed) {
    for (int i = 0; i < 5; ++i) packed[i] = a.v[i];
  }

 private:
  template <int K>
  static Fe<K> Take(const W* packed) {
    return {{packed[0], packed[1], packed[2], packed[3], packed[4]}};
  }
};

}  // namespace urna::crypto::vartime::lanes
