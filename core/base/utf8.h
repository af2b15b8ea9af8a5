// Text as docs/protocol.md §1 allows it: UTF-8 in shortest form, no surrogates, no U+0000.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace urna {

// Takes the first character off `text`. Nothing, and `text` as it was, if it is empty or does not
// begin with a well-formed character (RFC 3629).
std::optional<char32_t> TakeUtf8Character(absl::string_view& text);

// Whether the whole text is UTF-8. U+0000 is refused too.
bool IsUtf8Text(absl::string_view text);

// Whether Unicode calls the character white space (property White_Space, Unicode 15).
bool IsUnicodeSpace(char32_t character);

// What a terminal may be sent of a text from elsewhere: a space stands for every control character
// (U+0000 to U+001F, U+007F to U+009F), which could make it show something else, and U+FFFD for
// every byte that is not UTF-8. The second leaves newlines as they are.
std::string Printable(absl::string_view text);
std::string PrintableLines(absl::string_view text);

}  // namespace urna
