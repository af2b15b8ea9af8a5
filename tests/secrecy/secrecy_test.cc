// The distinguishing game. The onlooker has every public byte of ballots, half of which say one
// thing and half another, and all the statistics of statistics.h. It must not win; and against
// ballots that leak on purpose it must, or its losing says nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/parallel.h"
#include "core/election/sealed_ballot.h"
#include "core/record/entry.h"
#include "tests/secrecy/statistics.h"

namespace urna::election {
namespace {

using testing::Distinguisher;
using testing::Distinguishers;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::PublicBallot;

constexpr double kSigmas = 6;
constexpr size_t kSmall = 1000;  // ballots of a class where a leak is planted

LocalizedTexts Name(const std::string& text) { return {{"en", text}}; }

Contest PlainContest(size_t options, uint32_t sum_max) {
  Contest out;
  out.number = 1;
  out.title = Name("Contest");
  out.rule = Rule::kKOfN;
  out.sum_max = sum_max;
  for (size_t i = 0; i < options; ++i) out.options.push_back({std::to_string(i), Name("Option")});
  return out;
}

// Costs 3, 2 and 5, at most 9 of 10: four slack bits.
Contest BudgetContest() {
  Contest out = PlainContest(3, 3);
  out.options[0].cost = 3;
  out.options[1].cost = 2;
  out.options[2].cost = 5;
  out.limits = {{Name("Money"), Limit::Measure::kCost, 0, 9, {0, 1, 2}}};
  return out;
}

std::string Describe(const std::vector<Distinguisher>& found) {
  std::string out;
  for (const Distinguisher& d : found) {
    out += d.statistic + " (" + std::to_string(d.sigmas) + " sigmas)\n";
  }
  return out;
}

class SecrecyTest : public ::testing::Test {
 protected:
  explicit SecrecyTest(Contest contest = PlainContest(2, 1)) {
    manifest_.contests = {std::move(contest)};
    manifest_.styles = {{1, {1}}};
    crypto::SeededRng rng(1);
    voting_.poll_context = rng.Array<32>();
    voting_.election_key = crypto::MulBase(crypto::SecretScalar::Random(rng));
  }

  // Ballots that all say the same, each of a voter of its own, as they lie in the log.
  std::vector<Ballot> Cast(const std::vector<uint32_t>& selections, size_t count, uint64_t seed) {
    std::vector<Ballot> out(count);
    ParallelFor(count, 0, [&](size_t i) {
      crypto::SeededRng rng(seed * 1'000'003 + i);
      const crypto::Credential credential = crypto::Credential::Generate(rng);
      out[i] = MakeBallot(manifest_, voting_, 1, {selections}, 1, credential, rng).value();
    });
    return out;
  }

  // A ballot of one contest: the credential, points and scalars of the contest, C, z_s and z_t.
  static PublicBallot Public(const Ballot& ballot) {
    PublicBallot out;
    out.entry = record::EncodeEntry(ballot).value();
    const auto take = [&out](ByteSpan bytes) {
      for (size_t at = 0; at + 32 <= bytes.size(); at += 32) {
        out.fields.push_back(ToBytes(bytes.subspan(at, 32)));
      }
    };
    take(ballot.credential);
    for (const ContestBallot& contest : ballot.contests) {
      take(contest.ciphertexts);
      take(contest.commitments);
      take(contest.challenges);
      take(contest.responses);
    }
    take(ballot.commitment);
    take(ballot.responses);
    return out;
  }
  static std::vector<PublicBallot> Public(const std::vector<Ballot>& ballots) {
    std::vector<PublicBallot> out;
    for (const Ballot& ballot : ballots) out.push_back(Public(ballot));
    return out;
  }

