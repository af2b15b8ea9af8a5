// Weights, districts and outcomes of whole elections; and what weights would give away.
#include "tests/core/election/state_kit.h"

namespace urna::election {
namespace {

void CountAll(ElectionFixture& election) {
  election.Close();
  election.LogSum();
  election.LogCountAcknowledgements();
  election.LogDecryptionShares(1);
  election.LogDecryptionShares(2);
}

// Voters 0, 2, 4 in district 1, the others in 2.
ElectionOptions WithWeights(std::vector<uint32_t> weights, uint32_t minimum) {
  ElectionOptions options;
  options.roll.members = weights.size();
  options.roll.weights = std::move(weights);
  options.manifest = [minimum](Manifest& manifest) { manifest.minimum_ballots = minimum; };
  return options;
}

// The votes that whoever reads the total can tell, if weights are 1, 2, 4, …: its bits.
std::vector<bool> VotesIn(uint64_t total, size_t voters) {
  std::vector<bool> out;
  for (size_t i = 0; i < voters; ++i) out.push_back((total >> i & 1) != 0);
  return out;
}

TEST(WeightClassesTest, PowersOfTwoWouldGiveEveryVoteAway) {
  const std::vector<bool> votes = {true, false, false, true, true};
  // A minimum of one ballot asks for no secrecy, and there is none: one published total says how
  // each of the five has voted.
  ElectionFixture election(WithWeights({1, 2, 4, 8, 16}, 1));
  election.RunCeremony();
  election.Open();
  for (size_t voter = 0; voter < votes.size(); ++voter) {
    Selections selections = {{votes[voter] ? 1u : 0u, votes[voter] ? 0u : 1u}};
    if (election.StyleOf(voter) == 1) selections.insert(selections.end(), {{1, 0, 0}, {0, 0}});
    election.Cast(voter, selections);
  }
  CountAll(election);
  election.LogResult();
  EXPECT_THAT(Numbers(election.violations()), IsEmpty());
  EXPECT_EQ(VotesIn(election.state().published()->results[0].totals[0], votes.size()), votes);

  // Any minimum above one refuses such a roll before anybody votes.
  for (uint32_t minimum : {2, 3}) {
    ElectionFixture refused(WithWeights({1, 2, 4, 8, 16}, minimum));
    refused.RunCeremony();
    const auto found = refused.Check(refused.Order(refused.Opening()));
    EXPECT_THAT(Numbers(found), ElementsAre("S16", "S16", "S16"));  // one for each contest
    EXPECT_THAT(std::string(StatusOf(found, Check::kS16).message()),
                HasSubstr("1 members of the roll have the weight 1, fewer than"));
  }
}

TEST(WeightClassesTest, EnoughOfEveryWeightAreTaken) {
  // Weight 1 and weight 5 both twice in district 1 and once in district 2.
  ElectionFixture election(WithWeights({1, 1, 5, 5, 1, 7, 5, 7}, 2));
  election.RunCeremony();
  EXPECT_THAT(Numbers(election.Check(election.Order(election.Opening()))), IsEmpty());
}

TEST(OpeningBoundTest, IsThatOfWeightsAndPoints) {
  for (uint32_t more : {0, 1}) {
    ElectionFixture election(WithWeights({25'000'000, 25'000'000 + more}, 1));  // up to 2 points
    election.RunCeremony();
    const auto found = election.Check(election.Order(election.Opening()));
    if (more == 0) {
      EXPECT_THAT(Numbers(found), IsEmpty());
    } else {
      EXPECT_THAT(Numbers(found), ElementsAre("S14"));
      EXPECT_EQ(StatusOf(found, Check::kS14).message(),
                "opening: the weights of all members, with up to 2 for an option, add up to more "
                "than 100000000, more than can be decrypted");
    }
  }
}

class WeightedCountTest : public ::testing::Test {
 protected:
  static ElectionOptions Options() {
    ElectionOptions options;
    // District 1: voters 0, 2, 4, 6 with 3, 10, 3, 10; district 2: 1, 3, 5, 7 with 10, 3, 10, 3.
    options.roll = {"board.example/roll", 8, {1, 2}, {3, 10, 10, 3}};
    options.manifest = [](Manifest& manifest) {
      manifest.minimum_ballots = 2;
      manifest.contests[0].by_district = true;
      manifest.contests[0].blank = true;
      manifest.contests[0].sum_min = 1;
      manifest.contests[0].result =
          YesNo{5000, YesNo::Base::kYesAndNo, 1, 2, YesNo::Comparison::kMoreThan};
      manifest.contests[1].result = MostVotes{2, MostVotes::Tie::kLeftOpen};
    };
    return options;
  }
  WeightedCountTest() : election_(Options()) {
    election_.RunCeremony();
    election_.Open();
  }
  std::vector<std::string> Wrong(const poll::ElectionResult& result) {
    return Numbers(election_.Check(election_.Order(result)));
  }

