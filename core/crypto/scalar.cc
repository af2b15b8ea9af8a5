#include "core/crypto/scalar.h"

#include <sodium.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace urna::crypto {
namespace {

bool IsReduced(const std::array<uint8_t, 32>& bytes) {
  std::array<uint8_t, 64> wide{};
  std::copy(bytes.begin(), bytes.end(), wide.begin());
  std::array<uint8_t, 32> reduced;
  crypto_core_ristretto255_scalar_reduce(reduced.data(), wide.data());
  return reduced == bytes;
}

}  // namespace

absl::StatusOr<Scalar> Scalar::Decode(ByteSpan bytes) {
  URNA_ASSIGN_OR_RETURN(auto array, ToArray<32>(bytes));
  if (!IsReduced(array)) return absl::InvalidArgumentError("a scalar is not below the group order");
  return Scalar(array);
}

Scalar Scalar::FromUint64(uint64_t value) {
  std::array<uint8_t, 32> bytes{};
  for (size_t i = 0; i < 8; ++i) bytes[i] = static_cast<uint8_t>(value >> (8 * i));
  return Scalar(bytes);
}

Scalar Scalar::FromUniform(std::span<const uint8_t, 64> bytes) {
  std::array<uint8_t, 32> out;
  crypto_core_ristretto255_scalar_reduce(out.data(), bytes.data());
  return Scalar(out);
}

Scalar Scalar::Negate() const {
  std::array<uint8_t, 32> out;
  crypto_core_ristretto255_scalar_negate(out.data(), bytes_.data());
  return Scalar(out);
}

absl::StatusOr<Scalar> Scalar::InvertVarTime() const {
  std::array<uint8_t, 32> out;
  if (crypto_core_ristretto255_scalar_invert(out.data(), bytes_.data()) != 0) {
    return absl::FailedPreconditionError("zero has no inverse");
  }
  return Scalar(out);
}

Scalar operator+(const Scalar& a, const Scalar& b) {
  std::array<uint8_t, 32> out;
  crypto_core_ristretto255_scalar_add(out.data(), a.bytes_.data(), b.bytes_.data());
  return Scalar(out);
}

Scalar operator-(const Scalar& a, const Scalar& b) {
  std::array<uint8_t, 32> out;
  crypto_core_ristretto255_scalar_sub(out.data(), a.bytes_.data(), b.bytes_.data());
  return Scalar(out);
}

Scalar operator*(const Scalar& a, const Scalar& b) {
  std::array<uint8_t, 32> out;
  crypto_core_ristretto255_scalar_mul(out.data(), a.bytes_.data(), b.bytes_.data());
  return Scalar(out);
}

absl::StatusOr<std::vector<Scalar>> DecodeScalars(ByteSpan bytes) {
  if (bytes.size() % Scalar::kSize != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(bytes.size(), " bytes are not a whole number of scalars"));
  }
  std::vector<Scalar> out;
  out.reserve(bytes.size() / Scalar::kSize);
  for (size_t at = 0; at < bytes.size(); at += Scalar::kSize) {
    absl::StatusOr<Scalar> scalar = Scalar::Decode(bytes.subspan(at, Scalar::kSize));
    if (!scalar.ok()) {
      return Annotate(scalar.status(), absl::StrCat("scalar ", at / Scalar::kSize));
    }
    out.push_back(*scalar);
  }
  return out;
}

Bytes EncodeScalars(std::span<const Scalar> scalars) {
  Bytes out;
  out.reserve(scalars.size() * Scalar::kSize);
  for (const Scalar& scalar : scalars) {
    out.insert(out.end(), scalar.bytes().begin(), scalar.bytes().end());
  }
  return out;
}

}  // namespace urna::crypto
