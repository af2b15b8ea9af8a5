// The library against the real server, through gRPC.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/voter/program/served_polls.h"
#include "voter/bulk.h"
#include "voter/participant.h"
#include "voter/receipt_check.h"

namespace urna::voter {
namespace {

using ::testing::HasSubstr;

class ServedLibraryTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { polls_ = new ServedPolls(); }
  static void TearDownTestSuite() {
    delete polls_;
    polls_ = nullptr;
  }

  absl::StatusOr<Participant> Open(Board& board, const char* origin, size_t voter) {
    return Participant::Open(board, origin, polls_->credential(voter), Receipts(voter), {}, rng_);
  }
  static std::string Receipts(size_t voter) {
    return absl::StrCat(polls_->directory(), "/receipts", voter);
  }

  static ServedPolls* polls_;
  crypto::SystemRng rng_;
};

ServedPolls* ServedLibraryTest::polls_ = nullptr;

TEST_F(ServedLibraryTest, VotesTwiceAndTheReceiptsHold) {
  const std::unique_ptr<Board> board = polls_->Connect();
  for (uint64_t sequence = 1; sequence <= 2; ++sequence) {
    auto participant = Open(*board, kElection, 0);
    ASSERT_TRUE(participant.ok()) << participant.status();
    const auto accepted = participant->Vote({{1, 0}, {0, 1, 1}, {2, 0}}, PendingPolicy::kRefuse);
    ASSERT_TRUE(accepted.ok()) << accepted.status();
    EXPECT_EQ(accepted->sequence, sequence);
  }
  const auto store = ReceiptStore::Open(ReceiptStore::DirectoryOf(Receipts(0), kElection));
  ASSERT_TRUE(store.ok()) << store.status();
  const auto report = CheckReceipts(*board, *store, {}, {});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->Good());
  EXPECT_EQ(report->receipts.size(), 2u);
  EXPECT_EQ(report->last->sequence, 2u);
}

TEST_F(ServedLibraryTest, AnEntryThatIsLoggedGivesItsReceiptAgain) {
  const std::unique_ptr<Board> board = polls_->Connect();
  auto participant = Open(*board, kElection, 1);
  ASSERT_TRUE(participant.ok()) << participant.status();
  const auto accepted = participant->Vote({{0, 1}}, PendingPolicy::kRefuse);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  // As if the answer had been lost.
  std::filesystem::remove(accepted->receipt_file);
  auto again = Open(*board, kElection, 1);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(again->Vote({{1, 0}}, PendingPolicy::kRefuse).ok());
  const auto fetched = again->Retry();
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  EXPECT_EQ(fetched->index, accepted->index);
  EXPECT_EQ(fetched->leaf_hash, accepted->leaf_hash);
}

TEST_F(ServedLibraryTest, SignsAndWithdraws) {
  const std::unique_ptr<Board> board = polls_->Connect();
  const auto act = [&](petition::Act what) {
    auto participant = Open(*board, kPetition, 2);
    EXPECT_TRUE(participant.ok()) << participant.status();
    return participant->Act(what, PendingPolicy::kRefuse).status();
  };
  EXPECT_TRUE(act(petition::Act::kSign).ok());
  EXPECT_THAT(act(petition::Act::kSign).message(), HasSubstr("the board refused the act"));
  EXPECT_TRUE(act(petition::Act::kWithdraw).ok());
  EXPECT_TRUE(act(petition::Act::kSign).ok());
}

TEST_F(ServedLibraryTest, ManyAreCastAtOnce) {
  const std::unique_ptr<Board> board = polls_->Connect();
  ReadOptions options;
  options.whole_log_limit = 0;
  const auto poll = ReadPoll(*board, kElection, options);
  ASSERT_TRUE(poll.ok()) << poll.status();
  ReceiptVerifier verifier(poll->log);
  std::vector<uint64_t> taken;
  BulkOptions one_by_one;
  one_by_one.in_flight = 1;
  one_by_one.threads = 1;
  const BulkResult result = SubmitAll(
      *board, Submission::kBallot, 40,
      [&](uint64_t item) -> absl::StatusOr<Bytes> {
        const auto ballot = election::MakeBallot(*poll->election(), *poll->voting, 2, {{0, 1}},
                                                 100 + item, polls_->credential(3), rng_);
        return record::EncodeEntry(*ballot);
      },
      verifier,
      [&](uint64_t item, const remote::Receipt&) {
        taken.push_back(item);
        return absl::OkStatus();
      },
      [](uint64_t, uint64_t) {}, one_by_one);
  EXPECT_TRUE(result.ended.ok()) << result.ended;
  EXPECT_EQ(result.accepted, 40u);
  EXPECT_EQ(taken.size(), 40u);
}

}  // namespace
}  // namespace urna::voter
