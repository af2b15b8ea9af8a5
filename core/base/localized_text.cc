#include "core/base/localized_text.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "core/base/utf8.h"

namespace urna {

absl::Status CheckUtf8(absl::string_view text) {
  absl::string_view rest = text;
  while (!rest.empty()) {
    const size_t position = text.size() - rest.size();
    const std::optional<char32_t> character = TakeUtf8Character(rest);
    if (!character.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat("not UTF-8 at byte ", position));
    }
    if (*character == 0) {
      return absl::InvalidArgumentError(absl::StrCat("U+0000 at byte ", position));
    }
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
