// Arithmetic modulo p = 2^255 - 19 in the lanes of a vector, one element a lane, with limbs of 26
// and 25 bits: for processors whose vectors multiply 32 by 32 bits (vpmuludq: AVX2, AVX-512F).
//
// W is a vector of 64-bit words, see lanes_words.h. Public data only, never for secrets.
//
// An element is Σ v[i]·2^⌈25.5·i⌉: limbs of 26 bits at even, of 25 bits at odd positions.
//
//   Every limb of a Fe25<W, K> is below K·B_i, B_i = 2^26 + 2^15 for even i, 2^25 + 2^15 for odd i.
//
//   Add:   Fe25<J> + Fe25<K> = Fe25<J+K>, limb by limb.
//   Sub:   Fe25<J> - Fe25<K> = Fe25<J+K+1>: limb by limb with (K+1)·p added, whose limbs are
//          (K+1)(2^26-19), (K+1)(2^25-1), (K+1)(2^26-1), …; none goes below zero, since
//          (K+1)(2^25-1) - K(2^25+2^15) = 2^25 - 1 - K(2^15+1) > 0 for K <= 64, and even limbs
//          leave twice that.
//   Mul:   see there. It carries an operand first if the types say that it must.
#pragma once

#include <cstdint>

#include "core/crypto/vartime/field51.h"

namespace urna::crypto::vartime::lanes {

template <class W, int K>
struct Fe25 {
  static_assert(1 <= K && K <= 64);
  W v[10];

