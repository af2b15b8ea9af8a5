#include "core/crypto/transcript.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

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

namespace internal {

template <typename Sink>
void TranscriptFields<Sink>::Begin(absl::string_view purpose) {
  FieldText("protocol", "urna/1");
  FieldText("purpose", purpose);
}

template <typename Sink>
Sink& TranscriptFields<Sink>::BeginField(absl::string_view label, uint32_t length) {
  CheckComplete();
  constexpr size_t kMaxLabel = 255;
  URNA_CHECK(label.size() <= kMaxLabel, "a label has at most 255 bytes");
  std::array<uint8_t, 1 + kMaxLabel + 4> head;
  head[0] = static_cast<uint8_t>(label.size());
  auto end = std::copy(label.begin(), label.end(), head.begin() + 1);
  for (uint8_t byte : BigEndian<4>(length)) *end++ = byte;
  sink().Write(ByteSpan(head.begin(), end));
  missing_ = length;
  return sink();
}

template <typename Sink>
Sink& TranscriptFields<Sink>::Append(ByteSpan piece) {
  URNA_CHECK(piece.size() <= missing_, "more bytes than the field was announced with");
  sink().Write(piece);
  missing_ -= piece.size();
  return sink();
}

template <typename Sink>
Sink& TranscriptFields<Sink>::Field(absl::string_view label, ByteSpan value) {
  URNA_CHECK(value.size() <= std::numeric_limits<uint32_t>::max(), "a field is below 4 GiB");
  return BeginField(label, static_cast<uint32_t>(value.size())).Append(value);
}

template <typename Sink>
Sink& TranscriptFields<Sink>::FieldU8(absl::string_view label, uint8_t value) {
  return Field(label, BigEndian<1>(value));
}

template <typename Sink>
Sink& TranscriptFields<Sink>::FieldU16(absl::string_view label, uint16_t value) {
  return Field(label, BigEndian<2>(value));
}

template <typename Sink>
Sink& TranscriptFields<Sink>::FieldU32(absl::string_view label, uint32_t value) {
  return Field(label, BigEndian<4>(value));
}

template <typename Sink>
Sink& TranscriptFields<Sink>::FieldU64(absl::string_view label, uint64_t value) {
  return Field(label, BigEndian<8>(value));
}

template <typename Sink>
Sink& TranscriptFields<Sink>::FieldText(absl::string_view label, absl::string_view value) {
  return Field(label, AsBytes(value));
}

template <typename Sink>
void TranscriptFields<Sink>::CheckComplete() const {
  URNA_CHECK(missing_ == 0, "the last field is not complete");
}

}  // namespace internal

template class internal::TranscriptFields<Transcript>;
template class internal::TranscriptFields<TranscriptBytes>;

Hash64 Transcript::Hash() const {
  CheckComplete();
  Sha512Hasher copy = hasher_;
  return copy.Finish();
}

std::array<uint8_t, 32> Transcript::Hash32() const {
  const Hash64 whole = Hash();
  std::array<uint8_t, 32> out;
  std::copy_n(whole.begin(), out.size(), out.begin());
  return out;
}

Bytes TranscriptBytes::Take() && {
  CheckComplete();
  return std::move(bytes_);
}

std::array<uint8_t, 85> ChallengeInput(const Hash64& h, uint16_t i, uint16_t j,
                                       ChallengeKind kind) {
  constexpr absl::string_view kPrefix = "urna/1/challenge";
  std::array<uint8_t, 85> input;
  auto end = std::copy(kPrefix.begin(), kPrefix.end(), input.begin());
  end = std::copy(h.begin(), h.end(), end);
  for (uint8_t byte : BigEndian<2>(i)) *end++ = byte;
  for (uint8_t byte : BigEndian<2>(j)) *end++ = byte;
  *end = static_cast<uint8_t>(kind);
  return input;
}

Scalar Challenge(const Hash64& h, uint16_t i, uint16_t j, ChallengeKind kind) {
  return Scalar::FromUniform(Sha512(ChallengeInput(h, i, j, kind)));
}

}  // namespace urna::crypto
