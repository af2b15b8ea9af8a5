// Counting without opening a ballot, docs/protocol.md §9.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/election/decoded_ballots.h"
#include "core/election/sums.h"
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

  Sums NoSums() const { return Sums(election_.manifest()); }

  ElectionFixture election_;
};

absl::Status AddOne(Sums& sums, const Ballot& ballot, const roll::DistrictWeight& member) {
  const Sums::Counted counted{&ballot, member};
  return sums.Add({&counted, 1});
}

TEST_F(TallyTest, SumsDoNotDependOnTheOrderOfTheBallots) {
  const auto counted = election_.state().CountedBallots();
  const auto ballot = [&](size_t i) {
    return std::get<Ballot>(election_.entries()[counted[i].index]);
  };
  Sums forwards = NoSums(), backwards = NoSums(), half = NoSums(), other_half = NoSums();
  for (size_t i = 0; i < counted.size(); ++i) {
    const size_t j = counted.size() - 1 - i;
    ASSERT_TRUE(AddOne(forwards, ballot(i), counted[i].member).ok());
    ASSERT_TRUE(AddOne(backwards, ballot(j), counted[j].member).ok());
    ASSERT_TRUE(AddOne(i < 2 ? half : other_half, ballot(i), counted[i].member).ok());
  }
  half.Merge(other_half);
  std::vector<Ballot> ballots;
  std::vector<Sums::Counted> together;
  for (size_t i = 0; i < counted.size(); ++i) ballots.push_back(ballot(i));
  for (size_t i = 0; i < counted.size(); ++i) together.push_back({&ballots[i], counted[i].member});
  Sums at_once = NoSums();
  ASSERT_TRUE(at_once.Add(std::vector<Sums::Counted>()).ok());
  ASSERT_TRUE(at_once.Add(together).ok());
  for (const Sums* sum : {&forwards, &backwards, &half, &at_once}) {
    EXPECT_EQ(sum->Total(parts()), sums());
  }
  // By hand, with the slow arithmetic.
  for (size_t part = 0; part < parts().size(); ++part) {
    std::vector<crypto::Ciphertext> slow(sums()[part].size());
    for (size_t i = 0; i < counted.size(); ++i) {
      for (const ContestBallot& contest : ballot(i).contests) {
        if (contest.contest != parts()[part].contest) continue;
        for (size_t cell = 0; cell < slow.size(); ++cell) {
          slow[cell] = slow[cell] + *crypto::Ciphertext::Decode(
                                        ByteSpan(contest.ciphertexts).subspan(64 * cell, 64));
        }
      }
    }
    EXPECT_EQ(slow, sums()[part]) << part;
  }
}

TEST_F(TallyTest, WeightsMultiplyAndPartsAreKeptApart) {
  const Ballot ballot = std::get<Ballot>(election_.entries()[election_.state().Counted()[0]]);
  const std::vector<poll::Part> two = {{1, {1, 3}, 2, 2}, {1, {2}, 1, 1}};
  Manifest manifest = election_.manifest();
  manifest.contests[0].by_district = true;
  Sums weighted(manifest), repeated(manifest), together = NoSums();
  for (const auto& [district, weight] : std::vector<std::pair<uint16_t, uint32_t>>{
           {1, 5}, {2, 6}, {3, 1}, {4, 9}}) {  // nothing is decrypted of district 4
    ASSERT_TRUE(AddOne(weighted, ballot, {district, weight}).ok());
    ASSERT_TRUE(AddOne(together, ballot, {district, weight}).ok());
    for (uint32_t i = 0; i < weight; ++i) ASSERT_TRUE(AddOne(repeated, ballot, {district, 1}).ok());
  }
  EXPECT_EQ(weighted.Total(two), repeated.Total(two));
  EXPECT_EQ(weighted.Total(two)[0], weighted.Total(two)[1]);  // 5 + 1 and 6
  // Of a contest that is not counted by district there is one sum, of all ballots: 21 of them.
  const std::vector<poll::Part> all = {{1, {1, 2, 3, 4}, 4, 21}};
  EXPECT_EQ(together.Total(all), weighted.Total(all));
  EXPECT_NE(together.Total(all)[0], weighted.Total(two)[0]);
  Sums most(manifest);
  ASSERT_TRUE(AddOne(most, ballot, {2, ~uint32_t{0}}).ok());
  const auto cell = *crypto::Ciphertext::Decode(ByteSpan(ballot.contests[0].ciphertexts).first(64));
  const auto scalar = crypto::Scalar::FromUint64(~uint32_t{0});
  EXPECT_EQ(most.Total(two)[1][0], (crypto::Ciphertext{crypto::MulVarTime(scalar, cell.alpha),
                                                       crypto::MulVarTime(scalar, cell.beta)}));
  EXPECT_EQ(most.Total(two)[0][0], crypto::Ciphertext());
}

