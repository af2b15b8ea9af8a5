// Signing an anonymous petition into which a later epoch of the roll was brought.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/file.h"
#include "core/record/entry.h"
#include "tests/support/witnesses.h"
#include "tests/voter/fake_board.h"
#include "voter/participant.h"

namespace urna::voter {
namespace {

using petition::Act;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kOrigin = PetitionOnBoard::kOrigin;

// Of 20 members, ten in each district by turns, one gets a new credential, one moves from district
// 1 to 2, and somebody comes in there.
class LaterEpochsTest : public ::testing::Test {
 protected:
  void Grow() {
    petition_.ChangeRoll(
        {testing::Addition(petition_.roll, newcomer_, 1, petition_.rng),
         testing::Moving(petition_.roll.members[2], 2),
         testing::Rekeying(petition_.roll, petition_.roll.members[0], new_key_, petition_.rng)});
  }
  const crypto::Credential& Member(size_t number) { return petition_.roll.credentials[number]; }
  absl::StatusOr<Participant> Open(const crypto::Credential& who, ReadOptions options = {}) {
    return Participant::Open(petition_.board, kOrigin, who, ReceiptsOf(who), options, rng_);
  }
  std::string ReceiptsOf(const crypto::Credential& who) const {
    return scratch_.path() + "/" + ToHex(who.public_key().bytes()).substr(0, 8);
  }
  absl::Status Do(const crypto::Credential& who, Act act, const SigningChecks& checks,
                  PendingPolicy pending = PendingPolicy::kRefuse, ReadOptions options = {}) {
    auto participant = Open(who, options);
    if (!participant.ok()) return participant.status();
    return participant->Act(act, pending, checks).status();
  }
  absl::Status Sign(const crypto::Credential& who, const SigningChecks& checks) {
    return Do(who, Act::kSign, checks);
  }
  // Whose beacon is that of epoch 2, or of epoch 1.
  SigningChecks Later() {
    SigningChecks checks;
    checks.beacon = PetitionOnBoard::kLaterBeacon;
    checks.say = [this](absl::string_view sentences) { absl::StrAppend(&said_, sentences, "\n"); };
    return checks;
  }
  SigningChecks First() {
    SigningChecks checks = Later();
    checks.beacon = *petition_.state->beacon();
    return checks;
  }
  petition::RingAct LastRingAct() const {
    return std::get<petition::RingAct>(
        record::DecodeEntry(petition_.board.entries(kOrigin).back()).value());
  }

