#include "bench/synthetic_record/ballots.h"

#include <gtest/gtest.h>

#include "bench/ballot_shapes.h"
#include "core/base/clock.h"
#include "core/crypto/elgamal.h"
#include "core/record/entry.h"

namespace urna::bench {
namespace {

constexpr uint64_t kBallots = 3;

// An election of one shape with three ballots, one of them a second one.
class BallotMakerTest : public ::testing::TestWithParam<Shape> {
 protected:
  BallotMakerTest() : rng_(7), context_{rng_, clock_}, order_(kBallots, 50) {
    AddContests(GetParam(), manifest_);
    voting_.poll_context = rng_.Array<32>();
    voting_.election_key = crypto::MulBase(crypto::SecretScalar::Random(rng_));
    const Voters voters(1, order_.voters(), context_);
    sums_ = ZeroSums(manifest_);
    const BallotMaker maker(manifest_, voting_, voters);
    for (const Bytes& entry : maker.Make(order_, 0, kBallots, sums_)) {
      ballots_.push_back(std::get<election::Ballot>(record::DecodeEntry(entry).value()));
    }
  }

  crypto::SeededRng rng_;
  FixedClock clock_{0};
  tally::Context context_;
  election::Manifest manifest_;
  election::VotingContext voting_;
  CastingOrder order_;
  KnownSums sums_;
  std::vector<election::Ballot> ballots_;
};

TEST_P(BallotMakerTest, BallotsVerifyAndChangedOnesDoNot) {
  ASSERT_EQ(ballots_.size(), kBallots);
  for (const election::Ballot& ballot : ballots_) {
    EXPECT_TRUE(election::VerifyBallotVarTime(manifest_, voting_, ballot).empty());
  }
  election::Ballot changed = ballots_.front();
  changed.contests.back().responses.front() ^= 1;
  EXPECT_FALSE(election::VerifyBallotVarTime(manifest_, voting_, changed).empty());
}

TEST_P(BallotMakerTest, KnownSumsAreThoseOfTheBallotsThatCount) {
  for (size_t contest = 0; contest < manifest_.contests.size(); ++contest) {
    uint64_t votes = 0;
    for (size_t cell = 0; cell < sums_[contest].size(); ++cell) {
      crypto::Ciphertext sum;
      for (uint64_t number = 0; number < kBallots; ++number) {
        if (!order_.At(number).counts) continue;
        const ByteSpan bytes = ballots_[number].contests[contest].ciphertexts;
        sum = sum + crypto::Ciphertext::Decode(bytes.subspan(64 * cell, 64)).value();
      }
      const CellSum& known = sums_[contest][cell];
      EXPECT_EQ(sum, crypto::EncryptVarTime(voting_.election_key, known.votes,
                                            crypto::Scalar::Decode(known.r.bytes()).value()));
      votes += known.votes;
    }
    EXPECT_EQ(votes, order_.voters());
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, BallotMakerTest, ::testing::ValuesIn(kShapes),
                         [](const auto& shape) {
                           std::string name = shape.param.name;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace urna::bench