  ElectionFixture election_;
};

TEST_F(WeightedCountTest, AddsWeightsByDistrict) {
  election_.Cast(0, {{1, 0, 0}, {1, 1, 0}, {2, 0}});               // weight 3
  election_.Cast(2, {{0, 1, 0}, {0, 1, 1}, {1, 1}});               // weight 10
  election_.Cast(4, {{1, 0, 0}, {1, 0, 0}, {0, 0}});               // weight 3
  election_.Cast(6, {{0, 0, 1}, {0, 1, 1}, {0, 2}});               // weight 10
  for (size_t voter : {1, 5}) election_.Cast(voter, {{1, 0, 0}});  // weight 10
  for (size_t voter : {3, 7}) election_.Cast(voter, {{0, 1, 0}});  // weight 3
  CountAll(election_);
  ASSERT_THAT(Numbers(election_.violations()), IsEmpty());
  EXPECT_THAT(election_.state().summed()->sum.parts,
              ElementsAre(poll::Part{1, {1}, 4, 26}, poll::Part{1, {2}, 4, 26},
                          poll::Part{2, {1}, 4, 26}, poll::Part{3, {1}, 4, 26}));
  const poll::ElectionResult good = election_.Result();
  EXPECT_THAT(good.results,
              ElementsAre(poll::PartTotals{0, {6, 10, 10}}, poll::PartTotals{1, {20, 6, 0}},
                          poll::PartTotals{2, {6, 23, 20}}, poll::PartTotals{3, {16, 30}}));
  // 26 against 16; 23 and 20 before 6.
  EXPECT_THAT(good.outcomes,
              ElementsAre(poll::Outcome{1, {0}, {}, {}}, poll::Outcome{2, {1, 2}, {}, {}}));
  EXPECT_THAT(Wrong(good), IsEmpty());

  // C9: the outcomes are those of the totals.
  const auto wrong = [&](auto&& spoil) {
    poll::ElectionResult result = good;
    spoil(result);
    return Wrong(result);
  };
  EXPECT_THAT(wrong([](auto& r) { r.outcomes[0].winners = {1}; }), ElementsAre("C9"));
  EXPECT_THAT(wrong([](auto& r) { std::swap(r.outcomes[1].winners[0], r.outcomes[1].winners[1]); }),
              ElementsAre("C9"));
  EXPECT_THAT(wrong([](auto& r) { r.outcomes[1].tied = {0}; }), ElementsAre("C9"));
  EXPECT_THAT(wrong([](auto& r) { r.outcomes.pop_back(); }), ElementsAre("C9"));
  EXPECT_THAT(wrong([](auto& r) { r.outcomes.push_back({3, {}, {}, {}}); }), ElementsAre("C9"));
  EXPECT_THAT(wrong([](auto& r) { std::swap(r.outcomes[0], r.outcomes[1]); }), ElementsAre("C9"));
  // Other totals have other outcomes; both must be told.
  EXPECT_THAT(wrong([](auto& r) {
                r.results[1].totals = {6, 20, 0};
              }),
              ElementsAre("C9", "C7", "C7"));

  // C8: what a part of weight 26 can give.
  EXPECT_THAT(wrong([](auto& r) { r.results[0].totals = {27, 0, 0}; }), ElementsAre("C8"));
  EXPECT_THAT(wrong([](auto& r) { r.results[0].totals = {6, 10, 9}; }), ElementsAre("C8"));
  EXPECT_THAT(wrong([](auto& r) { r.results[0].totals = {6, 10, 11}; }), ElementsAre("C8"));
  EXPECT_THAT(wrong([](auto& r) { r.results[2].totals = {0, 23, 2}; }), ElementsAre("C8"));
  EXPECT_THAT(wrong([](auto& r) { r.results[3].totals = {53, 0}; }), ElementsAre("C8"));
  EXPECT_THAT(wrong([](auto& r) { r.results[0].totals = {6, 20}; }), ElementsAre("C8"));

  EXPECT_THAT(election_.Append(election_.Order(good)), IsEmpty());
}

TEST_F(WeightedCountTest, SmallDistrictsAreUnited) {
  for (size_t voter : {0, 4}) election_.Cast(voter, {{1, 0, 0}, {1, 1, 0}, {0, 0}});
  for (size_t voter : {1, 3, 7}) election_.Cast(voter, {{0, 1, 0}});  // one of weight 10
  election_.Cast(5, {{0, 1, 0}});
  election_.Revoke({5});
  // District 2 has one ballot of weight 10, which is too few of it; with district 1 it is no more.
  EXPECT_THAT(election_.state().Parts(),
              ElementsAre(poll::Part{2, {1}, 2, 6}, poll::Part{3, {1}, 2, 6}));
  election_.Restore({5});
  EXPECT_THAT(election_.state().Parts(),
              ElementsAre(poll::Part{1, {1}, 2, 6}, poll::Part{1, {2}, 4, 26},
                          poll::Part{2, {1}, 2, 6}, poll::Part{3, {1}, 2, 6}));
  election_.Revoke({1, 5});
  EXPECT_THAT(election_.state().Parts()[1], (poll::Part{1, {2}, 2, 6}));
}

TEST_F(WeightedCountTest, AQuorumIsOfAllWhoMayVote) {
  // 26 of the weight 52 of all members is enough for a quorum of one half; less is not.
  for (size_t voter : {0, 2, 4}) election_.Cast(voter, {{1, 0, 0}, {1, 0, 0}, {0, 0}});
  for (size_t voter : {1}) election_.Cast(voter, {{1, 0, 0}});
  // One of weight 10 in each district: all is one part of the weight 26.
  ASSERT_EQ(election_.state().Parts()[0], (poll::Part{1, {1, 2}, 4, 26}));
  CountAll(election_);
  EXPECT_THAT(election_.Result().outcomes[0], (poll::Outcome{1, {0}, {}, {}}));

  ElectionFixture fewer(Options());
  fewer.RunCeremony();
  fewer.Open();
  for (size_t voter : {0, 4}) fewer.Cast(voter, {{1, 0, 0}, {1, 0, 0}, {0, 0}});
  for (size_t voter : {3, 7}) fewer.Cast(voter, {{1, 0, 0}});
  CountAll(fewer);
  EXPECT_THAT(fewer.Result().outcomes[0], (poll::Outcome{1, {1}, {}, {}}));
}

}  // namespace
}  // namespace urna::election
