#include "core/base/bytes.h"

#include <gtest/gtest.h>

#include <string>

namespace urna {
namespace {

TEST(HexTest, RoundTripsEveryByte) {
  Bytes all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<uint8_t>(i));
  const std::string text = ToHex(all);
  EXPECT_EQ(text.substr(0, 8), "00010203");
  EXPECT_EQ(text.substr(504), "fcfdfeff");
  EXPECT_EQ(FromHex(text).value(), all);
  EXPECT_EQ(FromHex("").value(), Bytes());
}

TEST(HexTest, RefusesOtherSpellings) {
  for (const char* text : {"0", "0g", "AB", "aB", " 00", "0x00", "00 ", "0\n"}) {
    EXPECT_EQ(FromHex(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

// RFC 4648 §10.
TEST(Base64Test, MatchesRfc4648) {
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : cases) {
    EXPECT_EQ(ToBase64(AsBytes(plain)), coded);
    EXPECT_EQ(AsText(FromBase64(coded).value()), plain);
  }
  EXPECT_EQ(ToBase64(Bytes{0xfb, 0xff}), "+/8=");
}

TEST(Base64Test, RefusesOtherSpellings) {
  for (const char* text :
       {"Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zh==", "Zm9=", "Zm 9", "Zm9v\n", "Zm9v\n\n\n\n",
        "Zg==Zg==", "Z=g=", "-_8=", "Zm9v=", "\xc3\xa4==", "A==="}) {
    EXPECT_EQ(FromBase64(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

// Whatever three and four characters the parser accepts, the formatter writes back.
TEST(Base64Test, AcceptsOnlyWhatItWrites) {
  const std::string alphabet = "AQgw/+=9z";
  size_t accepted = 0;
  for (char a : alphabet) {
    for (char b : alphabet) {
      for (char c : alphabet) {
        for (char d : alphabet) {
          const std::string text = {a, b, c, d};
          const absl::StatusOr<Bytes> bytes = FromBase64(text);
          if (!bytes.ok()) continue;
          ++accepted;
          EXPECT_EQ(ToBase64(*bytes), text);
        }
      }
    }
  }
  EXPECT_GT(accepted, 8u * 8 * 8 * 8 - 1);
}

TEST(ToArrayTest, WantsTheExactSize) {
  const Bytes bytes = {1, 2, 3};
  EXPECT_EQ(ToArray<3>(bytes).value(), (std::array<uint8_t, 3>{1, 2, 3}));
  EXPECT_EQ(ToArray<2>(bytes).status().message(), "3 bytes where 2 belong");
  EXPECT_FALSE(ToArray<4>(bytes).ok());
}

}  // namespace
}  // namespace urna
