#include "core/crypto/point.h"

#include <sodium.h>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/status.h"

namespace urna::crypto {

absl::StatusOr<RistrettoPoint> RistrettoPoint::Decode(ByteSpan bytes) {
  URNA_ASSIGN_OR_RETURN(auto array, ToArray<32>(bytes));
  // libsodium 1.0.18 ignores bit 255, so that every element would have a second encoding, the
  // identity and a tag too; RFC 9496 §4.3.1 refuses it, being part of a number of p or more.
  if ((array[31] & 0x80) != 0 || crypto_core_ristretto255_is_valid_point(array.data()) != 1) {
    return absl::InvalidArgumentError("not the canonical encoding of a group element");
  }
  return RistrettoPoint(array);
}

absl::StatusOr<RistrettoPoint> RistrettoPoint::DecodeNonIdentity(ByteSpan bytes) {
  URNA_ASSIGN_OR_RETURN(RistrettoPoint point, Decode(bytes));
  if (point.IsIdentity()) {
    return absl::InvalidArgumentError("the identity is not allowed here");
  }
  return point;
}

RistrettoPoint RistrettoPoint::Base() {
  // RFC 9496 appendix A.1, B[1].
  return RistrettoPoint({0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e, 0x71, 0xa8, 0x84, 0xa9,
                         0x61, 0xc5, 0x00, 0x51, 0x5f, 0x58, 0xe3, 0x0b, 0x6a, 0xa5, 0x82,
                         0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d, 0x2d, 0x76});
}

RistrettoPoint RistrettoPoint::FromUniform(std::span<const uint8_t, 64> bytes) {
  std::array<uint8_t, 32> out;
  crypto_core_ristretto255_from_hash(out.data(), bytes.data());
  return RistrettoPoint(out);
}

RistrettoPoint RistrettoPoint::Negate() const { return Identity() - *this; }

RistrettoPoint operator+(const RistrettoPoint& a, const RistrettoPoint& b) {
  std::array<uint8_t, 32> out;
  URNA_CHECK(crypto_core_ristretto255_add(out.data(), a.bytes_.data(), b.bytes_.data()) == 0,
             "a RistrettoPoint is valid");
  return RistrettoPoint(out);
}

RistrettoPoint operator-(const RistrettoPoint& a, const RistrettoPoint& b) {
  std::array<uint8_t, 32> out;
  URNA_CHECK(crypto_core_ristretto255_sub(out.data(), a.bytes_.data(), b.bytes_.data()) == 0,
             "a RistrettoPoint is valid");
  return RistrettoPoint(out);
}

// The answers of the four multiplications are left aside on purpose: see the header's policy.

RistrettoPoint MulVarTime(const Scalar& scalar, const RistrettoPoint& point) {
  std::array<uint8_t, 32> out;
  [[maybe_unused]] const int answer =
      crypto_scalarmult_ristretto255(out.data(), scalar.bytes().data(), point.bytes_.data());
  return RistrettoPoint(out);
}

RistrettoPoint MulBaseVarTime(const Scalar& scalar) {
  std::array<uint8_t, 32> out;
  [[maybe_unused]] const int answer =
      crypto_scalarmult_ristretto255_base(out.data(), scalar.bytes().data());
  return RistrettoPoint(out);
}

RistrettoPoint Mul(const SecretScalar& scalar, const RistrettoPoint& point) {
  std::array<uint8_t, 32> out;
  [[maybe_unused]] const int answer =
      crypto_scalarmult_ristretto255(out.data(), scalar.ExposeSpan().data(), point.bytes_.data());
  return RistrettoPoint(out);
}

RistrettoPoint MulBase(const SecretScalar& scalar) {
  std::array<uint8_t, 32> out;
  [[maybe_unused]] const int answer =
      crypto_scalarmult_ristretto255_base(out.data(), scalar.ExposeSpan().data());
  return RistrettoPoint(out);
}

RistrettoPoint SelectPoint(std::span<const RistrettoPoint> table, uint64_t index) {
  std::array<uint8_t, 32> out{};
  for (size_t i = 0; i < table.size(); ++i) {
    // The difference is zero for the wanted row alone; its top bit after −1 becomes the mask.
    const uint64_t difference = index ^ i;
    const uint64_t is_zero = 1 & ((~difference & (difference - 1)) >> 63);
    const uint8_t mask = static_cast<uint8_t>(0 - is_zero);
    for (size_t k = 0; k < out.size(); ++k) out[k] |= table[i].bytes_[k] & mask;
  }
  return RistrettoPoint(out);
}

absl::StatusOr<std::vector<RistrettoPoint>> DecodePoints(ByteSpan bytes) {
  if (bytes.size() % RistrettoPoint::kSize != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(bytes.size(), " bytes are not a whole number of points"));
  }
  std::vector<RistrettoPoint> out;
  out.reserve(bytes.size() / RistrettoPoint::kSize);
  for (size_t at = 0; at < bytes.size(); at += RistrettoPoint::kSize) {
    absl::StatusOr<RistrettoPoint> point =
        RistrettoPoint::Decode(bytes.subspan(at, RistrettoPoint::kSize));
    if (!point.ok()) {
      return Annotate(point.status(), absl::StrCat("point ", at / RistrettoPoint::kSize));
    }
    out.push_back(*point);
  }
  return out;
}

Bytes EncodePoints(std::span<const RistrettoPoint> points) {
  Bytes out;
  out.reserve(points.size() * RistrettoPoint::kSize);
  for (const RistrettoPoint& point : points) {
    out.insert(out.end(), point.bytes().begin(), point.bytes().end());
  }
  return out;
}

}  // namespace urna::crypto
