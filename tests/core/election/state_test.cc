// The log of an election up to its closing: orders, opening, and who may cast ballots.
#include "core/election/state.h"

#include "tests/core/election/forged_ballot.h"
#include "tests/core/election/state_kit.h"

namespace urna::election {
namespace {

std::vector<std::string> WrongOrder(ElectionFixture& election, decltype(poll::Order::act) act) {
  return Numbers(election.Check(election.Order(std::move(act))));
}

// --- S5-S8: orders.

TEST(OrderTest, EveryKindHasItsPhase) {
  ElectionFixture election;
  const auto expect_places = [&](const std::vector<bool>& good) {
    const std::vector<decltype(poll::Order::act)> acts = {election.Opening(),
                                                          poll::Close{},
                                                          poll::NewAttempt{2},
                                                          poll::Sum{},
                                                          poll::ElectionResult{},
                                                          poll::Revoke{election.Credentials({0})},
                                                          poll::Restore{election.Credentials({0})}};
    for (size_t i = 0; i < acts.size(); ++i) {
      const auto found = Numbers(election.Check(election.Order(acts[i])));
      EXPECT_EQ(std::count(found.begin(), found.end(), "S8"), good[i] ? 0 : 1) << "act " << i;
    }
    EXPECT_THAT(WrongOrder(election, poll::OpenPetition{}), Contains("S8"));
    EXPECT_THAT(WrongOrder(election, poll::PetitionResult{}), ElementsAre("S8"));
  };
  expect_places({true, false, true, false, false, false, false});
  election.RunCeremony();
  election.Open();
  expect_places({false, true, false, false, false, true, true});
  election.CastUsualBallots();
  election.Close();
  expect_places({false, false, false, true, false, true, true});
  election.LogSum();
  expect_places({false, false, false, false, true, false, false});
  election.LogCountAcknowledgements();
  election.LogDecryptionShares(1);
  election.LogDecryptionShares(3);
  election.LogResult();
  expect_places({false, false, false, false, false, false, false});
  EXPECT_THAT(Numbers(election.violations()), IsEmpty());
}

TEST(OrderTest, AttemptsAreCounted) {
  ElectionFixture election;
  EXPECT_THAT(WrongOrder(election, poll::NewAttempt{1}), ElementsAre("S8"));
  EXPECT_THAT(WrongOrder(election, poll::NewAttempt{3}), ElementsAre("S8"));
  EXPECT_THAT(WrongOrder(election, poll::NewAttempt{2}), IsEmpty());
}

TEST(OrderTest, AreChainedSignedAndTimed) {
  ElectionFixture election;
  election.RunTo(Phase::kVoting);
  const poll::Order close = election.Order(poll::Close{}).order;
  const auto spoilt = [&](auto&& spoil) {
    poll::Order order = close;
    spoil(order);
    return Numbers(election.Check(election.SignOrder(order)));
  };
  EXPECT_THAT(spoilt([](poll::Order&) {}), IsEmpty());
  EXPECT_THAT(spoilt([](poll::Order& o) { o.number += 1; }), ElementsAre("S5"));
  EXPECT_THAT(spoilt([](poll::Order& o) { o.previous[0] ^= 1; }), ElementsAre("S5"));
  EXPECT_THAT(spoilt([](poll::Order& o) { o.time = testing::kTestSchedule.closes - 1; }),
              ElementsAre("S7"));
  EXPECT_THAT(spoilt([](poll::Order& o) {
                o.time = testing::kTestSchedule.closes - 1;
                o.reason = "All have voted.";
              }),
              IsEmpty());
  poll::SignedOrder unsigned_order = election.Order(poll::Close{});
  unsigned_order.signed_body.signatures.pop_back();
  EXPECT_THAT(Numbers(election.Check(unsigned_order)), ElementsAre("S6"));
}

TEST(OrderTest, AReplayedOrderIsRefused) {
  ElectionFixture election;
  election.NewAttempt();
  const record::Entry replayed = election.entries().back();
  EXPECT_THAT(Numbers(election.Check(replayed)), ElementsAre("S5", "S7", "S8"));
}

TEST(OrderTest, OneOutOfPlaceChangesOnlyTheChain) {
  ElectionFixture election;
  EXPECT_THAT(Numbers(election.Append(election.Order(poll::NewAttempt{3}))), ElementsAre("S8"));
  EXPECT_EQ(election.state().phase(), Phase::kSetup);
  EXPECT_EQ(election.state().ceremony().attempt(), 1);
  EXPECT_EQ(election.state().orders().last_number(), 1u);
  election.RunTo(Phase::kVoting);
  EXPECT_THAT(Numbers(election.violations()), ElementsAre("S8"));
}

// --- S11-S14: the opening.

TEST(OpeningTest, NeedsEveryAcknowledgement) {
  ElectionFixture election;
  election.LogCommitments();
  election.LogCoefficients();
  election.LogShares();
  election.Append(election.Sign(election.Acknowledgement(1)));
  const auto found = election.Check(election.Order(election.Opening()));
  EXPECT_THAT(Numbers(found), ElementsAre("S13", "S11", "S13", "S11", "S13"));
  EXPECT_EQ(StatusOf(found, Check::kS11).message(), "attempt 1: trustee 2 has not acknowledged");
}

TEST(OpeningTest, NeedsAcknowledgementsOfWhatIsInTheLog) {
  for (bool digest : {true, false}) {
    ElectionOptions options;
    options.message = [digest](TrusteeMessage& message) {
      auto* ack = std::get_if<KeyAcknowledgement>(&message);
      if (ack == nullptr || ack->trustee != 2) return;
      (digest ? ack->ceremony_digest : ack->key_context)[5] ^= 1;
    };
    ElectionFixture election(options);
    election.RunCeremony();
    EXPECT_THAT(Numbers(election.violations()), IsEmpty());
    EXPECT_THAT(WrongOrder(election, election.Opening()), ElementsAre("S11"));
  }
}

TEST(OpeningTest, NeedsADrillOfEverybody) {
  ElectionFixture election;
  election.LogCommitments();
  election.LogCoefficients();
  election.LogShares();
  election.LogAcknowledgements();
  election.Append(election.Sign(election.Drill(1, 1)));
  election.Append(election.Sign(election.Drill(2, 1)));
  const auto found = election.Check(election.Order(election.Opening()));
  EXPECT_THAT(Numbers(found), ElementsAre("S13"));
  EXPECT_EQ(StatusOf(found, Check::kS13).message(), "attempt 1: trustee 3 has made no drill");
}

TEST(OpeningTest, PinsTheKeysOfTheCeremony) {
  ElectionFixture election;
  election.RunCeremony();
  const auto spoilt = [&](auto&& spoil) {
    poll::OpenElection opening = election.Opening();
    spoil(opening);
    return WrongOrder(election, opening);
  };
  EXPECT_THAT(spoilt([](auto&) {}), IsEmpty());
  const auto other = crypto::RistrettoPoint::Base().bytes();
  EXPECT_THAT(spoilt([&](auto& o) { o.election_key = other; }), ElementsAre("S12"));
  EXPECT_THAT(spoilt([&](auto& o) { o.verification_keys[1] = other; }), ElementsAre("S12"));
  EXPECT_THAT(spoilt([](auto& o) { std::swap(o.verification_keys[0], o.verification_keys[1]); }),
              ElementsAre("S12", "S12"));
  EXPECT_THAT(spoilt([](auto& o) { o.verification_keys.pop_back(); }), ElementsAre("S12"));
  EXPECT_THAT(spoilt([](auto& o) { o.election_key.fill(0xff); }), ElementsAre("L3", "S12"));
  EXPECT_THAT(spoilt([](auto& o) { o.attempt = 2; }), ElementsAre("S8"));
}

TEST(OpeningTest, PinsTheRoll) {
  ElectionFixture election;
  election.RunCeremony();
  const auto spoilt = [&](auto&& spoil) {
    poll::OpenElection opening = election.Opening();
    spoil(opening.roll);
    return WrongOrder(election, opening);
  };
  EXPECT_THAT(spoilt([](auto& roll) { roll.roll_id[0] ^= 1; }), ElementsAre("S14"));
  EXPECT_THAT(spoilt([](auto& roll) { roll.size += 1; }), ElementsAre("S14"));
  EXPECT_THAT(spoilt([](auto& roll) { roll.root[0] ^= 1; }), ElementsAre("S14"));
  EXPECT_THAT(
      Numbers(election.state().CheckOrder(election.Order(election.Opening()), 9, nullptr, nullptr)),
      ElementsAre("S14"));
}

TEST(OpeningTest, NeedsARollOfItsRegistrar) {
  ElectionOptions options;
  options.make_roll = [](const testing::TestPeople& people, crypto::Rng& rng) {
    const testing::Signer other = testing::MakeSigner("another", rng);
    return testing::MakeRoll({"board.example/roll", 3, {1, 2}}, other, people.roll_log, rng);
  };
  ElectionFixture election(options);
  election.RunCeremony();
  const auto found = election.Check(election.Order(election.Opening()));
  EXPECT_THAT(Numbers(found), ElementsAre("S14"));
  EXPECT_THAT(std::string(StatusOf(found, Check::kS14).message()), HasSubstr("'another'"));
}

TEST(OpeningTest, NeedsASealedRoll) {
  ElectionFixture election;
  election.RunCeremony();
  const roll::RollState unsealed(election.roll().header);
  EXPECT_THAT(Numbers(election.state().CheckOrder(election.Order(election.Opening()), 9, &unsealed,
                                                  nullptr)),
              ElementsAre("S14"));
}

TEST(OpeningTest, OneWithFaultsStillOpens) {
  ElectionOptions options;
  options.order = [](poll::Order& order) {
    auto* opening = std::get_if<poll::OpenElection>(&order.act);
    if (opening == nullptr) return;
    opening->election_key.fill(0xff);
    opening->verification_keys.assign(1, {});
  };
  ElectionFixture election(options);
  election.RunCeremony();
  election.Open();
  EXPECT_EQ(election.state().phase(), Phase::kVoting);
  EXPECT_TRUE(election.state().voting().has_value());
  EXPECT_THAT(Numbers(election.violations()), Contains("S12"));
  Ballot ballot;
  ballot.style = 2;
  EXPECT_THAT(election.Check(ballot), Contains(::testing::_));
}

// --- Ballots.

class BallotStateTest : public ::testing::Test {
 protected:
  BallotStateTest() {
    election_.RunCeremony();
    election_.Open();
  }
  std::vector<std::string> Wrong(const Ballot& ballot) { return Numbers(election_.Check(ballot)); }

