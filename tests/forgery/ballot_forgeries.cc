// Cheats of voters and of the operator with whole ballots.
#include "core/crypto/elgamal.h"
#include "tests/core/election/forged_ballot.h"
#include "tests/forgery/elections.h"

namespace urna::forgery {
namespace {

using testing::ForgedBallot;

election::Ballot SouthBallot(ElectionFixture& election) {
  return election.Ballot(kSouth, {{0, 1}});
}

std::function<void(Case&)> With(const std::function<election::Ballot(ElectionFixture&)>& make) {
  return [make](Case& out) { WithEntry(out, make); };
}

// A plan of the voter in the south that is above all earlier sequence numbers.
ForgedBallot PlanOf(ElectionFixture& election) {
  ForgedBallot plan;
  plan.credential = &election.roll().credentials[kSouth];
  plan.sequence = 60;
  return plan;
}

// The ciphertexts of voter 3's ballot, who has sold the randomness to voter 1: all proofs are true,
// and voter 1's vote is the same whatever it is.
election::Ballot BoughtCopy(ElectionFixture& election) {
  election::SealedBallot sealed = election.Seal(3, {{1, 0}});
  const election::SealedBallot::Stored stored = sealed.ExposeForStorage();
  election.Append(std::move(sealed).Cast());
  // a ‖ b, then value and r of each of the two cells.
  const ByteSpan secrets = stored.secrets.ExposeSpan();
  ForgedBallot plan = PlanOf(election);
  plan.values = {{1, 0}};
  for (size_t cell = 0; cell < 2; ++cell) {
    plan.randomness.push_back(
        crypto::Scalar::Decode(secrets.subspan(64 + 34 * cell + 2, 32)).value());
  }
  return testing::Forge(election, plan);
}

// Another's ciphertexts, as they are or hidden behind fresh encryptions of zero, under one's own
// name. Whoever doesn't know their randomness cannot prove anything about them.
election::Ballot Copied(ElectionFixture& election, bool rerandomised) {
  const election::Ballot theirs = election.Ballot(3, {{1, 0}});
  election.Append(theirs);
  election::Ballot mine = SouthBallot(election);
  const crypto::RistrettoPoint& key = election.state().voting()->election_key;
  for (size_t at = 0; at < 128; at += 64) {
    auto ciphertext =
        crypto::Ciphertext::Decode(ByteSpan(theirs.contests[0].ciphertexts).subspan(at, 64))
            .value();
    if (rerandomised) {
      ciphertext =
          ciphertext + crypto::EncryptVarTime(
                           key, 0, crypto::SecretScalar::Random(election.rng()).ExposeForOpening());
    }
    const auto bytes = ciphertext.Encode();
    std::copy(bytes.begin(), bytes.end(), mine.contests[0].ciphertexts.begin() + at);
  }
  return mine;
}

}  // namespace

std::vector<Forgery> BallotForgeries() {
  return {
      {{Check::kB1}, "ContestLeftOut", Cheat::kVoter, With([](ElectionFixture& e) {
         election::Ballot ballot = e.Ballot(2, {{0, 1}, {1, 0, 0}, {2, 0}});
         ballot.contests.pop_back();
         return ballot;
       })},
      {{Check::kB1}, "ContestOfAnotherStyle", Cheat::kVoter, With([](ElectionFixture& e) {
         election::Ballot ballot = SouthBallot(e);
         ballot.contests.push_back(e.Ballot(2, {{0, 1}, {1, 0, 0}, {2, 0}}).contests[1]);
         return ballot;
       })},
      {{Check::kB1}, "OptionTooMany", Cheat::kVoter, With([](ElectionFixture& e) {
         election::Ballot ballot = SouthBallot(e);
         election::ContestBallot& contest = ballot.contests[0];
         contest.ciphertexts.insert(contest.ciphertexts.end(), contest.commitments.begin(),
                                    contest.commitments.begin() + 64);
         return ballot;
       })},
      {{Check::kB1}, "SumProofLeftOut", Cheat::kVoter, With([](ElectionFixture& e) {
         election::Ballot ballot = SouthBallot(e);
         election::ContestBallot& contest = ballot.contests[0];
         contest.commitments.resize(256);
         contest.challenges.resize(64);
         contest.responses.resize(128);
         return ballot;
       })},
      {{Check::kB2}, "CredentialNotOnTheRoll", Cheat::kVoter, With([](ElectionFixture& e) {
         const crypto::Credential stranger = crypto::Credential::Generate(e.rng());
         return election::MakeBallot(e.manifest(), *e.state().voting(), 2, {{0, 1}}, 1, stranger,
                                     e.rng())
             .value();
       })},
      {{Check::kB2}, "BallotOfAnotherDistrict", Cheat::kVoter, With([](ElectionFixture& e) {
         return election::MakeBallot(e.manifest(), *e.state().voting(), 2, {{0, 1}}, 50,
                                     e.roll().credentials[0], e.rng())
             .value();
       })},
      {{Check::kB3},
       "WithheldOlderBallotAppendedLate",
       Cheat::kOperator,
       [](Case& out) {
         ElectionFixture election;
         election.RunTo(Phase::kVoting);
         const election::Ballot withheld = election.Ballot(kSouth, {{1, 0}}, 100);
         election.Append(election.Ballot(kSouth, {{0, 1}}, 101));
         election.Append(withheld);
         out.stage = Stage::kVoting;
         out.Write(election);
       }},
      {{Check::kB3}, "SequenceZero", Cheat::kVoter, With([](ElectionFixture& e) {
         ForgedBallot plan = PlanOf(e);
         plan.sequence = 0;
         return testing::Forge(e, plan);
       })},
      {{Check::kB6}, "BallotForSomebodyElse", Cheat::kOperator, With([](ElectionFixture& e) {
         election::Ballot ballot = SouthBallot(e);
         ballot.responses[0] ^= 1;
         return ballot;
       })},
      {{Check::kB7}, "OneRandomnessForTwoOptions", Cheat::kVoter, With([](ElectionFixture& e) {
         ForgedBallot plan = PlanOf(e);
         plan.values = {{1, 0}};
         plan.same_randomness = true;
         return testing::Forge(e, plan);
       })},
      {{Check::kB7}, "CiphertextsBoughtFromAnother", Cheat::kVoter, With(BoughtCopy)},
      {{Check::kB4, Check::kB5, Check::kB6, Check::kB7},
       "CiphertextsCopiedFromAnother",
       Cheat::kVoter,
       With([](ElectionFixture& e) { return Copied(e, false); })},
      {{Check::kB4, Check::kB5, Check::kB6},
       "CiphertextsOfAnotherHiddenAgain",
       Cheat::kVoter,
       With([](ElectionFixture& e) { return Copied(e, true); })},
      {{Check::kB4, Check::kB5, Check::kB6},
       "BallotOfAnotherPoll",
       Cheat::kOperator,
       With([](ElectionFixture& e) {
         election::VotingContext other = *e.state().voting();
         other.poll_context[0] ^= 1;
         return election::MakeBallot(e.manifest(), other, 2, {{0, 1}}, 60,
                                     e.roll().credentials[kSouth], e.rng())
             .value();
       })},
      {{Check::kB4, Check::kB5, Check::kB6},
       "ProvedBeforeTheKeyWasChosen",
       Cheat::kAllTrustees,
       With([](ElectionFixture& e) {
         // Bound to the manifest alone, so that the key could still be made to fit.
         election::VotingContext other = *e.state().voting();
         other.poll_context = e.state().poll_id();
         return election::MakeBallot(e.manifest(), other, 2, {{0, 1}}, 60,
                                     e.roll().credentials[kSouth], e.rng())
             .value();
       })},
      {{Check::kB8},
       "BallotAfterClosing",
       Cheat::kOperator,
       [](Case& out) {
         ElectionFixture election;
         election.RunTo(Phase::kClosed);
         election.Append(election.Ballot(kSouth, {{1, 0}}));
         out.stage = Stage::kClosed;
         out.Write(election);
       }},
  };
}

}  // namespace urna::forgery
