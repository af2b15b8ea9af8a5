// Bytes and their text forms: lower-case hex and standard padded base64. Both parsers accept
// exactly the text that the matching formatter writes (docs/protocol.md: one value, one encoding).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace urna {

using Bytes = std::vector<uint8_t>;
using ByteSpan = std::span<const uint8_t>;

// The same memory seen as bytes or as text; it must outlive the view.
inline ByteSpan AsBytes(absl::string_view text) {
  return ByteSpan(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}
inline absl::string_view AsText(ByteSpan bytes) {
  return absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

// A copy.
inline Bytes ToBytes(ByteSpan bytes) { return Bytes(bytes.begin(), bytes.end()); }

inline bool BytesEqual(ByteSpan a, ByteSpan b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

// Two lower-case digits a byte, without prefix.
std::string ToHex(ByteSpan bytes);

// InvalidArgument for an odd length or anything but 0-9 and a-f.
absl::StatusOr<Bytes> FromHex(absl::string_view text);

// RFC 4648 §4: the standard alphabet, padded.
std::string ToBase64(ByteSpan bytes);

// InvalidArgument for missing or misplaced padding, other characters (line ends too), and unused
// bits that are not zero.
absl::StatusOr<Bytes> FromBase64(absl::string_view text);

// Copies exactly N bytes; InvalidArgument if there are more or fewer.
template <size_t N>
absl::StatusOr<std::array<uint8_t, N>> ToArray(ByteSpan bytes) {
  if (bytes.size() != N) {
    return absl::InvalidArgumentError(absl::StrCat(bytes.size(), " bytes where ", N, " belong"));
  }
  std::array<uint8_t, N> out;
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

}  // namespace urna
