// Writing and reading Urna's binary form: the TLS presentation language (RFC 8446 §3), big-endian
// integers and vectors with a length prefix. Implements docs/protocol.md, encoding of entries.
//
// A decoder reads its fields in order and ends with Finish(), which refuses bytes left over.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"

namespace urna {

// Appends fields to a byte string.
class Writer {
 public:
  void U8(uint8_t value);
  void U16(uint16_t value);
  void U32(uint32_t value);
  void U64(uint64_t value);

  // The bytes alone, without a length.
  void Raw(ByteSpan bytes);

  // A length prefix of 1, 2 or 4 bytes, then the bytes. A longer vector than the prefix can state
  // is a bug of the caller, who checks the sizes of what he builds: the process aborts rather than
  // write a wrong length.
  void Vector8(ByteSpan bytes);
  void Vector16(ByteSpan bytes);
  void Vector32(ByteSpan bytes);

  const Bytes& bytes() const { return bytes_; }

  // Gives the bytes away and leaves the writer empty.
  Bytes Take();

 private:
  Bytes bytes_;
};

// Takes fields off the front of a byte string, which must outlive the reader and every span that
// it returned. `what` names the field in the error: "3 bytes missing in field 'root' at byte 17".
// After an error the reader stands where it stood before.
class Reader {
 public:
  explicit Reader(ByteSpan bytes) : bytes_(bytes) {}

  absl::StatusOr<uint8_t> U8(absl::string_view what);
  absl::StatusOr<uint16_t> U16(absl::string_view what);
  absl::StatusOr<uint32_t> U32(absl::string_view what);
  absl::StatusOr<uint64_t> U64(absl::string_view what);

  // Exactly n bytes.
  absl::StatusOr<ByteSpan> Raw(size_t n, absl::string_view what);

  // A length prefix of 1, 2 or 4 bytes, then that many bytes.
  absl::StatusOr<ByteSpan> Vector8(absl::string_view what);
  absl::StatusOr<ByteSpan> Vector16(absl::string_view what);
  absl::StatusOr<ByteSpan> Vector32(absl::string_view what);

  // Exactly N bytes, copied.
  template <size_t N>
  absl::StatusOr<std::array<uint8_t, N>> Array(absl::string_view what) {
    absl::StatusOr<ByteSpan> raw = Raw(N, what);
    if (!raw.ok()) return raw.status();
    std::array<uint8_t, N> out;
    std::copy(raw->begin(), raw->end(), out.begin());
    return out;
  }

  bool empty() const { return position_ == bytes_.size(); }
  size_t remaining() const { return bytes_.size() - position_; }

  // How many bytes have been read.
  size_t position() const { return position_; }

  // InvalidArgument if bytes are left over; `what` names the whole thing that was read.
  absl::Status Finish(absl::string_view what) const;

 private:
  absl::StatusOr<uint64_t> Integer(size_t width, absl::string_view what);
  absl::StatusOr<ByteSpan> Vector(size_t prefix_width, absl::string_view what);

  ByteSpan bytes_;
  size_t position_ = 0;
};

}  // namespace urna
