// Challenged ballots in the log and their openings, docs/protocol.md §7.4.
#include "core/crypto/credential.h"
#include "core/election/sealed_ballot.h"
#include "tests/core/election/state_kit.h"

namespace urna::election {
namespace {

ElectionOptions Allowing(uint16_t challenges) {
  ElectionOptions options;
  options.manifest = [challenges](Manifest& manifest) { manifest.challenges = challenges; };
  return options;
}

class ChallengeTest : public ::testing::Test {
 protected:
  ChallengeTest() : election_(Allowing(2)) {
    election_.RunCeremony();
    election_.Open();
  }

  // The same sealed ballot once more, as a device may keep it that forgets nothing.
  SealedBallot Again(const SealedBallot& sealed, size_t voter) {
    return SealedBallot::FromStorage(election_.manifest(), *election_.state().voting(),
                                     sealed.ExposeForStorage(), election_.roll().credentials[voter])
        .value();
  }
  // A challenge of any hash with any sequence number, proved by its voter.
  BallotChallenge ChallengeOf(size_t voter, const crypto::Hash64& hash, uint64_t sequence) {
    BallotChallenge out;
    out.sequence = sequence;
    out.credential = election_.Credential(voter);
    out.ballot_hash = hash;
    auto prover = crypto::CredentialProver::Commit(election_.roll().credentials[voter], hash,
                                                   election_.rng());
    out.commitment = prover.commitment().bytes();
    const crypto::Hash64 h =
        BallotChallengeTranscript(election_.state().voting()->poll_context, out);
    out.responses = std::move(prover)
                        .Respond(crypto::Challenge(h, crypto::kNoIndex, crypto::kNoIndex,
                                                   crypto::ChallengeKind::kCredential))
                        .EncodeResponses();
    return out;
  }
  std::vector<std::string> Wrong(record::Entry entry) {
    return Numbers(election_.Check(std::move(entry)));
  }

