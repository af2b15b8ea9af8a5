// Elections on the board without the network: challenged ballots, revocations, weights by district.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/election/sealed_ballot.h"
#include "server/board.h"
#include "server/refusals.h"
#include "tests/server/board_fixture.h"
#include "tests/support/election_fixture.h"

namespace urna::server {
namespace {

using testing::ElectionFixture;
using ::testing::HasSubstr;
using testing::kPollOrigin;
using testing::kRollOrigin;
using testing::TestBoard;

class ElectionBoardTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(board_.Open(), absl::OkStatus());
    testing::ElectionOptions options;
    options.make_roll = [this](const testing::TestPeople& people, crypto::Rng& rng) {
      return testing::MakeRoll({kRollOrigin, 6, {1, 2}, {2, 5, 5, 2}}, people.registrar,
                               board_.LogSigner(kRollOrigin), rng);
    };
    options.manifest = [this](election::Manifest& manifest) {
      manifest.origin = kPollOrigin;
      manifest.log_key = board_.LogSigner(kPollOrigin).named.key;
      manifest.challenges = 1;
      manifest.contests[0].by_district = true;
    };
    election_ = std::make_unique<ElectionFixture>(options);
    const std::vector<Bytes> roll = election_->roll().Entries();
    ASSERT_EQ(board_.Create(roll.front()).status(), absl::OkStatus());
    for (size_t i = 1; i < roll.size(); ++i) {
      ASSERT_EQ(board_.Append(kRollOrigin, roll[i]).status(), absl::OkStatus());
    }
    election_->RunCeremony();
    election_->Open();
    SendNew();
  }

  absl::StatusOr<Receipt> Cast(const record::Entry& entry) {
    return board_.Submit(Door::kCast, kPollOrigin, {record::EncodeEntry(entry).value()}, false);
  }
  absl::StatusOr<Receipt> Send(const record::Entry& entry) {
    const Bytes bytes = record::EncodeEntry(entry).value();
    if (std::holds_alternative<election::SignedManifest>(entry)) return board_.Create(bytes);
    if (std::holds_alternative<poll::SignedOrder>(entry) ||
        std::holds_alternative<election::SignedTrusteeMessage>(entry)) {
      return board_.Append(kPollOrigin, bytes);
    }
    return Cast(entry);
  }
  // Everything that the fixture has logged since the last time.
  void SendNew() {
    for (; sent_ < election_->entries().size(); ++sent_) {
      const auto receipt = Send(election_->entries()[sent_]);
      ASSERT_EQ(receipt.status(), absl::OkStatus())
          << record::EntryName(election_->entries()[sent_]);
      EXPECT_EQ(receipt->index, sent_);
    }
  }
  void Restart() {
    board_.Stop();
    ASSERT_EQ(board_.Open(), absl::OkStatus());
  }
  std::string Refusal(const record::Entry& entry) {
    const auto receipt = Send(entry);
    EXPECT_FALSE(receipt.ok());
    return std::string(receipt.status().message());
  }

  TestBoard board_;
  std::unique_ptr<ElectionFixture> election_;
  size_t sent_ = 0;
};

TEST_F(ElectionBoardTest, TakesChallengesAndOpenings) {
  const election::BallotOpening opening = election_->Challenge(1, {{1, 0}});
  SendNew();
  const record::Entry challenge = election_->entries().back();
  EXPECT_EQ(Cast(challenge)->index, sent_ - 1);  // the same bytes again
  election::BallotOpening wrong = opening;
  wrong.contests[0].cells[1] ^= 1;
  EXPECT_THAT(Refusal(wrong), HasSubstr("does not give the hash"));
  wrong = opening;
  wrong.contests[0].cells[33] = 0xff;
  EXPECT_THAT(Refusal(wrong), HasSubstr("contest 1, cell 1"));
  wrong = opening;
  wrong.challenge = 0;
  EXPECT_THAT(Refusal(wrong), HasSubstr("is no valid challenge"));
  Restart();
  election_->LogOpening(opening);
  SendNew();
  EXPECT_EQ(Cast(opening)->index, sent_ - 1);
  election::BallotOpening again = opening;
  again.contests[0].cells[1] ^= 1;
  EXPECT_THAT(Refusal(again), HasSubstr("was opened before"));
}