  Manifest manifest_;
  VotingContext voting_;
};

class BudgetSecrecyTest : public SecrecyTest {
 protected:
  BudgetSecrecyTest() : SecrecyTest(BudgetContest()) {}
};

TEST_F(SecrecyTest, NothingTellsTenThousandBallotsApart) {
  const auto a = Public(Cast({1, 0}, 5000, 1));
  const auto b = Public(Cast({0, 1}, 5000, 2));
  EXPECT_GT(testing::StatisticsOf(a[0]), 7000u);
  const auto found = Distinguishers(a, b, kSigmas);
  EXPECT_THAT(found, IsEmpty()) << Describe(found);
}

TEST_F(SecrecyTest, NothingTellsAnEmptyBallotFromAFullOne) {
  const auto found =
      Distinguishers(Public(Cast({0, 0}, kSmall, 3)), Public(Cast({1, 0}, kSmall, 4)), kSigmas);
  EXPECT_THAT(found, IsEmpty()) << Describe(found);
}

TEST_F(BudgetSecrecyTest, NothingTellsWhatABudgetBallotSpends) {
  const auto a = Public(Cast({1, 0, 1}, kSmall, 5));  // 8 of 9, slack 1
  const auto b = Public(Cast({0, 0, 0}, kSmall, 6));  // 0 of 9, slack 9
  const auto found = Distinguishers(a, b, kSigmas);
  EXPECT_THAT(found, IsEmpty()) << Describe(found);
}

// --- Ballots that leak. Both classes say different things; the onlooker must notice.

TEST_F(SecrecyTest, TheOnlookerSeesASingleBiasedBit) {
  const std::vector<Ballot> a = Cast({1, 0}, kSmall, 7);
  std::vector<PublicBallot> leaking = Public(Cast({0, 1}, kSmall, 8));
  for (size_t i = 0; i < leaking.size(); ++i) {
    // In a quarter of the ballots the low bit of one response is set.
    if (i % 4 == 0) leaking[i].entry[leaking[i].entry.size() - 64] |= 1;
    if (i % 2 == 0) leaking[i].entry[leaking[i].entry.size() - 64] |= 1;
  }
  EXPECT_THAT(Distinguishers(Public(a), leaking, kSigmas), Not(IsEmpty()));
}

TEST_F(SecrecyTest, TheOnlookerSeesProofsThatPutTheRealBranchFirst) {
  const auto sorted = [&](std::vector<Ballot> ballots, bool larger_first) {
    for (Ballot& ballot : ballots) {
      // The two responses of the first cell, in the order of their bytes.
      Bytes& z = ballot.contests[0].responses;
      const bool larger =
          std::lexicographical_compare(z.begin() + 32, z.begin() + 64, z.begin(), z.begin() + 32);
      if (larger != larger_first) std::swap_ranges(z.begin(), z.begin() + 32, z.begin() + 32);
    }
    return Public(ballots);
  };
  const auto found = Distinguishers(sorted(Cast({1, 0}, kSmall, 9), true),
                                    sorted(Cast({0, 1}, kSmall, 10), false), kSigmas);
  EXPECT_THAT(Describe(found), ::testing::HasSubstr("order of fields"));
}

TEST_F(SecrecyTest, TheOnlookerSeesRandomnessThatIsUsedTwice) {
  const auto a = Public(Cast({1, 0}, kSmall, 11));
  std::vector<Ballot> twice = Cast({0, 1}, kSmall, 12);
  for (Ballot& ballot : twice) {
    Bytes& bytes = ballot.contests[0].ciphertexts;
    std::copy_n(bytes.begin(), 32, bytes.begin() + 64);
  }
  EXPECT_THAT(Describe(Distinguishers(a, Public(twice), kSigmas)),
              ::testing::HasSubstr("equality of fields"));
}

TEST_F(SecrecyTest, TheOnlookerSeesAnotherLength) {
  const auto a = Public(Cast({1, 0}, 10, 13));
  auto longer = Public(Cast({0, 1}, 10, 14));
  for (PublicBallot& ballot : longer) ballot.entry.push_back(0);
  EXPECT_THAT(Describe(Distinguishers(a, longer, kSigmas)), ::testing::HasSubstr("length"));
}

}  // namespace
}  // namespace urna::election
