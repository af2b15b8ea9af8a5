// The count in an election's log: sum, acknowledgements, decryption shares, result.
#include "core/election/tally.h"
#include "tests/core/election/state_kit.h"

namespace urna::election {
namespace {

class CountTest : public ::testing::Test {
 protected:
  std::vector<std::string> WrongOrder(decltype(poll::Order::act) act) {
    return Numbers(election_.Check(election_.Order(std::move(act))));
  }
  std::vector<std::string> Wrong(TrusteeMessage message) {
    return Numbers(election_.Check(election_.Sign(std::move(message))));
  }
  // The honest value, spoilt.
  template <typename T, typename F>
  static T Spoilt(T value, const F& spoil) {
    spoil(value);
    return value;
  }

  ElectionFixture election_;
};

// --- Order sum: C1, C2, C3.

TEST_F(CountTest, TheSumPinsTheCountedSet) {
  election_.RunTo(Phase::kClosed);
  const poll::Sum sum = election_.Sum();
  EXPECT_EQ(sum.counted, 4u);
  EXPECT_EQ(sum.tree_size, election_.entries().size());
  EXPECT_THAT(WrongOrder(sum), IsEmpty());
  EXPECT_THAT(WrongOrder(Spoilt(sum, [](auto& s) { s.tree_size -= 1; })), ElementsAre("C1"));
  EXPECT_THAT(WrongOrder(Spoilt(sum, [](auto& s) { s.counted += 1; })), ElementsAre("C1"));
  EXPECT_THAT(WrongOrder(Spoilt(sum, [](auto& s) { s.counted_hash[0] ^= 1; })), ElementsAre("C1"));
}

TEST_F(CountTest, AnEarlierBallotDoesNotCount) {
  election_.RunTo(Phase::kClosed);
  poll::Sum sum = election_.Sum();
  std::vector<uint64_t> counted = election_.state().Counted();
  // Voter 0's first instead of the last.
  counted[2] = counted[0] - 1;
  std::sort(counted.begin(), counted.end());
  sum.counted_hash = CountedHash(election_.state().voting()->poll_context, counted);
  EXPECT_THAT(WrongOrder(sum), ElementsAre("C1"));
}

TEST_F(CountTest, ThePartsAreThoseOfTheCountedSet) {
  election_.RunTo(Phase::kClosed);
  const poll::Sum sum = election_.Sum();
  ASSERT_THAT(sum.parts, SizeIs(3));
  EXPECT_THAT(WrongOrder(Spoilt(sum, [](auto& s) { s.parts.pop_back(); })), ElementsAre("C2"));
  EXPECT_THAT(WrongOrder(Spoilt(sum, [](auto& s) { s.parts[0].ballots += 1; })), ElementsAre("C2"));
  EXPECT_THAT(WrongOrder(Spoilt(sum, [](auto& s) { s.parts[0].weight += 1; })), ElementsAre("C2"));
  EXPECT_THAT(WrongOrder(Spoilt(sum, [](auto& s) { s.parts[0].districts = {1}; })),
              ElementsAre("C2"));
  EXPECT_THAT(WrongOrder(Spoilt(sum, [](auto& s) { s.parts[2].contest = 9; })), ElementsAre("C2"));
}

TEST_F(CountTest, TheSumsAreThoseOfTheCountedBallots) {
  election_.RunTo(Phase::kClosed);
  const poll::Sum sum = election_.Sum();
  EXPECT_THAT(WrongOrder(Spoilt(sum, [](auto& s) { s.sums_hash[0] ^= 1; })), ElementsAre("C3"));
  // Without sums nothing is said about them.
  const auto order = election_.Order(Spoilt(sum, [](auto& s) { s.sums_hash[0] ^= 1; }));
  EXPECT_THAT(election_.state().CheckOrder(order, election_.entries().size(), nullptr, nullptr),
              IsEmpty());
}

TEST(CountMinimumTest, SetsBelowTheMinimumAreNotDecrypted) {
  ElectionOptions options;
  options.manifest = [](Manifest& manifest) { manifest.minimum_ballots = 3; };
  ElectionFixture election(options);
  election.RunTo(Phase::kFinal);
  EXPECT_THAT(Numbers(election.violations()), IsEmpty());
  // Two ballots of style 1, so contests 2 and 3 stay closed.
  EXPECT_THAT(election.state().summed()->sum.parts, ElementsAre(poll::Part{1, {1, 2}, 4, 4}));
  EXPECT_THAT(election.state().published()->results, ElementsAre(poll::PartTotals{0, {1, 2}}));
}

TEST(CountMinimumTest, APartBelowTheMinimumIsRefused) {
  ElectionOptions options;
  options.manifest = [](Manifest& manifest) { manifest.minimum_ballots = 3; };
  ElectionFixture election(options);
  election.RunTo(Phase::kClosed);
  poll::Sum sum = election.Sum();
  sum.parts.push_back({2, {1}, 2, 2});
  EXPECT_THAT(Numbers(election.Check(election.Order(sum))), ElementsAre("C2"));
}

TEST(CountMinimumTest, AnElectionWithoutBallotsHasAnEmptyResult) {
  ElectionFixture election;
  election.RunCeremony();
  election.Open();
  election.Close();
  election.LogSum();
  election.LogCountAcknowledgements();
  election.LogResult();
  EXPECT_THAT(Numbers(election.violations()), IsEmpty());
  EXPECT_THAT(election.state().published()->results, IsEmpty());
}

// --- C4: acknowledgements.

TEST_F(CountTest, AcknowledgementsSayWhatTheLogSays) {
  election_.RunTo(Phase::kSummed);
  const CountAcknowledgement good = election_.CountAcknowledgement(1);
  EXPECT_THAT(Wrong(good), IsEmpty());
  EXPECT_THAT(Wrong(Spoilt(good, [](auto& a) { a.context[0] ^= 1; })), ElementsAre("C4"));
  EXPECT_THAT(Wrong(Spoilt(good, [](auto& a) { a.size += 1; })), ElementsAre("C4"));
  EXPECT_THAT(Wrong(Spoilt(good, [](auto& a) { a.root[0] ^= 1; })), ElementsAre("C4"));
  EXPECT_THAT(Wrong(Spoilt(good, [](auto& a) { a.sum_order[0] ^= 1; })), ElementsAre("C4"));
  EXPECT_THAT(Wrong(Spoilt(good, [](auto& a) { a.counted_hash[0] ^= 1; })), ElementsAre("C4"));
  EXPECT_THAT(Wrong(Spoilt(good, [](auto& a) { a.sums_hash[0] ^= 1; })), ElementsAre("C4"));
  EXPECT_THAT(Wrong(Spoilt(good, [](auto& a) { a.trustee = 4; })), ElementsAre("S8"));
  election_.Append(election_.Sign(good));
  EXPECT_THAT(Wrong(good), ElementsAre("S8"));
}

TEST_F(CountTest, SharesWaitForEnoughAcknowledgements) {
  // 2 of 3: more than (3 + 2 - 1)/2 = 2, so all three.
  election_.RunTo(Phase::kSummed);
  election_.Append(election_.Sign(election_.CountAcknowledgement(1)));
  election_.Append(election_.Sign(election_.CountAcknowledgement(2)));
  EXPECT_FALSE(election_.state().EnoughAcknowledgements());
  EXPECT_THAT(Wrong(election_.DecryptionShare(1, 0)), ElementsAre("C4"));
  EXPECT_THAT(Wrong(election_.DecryptionShare(3, 0)), ElementsAre("C4", "C4"));
  election_.Append(election_.Sign(election_.CountAcknowledgement(3)));
  EXPECT_TRUE(election_.state().EnoughAcknowledgements());
  EXPECT_THAT(Wrong(election_.DecryptionShare(1, 0)), IsEmpty());
}

TEST_F(CountTest, WrongAcknowledgementsDoNotCount) {
  election_.RunTo(Phase::kSummed);
  election_.Append(election_.Sign(election_.CountAcknowledgement(1)));
  election_.Append(election_.Sign(election_.CountAcknowledgement(2)));
  const auto wrong = Spoilt(election_.CountAcknowledgement(3), [](auto& a) { a.root[0] ^= 1; });
  EXPECT_THAT(Numbers(election_.Append(election_.Sign(wrong))), ElementsAre("C4"));
  EXPECT_EQ(election_.state().acknowledgements().size(), 3u);
  EXPECT_FALSE(election_.state().EnoughAcknowledgements());
}

TEST(CountQuorumTest, NeedsMoreThanHalfOfTrusteesAndThreshold) {
  // trustees, threshold, how many acknowledgements are enough
  for (const auto& [n, t, enough] : std::vector<std::array<uint16_t, 3>>{
           {1, 1, 1}, {2, 1, 2}, {3, 1, 2}, {3, 3, 3}, {4, 2, 3}, {5, 3, 4}}) {
    ElectionOptions options;
    options.trustees = n;
    options.threshold = t;
    options.roll.members = 2;
    ElectionFixture election(options);
    election.RunCeremony();
    election.Open();
    election.Close();
    election.LogSum();
    for (uint16_t j = 1; j <= n; ++j) {
      EXPECT_EQ(election.state().EnoughAcknowledgements(), j > enough) << n << t << j;
      election.Append(election.Sign(election.CountAcknowledgement(j)));
    }
    EXPECT_TRUE(election.state().EnoughAcknowledgements());
    EXPECT_THAT(Numbers(election.violations()), IsEmpty());
  }
}

TEST(CountQuorumTest, ATrusteeAcknowledgesBeforeGivingShares) {
  ElectionOptions options;
  options.threshold = 1;  // of 3: two acknowledgements are enough
  ElectionFixture election(options);
  election.RunTo(Phase::kSummed);
  election.Append(election.Sign(election.CountAcknowledgement(1)));
  election.Append(election.Sign(election.CountAcknowledgement(2)));
  const auto found = election.Check(election.Sign(election.DecryptionShare(3, 0)));
  EXPECT_THAT(Numbers(found), ElementsAre("C4"));
  EXPECT_EQ(StatusOf(found, Check::kC4).message(),
            "decryption share of trustee 3, part 0: the trustee has not acknowledged the count");
  EXPECT_THAT(Numbers(election.Check(election.Sign(election.DecryptionShare(2, 0)))), IsEmpty());
}

// --- C5: shares.

TEST_F(CountTest, SharesAreProved) {
  election_.RunTo(Phase::kSummed);
  election_.LogCountAcknowledgements();
  const DecryptionShare good = election_.DecryptionShare(1, 1);
  EXPECT_THAT(Wrong(good), IsEmpty());
  EXPECT_THAT(Wrong(Spoilt(good, [](auto& s) { s.proofs[64] ^= 1; })), ElementsAre("C5"));
  EXPECT_THAT(Wrong(Spoilt(good, [](auto& s) { s.context[0] ^= 1; })), ElementsAre("C5"));
  EXPECT_THAT(Wrong(Spoilt(good, [](auto& s) { s.shares.resize(64); })), ElementsAre("C5"));
  EXPECT_THAT(Wrong(Spoilt(good, [](auto& s) { s.proofs.resize(192); })), ElementsAre("C5"));
  EXPECT_THAT(Wrong(Spoilt(good,
                           [](auto& s) {
                             std::swap_ranges(s.shares.begin(), s.shares.begin() + 32,
                                              s.shares.begin() + 32);
                           })),
              ElementsAre("C5"));
  EXPECT_THAT(Wrong(Spoilt(good, [](auto& s) { s.part = 2; })), ElementsAre("C5"));
  EXPECT_THAT(Wrong(Spoilt(good, [](auto& s) { s.trustee = 2; })), ElementsAre("C5"));
  EXPECT_THAT(Wrong(Spoilt(good, [](auto& s) { std::fill_n(s.shares.begin(), 32, 0xff); })),
              ElementsAre("L3"));
  EXPECT_THAT(Wrong(Spoilt(good, [](auto& s) { std::fill_n(s.proofs.begin() + 64, 32, 0xff); })),
              ElementsAre("L3"));
  EXPECT_THAT(Wrong(Spoilt(good, [](auto& s) { s.part = 3; })), ElementsAre("S8"));
  EXPECT_THAT(Wrong(Spoilt(good, [](auto& s) { s.trustee = 0; })), ElementsAre("S8"));
  election_.Append(election_.Sign(good));
  EXPECT_THAT(Wrong(good), ElementsAre("S8"));
}

TEST_F(CountTest, ASharesKeyIsTheTrusteesOwn) {
  // Trustee 1 gives what trustee 2's key share makes.
  election_.RunTo(Phase::kSummed);
  election_.LogCountAcknowledgements();
  const crypto::SecretScalar other = election_.KeyShare(2);
  const DecryptionShare share = MakeDecryptionShare(
      election_.state().voting()->poll_context, election_.state().summed()->order_hash, 1, 0, 1,
      crypto::MulBase(other), election_.state().summed()->sums->at(0), other, election_.rng());
  EXPECT_THAT(Wrong(share), ElementsAre("C5"));
}

// --- The result: C6, C7, C8.

TEST_F(CountTest, TheResultWaitsForEnoughShares) {
  election_.RunTo(Phase::kSummed);
  election_.LogCountAcknowledgements();
  election_.LogDecryptionShares(1);
  EXPECT_EQ(election_.state().Decrypt().status().code(), absl::StatusCode::kFailedPrecondition);
  const poll::ElectionResult result{ElectionFixture::UsualTotals(), {}};
  EXPECT_THAT(WrongOrder(result), ElementsAre("C6", "C6", "C6"));
  election_.Append(election_.Sign(election_.DecryptionShare(3, 0)));
  election_.Append(election_.Sign(election_.DecryptionShare(3, 1)));
  const auto found = election_.Check(election_.Order(result));
  EXPECT_THAT(Numbers(found), ElementsAre("C6"));
  EXPECT_EQ(StatusOf(found, Check::kC6).message(),
            "result: part 2 has shares of 1 trustees where 2 are needed");
  election_.Append(election_.Sign(election_.DecryptionShare(3, 2)));
  EXPECT_THAT(WrongOrder(result), IsEmpty());
  EXPECT_EQ(*election_.state().Decrypt(), ElectionFixture::UsualTotals());
}

TEST_F(CountTest, TheResultIsWhatTheSharesDecrypt) {
  election_.RunTo(Phase::kSummed);
  election_.LogCountAcknowledgements();
  election_.LogDecryptionShares(2);
  election_.LogDecryptionShares(3);
  const poll::ElectionResult good = election_.Result();
  EXPECT_THAT(WrongOrder(good), IsEmpty());
  // 1 and 2 become 2 and 1, which is possible, but not what was voted.
  const auto swapped = Spoilt(good, [](auto& r) { r.results[0].totals = {2, 1}; });
  EXPECT_THAT(WrongOrder(swapped), ElementsAre("C7", "C7"));
  const auto less = Spoilt(good, [](auto& r) { r.results[0].totals = {1, 1}; });
  const auto found = election_.Check(election_.Order(less));
  EXPECT_THAT(Numbers(found), ElementsAre("C7"));
  EXPECT_EQ(StatusOf(found, Check::kC7).message(),
            "result, part 0, option 2 'bo': the total 1 is not what the shares decrypt");
}

TEST_F(CountTest, TheResultIsCompleteAndPossible) {
  election_.RunTo(Phase::kSummed);
  election_.LogCountAcknowledgements();
  election_.LogDecryptionShares(1);
  election_.LogDecryptionShares(2);
  const poll::ElectionResult good = election_.Result();
  const auto wrong = [&](auto&& spoil) { return WrongOrder(Spoilt(good, spoil)); };
  EXPECT_THAT(wrong([](auto& r) { r.results.pop_back(); }), ElementsAre("C8"));
  EXPECT_THAT(wrong([](auto& r) { r.results.push_back({3, {1}}); }), ElementsAre("C8"));
  EXPECT_THAT(wrong([](auto& r) { std::swap(r.results[1], r.results[2]); }),
              ElementsAre("C8", "C8"));
  EXPECT_THAT(wrong([](auto& r) { r.results[1].totals.pop_back(); }), ElementsAre("C8"));
  EXPECT_THAT(wrong([](auto& r) { r.results[1].totals.push_back(0); }), ElementsAre("C8"));
  // Four ballots in part 0, so no option has five votes, nor have all together.
  EXPECT_THAT(wrong([](auto& r) { r.results[0].totals = {5, 0}; }), ElementsAre("C8"));
  EXPECT_THAT(wrong([](auto& r) { r.results[0].totals = {3, 2}; }), ElementsAre("C8"));
  // Two ballots in part 1 with one or two marks each.
  EXPECT_THAT(wrong([](auto& r) { r.results[1].totals = {1, 0, 0}; }), ElementsAre("C8"));
  EXPECT_THAT(wrong([](auto& r) { r.results[2].totals = {~uint64_t{0}, 1}; }), ElementsAre("C8"));
}

TEST_F(CountTest, NothingIsLoggedAfterTheResult) {
  election_.RunTo(Phase::kFinal);
  EXPECT_THAT(Wrong(election_.CountAcknowledgement(1)), ElementsAre("S8"));
  EXPECT_THAT(Wrong(election_.DecryptionShare(3, 0)), ElementsAre("S8"));
  EXPECT_THAT(Wrong(election_.Drill(1, 9)), ElementsAre("S8"));
  EXPECT_THAT(Numbers(election_.Check(election_.Ballot(4, {{0, 0}, {1, 0, 0}, {0, 0}}))),
              ElementsAre("B8"));
}

// --- Records with faults go on, so that every later check can be made.

TEST(FaultyCountTest, ASumWithFaultsStillSums) {
  for (int fault = 0; fault < 4; ++fault) {
    ElectionOptions options;
    options.order = [fault](poll::Order& order) {
      auto* sum = std::get_if<poll::Sum>(&order.act);
      if (sum == nullptr) return;
      if (fault == 0) sum->tree_size += 1;
      if (fault == 1) sum->counted_hash[0] ^= 1;
      if (fault == 2) sum->parts.pop_back();
      if (fault == 3) sum->sums_hash[0] ^= 1;
    };
    ElectionFixture election(options);
    election.RunTo(Phase::kSummed);
    EXPECT_EQ(election.state().phase(), Phase::kSummed);
    EXPECT_THAT(Numbers(election.violations()),
                ElementsAre(fault < 2 ? "C1" : (fault == 2 ? "C2" : "C3")));
    election.LogCountAcknowledgements();
    if (fault == 2) {  // the sums are of other parts: nobody can check shares
      EXPECT_FALSE(election.state().summed()->sums.has_value());
      DecryptionShare share{1, election.state().voting()->poll_context, 0, Bytes(64), Bytes(192)};
      EXPECT_THAT(Numbers(election.Append(election.Sign(share))), IsEmpty());
      EXPECT_FALSE(election.state().Decrypt().ok());
      election.Append(election.Order(poll::ElectionResult{}));
    } else {
      election.LogDecryptionShares(1);
      election.LogDecryptionShares(2);
      election.LogResult();
      EXPECT_THAT(election.violations(), SizeIs(1));
    }
    EXPECT_EQ(election.state().phase(), Phase::kFinal);
  }
}

TEST(FaultyCountTest, ApplyIsSafeWithAnyContent) {
  ElectionFixture election;
  election.RunTo(Phase::kClosed);
  poll::Sum sum;
  sum.parts = {{77, {1}, 3, 3}, {1, {1}, ~uint64_t{0}, ~uint64_t{0}}};
  election.Append(election.Order(sum));
  EXPECT_EQ(election.state().phase(), Phase::kSummed);
  for (uint16_t trustee : {0, 1, 2, 3, 4}) {
    for (uint16_t part : {0, 1, 2}) {
      DecryptionShare share{trustee, {}, part, Bytes(64, 0xff), Bytes(192, 0xff)};
      EXPECT_THAT(election.Append(election.Sign(share)), Contains(::testing::_));
    }
  }
  EXPECT_THAT(election.state().shares()[0], SizeIs(3));
  EXPECT_FALSE(election.state().Decrypt().ok());
  poll::ElectionResult result{{{0, {1}}, {1, {1, ~uint64_t{0}}}}, {}};
  EXPECT_THAT(Numbers(election.Append(election.Order(result))), Contains("C8"));
  EXPECT_EQ(election.state().phase(), Phase::kFinal);
}

}  // namespace
}  // namespace urna::election