  // Fe25<K> is a Fe25<J> for every J >= K.
  template <int J>
  requires(J > K) operator Fe25<W, J>() const {
    Fe25<W, J> r;
    for (int i = 0; i < 10; ++i) r.v[i] = v[i];
    return r;
  }
};

inline constexpr uint64_t kMask26 = (uint64_t{1} << 26) - 1;
inline constexpr uint64_t kMask25 = (uint64_t{1} << 25) - 1;

template <class W, int J, int K>
inline Fe25<W, J + K> Add(const Fe25<W, J>& a, const Fe25<W, K>& b) {
  Fe25<W, J + K> r;
#pragma GCC unroll 10
  for (int i = 0; i < 10; ++i) r.v[i] = a.v[i] + b.v[i];
  return r;
}

template <class W, int J, int K>
inline Fe25<W, J + K + 1> Sub(const Fe25<W, J>& a, const Fe25<W, K>& b) {
  const W first = W::Broadcast((K + 1) * (kMask26 - 18));
  const W even = W::Broadcast((K + 1) * kMask26);
  const W odd = W::Broadcast((K + 1) * kMask25);
  Fe25<W, J + K + 1> r;
#pragma GCC unroll 10
  for (int i = 0; i < 10; ++i) {
    r.v[i] = a.v[i] + ((i == 0 ? first : i % 2 == 0 ? even : odd) - b.v[i]);
  }
  return r;
}

template <class W, int K>
inline Fe25<W, K + 1> Neg(const Fe25<W, K>& a) {
  const W first = W::Broadcast((K + 1) * (kMask26 - 18));
  const W even = W::Broadcast((K + 1) * kMask26);
  const W odd = W::Broadcast((K + 1) * kMask25);
  Fe25<W, K + 1> r;
#pragma GCC unroll 10
  for (int i = 0; i < 10; ++i) r.v[i] = (i == 0 ? first : i % 2 == 0 ? even : odd) - a.v[i];
  return r;
}

// All carries at once. A limb below K·B_i carries at most K into the next and limb 9 at most 19·K
// into limb 0: every limb ends below 2^26 or 2^25 plus 19·64 < 2^15.
template <class W, int K>
inline Fe25<W, 1> Carry(const Fe25<W, K>& a) {
  const W even = W::Broadcast(kMask26);
  const W odd = W::Broadcast(kMask25);
  Fe25<W, 1> r;
  r.v[0] = (a.v[0] & even) + W::Mul32(a.v[9].template Shr<25>(), W::Broadcast(19));
#pragma GCC unroll 10
  for (int i = 1; i < 10; ++i) {
    r.v[i] = i % 2 == 0 ? (a.v[i] & even) + a.v[i - 1].template Shr<25>()
                        : (a.v[i] & odd) + a.v[i - 1].template Shr<26>();
  }
  return r;
}

namespace internal25 {

// Moves what a column has above its bits to the next.
template <class W, int kFrom>
inline void Pass(W* h) {
  constexpr int kBits = kFrom % 2 == 0 ? 26 : 25;
  h[kFrom + 1] = h[kFrom + 1] + h[kFrom].template Shr<kBits>();
  h[kFrom] = h[kFrom] & W::Broadcast(kFrom % 2 == 0 ? kMask26 : kMask25);
}

// The ten columns of a product, each below 2^64 - 2^39, to a Fe25<1>; two chains side by side:
//   0→1, 1→2, 2→3, 3→4, 4→5 and 4→5, 5→6, 6→7, 7→8, 8→9, then 9→0 and 0→1.
// A carry out of a column is at most 2^64/2^25 = 2^39, so that nothing overflows on the way.
// Column 9 has no product with a factor 19 and is below 32·20·2^50·(1 + 2^-9) + 2^38 < 2^59.4: its
// carry is below 2^34.4, 19 of them below 2^38.7; what then leaves limb 0 for limb 1 is below
// 2^12.8. Limb 4 holds 26 bits and a carry of 2^39 when it passes on the second time: 2^13.1 to
// limb 5. Every other limb ends masked. So limbs 1 and 5 end below 2^25 + 2^14.
template <class W>
inline Fe25<W, 1> Reduce(W* h) {
  Pass<W, 0>(h);
  Pass<W, 4>(h);
  Pass<W, 1>(h);
  Pass<W, 5>(h);
  Pass<W, 2>(h);
  Pass<W, 6>(h);
  Pass<W, 3>(h);
  Pass<W, 7>(h);
  Pass<W, 4>(h);
  Pass<W, 8>(h);
  const W top = h[9].template Shr<25>();
  h[9] = h[9] & W::Broadcast(kMask25);
  h[0] = h[0] + (top + (top.template Shl<1>() + top.template Shl<4>()));
  Pass<W, 0>(h);
  Fe25<W, 1> r;
#pragma GCC unroll 10
  for (int i = 0; i < 10; ++i) r.v[i] = h[i];
  return r;
}

// Schoolbook: column k is Σ_{i+j=k} a_i·b_j + 19·Σ_{i+j=k+10} a_i·b_j, each product of two odd
// positions twice (the bits that ⌈25.5 i⌉ + ⌈25.5 j⌉ has above ⌈25.5 (i+j)⌉).
//
// vpmuludq takes the low 32 bits: J <= 32 leaves 2·a_i < 2^32 (odd i) and a_i < 2^32; K <= 3 leaves
// 19·b_j < 57·(2^26 + 2^15) < 2^32. In units of J·K·2^50·(1 + 2^-9) column 0 is at most
// 4 + 19·(4·4 + 5·2) = 498, columns 1 to 9 less; with J·K <= 32 that is below
// 15,936·2^50·(1 + 2^-9) < 0.975·2^64.
template <class W>
inline Fe25<W, 1> MulWithin(const W* a, const W* b) {
  const W nineteen = W::Broadcast(19);
  W a2[10], b19[10], h[10];
#pragma GCC unroll 10
  for (int i = 1; i < 10; i += 2) a2[i] = a[i] + a[i];
#pragma GCC unroll 10
  for (int j = 1; j < 10; ++j) b19[j] = W::Mul32(b[j], nineteen);
#pragma GCC unroll 10
  for (int k = 0; k < 10; ++k) {
    W sum = W::Mul32(a[0], b[k]);
#pragma GCC unroll 10
    for (int i = 1; i < 10; ++i) {
      const int j = i <= k ? k - i : k + 10 - i;
      const W& left = i % 2 == 1 && j % 2 == 1 ? a2[i] : a[i];
      sum = sum + W::Mul32(left, i <= k ? b[j] : b19[j]);
    }
    h[k] = sum;
  }
  return Reduce<W>(h);
}

// The columns of MulWithin(a, a) with equal products taken once: K <= 3 for the factor 38 of odd
// and 19 of even limbs.
template <class W>
inline Fe25<W, 1> SquareWithin(const W* a) {
  const W nineteen = W::Broadcast(19);
  W a2[10], a4[10], a19[10], a38[10], h[10];
#pragma GCC unroll 10
  for (int i = 0; i < 10; ++i) a2[i] = a[i] + a[i];
#pragma GCC unroll 10
  for (int i = 1; i < 10; i += 2) a4[i] = a2[i] + a2[i];
#pragma GCC unroll 10
  for (int i = 5; i < 10; ++i) {
    a19[i] = W::Mul32(a[i], nineteen);
    a38[i] = a19[i] + a19[i];
  }
#pragma GCC unroll 10
  for (int k = 0; k < 10; ++k) {
    W sum = W::Broadcast(0);
    // i < j with i + j = k or k + 10: twice a product of different limbs.
#pragma GCC unroll 10
    for (int j = 1; j < 10; ++j) {
      const bool wraps = j > k;
      const int i = wraps ? k + 10 - j : k - j;
      if (i >= j) continue;
      const bool odd = i % 2 == 1 && j % 2 == 1;
      // The factor 19 on the larger position, which is at least 6 when it wraps.
      sum = sum + W::Mul32(odd ? a4[i] : a2[i], wraps ? a19[j] : a[j]);
    }
    // The squares: 2i = k or k + 10.
    if (k % 2 == 0) {
      const int low = k / 2;
      const int high = k / 2 + 5;
      sum = sum + W::Mul32(low % 2 == 1 ? a2[low] : a[low], a[low]);
      sum = sum + W::Mul32(a[high], high % 2 == 1 ? a38[high] : a19[high]);
    }
    h[k] = sum;
  }
  return Reduce<W>(h);
}

}  // namespace internal25

template <class W, int J, int K>
inline Fe25<W, 1> Mul(const Fe25<W, J>& a, const Fe25<W, K>& b) {
  if constexpr (K > 3 && J <= 3) {
    return Mul(b, a);
  } else if constexpr (K > 3 || J * K > 32) {
    return Mul(a, Carry(b));
  } else {
    return internal25::MulWithin<W>(a.v, b.v);
  }
}

template <class W, int K>
inline Fe25<W, 1> Square(const Fe25<W, K>& a) {
  if constexpr (K > 3) {
    return Square(Carry(a));
  } else {
    return internal25::SquareWithin<W>(a.v);
  }
}

// How the sources that work with any field name this one.
template <class W>
struct Field25 {
  using Words = W;
  static constexpr bool kProductsOf52Bits = false;
  template <int K>
  using Fe = Fe25<W, K>;

