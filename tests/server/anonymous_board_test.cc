// An anonymous petition on a real board: what it admits, refuses and answers twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <map>

#include "tests/server/board_fixture.h"

namespace urna::server {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::Pair;
using testing::TestBoard;
using testing::TestPetition;
using ::testing::UnorderedElementsAre;

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
  std::future<absl::StatusOr<Receipt>> Send(const Bytes& entry) {
    auto answer = std::make_shared<std::promise<absl::StatusOr<Receipt>>>();
    AdmissionRequest request;
    request.door = Door::kAct;
    request.origin = testing::kPollOrigin;
    request.entries = {entry};
    request.done = [answer](absl::StatusOr<Receipt> receipt) {
      answer->set_value(std::move(receipt));
    };
    board_->Submit(std::move(request));
    return answer->get_future();
  }
  // How far the acts came before the committer.
  std::map<std::string, uint64_t> Verdicts() {
    const auto acts = board_->metrics().totals().acts;
    return {acts.begin(), acts.end()};
  }
  // Of the log as it is: what `petition_` has made is logged otherwise.
  Bytes Close() {
    petition_.TakeSize((*board_->Find(testing::kPollOrigin))->size);
    return petition_.Close();
  }

  TestBoard board_;
  TestPetition petition_{board_, 6, 7, testing::MakeAnonymousRules()};
};

TEST(UnopenedAnonymousBoardTest, TakesNoActBeforeThePetitionCollects) {
  TestBoard board;
  ASSERT_TRUE(board.Open().ok());
  TestPetition petition(board, 6, 7, testing::MakeAnonymousRules());
  ASSERT_TRUE(petition.Prepare(board).ok());
  const Bytes opening = petition.Open();  // which the board does not have yet
  const Bytes act = Encode(petition.MakeRingAct(0, 1));
  const absl::Status early = board.Act(act).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(early));
  EXPECT_EQ(early.message(),
            "the poll 'board.example/poll' is not open: it is published, and not open yet");
  ASSERT_TRUE(board.Append(testing::kPollOrigin, opening).ok());
  EXPECT_TRUE(board.Act(act).ok());
}

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
TEST_F(AnonymousBoardTest, AThousandCopiesAtOnceAreLoggedOnce) {
  constexpr size_t kCopies = 1000;
  const Bytes entry = Encode(petition_.MakeRingAct(0, 1));
  const uint64_t size = (*board_->Find(testing::kPollOrigin))->size;
  std::vector<std::future<absl::StatusOr<Receipt>>> answers;
  for (size_t i = 0; i < kCopies; ++i) answers.push_back(Send(entry));
  for (auto& answer : answers) {
    const absl::StatusOr<Receipt> receipt = answer.get();
    ASSERT_TRUE(receipt.ok()) << receipt.status();
    EXPECT_EQ(receipt->index, size);
  }
  EXPECT_EQ(Signatures(), 1u);
  EXPECT_EQ((*board_->Find(testing::kPollOrigin))->size, size + 1);
  uint64_t judged = 0;
  for (const auto& [verdict, count] : board_->metrics().totals().acts) {
    EXPECT_THAT(verdict, AnyOf("passed", "copy", "logged"));
    judged += count;
  }
  EXPECT_EQ(judged, kCopies);
}

// Once it is published, no proof is made for the same bytes, in whatever phase they come.
TEST_F(AnonymousBoardTest, TheSameBytesNeedNoProof) {
  const Bytes sign = Encode(petition_.MakeRingAct(0, 1));
  const Bytes withdraw = Encode(petition_.MakeTagAct(0, petition::Act::kWithdraw, 2));
  const auto signed_at = board_.Act(sign);
  const auto withdrawn_at = board_.Act(withdraw);
  ASSERT_TRUE(signed_at.ok() && withdrawn_at.ok());
  EXPECT_THAT(Verdicts(), UnorderedElementsAre(Pair("passed", 2)));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(board_.Act(sign)->index, signed_at->index);
    EXPECT_EQ(board_.Act(withdraw)->index, withdrawn_at->index);
  }
  EXPECT_THAT(Verdicts(), UnorderedElementsAre(Pair("passed", 2), Pair("logged", 6)));
  ASSERT_TRUE(board_.Append(testing::kPollOrigin, Close()).ok());
  EXPECT_EQ(board_.Act(sign)->index, signed_at->index);
  EXPECT_THAT(Verdicts(), UnorderedElementsAre(Pair("passed", 2), Pair("logged", 7)));
}

