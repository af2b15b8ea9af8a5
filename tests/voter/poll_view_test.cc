#include "voter/poll_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/voter/fake_board.h"
#include "voter/roll_reader.h"

namespace urna::voter {
namespace {

using ::testing::HasSubstr;

constexpr char kOrigin[] = "board.example/poll";

ReadOptions For(const ElectionOnBoard& election, size_t voter) {
  ReadOptions options;
  options.credential = election.credential(voter).public_key().bytes();
  return options;
}

TEST(PollViewTest, ReadsAnElectionWhole) {
  ElectionOnBoard election;
  election.fixture.Cast(0, {{1, 0}, {1, 0, 0}, {2, 2}});
  election.fixture.Cast(1, {{0, 1}});
  election.fixture.Cast(0, {{0, 1}, {0, 1, 0}, {0, 0}}, 5);
  election.Sync();
  const auto poll = ReadPoll(election.board, kOrigin, For(election, 0));
  ASSERT_TRUE(poll.ok()) << poll.status();
  EXPECT_TRUE(poll->whole);
  EXPECT_EQ(poll->phase, remote::LogPhase::kVoting);
  EXPECT_EQ(poll->poll_id, election.fixture.state().poll_id());
  ASSERT_TRUE(poll->voting.has_value());
  EXPECT_EQ(poll->voting->election_key, election.fixture.state().voting()->election_key);
  EXPECT_EQ(poll->voting->poll_context, election.fixture.state().voting()->poll_context);
  ASSERT_EQ(poll->own.size(), 2u);
  EXPECT_EQ(poll->own[0].sequence, 1u);
  EXPECT_EQ(poll->own[1].sequence, 5u);
  EXPECT_EQ(poll->own[1].index, election.board.entries(kOrigin).size() - 1);
  for (size_t voter = 0; voter < 5; ++voter) {
    EXPECT_EQ(poll->StyleOf(election.credential(voter).public_key().bytes()).value(),
              election.fixture.StyleOf(voter));
  }
}

TEST(PollViewTest, OfALongLogItReadsUpToTheOpening) {
  ElectionOnBoard election;
  for (uint64_t sequence = 1; sequence <= 3; ++sequence) {
    election.fixture.Cast(1, {{0, 1}}, sequence);
  }
  election.Sync();
  ReadOptions options = For(election, 1);
  options.whole_log_limit = 5;
  const auto poll = ReadPoll(election.board, kOrigin, options);
  ASSERT_TRUE(poll.ok()) << poll.status();
  EXPECT_FALSE(poll->whole);
  EXPECT_EQ(poll->phase, remote::LogPhase::kVoting);
  EXPECT_EQ(poll->voting->election_key, election.fixture.state().voting()->election_key);
  EXPECT_TRUE(poll->own.empty());
  EXPECT_EQ(poll->checkpoint.checkpoint.size(), election.board.entries(kOrigin).size());
}

TEST(PollViewTest, KnowsThatVotingIsClosed) {
  ElectionOnBoard election;
  election.fixture.Cast(1, {{0, 1}});
  election.fixture.Close();
  election.Sync();
  const auto poll = ReadPoll(election.board, kOrigin, For(election, 1));
  ASSERT_TRUE(poll.ok()) << poll.status();
  EXPECT_EQ(poll->phase, remote::LogPhase::kClosed);
  election.fixture.LogSum();
  election.fixture.LogCountAcknowledgements();
  election.fixture.LogDecryptionShares(1);
  election.fixture.LogDecryptionShares(2);
  election.fixture.LogResult();
  election.Sync();
  const auto last = ReadPoll(election.board, kOrigin, For(election, 1));
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(last->phase, remote::LogPhase::kFinal);
}

TEST(PollViewTest, FindsChallengesAndReadsPastOpenings) {
  testing::ElectionOptions options;
  options.manifest = [](election::Manifest& manifest) { manifest.challenges = 2; };
  ElectionOnBoard election(options);
  const election::BallotOpening own = election.fixture.Challenge(1, {{0, 1}});
  EXPECT_TRUE(election.fixture.LogOpening(own).empty());
  election.fixture.LogOpening(election.fixture.Challenge(3, {{1, 0}}));
  election.fixture.Cast(1, {{0, 1}});
  election.Sync();
  const auto poll = ReadPoll(election.board, kOrigin, For(election, 1));
  ASSERT_TRUE(poll.ok()) << poll.status();
  ASSERT_EQ(poll->own.size(), 2u);
  EXPECT_EQ(poll->own[0].kind, Submission::kChallenge);
  EXPECT_EQ(poll->own[0].index, own.challenge);
  EXPECT_EQ(poll->own[0].ballot_hash,
            election.fixture.state().challenges().at(own.challenge).ballot_hash);
  EXPECT_EQ(poll->own[1].kind, Submission::kBallot);
  EXPECT_EQ(poll->own[1].sequence, 2u);
}

TEST(PollViewTest, KnowsWhetherTheVoterWasRevoked) {
  ElectionOnBoard election;
  const auto revoked = [&](size_t voter) {
    const auto poll = ReadPoll(election.board, kOrigin, For(election, voter));
    EXPECT_TRUE(poll.ok()) << poll.status();
    return poll->revoked;
  };
  election.fixture.Revoke({1, 3});
  election.Sync();
  EXPECT_EQ(revoked(1), "order 2: They voted at a polling station.");
  EXPECT_FALSE(revoked(0).has_value());
  election.fixture.Close();
  election.fixture.Restore({1});
  election.Sync();
  EXPECT_FALSE(revoked(1).has_value());
  EXPECT_TRUE(revoked(3).has_value());
}

TEST(PollViewTest, RefusesAPollWithAnotherManifestThanTheVoterKnows) {
  ElectionOnBoard election;
  ReadOptions options = For(election, 0);
  options.poll_id = election.fixture.state().poll_id();
  EXPECT_TRUE(ReadPoll(election.board, kOrigin, options).ok());
  (*options.poll_id)[31] ^= 1;
  const auto poll = ReadPoll(election.board, kOrigin, options);
  EXPECT_TRUE(absl::IsFailedPrecondition(poll.status()));
  EXPECT_THAT(poll.status().message(), HasSubstr("with the manifest"));
}

// What a board may send in place of what it signed.
TEST(PollViewTest, RefusesEntriesThatAreNotThoseOfTheCheckpoint) {
  ElectionOnBoard election;
  election.fixture.Cast(1, {{0, 1}});
  election.fixture.Cast(3, {{0, 1}});
  election.Sync();
  const Bytes last = election.board.entries(kOrigin).back();
  for (uint64_t limit : {uint64_t{5}, uint64_t{5000}}) {
    ReadOptions options = For(election, 1);
    options.whole_log_limit = limit;
    // An entry of the set-up left out of the stream is seen in both ways of reading.
    size_t sent = 0;
    election.board.spoil_entry = [&](Bytes& entry) {
      if (++sent == 4) entry = last;
    };
    const auto poll = ReadPoll(election.board, kOrigin, options);
    EXPECT_TRUE(absl::IsDataLoss(poll.status())) << limit << ": " << poll.status();
  }
}

TEST(PollViewTest, RefusesACheckpointOfAnotherKey) {
  ElectionOnBoard election;
  crypto::SeededRng rng(99);
  testing::Signer other = testing::MakeSigner(kOrigin, rng);
  const std::vector<Bytes> entries = election.board.entries(kOrigin);
  election.board.AddLog(other, entries);
  const auto poll = ReadPoll(election.board, kOrigin, For(election, 0));
  EXPECT_TRUE(absl::IsDataLoss(poll.status())) << poll.status();
  EXPECT_THAT(poll.status().message(), HasSubstr("checkpoint"));
}

TEST(PollViewTest, RefusesAnOpeningOfTooFewOfficers) {
  testing::ElectionOptions options;
  options.entry = [](record::Entry& entry) {
    if (auto* order = std::get_if<poll::SignedOrder>(&entry)) {
      order->signed_body.signatures.resize(1);
    }
  };
  ElectionOnBoard election(options);
  const auto poll = ReadPoll(election.board, kOrigin, For(election, 0));
  EXPECT_TRUE(absl::IsDataLoss(poll.status())) << poll.status();
}

TEST(PollViewTest, RefusesAnElectionKeyThatIsNotTheTrustees) {
  testing::ElectionOptions options;
  options.order = [](poll::Order& order) {
    if (auto* opening = std::get_if<poll::OpenElection>(&order.act)) {
      opening->election_key = opening->verification_keys[0];
    }
  };
  ElectionOnBoard election(options);
  const auto poll = ReadPoll(election.board, kOrigin, For(election, 0));
  EXPECT_TRUE(absl::IsDataLoss(poll.status())) << poll.status();
}

TEST(PollViewTest, RefusesAManifestOfTooFewOfficers) {
  testing::ElectionOptions options;
  options.entry = [](record::Entry& entry) {
    if (auto* manifest = std::get_if<election::SignedManifest>(&entry)) {
      manifest->signed_body.signatures.resize(1);
    }
  };
  ElectionOnBoard election(options);
  const auto poll = ReadPoll(election.board, kOrigin, For(election, 0));
  EXPECT_TRUE(absl::IsDataLoss(poll.status())) << poll.status();
}

TEST(PollViewTest, RefusesARollThatIsNotThePinnedOne) {
  ElectionOnBoard election;
  std::vector<Bytes> entries = election.fixture.roll().Entries();
  entries.erase(entries.begin() + 2);
  election.board.Replace("board.example/roll", entries);
  const auto poll = ReadPoll(election.board, kOrigin, For(election, 0));
  EXPECT_TRUE(absl::IsDataLoss(poll.status())) << poll.status();
  EXPECT_THAT(poll.status().message(), HasSubstr("not the one that the poll pins"));
  // Who only wants to see the poll needs no roll.
  ReadOptions without = For(election, 0);
  without.roll = false;
  EXPECT_TRUE(ReadPoll(election.board, kOrigin, without).ok());
}

TEST(PollViewTest, TellsWhoIsNotEntitled) {
  ElectionOnBoard election;
  const auto poll = ReadPoll(election.board, kOrigin, For(election, 0));
  ASSERT_TRUE(poll.ok()) << poll.status();
  crypto::SeededRng rng(5);
  const auto stranger = crypto::Credential::Generate(rng).public_key().bytes();
  EXPECT_TRUE(absl::IsPermissionDenied(poll->StyleOf(stranger).status()));
  EXPECT_THAT(poll->StyleOf(stranger).status().message(), HasSubstr("not on the roll"));
}

TEST(PollViewTest, ReadsAPetition) {
  PetitionOnBoard petition;
  ReadOptions options;
  const auto poll = ReadPoll(petition.board, kOrigin, options);
  ASSERT_TRUE(poll.ok()) << poll.status();
  ASSERT_NE(poll->petition(), nullptr);
  EXPECT_EQ(poll->phase, remote::LogPhase::kCollecting);
  EXPECT_EQ(poll->signing->text_hash, petition.state->context()->text_hash);
  EXPECT_EQ(poll->signing->poll_context, petition.state->context()->poll_context);
  const auto first = petition.roll.credentials[0].public_key().bytes();
  EXPECT_EQ(poll->DistrictOf(first).value(), petition.roll.members[0].district);
  EXPECT_FALSE(poll->StyleOf(first).ok());
}

TEST(PollViewTest, SaysThatThereIsNoSuchPoll) {
  PetitionOnBoard petition;
  EXPECT_TRUE(absl::IsNotFound(ReadPoll(petition.board, "board.example/nothing", {}).status()));
  EXPECT_THAT(ReadPoll(petition.board, "board.example/roll", {}).status().message(),
              HasSubstr("is no poll"));
}

TEST(RollReaderTest, GivesTheIdOfARoll) {
  ElectionOnBoard election;
  const auto identity = ReadRollIdentity(election.board, "board.example/roll");
  ASSERT_TRUE(identity.ok()) << identity.status();
  EXPECT_EQ(identity->id, election.fixture.roll().state->roll_id());
  EXPECT_THAT(ReadRollIdentity(election.board, kOrigin).status().message(),
              HasSubstr("is no roll"));
}

TEST(ActHeadTest, ReadsBallotsAndActsAlone) {
  ElectionOnBoard election;
  const election::Ballot ballot = election.fixture.Ballot(1, {{0, 1}}, 42);
  const auto head = ReadActHead(record::EncodeEntry(ballot).value());
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->sequence, 42u);
  EXPECT_EQ(head->id, ballot.credential);
  EXPECT_EQ(head->act, std::nullopt);
  for (const Bytes& entry : election.board.entries(kOrigin)) {
    EXPECT_FALSE(ReadActHead(entry).has_value());
  }
  const Bytes torn = {0x40, 1, 0, 0};
  EXPECT_FALSE(ReadActHead(torn).has_value());
}

TEST(ActHeadTest, ReadsAnonymousActs) {
  petition::RingAct ring_act{7, 1, 3, {}, Bytes(256), Bytes(416)};
  ring_act.tag.fill(0x17);
  auto head = ReadActHead(record::EncodeEntry(ring_act).value());
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->kind, Submission::kAct);
  EXPECT_EQ(head->id, ring_act.tag);
  EXPECT_EQ(head->sequence, 7u);
  EXPECT_EQ(head->act, petition::Act::kSign);
  petition::TagAct tag_act;
  tag_act.act = petition::Act::kWithdraw;
  tag_act.sequence = 8;
  tag_act.tag.fill(0x18);
  head = ReadActHead(record::EncodeEntry(tag_act).value());
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->id, tag_act.tag);
  EXPECT_EQ(head->sequence, 8u);
  EXPECT_EQ(head->act, petition::Act::kWithdraw);
}

}  // namespace
}  // namespace urna::voter
