// Whom to ask about which checkpoint, moment by moment. docs/protocol.md §10.4.
#include "server/witness_book.h"

#include <gtest/gtest.h>

#include "tests/support/witnesses.h"

namespace urna::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr char kOrigin[] = "board.example/poll";

class WitnessBookTest : public ::testing::Test {
 protected:
  void Make(size_t count, size_t needed) {
    witnesses_ = std::make_unique<testing::TestWitnesses>(count, needed);
    book_ = std::make_unique<WitnessBook>(witnesses_->Policy(), WitnessBookOptions());
  }
  void Grow(uint64_t size, std::optional<WitnessStanding::Order> owed = {}) {
    auto view = std::make_shared<LogView>();
    auto facts = std::make_shared<LogFacts>();
    facts->origin = kOrigin;
    view->facts = facts;
    view->size = size;
    view->root = merkle::LeafHash(AsBytes(std::to_string(size)));
    view->checkpoint = "checkpoint of " + std::to_string(size) + "\n\n";
    view->witnesses.owed = owed;
    book_->Published(view, 100);
  }
  std::optional<WitnessTask> Next(size_t witness) {
    wake_ = now_ + seconds(3600);
    return book_->Next(witness, now_, wake_);
  }
  void Cosign(size_t witness, const WitnessTask& task, uint64_t time = 50) {
    merkle::NoteSignature line =
        witnesses_->signer(witness).Sign(task.view->checkpoint, time).value();
    book_->Cosigned(witness, task, {std::move(line), time});
  }
  // What has met the quorum is stored.
  uint64_t FinalSize() {
    while (const auto met = book_->NextToStore()) book_->Stored(*met, 200);
    const auto final = book_->Final(kOrigin);
    return final.has_value() ? final->size : 0;
  }
  void Fail(size_t witness, const WitnessTask& task, bool whole, double jitter = 1) {
    book_->Failed(witness, task, absl::UnavailableError("gone"), whole, now_, jitter);
  }

  std::unique_ptr<testing::TestWitnesses> witnesses_;
  std::unique_ptr<WitnessBook> book_;
  WitnessTime now_{seconds(1000)};
  WitnessTime wake_;
};

TEST_F(WitnessBookTest, ALogThatGrowsFasterThanTheyAnswerBecomesFinalAllTheSame) {
  Make(3, 2);
  uint64_t size = 0;
  uint64_t last = 0;
  std::array<std::optional<WitnessTask>, 3> under_way;
  for (int step = 0; step < 300; ++step) {
    Grow(++size);
    now_ += milliseconds(7);
    // Each takes another time to answer, so that they never ask at the same moment.
    for (size_t i = 0; i < 3; ++i) {
      if (step % (3 + static_cast<int>(i) * 2) != 0) continue;
      if (under_way[i].has_value()) Cosign(i, *under_way[i]);
      under_way[i] = Next(i);
    }
    EXPECT_GE(FinalSize(), last);
    last = FinalSize();
  }
  EXPECT_GT(last, size - 50);
}

TEST_F(WitnessBookTest, AllAreAskedAboutOneTreeUntilItHasMetTheQuorum) {
  Make(2, 2);
  Grow(5);
  const auto first = Next(0);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->view->size, 5u);
  EXPECT_EQ(first->old_size, 0u);
  Grow(9);
  Cosign(0, *first);
  now_ += seconds(1);
  EXPECT_FALSE(Next(0).has_value()) << "the other one has yet to be asked about the tree of 5";
  const auto second = Next(1);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->view->size, 5u);
  EXPECT_EQ(FinalSize(), 0u);
  Cosign(1, *second);
  EXPECT_EQ(FinalSize(), 5u);
  const auto third = Next(0);
  ASSERT_TRUE(third.has_value());
  EXPECT_EQ(third->view->size, 9u);
  EXPECT_EQ(third->old_size, 5u);
}

TEST_F(WitnessBookTest, ASlowOneIsNotWaitedForOnceTheQuorumIsMet) {
  Make(3, 2);
  Grow(5);
  const auto slow = Next(2);
  for (size_t i = 0; i < 2; ++i) Cosign(i, *Next(i));
  EXPECT_EQ(FinalSize(), 5u);
  Grow(9);
  EXPECT_FALSE(Next(0).has_value()) << "the pause between two targets";
  EXPECT_EQ(wake_, now_ + milliseconds(100));
  now_ = wake_;
  for (size_t i = 0; i < 2; ++i) Cosign(i, *Next(i));
  EXPECT_EQ(FinalSize(), 9u);
  // Its answer about the old tree comes late; then it is asked about the new one.
  Cosign(2, *slow);
  EXPECT_EQ(FinalSize(), 9u);
  const auto next = Next(2);
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->view->size, 9u);
  EXPECT_EQ(next->old_size, 5u);
}

TEST_F(WitnessBookTest, WhoIsAwayIsAskedAgainLaterAndLater) {
  Make(2, 1);
  Grow(5);
  auto task = Next(0);
  Fail(0, *task, true);
  EXPECT_FALSE(Next(0).has_value());
  EXPECT_EQ(wake_, now_ + milliseconds(500));
  now_ = wake_;
  task = Next(0);
  ASSERT_TRUE(task.has_value());
  Fail(0, *task, true, 0);
  EXPECT_FALSE(Next(0).has_value());
  EXPECT_EQ(wake_, now_ + milliseconds(500)) << "half of the second wait";
  for (int i = 0; i < 10; ++i) {
    now_ = wake_;
    task = Next(0);
    ASSERT_TRUE(task.has_value());
    Fail(0, *task, true);
    EXPECT_FALSE(Next(0).has_value());
  }
  EXPECT_EQ(wake_, now_ + seconds(60));
  EXPECT_TRUE(book_->Status(100).witnesses[0].away);
  EXPECT_EQ(book_->Status(100).witnesses[0].sentence, "gone");
  // The other one goes on meanwhile, with a log that grows.
  Cosign(1, *Next(1));
  EXPECT_EQ(FinalSize(), 5u);
  now_ = wake_;
  Cosign(0, *Next(0));
  EXPECT_FALSE(book_->Status(100).witnesses[0].away);
}

