// An anonymous election on a real board: what it admits, refuses and answers twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "server/board.h"
#include "tests/server/board_fixture.h"
#include "tests/support/election_fixture.h"

namespace urna::server {
namespace {

using election::Ballot;
using testing::ElectionFixture;
using ::testing::HasSubstr;
using testing::kPollOrigin;
using testing::kRollOrigin;
using testing::TestBoard;

const election::Selections kNorthern = {{1, 0}, {1, 1, 0}, {2, 1}};
const election::Selections kSouthern = {{1, 0}};

// Members 0, 2 and 4 are of district 1, 1 and 3 of district 2.
class AnonymousElectionBoardTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(board_.Open(), absl::OkStatus());
    testing::ElectionOptions options;
    options.anonymous = true;
    options.make_roll = [this](const testing::TestPeople& people, crypto::Rng& rng) {
      return testing::MakeRoll({kRollOrigin, 5, {1, 2}}, people.registrar,
                               board_.LogSigner(kRollOrigin), rng);
    };
    options.manifest = [this](election::Manifest& manifest) {
      manifest.origin = kPollOrigin;
      manifest.log_key = board_.LogSigner(kPollOrigin).named.key;
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
    if (record::IsVotersEntry(record::TypeOf(entry))) return Cast(entry);
    return board_.Append(kPollOrigin, bytes);
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

TEST_F(AnonymousElectionBoardTest, GoesFromOpeningToResult) {
  election_->CastUsualBallots();
  SendNew();
  Restart();
  election_->Cast(3, {{1, 0}});  // by the tag, which the board has read from its ledger
  election_->Cast(3, {{0, 1}});
  SendNew();
  election_->Close();
  election_->LogSum();
  election_->LogCountAcknowledgements();
  for (uint16_t trustee : {1, 2}) election_->LogDecryptionShares(trustee);
  election_->LogResult();
  SendNew();
  EXPECT_THAT(election_->violations(), ::testing::IsEmpty());
  EXPECT_EQ(election_->state().published()->results, ElectionFixture::UsualTotals());
}

TEST_F(AnonymousElectionBoardTest, TheSameBytesGetTheSameReceipt) {
  election_->Cast(0, kNorthern);
  const record::Entry first = election_->entries().back();
  SendNew();
  EXPECT_EQ(Cast(first)->index, sent_ - 1);
  election_->Cast(0, kNorthern);
  SendNew();
  EXPECT_EQ(Cast(first)->index, sent_ - 2);
}

TEST_F(AnonymousElectionBoardTest, RefusesWithASentence) {
  election_->Cast(0, kNorthern);
  SendNew();
  EXPECT_THAT(Refusal(election_->AnonymousBallot(0, kNorthern, 2, election_->RingOf(0))),
              HasSubstr("votes again by the tag alone"));
  // Before its proof over the ring is looked at.
  Ballot changed = std::get<Ballot>(election_->entries().back());
  std::get<election::RingAnswer>(changed.anonymous).responses[0] ^= 1;
  EXPECT_THAT(Refusal(changed), HasSubstr("votes again by the tag alone"));
  EXPECT_THAT(Refusal(election_->AnonymousBallot(2, kNorthern, 1, std::nullopt)),
              HasSubstr("no ballot over a ring"));
  EXPECT_THAT(Refusal(election_->AnonymousBallot(0, kNorthern, 1, std::nullopt)),
              HasSubstr("is not above 1"));
  Ballot ballot = election_->Ballot(2, kNorthern);
  std::get<election::RingAnswer>(ballot.anonymous).ring = 2;
  EXPECT_THAT(Refusal(ballot), HasSubstr("there is no ring 2"));
  ballot = election_->Ballot(2, kNorthern);
  std::get<election::RingAnswer>(ballot.anonymous).responses[0] ^= 1;
  EXPECT_THAT(Refusal(ballot), HasSubstr("proof over the ring does not verify"));
  ballot = election_->Ballot(2, kNorthern);
  std::fill_n(std::get<election::RingAnswer>(ballot.anonymous).commitments.begin(), 32, 0xff);
  EXPECT_THAT(Refusal(ballot), HasSubstr("ring_commitments"));
  ballot = election_->Ballot(2, kNorthern);
  ballot.contests[0].responses[0] ^= 1;
  EXPECT_THAT(Refusal(ballot), HasSubstr("range proof does not verify"));
  ballot = election_->Ballot(0, kNorthern);
  std::get<election::TagAnswer>(ballot.anonymous).response[0] ^= 1;
  EXPECT_THAT(Refusal(ballot), HasSubstr("proof of the tag does not verify"));
  EXPECT_THAT(Refusal(election_->Order(poll::Revoke{election_->Credentials({0})}, "On paper.")),
              HasSubstr("has no place in an anonymous election"));
}

TEST_F(AnonymousElectionBoardTest, TakesNoNames) {
  const Ballot named =
      election::MakeBallot(election_->manifest(), *election_->state().voting(), 2, kSouthern, 1,
                           election_->roll().credentials[1], election_->rng())
          .value();
  EXPECT_THAT(Refusal(named), HasSubstr("the election is anonymous"));
  EXPECT_THAT(Refusal(election::BallotChallenge{1, election_->Credential(1), {}, {}, {}}),
              HasSubstr("the election is anonymous"));
}

}  // namespace
}  // namespace urna::server
