#include "tally/members.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/support/poll_fixture.h"

namespace urna::tally {
namespace {

using ::testing::HasSubstr;

std::string Line(const roll::RollMember& member) {
  return absl::StrCat("{\"credential\": \"", ToHex(member.credential), "\", \"nonce\": \"",
                      ToHex(member.nonce), "\", \"commitment\": \"", ToHex(member.commitment),
                      "\", \"responses\": \"", ToHex(member.responses),
                      "\", \"district\": ", member.district, ", \"category\": ", member.category,
                      "}\n");
}

class MembersTest : public ::testing::Test {
 protected:
  MembersTest()
      : rng_(11),
        people_(testing::MakePeople(1, 1, rng_)),
        roll_(testing::MakeRoll({"board.example/roll", 5, {1, 2}}, people_.registrar,
                                people_.roll_log, rng_)),
        empty_(roll_.header) {}

  std::string Lines() const {
    std::string out;
    for (auto member = roll_.members.rbegin(); member != roll_.members.rend(); ++member) {
      out += Line(*member);
    }
    return out;
  }
  std::string ErrorOf(std::vector<roll::RollMember> members, const Nonces* nonces = nullptr) {
    const auto checked = CheckAndSort(std::move(members), nonces, empty_, 1, {});
    EXPECT_FALSE(checked.ok());
    return checked.ok() ? "" : std::string(checked.status().message());
  }

  crypto::SeededRng rng_;
  testing::TestPeople people_;
  testing::TestRoll roll_;
  roll::RollState empty_;
};

TEST_F(MembersTest, AreReadCheckedAndSorted) {
  const auto members = ParseMembers(Lines(), "members.jsonl");
  ASSERT_TRUE(members.ok()) << members.status();
  ASSERT_EQ(members->size(), 5u);
  Nonces nonces;
  for (const roll::RollMember& member : *members) nonces.insert(member.nonce);
  const auto sorted = CheckAndSort(*members, &nonces, empty_, 2, {});
  ASSERT_TRUE(sorted.ok()) << sorted.status();
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ((*sorted)[i].credential, roll_.members[i].credential);
    EXPECT_EQ((*sorted)[i].district, roll_.members[i].district);
    EXPECT_EQ((*sorted)[i].responses, roll_.members[i].responses);
  }
}

TEST_F(MembersTest, HaveAWeightIfTheRegistrarGivesOne) {
  std::string line = Line(roll_.members[0]);
  EXPECT_EQ(ParseMembers(line, "m")->at(0).weight, 1u);
  line.replace(line.rfind('}'), 1, ", \"weight\": 250}");
  const auto members = ParseMembers(line, "m");
  ASSERT_TRUE(members.ok()) << members.status();
  EXPECT_EQ(members->at(0).weight, 250u);
  EXPECT_EQ(CheckAndSort(*members, nullptr, empty_, 1, {})->at(0).weight, 250u);
  std::vector<roll::RollMember> none = *members;
  none[0].weight = 0;
  EXPECT_THAT(ErrorOf(none), HasSubstr("weight 0 where 1 is the least"));
  line.replace(line.find("250"), 3, "4294967296");
  EXPECT_THAT(std::string(ParseMembers(line, "m").status().message()), HasSubstr("$.weight"));
}

TEST_F(MembersTest, RefusesWhatTheRollWouldNot) {
  std::vector<roll::RollMember> members = roll_.members;
  members.push_back(members[0]);
  EXPECT_THAT(ErrorOf(members), HasSubstr("stands twice"));
  members = roll_.members;
  members[1].nonce = members[0].nonce;
  EXPECT_THAT(ErrorOf(members), HasSubstr("same nonce"));
  members = roll_.members;
  members[2].district = 9;
  EXPECT_THAT(ErrorOf(members), HasSubstr(ToHex(members[2].credential)));
  members = roll_.members;
  members[3].responses[0] ^= 1;
  EXPECT_THAT(ErrorOf(members), HasSubstr(ToHex(members[3].credential)));
  const Nonces none;
  EXPECT_THAT(ErrorOf(roll_.members, &none), HasSubstr("not one that the registrar gave out"));
}

TEST_F(MembersTest, NameTheLineThatIsWrong) {
  const std::string good = Line(roll_.members[0]);
  EXPECT_THAT(
      std::string(ParseMembers(good + "\n{\"credential\": \"00\"}", "m").status().message()),
      HasSubstr("m line 3: $.credential: 64 hex digits"));
  EXPECT_THAT(std::string(ParseMembers(good + "oops", "m").status().message()),
              HasSubstr("m line 2: "));
}

TEST(NoncesTest, AreOneALineAndNoneTwice) {
  const std::string a(64, 'a'), b(64, 'b');
  EXPECT_EQ(ParseNonces(a + "\n" + b + "\n", "n")->size(), 2u);
  EXPECT_THAT(std::string(ParseNonces(a + "\n" + a, "n").status().message()),
              HasSubstr("n line 2: the nonce stands twice"));
  EXPECT_FALSE(ParseNonces("abc", "n").ok());
}

}  // namespace
}  // namespace urna::tally
