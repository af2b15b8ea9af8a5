// A roll on a board that goes on behind its seal, and a poll that pins one of its epochs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/record/directory.h"
#include "core/record/fetched_log.h"
#include "server/export.h"
#include "tests/server/board_fixture.h"

namespace urna::server {
namespace {

using petition::Act;
using ::testing::HasSubstr;
using testing::kPollOrigin;
using testing::kRollOrigin;

class RollEpochsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(board_.Open(), absl::OkStatus());
    ASSERT_EQ(petition_.Prepare(board_), absl::OkStatus());
    grown_ = petition_.roll().Entries().size();
    changes_ = testing::UsualChanges(petition_.roll(), petition_.people().registrar, rng_);
  }

  // The entries of the roll's second epoch.
  std::vector<Bytes> SecondEpoch() const {
    testing::TestRoll roll = petition_.roll().PublicPart();
    testing::AddEpoch(roll, petition_.people().registrar, changes_);
    return roll.later;
  }
  absl::Status Grow() {
    std::vector<Bytes> epoch = SecondEpoch();
    const Bytes seal = epoch.back();
    epoch.pop_back();
    const absl::Status changes = board_.Submit(Door::kAppend, kRollOrigin, epoch).status();
    if (!changes.ok()) return changes;
    grown_ += epoch.size() + 1;
    return board_.Append(kRollOrigin, seal).status();
  }
  absl::Status Append(const roll::SignedRollChange& change) {
    return board_.Append(kRollOrigin, record::EncodeEntry(change).value()).status();
  }

  crypto::SeededRng rng_{5};
  testing::TestBoard board_;
  testing::TestPetition petition_{board_, 4};
  std::vector<roll::SignedRollChange> changes_;
  uint64_t grown_ = 0;  // the size of the roll's log
};

TEST_F(RollEpochsTest, APollHoldsToTheEpochThatItPins) {
  ASSERT_EQ(Grow(), absl::OkStatus());
  EXPECT_EQ((*board_->Find(kRollOrigin))->size, grown_);
  EXPECT_EQ((*board_->Find(kRollOrigin))->phase, LogPhase::kSealed);
  // The petition's opening pins the first epoch, in which the last member still has the old key.
  ASSERT_EQ(board_.Append(kPollOrigin, petition_.Open()).status(), absl::OkStatus());
  EXPECT_EQ(board_.Act(petition_.Act(3, Act::kSign, 1)).status(), absl::OkStatus());
  // And so it is when the board has read its logs again.
  board_.Stop();
  ASSERT_EQ(board_.Open(), absl::OkStatus());
  EXPECT_EQ(board_.Act(petition_.Act(2, Act::kSign, 1)).status(), absl::OkStatus());

  board_.Stop();
  const std::string record = board_.directory().File("record");
  ASSERT_EQ(ExportRecord(board_.data(), kPollOrigin, record, ExportAt::kNewest).status(),
            absl::OkStatus());
  const roll::RollPin pin = petition_.roll().state->pin();
  const std::string roll = record::RollDirectory(record, pin.roll_id);
  EXPECT_EQ(record::LogReader::Open(roll)->size(), grown_);
  EXPECT_EQ(record::CheckPinnedRoll(roll, pin), absl::OkStatus());
  roll::RollPin other = pin;
  other.root[0] ^= 1;
  EXPECT_TRUE(absl::IsDataLoss(record::CheckPinnedRoll(roll, other)));
  other = pin;
  other.size = grown_ + 1;
  EXPECT_TRUE(absl::IsDataLoss(record::CheckPinnedRoll(roll, other)));
}

TEST_F(RollEpochsTest, ChangesOfAnEpochThatIsNotSealedYetDoNotDisturbAnOpening) {
  ASSERT_EQ(Append(changes_[0]), absl::OkStatus());
  EXPECT_EQ((*board_->Find(kRollOrigin))->phase, LogPhase::kSealed);
  EXPECT_EQ(board_.Append(kPollOrigin, petition_.Open()).status(), absl::OkStatus());
}

TEST_F(RollEpochsTest, RefusesChangesThatBreakARule) {
  roll::SignedRollChange wrong = changes_[0];
  wrong.signature[0] ^= 1;
  EXPECT_THAT(std::string(Append(wrong).message()), HasSubstr("the signature of the registrar"));
  const roll::RollState& roll = *petition_.roll().state;
  wrong.change.member.nonce[0] ^= 1;
  wrong = testing::SignRollChange(petition_.people().registrar, roll.roll_id(), 2, wrong.change);
  EXPECT_THAT(std::string(Append(wrong).message()), HasSubstr("proof does not verify"));
  EXPECT_TRUE(absl::IsPermissionDenied(
      board_.Submit(Door::kAppend, kRollOrigin, {record::EncodeEntry(changes_[0]).value()}, false)
          .status()));
  const Bytes member = record::EncodeEntry(changes_[0].change.member).value();
  EXPECT_TRUE(absl::IsFailedPrecondition(board_.Append(kRollOrigin, member).status()));
  EXPECT_EQ((*board_->Find(kRollOrigin))->size, grown_);
  EXPECT_EQ(Append(changes_[0]), absl::OkStatus());
}

TEST_F(RollEpochsTest, TheSameChangeAgainIsNoSecondOne) {
  ASSERT_EQ(Grow(), absl::OkStatus());
  EXPECT_EQ(Append(changes_[1]), absl::OkStatus());
  EXPECT_EQ((*board_->Find(kRollOrigin))->size, grown_);
}

}  // namespace
}  // namespace urna::server
