// Cheats with the count: another set, other parts, other sums, false shares, another result.
#include <algorithm>

#include "core/base/check.h"
#include "core/election/sums.h"
#include "core/election/tally.h"
#include "tests/forgery/elections.h"

namespace urna::forgery {
namespace {

using poll::ElectionResult;
using poll::Sum;

std::function<void(Case&)> ChangedSum(const std::function<void(Sum&)>& change,
                                      ElectionOptions options = {}) {
  return [change, options](Case& out) {
    ElectionOptions changed = options;
    changed.order = [change](poll::Order& order) {
      if (auto* sum = std::get_if<Sum>(&order.act)) change(*sum);
    };
    MakeTo(out, Phase::kSummed, std::move(changed), Stage::kClosed);
  };
}

std::function<void(Case&)> ChangedResult(const std::function<void(ElectionResult&)>& change,
                                         ElectionOptions options = {}) {
  return [change, options](Case& out) {
    ElectionOptions changed = options;
    changed.order = [change](poll::Order& order) {
      if (auto* result = std::get_if<ElectionResult>(&order.act)) change(*result);
    };
    MakeTo(out, Phase::kFinal, std::move(changed));
  };
}

template <typename Message>
std::function<void(Case&)> Changed(const std::function<void(Message&)>& change) {
  return [change](Case& out) { MakeTo(out, Phase::kFinal, ChangeMessage<Message>(change)); };
}

// The mayor goes to who has most votes.
ElectionOptions WithSeat() {
  ElectionOptions options;
  options.manifest = [](election::Manifest& m) {
    m.contests[0].result = election::MostVotes{1, election::MostVotes::Tie::kBallotOrder};
  };
  return options;
}

// Contest 1 counted for every district, each of which has two ballots.
ElectionOptions ByDistrict(uint32_t minimum) {
  ElectionOptions options;
  options.manifest = [minimum](election::Manifest& m) {
    m.contests[0].by_district = true;
    m.minimum_ballots = minimum;
  };
  return options;
}

// The counted ballots are summed as if they weighed one each, or without the last of them; all
// trustees go along with it.
void OtherSums(Case& out, bool without_one) {
  ElectionOptions options;
  if (!without_one) options.roll.weights = {1, 2};
  ElectionFixture election(std::move(options));
  election.RunTo(Phase::kClosed);
  const election::ElectionState& state = election.state();
  election::Sums other(election.manifest());
  auto counted = state.CountedBallots();
  if (without_one) counted.pop_back();
  for (const auto& ballot : counted) {
    const election::Sums::Counted one{&std::get<election::Ballot>(election.entries()[ballot.index]),
                                      {ballot.member.district, 1}};
    URNA_CHECK(other.Add({&one, 1}).ok(), "a logged ballot can be added");
  }
  poll::Sum sum = election.Sum();
  sum.sums_hash =
      election::SumsHash(state.voting()->poll_context, sum.parts, other.Total(sum.parts));
  election.Append(election.Order(sum));
  out.stage = Stage::kClosed;
  out.Write(election);
}

}  // namespace

std::vector<Forgery> CountForgeries() {
  using election::CountAcknowledgement;
  using election::DecryptionShare;
  return {
      {{Check::kC1}, "AnotherCountedSet", Cheat::kOfficers, ChangedSum([](Sum& sum) {
         sum.counted_hash[0] ^= 1;
       })},
      {{Check::kC1}, "CountedOneMore", Cheat::kOfficers, ChangedSum([](Sum& sum) {
         sum.counted += 1;
       })},
      {{Check::kC1},
       "RevokedVoterCounted",
       Cheat::kOfficers,
       [](Case& out) {
         ElectionFixture election;
         election.RunTo(Phase::kClosed);
         const Sum before = election.Sum();
         election.Revoke({kSouth});
         Sum sum = election.Sum();
         sum.counted = before.counted;
         sum.counted_hash = before.counted_hash;
         election.Append(election.Order(sum));
         out.stage = Stage::kClosed;
         out.Write(election);
       }},
      {{Check::kC2}, "MoreBallotsThanCounted", Cheat::kOfficers, ChangedSum([](Sum& sum) {
         sum.parts[0].ballots += 1;
       })},
      {{Check::kC2}, "MoreWeightThanCounted", Cheat::kOfficers, ChangedSum([](Sum& sum) {
         sum.parts[0].weight += 1;
       })},
      {{Check::kC2},
       "PartBelowTheMinimum",
       Cheat::kOfficers,
       // Two ballots of either district are merged into one part of four; here they are not.
       ChangedSum(
           [](Sum& sum) {
             poll::Part north = sum.parts[0], south = sum.parts[0];
             north.districts = {1};
             south.districts = {2};
             north.ballots = south.ballots = north.weight = south.weight = 2;
             sum.parts[0] = north;
             sum.parts.insert(sum.parts.begin() + 1, south);
           },
           ByDistrict(3))},
      {{Check::kC2},
       "DistrictsMergedWithoutNeed",
       Cheat::kOfficers,
       ChangedSum(
           [](Sum& sum) {
             sum.parts[0].districts = {1, 2};
             sum.parts[0].ballots = sum.parts[0].weight = 4;
             sum.parts.erase(sum.parts.begin() + 1);
           },
           ByDistrict(2))},
      {{Check::kC3},
       "SumsOffByOneBallot",
       Cheat::kAllTrustees,
       [](Case& out) { OtherSums(out, true); }},
      {{Check::kC3},
       "WeightsIgnored",
       Cheat::kAllTrustees,
       [](Case& out) { OtherSums(out, false); }},
      {{Check::kC4},
       "AcknowledgedAnotherTree",
       Cheat::kFewTrustees,
       Changed<CountAcknowledgement>([](CountAcknowledgement& m) {
         if (m.trustee == 3) m.root[0] ^= 1;
       })},
      {{Check::kC4},
       "AcknowledgedOtherSums",
       Cheat::kFewTrustees,
       Changed<CountAcknowledgement>([](CountAcknowledgement& m) {
         if (m.trustee == 3) m.sums_hash[0] ^= 1;
       })},
      {{Check::kC4},
       "SharesBeforeTheAcknowledgements",
       Cheat::kAllTrustees,
       [](Case& out) {
         ElectionFixture election;
         election.RunTo(Phase::kSummed);
         for (uint16_t trustee : {1, 2}) election.LogDecryptionShares(trustee);
         election.LogResult();
         out.Write(election);
       }},
      {{Check::kC5},
       "FalseShare",
       Cheat::kFewTrustees,
       Changed<DecryptionShare>([](DecryptionShare& m) {
         if (m.trustee == 1 && m.part == 0) m.proofs[70] ^= 1;
       })},
      {{Check::kC5},
       "SharesOfTwoOptionsExchanged",
       Cheat::kAllTrustees,
       [](Case& out) {
         ElectionFixture election(ChangeMessage<DecryptionShare>([](DecryptionShare& m) {
           if (m.trustee != 1 || m.part != 0) return;
           std::swap_ranges(m.shares.begin(), m.shares.begin() + 32, m.shares.begin() + 32);
           std::swap_ranges(m.proofs.begin(), m.proofs.begin() + 96, m.proofs.begin() + 96);
         }));
         election.RunTo(Phase::kSummed);
         election.LogCountAcknowledgements();
         for (uint16_t trustee : {1, 2}) election.LogDecryptionShares(trustee);
         election.Append(election.Order(ElectionResult{ElectionFixture::UsualTotals(), {}}));
         out.Write(election);
       }},
      {{Check::kC5},
       "ShareForAnotherContext",
       Cheat::kAllTrustees,
       Changed<DecryptionShare>([](DecryptionShare& m) {
         if (m.trustee == 2) m.context[0] ^= 1;
       })},
      {{Check::kC6},
       "SharesOfTooFew",
       Cheat::kOfficers,
       [](Case& out) {
         ElectionFixture election;
         election.RunTo(Phase::kSummed);
         election.LogCountAcknowledgements();
         election.LogDecryptionShares(1);
         election.Append(election.Order(ElectionResult{ElectionFixture::UsualTotals(), {}}));
         out.Write(election);
       }},
      {{Check::kC7},
       "OneVoteMovedFromOneToAnother",
       Cheat::kOfficers,
       ChangedResult([](ElectionResult& result) {
         auto& totals = result.results[0].totals;
         totals[0] += 1;
         totals[1] -= 1;
       })},
      {{Check::kC7}, "ResultOffByOne", Cheat::kOfficers, ChangedResult([](ElectionResult& result) {
         result.results[0].totals[0] += 1;
       })},
      {{Check::kC8},
       "ContestLeftOutOfTheResult",
       Cheat::kOfficers,
       ChangedResult([](ElectionResult& result) { result.results.pop_back(); })},
      {{Check::kC8},
       "ContestTooManyInTheResult",
       Cheat::kOfficers,
       ChangedResult([](ElectionResult& result) {
         result.results.push_back({3, {0}});
       })},
      {{Check::kC8},
       "MoreVotesThanBallots",
       Cheat::kOfficers,
       ChangedResult([](ElectionResult& result) { result.results[0].totals[0] = 1000; })},
      {{Check::kC9},
       "AnotherWinner",
       Cheat::kOfficers,
       ChangedResult([](ElectionResult& result) { result.outcomes[0].winners = {0}; }, WithSeat())},
      {{Check::kC9},
       "OutcomeLeftOut",
       Cheat::kOfficers,
       ChangedResult([](ElectionResult& result) { result.outcomes.clear(); }, WithSeat())},
  };
}

}  // namespace urna::forgery
