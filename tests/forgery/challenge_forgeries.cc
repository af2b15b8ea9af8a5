// Cheats with challenged ballots: cast after all, challenged without end, opened to something else.
#include "tests/forgery/elections.h"

namespace urna::forgery {
namespace {

// An election in which everybody may challenge one ballot.
std::function<void(Case&)> Challenging(const std::function<void(ElectionFixture&)>& cheat) {
  return [cheat](Case& out) {
    ElectionFixture election(RichElection());
    election.RunTo(Phase::kVoting);
    cheat(election);
    out.stage = Stage::kVoting;
    out.Write(election);
  };
}

// The challenge of a sealed ballot, with another sequence number of its own.
election::BallotChallenge ChallengeOf(ElectionFixture& e, size_t voter, const crypto::Hash64& h,
                                      uint64_t sequence) {
  election::BallotChallenge out;
  out.sequence = sequence;
  out.credential = e.Credential(voter);
  out.ballot_hash = h;
  auto prover = crypto::CredentialProver::Commit(e.roll().credentials[voter], h, e.rng());
  out.commitment = prover.commitment().bytes();
  out.responses =
      std::move(prover)
          .Respond(crypto::Challenge(
              election::BallotChallengeTranscript(e.state().voting()->poll_context, out),
              crypto::kNoIndex, crypto::kNoIndex, crypto::ChallengeKind::kCredential))
          .EncodeResponses();
  return out;
}

void ChangedOpening(ElectionFixture& e,
                    const std::function<void(election::BallotOpening&)>& change) {
  election::BallotOpening opening = e.Challenge(kSouth, {{1, 0}}, 60);
  change(opening);
  e.LogOpening(std::move(opening));
}

// A challenge and the opening that fits it, of a ballot whose first cell's r is 0 where it is
// sealed.
void OpenWithoutRandomness(ElectionFixture& e) {
  election::SealedBallot sealed = e.Seal(kSouth, {{1, 0}}, 60);
  const election::VotingContext& voting = *e.state().voting();
  election::Ballot statement = sealed.ExposeForStorage().statement;
  election::BallotOpening opening =
      std::move(sealed).Challenge(voting, e.roll().credentials[kSouth], e.rng()).opening;
  const auto ciphertext =
      crypto::EncryptVarTime(voting.election_key, 1, crypto::Scalar::FromUint64(0)).Encode();
  std::copy(ciphertext.begin(), ciphertext.end(), statement.contests[0].ciphertexts.begin());
  std::fill_n(opening.contests[0].cells.begin() + 2, 32, 0);
  opening.challenge = e.entries().size();
  e.Append(ChallengeOf(e, kSouth, election::BallotTranscript(voting.poll_context, statement), 60));
  e.LogOpening(std::move(opening));
}

}  // namespace

std::vector<Forgery> ChallengeForgeries() {
  return {
      {{Check::kB2}, "ChallengeOfAStranger", Cheat::kVoter, Challenging([](ElectionFixture& e) {
         const crypto::Credential stranger = crypto::Credential::Generate(e.rng());
         e.Append(election::SealedBallot::Seal(e.manifest(), *e.state().voting(), 2, {{1, 0}}, 1,
                                               stranger, e.rng())
                      .value()
                      .Challenge(*e.state().voting(), stranger, e.rng())
                      .challenge);
       })},
      {{Check::kB3},
       "BallotOlderThanAChallenge",
       Cheat::kOperator,
       Challenging([](ElectionFixture& e) {
         const election::Ballot withheld = e.Ballot(kSouth, {{0, 1}}, 60);
         e.Challenge(kSouth, {{1, 0}}, 61);
         e.Append(withheld);
       })},
      {{Check::kB6},
       "ChallengeForSomebodyElse",
       Cheat::kOperator,
       Challenging([](ElectionFixture& e) {
         e.options().challenge = [](election::BallotChallenge& c) { c.responses[0] ^= 1; };
         e.Challenge(kSouth, {{1, 0}}, 60);
       })},
      {{Check::kB8},
       "ChallengeAfterClosing",
       Cheat::kOperator,
       [](Case& out) {
         ElectionFixture election(RichElection());
         election.RunTo(Phase::kClosed);
         election.Challenge(kSouth, {{1, 0}}, 60);
         out.stage = Stage::kClosed;
         out.Write(election);
       }},
      {{Check::kB10}, "ChallengedAndThenCast", Cheat::kVoter, Challenging([](ElectionFixture& e) {
         election::SealedBallot sealed = e.Seal(kSouth, {{1, 0}}, 61);
         e.Append(ChallengeOf(e, kSouth, sealed.hash(), 60));
         e.Append(std::move(sealed).Cast());
       })},
      {{Check::kB10}, "CastAndThenChallenged", Cheat::kVoter, Challenging([](ElectionFixture& e) {
         election::SealedBallot sealed = e.Seal(kSouth, {{1, 0}}, 60);
         const crypto::Hash64 h = sealed.hash();
         e.Append(std::move(sealed).Cast());
         e.Append(ChallengeOf(e, kSouth, h, 61));
       })},
      {{Check::kB10},
       "MoreChallengesThanAllowed",
       Cheat::kVoter,
       Challenging([](ElectionFixture& e) {
         e.Challenge(kSouth, {{1, 0}}, 60);
         e.Challenge(kSouth, {{0, 1}}, 61);
       })},
      {{Check::kB11}, "OpenedToAnotherVote", Cheat::kOperator, Challenging([](ElectionFixture& e) {
         ChangedOpening(e, [](election::BallotOpening& o) {
           o.contests[0].cells[1] = 0;
           o.contests[0].cells[35] = 1;
         });
       })},
      {{Check::kB11},
       "OpenedWithoutItsCommitments",
       Cheat::kOperator,
       Challenging([](ElectionFixture& e) {
         ChangedOpening(e, [](election::BallotOpening& o) {
           Bytes& commitments = o.contests[0].commitments;
           std::copy_n(commitments.begin() + 32, 32, commitments.begin());
         });
       })},
      {{Check::kB11}, "OpenedWithoutRandomness", Cheat::kVoter, Challenging(OpenWithoutRandomness)},
      {{Check::kB11}, "OpeningOfNoChallenge", Cheat::kOperator, Challenging([](ElectionFixture& e) {
         ChangedOpening(e, [](election::BallotOpening& o) { o.challenge -= 1; });
       })},
      {{Check::kB11}, "OpenedTwice", Cheat::kOperator, Challenging([](ElectionFixture& e) {
         const election::BallotOpening opening = e.Challenge(kSouth, {{1, 0}}, 60);
         e.LogOpening(opening);
         e.LogOpening(opening);
       })},
  };
}

}  // namespace urna::forgery
