// One text in several languages. docs/protocol.md §1.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace urna {

// InvalidArgument, naming the byte, unless `text` is UTF-8 in shortest form without U+0000.
absl::Status CheckUtf8(absl::string_view text);

// A BCP 47 tag in lower case: 2 to 35 characters of a-z, 0-9 and '-'.
absl::Status CheckLanguage(absl::string_view language);

struct LocalizedText {
  std::string language;
  std::string text;
  bool operator==(const LocalizedText&) const = default;
};

// Ascending by language, each once.
using LocalizedTexts = std::vector<LocalizedText>;

// At least one, languages valid and strictly ascending, texts UTF-8.
absl::Status CheckTexts(const LocalizedTexts& texts);

// The text in the wanted language; else English; else the first.
absl::string_view PickText(const LocalizedTexts& texts, absl::string_view language);

}  // namespace urna
