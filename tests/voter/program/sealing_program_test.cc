// seal, cast, challenge, check-opening and publish-opening; and ballots with lists, blank and
// limits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/core/election/rich_contests.h"
#include "tests/voter/program/program_fixture.h"

namespace urna::voter {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

// Voters 0, 2, 4: projects with limits, lists, one of two or blank. Voters 1, 3: the last alone.
void RichManifest(election::Manifest& manifest) {
  manifest.challenges = 1;
  manifest.contests = {testing::BudgetContest(), testing::ListContest(),
                       testing::PlainContest(election::Rule::kOneOfN, 2, 1, 1, 1)};
  manifest.contests[1].number = 2;
  manifest.contests[2].number = 3;
  manifest.contests[2].blank = true;
  manifest.styles = {{1, {1, 2, 3}}, {2, {3}}};
}

class SealingProgramTest : public ProgramTest {
 protected:
  static void SetUpTestSuite() { Serve(RichManifest); }

  static std::string Server() { return " --server " + polls_->address(); }
  // Without --poll: a sealed ballot knows its own.
  static std::string Sealed(const std::string& name) {
    return " --sealed " + File(name) + Server();
  }
  static Outcome Seal(size_t voter, const std::string& name, const std::string& choices) {
    return Run("seal --json --rehearsal --sealed " + File(name) + On(kElection) + As(voter) +
               choices);
  }
};

TEST_F(SealingProgramTest, ShowsListsCostsLimitsAndBlank) {
  const Outcome shown = Run("show" + On(kElection));
  EXPECT_EQ(shown.status, 0) << shown.err;
  for (const char* line :
       {"1:option2  option2  (cost 500)", "limit Money: cost at most 700 (all options)",
        "limit Parks: number at most 1 (option0, option2)",
        "(choose one list; 0 to 2 points for its candidates, each 0 to 2; or blank)",
        "  2:greens  Greens\n      2:option0  option0\n", "  3:blank\n",
        "You may challenge 1 sealed ballot"}) {
    EXPECT_THAT(shown.out, HasSubstr(line));
  }
  const Json json = Json::parse(Run("show --json" + On(kElection)).out);
  EXPECT_EQ(json["challenges"], 1);
  EXPECT_EQ(json["contests"][0]["options"][1]["cost"], 200);
  EXPECT_EQ(json["contests"][0]["limits"][1]["options"], Json({"option0", "option2"}));
  EXPECT_EQ(json["contests"][1]["lists"][1]["id"], "reds");
  EXPECT_EQ(json["contests"][1]["options"][3]["list"], "reds");
  EXPECT_EQ(json["contests"][2]["blank"], true);
}

TEST_F(SealingProgramTest, VotesForListsAndBlankWithinTheLimits) {
  const Outcome much = Run("vote" + On(kElection) + As(0) +
                           "--choice 1:option0 --choice 1:option2 --blank 2 --blank 3");
  EXPECT_EQ(much.status, 3);
  EXPECT_THAT(much.err, HasSubstr("limit 'Money': the cost of what is chosen is 800, above 700"));
  ASSERT_TRUE(WriteFileDurably(File("choices"), AsBytes("# mine\n1:option0\n\n 1:option1\n2:reds\n"
                                                        "2:option3=2\n3:blank\n"))
                  .ok());
  const Outcome voted = Run("vote" + On(kElection) + As(0) + "--choices-file " + File("choices"));
  ASSERT_EQ(voted.status, 0) << voted.err;
  EXPECT_THAT(voted.out, HasSubstr("1 'Projects': option0, option1\n"));
  EXPECT_THAT(voted.out, HasSubstr("2 'Council': list Reds: option3 (2)\n"));
  EXPECT_THAT(voted.out, HasSubstr("3 'Plain': blank\n"));
}

TEST_F(SealingProgramTest, SealsAndCasts) {
  const Outcome words = Run("seal --rehearsal --sealed " + File("castme") + On(kElection) + As(1) +
                            "--choice 3:option1");
  ASSERT_EQ(words.status, 0) << words.err;
  EXPECT_THAT(words.out, Not(HasSubstr("option1"))) << "h and nothing else";
  EXPECT_THAT(words.out, HasSubstr("urna-voter challenge --sealed"));
  const Outcome again = Seal(1, "castme", "--choice 3:option0");
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.err, HasSubstr("never overwritten"));

  const Outcome cast = Run("cast --json" + Sealed("castme") + As(1));
  ASSERT_EQ(cast.status, 0) << cast.err;
  const Outcome twice = Run("cast --json" + Sealed("castme") + As(1));
  ASSERT_EQ(twice.status, 0) << twice.err;
  EXPECT_EQ(Json::parse(cast.out), Json::parse(twice.out));
  EXPECT_EQ(Json::parse(cast.out)["what"], "ballot");
  EXPECT_EQ(Run("check " + File("receipts1") + Server()).status, 0);
  const Outcome challenge =
      Run("challenge --yes" + Sealed("castme") + As(1) + "--opening " + File("opening1"));
  EXPECT_EQ(challenge.status, 1);
  EXPECT_THAT(challenge.err, HasSubstr("this ballot was cast"));
  EXPECT_FALSE(std::filesystem::exists(File("opening1")));
}

