#include "core/crypto/vartime/field51.h"

#include "core/crypto/vartime/constants.h"

namespace urna::crypto::vartime {
namespace {

// N independent elements worked on in step, which hides the latency of each one's chain.
template <int N>
struct Lanes {
  Field f[N];
};

template <int N>
inline Lanes<N> Mul(const Lanes<N>& a, const Lanes<N>& b) {
  Lanes<N> r;
  for (int i = 0; i < N; ++i) r.f[i] = Mul(a.f[i], b.f[i]);
  return r;
}

template <int N>
inline Lanes<N> SquareTimes(Lanes<N> a, int times) {
  for (int t = 0; t < times; ++t) {
    for (int i = 0; i < N; ++i) a.f[i] = Square(a.f[i]);
  }
  return a;
}

// a^(2^250 - 1), and a^11 on the side: the usual addition chain, named by exponents.
template <int N>
inline Lanes<N> Pow2To250Minus1(const Lanes<N>& a, Lanes<N>* a11) {
  const Lanes<N> a2 = SquareTimes(a, 1);
  const Lanes<N> a9 = Mul(a, SquareTimes(a2, 2));
  *a11 = Mul(a2, a9);
  const Lanes<N> e5 = Mul(a9, SquareTimes(*a11, 1));        // 2^5 - 1
  const Lanes<N> e10 = Mul(SquareTimes(e5, 5), e5);         // 2^10 - 1
  const Lanes<N> e20 = Mul(SquareTimes(e10, 10), e10);      // 2^20 - 1
  const Lanes<N> e40 = Mul(SquareTimes(e20, 20), e20);      // 2^40 - 1
  const Lanes<N> e50 = Mul(SquareTimes(e40, 10), e10);      // 2^50 - 1
  const Lanes<N> e100 = Mul(SquareTimes(e50, 50), e50);     // 2^100 - 1
  const Lanes<N> e200 = Mul(SquareTimes(e100, 100), e100);  // 2^200 - 1
  return Mul(SquareTimes(e200, 50), e50);                   // 2^250 - 1
}

// 2^252 - 3 = (2^250 - 1)·4 + 1.
template <int N>
inline Lanes<N> Pow22523Lanes(const Lanes<N>& a) {
  Lanes<N> a11;
  return Mul(SquareTimes(Pow2To250Minus1(a, &a11), 2), a);
}

// RFC 9496 §4.2 from the candidate r = u·v^3·(u·v^7)^((p-5)/8) on.
SqrtRatio FinishSqrtRatio(const Field& u, const Field& v, const Field& r) {
  const Field check = Mul(v, Square(r));
  const Field minus_u = Carry(Neg(u));
  const bool correct = Equal(check, u);
  const bool flipped = Equal(check, minus_u);
  const bool flipped_i = !correct && !flipped && Equal(check, Mul(minus_u, kSqrtM1));
  const Field root = flipped || flipped_i ? Mul(r, kSqrtM1) : r;
  return {correct || flipped, Absolute(root)};
}

inline Field Cube(const Field& a) { return Mul(Square(a), a); }

uint64_t Load64(const uint8_t* bytes) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | bytes[i];
  return value;
}

}  // namespace

Field Pow22523(const Field& a) { return Pow22523Lanes<1>({{a}}).f[0]; }

void Pow22523Pair(const Field& a, const Field& b, Field* pow_a, Field* pow_b) {
  const Lanes<2> r = Pow22523Lanes<2>({{a, b}});
  *pow_a = r.f[0];
  *pow_b = r.f[1];
}

// p - 2 = 2^255 - 21 = (2^250 - 1)·2^5 + 11.
Field Invert(const Field& a) {
  Lanes<1> a11;
  const Lanes<1> e250 = Pow2To250Minus1<1>({{a}}, &a11);
  return Mul(SquareTimes(e250, 5), a11).f[0];
}

// The value of a Fe<1> is below B·(2^255 - 1)/(2^51 - 1) < 2^255·(1 + 2^-37) < 2p, so at most one
// p has to go: q = 1 exactly if value + 19 >= 2^255, and value - q·p = value + 19q - q·2^255.
Field Canonical(const Field& a) {
  uint64_t q = (a.v[0] + 19) >> 51;
  for (int i = 1; i < 5; ++i) q = (a.v[i] + q) >> 51;
  Field r;
  uint64_t carry = 19 * q;
  for (int i = 0; i < 5; ++i) {
    const uint64_t sum = a.v[i] + carry;
    r.v[i] = sum & kLimbMask;
    carry = sum >> 51;  // out of limb 4: q, which is dropped with q·2^255
  }
  return r;
}

bool IsZero(const Field& a) {
  const Field c = Canonical(a);
  return (c.v[0] | c.v[1] | c.v[2] | c.v[3] | c.v[4]) == 0;
}

bool Equal(const Field& a, const Field& b) { return IsZero(Carry(Sub(a, b))); }

bool IsNegative(const Field& a) { return (Canonical(a).v[0] & 1) != 0; }

Field Absolute(const Field& a) { return IsNegative(a) ? Carry(Neg(a)) : a; }

std::array<uint8_t, 32> FieldToBytes(const Field& a) {
  const Field c = Canonical(a);
  const uint64_t words[4] = {c.v[0] | c.v[1] << 51, c.v[1] >> 13 | c.v[2] << 38,
                             c.v[2] >> 26 | c.v[3] << 25, c.v[3] >> 39 | c.v[4] << 12};
  std::array<uint8_t, 32> bytes;
  for (int i = 0; i < 32; ++i) bytes[i] = static_cast<uint8_t>(words[i / 8] >> (8 * (i % 8)));
  return bytes;
}

bool FieldFromBytes(std::span<const uint8_t, 32> bytes, Field* out) {
  uint64_t w[4];
  for (int i = 0; i < 4; ++i) w[i] = Load64(bytes.data() + 8 * i);
  if (w[3] >> 63 != 0) return false;  // 2^255 and more
  const Field a{{w[0] & kLimbMask, (w[0] >> 51 | w[1] << 13) & kLimbMask,
                 (w[1] >> 38 | w[2] << 26) & kLimbMask, (w[2] >> 25 | w[3] << 39) & kLimbMask,
                 w[3] >> 12}};
  // p..2^255-1 have limbs 1 to 4 full and limb 0 at least 2^51 - 19.
  const bool top_full = (a.v[1] & a.v[2] & a.v[3] & a.v[4]) == kLimbMask;
  if (top_full && a.v[0] >= kLimbMask - 18) return false;
  *out = a;
  return true;
}

SqrtRatio SqrtRatioM1(const Field& u, const Field& v) {
  const Field v3 = Cube(v);
  const Field uv3 = Mul(u, v3);
  const Field uv7 = Mul(uv3, Square(Square(v)));
  return FinishSqrtRatio(u, v, Mul(uv3, Pow22523(uv7)));
}

SqrtRatio InverseSqrt(const Field& v) { return SqrtRatioM1(kFieldOne, v); }

void InverseSqrtPair(const Field& v0, const Field& v1, SqrtRatio* out0, SqrtRatio* out1) {
  const Field a3 = Cube(v0);
  const Field b3 = Cube(v1);
  Field a;
  Field b;
  Pow22523Pair(Mul(Square(a3), v0), Mul(Square(b3), v1), &a, &b);
  *out0 = FinishSqrtRatio(kFieldOne, v0, Mul(a3, a));
  *out1 = FinishSqrtRatio(kFieldOne, v1, Mul(b3, b));
}

}  // namespace urna::crypto::vartime
