#include "core/merkle/text.h"

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace urna::merkle {

absl::StatusOr<uint64_t> ParseDecimal(absl::string_view text, uint64_t max) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) {
    return absl::InvalidArgumentError("not a decimal number without leading zeros");
  }
  uint64_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') {
      return absl::InvalidArgumentError("not a decimal number without leading zeros");
    }
    const uint64_t digit = static_cast<uint64_t>(c - '0');
    if (digit > max || value > (max - digit) / 10) {
      return absl::InvalidArgumentError(absl::StrCat("a number above ", max));
    }
    value = 10 * value + digit;
  }
  return value;
}

absl::StatusOr<absl::string_view> TakeLine(absl::string_view& text, absl::string_view what) {
  const size_t end = text.find('\n');
  if (end == absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat("no line with ", what));
  }
  const absl::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

absl::StatusOr<Hash> ParseBase64Hash(absl::string_view text) {
  URNA_ASSIGN_OR_RETURN(const Bytes bytes, FromBase64(text));
  return ToArray<32>(bytes);
}

}  // namespace urna::merkle