TEST_F(SealingProgramTest, ChallengesChecksAndPublishes) {
  const Outcome sealed = Seal(2, "doubt",
                              "--choice 1:option1 --choice 2:greens --choice 2:option0=1 "
                              "--choice 3:option1");
  ASSERT_EQ(sealed.status, 0) << sealed.err;
  const std::string hash = Json::parse(sealed.out)["hash"];
  EXPECT_EQ(Json::parse(sealed.out)["challenges_left"], 1);
  const std::string challenge = "challenge --json" + Sealed("doubt") + As(2) + "--opening ";
  const Outcome unsure = Run(challenge + File("opening"));
  EXPECT_EQ(unsure.status, 1);
  EXPECT_THAT(unsure.err, HasSubstr("can never be cast"));
  const Outcome done = Run(challenge + File("opening") + " --yes");
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(Json::parse(done.out)["hash"], hash);
  const Outcome second = Run(challenge + File("opening2"));
  ASSERT_EQ(second.status, 0) << second.err << "it has been given up already, so nothing is asked";
  EXPECT_EQ(Text(File("opening")), Text(File("opening2")));
  EXPECT_EQ(Run(challenge + File("opening") + " --yes").status, 1) << "never overwritten";
  const Outcome cast = Run("cast" + Sealed("doubt") + As(2));
  EXPECT_EQ(cast.status, 1);
  EXPECT_THAT(cast.err, HasSubstr("this ballot was challenged"));

  // The second device, with a board and with a record.
  const std::string check = "check-opening " + File("opening") + On(kElection) + "--hash ";
  const Outcome good = Run(check + hash);
  EXPECT_EQ(good.status, 0) << good.err;
  for (const char* line : {"that of the hash that you wrote down", "1 'Projects': option1\n",
                           "2 'Council': list Greens: option0 (1)\n", "3 'Plain': option1\n"}) {
    EXPECT_THAT(good.out, HasSubstr(line));
  }
  std::string other = hash;
  other[17] = other[17] == '0' ? '1' : '0';
  const Outcome bad = Run(check + other);
  EXPECT_EQ(bad.status, 1);
  EXPECT_THAT(bad.out, HasSubstr("is NOT that of the hash that you wrote down"));
  EXPECT_EQ(Run(check + hash.substr(8)).status, 3);
  const Json report = Json::parse(Run(check + hash + " --json").out);
  EXPECT_EQ(report["good"], true);
  EXPECT_EQ(report["challenge"], Json::parse(done.out)["index"]);
  EXPECT_EQ(Run("check-opening " + File("opening") + " --hash " + hash).status, 3);

  // One more than the election allows.
  ASSERT_EQ(Seal(2, "more", "--blank 1 --blank 2 --blank 3").status, 0);
  const Outcome more = Run("challenge --yes" + Sealed("more") + As(2) + "--opening " + File("o"));
  EXPECT_EQ(more.status, 1);
  EXPECT_THAT(more.err, HasSubstr("has challenged 1 of the 1 ballots"));
  EXPECT_EQ(Run("cast" + Sealed("more") + As(2)).status, 0);

  const std::string publish = "publish-opening --json " + File("opening") + On(kElection);
  const Outcome warned = Run(publish);
  EXPECT_EQ(warned.status, 1);
  EXPECT_THAT(warned.err, HasSubstr("Everybody will see for ever"));
  const Outcome published = Run(publish + "--yes");
  ASSERT_EQ(published.status, 0) << published.err;
  EXPECT_EQ(Run(publish + "--yes").out, published.out) << "the same bytes, the same entry";
  EXPECT_EQ(Run(check + hash).status, 0);
}

TEST_F(SealingProgramTest, ChecksAnOpeningAgainstARecord) {
  const Outcome sealed = Seal(3, "third", "--choice 3:blank");
  ASSERT_EQ(sealed.status, 0) << sealed.err;
  const std::string hash = Json::parse(sealed.out)["hash"];
  const Outcome done =
      Run("challenge --yes" + Sealed("third") + As(3) + "--opening " + File("opening3"));
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("It will not be counted"));
  auto client = remote::BoardClient::Connect(polls_->address(), {});
  ASSERT_TRUE(client.ok()) << client.status();
  ASSERT_TRUE(client->FetchRecord(kElection, File("record")).ok());
  const std::string check = "check-opening " + File("opening3") + " --hash " + hash + " --record ";
  const Outcome good = Run(check + File("record"));
  EXPECT_EQ(good.status, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("3 'Plain': blank"));
  EXPECT_EQ(Run(check + File("nothing")).status, 3);
  EXPECT_EQ(Run(check + File("record") + " --poll-id " + std::string(64, 'a')).status, 1);
}

}  // namespace
}  // namespace urna::voter
