#include "core/base/localized_text.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "core/base/utf8.h"

namespace urna {
namespace {

TEST(CheckUtf8Test, AcceptsShortestFormsToTheLastCharacter) {
  for (const char* good : {"", "plain", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
                           "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
                           "\xf4\x8f\xbf\xbf", "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x97\xb3"}) {
    EXPECT_TRUE(CheckUtf8(good).ok()) << good;
  }
}

TEST(CheckUtf8Test, RefusesEverythingElseAndNamesTheByte) {
  for (const char* bad : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2g", "\xe0\x9f\xbf",
                          "\xed\xa0\x80", "\xed\xbf\xbf", "\xe2\x82", "\xf0\x8f\xbf\xbf",
                          "\xf4\x90\x80\x80", "\xf0\x9f\x97", "\xf5\x80\x80\x80", "\xfe", "\xff"}) {
    const std::string text = std::string("ab") + bad;
    const absl::Status status = CheckUtf8(text);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(status.message(), "not UTF-8 at byte 2");
  }
  EXPECT_EQ(CheckUtf8(absl::string_view("abc\0d", 5)).message(), "U+0000 at byte 3");
}

// Two implementations of the same rule, compared over every two bytes and a sample of longer ones.
TEST(CheckUtf8Test, AgreesWithIsUtf8Text) {
  std::string text;
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      text = {static_cast<char>(first), static_cast<char>(second)};
      ASSERT_EQ(CheckUtf8(text).ok(), IsUtf8Text(text)) << first << " " << second;
      for (int third : {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0}) {
        text = {static_cast<char>(first), static_cast<char>(second), static_cast<char>(third)};
        ASSERT_EQ(CheckUtf8(text).ok(), IsUtf8Text(text)) << first << " " << second << " " << third;
        text += '\x80';
        ASSERT_EQ(CheckUtf8(text).ok(), IsUtf8Text(text)) << first << " " << second << " " << third;
      }
    }
  }
}

TEST(CheckLanguageTest, IsALowerCaseTag) {
  for (const char* good :
       {"en", "sr-latn", "de-1996", "x-", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    EXPECT_TRUE(CheckLanguage(good).ok()) << good;
  }
  for (const char* bad : {"", "e", "EN", "en_us", "en us", "\xc3\xa4\xc3\xb6", "en\n",
                          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    EXPECT_EQ(CheckLanguage(bad).code(), absl::StatusCode::kInvalidArgument) << bad;
  }
}

void ExpectRefused(const LocalizedTexts& texts, absl::string_view words) {
  const absl::Status status = CheckTexts(texts);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << words;
  EXPECT_TRUE(absl::StrContains(status.message(), words)) << status;
}

TEST(CheckTextsTest, AcceptsAscendingLanguages) {
  EXPECT_TRUE(CheckTexts({{"en", "Mayor"}}).ok());
  EXPECT_TRUE(CheckTexts({{"de", "Wahl"}, {"en", ""}, {"en-gb", "x"}, {"fr", "\xc3\xa9"}}).ok());
}

TEST(CheckTextsTest, RefusesNoneRepeatedUnsortedAndBadOnes) {
  ExpectRefused({}, "no text in any language");
  ExpectRefused({{"en", "a"}, {"en", "b"}}, "language 'en' stands after 'en'");
  ExpectRefused({{"en", "a"}, {"de", "b"}}, "language 'de' stands after 'en'");
  ExpectRefused({{"en-gb", "a"}, {"en", "b"}}, "language 'en' stands after 'en-gb'");
  ExpectRefused({{"EN", "a"}}, "language 'EN'");
  ExpectRefused({{"de", "a"}, {"en", "b\xff"}}, "text in 'en': not UTF-8 at byte 1");
  ExpectRefused({{"en", std::string("a\0", 2)}}, "text in 'en': U+0000 at byte 1");
}

TEST(PickTextTest, TakesTheWantedLanguageElseEnglishElseTheFirst) {
  const LocalizedTexts texts = {{"de", "Wahl"}, {"en", "Election"}, {"fr", "Scrutin"}};
  EXPECT_EQ(PickText(texts, "fr"), "Scrutin");
  EXPECT_EQ(PickText(texts, "fi"), "Election");
  EXPECT_EQ(PickText({{"de", "Wahl"}, {"fr", "Scrutin"}}, "fi"), "Wahl");
  EXPECT_EQ(PickText({}, "en"), "");
}

}  // namespace
}  // namespace urna
