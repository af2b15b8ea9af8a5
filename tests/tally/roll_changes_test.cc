#include "tally/roll_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "tally/roll_log.h"
#include "tally/roll_report.h"
#include "tests/support/poll_fixture.h"

namespace urna::tally {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// Five members, by turns of the districts 1 and 2, and two credentials for newcomers.
class ListedChangesTest : public ::testing::Test {
 protected:
  ListedChangesTest()
      : rng_(13),
        people_(testing::MakePeople(1, 1, rng_)),
        roll_(testing::MakeRoll({"board.example/roll", 5, {1, 2}}, people_.registrar,
                                people_.roll_log, rng_)) {
    for (roll::RollMember& newcomer : newcomers_) {
      newcomer =
          testing::MakeMember(roll_.state->roll_id(), crypto::Credential::Generate(rng_), 1, rng_);
    }
  }

  static std::string Enrolment(const roll::RollMember& member) {
    return absl::StrCat("\"credential\": \"", ToHex(member.credential), "\", \"nonce\": \"",
                        ToHex(member.nonce), "\", \"commitment\": \"", ToHex(member.commitment),
                        "\", \"responses\": \"", ToHex(member.responses), "\"");
  }
  std::string Named(size_t member) const { return ToHex(roll_.members[member].credential); }

  absl::StatusOr<SignedChanges> Sign(const std::string& text, const Nonces* nonces = nullptr) {
    auto listed = ParseChanges(text, "changes.jsonl");
    if (!listed.ok()) return listed.status();
    return SignChanges(*std::move(listed), nonces, *roll_.state, people_.registrar.key, 2);
  }
  std::string ErrorOf(const std::string& text, const Nonces* nonces = nullptr) {
    const auto changes = Sign(text, nonces);
    EXPECT_TRUE(absl::IsInvalidArgument(changes.status())) << text << changes.status();
    return std::string(changes.status().message());
  }
  // One of every kind.
  std::string Usual() const {
    return absl::StrCat("{\"change\": \"re-key\", \"replaces\": \"", Named(1), "\", ",
                        Enrolment(newcomers_[0]),
                        "}\n\n{\"change\": \"remove\", \"credential\": \"", Named(0),
                        "\"}\n{\"change\": \"move\", \"credential\": \"", Named(2),
                        "\", \"district\": 2}\n{\"change\": \"add\", \"district\": 2, ",
                        "\"category\": 1, ", Enrolment(newcomers_[1]), "}\n");
  }

