// The board without the network: what it accepts, refuses and answers.
#include "server/board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/merkle/tlog_proof.h"
#include "tests/server/board_fixture.h"

namespace urna::server {
namespace {

using petition::Act;
using ::testing::HasSubstr;
using testing::kPollOrigin;
using testing::kRollOrigin;
using testing::TestBoard;
using testing::TestPetition;

// Whether the receipt proves the entry under the board's key.
absl::Status Verify(const TestBoard& board, const std::string& origin, const Receipt& receipt,
                    const Bytes& entry) {
  const auto proof = merkle::TlogProof::Parse(AsBytes(receipt.proof));
  if (!proof.ok()) return proof.status();
  if (proof->index() != receipt.index || receipt.leaf_hash != merkle::LeafHash(entry)) {
    return absl::DataLossError("index or leaf hash is not the proof's");
  }
  return merkle::VerifyReceipt(merkle::LeafHash(entry), *proof, board.LogVerifier(origin), origin)
      .status();
}

class BoardTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(board_.Open(), absl::OkStatus()); }
  void SetUpPetition() { ASSERT_EQ(petition_.SetUp(board_), absl::OkStatus()); }

  TestBoard board_;
  TestPetition petition_{board_, 4};
};

TEST_F(BoardTest, PetitionGoesFromManifestToResultWithReceiptsThatVerify) {
  SetUpPetition();
  for (size_t member = 0; member < 3; ++member) {
    const Bytes act = petition_.Act(member, Act::kSign, 1);
    const auto receipt = board_.Act(act);
    ASSERT_EQ(receipt.status(), absl::OkStatus());
    EXPECT_EQ(receipt->index, 2 + member);
    EXPECT_EQ(Verify(board_, kPollOrigin, *receipt, act), absl::OkStatus());
  }
  ASSERT_EQ(board_.Act(petition_.Act(1, Act::kWithdraw, 2)).status(), absl::OkStatus());
  ASSERT_EQ(board_.Append(kPollOrigin, petition_.Close()).status(), absl::OkStatus());
  ASSERT_EQ(board_.Append(kPollOrigin, petition_.Result()).status(), absl::OkStatus());
  const auto view = board_->Find(kPollOrigin);
  ASSERT_EQ(view.status(), absl::OkStatus());
  EXPECT_EQ((*view)->phase, LogPhase::kFinal);
  EXPECT_EQ((*view)->signatures, 2u);
  EXPECT_EQ((*view)->size, 8u);
  EXPECT_TRUE((*view)->thresholds.back().reached);
  EXPECT_EQ((*view)->thresholds.back().index, 4u);
}

TEST_F(BoardTest, TakesNoActBeforeThePetitionCollects) {
  ASSERT_EQ(petition_.Prepare(board_), absl::OkStatus());
  const Bytes opening = petition_.Open();  // which the board does not have yet
  const Bytes act = petition_.MakeAct(0, Act::kSign, 1);
  const absl::Status early = board_.Act(act).status();
  EXPECT_EQ(early.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(early.message()), HasSubstr("the poll 'board.example/poll' is not open"));
  ASSERT_EQ(board_.Append(kPollOrigin, opening).status(), absl::OkStatus());
  EXPECT_EQ(board_.Act(act).status(), absl::OkStatus());
}

TEST_F(BoardTest, SameBytesAgainGetTheReceiptOfTheFirst) {
  SetUpPetition();
  const Bytes act = petition_.Act(0, Act::kSign, 1);
  const auto first = board_.Act(act);
  ASSERT_EQ(first.status(), absl::OkStatus());
  ASSERT_EQ(board_.Act(petition_.Act(1, Act::kSign, 1)).status(), absl::OkStatus());
  const auto again = board_.Act(act);
  ASSERT_EQ(again.status(), absl::OkStatus());
  EXPECT_EQ(again->index, first->index);
  EXPECT_EQ(Verify(board_, kPollOrigin, *again, act), absl::OkStatus());
  EXPECT_EQ((*board_->Find(kPollOrigin))->size, petition_.size());
}

