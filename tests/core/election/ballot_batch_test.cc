// Many ballots at once: each gets the verdict that it gets alone, whatever stands beside it, and
// the challenges are those of the protocol. docs/protocol.md §3.6, §7.2.
#include "core/election/ballot_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "core/crypto/transcript.h"
#include "core/election/decoded_ballots.h"
#include "tests/core/election/rich_contests.h"
#include "tests/support/verdicts.h"

namespace urna::election {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Style 1: a budget, lists and a plain contest; style 2: the plain one alone; style 3: nothing.
class BallotBatchTest : public ::testing::Test {
 protected:
  BallotBatchTest() : rng_(11), credential_(crypto::Credential::Generate(rng_)) {
    Contest lists = testing::ListContest();
    lists.number = 2;
    Contest plain = testing::PlainContest(Rule::kOneOfN, 2, 1, 1, 1);
    plain.number = 3;
    manifest_.contests = {testing::BudgetContest(), lists, plain};
    manifest_.styles = {{1, {1, 2, 3}}, {2, {3}}, {3, {}}};
    voting_.poll_context = rng_.Array<32>();
    voting_.election_key = crypto::MulBase(crypto::SecretScalar::Random(rng_));
  }

  Ballot Make(uint16_t style) {
    Selections selections;
    if (style == 1) selections = {{0, 1, 1}, {0, 0, 2, 0, 0, 1, 0}};
    if (style <= 2) selections.push_back({0, 1});
    return MakeBallot(manifest_, voting_, style, selections, ++sequence_, credential_, rng_)
        .value();
  }
  static std::vector<const Ballot*> Pointers(const std::vector<Ballot>& ballots) {
    std::vector<const Ballot*> pointers;
    for (const Ballot& ballot : ballots) pointers.push_back(&ballot);
    return pointers;
  }
  std::vector<std::vector<Violation>> Verify(const std::vector<Ballot>& ballots) {
    return VerifyBallotsVarTime(manifest_, voting_, Pointers(ballots), rng_);
  }
  // Positions of those with a violation. Each verdict must be that of the ballot alone.
  std::vector<size_t> Bad(const std::vector<Ballot>& ballots) {
    const auto together = Verify(ballots);
    EXPECT_EQ(together.size(), ballots.size());
    std::vector<size_t> bad;
    for (size_t i = 0; i < ballots.size(); ++i) {
      EXPECT_EQ(testing::Words(together[i]),
                testing::Words(VerifyBallotVarTime(manifest_, voting_, ballots[i])))
          << "ballot " << i;
      if (!together[i].empty()) bad.push_back(i);
    }
    return bad;
  }

