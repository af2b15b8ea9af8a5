#include "core/audit/claim_standing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/audit/audit_kit.h"

namespace urna::audit {
namespace {

using ::testing::HasSubstr;

petition::Claim ClaimOf(PetitionLog& log, size_t member) {
  return petition::MakeClaim(log.kit.state.manifest().origin, log.kit.state.poll_id(),
                             *log.kit.state.context(), "It is mine.",
                             log.kit.roll.credentials.at(member), log.kit.rng)
      .value();
}

void ExpectNotCounted(const petition::Claim& claim, const AuditResult& result,
                      const std::string& words) {
  const auto found = FindClaimed(claim, result);
  EXPECT_TRUE(absl::IsFailedPrecondition(found.status())) << found.status();
  EXPECT_THAT(std::string(found.status().message()), HasSubstr(words));
}

class ClaimStandingTest : public ::testing::Test {
 protected:
  // Entries 4 and 5 sign, 6 withdraws what 5 did, 7 signs again, 8 signs and 9 withdraws.
  ClaimStandingTest() : log_(17, petition::PetitionKit::SmallRings()) {
    log_.Open();
    log_.SignInRing(0, 1);
    log_.SignInRing(1, 1);
    log_.ActByTag(1, petition::Act::kWithdraw, 2);
    log_.ActByTag(1, petition::Act::kSign, 3);
    log_.SignInRing(3, 1);
    log_.ActByTag(3, petition::Act::kWithdraw, 2);
  }
  AuditResult Audit() { return log_.Audit(log_.Options(Stage::kVoting)); }

  PetitionLog log_;
};

TEST_F(ClaimStandingTest, CountsWhoseLastActIsToSign) {
  const AuditResult result = Audit();
  const auto first = FindClaimed(ClaimOf(log_, 0), result);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->index, 4u);
  EXPECT_EQ(first->size, 10u);
  EXPECT_EQ(first->district, log_.kit.roll.members[0].district);
  const auto again = FindClaimed(ClaimOf(log_, 1), result);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->index, 7u);
  ExpectNotCounted(ClaimOf(log_, 3), result, "withdrawn by entry 9");
  ExpectNotCounted(ClaimOf(log_, 4), result, "no act of its tag is among the 10 entries");
}

TEST_F(ClaimStandingTest, CountsNothingUnderAnotherName) {
  const AuditResult result = Audit();
  petition::Claim claim = ClaimOf(log_, 0);
  claim.origin += "2";
  ExpectNotCounted(claim, result, "another petition");
  claim = ClaimOf(log_, 0);
  claim.poll[0] ^= 1;
  ExpectNotCounted(claim, result, "another petition");
  claim = ClaimOf(log_, 0);
  claim.context[0] ^= 1;
  ExpectNotCounted(claim, result, "another opening");
}

TEST_F(ClaimStandingTest, CountsNothingInARecordThatIsNotVerified) {
  const petition::Claim claim = ClaimOf(log_, 0);
  ExpectNotCounted(claim, log_.Audit({}), "not verified");  // without a policy
  petition::RingAct false_act = log_.kit.MakeRing(4, 1);
  false_act.responses[0] ^= 1;
  log_.Act(false_act);
  ExpectNotCounted(claim, Audit(), "not verified");
}

TEST_F(ClaimStandingTest, OfAPseudonymousPetitionThereIsNothingToClaim) {
  PetitionLog pseudonymous(18);
  pseudonymous.Open();
  pseudonymous.Sign(0, 1);
  petition::Claim claim = ClaimOf(log_, 0);
  claim.origin = pseudonymous.kit.state.manifest().origin;
  claim.poll = pseudonymous.kit.state.poll_id();
  claim.context = pseudonymous.kit.state.context()->poll_context;
  ExpectNotCounted(claim, pseudonymous.Audit(pseudonymous.Options(Stage::kVoting)), "pseudonymous");
}

}  // namespace
}  // namespace urna::audit
