// A roll from header to seal, and every way to break it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/match.h"
#include "core/crypto/transcript.h"
#include "core/roll/roll.h"
#include "tests/support/poll_fixture.h"

namespace urna::roll {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RollStateTest : public ::testing::Test {
 protected:
  RollStateTest() { roll_ = testing::MakeRoll({.districts = {1, 2}}, registrar_, log_, rng_); }

  // The roll with its first `members` members.
  RollState After(size_t members) const {
    RollState state(roll_.header);
    for (size_t i = 0; i < members; ++i) state.ApplyMember(roll_.members[i]);
    return state;
  }

  void ExpectS3(const std::vector<Violation>& violations, absl::StatusCode code,
                absl::string_view words) {
    ASSERT_THAT(testing::Numbers(violations), ElementsAre("S3")) << words;
    EXPECT_EQ(violations[0].status.code(), code) << violations[0].status;
    EXPECT_TRUE(absl::StrContains(violations[0].status.message(), words)) << violations[0].status;
  }

  crypto::SeededRng rng_{3};
  testing::Signer registrar_ = testing::MakeSigner("registrar", rng_);
  testing::Signer log_ = testing::MakeSigner("board.example/roll", rng_);
  testing::TestRoll roll_;
};

TEST_F(RollStateTest, GoesFromHeaderToSeal) {
  ASSERT_THAT(testing::Numbers(RollState::CheckHeader(roll_.header)), IsEmpty());
  RollState state(roll_.header);
  EXPECT_EQ(state.roll_id(), RollId(roll_.header.body));
  for (const RollMember& member : roll_.members) {
    EXPECT_THAT(testing::Numbers(VerifyEnrolment(state.roll_id(), member)), IsEmpty());
    EXPECT_THAT(testing::Numbers(state.CheckMember(member)), IsEmpty());
    state.ApplyMember(member);
  }
  EXPECT_FALSE(state.sealed());
  EXPECT_THAT(testing::Numbers(state.CheckSeal(roll_.seal, roll_.root_before_seal)), IsEmpty());
  state.ApplySeal(roll_.seal, roll_.root);
  EXPECT_TRUE(state.sealed());
  EXPECT_EQ(state.members(), 4u);
  EXPECT_EQ(state.pin(), (RollPin{RollId(roll_.header.body), 6, roll_.root}));
}

TEST_F(RollStateTest, FindsEveryMemberAndNobodyElse) {
  for (size_t i = 0; i < roll_.members.size(); ++i) {
    const auto* found = roll_.state->Find(roll_.members[i].credential);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(*found, (RollState::Entitlement{static_cast<uint16_t>(1 + i % 2), 1, 1}));
  }
  const auto stranger = crypto::Credential::Generate(rng_);
  EXPECT_EQ(roll_.state->Find(stranger.public_key().bytes()), nullptr);
  EXPECT_EQ(RollState(roll_.header).Find(roll_.members[0].credential), nullptr);
}

TEST_F(RollStateTest, RefusesMembersThatStandTwice) {
  ExpectS3(After(2).CheckMember(roll_.members[1]), absl::StatusCode::kAlreadyExists, "twice");
  ExpectS3(After(3).CheckMember(roll_.members[0]), absl::StatusCode::kAlreadyExists, "twice");
}

TEST_F(RollStateTest, RefusesMembersOutOfOrder) {
  RollState state(roll_.header);
  state.ApplyMember(roll_.members[2]);
  ExpectS3(state.CheckMember(roll_.members[1]), absl::StatusCode::kInvalidArgument,
           "members are ascending");
}

TEST_F(RollStateTest, KeepsMembersOutOfOrderSoThatLaterChecksCanBeMade) {
  RollState state(roll_.header);
  RollMember twice = roll_.members[1];
  twice.district = 2;
  for (const RollMember& member : {roll_.members[2], roll_.members[1], twice, roll_.members[3]}) {
    state.ApplyMember(member);
  }
  ASSERT_NE(state.Find(roll_.members[1].credential), nullptr);
  EXPECT_EQ(state.Find(roll_.members[1].credential)->district, roll_.members[1].district);
  EXPECT_NE(state.Find(roll_.members[3].credential), nullptr);
  EXPECT_EQ(state.Find(roll_.members[0].credential), nullptr);
  EXPECT_EQ(state.members(), 4u);
  ExpectS3(state.CheckMember(roll_.members[1]), absl::StatusCode::kAlreadyExists, "twice");
}

TEST_F(RollStateTest, RefusesUnknownDistrictAndCategoryAndNoWeight) {
  const auto expect = [&](absl::string_view words, const std::function<void(RollMember&)>& change) {
    RollMember member = roll_.members[2];
    change(member);
    ExpectS3(After(2).CheckMember(member), absl::StatusCode::kInvalidArgument, words);
  };
  expect("no district 3", [](RollMember& m) { m.district = 3; });
  expect("no district 0", [](RollMember& m) { m.district = 0; });
  expect("no category 2", [](RollMember& m) { m.category = 2; });
  expect("weight 0", [](RollMember& m) { m.weight = 0; });
}

TEST_F(RollStateTest, TakesAnyWeightFromOneUp) {
  for (uint32_t weight : {1u, 2u, ~0u}) {
    RollMember member = roll_.members[2];
    member.weight = weight;
    RollState state = After(2);
    EXPECT_THAT(state.CheckMember(member), ::testing::IsEmpty());
    state.ApplyMember(member);
    EXPECT_EQ(state.Find(member.credential)->weight, weight);
  }
}

TEST_F(RollStateTest, CountsMembersByDistrictAndWeight) {
  RollState state(roll_.header);
  const std::vector<DistrictWeight> said = {{1, 1}, {2, 7}, {1, 7}, {2, 7}};
  for (size_t i : {0, 2, 1, 3}) {  // one of them out of order
    RollMember member = roll_.members[i];
    member.district = said[i].district;
    member.weight = said[i].weight;
    state.ApplyMember(member);
  }
  RollMember again = roll_.members[3];
  again.weight = 100;
  state.ApplyMember(again);  // the first entry of a credential holds
  EXPECT_EQ(state.CountMembers(), (Census{{{1, 1}, 1}, {{1, 7}, 1}, {{2, 7}, 2}}));
}

TEST_F(RollStateTest, TakesNothingAfterTheSeal) {
  ExpectS3(roll_.state->CheckMember(testing::MakeMember(
               roll_.state->roll_id(), crypto::Credential::Generate(rng_), 1, rng_)),
           absl::StatusCode::kFailedPrecondition, "sealed already");
  ExpectS3(roll_.state->CheckSeal(roll_.seal, roll_.root_before_seal),
           absl::StatusCode::kFailedPrecondition, "sealed already");
}

TEST_F(RollStateTest, PinsWhatStandsInTheLogEvenBehindTheSeal) {
  RollState state = *roll_.state;
  state.ApplyMember(roll_.members[0]);
  EXPECT_EQ(state.pin().size, 7u);
  EXPECT_EQ(roll_.state->pin().size, 6u);  // the copy is a value of its own
}

TEST_F(RollStateTest, RefusesSealsThatDoNotFit) {
  const auto expect = [&](absl::string_view words, const std::function<void(RollSeal&)>& change) {
    RollSeal seal = roll_.seal.seal;
    change(seal);
    const SignedRollSeal signed_seal =
        testing::SignRollSeal(registrar_, roll_.state->roll_id(), seal);
    ExpectS3(After(4).CheckSeal(signed_seal, roll_.root_before_seal),
             absl::StatusCode::kInvalidArgument, words);
  };
  expect("epoch 2", [](RollSeal& s) { s.epoch = 2; });
  expect("it says 3 members, the log has 4", [](RollSeal& s) { s.members = 3; });
  expect("it says root", [](RollSeal& s) { s.root[0] ^= 1; });
  ExpectS3(After(3).CheckSeal(roll_.seal, roll_.root_before_seal),
           absl::StatusCode::kInvalidArgument, "it says 4 members, the log has 3");
}

TEST_F(RollStateTest, RefusesSealsOfOthersAndOfOtherRolls) {
  const testing::Signer other = testing::MakeSigner("registrar", rng_);
  const crypto::Hash32& id = roll_.state->roll_id();
  crypto::Hash32 other_id = id;
  other_id[0] ^= 1;
  SignedRollSeal spoilt = roll_.seal;
  spoilt.signature[0] ^= 1;
  for (const SignedRollSeal& seal :
       {testing::SignRollSeal(other, id, roll_.seal.seal),
        testing::SignRollSeal(registrar_, other_id, roll_.seal.seal), spoilt}) {
    ExpectS3(After(4).CheckSeal(seal, roll_.root_before_seal), absl::StatusCode::kPermissionDenied,
             "the signature of the registrar 'registrar' does not verify");
  }
}

TEST_F(RollStateTest, AnEnrolmentHoldsForItsRollNonceAndCredentialOnly) {
  const crypto::Hash32& id = roll_.state->roll_id();
  const auto expect_s4 = [&](const crypto::Hash32& roll_id, const RollMember& member) {
    const auto violations = VerifyEnrolment(roll_id, member);
    ASSERT_THAT(testing::Numbers(violations), ElementsAre("S4"));
    EXPECT_EQ(violations[0].status.code(), absl::StatusCode::kPermissionDenied);
  };
  crypto::Hash32 other_id = id;
  other_id[31] ^= 1;
  expect_s4(other_id, roll_.members[0]);

  RollMember changed = roll_.members[0];
  changed.nonce[0] ^= 1;
  expect_s4(id, changed);
  changed = roll_.members[0];
  changed.credential = roll_.members[1].credential;
  expect_s4(id, changed);
  changed = roll_.members[0];
  changed.commitment = roll_.members[1].commitment;
  expect_s4(id, changed);
  changed = roll_.members[0];
  changed.responses[0] ^= 1;
  expect_s4(id, changed);
  changed = roll_.members[0];
  changed.responses[32] ^= 1;
  expect_s4(id, changed);
}

TEST_F(RollStateTest, WhatDoesNotDecodeIsL3) {
  const auto expect_l3 = [&](const std::function<void(RollMember&)>& change) {
    RollMember member = roll_.members[0];
    change(member);
    const auto violations = VerifyEnrolment(roll_.state->roll_id(), member);
    ASSERT_THAT(testing::Numbers(violations), ElementsAre("L3"));
    EXPECT_EQ(violations[0].status.code(), absl::StatusCode::kInvalidArgument);
  };
  expect_l3([](RollMember& m) { m.credential = {}; });  // the identity
  expect_l3([](RollMember& m) { m.credential.fill(0xff); });
  expect_l3([](RollMember& m) { m.commitment.fill(0xff); });
  expect_l3([](RollMember& m) { std::fill_n(m.responses.begin(), 32, 0xff); });
  expect_l3([](RollMember& m) { std::fill_n(m.responses.begin() + 32, 32, 0xff); });
}

TEST_F(RollStateTest, HashesAndMessagesAreThoseOfTheProtocol) {
  const Bytes body = {1, 2, 3};
  const crypto::Hash32 id = RollId(body);
  EXPECT_EQ(id, crypto::Transcript("roll").Field("body", body).Hash32());
  EXPECT_EQ(RollHeaderSignatureMessage(id),
            crypto::Transcript("roll header signature").Field("roll", id).Hash());
  EXPECT_EQ(RollSealSignatureMessage(id, body),
            crypto::Transcript("roll seal signature").Field("roll", id).Field("body", body).Hash());
}

// Many members without the cost of proofs: the rules look at bytes only.
TEST_F(RollStateTest, HoldsManyMembers) {
  RollState state(roll_.header);
  const auto member_at = [](uint32_t i) {
    RollMember member;
    for (int k = 0; k < 4; ++k) member.credential[k] = static_cast<uint8_t>(i >> (24 - 8 * k));
    member.district = 1;
    member.category = 1;
    return member;
  };
  for (uint32_t i = 0; i < 200'000; ++i) {
    const RollMember member = member_at(2 * i);
    ASSERT_TRUE(state.CheckMember(member).empty()) << i;
    state.ApplyMember(member);
  }
  EXPECT_EQ(state.members(), 200'000u);
  EXPECT_NE(state.Find(member_at(123'456).credential), nullptr);
  EXPECT_EQ(state.Find(member_at(123'457).credential), nullptr);
}

}  // namespace
}  // namespace urna::roll
