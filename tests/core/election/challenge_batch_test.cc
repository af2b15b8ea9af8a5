// Many challenges of sealed ballots at once: the verdicts of one after the other, in the same
// words.
#include "core/election/challenge_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "core/crypto/transcript.h"
#include "tests/support/verdicts.h"

namespace urna::election {
namespace {

class ChallengeBatchTest : public ::testing::Test {
 protected:
  ChallengeBatchTest() { voting_.poll_context = rng_.Array<32>(); }

  std::vector<BallotChallenge> Make(size_t count) {
    std::vector<BallotChallenge> out(count);
    for (BallotChallenge& challenge : out) {
      const auto credential = crypto::Credential::Generate(rng_);
      auto prover = crypto::CredentialProver::Commit(credential, {}, rng_);
      challenge.sequence = 1;
      challenge.credential = credential.public_key().bytes();
      challenge.ballot_hash = rng_.Array<64>();
      challenge.commitment = prover.commitment().bytes();
      const crypto::Scalar c =
          crypto::Challenge(BallotChallengeTranscript(voting_.poll_context, challenge),
                            crypto::kNoIndex, crypto::kNoIndex, crypto::ChallengeKind::kCredential);
      challenge.responses = std::move(prover).Respond(c).EncodeResponses();
    }
    return out;
  }
  // How many are not in order, having compared all of them.
  size_t CountBad(const std::vector<BallotChallenge>& challenges) {
    std::vector<const BallotChallenge*> pointers;
    for (const BallotChallenge& challenge : challenges) pointers.push_back(&challenge);
    const auto verdicts = VerifyBallotChallengesVarTime(voting_, pointers, rng_);
    EXPECT_EQ(verdicts.size(), challenges.size());
    size_t bad = 0;
    for (size_t i = 0; i < challenges.size(); ++i) {
      EXPECT_EQ(testing::Words(verdicts[i]),
                testing::Words(VerifyBallotChallengeVarTime(voting_, challenges[i])))
          << i;
      bad += verdicts[i].empty() ? 0 : 1;
    }
    return bad;
  }

  crypto::SystemRng rng_;
  VotingContext voting_;
};

TEST_F(ChallengeBatchTest, NoneOneSomeAllBad) {
  for (size_t count : {0, 1, 20}) {
    std::vector<BallotChallenge> challenges = Make(count);
    EXPECT_EQ(CountBad(challenges), 0u);
    for (BallotChallenge& challenge : challenges) challenge.ballot_hash[63] ^= 1;
    EXPECT_EQ(CountBad(challenges), count);
  }
  std::vector<BallotChallenge> challenges = Make(20);
  ++challenges[6].sequence;
  EXPECT_EQ(CountBad(challenges), 1u);
  std::swap(challenges[0].responses, challenges[19].responses);
  EXPECT_EQ(CountBad(challenges), 3u);
}

TEST_F(ChallengeBatchTest, EveryWayToBeWrongIsSaidInTheSameWords) {
  const std::vector<std::function<void(BallotChallenge&)>> changes = {
      [](BallotChallenge& c) { c.credential = {}; },
      [](BallotChallenge& c) { c.credential.fill(0xff); },
      [](BallotChallenge& c) { c.commitment.fill(0xff); },
      [](BallotChallenge& c) { c.commitment = {}; },
      [](BallotChallenge& c) { std::fill_n(c.responses.begin(), 32, 0xff); },
      [](BallotChallenge& c) { c.credential = {}, c.responses.fill(0xff); },
      [](BallotChallenge& c) { c.ballot_hash[0] ^= 1; },
  };
  std::vector<BallotChallenge> challenges = Make(2 * changes.size());
  for (size_t i = 0; i < changes.size(); ++i) changes[i](challenges[2 * i]);
  EXPECT_EQ(CountBad(challenges), changes.size());
}

TEST_F(ChallengeBatchTest, ErrorsThatWouldCancelAreFound) {
  std::vector<BallotChallenge> challenges = Make(2);
  testing::AddToScalar(challenges[0].responses, 32, crypto::Scalar::One());
  testing::AddToScalar(challenges[1].responses, 32, crypto::Scalar::One().Negate());
  EXPECT_EQ(CountBad(challenges), 2u);
}

}  // namespace
}  // namespace urna::election
