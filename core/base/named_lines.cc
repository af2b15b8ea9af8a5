#include "core/base/named_lines.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/bytes.h"
#include "core/base/status.h"

namespace urna {

absl::Status NamedLines::Malformed(absl::string_view what) const {
  return absl::InvalidArgumentError(absl::StrCat(file_, ": ", what));
}

bool NamedLines::Next(absl::string_view word) const {
  return absl::StartsWith(text_, absl::StrCat(word, " "));
}

absl::StatusOr<absl::string_view> NamedLines::TakeLine() {
  const size_t end = text_.find('\n');
  if (end == absl::string_view::npos) {
    return Malformed(text_.empty() ? "it ends too early" : "a line has no end");
  }
  const absl::string_view line = text_.substr(0, end);
  text_.remove_prefix(end + 1);
  return line;
}

absl::StatusOr<absl::string_view> NamedLines::Take(absl::string_view word) {
  URNA_ASSIGN_OR_RETURN(absl::string_view line, TakeLine());
  if (!absl::ConsumePrefix(&line, absl::StrCat(word, " "))) {
    return Malformed(absl::StrCat("the line '", word, "' is missing"));
  }
  return line;
}

absl::Status NamedLines::TakeHex(absl::string_view word, std::array<uint8_t, 32>& out) {
  URNA_ASSIGN_OR_RETURN(const absl::string_view value, Take(word));
  const absl::StatusOr<Bytes> bytes = FromHex(value);
  if (!bytes.ok() || bytes->size() != out.size()) {
    return Malformed(absl::StrCat("'", word, "' is not 64 hex digits in lower case"));
  }
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return absl::OkStatus();
}

}  // namespace urna
