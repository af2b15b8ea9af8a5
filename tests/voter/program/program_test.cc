// urna-voter itself against the real server: what it prints, leaves behind and exits with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/petition/claim.h"
#include "tests/support/record_files.h"
#include "tests/support/witnesses.h"
#include "tests/voter/program/program_fixture.h"
#include "voter/enrolment.h"

namespace urna::voter {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

TEST_F(ProgramTest, ListsAndShowsPolls) {
  const Outcome polls = Run(absl::StrCat("polls --server ", polls_->address()));
  EXPECT_EQ(polls.status, 0) << polls.err;
  EXPECT_THAT(polls.out, HasSubstr("board.example/election  (election, voting)"));
  EXPECT_THAT(polls.out, HasSubstr("board.example/petition  (petition, collecting)"));
  const Outcome election = Run("show" + On(kElection));
  EXPECT_EQ(election.status, 0) << election.err;
  EXPECT_THAT(election.out, HasSubstr("1:anna"));
  const Outcome petition = Run("show --json" + On(kPetition));
  EXPECT_EQ(petition.status, 0) << petition.err;
  const Json json = Json::parse(petition.out);
  EXPECT_EQ(json["phase"], "collecting");
  EXPECT_EQ(json["text"]["en"], "We ask for more trees in every street.");
}

TEST_F(ProgramTest, VotesChecksAndLists) {
  const Outcome voted =
      Run("vote" + On(kElection) + As(0) + "--choice 1:bo --choice 2:eva --choice 3:park=2");
  ASSERT_EQ(voted.status, 0) << voted.err;
  EXPECT_THAT(voted.out, HasSubstr("1 'Mayor': bo"));
  EXPECT_THAT(voted.out, HasSubstr("Your ballot was accepted"));
  const Outcome again =
      Run("vote --json" + On(kElection) + As(0) + "--blank 1 --blank 3 --choice 2:dan");
  ASSERT_EQ(again.status, 0) << again.err;
  const Json json = Json::parse(again.out);
  EXPECT_EQ(json["sequence"], 2);
  EXPECT_TRUE(std::filesystem::exists(json["receipt_file"].get<std::string>()));

  const std::string server = absl::StrCat(" --server ", polls_->address());
  const Outcome checked =
      Run(absl::StrCat("check --json ", json["receipt_file"].get<std::string>(), server));
  EXPECT_EQ(checked.status, 0) << checked.err;
  const Json report = Json::parse(checked.out);
  EXPECT_EQ(report[0]["good"], true);
  EXPECT_EQ(report[0]["receipts"][0]["sequence"], 2);
  EXPECT_EQ(report[0]["last"]["index"], json["index"]);
  const Outcome whole = Run(absl::StrCat("check ", File("receipts0"), server));
  EXPECT_EQ(whole.status, 0) << whole.err;
  EXPECT_THAT(whole.out, HasSubstr("what counts now is number 2"));
  const Outcome listed = Run("receipts " + File("receipts0"));
  EXPECT_EQ(listed.status, 0) << listed.err;
  EXPECT_THAT(listed.out, HasSubstr("number 2, ballot: entry"));
}

TEST_F(ProgramTest, SaysWhatIsProvisionalUnderAPolicy) {
  ASSERT_EQ(Run(absl::StrCat("sign", On(kPetition), As(3))).status, 0);
  const std::string check = absl::StrCat("check ", File("receipts3"), " --server ",
                                         polls_->address(), " --policy ", File("policy"));
  const auto under = [&](const std::string& policy, const std::string& more = "") {
    EXPECT_TRUE(WriteFileDurably(File("policy"), AsBytes(policy)).ok());
    return Run(absl::StrCat(check, more));
  };
  // An auditor's policy, of the petition's log; no witness of it has been asked.
  const testing::TestWitnesses witnesses;
  std::string others = testing::PolicyText(polls_->fixture().people(), 2, 2);
  others.resize(others.rfind("quorum none"));
  const Outcome text = under(others + witnesses.PolicyLines());
  EXPECT_EQ(text.status, 2) << text.err;
  EXPECT_THAT(text.out, HasSubstr("provisional"));
  EXPECT_THAT(text.err, HasSubstr("not everything is final yet"));
  const Outcome json = under(witnesses.PolicyLines(), " --json");
  EXPECT_EQ(json.status, 2);
  const auto report = nlohmann::json::parse(json.out)[0];
  EXPECT_EQ(report["receipts"][0]["good"], true);
  EXPECT_EQ(report["receipts"][0]["final"], false);
  EXPECT_EQ(report["final_size"], 0);
  // What cannot say it is refused.
  const Outcome none = under(others + "quorum none\n");
  EXPECT_EQ(none.status, 3);
  EXPECT_THAT(none.err, HasSubstr("no witness quorum"));
  crypto::SeededRng rng(3);
  const auto log =
      merkle::NoteVerifier::Create(kPetition, crypto::SigningKey::Generate(rng).public_key());
  const Outcome other = under(absl::StrCat("log ", log->vkey(), "\n", witnesses.PolicyLines()));
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.err, HasSubstr("another key of the log"));
}