  ElectionFixture election_;
};

TEST_F(BallotStateTest, NoneBeforeTheOpening) {
  const Ballot ballot = election_.Ballot(1, {{1, 0}});
  ElectionFixture not_open;
  EXPECT_THAT(Numbers(not_open.Check(ballot)), ElementsAre("B8"));
  EXPECT_EQ(StatusOf(not_open.Check(ballot), Check::kB8).message(),
            "a ballot before the election was opened");
}

TEST_F(BallotStateTest, NoneAfterTheClosing) {
  const Ballot ballot = election_.Ballot(1, {{1, 0}});
  election_.Close();
  EXPECT_THAT(Wrong(ballot), ElementsAre("B8"));
  election_.Append(ballot);
  EXPECT_EQ(election_.state().voters(), 0u);
  election_.LogSum();
  EXPECT_THAT(Wrong(ballot), ElementsAre("B8"));
}

TEST_F(BallotStateTest, OnlyOfThoseOnTheRoll) {
  const crypto::Credential stranger = crypto::Credential::Generate(election_.rng());
  testing::ForgedBallot plan{.credential = &stranger};
  const auto found = election_.Check(testing::Forge(election_, plan));
  EXPECT_THAT(Numbers(found), ElementsAre("B2"));
  EXPECT_EQ(StatusOf(found, Check::kB2).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(StatusOf(found, Check::kB2).message()), HasSubstr("is not on the roll"));
}

TEST_F(BallotStateTest, OnlyOfTheStyleOfTheDistrict) {
  // Voter 0 is of district 1 and would rather vote in 2.
  testing::ForgedBallot plan{.credential = &election_.roll().credentials[0]};
  const auto found = election_.Check(testing::Forge(election_, plan));
  EXPECT_THAT(Numbers(found), ElementsAre("B2"));
  EXPECT_THAT(std::string(StatusOf(found, Check::kB2).message()),
              HasSubstr("is of district 1 with style 1, not style 2"));
}

TEST(BallotDistrictTest, OnlyOfDistrictsOfTheElection) {
  ElectionOptions options;
  options.roll = {"board.example/roll", 3, {1, 2, 3}};
  ElectionFixture election(options);
  election.RunCeremony();
  election.Open();
  testing::ForgedBallot plan{.credential = &election.roll().credentials[2]};
  const auto found = election.Check(testing::Forge(election, plan));
  EXPECT_THAT(Numbers(found), ElementsAre("B2"));
  EXPECT_THAT(std::string(StatusOf(found, Check::kB2).message()),
              HasSubstr("is of district 3, which has no part in this election"));
}

TEST_F(BallotStateTest, SequencesRise) {
  const Ballot withheld = election_.Ballot(1, {{1, 0}}, 4);
  EXPECT_THAT(election_.Cast(1, {{0, 1}}, 5), IsEmpty());
  const auto found = election_.Check(withheld);
  EXPECT_THAT(Numbers(found), ElementsAre("B3"));
  EXPECT_EQ(StatusOf(found, Check::kB3).message(),
            "sequence 4 is not above 5, the last of this credential");
  election_.Append(withheld);
  EXPECT_EQ(election_.state().Find(election_.roll().members[1].credential)->sequence, 5u);

  EXPECT_THAT(Wrong(election_.Ballot(1, {{1, 0}}, 5)), ElementsAre("B3"));
  EXPECT_THAT(Wrong(election_.Ballot(1, {{1, 0}}, 6)), IsEmpty());
  EXPECT_THAT(Wrong(election_.Ballot(3, {{1, 0}}, 1)), IsEmpty());
  testing::ForgedBallot zero{.credential = &election_.roll().credentials[3], .sequence = 0};
  EXPECT_THAT(Wrong(testing::Forge(election_, zero)), ElementsAre("B3"));
}

TEST_F(BallotStateTest, NoCiphertextStandsTwice) {
  election_.Cast(1, {{1, 0}});
  // The very same ballot.
  EXPECT_THAT(Numbers(election_.Check(election_.entries().back())), ElementsAre("B3", "B7"));

  // Another's ciphertext, in a ballot that cannot be proved.
  Ballot copied = election_.Ballot(3, {{0, 1}});
  const auto& theirs = std::get<Ballot>(election_.entries().back()).contests[0].ciphertexts;
  std::copy_n(theirs.begin(), 64, copied.contests[0].ciphertexts.begin() + 64);
  const auto found = election_.state().CheckBallot(copied);
  EXPECT_THAT(Numbers(found), ElementsAre("B7"));
  EXPECT_EQ(StatusOf(found, Check::kB7).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(StatusOf(found, Check::kB7).message()),
              HasSubstr("contest 1, cell 2: the ciphertext's first half stands already in an "
                        "earlier ballot"));
}

TEST_F(BallotStateTest, NoRandomnessIsUsedTwiceInOneBallot) {
  testing::ForgedBallot plan{.credential = &election_.roll().credentials[1]};
  plan.values = {{1, 0}};
  plan.same_randomness = true;
  EXPECT_THAT(Wrong(testing::Forge(election_, plan)), ElementsAre("B7"));
}

TEST_F(BallotStateTest, TheLastBallotCounts) {
  election_.CastUsualBallots();
  const uint64_t first = 17;  // after 1 manifest, 15 messages and the opening
  EXPECT_THAT(election_.state().Counted(), ElementsAre(first + 1, first + 2, first + 3, first + 4));
  EXPECT_EQ(election_.state().Find(election_.roll().members[0].credential)->index, first + 3);
  EXPECT_EQ(election_.state().Find(election_.roll().members[4].credential), std::nullopt);
  EXPECT_EQ(election_.state().ballots(), 5u);
  EXPECT_EQ(election_.state().voters(), 4u);
}

TEST_F(BallotStateTest, ABadBallotReplacesNothing) {
  election_.Cast(1, {{1, 0}});
  const auto good = election_.state().Find(election_.roll().members[1].credential);
  testing::ForgedBallot plan{.credential = &election_.roll().credentials[1], .sequence = 9};
  plan.values = {{1, 1}};
  plan.claims = {{{0, 2}, 1}};
  EXPECT_THAT(Numbers(election_.Append(testing::Forge(election_, plan))), ElementsAre("B5"));
  EXPECT_EQ(election_.state().Find(election_.roll().members[1].credential)->index, good->index);
  EXPECT_THAT(election_.Cast(1, {{0, 1}}, 2), IsEmpty());
}

TEST_F(BallotStateTest, ABallotOfAnotherPollProvesNothing) {
  ElectionOptions options;
  options.seed = 2;
  options.make_roll = [&](const testing::TestPeople& people, crypto::Rng& rng) {
    testing::TestRoll roll = testing::MakeRoll({"board.example/roll", 2, {1, 2}}, people.registrar,
                                               people.roll_log, rng);
    return roll;
  };
  ElectionFixture other(options);
  other.RunCeremony();
  other.Open();
  // The same credential votes there; the ballot is brought here.
  testing::ForgedBallot plan{.credential = &election_.roll().credentials[1]};
  EXPECT_THAT(Wrong(testing::Forge(other, plan)), ElementsAre("B4", "B4", "B5", "B6"));
}

// --- Ceremony messages have their phase too.

TEST_F(BallotStateTest, TheCeremonyIsOverOnceOpened) {
  for (const TrusteeMessage& message :
       {TrusteeMessage(KeyCommitment{1, 1, {}}), TrusteeMessage(KeyComplaint{1, 1, 2, 1}),
        TrusteeMessage(KeyShareOpening{1, 1, 2, {}})}) {
    EXPECT_THAT(Numbers(election_.Check(election_.Sign(message))), ElementsAre("S8"));
  }
  EXPECT_THAT(
      Numbers(election_.Check(election_.Sign(CountAcknowledgement{1, {}, 0, {}, {}, {}, {}}))),
      ElementsAre("S8"));
}

}  // namespace
}  // namespace urna::election
