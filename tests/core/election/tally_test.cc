// Counting without opening a ballot, docs/protocol.md §9.
#include "core/election/tally.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/election_fixture.h"

namespace urna::election {
namespace {

using testing::ElectionFixture;
using testing::ElectionOptions;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class TallyTest : public ::testing::Test {
 protected:
  TallyTest() { election_.RunTo(Phase::kSummed); }

  const PartSums& sums() const { return *election_.state().summed()->sums; }
  const crypto::Hash32& context() const { return election_.state().voting()->poll_context; }
  const crypto::Hash32& sum_order() const { return election_.state().summed()->order_hash; }
  const crypto::RistrettoPoint& key(uint16_t trustee) const {
    return election_.state().ceremony().keys()->verification_keys.at(trustee - 1);
  }
  const std::vector<poll::Part>& parts() const { return election_.state().summed()->sum.parts; }
  absl::Status Verify(const DecryptionShare& share, uint16_t trustee, size_t part) const {
    return VerifyDecryptionShareVarTime(context(), sum_order(), parts()[part].contest, key(trustee),
                                        sums()[part], share);
  }

  ElectionFixture election_;
};

TEST_F(TallyTest, SumsDoNotDependOnTheOrderOfTheBallots) {
  std::vector<Ballot> ballots;
  for (uint64_t index : election_.state().Counted()) {
    ballots.push_back(std::get<Ballot>(election_.entries()[index]));
  }
  Sums forwards, backwards, half, other_half;
  for (size_t i = 0; i < ballots.size(); ++i) {
    ASSERT_TRUE(forwards.Add(ballots[i]).ok());
    ASSERT_TRUE(backwards.Add(ballots[ballots.size() - 1 - i]).ok());
    ASSERT_TRUE((i < 2 ? half : other_half).Add(ballots[i]).ok());
  }
  ASSERT_TRUE(half.Merge(other_half).ok());
  for (const Sums* sum : {&forwards, &backwards, &half}) {
    EXPECT_EQ(*SumsOfParts(*sum, parts()), sums());
  }
  EXPECT_EQ(forwards.Find(9), nullptr);
}

TEST_F(TallyTest, SumsRefuseWhatDoesNotFit) {
  const Ballot good = std::get<Ballot>(election_.entries()[election_.state().Counted()[0]]);
  Sums sums;
  ASSERT_TRUE(sums.Add(good).ok());
  Ballot cut = good;
  cut.contests[0].ciphertexts.resize(64);
  EXPECT_FALSE(sums.Add(cut).ok());
  cut.contests[0].ciphertexts.resize(63);
  EXPECT_FALSE(Sums().Add(cut).ok());
  Ballot garbage = good;
  garbage.contests[0].ciphertexts.assign(128, 0xff);
  EXPECT_THAT(std::string(sums.Add(garbage).message()), HasSubstr("contest 1, option 1"));

  Ballot twice = good;
  twice.contests.push_back(twice.contests[0]);
  EXPECT_THAT(std::string(sums.Add(twice).message()), HasSubstr("contest 1 stands twice"));

  Sums other;
  cut.contests[0].ciphertexts = good.contests[0].ciphertexts;
  cut.contests[0].ciphertexts.resize(64);
  ASSERT_TRUE(other.Add(cut).ok());
  EXPECT_FALSE(sums.Merge(other).ok());
  // Nothing of what was refused has been added.
  Sums fresh;
  ASSERT_TRUE(fresh.Add(good).ok());
  EXPECT_EQ(*sums.Find(1), *fresh.Find(1));
  EXPECT_EQ(SumsOfParts(Sums(), parts()).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(TallyTest, PartsHaveAllTheirDistrictsAndEnoughBallots) {
  Manifest manifest = election_.manifest();
  EXPECT_THAT(PartsOf(manifest, {}), IsEmpty());
  EXPECT_THAT(PartsOf(manifest, {{2, 4}}), ElementsAre(poll::Part{1, {1, 2}, 4}));
  EXPECT_THAT(PartsOf(manifest, {{1, 3}, {2, 4}}),
              ElementsAre(poll::Part{1, {1, 2}, 7}, poll::Part{2, {1}, 3}, poll::Part{3, {1}, 3}));
  manifest.minimum_ballots = 4;
  EXPECT_THAT(PartsOf(manifest, {{1, 3}, {2, 4}}), ElementsAre(poll::Part{1, {1, 2}, 7}));
  manifest.minimum_ballots = 8;
  EXPECT_THAT(PartsOf(manifest, {{1, 3}, {2, 4}}), IsEmpty());
}

TEST_F(TallyTest, AnyEnoughTrusteesDecryptTheSame) {
  for (const auto& [a, b] : std::vector<std::pair<uint16_t, uint16_t>>{{1, 2}, {1, 3}, {2, 3}}) {
    std::vector<std::vector<crypto::RistrettoPoint>> decrypted;
    for (uint16_t part = 0; part < parts().size(); ++part) {
      decrypted.push_back(*DecryptPart(
          sums()[part],
          {{a, election_.DecryptionShare(a, part)}, {b, election_.DecryptionShare(b, part)}}, 2));
    }
    EXPECT_EQ(*FindTotals(election_.manifest(), parts(), decrypted),
              ElectionFixture::UsualTotals());
  }
}

TEST_F(TallyTest, TooFewTrusteesDecryptNothing) {
  EXPECT_EQ(DecryptPart(sums()[0], {{1, election_.DecryptionShare(1, 0)}}, 2).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(TallyTest, TotalsAboveTheBoundAreNotFound) {
  const auto v = [](uint64_t value) {
    return crypto::MulBaseVarTime(crypto::Scalar::FromUint64(value));
  };
  const std::vector<poll::Part> two = {{1, {1, 2}, 3}, {3, {1}, 2}};
  EXPECT_EQ(FindTotals(election_.manifest(), two, {{v(0), v(3)}, {v(4), v(1)}})->at(1).totals,
            std::vector<uint64_t>({4, 1}));
  const auto above = FindTotals(election_.manifest(), two, {{v(0), v(4)}, {v(0), v(0)}});
  EXPECT_THAT(std::string(above.status().message()), HasSubstr("part 0, option 2"));
  EXPECT_FALSE(FindTotals(election_.manifest(), two, {{v(0), v(1000)}, {v(0), v(0)}}).ok());
  EXPECT_FALSE(FindTotals(election_.manifest(), two, {{v(0)}}).ok());
  EXPECT_FALSE(FindTotals(election_.manifest(), {{7, {1}, 2}}, {{v(0)}}).ok());
  EXPECT_THAT(*FindTotals(election_.manifest(), {}, {}), IsEmpty());
}

TEST_F(TallyTest, SharesAreBoundToTrusteePartContestSumAndPoll) {
  const DecryptionShare share = election_.DecryptionShare(2, 1);
  EXPECT_EQ(Verify(share, 2, 1), absl::OkStatus());
  EXPECT_FALSE(Verify(share, 1, 1).ok());
  DecryptionShare other_trustee = share;
  other_trustee.trustee = 1;
  EXPECT_FALSE(Verify(other_trustee, 2, 1).ok());
  DecryptionShare other_part = share;
  other_part.part = 2;
  EXPECT_FALSE(Verify(other_part, 2, 1).ok());
  EXPECT_FALSE(
      VerifyDecryptionShareVarTime(context(), sum_order(), 1, key(2), sums()[1], share).ok());
  crypto::Hash32 other = sum_order();
  other[0] ^= 1;
  EXPECT_FALSE(VerifyDecryptionShareVarTime(context(), other, 2, key(2), sums()[1], share).ok());
  other = context();
  other[0] ^= 1;
  EXPECT_FALSE(VerifyDecryptionShareVarTime(other, sum_order(), 2, key(2), sums()[1], share).ok());
  DecryptionShare moved = share;
  moved.context = other;
  EXPECT_THAT(std::string(Verify(moved, 2, 1).message()), HasSubstr("another poll context"));
}

TEST_F(TallyTest, EveryShareIsProved) {
  const DecryptionShare share = election_.DecryptionShare(1, 1);
  for (size_t option = 0; option < 3; ++option) {
    DecryptionShare wrong = share;
    wrong.proofs[option * 96 + 64] ^= 1;  // its response alone
    EXPECT_THAT(std::string(Verify(wrong, 1, 1).message()),
                HasSubstr("option " + std::to_string(option + 1) + ": the share is not proved"));
  }
  DecryptionShare swapped = share;
  std::swap_ranges(swapped.shares.begin(), swapped.shares.begin() + 32,
                   swapped.shares.begin() + 32);
  EXPECT_FALSE(Verify(swapped, 1, 1).ok());
  DecryptionShare cut = share;
  cut.shares.resize(64);
  EXPECT_FALSE(Verify(cut, 1, 1).ok());
  cut = share;
  cut.proofs.resize(96);
  EXPECT_FALSE(Verify(cut, 1, 1).ok());
}

TEST(TallyHashTest, DependOnEveryPart) {
  const crypto::Hash32 context{1};
  EXPECT_NE(CountedHash(context, {1, 2}), CountedHash(context, {1, 3}));
  EXPECT_NE(CountedHash(context, {1, 2}), CountedHash({}, {1, 2}));
  const std::vector<poll::Part> parts = {{1, {1}, 2}, {2, {1}, 2}};
  const crypto::Ciphertext zero;
  EXPECT_NE(SumsHash(context, parts, {{zero, zero}, {zero}}),
            SumsHash(context, parts, {{zero}, {zero, zero}}));
  EXPECT_NE(SumsHash(context, parts, {{zero}, {zero}}), SumsHash({}, parts, {{zero}, {zero}}));
}

}  // namespace
}  // namespace urna::election