// Each act is wrong in all that comes later, too, and is refused by the first question.
TEST_F(AnonymousBoardTest, TheCheapestQuestionRefuses) {
  const petition::RingAct good = petition_.MakeRingAct(0, 1);
  petition::RingAct ring = good;  // f_{0,1}: equations 1 and 2
  ring.responses[0] ^= 1;
  petition::RingAct proof = ring;  // u: equations 4 and 3
  proof.responses[proof.responses.size() - 64] ^= 1;
  petition::RingAct points = proof;  // A is no point
  std::fill_n(points.commitments.begin(), 32, uint8_t{0xff});
  const auto expect = [&](const Bytes& entry, const std::string& verdict) {
    std::map<std::string, uint64_t> expected = Verdicts();
    ++expected[verdict];
    EXPECT_FALSE(board_.Act(entry).ok());
    EXPECT_THAT(Verdicts(), ElementsAreArray(expected)) << verdict;
  };
  expect(Encode(ring), "ring");
  expect(Encode(proof), "proof");
  expect(Encode(points), "points");
  petition::TagAct tag = petition_.MakeTagAct(0, petition::Act::kWithdraw, 2);
  tag.response[0] ^= 1;
  expect(Encode(tag), "turn");  // has not signed
  ASSERT_TRUE(board_.Act(Encode(good)).ok());
  expect(Encode(tag), "proof");
  std::ranges::fill(tag.commitment, uint8_t{0xff});
  expect(Encode(tag), "points");
  tag.sequence = 1;
  expect(Encode(tag), "turn");  // not above the ring act's
  tag.sequence = 2;
  tag.act = petition::Act::kSign;
  expect(Encode(tag), "turn");  // has signed
  points.sequence = 2;
  expect(Encode(points), "turn");  // no second ring act of a tag
  ASSERT_TRUE(board_.Append(testing::kPollOrigin, Close()).ok());
  expect(Encode(points), "phase");
  Bytes longer = Encode(points);
  longer.push_back(0);
  expect(longer, "form");
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

constexpr crypto::Hash32 kLaterBeacon = {0xbe, 1};

// The roll gets a newcomer and loses member 5, and the petition gets that epoch.
TEST_F(AnonymousBoardTest, TakesActsOverRingsOfTheEpochsInForce) {
  crypto::SeededRng rng(9);
  const crypto::Credential newcomer = crypto::Credential::Generate(rng);
  const Bytes before = Encode(petition_.MakeRingAct(0, 1));
  const auto receipt = board_.Act(before);
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  const petition::RingAct of_the_removed = petition_.MakeRingAct(5, 1);
  ASSERT_EQ(petition_.ChangeRoll(board_, {testing::Addition(petition_.roll(), newcomer, 1, rng),
                                          testing::Removal(petition_.roll().members[5])}),
            absl::OkStatus());
  petition::RingAct early = petition_.MakeRingAct(1, 1);
  early.epoch = 2;
  ExpectRefused(early, absl::StatusCode::kPermissionDenied, "there are no rings of epoch 2");
  petition_.TakeSize((*board_->Find(testing::kPollOrigin))->size);
  const uint64_t order_at = petition_.size();
  ASSERT_EQ(board_.Append(testing::kPollOrigin, petition_.BringIn(1, kLaterBeacon)).status(),
            absl::OkStatus());
  EXPECT_EQ((*board_->Find(testing::kPollOrigin))->later_orders, std::vector<uint64_t>{order_at});

  EXPECT_EQ(board_.Act(Encode(petition_.MakeRingActOf(newcomer, 1, 2))).status(), absl::OkStatus());
  EXPECT_EQ(
      board_.Act(Encode(petition_.MakeRingActOf(petition_.roll().credentials[1], 1, 1))).status(),
      absl::OkStatus());
  ExpectRefused(petition_.MakeRingActOf(petition_.roll().credentials[0], 2, 2),
                absl::StatusCode::kAlreadyExists, "acted before");
  EXPECT_EQ(Signatures(), 3u);
  const auto opening = (*board_->Find(testing::kPollOrigin))->pin;
  ASSERT_TRUE(opening.has_value());
  EXPECT_LT(opening->size, petition_.roll().Entries().size());

  // Epoch 1 ends: refused before any proof is looked at, but for what is logged.
  petition_.TakeSize((*board_->Find(testing::kPollOrigin))->size);
  ASSERT_EQ(board_.Append(testing::kPollOrigin, petition_.EndEpochs(2)).status(), absl::OkStatus());
  ExpectRefused(of_the_removed, absl::StatusCode::kPermissionDenied, "epoch 1 has ended");
  EXPECT_EQ(Verdicts()["turn"], 3u);
  EXPECT_EQ(board_.Act(before)->index, receipt->index);
  EXPECT_EQ(board_.Act(Encode(petition_.MakeTagAct(0, petition::Act::kWithdraw, 2))).status(),
            absl::OkStatus());

  board_.Stop();
  ASSERT_EQ(board_.Open(), absl::OkStatus());
  ExpectRefused(of_the_removed, absl::StatusCode::kPermissionDenied, "epoch 1 has ended");
  EXPECT_EQ(
      board_.Act(Encode(petition_.MakeRingActOf(petition_.roll().credentials[2], 1, 2))).status(),
      absl::OkStatus());
  EXPECT_EQ(Signatures(), 3u);
  EXPECT_EQ((*board_->Find(testing::kPollOrigin))->later_orders.size(), 2u);
}

TEST_F(AnonymousBoardTest, RefusesAnEpochThatIsNotWhatItsOrderSays) {
  crypto::SeededRng rng(9);
  const auto refused = [&](const poll::RollEpoch& epoch, const std::string& words) {
    const Bytes order = petition_.MakeOrder(epoch, petition_.state().orders().last_time() + 1);
    const absl::Status status = board_.Append(testing::kPollOrigin, order).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(words));
  };
  const roll::RollPin first = petition_.roll().state->pin();
  ASSERT_EQ(
      petition_.ChangeRoll(
          board_, {testing::Addition(petition_.roll(), crypto::Credential::Generate(rng), 1, rng)}),
      absl::OkStatus());
  const roll::RollPin pin = petition_.roll().state->pin();
  const auto rings = petition_.state().MakeLaterRings(petition_.roll().state, kLaterBeacon);
  const poll::RollEpoch right{2, 1, pin.size, pin.root, kLaterBeacon, rings->size(), rings->hash()};
  poll::RollEpoch wrong = right;
  wrong.earliest = 3;
  refused(wrong, "the earliest epoch that stays in force is 3");
  wrong = right;
  wrong.epoch = 3;
  refused(wrong, "it says epoch 3");
  wrong = right;
  wrong.roll_size = first.size;
  refused(wrong, "root");
  wrong = right;
  wrong.beacon = *petition_.state().beacon();
  refused(wrong, "its beacon is that of epoch 1");
  wrong = right;
  wrong.rings_hash[0] ^= 1;
  refused(wrong, "rings_hash");
  // Nobody divides a roll for an order that too few have signed.
  const poll::Order order = testing::NextOrder(petition_.state().orders(), wrong,
                                               petition_.state().orders().last_time() + 1);
  poll::SignedOrder unsigned_order =
      testing::SignOrder(petition_.people().officers, petition_.state().poll_id(), order);
  unsigned_order.signed_body.signatures.clear();
  EXPECT_THAT(
      std::string(board_.Append(testing::kPollOrigin, Encode(unsigned_order)).status().message()),
      HasSubstr("signed by 0"));
  EXPECT_EQ(board_.Append(testing::kPollOrigin, petition_.BringIn(1, kLaterBeacon)).status(),
            absl::OkStatus());
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
  TestPetition anonymous(anonymous_board, 6, 7, testing::MakeAnonymousRules());
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
