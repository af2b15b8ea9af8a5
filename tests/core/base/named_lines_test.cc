#include "core/base/named_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace urna {
namespace {

using ::testing::HasSubstr;

TEST(NamedLinesTest, AreTakenOneByOne) {
  NamedLines lines("header\nname of two words\nempty \n", "letter");
  EXPECT_EQ(lines.TakeLine().value(), "header");
  EXPECT_TRUE(lines.Next("name"));
  EXPECT_FALSE(lines.Next("nam"));
  EXPECT_EQ(lines.Take("name").value(), "of two words");
  EXPECT_FALSE(lines.AtEnd());
  EXPECT_EQ(lines.Take("empty").value(), "");
  EXPECT_TRUE(lines.AtEnd());
  EXPECT_FALSE(lines.Next("name"));
}

TEST(NamedLinesTest, SayWhatIsWrong) {
  EXPECT_EQ(NamedLines("", "letter").Take("name").status(),
            absl::InvalidArgumentError("letter: it ends too early"));
  EXPECT_EQ(NamedLines("name x", "letter").Take("name").status(),
            absl::InvalidArgumentError("letter: a line has no end"));
  for (const char* other : {"names x\n", "name\n", "\n", " name x\n"}) {
    EXPECT_EQ(NamedLines(other, "letter").Take("name").status(),
              absl::InvalidArgumentError("letter: the line 'name' is missing"))
        << other;
  }
}

TEST(NamedLinesTest, HexIsOfOneForm) {
  std::array<uint8_t, 32> out{};
  EXPECT_EQ(NamedLines("h " + std::string(62, '0') + "1f\n", "letter").TakeHex("h", out),
            absl::OkStatus());
  EXPECT_EQ(out[31], 0x1f);
  for (const std::string& wrong : {std::string(62, '0') + "1F", std::string(62, '0'),
                                   std::string(66, '0'), std::string(63, '0') + "g"}) {
    const std::string text = "h " + wrong + "\n";
    EXPECT_THAT(NamedLines(text, "letter").TakeHex("h", out).message(),
                HasSubstr("'h' is not 64 hex digits in lower case"));
  }
}

}  // namespace
}  // namespace urna
