// Officers, their signatures, and the chain of their orders.
#include "core/poll/order_chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/match.h"
#include "tests/support/poll_fixture.h"

namespace urna::poll {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint64_t kOpens = testing::kTestSchedule.opens;
constexpr uint64_t kCloses = testing::kTestSchedule.closes;
constexpr uint64_t kTolerance = testing::kTestSchedule.tolerance;

// One that can be encoded.
const OpenElection kOpenElection{1, {}, {{}}, {}};

void ExpectStatus(const absl::Status& status, absl::StatusCode code, absl::string_view words) {
  EXPECT_EQ(status.code(), code) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), words)) << status << " without '" << words << "'";
}

class OrderChainTest : public ::testing::Test {
 protected:
  SignedOrder Signed(const Order& order, const testing::Who& who = {}) const {
    return testing::SignOrder(officers_, poll_, order, who);
  }
  SignedOrder Next(decltype(Order::act) act, uint64_t time, absl::string_view reason = "") const {
    return Signed(testing::NextOrder(chain_, std::move(act), time, reason));
  }
  void Expect(const SignedOrder& order, absl::string_view number, absl::StatusCode code,
              absl::string_view words) const {
    const auto violations = chain_.Check(order);
    ASSERT_THAT(testing::Numbers(violations), ElementsAre(std::string(number))) << words;
    ExpectStatus(violations[0].status, code, words);
  }

  crypto::SeededRng rng_{4};
  std::vector<testing::Signer> officers_ = testing::MakeSigners("mari", 3, rng_);
  crypto::Hash32 poll_ = rng_.Array<32>();
  OrderChain chain_{poll_, {testing::KeysOf(officers_), 2}, testing::kTestSchedule};
};

TEST_F(OrderChainTest, AcceptsAPollsOrdersOneAfterTheOther) {
  EXPECT_EQ(chain_.last_number(), 0u);
  EXPECT_EQ(chain_.last_hash(), poll_);
  uint32_t number = 0;
  for (const SignedOrder& order :
       {Next(NewAttempt{2}, 5), Next(kOpenElection, kOpens), Next(Close{}, kCloses),
        Next(Sum{}, kCloses + 1), Next(ElectionResult{}, kCloses + 2)}) {
    const SignedOrder fresh = Next(order.order.act, order.order.time);
    EXPECT_THAT(testing::Numbers(chain_.Check(fresh)), IsEmpty()) << number;
    chain_.Apply(fresh);
    EXPECT_EQ(chain_.last_number(), ++number);
    EXPECT_EQ(chain_.last_hash(), OrderHash(poll_, fresh.signed_body.body));
    EXPECT_EQ(chain_.last_time(), order.order.time);
  }
}

TEST_F(OrderChainTest, S5WantsTheNextNumber) {
  Order order = testing::NextOrder(chain_, NewAttempt{2}, 5);
  for (uint32_t wrong : {0u, 2u, 0xffffffffu}) {
    order.number = wrong;
    Expect(Signed(order), "S5", absl::StatusCode::kFailedPrecondition, "its number is not 1");
  }
  chain_.Apply(Next(NewAttempt{2}, 5));
  order = testing::NextOrder(chain_, NewAttempt{3}, 6);
  for (uint32_t wrong : {0u, 1u, 3u}) {
    order.number = wrong;
    Expect(Signed(order), "S5", absl::StatusCode::kFailedPrecondition, "its number is not 2");
  }
}

TEST_F(OrderChainTest, S5NeverWrapsAround) {
  Order order = testing::NextOrder(chain_, NewAttempt{2}, 5);
  order.number = 0xffffffff;
  chain_.Apply(Signed(order));
  order = testing::NextOrder(chain_, NewAttempt{3}, 6);
  EXPECT_EQ(order.number, 0u);
  Expect(Signed(order), "S5", absl::StatusCode::kFailedPrecondition,
         "its number is not 4294967296");
}

TEST_F(OrderChainTest, S5WantsTheHashOfTheOrderBefore) {
  Order order = testing::NextOrder(chain_, NewAttempt{2}, 5);
  order.previous[0] ^= 1;
  Expect(Signed(order), "S5", absl::StatusCode::kFailedPrecondition,
         "order 1 'new attempt': previous is not the manifest's hash");
  const SignedOrder first = Next(NewAttempt{2}, 5);
  chain_.Apply(first);
  order = testing::NextOrder(chain_, NewAttempt{3}, 6);
  order.previous = poll_;
  Expect(Signed(order), "S5", absl::StatusCode::kFailedPrecondition,
         "order 2 'new attempt': previous is not the hash of order 1");
}

TEST_F(OrderChainTest, AReplayedOrderBreaksS5AndS7) {
  const SignedOrder first = Next(NewAttempt{2}, 5);
  chain_.Apply(first);
  EXPECT_THAT(testing::Numbers(chain_.Check(first)), ElementsAre("S5", "S7"));
}