// Anybody can change a logged ballot and send it again from wherever: that shall cost no proof.
TEST_F(ElectionBoardTest, WhoseTurnItIsNotIsRefusedBeforeItsProofs) {
  election_->Cast(1, {{1, 0}});
  const auto logged = std::get<election::Ballot>(election_->entries().back());
  election_->Challenge(3, {{1, 0}});
  const auto challenge = std::get<election::BallotChallenge>(election_->entries().back());
  SendNew();
  for (const bool restarted : {false, true}) {
    if (restarted) Restart();
    election::Ballot changed = logged;
    changed.contests[0].responses[0] ^= 1;
    const absl::Status status = Cast(changed).status();
    EXPECT_THAT(std::string(status.message()), HasSubstr("is not above 1"));
    EXPECT_FALSE(IsFalseProof(status));
    election::BallotChallenge other = challenge;
    other.responses[0] ^= 1;
    EXPECT_THAT(Refusal(other), HasSubstr("is not above 1"));
    changed.sequence = 2;
    EXPECT_TRUE(IsFalseProof(Cast(changed).status())) << "whose turn it is, its proofs say";
    EXPECT_EQ(Cast(logged)->index, sent_ - 2);
  }
}

TEST_F(ElectionBoardTest, RefusesWhatWasChallengedAndTooManyChallenges) {
  election::SealedBallot sealed = election_->Seal(1, {{1, 0}});
  const election::Ballot same = election::SealedBallot::FromStorage(
                                    election_->manifest(), *election_->state().voting(),
                                    sealed.ExposeForStorage(), election_->roll().credentials[1])
                                    .value()
                                    .Cast();
  election_->Append(std::move(sealed)
                        .Challenge(*election_->state().voting(), election_->roll().credentials[1],
                                   election_->rng())
                        .challenge);
  SendNew();
  Restart();
  EXPECT_THAT(Refusal(same), HasSubstr("sequence 1 is not above 1"));
  auto second = election_->Seal(1, {{1, 0}})
                    .Challenge(*election_->state().voting(), election_->roll().credentials[1],
                               election_->rng());
  EXPECT_THAT(Refusal(second.challenge), HasSubstr("has challenged 1 ballots; 1 are allowed"));
  second.challenge.responses[0] ^= 1;
  EXPECT_FALSE(Cast(second.challenge).ok());
  // Not through another door.
  EXPECT_THAT(
      std::string(
          board_.Submit(Door::kAppend, kPollOrigin, {record::EncodeEntry(second.challenge).value()})
              .status()
              .message()),
      HasSubstr("does not take a ballot challenge; Voting.Cast does"));
}

TEST_F(ElectionBoardTest, RefusesBallotsOfRevokedCredentials) {
  election_->Cast(1, {{1, 0}});
  election_->Revoke({1});
  SendNew();
  Restart();
  const election::Ballot ballot = election_->Ballot(1, {{0, 1}});
  const auto refused = Cast(ballot);
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status()));
  EXPECT_EQ(refused.status().message(),
            "this credential was revoked by order 2 of the officers and its ballots do not count: "
            "They voted at a polling station.");
  // What was logged before gets its receipt as ever.
  EXPECT_EQ(Cast(election_->entries()[sent_ - 2])->index, sent_ - 2);
  election_->Restore({1});
  SendNew();
  EXPECT_EQ(Cast(ballot).status(), absl::OkStatus());
  // What is no credential is not revoked either.
  EXPECT_THAT(Refusal(election_->Order(poll::Revoke{{{0xff}}}, "why")), HasSubstr("is no point"));
}

TEST_F(ElectionBoardTest, SumsWeightsByDistrictAlsoAfterARestart) {
  for (size_t voter : {0, 2, 4}) election_->Cast(voter, {{1, 0}, {1, 0, 0}, {2, 1}});
  for (size_t voter : {1, 3, 5}) election_->Cast(voter, {{0, 1}});
  election_->Revoke({5});
  election_->Close();
  election_->LogSum();
  SendNew();
  Restart();
  election_->LogCountAcknowledgements();
  election_->LogDecryptionShares(1);
  election_->LogDecryptionShares(3);
  SendNew();
  // Weights 2, 5, 2 in district 1; 5 and 2 in district 2, where another 5 was revoked.
  EXPECT_THAT(election_->Result().results,
              ::testing::ElementsAre(poll::PartTotals{0, {9, 0}}, poll::PartTotals{1, {0, 7}},
                                     poll::PartTotals{2, {9, 0, 0}}, poll::PartTotals{3, {18, 9}}));
  election_->LogResult();
  SendNew();
  EXPECT_EQ((*board_->Find(kPollOrigin))->phase, LogPhase::kFinal);
}

}  // namespace
}  // namespace urna::server
