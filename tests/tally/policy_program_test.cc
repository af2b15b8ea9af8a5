// `urna-tally policy --witnesses`: an auditor's policy with the witnesses of a board's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/audit/policy.h"
#include "core/base/file.h"
#include "tests/support/election_fixture.h"
#include "tests/support/record_files.h"
#include "tests/support/witnesses.h"

namespace urna::tally {
namespace {

using testing::ElectionFixture;
using ::testing::HasSubstr;
using ::testing::Not;

class PolicyProgramTest : public ::testing::Test {
 protected:
  PolicyProgramTest() {
    log_.RunCeremony();
    log_.Open();
    testing::WriteRecordFiles(File("record"), log_.manifest().origin, log_.people(), log_.encoded(),
                              log_.roll());
  }

  std::string File(const std::string& name) const { return directory_.path() + "/" + name; }
  std::string Text(const std::string& name) const {
    return std::string(AsText(ReadFile(File(name), 1 << 20).value_or(Bytes())));
  }
  // With these words in the witness policy; the exit status.
  int Run(const std::string& witnesses) {
    EXPECT_EQ(WriteFileDurably(File("witnesses"), AsBytes(witnesses)), absl::OkStatus());
    const std::string command = absl::StrCat(
        URNA_TALLY_PROGRAM, " policy --record ", File("record"), " --witnesses ", File("witnesses"),
        " --out ", File("policy"), " >", File("out"), " 2>", File("err"), " </dev/null");
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  testing::TemporaryDirectory directory_;
  ElectionFixture log_;
};

TEST_F(PolicyProgramTest, TakesWitnessesAndQuorumAndLeavesTheLogsOut) {
  const testing::TestWitnesses witnesses;
  const merkle::NoteVerifier log =
      merkle::NoteVerifier::Create("other.example/log", log_.people().registrar.key.public_key())
          .value();
  ASSERT_EQ(Run(absl::StrCat("# a board's\nlog ", log.vkey(), " https://other.example/\n",
                             witnesses.PolicyLines({"https://w.example/"}))),
            0)
      << Text("err");
  const auto policy = audit::Policy::Parse(Text("policy"));
  ASSERT_EQ(policy.status(), absl::OkStatus());
  EXPECT_TRUE(policy->witnesses.has_quorum());
  ASSERT_EQ(policy->witnesses.witnesses().size(), 3u);
  EXPECT_EQ(policy->witnesses.witnesses()[0].url, "https://w.example/");
  EXPECT_EQ(policy->witnesses.witnesses()[1].key, witnesses.signer(1).verifier());
  EXPECT_THAT(policy->witnesses.logs(), ::testing::IsEmpty());
  EXPECT_EQ(policy->log.name(), log_.manifest().origin);
  EXPECT_THAT(Text("policy"), Not(HasSubstr("other.example")));
}

TEST_F(PolicyProgramTest, RefusesWhatIsNoWitnessPolicy) {
  EXPECT_NE(Run("witness w0\nquorum w0\n"), 0);
  EXPECT_THAT(Text("err"), HasSubstr("witnesses"));
  EXPECT_EQ(Text("policy"), "");
}

}  // namespace
}  // namespace urna::tally