TEST_F(ProgramTest, SignsAndWithdraws) {
  EXPECT_EQ(Run("sign" + On(kPetition) + As(1)).status, 0);
  const Outcome twice = Run("sign" + On(kPetition) + As(1));
  EXPECT_EQ(twice.status, 1);
  EXPECT_THAT(twice.err, HasSubstr("urna-voter: the board refused the act"));
  EXPECT_EQ(Run("withdraw" + On(kPetition) + As(1)).status, 0);
}

TEST_F(ProgramTest, ExitStatusesTellWhatWentWrong) {
  EXPECT_EQ(Run("").status, 3);
  EXPECT_EQ(Run("vote" + On(kElection)).status, 3) << "no credential";
  EXPECT_EQ(Run("vote" + On(kElection) + As(1)).status, 3) << "no choice";
  const Outcome choice = Run("vote" + On(kElection) + As(1) + "--choice 1:zoe");
  EXPECT_EQ(choice.status, 3);
  EXPECT_THAT(choice.err, HasSubstr("contest 1 'Mayor' has no option 'zoe'"));
  const Outcome kind = Run("vote" + On(kPetition) + As(2) + "--choice 1:bo");
  EXPECT_EQ(kind.status, 1);
  EXPECT_THAT(kind.err, HasSubstr("is a petition"));
  const Outcome away = Run("polls --server 127.0.0.1:1");
  EXPECT_EQ(away.status, 2) << away.err;
  EXPECT_EQ(Run("vote --help").status, 0);
  EXPECT_EQ(Run("--version").status, 0);
  ASSERT_TRUE(WriteFileDurably(File("wrong"), AsBytes("other words\n")).ok());
  const Outcome wrong = Run("sign" + On(kPetition) + " --credential " + File("voter1") +
                            " --passphrase-file " + File("wrong"));
  EXPECT_EQ(wrong.status, 1);
  EXPECT_THAT(wrong.err, HasSubstr("wrong passphrase"));
  const Outcome id = Run("show --poll-id " + std::string(64, '0') + On(kElection));
  EXPECT_EQ(id.status, 1);
  EXPECT_THAT(id.err, HasSubstr("with the manifest"));
}

TEST_F(ProgramTest, MakesACredentialThatTheRollTakes) {
  const std::string nonce(64, 'a');
  const Outcome made = Run("credential new --json --roll board.example/roll --server " +
                           polls_->address() + " --nonce " + nonce + " --out " + File("mine") +
                           " --rehearsal --passphrase-file " + File("passphrase"));
  ASSERT_EQ(made.status, 0) << made.err;
  const crypto::Hash32& roll = polls_->fixture().roll().state->roll_id();
  EXPECT_EQ(Json::parse(made.out)["roll_id"], ToHex(roll));
  const Json enrolment = Json::parse(Text(File("mine.enrolment.json")));
  roll::RollMember member;
  member.credential = ParseHex32(enrolment["credential"].get<std::string>(), "").value();
  member.nonce = ParseHex32(enrolment["nonce"].get<std::string>(), "").value();
  member.commitment = ParseHex32(enrolment["commitment"].get<std::string>(), "").value();
  member.responses =
      ToArray<64>(FromHex(enrolment["responses"].get<std::string>()).value()).value();
  EXPECT_TRUE(roll::VerifyEnrolment(roll, member).empty());
  const Outcome shown = Run("credential show " + File("mine"));
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr(enrolment["credential"].get<std::string>()));
  EXPECT_NE(Run("credential new --roll " + ToHex(roll) + " --nonce " + nonce + " --out " +
                File("mine") + " --rehearsal --passphrase-file " + File("passphrase"))
                .status,
            0)
      << "a key file is never overwritten";
  // Not on the sealed roll, so it may not vote.
  const Outcome stranger =
      Run("vote" + On(kElection) + " --credential " + File("mine") + " --passphrase-file " +
          File("passphrase") + " --receipts " + File("strange") + " --choice 1:bo");
  EXPECT_EQ(stranger.status, 1);
  EXPECT_THAT(stranger.err, HasSubstr("your credential is not on the roll"));
}