  crypto::SeededRng rng_;
  crypto::Credential credential_;
  Manifest manifest_;
  VotingContext voting_;
  uint64_t sequence_ = 0;
};

// One wrong thing each, from the first that is looked at to the last.
const std::vector<std::function<void(Ballot&)>>& Damages() {
  static const std::vector<std::function<void(Ballot&)>> damages = {
      [](Ballot& ballot) { ballot.contests.pop_back(); },
      [](Ballot& ballot) { ballot.style = 9; },
      [](Ballot& ballot) { ballot.contests[0].commitments.resize(64); },
      [](Ballot& ballot) { ballot.contests[0].responses.push_back(0); },
      [](Ballot& ballot) { ballot.credential = {}; },
      [](Ballot& ballot) { ballot.credential.fill(0xff); },
      [](Ballot& ballot) { ballot.commitment.fill(0xff); },
      [](Ballot& ballot) { std::ranges::fill(ballot.responses, 0xff); },
      [](Ballot& ballot) { std::fill_n(ballot.contests.back().ciphertexts.begin(), 32, 0); },
      [](Ballot& ballot) { ballot.contests.back().ciphertexts[32] ^= 1; },
      [](Ballot& ballot) { ballot.contests[0].commitments.back() ^= 0xff; },
      [](Ballot& ballot) { ballot.contests.back().challenges.back() = 0xff; },
      [](Ballot& ballot) { ballot.contests[0].responses.back() = 0xff; },
      [](Ballot& ballot) { ballot.contests[0].responses[0] ^= 1; },
      [](Ballot& ballot) { ballot.contests.back().challenges[0] ^= 1; },
      [](Ballot& ballot) { ballot.responses[0] ^= 1; },
      [](Ballot& ballot) { ++ballot.sequence; },
  };
  return damages;
}

TEST_F(BallotBatchTest, NoBallotsNoVerdicts) { EXPECT_THAT(Verify({}), IsEmpty()); }

TEST_F(BallotBatchTest, BallotsOfAllStylesVerifyTogether) {
  std::vector<Ballot> ballots;
  for (uint16_t style : {2, 1, 3, 2, 2, 3, 1, 2, 2, 2}) ballots.push_back(Make(style));
  EXPECT_THAT(Bad(ballots), IsEmpty());
}

TEST_F(BallotBatchTest, EveryDamageIsFoundWhereverItStands) {
  const std::vector<Ballot> good = {Make(2), Make(1), Make(3), Make(2)};
  for (size_t number = 0; number < Damages().size(); ++number) {
    SCOPED_TRACE(number);
    for (size_t at : {0u, 1u, 3u}) {
      std::vector<Ballot> ballots = good;
      Damages()[number](ballots[at]);
      EXPECT_THAT(Bad(ballots), ElementsAre(at));
    }
  }
}

TEST_F(BallotBatchTest, AllDamagesTogetherAndGoodOnesBetween) {
  const Ballot small = Make(2), large = Make(1);
  std::vector<Ballot> ballots;
  std::vector<size_t> expected;
  for (const auto& damage : Damages()) {
    ballots.push_back(small);
    expected.push_back(ballots.size());
    damage(ballots.emplace_back(expected.size() % 2 == 0 ? small : large));
  }
  ballots.push_back(large);
  EXPECT_EQ(Bad(ballots), expected);
}

// Whose credential is not proved, of him nothing more is said; all others get the same verdict.
TEST_F(BallotBatchTest, CredentialsFirstRefusesTheSameBallots) {
  const Ballot small = Make(2), large = Make(1);
  std::vector<Ballot> ballots;
  for (const auto& damage : Damages()) {
    ballots.push_back(small);
    damage(ballots.emplace_back(ballots.size() % 4 == 0 ? small : large));
  }
  const auto at_once = Verify(ballots);
  const auto first = VerifyBallotsVarTime(manifest_, voting_, Pointers(ballots), rng_,
                                          BatchOrder::kCredentialsFirst);
  ASSERT_EQ(first.size(), ballots.size());
  size_t of_credentials = 0;
  for (size_t i = 0; i < ballots.size(); ++i) {
    SCOPED_TRACE(i);
    if (first[i].size() == 1 && first[i].front().check == Check::kB6) {
      ++of_credentials;
      EXPECT_EQ(testing::Words(first[i]).back(), testing::Words(at_once[i]).back());
    } else {
      EXPECT_EQ(testing::Words(first[i]), testing::Words(at_once[i]));
    }
  }
  // Of those that decode, all but the two of which a range proof's challenge or response is
  // changed.
  EXPECT_EQ(of_credentials, 2u);
}

// The equations would agree with wrong challenges only in a wrong prover; so they are compared with
// those drawn one by one.
TEST_F(BallotBatchTest, ChallengesAreTheProtocols) {
  std::vector<Ballot> ballots = {Make(2), Make(1), Make(2), Make(3), Make(1)};
  ballots[2].credential.fill(0xff);  // left out
  const std::vector<const Ballot*> pointers = Pointers(ballots);
  const DecodedBallots decoded(manifest_, voting_, pointers);
  EXPECT_THAT(decoded.refused(), ElementsAre(2));
  ASSERT_EQ(decoded.size(), 4u);
  size_t proofs = 0;
  for (size_t i = 0; i < decoded.size(); ++i) {
    const DecodedBallot ballot = decoded.Get(i);
    ASSERT_TRUE(ballot.credential.has_value());
    const crypto::Hash64 h = BallotTranscript(voting_.poll_context, ballots[decoded.Position(i)]);
    EXPECT_EQ(
        ballot.credential->challenge.bytes(),
        crypto::Challenge(h, crypto::kNoIndex, crypto::kNoIndex, crypto::ChallengeKind::kCredential)
            .bytes());
    for (const DecodedContest& contest : ballot.contests) {
      ASSERT_EQ(contest.challenges.size(), contest.plan->proofs().size());
      for (size_t j = 0; j < contest.challenges.size(); ++j, ++proofs) {
        const PlannedProof& proof = contest.plan->proofs()[j];
        EXPECT_EQ(contest.challenges[j].bytes(),
                  crypto::Challenge(h, contest.plan->contest(), proof.number, proof.kind).bytes());
      }
    }
  }
  EXPECT_GT(proofs, 30u);
}

}  // namespace
}  // namespace urna::election
