#include "core/crypto/vartime/scalar_vartime.h"

#include <bit>
#include <cstddef>

#include "absl/status/status.h"

namespace urna::crypto::vartime {
namespace {

__extension__ typedef unsigned __int128 uint128;

template <size_t N>
using Limbs = std::array<uint64_t, N>;

// ℓ = 2^252 + c with c < 2^125.
constexpr Limbs<4> kOrder{0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000};
constexpr Limbs<2> kC{0x5812631a5cf5d3ed, 0x14def9dea2f79cd6};
constexpr Limbs<4> kTwiceOrder{0xb024c634b9eba7da, 0x29bdf3bd45ef39ac, 0, 0x2000000000000000};
constexpr Limbs<4> kHalfOrder{0x2c09318d2e7ae9f6, 0x0a6f7cef517bce6b, 0, 0x0800000000000000};

template <size_t N>
Limbs<N> Load(const uint8_t* bytes) {
  Limbs<N> limbs{};
  for (size_t i = 0; i < 8 * N; ++i) limbs[i / 8] |= uint64_t{bytes[i]} << (8 * (i % 8));
  return limbs;
}

bool Less(const Limbs<4>& a, const Limbs<4>& b) {
  for (int i = 3; i >= 0; --i) {
    if (a[i] != b[i]) return a[i] < b[i];
  }
  return false;
}

// a + b, which must be below 2^256.
Limbs<4> Sum(const Limbs<4>& a, const Limbs<4>& b) {
  Limbs<4> r;
  uint128 carry = 0;
  for (int i = 0; i < 4; ++i) {
    carry += static_cast<uint128>(a[i]) + b[i];
    r[i] = static_cast<uint64_t>(carry);
    carry >>= 64;
  }
  return r;
}

// a - b, where b <= a.
Limbs<4> Difference(const Limbs<4>& a, const Limbs<4>& b) {
  Limbs<4> r;
  uint64_t borrow = 0;
  for (int i = 0; i < 4; ++i) {
    const uint128 d = static_cast<uint128>(a[i]) - b[i] - borrow;
    r[i] = static_cast<uint64_t>(d);
    borrow = static_cast<uint64_t>(d >> 64) & 1;
  }
  return r;
}

// Exact: the sum of each step is at most (2^64-1)² + 2·(2^64-1) = 2^128 - 1.
template <size_t N, size_t M>
Limbs<N + M> Product(const Limbs<N>& a, const Limbs<M>& b) {
  Limbs<N + M> r{};
  for (size_t i = 0; i < N; ++i) {
    uint64_t carry = 0;
    for (size_t j = 0; j < M; ++j) {
      const uint128 t = static_cast<uint128>(a[i]) * b[j] + r[i + j] + carry;
      r[i + j] = static_cast<uint64_t>(t);
      carry = static_cast<uint64_t>(t >> 64);
    }
    r[i + M] = carry;
  }
  return r;
}

// a modulo 2^252.
template <size_t N>
Limbs<4> Low252(const Limbs<N>& a) {
  return {a[0], a[1], a[2], a[3] & (~uint64_t{0} >> 4)};
}

// Adds b to a, where the sum fits into N limbs.
template <size_t N, size_t M>
void Accumulate(Limbs<N>& a, const Limbs<M>& b) {
  static_assert(M <= N);
  uint128 carry = 0;
  for (size_t i = 0; i < N; ++i) {
    carry += a[i];
    if (i < M) carry += b[i];
    a[i] = static_cast<uint64_t>(carry);
    carry >>= 64;
  }
}

// The M lowest limbs of a / 2^252.
template <size_t M, size_t N>
Limbs<M> High252(const Limbs<N>& a) {
  Limbs<M> r;
  for (size_t i = 0; i < M; ++i) {
    r[i] = a[i + 3] >> 60;
    if (i + 4 < N) r[i] |= a[i + 4] << 4;
  }
  return r;
}

}  // namespace

// Folds at bit 252 with 2^252 = -c modulo ℓ, three times:
//   x < 2^512      = x0 + 2^252·h1, h1 < 2^260 (5 limbs);  x = x0 - c·h1
//   c·h1 < 2^385   = y0 + 2^252·h2, h2 < 2^133 (3 limbs);  x = x0 - y0 + c·h2
//   c·h2 < 2^258   = z0 + 2^252·h3, h3 < 2^6   (1 limb);   x = x0 - y0 + z0 - c·h3
// with x0, y0, z0 < 2^252 and c·h3 < 2^131 < ℓ, so x0 + z0 + 2ℓ - (y0 + c·h3) is positive (the
// subtrahend is below 2^252 + 2^131 < 2ℓ) and below 2^253 + 2^253 + 2^126 < 5ℓ < 2^256: at most
// four subtractions of ℓ are left.
PublicScalar PublicScalar::ReduceWide(const std::array<uint64_t, 8>& wide) {
  const Limbs<7> y = Product(High252<5>(wide), kC);
  const Limbs<5> z = Product(High252<3>(y), kC);
  const Limbs<3> w = Product(High252<1>(z), kC);
  const Limbs<4> plus = Sum(Sum(Low252(wide), Low252(z)), kTwiceOrder);
  const Limbs<4> minus = Sum(Low252(y), {w[0], w[1], w[2], 0});
  Limbs<4> r = Difference(plus, minus);
  while (!Less(r, kOrder)) r = Difference(r, kOrder);
  return PublicScalar(r);
}

absl::StatusOr<PublicScalar> PublicScalar::Decode(std::span<const uint8_t, 32> bytes) {
  const Limbs<4> limbs = Load<4>(bytes.data());
  if (!Less(limbs, kOrder)) {
    return absl::InvalidArgumentError("scalar: not below the order of the group");
  }
  return PublicScalar(limbs);
}

PublicScalar PublicScalar::Reduce(std::span<const uint8_t, 32> bytes) {
  Limbs<4> limbs = Load<4>(bytes.data());
  if (Less(limbs, kOrder)) return PublicScalar(limbs);
  return ReduceWide({limbs[0], limbs[1], limbs[2], limbs[3], 0, 0, 0, 0});
}

PublicScalar PublicScalar::Reduce(std::span<const uint8_t, 64> bytes) {
  return ReduceWide(Load<8>(bytes.data()));
}

PublicScalar PublicScalar::FromWeight(std::span<const uint8_t, 16> bytes) {
  const Limbs<2> limbs = Load<2>(bytes.data());
  return PublicScalar({limbs[0], limbs[1], 0, 0});
}

std::array<uint8_t, 32> PublicScalar::bytes() const {
  std::array<uint8_t, 32> out;
  for (int i = 0; i < 32; ++i) out[i] = static_cast<uint8_t>(limbs_[i / 8] >> (8 * (i % 8)));
  return out;
}

// a + b < 2ℓ < 2^254.
PublicScalar operator+(const PublicScalar& a, const PublicScalar& b) {
  const Limbs<4> r = Sum(a.limbs_, b.limbs_);
  return PublicScalar(Less(r, kOrder) ? r : Difference(r, kOrder));
}

PublicScalar operator-(const PublicScalar& a, const PublicScalar& b) {
  if (!Less(a.limbs_, b.limbs_)) return PublicScalar(Difference(a.limbs_, b.limbs_));
  return PublicScalar(Difference(Sum(a.limbs_, kOrder), b.limbs_));
}

PublicScalar operator*(const PublicScalar& a, const PublicScalar& b) {
  return PublicScalar::ReduceWide(Product(a.limbs_, b.limbs_));
}

PublicScalar PublicScalar::operator-() const {
  return IsZero() ? *this : PublicScalar(Difference(kOrder, limbs_));
}

void ScalarSum::AddProduct(const PublicScalar& weight, const PublicScalar& scalar) {
  Accumulate(limbs_, Product(Limbs<2>{weight.limbs_[0], weight.limbs_[1]}, scalar.limbs_));
}

void ScalarSum::Add(const ScalarSum& other) { Accumulate(limbs_, other.limbs_); }

PublicScalar ScalarSum::Reduced() const {
  return PublicScalar::ReduceWide(
      {limbs_[0], limbs_[1], limbs_[2], limbs_[3], limbs_[4], limbs_[5], limbs_[6], 0});
}

SignedMagnitude::SignedMagnitude(const PublicScalar& scalar)
    : negative(Less(kHalfOrder, scalar.limbs())),
      magnitude(negative ? Difference(kOrder, scalar.limbs()) : scalar.limbs()) {}

int SignedMagnitude::BitLength() const {
  for (int i = 3; i >= 0; --i) {
    if (magnitude[i] != 0) return 64 * i + static_cast<int>(std::bit_width(magnitude[i]));
  }
  return 0;
}

}  // namespace urna::crypto::vartime