TEST_F(ProgramTest, EnrolsAFile) {
  std::ofstream(File("three.pb"))
      << "META\nkey;value\nnum_votes;3\nPROJECTS\nproject_id;cost\nanna;1\nbo;2\n"
         "VOTES\nvoter_id;vote\na;bo\nb;anna\nc;bo\n";
  std::ofstream(File("nonces")) << std::string(64, '1') << "\n" << std::string(64, '2') << "\n";
  const std::string rest = " --roll-id " + std::string(64, '3') + " --nonces " + File("nonces") +
                           " --credentials " + File("many") + " --members " + File("members") +
                           " --rehearsal --passphrase-file " + File("passphrase");
  const Outcome few = Run("enrol-file " + File("three.pb") + rest);
  EXPECT_EQ(few.status, 3);
  EXPECT_THAT(few.err, HasSubstr("has 2 nonces where 3 are needed"));
  const Outcome two = Run("enrol-file --district 4 --voters 2 " + File("three.pb") + rest);
  ASSERT_EQ(two.status, 0) << two.err;
  std::ifstream members(File("members"));
  std::string line;
  int lines = 0;
  while (std::getline(members, line)) {
    EXPECT_EQ(Json::parse(line)["district"], 4);
    ++lines;
  }
  EXPECT_EQ(lines, 2);
}

TEST_F(ProgramTest, CastsTheVotesOfAFile) {
  // Voters 1 and 3 have style 2, whose one contest has these options; style 1 has more contests.
  std::ofstream(File("votes.pb"))
      << "META\nkey;value\nnum_votes;5\nmin_length;1\nPROJECTS\nproject_id;cost\nanna;1\nbo;2\n"
         "VOTES\nvoter_id;vote\na;bo\nb;anna\nc;bo\nd;\ne;bo\n";
  const std::string rest = On(kElection) + " --credentials " + File("all") + " --passphrase-file " +
                           File("passphrase") + " --receipts " + File("receipts.jsonl");
  const Outcome cast = Run("cast-file --json --sequence 50 " + File("votes.pb") + rest);
  EXPECT_EQ(cast.status, 1);
  const Json json = Json::parse(cast.out);
  EXPECT_EQ(json["accepted"], 1) << cast.out << cast.err;
  EXPECT_EQ(json["failed"].size(), 3u);
  ASSERT_EQ(json["left_out"].size(), 1u);
  EXPECT_THAT(json["left_out"][0].get<std::string>(),
              HasSubstr("voter 'd' at line 14: min_length is 1, the vote has 0"));
  EXPECT_THAT(cast.err, HasSubstr("1 of 5 voters break the file's own rules and are not cast"));
  EXPECT_THAT(cast.err, HasSubstr("1 of 4 ballots were accepted"));

  const Outcome more =
      Run("cast-file --json --ignore-limits --sequence 51 " + File("votes.pb") + rest);
  EXPECT_EQ(Json::parse(more.out)["accepted"], 2) << more.err;
  std::ifstream receipts(File("receipts.jsonl"));
  std::string line;
  int lines = 0;
  while (std::getline(receipts, line)) {
    const Json receipt = Json::parse(line);
    EXPECT_EQ(receipt["leaf"].get<std::string>().size(), 64u);
    EXPECT_THAT(receipt["proof"].get<std::string>(), HasSubstr("c2sp.org/tlog-proof@v1"));
    ++lines;
  }
  EXPECT_EQ(lines, 3);
}