  crypto::SystemRng rng_;
  PetitionOnBoard petition_{true, true, 20};
  crypto::Credential newcomer_ = crypto::Credential::Generate(petition_.rng);
  crypto::Credential new_key_ = crypto::Credential::Generate(petition_.rng);
  ScratchDirectory scratch_;
  std::string said_;
};

TEST_F(LaterEpochsTest, ANewcomerSignsOverTheNewestRings) {
  Grow();
  const absl::Status early = Sign(newcomer_, First());
  EXPECT_TRUE(absl::IsPermissionDenied(early)) << early;
  EXPECT_THAT(std::string(early.message()), HasSubstr("is not on the roll in its epoch 1"));
  petition_.BringIn(1);
  ASSERT_EQ(Sign(newcomer_, Later()), absl::OkStatus());
  EXPECT_EQ(LastRingAct().epoch, 2u);
  EXPECT_THAT(said_, HasSubstr("of your district, number 1, 9 members are in its rings, and 10"));
  EXPECT_THAT(said_, HasSubstr("No witnesses are known"));
  // And who was there before does so too.
  ASSERT_EQ(Sign(Member(4), Later()), absl::OkStatus());
  EXPECT_EQ(LastRingAct().epoch, 2u);
  ASSERT_EQ(Sign(Member(2), Later()), absl::OkStatus());
  const auto standing = petition_.state->Find(LastRingAct().tag);
  ASSERT_TRUE(standing.has_value());
  EXPECT_EQ(standing->district, 2);
}

TEST_F(LaterEpochsTest, WhoIsInNoneOfTheNewestRingsIsToldWhy) {
  Grow();
  petition_.BringIn(1);
  const absl::Status rekeyed = Sign(new_key_, Later());
  EXPECT_TRUE(absl::IsPermissionDenied(rekeyed)) << rekeyed;
  EXPECT_THAT(std::string(rekeyed.message()),
              HasSubstr("your credential replaces one that was on the roll in epoch 1"));
  EXPECT_THAT(std::string(rekeyed.message()), Not(HasSubstr("--older-ring")));

  const absl::Status old_key = Sign(Member(0), First());
  EXPECT_TRUE(absl::IsPermissionDenied(old_key)) << old_key;
  EXPECT_THAT(std::string(old_key.message()), HasSubstr("is not on the roll in its epoch 2"));
  EXPECT_THAT(std::string(old_key.message()),
              HasSubstr("of the 9 others in that ring 0 are in no ring of the newest epoch"));
  EXPECT_TRUE(petition_.board.submitted.empty());

  SigningChecks older = First();
  older.older_ring = true;
  ASSERT_EQ(Sign(Member(0), older), absl::OkStatus());
  EXPECT_EQ(LastRingAct().epoch, 1u);
  EXPECT_THAT(said_, HasSubstr("The signature is made over ring"));
  // Whoever is in the newest rings signs there all the same.
  older.beacon = PetitionOnBoard::kLaterBeacon;
  ASSERT_EQ(Sign(Member(6), older), absl::OkStatus());
  EXPECT_EQ(LastRingAct().epoch, 2u);
}

TEST_F(LaterEpochsTest, NoOlderRingIsUsedOnceItsEpochHasEnded) {
  Grow();
  petition_.BringIn(2);
  SigningChecks older = First();
  older.older_ring = true;
  const absl::Status ended = Sign(Member(0), older);
  EXPECT_TRUE(absl::IsPermissionDenied(ended)) << ended;
  EXPECT_THAT(std::string(ended.message()), Not(HasSubstr("--older-ring")));
}

TEST_F(LaterEpochsTest, ADistrictThatHasLostItsMembersIsAskedAbout) {
  petition_.ChangeRoll(
      {testing::Removal(petition_.roll.members[0]), testing::Removal(petition_.roll.members[4])});
  petition_.BringIn(1);
  const absl::Status few = Sign(Member(2), Later());
  EXPECT_TRUE(absl::IsFailedPrecondition(few)) << few;
  EXPECT_THAT(std::string(few.message()), HasSubstr("8 members are in the rings of epoch 2"));
  EXPECT_TRUE(petition_.board.submitted.empty());
  SigningChecks knowing = Later();
  knowing.few_members = true;
  EXPECT_EQ(Sign(Member(2), knowing), absl::OkStatus());
  EXPECT_EQ(Sign(Member(1), Later()), absl::OkStatus());  // of the other district
}

TEST_F(LaterEpochsTest, TheBeaconOfTheNewestEpochIsCompared) {
  Grow();
  petition_.BringIn(1);
  const absl::Status first = Sign(Member(4), First());
  EXPECT_TRUE(absl::IsFailedPrecondition(first)) << first;
  EXPECT_THAT(std::string(first.message()), HasSubstr("the order that brought epoch 2"));
  SigningChecks known;
  known.beacons = {{1, *petition_.state->beacon()}, {2, PetitionOnBoard::kLaterBeacon}};
  known.beacons[1][0] ^= 1;
  EXPECT_THAT(std::string(Sign(Member(4), known).message()),
              HasSubstr("the opening order gives the beacon"));
  EXPECT_TRUE(petition_.board.submitted.empty());
  known.beacons[1][0] ^= 1;
  EXPECT_EQ(Sign(Member(4), known), absl::OkStatus());
}

TEST_F(LaterEpochsTest, WhoHasSignedGoesOnWithoutARing) {
  ASSERT_EQ(Sign(Member(0), First()), absl::OkStatus());
  petition_.ChangeRoll({testing::Removal(petition_.roll.members[0])});
  petition_.BringIn(2);
  EXPECT_EQ(Do(Member(0), Act::kWithdraw, Later()), absl::OkStatus());
  EXPECT_EQ(petition_.state->count(), 0u);
  EXPECT_EQ(Sign(Member(0), Later()), absl::OkStatus());
  EXPECT_EQ(petition_.state->count(), 1u);
}

// Nothing else is ever sent than over the ring of the first attempt.
TEST_F(LaterEpochsTest, AnActThatWasNotAnsweredStaysOverItsRing) {
  petition_.board.answers = {absl::UnavailableError("gone")};
  EXPECT_TRUE(absl::IsUnavailable(Sign(Member(4), First())));
  Grow();
  petition_.BringIn(1);
  EXPECT_TRUE(absl::IsFailedPrecondition(Sign(Member(4), First())));  // it waits
  ASSERT_EQ(Do(Member(4), Act::kSign, First(), PendingPolicy::kReplace), absl::OkStatus());
  EXPECT_EQ(LastRingAct().epoch, 1u);
  EXPECT_EQ(LastRingAct().sequence, 2u);
}

TEST_F(LaterEpochsTest, AnActThatWaitedUntilItsEpochHadEndedIsNotMadeAnew) {
  petition_.board.answers = {absl::UnavailableError("gone")};
  EXPECT_TRUE(absl::IsUnavailable(Sign(Member(4), First())));
  Grow();
  petition_.BringIn(1);
  petition_.EndEpochs(2);
  const absl::Status late = Do(Member(4), Act::kSign, Later(), PendingPolicy::kReplace);
  EXPECT_TRUE(absl::IsFailedPrecondition(late)) << late;
  EXPECT_THAT(std::string(late.message()), HasSubstr("say so in public"));
  EXPECT_EQ(petition_.board.submitted.size(), 1u);
}

TEST_F(LaterEpochsTest, WitnessesMustHaveSeenTheOrderAndTheRoll) {
  Grow();
  petition_.BringIn(1);
  const testing::TestWitnesses witnesses;
  const merkle::WitnessPolicy policy = witnesses.Policy();
  SigningChecks checks = Later();
  checks.witnesses = &policy;
  const auto cosign = [&](const std::string& origin, uint64_t size) {
    return std::string(AsText(witnesses.Cosign(
        AsBytes(petition_.board.SignedCheckpoint(origin, size)), {100, 100, 100})));
  };
  const uint64_t size = petition_.board.entries(kOrigin).size();
  petition_.board.final_checkpoint = cosign(kOrigin, size - 1);  // the opening alone
  EXPECT_TRUE(absl::IsUnavailable(Sign(Member(4), checks)));
  petition_.board.final_checkpoint = cosign(kOrigin, size);
  const absl::Status roll = Sign(Member(4), checks);
  EXPECT_TRUE(absl::IsUnavailable(roll)) << roll;
  EXPECT_THAT(std::string(roll.message()), HasSubstr("its epoch 2"));
  EXPECT_TRUE(petition_.board.submitted.empty());
  const std::string& origin = petition_.board.roll_origin;
  petition_.board.final_of_roll = cosign(origin, petition_.board.entries(origin).size());
  EXPECT_EQ(Sign(Member(4), checks), absl::OkStatus());
}

// The orders behind the opening are read one by one.
TEST_F(LaterEpochsTest, OfALongLogTheLaterOrdersAreRead) {
  ASSERT_EQ(Sign(Member(4), First()), absl::OkStatus());
  Grow();
  petition_.BringIn(1);
  ASSERT_EQ(Sign(Member(6), Later()), absl::OkStatus());
  petition_.EndEpochs(2);
  ReadOptions prefix;
  prefix.whole_log_limit = 0;
  const auto poll = ReadPoll(petition_.board, kOrigin, prefix);
  ASSERT_TRUE(poll.ok()) << poll.status();
  EXPECT_FALSE(poll->whole);
  const petition::RingEpochs& epochs = poll->signing->anonymous->epochs;
  EXPECT_EQ(epochs.newest().epoch, 2u);
  EXPECT_EQ(epochs.earliest(), 2u);
  EXPECT_EQ(epochs.newest().rings->hash(),
            petition_.state->context()->anonymous->epochs.newest().rings->hash());
  EXPECT_EQ(poll->brought_in_at.at(2), petition_.board.later_orders[0]);
  EXPECT_EQ(Do(newcomer_, Act::kSign, Later(), PendingPolicy::kRefuse, prefix), absl::OkStatus());

  // One that is left out is missed.
  const std::vector<uint64_t> all = petition_.board.later_orders;
  petition_.board.later_orders.erase(petition_.board.later_orders.begin());
  EXPECT_TRUE(absl::IsDataLoss(ReadPoll(petition_.board, kOrigin, prefix).status()));
  petition_.board.later_orders = {all[0] - 1};  // an act
  EXPECT_THAT(std::string(ReadPoll(petition_.board, kOrigin, prefix).status().message()),
              HasSubstr("is no order"));
  petition_.board.later_orders = {all[1], all[0]};
  EXPECT_THAT(std::string(ReadPoll(petition_.board, kOrigin, prefix).status().message()),
              HasSubstr("has no such place"));
}

// An order that says what is not so ends the matter.
TEST_F(LaterEpochsTest, AnEpochThatIsNotTheRollsIsFoundOut) {
  Grow();
  petition_.BringIn(1);
  std::vector<Bytes> entries = petition_.board.entries(kOrigin);
  record::Entry entry = record::DecodeEntry(entries.back()).value();
  poll::Order order = std::get<poll::SignedOrder>(entry).order;
  std::get<poll::RollEpoch>(order.act).rings_hash[0] ^= 1;
  const poll::SignedOrder forged =
      testing::SignOrder(petition_.people.officers, petition_.state->poll_id(), order);
  entries.back() = record::EncodeEntry(forged).value();
  petition_.board.Replace(kOrigin, entries);
  const absl::Status found = Sign(Member(4), Later());
  EXPECT_TRUE(absl::IsDataLoss(found)) << found;
  EXPECT_THAT(std::string(found.message()), HasSubstr("rings_hash"));
}

}  // namespace
}  // namespace urna::voter