  ElectionFixture election_;
};

TEST_F(ChallengeTest, IsLoggedAndOpenedAndNotCounted) {
  election_.Cast(1, {{1, 0}});
  const uint64_t counted = election_.state().Counted()[0];
  const BallotOpening opening = election_.Challenge(1, {{0, 1}});
  const uint64_t index = election_.entries().size() - 1;
  EXPECT_EQ(election_.state().Counted(), std::vector<uint64_t>{counted});
  ASSERT_THAT(election_.state().challenges(), SizeIs(1));
  EXPECT_FALSE(election_.state().challenges().at(index).opened);
  EXPECT_EQ(election_.state().LastSequence(election_.Credential(1)), 2u);
  EXPECT_THAT(election_.LogOpening(opening), IsEmpty());
  EXPECT_TRUE(election_.state().challenges().at(index).opened);
  EXPECT_EQ(election_.state().Counted(), std::vector<uint64_t>{counted});
  EXPECT_THAT(election_.Cast(1, {{0, 1}}), IsEmpty());
  EXPECT_EQ(election_.state().ballots(), 2u);
  EXPECT_THAT(Numbers(election_.violations()), IsEmpty());
}

TEST_F(ChallengeTest, AChallengedBallotIsNotCast) {
  SealedBallot sealed = election_.Seal(1, {{1, 0}});
  const Ballot same = Again(sealed, 1).Cast();
  auto challenged = std::move(sealed).Challenge(*election_.state().voting(),
                                                election_.roll().credentials[1], election_.rng());
  EXPECT_THAT(Wrong(same), IsEmpty());
  EXPECT_THAT(election_.Append(challenged.challenge), IsEmpty());
  EXPECT_THAT(Wrong(same), ElementsAre("B3", "B10"));
  // Also if the challenge was given another number than the ballot's own.
  const SealedBallot second = election_.Seal(1, {{1, 0}}, 9);
  EXPECT_THAT(election_.Append(ChallengeOf(1, second.hash(), 5)), IsEmpty());
  const auto found = election_.Check(Again(second, 1).Cast());
  EXPECT_THAT(Numbers(found), ElementsAre("B10"));
  EXPECT_EQ(StatusOf(found, Check::kB10).message(),
            "this ballot was challenged, and a challenged ballot is not cast");
}

TEST_F(ChallengeTest, ACastBallotIsNotChallenged) {
  const SealedBallot sealed = election_.Seal(1, {{1, 0}});
  EXPECT_THAT(election_.Append(Again(sealed, 1).Cast()), IsEmpty());
  EXPECT_THAT(Wrong(ChallengeOf(1, sealed.hash(), 2)), ElementsAre("B10"));
  // Of another's ballot that says nothing, and it does not stop them.
  EXPECT_THAT(election_.Append(ChallengeOf(3, sealed.hash(), 1)), IsEmpty());
  const SealedBallot theirs = election_.Seal(1, {{1, 0}});
  EXPECT_THAT(election_.Append(ChallengeOf(3, theirs.hash(), 2)), IsEmpty());
  EXPECT_THAT(election_.Append(Again(theirs, 1).Cast()), IsEmpty());
}

TEST_F(ChallengeTest, AHashIsChallengedOnceAndACredentialChallengesNoMoreThanAllowed) {
  const SealedBallot sealed = election_.Seal(1, {{1, 0}});
  EXPECT_THAT(election_.Append(ChallengeOf(1, sealed.hash(), 1)), IsEmpty());
  EXPECT_THAT(Wrong(ChallengeOf(1, sealed.hash(), 2)), ElementsAre("B10"));
  EXPECT_THAT(election_.Append(ChallengeOf(1, crypto::Hash64{1}, 2)), IsEmpty());
  const auto found = election_.Check(ChallengeOf(1, crypto::Hash64{2}, 3));
  EXPECT_THAT(Numbers(found), ElementsAre("B10"));
  EXPECT_THAT(std::string(StatusOf(found, Check::kB10).message()),
              HasSubstr("has challenged 2 ballots; 2 are allowed"));
  EXPECT_THAT(Wrong(ChallengeOf(3, crypto::Hash64{2}, 3)), IsEmpty());
}

TEST(NoChallengeTest, NoneIsAllowedUnlessTheManifestSaysSo) {
  ElectionFixture election;
  election.RunTo(Phase::kVoting);
  election.Challenge(4, {{1, 0}, {1, 1, 0}, {0, 0}});
  EXPECT_THAT(Numbers(election.violations()), ElementsAre("B10"));
  EXPECT_THAT(election.state().challenges(), IsEmpty());
  EXPECT_EQ(election.state().LastSequence(election.Credential(4)), 0u);
}

TEST_F(ChallengeTest, SharesSequenceNumbersWithBallots) {
  election_.Cast(1, {{1, 0}}, 5);
  const crypto::Hash64 h{7};
  EXPECT_THAT(Wrong(ChallengeOf(1, h, 0)), ElementsAre("B3"));
  EXPECT_THAT(Wrong(ChallengeOf(1, h, 5)), ElementsAre("B3"));
  EXPECT_THAT(election_.Append(ChallengeOf(1, h, 8)), IsEmpty());
  EXPECT_THAT(Wrong(election_.Ballot(1, {{1, 0}}, 8)), ElementsAre("B3"));
  EXPECT_THAT(Wrong(election_.Ballot(1, {{1, 0}}, 9)), IsEmpty());
}

TEST_F(ChallengeTest, IsByAMemberOfTheRollAndProved) {
  const crypto::Credential stranger = crypto::Credential::Generate(election_.rng());
  auto sealed = SealedBallot::Seal(election_.manifest(), *election_.state().voting(), 2, {{1, 0}},
                                   1, stranger, election_.rng());
  ASSERT_TRUE(sealed.ok());
  EXPECT_THAT(Wrong((*std::move(sealed))
                        .Challenge(*election_.state().voting(), stranger, election_.rng())
                        .challenge),
              ElementsAre("B2"));
  BallotChallenge spoilt = ChallengeOf(1, crypto::Hash64{1}, 1);
  spoilt.sequence = 2;
  EXPECT_THAT(Wrong(spoilt), ElementsAre("B6"));
}

TEST_F(ChallengeTest, LiesBetweenOpeningAndClosing) {
  const BallotChallenge challenge = ChallengeOf(1, crypto::Hash64{1}, 1);
  const BallotOpening early = election_.Challenge(3, {{0, 1}});
  const BallotOpening late = election_.Challenge(3, {{1, 0}});
  election_.Close();
  EXPECT_THAT(Wrong(challenge), ElementsAre("B8"));
  EXPECT_THAT(election_.LogOpening(early), IsEmpty());  // openings until order sum
  election_.LogSum();
  EXPECT_THAT(Wrong(late), ElementsAre("B8"));
  ElectionFixture unopened(Allowing(1));
  EXPECT_THAT(Numbers(unopened.Check(challenge)), ElementsAre("B8"));
  EXPECT_THAT(Numbers(unopened.Check(early)), ElementsAre("B8"));
}

TEST_F(ChallengeTest, AnOpeningIsOfItsChallenge) {
  const BallotOpening good = election_.Challenge(1, {{0, 1}});
  const auto spoilt = [&](auto&& spoil) {
    BallotOpening opening = good;
    spoil(opening);
    return Wrong(opening);
  };
  EXPECT_THAT(spoilt([](BallotOpening&) {}), IsEmpty());
  EXPECT_THAT(spoilt([](BallotOpening& o) { o.challenge -= 1; }), ElementsAre("B11"));
  EXPECT_THAT(spoilt([](BallotOpening& o) { o.sequence += 1; }), ElementsAre("B11"));
  EXPECT_THAT(spoilt([&](BallotOpening& o) { o.credential = election_.Credential(3); }),
              ElementsAre("B11"));
  EXPECT_THAT(spoilt([](BallotOpening& o) { o.style = 1; }), ElementsAre("B11"));
  EXPECT_THAT(spoilt([](BallotOpening& o) { o.contests.clear(); }), ElementsAre("B11"));
  EXPECT_THAT(spoilt([](BallotOpening& o) { o.contests[0].cells[1] ^= 1; }), ElementsAre("B11"));
  EXPECT_THAT(spoilt([](BallotOpening& o) { o.contests[0].cells[2] ^= 1; }), ElementsAre("B11"));
  EXPECT_THAT(spoilt([](BallotOpening& o) { o.contests[0].cells.resize(34); }), ElementsAre("B11"));
  EXPECT_THAT(spoilt([](BallotOpening& o) { o.contests[0].commitments.resize(64); }),
              ElementsAre("B11"));
  EXPECT_THAT(spoilt([](BallotOpening& o) { std::fill_n(o.contests[0].cells.begin() + 2, 32, 0); }),
              ElementsAre("B11"));
  // Points and scalars.
  EXPECT_THAT(spoilt([](BallotOpening& o) { o.contests[0].cells[33] = 0xff; }), ElementsAre("L3"));
  EXPECT_THAT(
      spoilt([](BallotOpening& o) { std::fill_n(o.contests[0].commitments.begin(), 32, 0xff); }),
      ElementsAre("L3"));
  EXPECT_THAT(spoilt([](BallotOpening& o) { o.commitment.fill(0xff); }), ElementsAre("L3"));
  EXPECT_THAT(election_.LogOpening(good), IsEmpty());
  EXPECT_THAT(Wrong(good), ElementsAre("B11"));
}

TEST_F(ChallengeTest, AnOpeningOfAnInvalidChallengeOpensNothing) {
  election_.options().challenge = [](BallotChallenge& challenge) { challenge.responses[0] ^= 1; };
  const BallotOpening opening = election_.Challenge(1, {{0, 1}});
  EXPECT_THAT(Numbers(election_.violations()), ElementsAre("B6"));
  EXPECT_THAT(Wrong(opening), ElementsAre("B11"));
}

}  // namespace
}  // namespace urna::election
