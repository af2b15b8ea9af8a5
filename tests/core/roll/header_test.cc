// The rules of a roll's header by itself, and its signature.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/roll/roll.h"
#include "tests/support/poll_fixture.h"

namespace urna::roll {
namespace {

using ::testing::ElementsAre;
using testing::English;
using ::testing::IsEmpty;

class RollHeaderTest : public ::testing::Test {
 protected:
  crypto::SeededRng rng_{1};
  testing::Signer registrar_ = testing::MakeSigner("registrar", rng_);
  testing::Signer log_ = testing::MakeSigner("board.example/roll", rng_);
  RollHeader header_ =
      testing::MakeRollHeader({.members = 0, .districts = {1, 5}}, registrar_, log_, rng_);

  void ExpectRefused(absl::string_view words, const std::function<void(RollHeader&)>& change) {
    RollHeader changed = header_;
    change(changed);
    const absl::Status status = CheckRollHeader(changed);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << words;
    EXPECT_TRUE(absl::StrContains(status.message(), words)) << status;
  }
};

TEST_F(RollHeaderTest, AcceptsAWellFormedOneWithItsSignature) {
  EXPECT_TRUE(CheckRollHeader(header_).ok()) << CheckRollHeader(header_);
  EXPECT_THAT(
      testing::Numbers(RollState::CheckHeader(testing::SignRollHeader(registrar_, header_))),
      IsEmpty());
}

TEST_F(RollHeaderTest, NamesTheElementThatIsWrong) {
  ExpectRefused("origin 'Board/roll'", [](auto& h) { h.origin = "Board/roll"; });
  ExpectRefused("log key", [](auto& h) { h.log_key = {}; });
  ExpectRefused("title: no text", [](auto& h) { h.title.clear(); });
  ExpectRefused("registrar: key name 'a b'", [](auto& h) { h.registrar.name = "a b"; });
  ExpectRefused("registrar: key 'registrar'", [](auto& h) { h.registrar.key = {1}; });
  ExpectRefused("no district", [](auto& h) { h.districts.clear(); });
  ExpectRefused("no category", [](auto& h) { h.categories.clear(); });
  ExpectRefused("district 1 stands after 5",
                [](auto& h) { std::swap(h.districts[0], h.districts[1]); });
  ExpectRefused("district 5 stands after 5", [](auto& h) { h.districts[0].number = 5; });
  ExpectRefused("category 1 stands after 1",
                [](auto& h) { h.categories.push_back(h.categories[0]); });
  ExpectRefused("district 5: name: language 'X'", [](auto& h) {
    h.districts[1].name = {{"X", "x"}};
  });
}

TEST_F(RollHeaderTest, IsRefusedUnderAnotherSignature) {
  const testing::Signer other = testing::MakeSigner("registrar", rng_);
  const auto violations = RollState::CheckHeader(testing::SignRollHeader(other, header_));
  EXPECT_THAT(testing::Numbers(violations), ElementsAre("S3"));
  EXPECT_EQ(violations[0].status.code(), absl::StatusCode::kPermissionDenied);

  SignedRollHeader spoilt = testing::SignRollHeader(registrar_, header_);
  spoilt.body.back() ^= 1;
  EXPECT_THAT(testing::Numbers(RollState::CheckHeader(spoilt)), ElementsAre("S3"));
  spoilt = testing::SignRollHeader(registrar_, header_);
  spoilt.signature[63] ^= 1;
  EXPECT_THAT(testing::Numbers(RollState::CheckHeader(spoilt)), ElementsAre("S3"));
}

TEST_F(RollHeaderTest, ThatBreaksARuleIsS3EvenWhenSigned) {
  header_.origin = "roll";
  const auto violations = RollState::CheckHeader(testing::SignRollHeader(registrar_, header_));
  EXPECT_THAT(testing::Numbers(violations), ElementsAre("S3"));
  EXPECT_EQ(violations[0].status.code(), absl::StatusCode::kInvalidArgument);
}

TEST(OriginTest, IsBoardSlashNameInFewCharacters) {
  for (const char* good : {"b/n", "board.example/poll-1", "a.b/c.d/e", "1/-"}) {
    EXPECT_TRUE(CheckOrigin(good).ok()) << good;
  }
  for (const char* bad : {"", "board", "/b", "b/", ".b/n", "b/n.", "b//n", "b/..n", "b../n", "B/n",
                          "b/n\n", "b/n n", "b/n+1", "b/\xc3\xa4", "b/n_1"}) {
    EXPECT_EQ(CheckOrigin(bad).code(), absl::StatusCode::kInvalidArgument) << bad;
  }
  EXPECT_TRUE(CheckOrigin(absl::StrCat("b/", std::string(253, 'n'))).ok());
  EXPECT_FALSE(CheckOrigin(absl::StrCat("b/", std::string(254, 'n'))).ok());
  // It may come from a stranger, and goes to a terminal.
  EXPECT_EQ(CheckOrigin("b/\x1b[2J").message(),
            "origin 'b/\\x1b[2J' has other characters than a-z 0-9 . - /");
}

TEST(NamedKeyTest, IsThatOfAVerifierKey) {
  crypto::SeededRng rng(2);
  const std::array<uint8_t, 32> key = testing::MakeSigner("x", rng).named.key;
  for (const char* good : {"a", "J\xc3\xb5geva", "\xe6\xad\xa3", "a/b:c"}) {
    EXPECT_TRUE(CheckNamedKey({good, key}).ok()) << good;
  }
  for (const char* bad : {"", "a+b", "a b", "a\tb", "a\n", "\xc2\xa0", "a\xe3\x80\x80", "\xff",
                          "\xc0\x80", "\xed\xa0\x80"}) {
    EXPECT_EQ(CheckNamedKey({bad, key}).code(), absl::StatusCode::kInvalidArgument) << bad;
  }
  EXPECT_FALSE(CheckNamedKey({std::string("a\0b", 3), key}).ok());
  EXPECT_TRUE(CheckNamedKey({std::string(255, 'a'), key}).ok());
  EXPECT_FALSE(CheckNamedKey({std::string(256, 'a'), key}).ok());
  std::array<uint8_t, 32> small{};
  small[0] = 1;  // the neutral element: of small order
  EXPECT_FALSE(CheckNamedKey({"a", small}).ok());
}

}  // namespace
}  // namespace urna::roll