TEST_F(OrderChainTest, OneWrongOrderIsOneFailure) {
  Order wrong = testing::NextOrder(chain_, NewAttempt{2}, 5);
  wrong.number = 7;
  wrong.previous[3] ^= 1;
  chain_.Apply(Signed(wrong));
  EXPECT_THAT(testing::Numbers(chain_.Check(Next(NewAttempt{3}, 6))), IsEmpty());
}

TEST_F(OrderChainTest, S6WantsEnoughOfficers) {
  const Order order = testing::NextOrder(chain_, Close{}, kCloses);
  EXPECT_THAT(testing::Numbers(chain_.Check(Signed(order, {{0, 2}}))), IsEmpty());
  Expect(Signed(order, {{1}}), "S6", absl::StatusCode::kPermissionDenied,
         "order 1 'close': signed by 1 of 3 officers, 2 are needed");
  Expect(Signed(order, std::vector<uint16_t>()), "S6", absl::StatusCode::kPermissionDenied,
         "signed by 0 of 3");
}

TEST_F(OrderChainTest, S6RefusesAnyInvalidSignatureEvenBesideEnoughGoodOnes) {
  SignedOrder order = Next(Close{}, kCloses);
  order.signed_body.signatures[2].signature[0] ^= 1;
  Expect(order, "S6", absl::StatusCode::kPermissionDenied,
         "officer 2 'mari3': signature does not verify");
}

TEST_F(OrderChainTest, S6RefusesTheSignatureOfAnotherOfficer) {
  SignedOrder order = Next(Close{}, kCloses);
  std::swap(order.signed_body.signatures[0].signature, order.signed_body.signatures[1].signature);
  Expect(order, "S6", absl::StatusCode::kPermissionDenied,
         "officer 0 'mari1': signature does not verify");
  std::vector<testing::Signer> strangers = testing::MakeSigners("mari", 3, rng_);
  Expect(testing::SignOrder(strangers, poll_, order.order), "S6",
         absl::StatusCode::kPermissionDenied, "officer 0 'mari1'");
}

TEST_F(OrderChainTest, S6RefusesSignaturesForAnotherPollOrBody) {
  const Order order = testing::NextOrder(chain_, Close{}, kCloses);
  crypto::Hash32 other = poll_;
  other[0] ^= 1;
  Expect(testing::SignOrder(officers_, other, order), "S6", absl::StatusCode::kPermissionDenied,
         "does not verify");
  SignedOrder changed = Signed(order);
  changed.signed_body.body.back() ^= 1;
  Expect(changed, "S6", absl::StatusCode::kPermissionDenied, "does not verify");
}

TEST_F(OrderChainTest, S6RefusesRepeatedUnsortedAndUnknownOfficers) {
  const Order order = testing::NextOrder(chain_, Close{}, kCloses);
  Expect(Signed(order, {{1, 1}}), "S6", absl::StatusCode::kInvalidArgument,
         "officer 1 stands after that of officer 1");
  Expect(Signed(order, {{2, 0}}), "S6", absl::StatusCode::kInvalidArgument,
         "officer 0 stands after that of officer 2");
  SignedOrder unknown = Signed(order);
  unknown.signed_body.signatures[2].officer = 3;
  Expect(unknown, "S6", absl::StatusCode::kPermissionDenied, "officer 3 signed");
}

TEST_F(OrderChainTest, S7WantsRisingTimes) {
  chain_.Apply(Next(NewAttempt{2}, 50));
  for (uint64_t time : {0u, 49u, 50u}) {
    Expect(Next(NewAttempt{3}, time, "a reason does not help"), "S7",
           absl::StatusCode::kFailedPrecondition, "is not after 50, that of order 1");
  }
  EXPECT_THAT(testing::Numbers(chain_.Check(Next(NewAttempt{3}, 51))), IsEmpty());
}

TEST_F(OrderChainTest, S7WantsAReasonOffTheSchedule) {
  const std::vector<std::pair<decltype(Order::act), uint64_t>> dues = {
      {kOpenElection, kOpens},
      {OpenPetition{}, kOpens},
      {OpenAnonymousPetition{}, kOpens},
      {Close{}, kCloses}};
  for (const auto& [act, due] : dues) {
    for (uint64_t time : {due, due + 1, due + kTolerance}) {
      EXPECT_THAT(testing::Numbers(chain_.Check(Next(act, time))), IsEmpty()) << time;
    }
    for (uint64_t time : {uint64_t{1}, due - 1, due + kTolerance + 1, UINT64_MAX}) {
      Expect(Next(act, time), "S7", absl::StatusCode::kFailedPrecondition, "off the schedule");
      EXPECT_THAT(testing::Numbers(chain_.Check(Next(act, time, "snow"))), IsEmpty()) << time;
    }
  }
}

