#include "core/base/utf8.h"

#include <cstddef>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace urna {
namespace {

bool IsControl(char32_t c) { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

}  // namespace

std::optional<char32_t> TakeUtf8Character(absl::string_view& text) {
  if (text.empty()) return std::nullopt;
  const auto byte = [&text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  size_t length = 0;
  char32_t character = 0;
  char32_t smallest = 0;  // what does not fit into a shorter form
  if (first < 0x80) {
    length = 1;
    character = first;
  } else if ((first & 0xe0) == 0xc0) {
    length = 2;
    character = first & 0x1f;
    smallest = 0x80;
  } else if ((first & 0xf0) == 0xe0) {
    length = 3;
    character = first & 0x0f;
    smallest = 0x800;
  } else if ((first & 0xf8) == 0xf0) {
    length = 4;
    character = first & 0x07;
    smallest = 0x10000;
  } else {
    return std::nullopt;
  }
  if (text.size() < length) return std::nullopt;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return std::nullopt;
    character = character << 6 | (byte(i) & 0x3f);
  }
  const bool surrogate = character >= 0xd800 && character <= 0xdfff;
  if (character < smallest || character > 0x10ffff || surrogate) return std::nullopt;
  text.remove_prefix(length);
  return character;
}

bool IsUtf8Text(absl::string_view text) {
  while (!text.empty()) {
    const std::optional<char32_t> character = TakeUtf8Character(text);
    if (!character || *character == 0) return false;
  }
  return true;
}

bool IsUnicodeSpace(char32_t c) {
  return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

std::string Printable(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const char* const begin = text.data();
    const std::optional<char32_t> character = TakeUtf8Character(text);
    if (!character) {
      out += "\ufffd";
      text.remove_prefix(1);
    } else if (IsControl(*character)) {
      out += ' ';
    } else {
      out.append(begin, text.data());
    }
  }
  return out;
}

std::string PrintableLines(absl::string_view text) {
  const auto append = [](std::string* out, absl::string_view line) { *out += Printable(line); };
  return absl::StrJoin(absl::StrSplit(text, '\n'), "\n", append);
}

}  // namespace urna
