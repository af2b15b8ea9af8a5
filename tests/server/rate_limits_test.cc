#include "server/rate_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "absl/strings/str_cat.h"
#include "server/admission_queue.h"
#include "server/metrics.h"
#include "server/peer.h"
#include "server/refusals.h"
#include "tests/server/board_fixture.h"

namespace urna::server {
namespace {

using petition::Act;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::TestBoard;
using testing::TestPetition;

class RateLimitsTest : public ::testing::Test {
 protected:
  int64_t Take(RateLimits& limits, absl::string_view name) {
    return limits.Take(AsBytes(name), now_);
  }

  crypto::SeededRng rng_{1};
  RateLimits::Time now_ = RateLimits::Time() + std::chrono::hours(100);
};

TEST_F(RateLimitsTest, BucketEmptiesAndFillsUpEvenly) {
  RateLimits limits(6, rng_);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(Take(limits, "a"), 0) << i;
  EXPECT_NEAR(static_cast<double>(Take(limits, "a")), 10'000, 1);
  now_ += milliseconds(9'000);
  EXPECT_NEAR(static_cast<double>(Take(limits, "a")), 1'000, 1);
  now_ += milliseconds(1'001);
  EXPECT_EQ(Take(limits, "a"), 0);
  EXPECT_GT(Take(limits, "a"), 9'000);
  now_ += seconds(61);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(Take(limits, "a"), 0) << i;
  EXPECT_GT(Take(limits, "a"), 0);
}

TEST_F(RateLimitsTest, EverybodyHasABucketOfTheirOwn) {
  RateLimits limits(1, rng_);
  EXPECT_EQ(Take(limits, "a"), 0);
  EXPECT_EQ(Take(limits, "b"), 0);
  EXPECT_GT(Take(limits, "a"), 0);
}

TEST_F(RateLimitsTest, ATurnOfTheMinuteGivesNothingBack) {
  RateLimits limits(2, rng_);
  Take(limits, "x");  // the minute begins here
  now_ += seconds(59);
  EXPECT_EQ(Take(limits, "a"), 0);
  EXPECT_EQ(Take(limits, "a"), 0);
  now_ += seconds(2);
  EXPECT_GT(Take(limits, "a"), 0);
}

TEST_F(RateLimitsTest, WhatIsChargedIsOwedForAMinuteAtMost) {
  RateLimits limits(6, rng_);
  limits.Charge(AsBytes(absl::string_view("a")), 5, now_);
  EXPECT_EQ(Take(limits, "a"), 0);
  EXPECT_NEAR(static_cast<double>(Take(limits, "a")), 10'000, 1);
  limits.Charge(AsBytes(absl::string_view("a")), 5, now_);
  EXPECT_NEAR(static_cast<double>(Take(limits, "a")), 60'000, 1);
  limits.Charge(AsBytes(absl::string_view("a")), 1'000, now_);
  EXPECT_NEAR(static_cast<double>(Take(limits, "a")), 70'000, 1);
  EXPECT_EQ(Take(limits, "b"), 0);
}

TEST_F(RateLimitsTest, ForgetsWhoStaysAway) {
  RateLimits limits(5, rng_);
  for (int i = 0; i < 1000; ++i) Take(limits, absl::StrCat("name ", i));
  EXPECT_EQ(limits.size(), 1000u);
  now_ += seconds(61);
  Take(limits, "one");
  EXPECT_EQ(limits.size(), 1001u);
  now_ += seconds(61);
  Take(limits, "one");
  EXPECT_LE(limits.size(), 2u);
}

TEST_F(RateLimitsTest, ZeroIsNoLimit) {
  RateLimits limits(0, rng_);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(Take(limits, "a"), 0);
  EXPECT_EQ(limits.size(), 0u);
}

TEST(PeerTest, NetworkIsTheAddressOrTheHouseholdAndNothingForThisMachine) {
  const std::string v4 = PeerNetwork("ipv4:192.0.2.1:4711");
  EXPECT_EQ(v4.size(), 4u);
  EXPECT_EQ(PeerNetwork("ipv4:192.0.2.1:9"), v4);
  EXPECT_NE(PeerNetwork("ipv4:192.0.2.2:4711"), v4);
  EXPECT_EQ(PeerNetwork("ipv6:%5B::ffff:192.0.2.1%5D:4711"), v4);
  const std::string v6 = PeerNetwork("ipv6:%5B2001:db8:1:2::1%5D:4711");
  EXPECT_EQ(v6.size(), 8u);
  EXPECT_EQ(PeerNetwork("ipv6:[2001:db8:1:2:ffff::9]:1"), v6);
  EXPECT_NE(PeerNetwork("ipv6:%5B2001:db8:1:3::1%5D:4711"), v6);
  EXPECT_EQ(PeerNetwork("ipv6:%5Bfe80::1%25eth0%5D:4711").size(), 8u);
  for (const char* none : {"ipv4:127.0.0.1:4711", "ipv6:%5B::1%5D:4711", "unix:", "unix:/x", "",
                           "ipv4:nonsense", "ipv6:%5Bnonsense%5D:1", "ipv6:"}) {
    EXPECT_EQ(PeerNetwork(none), "") << none;
  }
}

TEST(RefusalsTest, AFalseProofIsTheSameRefusalMarked) {
  const absl::Status plain = absl::PermissionDeniedError("the proof does not verify");
  const absl::Status marked = FalseProof(plain);
  EXPECT_TRUE(IsFalseProof(marked));
  EXPECT_FALSE(IsFalseProof(plain));
  EXPECT_EQ(marked.code(), plain.code());
  EXPECT_EQ(marked.message(), plain.message());
  EXPECT_EQ(ReasonOf(marked), "false_proof");
}

TEST(RefusalsTest, SayWhenToComeAgainAndWhich) {
  EXPECT_EQ(RetryAfterMs(Busy(300)), 300);
  EXPECT_FALSE(IsTooOften(Busy(300)));
  EXPECT_TRUE(absl::IsResourceExhausted(Busy(300)));
  const absl::Status often = TooOften("this credential", 4'001);
  EXPECT_TRUE(IsTooOften(often));
  EXPECT_EQ(RetryAfterMs(often), 4'001);
  EXPECT_THAT(std::string(often.message()), ::testing::HasSubstr("in 5 s"));
  EXPECT_EQ(RetryAfterMs(absl::ResourceExhaustedError("other")), 0);
  EXPECT_EQ(RetryAfterMs(absl::OkStatus()), 0);
}

AdmissionRequest RequestOf(size_t bytes, absl::string_view origin = "log") {
  AdmissionRequest request;
  request.door = Door::kCast;
  request.origin = std::string(origin);
  request.entries.push_back(Bytes(bytes, static_cast<uint8_t>(record::EntryType::kBallot)));
  return request;
}

absl::Status Push(AdmissionQueue& queue, AdmissionRequest request) { return queue.Push(request); }

TEST(AdmissionQueueTest, IsFullByNumberAndByBytes) {
  AdmissionQueue few({.queue_capacity = 2});
  EXPECT_EQ(Push(few, RequestOf(10)), absl::OkStatus());
  EXPECT_EQ(Push(few, RequestOf(10)), absl::OkStatus());
  const absl::Status full = Push(few, RequestOf(10));
  EXPECT_TRUE(absl::IsResourceExhausted(full));
  EXPECT_GE(RetryAfterMs(full), 300);
  EXPECT_LT(RetryAfterMs(full), 700);
  EXPECT_NE(RetryAfterMs(Push(few, RequestOf(10))), RetryAfterMs(full));  // not all at once
  AdmissionQueue small({.queue_bytes = 100});
  EXPECT_EQ(Push(small, RequestOf(60)), absl::OkStatus());
  EXPECT_TRUE(absl::IsResourceExhausted(Push(small, RequestOf(60))));
  small.Take();
  EXPECT_EQ(Push(small, RequestOf(60)), absl::OkStatus());
}

TEST(AdmissionQueueTest, IsFullOnceTheNextHasWaitedTooLong) {
  AdmissionQueue queue({.queue_wait = milliseconds(0)});
  // Verification goes in batches: the first few are taken however slow it is.
  for (int i = 0; i < 256; ++i) ASSERT_EQ(Push(queue, RequestOf(1)), absl::OkStatus()) << i;
  std::this_thread::sleep_for(milliseconds(2));
  EXPECT_TRUE(absl::IsResourceExhausted(Push(queue, RequestOf(1))));
  queue.Take();
  EXPECT_EQ(Push(queue, RequestOf(1)), absl::OkStatus());
}

TEST(AdmissionQueueTest, TakesTogetherWhatIsForOneLog) {
  AdmissionQueue queue({});
  for (const char* origin : {"a", "a", "a", "b"}) {
    ASSERT_EQ(Push(queue, RequestOf(1, origin)), absl::OkStatus());
  }
  AdmissionRequest alone = RequestOf(1, "b");
  alone.door = Door::kAppend;
  ASSERT_EQ(Push(queue, std::move(alone)), absl::OkStatus());
  EXPECT_EQ(queue.Take().size(), 3u);
  EXPECT_EQ(queue.Take().size(), 1u);
  EXPECT_EQ(queue.Take().size(), 1u);
  EXPECT_EQ(queue.size(), 0u);
}

TEST(AdmissionQueueTest, WhatWaitsIsSharedByThreadsThatHaveNothingToDo) {
  EXPECT_EQ(ShareOf(30, 1), 30u);  // all others are busy
  EXPECT_EQ(ShareOf(30, 2), 15u);
  EXPECT_EQ(ShareOf(31, 2), 16u);
  EXPECT_EQ(ShareOf(1, 8), 1u);
  EXPECT_EQ(ShareOf(1'000, 1), ShareOf(100'000, 1));  // there is an end to it
  EXPECT_LT(ShareOf(1'000, 1), 1'000u);
  AdmissionQueue queue({});
  for (int i = 0; i < 30; ++i) ASSERT_EQ(Push(queue, RequestOf(1)), absl::OkStatus());
  EXPECT_EQ(queue.Take().size(), 30u);
}

TEST(AdmissionQueueTest, AfterStopGivesWhatItHasAndTakesNoMore) {
  AdmissionQueue queue({});
  ASSERT_EQ(Push(queue, RequestOf(1)), absl::OkStatus());
  queue.Stop();
  EXPECT_TRUE(absl::IsUnavailable(Push(queue, RequestOf(1))));
  EXPECT_EQ(queue.Take().size(), 1u);
  EXPECT_TRUE(queue.Take().empty());
}

class ActsTest : public ::testing::Test {
 protected:
  void Open(uint32_t of_credential, uint32_t of_peer) {
    BoardOptions options;
    options.admission.acts_per_credential = of_credential;
    options.admission.acts_per_peer = of_peer;
    ASSERT_EQ(board_.Open(options), absl::OkStatus());
    petition_.emplace(board_, 3);
    ASSERT_EQ(petition_->SetUp(board_), absl::OkStatus());
  }
  // An act that comes from somewhere; empty: this machine.
  absl::Status Submit(const std::string& peer, const Bytes& entry) {
    std::promise<absl::Status> answer;
    AdmissionRequest request;
    request.door = Door::kAct;
    request.origin = testing::kPollOrigin;
    request.entries = {entry};
    request.peer = peer;
    request.done = [&answer](const absl::StatusOr<Receipt>& receipt) {
      answer.set_value(receipt.status());
    };
    board_->Submit(std::move(request));
    return answer.get_future().get();
  }
  static Act ActOf(uint64_t sequence) { return sequence % 2 == 1 ? Act::kSign : Act::kWithdraw; }

  TestBoard board_;
  std::optional<TestPetition> petition_;
};

TEST_F(ActsTest, ACredentialThatActsTooOftenIsToldWhenToComeAgain) {
  Open(3, 0);
  Bytes last;
  for (uint64_t sequence = 1; sequence <= 3; ++sequence) {
    last = petition_->Act(0, ActOf(sequence), sequence);
    EXPECT_EQ(board_.Act(last).status(), absl::OkStatus());
  }
  const absl::Status often = board_.Act(petition_->MakeAct(0, ActOf(4), 4)).status();
  EXPECT_TRUE(IsTooOften(often)) << often;
  EXPECT_GT(RetryAfterMs(often), 0);
  EXPECT_THAT(board_->metrics().totals().refused,
              ::testing::Contains(::testing::Pair("too_often", 1)));
  // What is logged is answered all the same, and others are not concerned.
  for (int i = 0; i < 5; ++i) EXPECT_EQ(board_.Act(last).status(), absl::OkStatus());
  EXPECT_EQ(board_.Act(petition_->Act(1, Act::kSign, 1)).status(), absl::OkStatus());
}

TEST_F(ActsTest, NobodyUsesUpAnothersActs) {
  Open(2, 0);
  const Bytes first = petition_->Act(0, Act::kSign, 1);
  ASSERT_EQ(board_.Act(first).status(), absl::OkStatus());
  Bytes forged = petition_->MakeAct(0, Act::kWithdraw, 2);
  forged[forged.size() - 2] ^= 1;
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(absl::IsPermissionDenied(board_.Act(forged).status()));
    EXPECT_EQ(board_.Act(first).status(), absl::OkStatus());  // anybody can send what is logged
  }
  EXPECT_EQ(board_.Act(petition_->Act(0, Act::kWithdraw, 2)).status(), absl::OkStatus());
}

TEST_F(ActsTest, APeerThatSendsTooMuchIsRefusedBeforeAnythingIsVerified) {
  Open(0, 2);
  const auto submit = [this](const std::string& peer) { return Submit(peer, {1, 2, 3}); };
  EXPECT_TRUE(absl::IsInvalidArgument(submit("peer")));
  EXPECT_TRUE(absl::IsInvalidArgument(submit("peer")));
  EXPECT_TRUE(IsTooOften(submit("peer")));
  EXPECT_TRUE(absl::IsInvalidArgument(submit("other")));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(absl::IsInvalidArgument(submit("")));  // this machine
}

TEST_F(ActsTest, AFalseProofCountsManyTimesOfItsPeersActsAndOfNoCredentials) {
  Open(1, kFalseProofActs + 2);
  Bytes forged = petition_->MakeAct(0, Act::kSign, 1);
  forged[forged.size() - 2] ^= 1;
  EXPECT_TRUE(absl::IsPermissionDenied(Submit("peer", forged)));
  EXPECT_TRUE(absl::IsPermissionDenied(Submit("peer", forged)));
  const Bytes act = petition_->Act(0, Act::kSign, 1);
  EXPECT_TRUE(IsTooOften(Submit("peer", act)));
  EXPECT_EQ(Submit("other", act), absl::OkStatus());
  // What is refused for another reason counts once.
  for (int i = 0; i < 6; ++i) EXPECT_FALSE(IsTooOften(Submit("third", {1, 2, 3})));
  EXPECT_THAT(board_->metrics().totals().refused,
              ::testing::IsSupersetOf({std::pair<std::string, uint64_t>("false_proof", 2),
                                       std::pair<std::string, uint64_t>("too_often", 1)}));
}

}  // namespace
}  // namespace urna::server