TEST_F(ProgramTest, ManySignAtOnce) {
  const std::string rest =
      On(kPetition) + " --credentials " + File("all") + " --passphrase-file " + File("passphrase");
  const Outcome three = Run("sign-file --sequence 10 --count 3" + rest);
  EXPECT_EQ(three.status, 0) << three.err;
  EXPECT_THAT(three.out, HasSubstr("3 of 3 acts accepted"));
  const Outcome again = Run("sign-file --sequence 11 --count 3" + rest);
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.err, HasSubstr("0 of 3 acts were accepted, 3 failed"));
  EXPECT_EQ(Run("sign-file --count 9" + rest).status, 3);
}

// With polls of its own.
class ClosedProgramTest : public ProgramTest {};

TEST_F(ClosedProgramTest, TakesNoBallot) {
  polls_->CloseElection();
  const Outcome late = Run("vote" + On(kElection) + As(3) + "--choice 1:bo");
  EXPECT_EQ(late.status, 1);
  EXPECT_THAT(late.err, HasSubstr("voting in 'board.example/election' is closed"));
}

// Nothing is sent before the beacon was compared; then the signature is found, and claimed, by
// reading all of the log.
TEST_F(ProgramTest, SignsAnonymouslyAndClaims) {
  const std::string sign = "sign" + On(kAnonymousPetition) + As(0);
  const std::string claim = absl::StrCat("claim", On(kAnonymousPetition), " --credential ",
                                         File("voter0"), " --passphrase-file ", File("passphrase"),
                                         " --sentence 'I am voter 0.' --json --out ");
  EXPECT_THAT(Run(claim + File("early.claim")).err, HasSubstr("no signature of yours"));
  const Outcome unseen = Run(sign);
  EXPECT_EQ(unseen.status, 1);
  EXPECT_THAT(unseen.err, HasSubstr("the beacon of these tests"));
  EXPECT_THAT(unseen.err, HasSubstr(ToHex(ServedPolls::kBeacon)));
  const Outcome other = Run(sign + "--beacon " + std::string(64, '0'));
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.err, HasSubstr("the opening order gives the beacon"));
  EXPECT_EQ(Run(sign + "--beacon 12").status, 3);
  EXPECT_FALSE(std::filesystem::exists(File("receipts0/board.example_anonymous/1.entry")));

  const Outcome done = Run(sign + "--beacon " + ToHex(ServedPolls::kBeacon));
  EXPECT_EQ(done.status, 0) << done.err;
  const Outcome checked =
      Run("check --server " + polls_->address() + " " + File("receipts0/board.example_anonymous"));
  EXPECT_EQ(checked.status, 0) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr("your signature counts, once: number 1, entry 4"));
  EXPECT_THAT(checked.out, HasSubstr("read for this: all 5 entries"));

  const Outcome claimed = Run(claim + File("mine.claim"));
  ASSERT_EQ(claimed.status, 0) << claimed.err;
  EXPECT_EQ(nlohmann::json::parse(claimed.out)["index"], 4);
  const auto parsed = petition::Claim::Parse(Text(File("mine.claim")));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->sentence, "I am voter 0.");
  EXPECT_TRUE(petition::VerifyClaim(*parsed).ok());
  EXPECT_EQ(Run(claim + File("mine.claim")).status, 1);  // is there already

  // Whoever has signed was shown the beacon then.
  ASSERT_EQ(Run("withdraw" + On(kAnonymousPetition) + As(0)).status, 0);
  EXPECT_THAT(Run(claim + File("late.claim")).err, HasSubstr("you have withdrawn"));
  EXPECT_THAT(
      Run("claim" + On(kPetition) + " --credential " + File("voter0") + " --passphrase-file " +
          File("passphrase") + " --sentence x --out " + File("none.claim"))
          .err,
      HasSubstr("no anonymous petition"));
}

}  // namespace
}  // namespace urna::voter