TEST_F(TallyTest, SumsRefuseWhatDoesNotFit) {
  const auto counted = election_.state().CountedBallots()[0];
  const Ballot good = std::get<Ballot>(election_.entries()[counted.index]);
  Sums sums = NoSums();
  ASSERT_TRUE(AddOne(sums, good, counted.member).ok());
  Ballot cut = good;
  for (size_t bytes : {64, 127}) {  // contest 1 has two options
    cut.contests[0].ciphertexts.resize(bytes, 1);
    EXPECT_FALSE(AddOne(sums, cut, counted.member).ok()) << bytes;
  }
  Ballot garbage = good;
  std::fill_n(garbage.contests[0].ciphertexts.begin() + 96, 32, 0xff);
  EXPECT_THAT(std::string(AddOne(sums, garbage, counted.member).message()),
              HasSubstr("contest 1, cell 2"));
  Ballot identity = good;
  std::fill_n(identity.contests[0].ciphertexts.begin(), 32, 0);
  EXPECT_THAT(std::string(AddOne(sums, identity, counted.member).message()),
              HasSubstr("contest 1, cell 1"));
  Ballot twice = good;
  twice.contests.push_back(twice.contests[0]);
  EXPECT_THAT(std::string(AddOne(sums, twice, counted.member).message()),
              HasSubstr("contest 1 stands twice"));
  // One that does not fit among others that do.
  const Sums::Counted several[] = {
      {&good, counted.member}, {&garbage, counted.member}, {&good, counted.member}};
  EXPECT_THAT(std::string(sums.Add(several).message()), HasSubstr("contest 1, cell 2"));
  EXPECT_THAT(std::string(sums.Subtract(several).message()), HasSubstr("contest 1, cell 2"));
  Ballot stranger = good;
  stranger.contests[0].contest = 77;
  EXPECT_THAT(std::string(AddOne(sums, stranger, counted.member).message()),
              HasSubstr("contest 77 is none of the manifest's"));
  // Nothing of what was refused has been added.
  Sums fresh = NoSums();
  ASSERT_TRUE(AddOne(fresh, good, counted.member).ok());
  EXPECT_EQ(sums.Total(parts()), fresh.Total(parts()));
}

TEST_F(TallyTest, WhatWasAddedCanBeSubtracted) {
  const auto counted = election_.state().CountedBallots();
  const auto& first = std::get<Ballot>(election_.entries()[counted[0].index]);
  const auto& second = std::get<Ballot>(election_.entries()[counted[1].index]);
  Sums sums = NoSums(), expected = NoSums();
  ASSERT_TRUE(AddOne(sums, first, {1, 3}).ok());
  ASSERT_TRUE(AddOne(sums, second, {2, 1}).ok());
  ASSERT_TRUE(AddOne(expected, second, {2, 1}).ok());
  const Sums::Counted away{&first, {1, 3}};
  ASSERT_TRUE(sums.Subtract({&away, 1}).ok());
  EXPECT_EQ(sums.Total(parts()), expected.Total(parts()));
  const Sums::Counted rest{&second, {2, 1}};
  ASSERT_TRUE(sums.Subtract({&rest, 1}).ok());
  EXPECT_EQ(sums.Total(parts()), NoSums().Total(parts()));
}

TEST_F(TallyTest, DecodedBallotsAddUpAsEncodedOnes) {
  const auto counted = election_.state().CountedBallots();
  std::vector<const Ballot*> ballots;
  for (const auto& one : counted) {
    ballots.push_back(&std::get<Ballot>(election_.entries()[one.index]));
  }
  const DecodedBallots decoded(election_.manifest(), *election_.state().voting(), ballots);
  ASSERT_EQ(decoded.size(), ballots.size());
  std::vector<DecodedBallot> points;
  for (size_t i = 0; i < decoded.size(); ++i) points.push_back(decoded.Get(i));
  std::vector<Sums::Verified> verified;
  for (size_t i = 0; i < points.size(); ++i) verified.push_back({&points[i], counted[i].member});
  Sums all = NoSums();
  all.Add(verified);
  EXPECT_EQ(all.Total(parts()), sums());
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
  const std::vector<poll::Part> two = {{1, {1, 2}, 3, 3}, {3, {1}, 2, 2}};
  EXPECT_EQ(FindTotals(election_.manifest(), two, {{v(0), v(3)}, {v(4), v(1)}})->at(1).totals,
            std::vector<uint64_t>({4, 1}));
  const auto above = FindTotals(election_.manifest(), two, {{v(0), v(4)}, {v(0), v(0)}});
  EXPECT_THAT(std::string(above.status().message()), HasSubstr("part 0, cell 2"));
  EXPECT_FALSE(FindTotals(election_.manifest(), two, {{v(0), v(1000)}, {v(0), v(0)}}).ok());
  EXPECT_FALSE(FindTotals(election_.manifest(), two, {{v(0)}, {v(0), v(0)}}).ok());
  EXPECT_FALSE(FindTotals(election_.manifest(), two, {{v(0), v(0)}}).ok());
  EXPECT_FALSE(FindTotals(election_.manifest(), {{7, {1}, 2, 2}}, {{v(0)}}).ok());
  EXPECT_THAT(*FindTotals(election_.manifest(), {}, {}), IsEmpty());
}

TEST_F(TallyTest, TheBoundIsTheWeightNotTheBallots) {
  const auto v = [](uint64_t value) {
    return crypto::MulBaseVarTime(crypto::Scalar::FromUint64(value));
  };
  const auto find = [&](uint64_t weight, uint64_t total) {
    return FindTotals(election_.manifest(), {{1, {1}, 2, weight}}, {{v(0), v(total)}});
  };
  EXPECT_EQ(find(70, 70)->at(0).totals[1], 70u);
  EXPECT_FALSE(find(69, 70).ok());
  EXPECT_FALSE(find(100'000'001, 0).ok());
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
                HasSubstr("cell " + std::to_string(option + 1) + ": the share is not proved"));
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
  const std::vector<poll::Part> parts = {{1, {1}, 2, 2}, {2, {1}, 2, 2}};
  const crypto::Ciphertext zero;
  EXPECT_NE(SumsHash(context, parts, {{zero, zero}, {zero}}),
            SumsHash(context, parts, {{zero}, {zero, zero}}));
  EXPECT_NE(SumsHash(context, parts, {{zero}, {zero}}), SumsHash({}, parts, {{zero}, {zero}}));
}

}  // namespace
}  // namespace urna::election
