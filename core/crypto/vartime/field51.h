// Arithmetic modulo p = 2^255 - 19 for public data, in five limbs of 51 bits (docs/protocol.md §1).
//
// NOT constant-time: comparisons and conversions branch on values. Never for secrets.
//
// An element is v0 + v1·2^51 + v2·2^102 + v3·2^153 + v4·2^204 modulo p. Limbs may exceed 51 bits;
// how far is part of the type, so that the compiler proves that no carry is lost:
//
//   every limb of a Fe<K> is below K·B, where B = 2^51 + 2^13.
//
//   Add:    Fe<J> + Fe<K> = Fe<J+K>, limb by limb, without carries.
//   Sub:    Fe<J> - Fe<K> = Fe<J+K+1>: (K+1)·p is added limb by limb, whose limbs are
//           (K+1)(2^51-19) and (K+1)(2^51-1). No limb goes below zero: the smallest surplus is
//           (K+1)(2^51-19) - K(2^51+2^13) = 2^51 - 19(K+1) - 2^13·K > 0 for K <= 7.
//   Mul:    Fe<J> × Fe<K> with J, K <= 7, so that all limbs are below 7·B < 2^54; see Mul.
//   Carry:  Fe<K> to Fe<1>, same value.
//
// Only the folder's own sources include this header: they are compiled with full optimisation.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace urna::crypto::vartime {

__extension__ typedef unsigned __int128 uint128;

inline constexpr uint64_t kLimbMask = (uint64_t{1} << 51) - 1;

// A limb bound of K·(2^51 + 2^13). K above 7 can be added to and carried, but not multiplied.
template <int K>
struct Fe {
  static_assert(1 <= K && K <= 256);
  uint64_t v[5];

  // Fe<K> is a Fe<J> for every J >= K.
  template <int J>
  requires(J > K) constexpr operator Fe<J>() const { return Fe<J>{{v[0], v[1], v[2], v[3], v[4]}}; }
};

using Field = Fe<1>;

inline constexpr Field kFieldZero{{0, 0, 0, 0, 0}};
inline constexpr Field kFieldOne{{1, 0, 0, 0, 0}};

template <int J, int K>
inline Fe<J + K> Add(const Fe<J>& a, const Fe<K>& b) {
  return Fe<J + K>{
      {a.v[0] + b.v[0], a.v[1] + b.v[1], a.v[2] + b.v[2], a.v[3] + b.v[3], a.v[4] + b.v[4]}};
}

template <int J, int K>
inline Fe<J + K + 1> Sub(const Fe<J>& a, const Fe<K>& b) {
  static_assert(K <= 7, "carry the subtrahend first");
  constexpr uint64_t kP0 = (K + 1) * (kLimbMask - 18);  // limb 0 of (K+1)·p
  constexpr uint64_t kPi = (K + 1) * kLimbMask;         // limbs 1 to 4
  return Fe<J + K + 1>{{a.v[0] + kP0 - b.v[0], a.v[1] + kPi - b.v[1], a.v[2] + kPi - b.v[2],
                        a.v[3] + kPi - b.v[3], a.v[4] + kPi - b.v[4]}};
}

template <int K>
inline Fe<K + 1> Neg(const Fe<K>& a) {
  static_assert(K <= 7, "carry first");
  constexpr uint64_t kP0 = (K + 1) * (kLimbMask - 18);
  constexpr uint64_t kPi = (K + 1) * kLimbMask;
  return Fe<K + 1>{{kP0 - a.v[0], kPi - a.v[1], kPi - a.v[2], kPi - a.v[3], kPi - a.v[4]}};
}

// All carries at once. A limb below 256·B carries at most 256, so every limb ends below
// 2^51 + 19·257 < 2^51 + 2^13: Fe<1>.
template <int K>
inline Field Carry(const Fe<K>& a) {
  static_assert(K <= 256);
  return Field{{(a.v[0] & kLimbMask) + 19 * (a.v[4] >> 51), (a.v[1] & kLimbMask) + (a.v[0] >> 51),
                (a.v[2] & kLimbMask) + (a.v[1] >> 51), (a.v[3] & kLimbMask) + (a.v[2] >> 51),
                (a.v[4] & kLimbMask) + (a.v[3] >> 51)}};
}

// The carry chain that Mul and Square share. The columns come from limbs below 2^54 =: L.
//   column j < 77·L² < 2^115 (column 0: one product and four times 19; later ones less), so none
//   overflows 128 bits; column 4 is five products, < 5·L² < 2^110.4.
//   carry out of column j: < 2^115 / 2^51 = 2^64 needs care, so exactly: column 0 < 77·2^108 <
//   2^114.3, and with the carry added columns 1..3 stay below 2^114.3, hence each carry < 2^63.3
//   and fits 64 bits; out of column 4 it is < 2^59.4, times 19 < 2^63.7, plus 51 bits of limb 0
//   < 2^64: fits.
//   The last carry, from limb 0 into limb 1, is < 2^64 / 2^51 = 2^13.
// So limbs 0, 2, 3, 4 end below 2^51 and limb 1 below 2^51 + 2^13 = B: Fe<1>.
inline Field CarryColumns(uint128 c0, uint128 c1, uint128 c2, uint128 c3, uint128 c4) {
  c1 += static_cast<uint64_t>(c0 >> 51);
  c2 += static_cast<uint64_t>(c1 >> 51);
  c3 += static_cast<uint64_t>(c2 >> 51);
  c4 += static_cast<uint64_t>(c3 >> 51);
  uint64_t r0 = static_cast<uint64_t>(c0) & kLimbMask;
  const uint64_t r1 = static_cast<uint64_t>(c1) & kLimbMask;
  r0 += static_cast<uint64_t>(c4 >> 51) * 19;
  return Field{{r0 & kLimbMask, r1 + (r0 >> 51), static_cast<uint64_t>(c2) & kLimbMask,
                static_cast<uint64_t>(c3) & kLimbMask, static_cast<uint64_t>(c4) & kLimbMask}};
}

