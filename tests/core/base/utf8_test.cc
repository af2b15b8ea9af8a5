#include "core/base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace urna {
namespace {

TEST(Utf8Test, TakesCharactersOfEveryLength) {
  absl::string_view text = "a\xc3\xa4\xe2\x80\x94\xf0\x9f\x97\xb3";
  for (char32_t expected : {U'a', U'\u00e4', U'\u2014', U'\U0001f5f3'}) {
    EXPECT_EQ(TakeUtf8Character(text), expected);
  }
  EXPECT_EQ(TakeUtf8Character(text), std::nullopt);
  EXPECT_TRUE(
      IsUtf8Text("\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"));
  EXPECT_TRUE(IsUtf8Text(""));
}

TEST(Utf8Test, RefusesMalformedText) {
  for (const char* text : {"\x80",
                           "\xbf",
                           "\xc0\x80",
                           "\xc1\xbf",
                           "\xe0\x80\x80",
                           "\xe0\x9f\xbf",
                           "\xed\xa0\x80",
                           "\xed\xbf\xbf",
                           "\xf0\x80\x80\x80",
                           "\xf0\x8f\xbf\xbf",
                           "\xf4\x90\x80\x80",
                           "\xf8\x88\x80\x80\x80",
                           "\xff",
                           "\xfe",
                           "\xc3",
                           "\xe2\x80",
                           "\xf0\x9f\x97",
                           "\xc3"
                           "a",
                           "\xe2\x80"
                           "a",
                           "a\x80"}) {
    EXPECT_FALSE(IsUtf8Text(text)) << testing::PrintToString(text);
  }
  EXPECT_FALSE(IsUtf8Text(absl::string_view("a\0b", 3)));
}

TEST(Utf8Test, KnowsUnicodeSpaces) {
  for (char32_t c : {U' ', U'\t', U'\n', U'\r', U'\u0085', U'\u00a0', U'\u1680', U'\u2000',
                     U'\u200a', U'\u2028', U'\u2029', U'\u202f', U'\u205f', U'\u3000'}) {
    EXPECT_TRUE(IsUnicodeSpace(c)) << static_cast<uint32_t>(c);
  }
  for (char32_t c : {U'a', U'+', U'\u200b', U'\u2014', U'\ufeff'}) {
    EXPECT_FALSE(IsUnicodeSpace(c)) << static_cast<uint32_t>(c);
  }
}

TEST(Utf8Test, PrintableTextHasNoControlCharacters) {
  EXPECT_EQ(Printable("a\x1b[2Jb\nc\u00e9 \U0001f5f3"), "a [2Jb c\u00e9 \U0001f5f3");
  EXPECT_EQ(Printable(absl::string_view("\0\x1f\x20\x7e\x7f", 5)), "   ~ ");
  // U+0080 and U+009F, the first and last of those that some terminals obey, and U+00A0.
  EXPECT_EQ(Printable("\xc2\x80|\xc2\x9b[2J|\xc2\x9f|\xc2\xa0"), " | [2J| |\xc2\xa0");
}

TEST(Utf8Test, PrintableTextIsUtf8) {
  EXPECT_EQ(Printable("a\x9b[2J"), "a\ufffd[2J");
  EXPECT_EQ(Printable("\xe2\x80\n\xc3"), "\ufffd\ufffd \ufffd");
}

TEST(Utf8Test, PrintableLinesKeepTheirNewlines) {
  EXPECT_EQ(PrintableLines("a\tb\r\n\nc\xc2\x85\n"), "a b \n\nc \n");
  EXPECT_EQ(PrintableLines(""), "");
}

}  // namespace
}  // namespace urna
