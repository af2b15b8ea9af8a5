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

inline uint128 Wide(uint64_t a, uint64_t b) { return static_cast<uint128>(a) * b; }

// The columns of a product, one after the other: Take() keeps 51 bits of a column for the result
// and adds the rest to the next. With all limbs below 7·B < 2^54 =: L,
//   a column of products of weight below 2^255 and 19 times others is at most 77·L² (column 0: one
//   product and four times 19) < 2^114.3, with the carry of the one before (< 2^63.3) still so;
//   its carry is < 2^114.3 / 2^51 = 2^63.3 and fits 64 bits;
//   column 4 has no factor 19: five products and a carry, < 2^110.4; its carry is < 2^59.4 and
//   comes back 19-fold, < 2^63.7, to the 51 bits of limb 0: that sum fits 64 bits;
//   what then leaves limb 0 for limb 1 is < 2^64 / 2^51 = 2^13.
// So limbs 0, 2, 3, 4 end below 2^51 and limb 1 below 2^51 + 2^13 = B: Fe<1>.
class Columns {
 public:
  uint64_t Take(uint128 column) {
    column += carry_;
    carry_ = static_cast<uint64_t>(column >> 51);
    return static_cast<uint64_t>(column) & kLimbMask;
  }
  Field Finish(uint64_t r0, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4) const {
    r0 += 19 * carry_;
    return Field{{r0 & kLimbMask, r1 + (r0 >> 51), r2, r3, r4}};
  }

 private:
  uint64_t carry_ = 0;
};

// Schoolbook; products of weight 2^255 and more come back times 19, since 2^255 = 19 modulo p.
// 19·limb < 19·2^54 < 2^59 fits.
template <int J, int K>
inline Field Mul(const Fe<J>& x, const Fe<K>& y) {
  static_assert(J <= 7 && K <= 7, "carry first");
  const uint64_t* a = x.v;
  const uint64_t* b = y.v;
  const uint64_t a1 = 19 * a[1], a2 = 19 * a[2], a3 = 19 * a[3], a4 = 19 * a[4];
  Columns columns;
  const uint64_t r0 = columns.Take(Wide(a[0], b[0]) + Wide(a1, b[4]) + Wide(a2, b[3]) +
                                   Wide(a3, b[2]) + Wide(a4, b[1]));
  const uint64_t r1 = columns.Take(Wide(a[0], b[1]) + Wide(a[1], b[0]) + Wide(a2, b[4]) +
                                   Wide(a3, b[3]) + Wide(a4, b[2]));
  const uint64_t r2 = columns.Take(Wide(a[0], b[2]) + Wide(a[1], b[1]) + Wide(a[2], b[0]) +
                                   Wide(a3, b[4]) + Wide(a4, b[3]));
  const uint64_t r3 = columns.Take(Wide(a[0], b[3]) + Wide(a[1], b[2]) + Wide(a[2], b[1]) +
                                   Wide(a[3], b[0]) + Wide(a4, b[4]));
  const uint64_t r4 = columns.Take(Wide(a[0], b[4]) + Wide(a[1], b[3]) + Wide(a[2], b[2]) +
                                   Wide(a[3], b[1]) + Wide(a[4], b[0]));
  return columns.Finish(r0, r1, r2, r3, r4);
}

// As Mul with both factors equal: the columns are the same numbers. 38·limb < 2^60 fits.
template <int K>
inline Field Square(const Fe<K>& x) {
  static_assert(K <= 7, "carry first");
  const uint64_t* a = x.v;
  const uint64_t a0_2 = 2 * a[0], a1_2 = 2 * a[1], a2_2 = 2 * a[2];
  const uint64_t a3_19 = 19 * a[3], a4_19 = 19 * a[4], a4_38 = 38 * a[4];
  Columns columns;
  const uint64_t r0 = columns.Take(Wide(a[0], a[0]) + Wide(a[1], a4_38) + Wide(a2_2, a3_19));
  const uint64_t r1 = columns.Take(Wide(a0_2, a[1]) + Wide(a[2], a4_38) + Wide(a[3], a3_19));
  const uint64_t r2 = columns.Take(Wide(a0_2, a[2]) + Wide(a[1], a[1]) + Wide(a[3], a4_38));
  const uint64_t r3 = columns.Take(Wide(a0_2, a[3]) + Wide(a1_2, a[2]) + Wide(a[4], a4_19));
  const uint64_t r4 = columns.Take(Wide(a0_2, a[4]) + Wide(a1_2, a[3]) + Wide(a[2], a[2]));
  return columns.Finish(r0, r1, r2, r3, r4);
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
