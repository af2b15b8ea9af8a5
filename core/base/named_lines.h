// Text files of which every line is a word, a space and what it says. docs/protocol.md §8.3, §14.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace urna {

// Reads such a text from its first line on. All errors are InvalidArgument and begin with what the
// file is.
class NamedLines {
 public:
  // `text` must outlive the object and what is taken from it.
  NamedLines(absl::string_view text, absl::string_view file) : text_(text), file_(file) {}

  bool AtEnd() const { return text_.empty(); }
  // Whether the next line begins with this word.
  bool Next(absl::string_view word) const;

  // The next line, without its newline.
  absl::StatusOr<absl::string_view> TakeLine();
  // The rest of the next line, which must begin with the word.
  absl::StatusOr<absl::string_view> Take(absl::string_view word);
  // The same, 64 hex digits in lower case.
  absl::Status TakeHex(absl::string_view word, std::array<uint8_t, 32>& out);

 private:
  absl::Status Malformed(absl::string_view what) const;

  absl::string_view text_;
  const std::string file_;
};

}  // namespace urna
