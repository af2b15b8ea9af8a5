// An anonymous petition on a real board: what it admits, refuses and answers twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "tests/server/board_fixture.h"

namespace urna::server {
namespace {

using ::testing::HasSubstr;
using testing::TestBoard;
using testing::TestPetition;

Bytes Encode(const record::Entry& entry) { return record::EncodeEntry(entry).value(); }

class AnonymousBoardTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(board_.Open().ok());
    const absl::Status status = petition_.SetUp(board_);
    ASSERT_TRUE(status.ok()) << status;
  }
  void ExpectRefused(const record::Entry& entry, absl::StatusCode code, const std::string& words) {
    const absl::Status status = board_.Act(Encode(entry)).status();
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(words));
  }
  uint64_t Signatures() { return (*board_->Find(testing::kPollOrigin))->signatures; }

  TestBoard board_;
  TestPetition petition_{board_, 6, 7, MakeAnonymousRules()};
};

TEST_F(AnonymousBoardTest, SignsWithdrawsAndSignsAgain) {
  const petition::RingAct first = petition_.MakeRingAct(0, 1);
  ASSERT_TRUE(board_.Act(Encode(first)).ok());
  ASSERT_TRUE(board_.Act(Encode(petition_.MakeRingAct(1, 1))).ok());
  EXPECT_EQ(Signatures(), 2u);
  ASSERT_TRUE(board_.Act(Encode(petition_.MakeTagAct(0, petition::Act::kWithdraw, 2))).ok());
  EXPECT_EQ(Signatures(), 1u);
  ASSERT_TRUE(board_.Act(Encode(petition_.MakeTagAct(0, petition::Act::kSign, 3))).ok());
  EXPECT_EQ(Signatures(), 2u);
  const auto view = *board_->Find(testing::kPollOrigin);
  EXPECT_EQ(view->districts[0].signatures, 1u);
  EXPECT_EQ(view->districts[1].signatures, 1u);
}

TEST_F(AnonymousBoardTest, TheSameBytesGetTheSameReceipt) {
  const Bytes entry = Encode(petition_.MakeRingAct(0, 1));
  const auto once = board_.Act(entry);
  ASSERT_TRUE(once.ok()) << once.status();
  const auto again = board_.Act(entry);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->index, once->index);
  EXPECT_EQ(Signatures(), 1u);
}

// All at once: one is logged, and everybody gets its receipt.
TEST_F(AnonymousBoardTest, ManyCopiesAtOnceAreLoggedOnce) {
  const Bytes entry = Encode(petition_.MakeRingAct(0, 1));
  std::vector<std::future<absl::StatusOr<Receipt>>> answers;
  for (int i = 0; i < 50; ++i) {
    auto answer = std::make_shared<std::promise<absl::StatusOr<Receipt>>>();
    answers.push_back(answer->get_future());
    AdmissionRequest request;
    request.door = Door::kAct;
    request.origin = testing::kPollOrigin;
    request.entries = {entry};
    request.done = [answer](absl::StatusOr<Receipt> receipt) {
      answer->set_value(std::move(receipt));
    };
    board_->Submit(std::move(request));
  }
  std::optional<uint64_t> index;
  for (auto& answer : answers) {
    const absl::StatusOr<Receipt> receipt = answer.get();
    ASSERT_TRUE(receipt.ok()) << receipt.status();
    EXPECT_EQ(receipt->index, index.value_or(receipt->index));
    index = receipt->index;
  }
  EXPECT_EQ(Signatures(), 1u);
}

TEST_F(AnonymousBoardTest, RefusesWithASentence) {
  petition::RingAct act = petition_.MakeRingAct(0, 1);
  act.responses[0] ^= 1;
  ExpectRefused(act, absl::StatusCode::kPermissionDenied, "ring proof");
  act = petition_.MakeRingAct(0, 1);
  act.ring = 9;
  ExpectRefused(act, absl::StatusCode::kPermissionDenied, "there is no ring 9");
  act = petition_.MakeRingAct(0, 1);
  act.tag = {};
  ExpectRefused(act, absl::StatusCode::kInvalidArgument, "tag");
  ExpectRefused(petition_.MakeTagAct(0, petition::Act::kWithdraw, 1),
                absl::StatusCode::kPermissionDenied, "no ring act of this tag");
  ASSERT_TRUE(board_.Act(Encode(petition_.MakeRingAct(0, 1))).ok());
  ExpectRefused(petition_.MakeRingAct(0, 2), absl::StatusCode::kAlreadyExists,
                "the tag has acted before");
  ExpectRefused(petition_.MakeTagAct(0, petition::Act::kWithdraw, 1),
                absl::StatusCode::kFailedPrecondition, "sequence number 1 is not above 1");
  petition::TagAct wrong = petition_.MakeTagAct(0, petition::Act::kWithdraw, 2);
  wrong.response[0] ^= 1;
  ExpectRefused(wrong, absl::StatusCode::kPermissionDenied, "tag proof");
  ExpectRefused(record::DecodeEntry(petition_.MakeAct(1, petition::Act::kSign, 1)).value(),
                absl::StatusCode::kFailedPrecondition, "the petition is anonymous");
  EXPECT_EQ(Signatures(), 1u);
}

TEST_F(AnonymousBoardTest, KnowsItsTagsAfterARestart) {
  const Bytes first = Encode(petition_.MakeRingAct(0, 1));
  const auto receipt = board_.Act(first);
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  board_.Stop();
  ASSERT_TRUE(board_.Open().ok());
  EXPECT_EQ(board_.Act(first)->index, receipt->index);
  ExpectRefused(petition_.MakeRingAct(0, 2), absl::StatusCode::kAlreadyExists, "acted before");
  ASSERT_TRUE(board_.Act(Encode(petition_.MakeTagAct(0, petition::Act::kWithdraw, 2))).ok());
  EXPECT_EQ(Signatures(), 0u);
}

TEST(PseudonymousBoardTest, TakesNoAnonymousAct) {
  TestBoard anonymous_board, board;
  ASSERT_TRUE(anonymous_board.Open().ok());
  TestPetition anonymous(anonymous_board, 6, 7, MakeAnonymousRules());
  ASSERT_TRUE(anonymous.SetUp(anonymous_board).ok());
  ASSERT_TRUE(board.Open().ok());
  TestPetition petition(board, 4);
  ASSERT_TRUE(petition.SetUp(board).ok());
  for (const record::Entry& entry :
       {record::Entry(anonymous.MakeRingAct(0, 1)),
        record::Entry(anonymous.MakeTagAct(0, petition::Act::kSign, 1))}) {
    const absl::Status status = board.Act(Encode(entry)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("the petition is pseudonymous"));
  }
}

}  // namespace
}  // namespace urna::server