TEST_F(OrderChainTest, S7LeavesOtherOrdersWithoutSchedule) {
  for (const decltype(Order::act)& act :
       {decltype(Order::act)(NewAttempt{2}), decltype(Order::act)(Sum{}),
        decltype(Order::act)(PetitionResult{})}) {
    EXPECT_THAT(testing::Numbers(chain_.Check(Next(act, 1))), IsEmpty());
  }
}

TEST_F(OrderChainTest, S7DoesNotOverflowAtTheEndOfTime) {
  const OrderChain chain(poll_, {testing::KeysOf(officers_), 2}, {1, UINT64_MAX - 1, 600});
  EXPECT_THAT(testing::Numbers(chain.Check(Next(Close{}, UINT64_MAX))), IsEmpty());
  EXPECT_THAT(testing::Numbers(chain.Check(Next(Close{}, 3))), ElementsAre("S7"));
}

TEST_F(OrderChainTest, ManifestSignaturesAreS2) {
  const Officers officers{testing::KeysOf(officers_), 2};
  SignedBody manifest;
  manifest.body = {1, 2, 3};
  const crypto::Hash64 message = ManifestSignatureMessage(ManifestHash(manifest.body));
  manifest.signatures = testing::SignBy(officers_, {{0, 1}}, message);
  EXPECT_THAT(testing::Numbers(CheckManifestSignatures(officers, manifest)), IsEmpty());

  SignedBody few = manifest;
  few.signatures.pop_back();
  SignedBody changed = manifest;
  changed.body[0] ^= 1;
  for (const SignedBody& wrong : {few, changed}) {
    const auto violations = CheckManifestSignatures(officers, wrong);
    ASSERT_THAT(testing::Numbers(violations), ElementsAre("S2"));
    EXPECT_EQ(violations[0].status.code(), absl::StatusCode::kPermissionDenied);
  }
}

TEST_F(OrderChainTest, OfficersAreManyEnoughDistinctAndWellFormed) {
  const Officers good{testing::KeysOf(officers_), 2};
  EXPECT_TRUE(CheckOfficers(good).ok());
  const auto expect = [&](absl::string_view words, const std::function<void(Officers&)>& change) {
    Officers changed = good;
    change(changed);
    ExpectStatus(CheckOfficers(changed), absl::StatusCode::kInvalidArgument, words);
  };
  expect("a quorum of 0 of 3 officers", [](Officers& o) { o.quorum = 0; });
  expect("a quorum of 4 of 3 officers", [](Officers& o) { o.quorum = 4; });
  expect("0 officers", [](Officers& o) { o.keys.clear(); });
  expect("officer 2: the name 'mari1' stands twice",
         [](Officers& o) { o.keys[2].name = o.keys[0].name; });
  expect("officer 1 'mari2': the key stands twice",
         [](Officers& o) { o.keys[1].key = o.keys[0].key; });
  expect("officer 1: key name 'a b'", [](Officers& o) { o.keys[1].name = "a b"; });
  expect("officer 0: key 'mari1'", [](Officers& o) { o.keys[0].key = {}; });

  Officers many{testing::KeysOf(testing::MakeSigners("officer", 64, rng_)), 64};
  EXPECT_TRUE(CheckOfficers(many).ok());
  many.keys.push_back(testing::MakeSigner("one-more", rng_).named);
  ExpectStatus(CheckOfficers(many), absl::StatusCode::kInvalidArgument,
               "65 officers instead of 1 to 64");
  ExpectStatus(CheckKeysAndQuorum(good.keys, 4, "trustee", 1, 32),
               absl::StatusCode::kInvalidArgument, "a quorum of 4 of 3 trustees");
}

TEST(ScheduleTest, ClosesAfterItOpens) {
  EXPECT_TRUE(CheckSchedule({5, 6, 0}).ok());
  EXPECT_FALSE(CheckSchedule({5, 5, 0}).ok());
  EXPECT_FALSE(CheckSchedule({6, 5, 100}).ok());
}

TEST(SameLanguagesTest, ComparesLanguagesOnly) {
  const LocalizedTexts title = {{"de", "Titel"}, {"en", "Title"}};
  EXPECT_TRUE(CheckSameLanguages(title, {{"de", ""}, {"en", "x"}}, "x").ok());
  ExpectStatus(CheckSameLanguages(title, {{"en", "x"}}, "the text"),
               absl::StatusCode::kInvalidArgument,
               "the text is in the languages en, the title in de, en");
  EXPECT_FALSE(CheckSameLanguages(title, {{"de", "x"}, {"fr", "x"}}, "x").ok());
  EXPECT_FALSE(CheckSameLanguages(title, {{"de", "x"}, {"en", "x"}, {"fr", "x"}}, "x").ok());
}

TEST(EntryOutOfPlaceTest, IsS8) {
  const Violation violation = EntryOutOfPlace("ballot", PollKind::kPetition);
  EXPECT_EQ(violation.check, Check::kS8);
  EXPECT_EQ(violation.status.message(), "ballot: has no place in the log of a petition");
}

}  // namespace
}  // namespace urna::poll
