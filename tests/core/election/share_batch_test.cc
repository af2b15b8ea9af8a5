// Many decryption shares at once: the verdicts of one after the other, in the same words.
#include "core/election/share_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/support/election_fixture.h"
#include "tests/support/verdicts.h"

namespace urna::election {
namespace {

using ::testing::ElementsAre;

class ShareBatchTest : public ::testing::Test {
 protected:
  static constexpr uint16_t kTrustees = 3;

  ShareBatchTest() {
    election_.RunTo(Phase::kSummed);
    election_.LogCountAcknowledgements();
  }

  // Of all trustees for all parts: contests of 2, 3 and 2 options.
  std::vector<DecryptionShare> Make() {
    std::vector<DecryptionShare> out;
    const size_t parts = election_.state().summed()->sum.parts.size();
    for (uint16_t part = 0; part < parts; ++part) {
      for (uint16_t trustee = 1; trustee <= kTrustees; ++trustee) {
        out.push_back(election_.DecryptionShare(trustee, part));
      }
    }
    return out;
  }
  // Which are not proved, having compared what the state says of each.
  std::vector<size_t> Find(const std::vector<DecryptionShare>& shares) {
    std::vector<const DecryptionShare*> pointers;
    for (const DecryptionShare& share : shares) pointers.push_back(&share);
    crypto::SystemRng rng;
    const std::vector<bool> proved = election_.state().FindProvedShares(pointers, rng);
    EXPECT_EQ(proved.size(), shares.size());
    std::vector<size_t> unproved;
    for (size_t i = 0; i < shares.size(); ++i) {
      const SignedTrusteeMessage message = election_.Sign(shares[i]);
      const auto one_by_one = testing::Words(election_.state().CheckTrusteeMessage(message));
      EXPECT_EQ(testing::Words(election_.state().CheckTrusteeMessage(message, proved[i])),
                one_by_one)
          << i;
      EXPECT_EQ(proved[i], one_by_one.empty()) << i;
      if (!proved[i]) unproved.push_back(i);
    }
    return unproved;
  }

  testing::ElectionFixture election_;
};

TEST_F(ShareBatchTest, NoneOneSomeAllBad) {
  EXPECT_THAT(Find({}), ElementsAre());
  const std::vector<DecryptionShare> good = Make();
  ASSERT_GE(good.size(), 6u);
  EXPECT_THAT(Find(good), ElementsAre());
  EXPECT_THAT(Find({good[0]}), ElementsAre());
  std::vector<DecryptionShare> shares = good;
  shares[5].proofs[64] ^= 1;
  EXPECT_THAT(Find(shares), ElementsAre(5));
  std::swap(shares[0].shares, shares[1].shares);
  EXPECT_THAT(Find(shares), ElementsAre(0, 1, 5));
  for (DecryptionShare& share : shares) share.proofs[96 + 64] ^= 1;
  EXPECT_EQ(Find(shares).size(), shares.size());
}

TEST_F(ShareBatchTest, EveryWayToBeWrongIsSaidInTheSameWords) {
  const std::vector<std::function<void(DecryptionShare&)>> changes = {
      [](DecryptionShare& s) { s.context[0] ^= 1; },
      [](DecryptionShare& s) { s.shares.resize(32); },
      [](DecryptionShare& s) { s.proofs.resize(96); },
      [](DecryptionShare& s) { std::fill_n(s.shares.begin() + 32, 32, uint8_t{0xff}); },
      [](DecryptionShare& s) { std::fill_n(s.shares.begin() + 32, 32, uint8_t{0}); },
      [](DecryptionShare& s) { std::fill_n(s.proofs.begin(), 32, uint8_t{0xff}); },
      [](DecryptionShare& s) { std::fill_n(s.proofs.begin() + 128, 32, uint8_t{0xff}); },
      [](DecryptionShare& s) { std::fill_n(s.proofs.begin() + 160, 32, uint8_t{0xff}); },
      [](DecryptionShare& s) { s.part = 99; },
      [](DecryptionShare& s) { s.part = s.part == 0 ? 1 : 0; },
      [](DecryptionShare& s) { s.trustee = 1 + s.trustee % kTrustees; },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    std::vector<DecryptionShare> shares = Make();
    changes[i](shares[4]);
    EXPECT_THAT(Find(shares), ElementsAre(4)) << "change " << i;
  }
}

// Two trustees' responses to the same ciphertext, off by 1 and −1; with equal weights both
// equations would hold in sum (crypto's ProofBatchTest shows that).
TEST_F(ShareBatchTest, ErrorsThatWouldCancelAreFound) {
  std::vector<DecryptionShare> shares = Make();
  for (size_t i : {0, 1}) {
    auto response = ToArray<32>(ByteSpan(shares[i].proofs).subspan(64, 32)).value();
    const auto one = crypto::Scalar::One();
    testing::AddToScalar(response, 0, i == 0 ? one : one.Negate());
    std::copy(response.begin(), response.end(), shares[i].proofs.begin() + 64);
  }
  EXPECT_THAT(Find(shares), ElementsAre(0, 1));
}

}  // namespace
}  // namespace urna::election