inline uint128 Wide(uint64_t a, uint64_t b) { return static_cast<uint128>(a) * b; }

// Schoolbook; products of weight 2^255 and more come back times 19, since 2^255 = 19 modulo p.
// 19·limb < 19·2^54 < 2^59 fits.
template <int J, int K>
inline Field Mul(const Fe<J>& x, const Fe<K>& y) {
  static_assert(J <= 7 && K <= 7, "carry first");
  const uint64_t* a = x.v;
  const uint64_t* b = y.v;
  const uint64_t b1 = 19 * b[1], b2 = 19 * b[2], b3 = 19 * b[3], b4 = 19 * b[4];
  const uint128 c0 =
      Wide(a[0], b[0]) + Wide(a[4], b1) + Wide(a[3], b2) + Wide(a[2], b3) + Wide(a[1], b4);
  const uint128 c1 =
      Wide(a[1], b[0]) + Wide(a[0], b[1]) + Wide(a[4], b2) + Wide(a[3], b3) + Wide(a[2], b4);
  const uint128 c2 =
      Wide(a[2], b[0]) + Wide(a[1], b[1]) + Wide(a[0], b[2]) + Wide(a[4], b3) + Wide(a[3], b4);
  const uint128 c3 =
      Wide(a[3], b[0]) + Wide(a[2], b[1]) + Wide(a[1], b[2]) + Wide(a[0], b[3]) + Wide(a[4], b4);
  const uint128 c4 =
      Wide(a[4], b[0]) + Wide(a[3], b[1]) + Wide(a[2], b[2]) + Wide(a[1], b[3]) + Wide(a[0], b[4]);
  return CarryColumns(c0, c1, c2, c3, c4);
}

// As Mul with both factors equal; 38·limb < 2^60 fits, the columns are the same numbers.
template <int K>
inline Field Square(const Fe<K>& x) {
  static_assert(K <= 7, "carry first");
  const uint64_t* a = x.v;
  const uint64_t a0_2 = 2 * a[0], a1_2 = 2 * a[1], a3_19 = 19 * a[3], a4_19 = 19 * a[4];
  const uint64_t a3_38 = 2 * a3_19;
  const uint128 c0 = Wide(a[0], a[0]) + Wide(a1_2, a4_19) + Wide(a[2], a3_38);
  const uint128 c1 = Wide(a0_2, a[1]) + Wide(2 * a[2], a4_19) + Wide(a[3], a3_19);
  const uint128 c2 = Wide(a0_2, a[2]) + Wide(a[1], a[1]) + Wide(2 * a[3], a4_19);
  const uint128 c3 = Wide(a0_2, a[3]) + Wide(a1_2, a[2]) + Wide(a[4], a4_19);
  const uint128 c4 = Wide(a0_2, a[4]) + Wide(a1_2, a[3]) + Wide(a[2], a[2]);
  return CarryColumns(c0, c1, c2, c3, c4);
}

// a^(2^252 - 3) = a^((p-5)/8). The second form does two at once, interleaved: each chain alone
// waits for its own results most of the time.
Field Pow22523(const Field& a);
void Pow22523Pair(const Field& a, const Field& b, Field* pow_a, Field* pow_b);

// a^(p-2): the inverse, and 0 for 0.
Field Invert(const Field& a);

// The limbs of the representative in 0..p-1.
Field Canonical(const Field& a);
bool IsZero(const Field& a);
bool Equal(const Field& a, const Field& b);
// RFC 9496 §4.1: the lowest bit of the representative in 0..p-1.
bool IsNegative(const Field& a);
// The one of a and -a that is not negative.
Field Absolute(const Field& a);

// Little-endian, the representative in 0..p-1.
std::array<uint8_t, 32> FieldToBytes(const Field& a);
// False, and *out untouched, unless the little-endian number is below p.
bool FieldFromBytes(std::span<const uint8_t, 32> bytes, Field* out);

// RFC 9496 §4.2, SQRT_RATIO_M1(u, v): `root` is the non-negative square root of u/v (or of i·u/v
// if u/v is no square), 0 if u or v is 0; `was_square` says which, and is false for v = 0, u != 0.
struct SqrtRatio {
  bool was_square;
  Field root;
};
SqrtRatio SqrtRatioM1(const Field& u, const Field& v);
// SQRT_RATIO_M1(1, v).
SqrtRatio InverseSqrt(const Field& v);
// Two of them in less than twice the time of one.
void InverseSqrtPair(const Field& v0, const Field& v1, SqrtRatio* out0, SqrtRatio* out1);

}  // namespace urna::crypto::vartime
