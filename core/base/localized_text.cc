#include "core/base/localized_text.h"

#include "absl/strings/str_cat.h"

namespace urna {
namespace {

// Length of the well-formed UTF-8 sequence at the front of `text` (Unicode 15, table 3-7); 0 if
// there is none.
size_t SequenceLength(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const auto in = [&](size_t i, uint8_t low, uint8_t high) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const uint8_t b = byte(0);
  if (b < 0x80) return 1;
  if (b >= 0xC2 && b <= 0xDF) return in(1, 0x80, 0xBF) ? 2 : 0;
  if (b >= 0xE0 && b <= 0xEF) {
    const uint8_t low = b == 0xE0 ? 0xA0 : 0x80;
    const uint8_t high = b == 0xED ? 0x9F : 0xBF;
    return in(1, low, high) && in(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (b >= 0xF0 && b <= 0xF4) {
    const uint8_t low = b == 0xF0 ? 0x90 : 0x80;
    const uint8_t high = b == 0xF4 ? 0x8F : 0xBF;
    return in(1, low, high) && in(2, 0x80, 0xBF) && in(3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

}  // namespace

absl::Status CheckUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const size_t length = SequenceLength(text.substr(i));
    if (length == 0) return absl::InvalidArgumentError(absl::StrCat("not UTF-8 at byte ", i));
    if (text[i] == '\0') return absl::InvalidArgumentError(absl::StrCat("U+0000 at byte ", i));
    i += length;
  }
  return absl::OkStatus();
}

absl::Status CheckLanguage(absl::string_view language) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  bool ok = language.size() >= 2 && language.size() <= 35;
  for (char c : language) ok = ok && good(c);
  if (ok) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("language '", language, "' is not 2 to 35 characters of a-z, 0-9 and '-'"));
}

absl::Status CheckTexts(const LocalizedTexts& texts) {
  if (texts.empty()) return absl::InvalidArgumentError("no text in any language");
  const LocalizedText* before = nullptr;
  for (const LocalizedText& text : texts) {
    if (absl::Status s = CheckLanguage(text.language); !s.ok()) return s;
    if (before != nullptr && before->language >= text.language) {
      return absl::InvalidArgumentError(absl::StrCat("language '", text.language,
                                                     "' stands after '", before->language,
                                                     "': languages are ascending, each once"));
    }
    if (absl::Status s = CheckUtf8(text.text); !s.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("text in '", text.language, "': ", s.message()));
    }
    before = &text;
  }
  return absl::OkStatus();
}

absl::string_view PickText(const LocalizedTexts& texts, absl::string_view language) {
  for (absl::string_view wanted : {language, absl::string_view("en")}) {
    for (const LocalizedText& text : texts) {
      if (text.language == wanted) return text.text;
    }
  }
  return texts.empty() ? absl::string_view() : absl::string_view(texts.front().text);
}

}  // namespace urna
