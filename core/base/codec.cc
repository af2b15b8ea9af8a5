#include "core/base/codec.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/status.h"

namespace urna {
namespace {

void AppendBigEndian(uint64_t value, size_t width, Bytes& out) {
  for (size_t i = width; i-- > 0;) out.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

}  // namespace

void Writer::U8(uint8_t value) { bytes_.push_back(value); }
void Writer::U16(uint16_t value) { AppendBigEndian(value, 2, bytes_); }
void Writer::U32(uint32_t value) { AppendBigEndian(value, 4, bytes_); }
void Writer::U64(uint64_t value) { AppendBigEndian(value, 8, bytes_); }

void Writer::Raw(ByteSpan bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

void Writer::Vector8(ByteSpan bytes) {
  URNA_CHECK(bytes.size() <= UINT8_MAX, "vector too long for its one-byte length");
  U8(static_cast<uint8_t>(bytes.size()));
  Raw(bytes);
}

void Writer::Vector16(ByteSpan bytes) {
  URNA_CHECK(bytes.size() <= UINT16_MAX, "vector too long for its two-byte length");
  U16(static_cast<uint16_t>(bytes.size()));
  Raw(bytes);
}

void Writer::Vector32(ByteSpan bytes) {
  URNA_CHECK(bytes.size() <= UINT32_MAX, "vector too long for its four-byte length");
  U32(static_cast<uint32_t>(bytes.size()));
  Raw(bytes);
}

Bytes Writer::Take() { return std::exchange(bytes_, Bytes()); }

absl::StatusOr<ByteSpan> Reader::Raw(size_t n, absl::string_view what) {
  if (n > remaining()) {
    const size_t missing = n - remaining();
    return absl::InvalidArgumentError(absl::StrCat(missing, missing == 1 ? " byte" : " bytes",
                                                   " missing in field '", what, "' at byte ",
                                                   position_));
  }
  ByteSpan out = bytes_.subspan(position_, n);
  position_ += n;
  return out;
}

absl::StatusOr<uint64_t> Reader::Integer(size_t width, absl::string_view what) {
  URNA_ASSIGN_OR_RETURN(const ByteSpan raw, Raw(width, what));
  uint64_t value = 0;
  for (uint8_t byte : raw) value = value << 8 | byte;
  return value;
}

absl::StatusOr<uint8_t> Reader::U8(absl::string_view what) {
  URNA_ASSIGN_OR_RETURN(const uint64_t value, Integer(1, what));
  return static_cast<uint8_t>(value);
}

absl::StatusOr<uint16_t> Reader::U16(absl::string_view what) {
  URNA_ASSIGN_OR_RETURN(const uint64_t value, Integer(2, what));
  return static_cast<uint16_t>(value);
}

absl::StatusOr<uint32_t> Reader::U32(absl::string_view what) {
  URNA_ASSIGN_OR_RETURN(const uint64_t value, Integer(4, what));
  return static_cast<uint32_t>(value);
}

absl::StatusOr<uint64_t> Reader::U64(absl::string_view what) { return Integer(8, what); }

absl::StatusOr<ByteSpan> Reader::Vector(size_t prefix_width, absl::string_view what) {
  const size_t start = position_;
  URNA_ASSIGN_OR_RETURN(const uint64_t length, Integer(prefix_width, what));
  absl::StatusOr<ByteSpan> out = Raw(length, what);
  if (!out.ok()) position_ = start;
  return out;
}

absl::StatusOr<ByteSpan> Reader::Vector8(absl::string_view what) { return Vector(1, what); }
absl::StatusOr<ByteSpan> Reader::Vector16(absl::string_view what) { return Vector(2, what); }
absl::StatusOr<ByteSpan> Reader::Vector32(absl::string_view what) { return Vector(4, what); }

absl::Status Reader::Finish(absl::string_view what) const {
  if (empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, ": ", remaining(),
                                                 remaining() == 1 ? " byte" : " bytes",
                                                 " left over at byte ", position_));
}

}  // namespace urna
