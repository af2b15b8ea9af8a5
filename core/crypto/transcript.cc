#include "core/crypto/transcript.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/base/check.h"
#include "core/base/codec.h"

namespace urna::crypto {
namespace {

template <size_t N>
std::array<uint8_t, N> BigEndian(uint64_t value) {
  std::array<uint8_t, N> out;
  for (size_t i = 0; i < N; ++i) out[i] = static_cast<uint8_t>(value >> (8 * (N - 1 - i)));
  return out;
}

}  // namespace

Transcript::Transcript(absl::string_view purpose) {
  FieldText("protocol", "urna/1");
  FieldText("purpose", purpose);
}

Transcript& Transcript::BeginField(absl::string_view label, uint32_t length) {
  URNA_CHECK(missing_ == 0, "the field before is not complete");
  URNA_CHECK(label.size() <= 255, "a label has at most 255 bytes");
  hasher_.Update(BigEndian<1>(label.size())).Update(AsBytes(label)).Update(BigEndian<4>(length));
  missing_ = length;
  return *this;
}

Transcript& Transcript::Append(ByteSpan piece) {
  URNA_CHECK(piece.size() <= missing_, "more bytes than the field was announced with");
  hasher_.Update(piece);
  missing_ -= piece.size();
  return *this;
}

Transcript& Transcript::Field(absl::string_view label, ByteSpan value) {
  URNA_CHECK(value.size() <= std::numeric_limits<uint32_t>::max(), "a field is below 4 GiB");
  return BeginField(label, static_cast<uint32_t>(value.size())).Append(value);
}

Transcript& Transcript::FieldU8(absl::string_view label, uint8_t value) {
  return Field(label, BigEndian<1>(value));
}

Transcript& Transcript::FieldU16(absl::string_view label, uint16_t value) {
  return Field(label, BigEndian<2>(value));
}

Transcript& Transcript::FieldU32(absl::string_view label, uint32_t value) {
  return Field(label, BigEndian<4>(value));
}

Transcript& Transcript::FieldU64(absl::string_view label, uint64_t value) {
  return Field(label, BigEndian<8>(value));
}

Transcript& Transcript::FieldText(absl::string_view label, absl::string_view value) {
  return Field(label, AsBytes(value));
}

Hash64 Transcript::Hash() const {
  URNA_CHECK(missing_ == 0, "the last field is not complete");
  Sha512Hasher copy = hasher_;
  return copy.Finish();
}

std::array<uint8_t, 32> Transcript::Hash32() const {
  const Hash64 whole = Hash();
  std::array<uint8_t, 32> out;
  std::copy_n(whole.begin(), out.size(), out.begin());
  return out;
}

Scalar Challenge(const Hash64& h, uint16_t i, uint16_t j, ChallengeKind kind) {
  constexpr absl::string_view kPrefix = "urna/1/challenge";
  std::array<uint8_t, 85> input;
  auto end = std::copy(kPrefix.begin(), kPrefix.end(), input.begin());
  end = std::copy(h.begin(), h.end(), end);
  for (uint8_t byte : BigEndian<2>(i)) *end++ = byte;
  for (uint8_t byte : BigEndian<2>(j)) *end++ = byte;
  *end = static_cast<uint8_t>(kind);
  return Scalar::FromUniform(Sha512(input));
}

}  // namespace urna::crypto