  // What several products should be given: sums can be multiplied as they are.
  template <int K>
  static const Fe<K>& Factor(const Fe<K>& a) {
    return a;
  }

  // From limbs of 51 bits, each below 2^51 + 2^41: below 2^25 + 2^15 above its lower 26 bits.
  static Fe<1> FromPacked(const W* packed) { return Split<1>(packed); }
  // From limbs of 51 bits, each below 2^52.
  static Fe<2> FromPackedTwice(const W* packed) { return Split<2>(packed); }
  // To limbs of 51 bits, each below 2^51 + 2^41. `a` must be a product, a square, a Carry or
  // FromPacked of one: their limbs are below 2^26 + 2^14 and 2^25 + 2^14 + 2.
  static void ToPacked(const Fe<1>& a, W* packed) {
#pragma GCC unroll 5
    for (int i = 0; i < 5; ++i) packed[i] = a.v[2 * i] + a.v[2 * i + 1].template Shl<26>();
  }

 private:
  template <int K>
  static Fe<K> Split(const W* packed) {
    const W low = W::Broadcast(kMask26);
    Fe<K> r;
#pragma GCC unroll 5
    for (int i = 0; i < 5; ++i) {
      r.v[2 * i] = packed[i] & low;
      r.v[2 * i + 1] = packed[i].template Shr<26>();
    }
    return r;
  }
};

}  // namespace urna::crypto::vartime::lanes
