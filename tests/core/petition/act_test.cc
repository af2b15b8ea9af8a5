// The proof of a petition act.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "core/base/codec.h"
#include "core/crypto/transcript.h"
#include "core/petition/state.h"

namespace urna::petition {
namespace {

class ActTest : public ::testing::Test {
 protected:
  void Expect(Check check, absl::StatusCode code, const ActContext& context,
              const PetitionAct& act) const {
    const auto violations = VerifyActProof(context, act);
    ASSERT_EQ(violations.size(), 1u);
    EXPECT_EQ(violations[0].check, check) << violations[0].status;
    EXPECT_EQ(violations[0].status.code(), code) << violations[0].status;
  }
  void ExpectP4(const ActContext& context, const PetitionAct& act) const {
    Expect(Check::kP4, absl::StatusCode::kPermissionDenied, context, act);
  }

  crypto::SeededRng rng_{6};
  crypto::Credential credential_ = crypto::Credential::Generate(rng_);
  ActContext context_{rng_.Array<32>(), rng_.Array<32>()};
  PetitionAct act_ = MakeAct(context_, Act::kSign, 7, credential_, rng_);
};

TEST_F(ActTest, MadeOnesVerify) {
  EXPECT_EQ(act_.act, Act::kSign);
  EXPECT_EQ(act_.sequence, 7u);
  EXPECT_EQ(act_.credential, credential_.public_key().bytes());
  EXPECT_TRUE(VerifyActProof(context_, act_).empty());
  const PetitionAct withdrawal = MakeAct(context_, Act::kWithdraw, UINT64_MAX, credential_, rng_);
  EXPECT_TRUE(VerifyActProof(context_, withdrawal).empty());
}

TEST_F(ActTest, ProofsAreFresh) {
  const PetitionAct again = MakeAct(context_, Act::kSign, 7, credential_, rng_);
  EXPECT_NE(again.commitment, act_.commitment);
  EXPECT_NE(again.responses, act_.responses);
  EXPECT_TRUE(VerifyActProof(context_, again).empty());
}

TEST_F(ActTest, HoldForTheirPollOnly) {
  ActContext other = context_;
  other.poll_context[0] ^= 1;
  ExpectP4(other, act_);
}

TEST_F(ActTest, HoldForTheirTextOnly) {
  ActContext other = context_;
  other.text_hash[31] ^= 1;
  ExpectP4(other, act_);
}

TEST_F(ActTest, HoldForTheirActSequenceAndCredentialOnly) {
  PetitionAct other = act_;
  other.act = Act::kWithdraw;
  ExpectP4(context_, other);
  other = act_;
  other.sequence = 8;
  ExpectP4(context_, other);
  other = act_;
  other.credential = crypto::Credential::Generate(rng_).public_key().bytes();
  ExpectP4(context_, other);
}

TEST_F(ActTest, NoByteOfTheProofCanChange) {
  const PetitionAct another = MakeAct(context_, Act::kSign, 7, credential_, rng_);
  PetitionAct changed = act_;
  changed.commitment = another.commitment;
  ExpectP4(context_, changed);
  changed = act_;
  changed.responses = another.responses;
  ExpectP4(context_, changed);
  for (size_t i : {0u, 30u, 32u, 62u}) {
    changed = act_;
    changed.responses[i] ^= 1;
    ExpectP4(context_, changed);
  }
  changed = act_;
  std::swap_ranges(changed.responses.begin(), changed.responses.begin() + 32,
                   changed.responses.begin() + 32);
  ExpectP4(context_, changed);
}

TEST_F(ActTest, WhatDoesNotDecodeIsL3) {
  const auto expect_l3 = [&](const std::function<void(PetitionAct&)>& change) {
    PetitionAct changed = act_;
    change(changed);
    Expect(Check::kL3, absl::StatusCode::kInvalidArgument, context_, changed);
  };
  expect_l3([](PetitionAct& a) { a.credential = {}; });  // the identity
  expect_l3([](PetitionAct& a) { a.credential.fill(0xff); });
  expect_l3([](PetitionAct& a) { a.commitment.fill(0xff); });
  expect_l3([](PetitionAct& a) { std::fill_n(a.responses.begin(), 32, 0xff); });
  expect_l3([](PetitionAct& a) { std::fill_n(a.responses.begin() + 32, 32, 0xff); });
}

TEST_F(ActTest, TranscriptIsThatOfTheProtocol) {
  Writer sequence;
  sequence.U64(7);
  EXPECT_EQ(ActTranscript(context_.poll_context, context_.text_hash, act_),
            crypto::Transcript("petition act")
                .Field("context", context_.poll_context)
                .Field("text", context_.text_hash)
                .Field("act", Bytes{1})
                .Field("sequence", sequence.bytes())
                .Field("credential", act_.credential)
                .Field("commitment", act_.commitment)
                .Hash());
}

// What the protocol says in §8 and §3.4, computed here once more by hand.
TEST_F(ActTest, TheEquationIsThatOfTheProtocol) {
  const crypto::Hash64 h = ActTranscript(context_.poll_context, context_.text_hash, act_);
  const crypto::Scalar c = crypto::Challenge(h, 65535, 65535, crypto::ChallengeKind::kCredential);
  const auto proof = crypto::CredentialProof::Decode(act_.commitment, act_.responses);
  ASSERT_TRUE(proof.ok());
  EXPECT_TRUE(crypto::VerifyCredentialProofVarTime(credential_.public_key(), *proof, c).ok());
}

}  // namespace
}  // namespace urna::petition