TEST_F(WitnessBookTest, WhoIsAwayKeepsNobodyOnAnOldTree) {
  Make(2, 2);
  Grow(5);
  Cosign(0, *Next(0));
  const auto gone = Next(1);
  Grow(9);
  now_ += seconds(1);
  EXPECT_FALSE(Next(0).has_value());
  Fail(1, *gone, true);
  const auto next = Next(0);
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->view->size, 9u);
}

TEST_F(WitnessBookTest, BeginsWhereTheWitnessSaysThatItIs) {
  Make(1, 1);
  Grow(5);
  const auto task = Next(0);
  EXPECT_TRUE(book_->KnowsSize(0, *task, 3, now_, 1));
  const auto again = Next(0);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->old_size, 3u);
  EXPECT_FALSE(book_->KnowsSize(0, *again, 6, now_, 1)) << "more than the log has";
}

TEST_F(WitnessBookTest, WhoNeverKnowsWhatItKnewIsLeftAloneForAWhile) {
  Make(1, 1);
  Grow(5);
  int asked = 0;
  while (const auto task = Next(0)) {
    ASSERT_LT(++asked, 20);
    EXPECT_TRUE(book_->KnowsSize(0, *task, static_cast<uint64_t>(asked % 5), now_, 1));
  }
  EXPECT_EQ(wake_, now_ + milliseconds(500));
  EXPECT_TRUE(book_->Status(100).witnesses[0].away);
}

TEST_F(WitnessBookTest, ATimeThatAnOrderWaitsForIsAskedForAgainAndLoggedOnce) {
  Make(1, 1);
  Grow(5);
  Cosign(0, *Next(0), 50);
  EXPECT_EQ(FinalSize(), 5u);
  EXPECT_FALSE(book_->NextToLog().has_value());
  EXPECT_FALSE(Next(0).has_value());
  book_->Want(kOrigin, 70, now_);
  EXPECT_FALSE(Next(0).has_value());
  EXPECT_EQ(wake_, now_ + seconds(1));
  now_ = wake_;
  const auto task = Next(0);
  ASSERT_TRUE(task.has_value());
  EXPECT_EQ(task->old_size, 5u);
  Cosign(0, *task, 60);  // its clock is behind: once more
  EXPECT_EQ(FinalSize(), 5u);
  EXPECT_FALSE(book_->NextToLog().has_value());
  now_ += seconds(1);
  Cosign(0, *Next(0), 70);
  EXPECT_EQ(FinalSize(), 5u);
  const auto logged = book_->NextToLog();
  ASSERT_TRUE(logged.has_value());
  EXPECT_EQ(logged->newest_at, 70u);
  EXPECT_FALSE(book_->NextToLog().has_value()) << "it is under way";
  book_->Logged(*logged, absl::OkStatus());
  EXPECT_FALSE(book_->NextToLog().has_value());
  now_ += seconds(5);
  EXPECT_FALSE(Next(0).has_value()) << "nobody waits any more";
}

TEST_F(WitnessBookTest, WhatIsWantedWhileAnEarlierTimeIsBeingLoggedIsNotForgotten) {
  Make(1, 1);
  Grow(5, WitnessStanding::Order{4, 40});
  Cosign(0, *Next(0), 50);
  EXPECT_EQ(FinalSize(), 5u);
  const auto opening = book_->NextToLog();
  ASSERT_TRUE(opening.has_value()) << "it pays for the order at 4";
  Grow(6);
  book_->Want(kOrigin, 70, now_);
  book_->Logged(*opening, absl::OkStatus());
  now_ += seconds(1);
  const auto task = Next(0);
  ASSERT_TRUE(task.has_value());
  Cosign(0, *task, 70);
  EXPECT_EQ(FinalSize(), 6u);
  const auto closing = book_->NextToLog();
  ASSERT_TRUE(closing.has_value());
  EXPECT_EQ(closing->newest_at, 70u);
}

TEST_F(WitnessBookTest, ATimeIsNotAskedForForEver) {
  Make(1, 1);
  Grow(5);
  Cosign(0, *Next(0), 50);
  EXPECT_EQ(FinalSize(), 5u);
  book_->Want(kOrigin, 70, now_);
  now_ += seconds(301);
  EXPECT_FALSE(Next(0).has_value());
}

TEST_F(WitnessBookTest, WhatIsOwedIsLoggedWithTheFirstTreeThatHasTheOrder) {
  Make(1, 1);
  Grow(5, WitnessStanding::Order{5, 10});
  Cosign(0, *Next(0), 50);
  EXPECT_EQ(FinalSize(), 5u);
  EXPECT_FALSE(book_->NextToLog().has_value()) << "the order at index 5 is not in a tree of 5";
  now_ += seconds(1);
  Grow(6, WitnessStanding::Order{5, 10});
  Cosign(0, *Next(0), 51);
  EXPECT_EQ(FinalSize(), 6u);
  const auto logged = book_->NextToLog();
  ASSERT_TRUE(logged.has_value());
  EXPECT_EQ(logged->size, 6u);
}

}  // namespace
}  // namespace urna::server