  crypto::SeededRng rng_;
  testing::TestPeople people_;
  testing::TestRoll roll_;
  roll::RollMember newcomers_[2];
};

TEST_F(ListedChangesTest, AreSortedFilledInAndSigned) {
  const auto changes = Sign(Usual());
  ASSERT_TRUE(changes.ok()) << changes.status();
  ASSERT_THAT(changes->changes, SizeIs(4));
  for (size_t i = 1; i < 4; ++i) {
    EXPECT_LT(changes->changes[i - 1].change.member.credential,
              changes->changes[i].change.member.credential);
  }
  const roll::RollState& now = changes->roll;
  EXPECT_EQ(now.Find(roll_.members[0].credential), nullptr);
  EXPECT_EQ(now.Find(roll_.members[1].credential), nullptr);
  // Who is re-keyed and who moves keep what the line does not say.
  EXPECT_EQ(*now.Find(newcomers_[0].credential), (roll::RollState::Entitlement{2, 1, 1}));
  EXPECT_EQ(*now.Find(roll_.members[2].credential), (roll::RollState::Entitlement{2, 1, 1}));
  EXPECT_EQ(now.members(), 5u);
  testing::TestRoll logged = roll_.PublicPart();
  testing::AddEpoch(logged, people_.registrar, changes->changes);
  EXPECT_EQ(logged.state->members(), 5u);
}

TEST_F(ListedChangesTest, AreCountedByEpochAndDistrict) {
  testing::TestRoll logged = roll_.PublicPart();
  testing::AddEpoch(logged, people_.registrar, Sign(Usual())->changes);
  RollReplay replay(true, 1);
  for (const Bytes& entry : logged.Entries()) ASSERT_EQ(replay.Take(entry), absl::OkStatus());
  ASSERT_EQ(replay.Finish(), absl::OkStatus());
  ASSERT_THAT(replay.changes(), SizeIs(2));
  EXPECT_EQ(replay.changes()[0].at(1), (DistrictChanges{.added = 3, .members = 3}));
  EXPECT_EQ(replay.changes()[0].at(2), (DistrictChanges{.added = 2, .members = 2}));
  EXPECT_EQ(replay.changes()[1].at(1),
            (DistrictChanges{.removed = 1, .moved_out = 1, .members = 1}));
  EXPECT_EQ(
      replay.changes()[1].at(2),
      (DistrictChanges{.added = 1, .moved_in = 1, .rekeyed = 1, .replaced = 1, .members = 4}));
  ASSERT_THAT(replay.epochs(), SizeIs(2));
  EXPECT_EQ(replay.epochs().begin()->first, 7u);
  EXPECT_EQ((*replay.LastEpoch())->pin().size, 12u);
  EXPECT_EQ((*replay.LastEpoch())->pin().root, replay.root());

  const CensusFigures census{"Register", {{1, {1, {}}}, {2, {4, {{1, 3}}}}}};
  const RollReport report = MakeRollReport(**replay.LastEpoch(), replay.changes(), census, 0, "en");
  ASSERT_THAT(report.Above(), SizeIs(1));
  EXPECT_EQ(report.Above()[0].name, "Category 1 of district 2 District 2");
  const Json json = report.ToJson();
  EXPECT_EQ(json["epochs"][1]["districts"][1]["rekeyed"], 1);
  EXPECT_EQ(json["districts"][1]["categories"][0]["above"], true);
  EXPECT_THAT(report.ToText(), HasSubstr("epoch district"));
}

TEST_F(ListedChangesTest, ATornLogIsNoEpoch) {
  RollReplay replay(false, 1);
  std::vector<Bytes> entries = roll_.Entries();
  entries.pop_back();
  for (const Bytes& entry : entries) ASSERT_EQ(replay.Take(entry), absl::OkStatus());
  EXPECT_TRUE(absl::IsFailedPrecondition(replay.LastEpoch().status()));
  EXPECT_TRUE(replay.changes().empty());
}

TEST_F(ListedChangesTest, NameTheLineThatIsWrong) {
  EXPECT_THAT(ErrorOf("\n{"), HasSubstr("changes.jsonl line 2: "));
  EXPECT_THAT(ErrorOf("{\"change\": \"expel\"}"), HasSubstr("$.change: 'expel' is none of"));
  EXPECT_THAT(ErrorOf("{\"change\": \"remove\", \"credential\": \"ab\"}"),
              HasSubstr("$.credential: 64 hex digits"));
  EXPECT_THAT(ErrorOf(absl::StrCat("{\"change\": \"remove\", \"credential\": \"", Named(0),
                                   "\", \"district\": 2}")),
              HasSubstr("district"));
  EXPECT_THAT(ErrorOf(absl::StrCat("{\"change\": \"add\", \"category\": 1, ",
                                   Enrolment(newcomers_[0]), "}")),
              HasSubstr("district"));
  EXPECT_THAT(ErrorOf(""), HasSubstr("there is no change"));
  const std::string remove =
      absl::StrCat("{\"change\": \"remove\", \"credential\": \"", Named(0), "\"}\n");
  EXPECT_THAT(ErrorOf(remove + remove), HasSubstr("line 2: "));
  EXPECT_THAT(ErrorOf(remove + "{\"change\": \"move\", \"district\": 7, \"credential\": \"" +
                      Named(1) + "\"}"),
              HasSubstr("no district 7"));
}

TEST_F(ListedChangesTest, HaveNoncesThatWereGivenOutAndProofs) {
  EXPECT_TRUE(Sign(Usual()).ok());
  Nonces nonces{newcomers_[0].nonce};
  EXPECT_THAT(ErrorOf(Usual(), &nonces), HasSubstr("line 5: the nonce is not one"));
  nonces.insert(newcomers_[1].nonce);
  EXPECT_TRUE(Sign(Usual(), &nonces).ok());
  newcomers_[1].responses[0] ^= 1;
  EXPECT_THAT(ErrorOf(Usual()), HasSubstr("line 5: "));
  EXPECT_THAT(ErrorOf(Usual()), HasSubstr("enrolment proof does not verify"));
  newcomers_[1].nonce = newcomers_[0].nonce;
  EXPECT_THAT(ErrorOf(Usual()), HasSubstr("another has the same nonce"));
}

TEST_F(ListedChangesTest, WhoComesBackUnderANewCredentialSaysWhere) {
  testing::ChangeRoll(
      roll_, people_.registrar,
      {{roll::ChangeKind::kRemove, {.credential = roll_.members[1].credential}, {}}});
  const std::string back = absl::StrCat("{\"change\": \"re-key\", \"replaces\": \"", Named(1),
                                        "\", ", Enrolment(newcomers_[0]));
  EXPECT_THAT(ErrorOf(back + "}"), HasSubstr("district and category must be given"));
  EXPECT_TRUE(Sign(back + ", \"district\": 1, \"category\": 1}").ok());
}

}  // namespace
}  // namespace urna::tally