TEST_F(BoardTest, SameFirstEntryAgainIsNoSecondLog) {
  SetUpPetition();
  const auto again = board_.Create(petition_.manifest_entry());
  ASSERT_EQ(again.status(), absl::OkStatus());
  EXPECT_EQ(again->index, 0u);
  TestPetition other(board_, 2, 8);  // another nonce under the same origin
  EXPECT_EQ(board_.Create(other.manifest_entry()).status().code(),
            absl::StatusCode::kAlreadyExists);
}

TEST_F(BoardTest, RefusesWhatNeedsTheTokenWithoutIt) {
  EXPECT_EQ(
      board_.Submit(Door::kCreateLog, "", {petition_.manifest_entry()}, false).status().code(),
      absl::StatusCode::kPermissionDenied);
  ASSERT_EQ(board_.Create(petition_.roll().Entries()[0]).status(), absl::OkStatus());
  const Bytes member = petition_.roll().Entries()[1];
  EXPECT_EQ(board_.Submit(Door::kAppend, kRollOrigin, {member}, false).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ((*board_->Find(kRollOrigin))->size, 1u);
}

TEST_F(BoardTest, KnowsItsTokenOnly) {
  const auto token = LoadToken(TokenPath(board_.data()));
  ASSERT_EQ(token.status(), absl::OkStatus());
  const std::string hex = ToHex(token->ExposeSpan());
  EXPECT_TRUE(board_->IsToken(hex));
  EXPECT_FALSE(board_->IsToken(""));
  EXPECT_FALSE(board_->IsToken(hex.substr(2)));
  EXPECT_FALSE(board_->IsToken(std::string(64, '0')));
}

TEST_F(BoardTest, RefusesALogOfAnotherBoardOrKey) {
  crypto::SeededRng rng(3);
  testing::TestPeople people = testing::MakePeople(1, 0, rng);
  const Bytes foreign_key =
      record::EncodeEntry(
          testing::SignManifest(people.officers, testing::MakePetitionManifest(people, rng)))
          .value();
  const absl::Status wrong_key = board_.Create(foreign_key).status();
  EXPECT_EQ(wrong_key.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(wrong_key.message()), HasSubstr("log key"));
  people.poll_log = board_.LogSigner("elsewhere.example/poll");
  const Bytes foreign_name =
      record::EncodeEntry(
          testing::SignManifest(people.officers, testing::MakePetitionManifest(people, rng)))
          .value();
  const absl::Status wrong_name = board_.Create(foreign_name).status();
  EXPECT_EQ(wrong_name.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(wrong_name.message()), HasSubstr("not of this board"));
  EXPECT_TRUE(board_->views().All().empty());
}

TEST_F(BoardTest, RefusesEntriesThroughTheWrongDoor) {
  SetUpPetition();
  const Bytes act = petition_.MakeAct(0, Act::kSign, 1);
  EXPECT_EQ(board_.Submit(Door::kCast, kPollOrigin, {act}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(board_.Append(kPollOrigin, act).status().code(), absl::StatusCode::kFailedPrecondition);
  // A roll has no place for acts.
  EXPECT_EQ(board_.Submit(Door::kAct, kRollOrigin, {act}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(board_.Submit(Door::kAct, "board.example/none", {act}).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(BoardTest, RefusesMalformedEntries) {
  SetUpPetition();
  Bytes act = petition_.MakeAct(0, Act::kSign, 1);
  act.push_back(0);
  EXPECT_EQ(board_.Act(act).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(board_.Act({}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(board_.Act(Bytes(65536, 0x50)).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(board_.Submit(Door::kAct, kPollOrigin, {}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(BoardTest, RefusesActsThatBreakARule) {
  SetUpPetition();
  Bytes forged = petition_.MakeAct(0, Act::kSign, 1);
  forged.back() ^= 1;  // the last byte of z_t
  EXPECT_FALSE(board_.Act(forged).ok());
  crypto::SystemRng rng;
  const auto credential = crypto::Credential::Generate(rng);
  const Bytes not_entitled = record::EncodeEntry(petition::MakeAct(*petition_.state().context(),
                                                                   Act::kSign, 1, credential, rng))
                                 .value();
  EXPECT_EQ(board_.Act(not_entitled).status().code(), absl::StatusCode::kPermissionDenied);
  ASSERT_EQ(board_.Act(petition_.Act(0, Act::kSign, 5)).status(), absl::OkStatus());
  EXPECT_FALSE(board_.Act(petition_.MakeAct(0, Act::kWithdraw, 5)).ok());  // same sequence
  EXPECT_FALSE(board_.Act(petition_.MakeAct(0, Act::kSign, 6)).ok());      // signs already
  EXPECT_EQ((*board_->Find(kPollOrigin))->size, petition_.size());
}

TEST_F(BoardTest, RefusesActsBeforeOpeningAndAfterClosing) {
  SetUpPetition();
  const Bytes early = petition_.MakeAct(0, Act::kSign, 1);
  ASSERT_EQ(board_.Append(kPollOrigin, petition_.Close()).status(), absl::OkStatus());
  const absl::Status late = board_.Act(early).status();
  EXPECT_EQ(late.code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(BoardTest, RefusesOrdersFromTheFuture) {
  SetUpPetition();
  board_.clock().Set(1'900'000);
  const Bytes close = petition_.MakeOrder(poll::Close{}, 1'900'061, "early");
  EXPECT_EQ(board_.Append(kPollOrigin, close).status().code(), absl::StatusCode::kInvalidArgument);
  board_.clock().Set(1'900'001);
  EXPECT_EQ(board_.Append(kPollOrigin, close).status(), absl::OkStatus());
}

TEST_F(BoardTest, OpensOnlyWithARollThatItHasSealed) {
  const auto entries = petition_.roll().Entries();
  ASSERT_EQ(board_.Create(entries.front()).status(), absl::OkStatus());
  ASSERT_EQ(board_.Create(petition_.manifest_entry()).status(), absl::OkStatus());
  const Bytes open = petition_.Open();
  EXPECT_EQ(board_.Append(kPollOrigin, open).status().code(),
            absl::StatusCode::kFailedPrecondition);
  for (size_t i = 1; i < entries.size(); ++i) {
    ASSERT_EQ(board_.Append(kRollOrigin, entries[i]).status(), absl::OkStatus());
  }
  EXPECT_EQ(board_.Append(kPollOrigin, open).status(), absl::OkStatus());
}

TEST_F(BoardTest, RefusedMemberEndsAStreamAndKeepsThoseBefore) {
  const auto entries = petition_.roll().Entries();
  ASSERT_EQ(board_.Create(entries[0]).status(), absl::OkStatus());
  // The third stands before the second in order.
  const auto answer =
      board_.Submit(Door::kAppend, kRollOrigin, {entries[1], entries[3], entries[2], entries[4]});
  EXPECT_FALSE(answer.ok());
  EXPECT_EQ((*board_->Find(kRollOrigin))->size, 3u);
}

TEST_F(BoardTest, ManyAtOnceAreGroupedAndAllReceiptsVerify) {
  SetUpPetition();
  const uint64_t before = board_->batches();
  constexpr size_t kThreads = 4;
  std::vector<Bytes> acts;
  for (size_t i = 0; i < kThreads; ++i) acts.push_back(petition_.MakeAct(i, Act::kSign, 1));
  std::mutex mutex;
  std::condition_variable all_answered;
  std::vector<std::pair<size_t, absl::StatusOr<Receipt>>> answers;
  // Each twice: a duplicate within a batch.
  for (size_t i = 0; i < 2 * kThreads; ++i) {
    AdmissionRequest request;
    request.door = Door::kAct;
    request.origin = kPollOrigin;
    request.entries = {acts[i % kThreads]};
    request.done = [&, i](absl::StatusOr<Receipt> receipt) {
      std::lock_guard lock(mutex);
      answers.emplace_back(i % kThreads, std::move(receipt));
      all_answered.notify_one();
    };
    board_->Submit(std::move(request));
  }
  std::unique_lock lock(mutex);
  all_answered.wait(lock, [&] { return answers.size() == 2 * kThreads; });
  std::vector<std::optional<uint64_t>> indices(kThreads);
  for (const auto& [member, receipt] : answers) {
    ASSERT_EQ(receipt.status(), absl::OkStatus());
    EXPECT_EQ(Verify(board_, kPollOrigin, *receipt, acts[member]), absl::OkStatus());
    EXPECT_EQ(indices[member].value_or(receipt->index), receipt->index);
    indices[member] = receipt->index;
  }
  EXPECT_EQ((*board_->Find(kPollOrigin))->size, 2 + kThreads);
  EXPECT_LE(board_->batches() - before, kThreads);
}

TEST_F(BoardTest, FullQueueIsSaidAtOnceAndLosesNothingThatWasTaken) {
  SetUpPetition();
  BoardOptions options;
  options.admission.threads = 1;
  options.admission.queue.queue_capacity = 2;
  options.commit_queue = 1;
  options.batch_entries = 1;
  std::mutex gate;  // holds the committer in its write
  options.before_write = [&gate] {
    std::lock_guard lock(gate);
    return absl::OkStatus();
  };
  ASSERT_EQ(board_.Open(options), absl::OkStatus());
  const std::vector<Bytes> acts = {petition_.MakeAct(0, Act::kSign, 1),
                                   petition_.MakeAct(1, Act::kSign, 1)};
  std::atomic<int> exhausted{0};
  std::atomic<int> accepted{0};
  constexpr int kRequests = 20;
  {
    // Six fit at most: one in its write, one queued to be committed, two that were verified
    // together waiting to be queued there, two queued to be verified.
    std::lock_guard closed(gate);
    for (int i = 0; i < kRequests; ++i) {
      AdmissionRequest request;
      request.door = Door::kAct;
      request.origin = kPollOrigin;
      request.entries = {acts[i % 2]};
      request.done = [&](absl::StatusOr<Receipt> receipt) {
        if (absl::IsResourceExhausted(receipt.status())) ++exhausted;
        if (receipt.ok()) ++accepted;
      };
      board_->Submit(std::move(request));
    }
    EXPECT_GE(exhausted, kRequests - 6);
    EXPECT_EQ(accepted, 0);
  }
  board_.Stop();  // answers everything
  EXPECT_EQ(accepted + exhausted, kRequests);
  EXPECT_GE(accepted, 2);
}

// Acts that wait while the committer writes are verified together: each gets its own answer.
TEST_F(BoardTest, WhatWaitsTogetherIsJudgedEachByItself) {
  SetUpPetition();
  BoardOptions options;
  options.admission.threads = 1;
  options.commit_queue = 1;
  options.batch_entries = 1;
  std::mutex gate;  // holds the committer in its write
  options.before_write = [&gate] {
    std::lock_guard lock(gate);
    return absl::OkStatus();
  };
  ASSERT_EQ(board_.Open(options), absl::OkStatus());
  std::vector<Bytes> acts;
  for (size_t i = 0; i < 4; ++i) acts.push_back(petition_.MakeAct(i, Act::kSign, 1));
  // An act is 11 bytes and P, C, z_s, z_t.
  std::vector<Bytes> spoilt = {acts[3], acts[3], acts[3], acts[3], acts[3]};
  spoilt[0][11 + 64] ^= 1;
  spoilt[1][11 + 96] ^= 1;
  std::fill_n(spoilt[2].begin() + 11 + 32, 32, uint8_t{0xff});
  std::fill_n(spoilt[3].begin() + 11 + 96, 32, uint8_t{0xff});
  spoilt[4][11] ^= 4;
  const std::string words[] = {"the credential's proof does not verify",
                               "the credential's proof does not verify", "proof: commitment",
                               "proof: z_t", "is not on the roll"};
  constexpr size_t kRequests = 9;
  std::array<absl::StatusOr<Receipt>, kRequests> answers;
  {
    std::lock_guard closed(gate);
    for (size_t i = 0; i < kRequests; ++i) {
      AdmissionRequest request;
      request.door = Door::kAct;
      request.origin = kPollOrigin;
      request.entries = {i < 3 ? acts[i] : i < 8 ? spoilt[i - 3] : acts[3]};
      request.done = [&answers, i](absl::StatusOr<Receipt> receipt) {
        answers[i] = std::move(receipt);
      };
      board_->Submit(std::move(request));
    }
  }
  board_.Stop();  // answers everything
  for (size_t i = 0; i < kRequests; ++i) {
    if (i < 3 || i == 8) {
      EXPECT_EQ(answers[i].status(), absl::OkStatus()) << i;
    } else {
      EXPECT_THAT(std::string(answers[i].status().message()), HasSubstr(words[i - 3])) << i;
    }
  }
}

TEST_F(BoardTest, FailedWriteStopsEverything) {
  SetUpPetition();
  BoardOptions options;
  std::atomic<bool> fail{false};
  absl::Status told;
  options.before_write = [&fail] {
    return fail ? absl::InternalError("no space on the disk") : absl::OkStatus();
  };
  options.fatal = [&told](const absl::Status& status) { told = status; };
  ASSERT_EQ(board_.Open(options), absl::OkStatus());
  fail = true;
  const Bytes act = petition_.Act(0, Act::kSign, 1);
  EXPECT_EQ(board_.Act(act).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(told.code(), absl::StatusCode::kInternal);
  fail = false;
  // No index is used again: nothing more is taken.
  EXPECT_EQ(board_.Act(petition_.MakeAct(1, Act::kSign, 1)).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ((*board_->Find(kPollOrigin))->size, 2u);
  // Started anew the same bytes find their place.
  ASSERT_EQ(board_.Open(), absl::OkStatus());
  const auto receipt = board_.Act(act);
  ASSERT_EQ(receipt.status(), absl::OkStatus());
  EXPECT_EQ(receipt->index, 2u);
}

TEST_F(BoardTest, FailedWriteAbortsTheProcessByDefault) {
  SetUpPetition();
  board_.Stop();
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(
      {
        BoardOptions options;
        options.before_write = [] { return absl::InternalError("no space on the disk"); };
        TestBoard other;
        static_cast<void>(other.Open(options));
        static_cast<void>(other.Create(TestPetition(other, 1).manifest_entry()));
      },
      "");
}

TEST_F(BoardTest, ProvesInclusionOnlyOfWhatIsPublished) {
  SetUpPetition();
  const auto view = *board_->Find(kPollOrigin);
  const Bytes manifest = petition_.manifest_entry();
  const auto now = board_->ProveInclusion(*view, merkle::LeafHash(manifest), 0);
  ASSERT_EQ(now.status(), absl::OkStatus());
  EXPECT_EQ(Verify(board_, kPollOrigin, *now->receipt, manifest), absl::OkStatus());
  const auto then = board_->ProveInclusion(*view, 0, 1);
  ASSERT_EQ(then.status(), absl::OkStatus());
  EXPECT_TRUE(then->hashes.empty());
  EXPECT_FALSE(then->receipt.has_value());
  EXPECT_FALSE(board_->ProveInclusion(*view, 2, 0).ok());
  EXPECT_FALSE(board_->ProveInclusion(*view, 0, 3).ok());
  EXPECT_EQ(board_->ProveInclusion(*view, merkle::Hash{}, 0).status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace urna::server
