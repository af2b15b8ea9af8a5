// Claims of signatures, docs/protocol.md §8.3. That they are worth the same to the reference
// verifier is seen in tests/vectors/claims.json, which that has made.
#include "core/petition/claim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/base/file.h"
#include "tests/core/petition/petition_kit.h"

namespace urna::petition {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kSentence[] = "I am Mari, and I signed this.";

class ClaimTest : public ::testing::Test {
 protected:
  ClaimTest() : kit_(11, PetitionKit::SmallRings()) { kit_.Open(); }

  const ActContext& context() const { return *kit_.state.context(); }
  Claim Make(size_t member, absl::string_view sentence = kSentence) {
    absl::StatusOr<Claim> claim =
        MakeClaim(kit_.state.manifest().origin, kit_.state.poll_id(), context(), sentence,
                  kit_.roll.credentials.at(member), kit_.rng);
    EXPECT_TRUE(claim.ok()) << claim.status();
    return *claim;
  }
  static void ExpectNotProved(const Claim& claim, const std::string& words = "") {
    const absl::Status status = VerifyClaim(claim);
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("the claim is not proved: " + words));
  }

  PetitionKit kit_;
};

TEST_F(ClaimTest, IsProvedAndSurvivesItsText) {
  const Claim made = Make(0);
  EXPECT_EQ(made.tag, kit_.TagOf(0));
  EXPECT_TRUE(VerifyClaim(made).ok()) << VerifyClaim(made);
  const auto parsed = Claim::Parse(made.ToText());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->ToText(), made.ToText());
  EXPECT_TRUE(VerifyClaim(*parsed).ok());
}

TEST_F(ClaimTest, EveryFieldCounts) {
  const Claim good = Make(0);
  Claim bad = good;
  bad.sentence += "!";
  ExpectNotProved(bad);
  bad = good;
  bad.origin += "2";
  ExpectNotProved(bad);
  for (auto field : {&Claim::poll, &Claim::context}) {
    bad = good;
    (bad.*field)[0] ^= 1;
    ExpectNotProved(bad);
  }
  const Claim other = Make(1);
  for (auto field : {&Claim::tag, &Claim::commitment, &Claim::response}) {
    bad = good;
    bad.*field = other.*field;
    ExpectNotProved(bad);
    (bad.*field).fill(0xff);
    ExpectNotProved(bad);
  }
  bad = good;
  bad.tag = {};
  ExpectNotProved(bad, "tag");
}

TEST_F(ClaimTest, NoActIsAClaimAndNoClaimAnAct) {
  TagAct act = kit_.MakeTag(0, Act::kSign, 2);
  Claim claim = Make(0);
  EXPECT_THAT(VerifyActProof(context(), act), IsEmpty());
  std::swap(act.commitment, claim.commitment);
  std::swap(act.response, claim.response);
  ExpectNotProved(claim);
  EXPECT_THAT(kit_.CheckProof(act), ElementsAre("P4"));
}

TEST_F(ClaimTest, OneSentenceIsOneLine) {
  for (const std::string& bad :
       {std::string(), std::string(kMaxClaimSentence + 1, 'x'), std::string("two\nlines"),
        std::string("a\0b", 3), std::string("\xff"), std::string("a\x7f")}) {
    const auto made = MakeClaim(kit_.state.manifest().origin, kit_.state.poll_id(), context(), bad,
                                kit_.roll.credentials.at(0), kit_.rng);
    EXPECT_TRUE(absl::IsInvalidArgument(made.status())) << made.status();
    EXPECT_THAT(std::string(made.status().message()), HasSubstr("its sentence"));
  }
  EXPECT_TRUE(VerifyClaim(Make(0, std::string(kMaxClaimSentence, 'x'))).ok());
}

TEST(ClaimVectorsTest, AreWorthTheSameAsToTheReference) {
  const auto file = ReadFile("tests/vectors/claims.json", 1 << 20);
  ASSERT_TRUE(file.ok()) << file.status();
  const nlohmann::json vectors = nlohmann::json::parse(AsText(*file));
  std::set<std::string> verdicts;
  for (const auto& one : vectors["cases"]) {
    const auto claim = Claim::Parse(one["file"].get<std::string>());
    std::string verdict = "malformed";
    if (claim.ok()) verdict = VerifyClaim(*claim).ok() ? "proved" : "not proved";
    EXPECT_EQ(verdict, one["verdict"].get<std::string>()) << one["name"];
    if (claim.ok()) {
      EXPECT_EQ(claim->ToText(), one["file"].get<std::string>());
    }
    verdicts.insert(verdict);
  }
  EXPECT_THAT(verdicts, ElementsAre("malformed", "not proved", "proved"));
}

}  // namespace
}  // namespace urna::petition
