// Many enrolments at once: the verdicts of one after the other, in the same words.
#include "core/roll/enrolment_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "core/crypto/credential.h"
#include "tests/support/verdicts.h"

namespace urna::roll {
namespace {

class EnrolmentBatchTest : public ::testing::Test {
 protected:
  std::vector<RollMember> Make(size_t count) {
    std::vector<RollMember> out(count);
    for (RollMember& member : out) {
      const auto credential = crypto::Credential::Generate(rng_);
      member.nonce = rng_.Array<32>();
      const auto proof = crypto::MakeEnrolmentProof(roll_id_, member.nonce, credential, rng_);
      member.credential = credential.public_key().bytes();
      member.commitment = proof.commitment.bytes();
      member.responses = proof.EncodeResponses();
    }
    return out;
  }
  // How many are not proved, having compared all of them.
  size_t CountBad(const std::vector<RollMember>& members) {
    std::vector<const RollMember*> pointers;
    for (const RollMember& member : members) pointers.push_back(&member);
    size_t bad = 0;
    for (unsigned threads : {1, 3}) {
      const auto verdicts = VerifyEnrolments(roll_id_, pointers, threads, rng_);
      EXPECT_EQ(verdicts.size(), members.size());
      bad = 0;
      for (size_t i = 0; i < members.size(); ++i) {
        EXPECT_EQ(testing::Words(verdicts[i]),
                  testing::Words(VerifyEnrolment(roll_id_, members[i])))
            << i;
        bad += verdicts[i].empty() ? 0 : 1;
      }
    }
    return bad;
  }

  crypto::SystemRng rng_;
  crypto::Hash32 roll_id_ = rng_.Array<32>();
};

TEST_F(EnrolmentBatchTest, NoneOneSomeAllBad) {
  for (size_t count : {0, 1, 20}) {
    std::vector<RollMember> members = Make(count);
    EXPECT_EQ(CountBad(members), 0u);
    for (RollMember& member : members) member.nonce[0] ^= 1;
    EXPECT_EQ(CountBad(members), count);
  }
  std::vector<RollMember> members = Make(20);
  members[6].responses[32] ^= 1;
  EXPECT_EQ(CountBad(members), 1u);
  std::swap(members[0].commitment, members[19].commitment);
  EXPECT_EQ(CountBad(members), 3u);
}

TEST_F(EnrolmentBatchTest, EveryWayToBeWrongIsSaidInTheSameWords) {
  const std::vector<std::function<void(RollMember&)>> changes = {
      [](RollMember& m) { m.credential = {}; },
      [](RollMember& m) { m.credential.fill(0xff); },
      [](RollMember& m) { m.commitment.fill(0xff); },
      [](RollMember& m) { m.commitment = {}; },
      [](RollMember& m) { std::fill_n(m.responses.begin(), 32, 0xff); },
      [](RollMember& m) { std::fill_n(m.responses.begin() + 32, 32, 0xff); },
      [](RollMember& m) { m.nonce[31] ^= 1; },
  };
  std::vector<RollMember> members = Make(2 * changes.size());
  for (size_t i = 0; i < changes.size(); ++i) changes[i](members[2 * i]);
  EXPECT_EQ(CountBad(members), changes.size());
}

TEST_F(EnrolmentBatchTest, ErrorsThatWouldCancelAreFound) {
  std::vector<RollMember> members = Make(2);
  testing::AddToScalar(members[0].responses, 0, crypto::Scalar::One());
  testing::AddToScalar(members[1].responses, 0, crypto::Scalar::One().Negate());
  EXPECT_EQ(CountBad(members), 2u);
}

}  // namespace
}  // namespace urna::roll
