// Officers' orders that take credentials out of the count and in again, docs/protocol.md §6.
#include "core/crypto/credential.h"
#include "tests/core/election/state_kit.h"

namespace urna::election {
namespace {

class RevocationTest : public ::testing::Test {
 protected:
  RevocationTest() { election_.RunTo(Phase::kVoting); }

  uint64_t LastBallotOf(size_t voter) const {
    return election_.state().Find(election_.Credential(voter))->index;
  }

  ElectionFixture election_;  // voters 0 to 3 have cast, 4 has not
};

TEST_F(RevocationTest, TakesBallotsOutOfTheCountAndInAgain) {
  const std::vector<uint64_t> all = election_.state().Counted();
  ASSERT_THAT(all, SizeIs(4));
  std::vector<uint64_t> without = all;
  std::erase(without, LastBallotOf(0));
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(Numbers(election_.Revoke({0})), IsEmpty());
    EXPECT_EQ(election_.state().Counted(), without);
    EXPECT_THAT(election_.state().revoked(), SizeIs(1));
    EXPECT_EQ(election_.state().Parts()[0], (poll::Part{1, {1, 2}, 3, 3}));
    EXPECT_THAT(Numbers(election_.Restore({0})), IsEmpty());
    EXPECT_EQ(election_.state().Counted(), all);
    EXPECT_THAT(election_.state().revoked(), IsEmpty());
  }
  EXPECT_THAT(Numbers(election_.Revoke({0})), IsEmpty());
  EXPECT_EQ(election_.state().Counted(), without);
}

TEST_F(RevocationTest, SaysTheSameTwiceWithoutHarm) {
  election_.Revoke({0, 1});
  const std::vector<uint64_t> counted = election_.state().Counted();
  EXPECT_THAT(Numbers(election_.Revoke({1, 4})), IsEmpty());
  EXPECT_EQ(election_.state().Counted(), counted);  // voter 4 has no ballot
  EXPECT_THAT(election_.state().revoked(), SizeIs(3));
  EXPECT_THAT(Numbers(election_.Restore({2})), IsEmpty());  // was never revoked
  EXPECT_EQ(election_.state().Counted(), counted);
  // The last order is the one that counts.
  EXPECT_EQ(election_.state().revoked().at(election_.Credential(0))->order, 2u);
  EXPECT_EQ(election_.state().revoked().at(election_.Credential(1))->order, 3u);
  EXPECT_EQ(election_.state().revoked().at(election_.Credential(1))->reason,
            "They voted at a polling station.");
}

TEST_F(RevocationTest, WhoIsRevokedAndVotesIsNotCounted) {
  election_.Revoke({1, 4});
  const std::vector<uint64_t> before = election_.state().Counted();
  // A board refuses these; a record that has them is not wrong.
  EXPECT_THAT(Numbers(election_.Cast(1, {{0, 1}})), IsEmpty());
  EXPECT_THAT(Numbers(election_.Cast(4, {{1, 0}, {1, 1, 0}, {0, 0}})), IsEmpty());
  EXPECT_EQ(election_.state().Counted(), before);
  EXPECT_EQ(election_.state().ballots(), 7u);
  // Restored, the last one counts.
  election_.Restore({1});
  std::vector<uint64_t> after = before;
  after.push_back(LastBallotOf(1));
  EXPECT_EQ(election_.state().Counted(), after);
}

TEST_F(RevocationTest, LiesBetweenOpeningAndSum) {
  election_.Close();
  EXPECT_THAT(Numbers(election_.Revoke({2})), IsEmpty());
  EXPECT_THAT(Numbers(election_.Restore({2})), IsEmpty());
  EXPECT_THAT(Numbers(election_.Revoke({3})), IsEmpty());
  election_.LogSum();
  const std::vector<uint64_t> counted = election_.state().Counted();
  const auto late = election_.Revoke({0});
  EXPECT_THAT(Numbers(late), ElementsAre("S8"));
  EXPECT_THAT(std::string(late[0].status.message()),
              HasSubstr("in the phase 'summed', not in 'voting' or 'closed'"));
  EXPECT_THAT(Numbers(election_.Restore({3})), ElementsAre("S8"));
  EXPECT_EQ(election_.state().Counted(), counted);
  EXPECT_THAT(election_.state().revoked(), SizeIs(1));

  ElectionFixture unopened;
  EXPECT_THAT(Numbers(unopened.Revoke({0})), ElementsAre("S8"));
  EXPECT_THAT(unopened.state().revoked(), IsEmpty());
}

TEST_F(RevocationTest, CannotBeReplayed) {
  election_.Revoke({0});
  const record::Entry revocation = election_.entries().back();
  election_.Restore({0});
  EXPECT_THAT(Numbers(election_.Check(revocation)), ElementsAre("S5", "S7"));
  // Nor in another election of the same officers.
  ElectionOptions options;
  options.manifest = [](Manifest& manifest) { manifest.nonce[0] ^= 1; };
  ElectionFixture other(options);
  other.RunTo(Phase::kVoting);
  EXPECT_THAT(Numbers(other.Check(revocation)), ElementsAre("S5", "S6"));
}

TEST_F(RevocationTest, NamesMembersOfTheRollAndGivesAReason) {
  std::vector<std::array<uint8_t, 32>> strangers = election_.Credentials({0});
  strangers.push_back(crypto::Credential::Generate(election_.rng()).public_key().bytes());
  std::sort(strangers.begin(), strangers.end());
  const auto found = election_.Check(election_.Order(poll::Revoke{strangers}, "why"));
  EXPECT_THAT(Numbers(found), ElementsAre("S15"));
  EXPECT_THAT(std::string(StatusOf(found, Check::kS15).message()),
              HasSubstr(" is not on the roll"));
  EXPECT_THAT(Numbers(election_.Check(election_.Order(poll::Restore{strangers}, "why"))),
              ElementsAre("S15"));
  // They are points, and the identity is none.
  for (uint8_t byte : {0x00, 0xff}) {
    std::array<uint8_t, 32> none;
    none.fill(byte);
    EXPECT_THAT(Numbers(election_.Check(election_.Order(poll::Revoke{{none}}, "why"))),
                ElementsAre("L3", "S15"));
  }
  const auto silent = election_.Order(poll::Revoke{election_.Credentials({0})});
  EXPECT_THAT(Numbers(election_.Check(silent)), ElementsAre("S15"));
  // It breaks that rule and takes its place all the same.
  election_.Append(silent);
  EXPECT_THAT(election_.state().Counted(), SizeIs(3));
}

TEST_F(RevocationTest, NeedsTheOfficersQuorum) {
  poll::SignedOrder order = election_.Order(poll::Revoke{election_.Credentials({0})}, "why");
  order.signed_body.signatures.pop_back();
  EXPECT_THAT(Numbers(election_.Check(order)), ElementsAre("S6"));
}

TEST(RevocationCountTest, TheResultIsWithoutThem) {
  ElectionOptions options;
  options.manifest = [](Manifest& manifest) { manifest.minimum_ballots = 2; };
  ElectionFixture election(options);
  election.RunTo(Phase::kVoting);
  election.Revoke({0, 3});
  election.Restore({3});
  election.Close();
  election.LogSum();
  election.LogCountAcknowledgements();
  election.LogDecryptionShares(1);
  election.LogDecryptionShares(2);
  election.LogResult();
  EXPECT_THAT(Numbers(election.violations()), IsEmpty());
  // Voters 1, 2 and 3 are left; of style 1 only voter 2, so contests 2 and 3 stay closed.
  EXPECT_THAT(election.state().published()->results, ElementsAre(poll::PartTotals{0, {1, 1}}));
  EXPECT_EQ(election.state().summed()->sum.counted, 3u);
}

TEST(RevocationCountTest, TheSumIsPinnedAfterThem) {
  ElectionFixture election;
  election.RunTo(Phase::kClosed);
  const poll::Sum before = election.Sum();
  election.Revoke({1});
  // What was drafted before the revocation does not stand any more.
  poll::Sum stale = before;
  stale.tree_size = election.entries().size();
  EXPECT_THAT(Numbers(election.Check(election.Order(stale))), ElementsAre("C1", "C1", "C2"));
}

}  // namespace
}  // namespace urna::election
