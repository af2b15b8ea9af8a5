// Elections in which no ballot names its voter: rings, tags, and what has no place in them.
// docs/protocol.md §7.6.
#include <functional>

#include "core/crypto/ring_proof.h"
#include "core/election/ballot_batch.h"
#include "core/election/ring_ballots.h"
#include "tests/core/election/state_kit.h"
#include "tests/support/verdicts.h"

namespace urna::election {
namespace {

// Members 0, 2, 4 are of district 1 (style 1), 1 and 3 of district 2 (style 2), in rings of 64.
ElectionOptions Anonymous() {
  ElectionOptions options;
  options.anonymous = true;
  return options;
}

std::unique_ptr<ElectionFixture> Opened(ElectionOptions options = Anonymous()) {
  auto election = std::make_unique<ElectionFixture>(std::move(options));
  election->RunCeremony();
  election->Open();
  return election;
}

const Selections kNorthern = {{1, 0}, {1, 1, 0}, {2, 1}};
const Selections kSouthern = {{1, 0}};

RingAnswer& RingOf(Ballot& ballot) { return std::get<RingAnswer>(ballot.anonymous); }
TagAnswer& TagOf(Ballot& ballot) { return std::get<TagAnswer>(ballot.anonymous); }

TEST(AnonymousElectionTest, CountsTheLastBallotOfEveryTag) {
  ElectionFixture election(Anonymous());
  election.RunTo(Phase::kFinal);
  EXPECT_THAT(testing::Words(election.violations()), IsEmpty());
  EXPECT_EQ(election.state().published()->results, ElectionFixture::UsualTotals());
  EXPECT_EQ(election.state().ballots(), 5u);
  EXPECT_EQ(election.state().voters(), 4u);
  // Voter 0 voted twice, the second time without a ring.
  std::vector<record::EntryType> types;
  for (const record::Entry& entry : election.entries()) {
    if (record::IsVotersEntry(record::TypeOf(entry))) types.push_back(record::TypeOf(entry));
  }
  using enum record::EntryType;
  EXPECT_THAT(types, ElementsAre(kRingBallot, kRingBallot, kRingBallot, kTagBallot, kRingBallot));
  EXPECT_EQ(election.state().MemberOf(election.TagOf(0)).district, 1);
  EXPECT_EQ(election.state().MemberOf(election.TagOf(3)).district, 2);
  EXPECT_FALSE(election.state().Find(election.Credential(0)).has_value());
}

TEST(AnonymousElectionTest, TheFirstBallotIsOverTheVotersOwnRing) {
  const auto election = Opened();
  const auto make = [&](const VotingContext& context, uint32_t ring) {
    return MakeAnonymousBallot(election->manifest(), context, 1, kNorthern, 1, ring,
                               election->roll().credentials[0], election->rng())
        .status();
  };
  const VotingContext& context = *election->state().voting();
  EXPECT_TRUE(make(context, election->RingOf(0)).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(make(context, election->RingOf(1))));
  EXPECT_TRUE(absl::IsInvalidArgument(make(context, 2)));
  EXPECT_TRUE(absl::IsFailedPrecondition(make({context.poll_context, context.election_key}, 0)));
  VotingContext no_roll = context;
  no_roll.anonymous = std::make_shared<const AnonymousVoting>(
      AnonymousVoting{context.anonymous->tag_base, nullptr});
  EXPECT_TRUE(absl::IsInvalidArgument(make(no_roll, 0)));
  EXPECT_TRUE(absl::IsInvalidArgument(
      MakeAnonymousBallot(election->manifest(), context, 1, kNorthern, 0, {},
                          election->roll().credentials[0], election->rng())
          .status()));
}

struct Damage {
  const char* what;
  const char* check;  // that finds it first of all
  std::function<void(Ballot&)> make;
};

// Everything that the first ballot of a voter says.
TEST(AnonymousElectionTest, NoFieldOfARingBallotCanBeChanged) {
  const auto election = Opened();
  const Ballot good = election->Ballot(0, kNorthern);
  ASSERT_THAT(testing::Words(election->Check(good)), IsEmpty());
  const uint32_t another = election->RingOf(1);
  const std::vector<Damage> damages = {
      {"sequence", "B6", [](Ballot& b) { ++b.sequence; }},
      {"sequence 0", "B3", [](Ballot& b) { b.sequence = 0; }},
      {"style", "B2", [](Ballot& b) { b.style = 2; }},
      {"no such ring", "B2", [](Ballot& b) { RingOf(b).ring = 2; }},
      {"another ring", "B2", [&](Ballot& b) { RingOf(b).ring = another; }},
      {"tag", "B6", [&](Ballot& b) { b.credential = election->TagOf(2); }},
      {"no tag", "L3", [](Ballot& b) { b.credential = {}; }},
      {"ciphertext", "B6",
       [](Ballot& b) {
         std::swap_ranges(b.contests[0].ciphertexts.begin(), b.contests[0].ciphertexts.begin() + 32,
                          b.contests[0].ciphertexts.begin() + 64);
       }},
      {"commitment of a cell", "B6",
       [](Ballot& b) {
         std::swap_ranges(b.contests[0].commitments.begin(), b.contests[0].commitments.begin() + 32,
                          b.contests[0].commitments.begin() + 32);
       }},
      {"response of a cell", "B4", [](Ballot& b) { b.contests[0].responses[0] ^= 1; }},
      {"ring commitments", "B6",
       [](Ballot& b) {
         std::swap_ranges(RingOf(b).commitments.begin(), RingOf(b).commitments.begin() + 32,
                          RingOf(b).commitments.begin() + 32);
       }},
      {"ring responses", "B6", [](Ballot& b) { RingOf(b).responses[0] ^= 1; }},
      {"no point", "L3", [](Ballot& b) { std::fill_n(RingOf(b).commitments.begin(), 32, 0xff); }},
      {"no scalar", "L3", [](Ballot& b) { std::fill_n(RingOf(b).responses.begin(), 32, 0xff); }},
      {"the size of another ring", "B6",
       [](Ballot& b) {
         RingOf(b).commitments.resize(crypto::RingCommitmentsSize(4));
         RingOf(b).responses.resize(crypto::RingResponsesSize(4));
       }},
  };
  for (const Damage& damage : damages) {
    Ballot ballot = good;
    damage.make(ballot);
    EXPECT_THAT(Numbers(election->Check(ballot)), Contains(damage.check)) << damage.what;
  }
}

TEST(AnonymousElectionTest, NoFieldOfATagBallotCanBeChanged) {
  const auto election = Opened();
  ASSERT_THAT(Numbers(election->Cast(0, kNorthern)), IsEmpty());
  ASSERT_THAT(Numbers(election->Cast(2, kNorthern)), IsEmpty());
  const Ballot good = election->Ballot(0, kNorthern);
  ASSERT_NE(good.tag_answer(), nullptr);
  ASSERT_THAT(testing::Words(election->Check(good)), IsEmpty());
  const std::vector<Damage> damages = {
      {"sequence", "B6", [](Ballot& b) { ++b.sequence; }},
      {"the same sequence", "B3", [](Ballot& b) { --b.sequence; }},
      {"style", "B2", [](Ballot& b) { b.style = 2; }},
      {"another's tag", "B6", [&](Ballot& b) { b.credential = election->TagOf(2); }},
      {"a new tag", "B2", [&](Ballot& b) { b.credential = election->TagOf(4); }},
      {"no tag", "L3", [](Ballot& b) { b.credential = {}; }},
      {"response of a cell", "B4", [](Ballot& b) { b.contests[0].responses[0] ^= 1; }},
      {"commitment", "B6", [&](Ballot& b) { TagOf(b).commitment = election->TagOf(2); }},
      {"response", "B6", [](Ballot& b) { TagOf(b).response[0] ^= 1; }},
      {"no point", "L3", [](Ballot& b) { TagOf(b).commitment.fill(0xff); }},
      {"no scalar", "L3", [](Ballot& b) { TagOf(b).response.fill(0xff); }},
  };
  for (const Damage& damage : damages) {
    Ballot ballot = good;
    damage.make(ballot);
    EXPECT_THAT(Numbers(election->Check(ballot)), Contains(damage.check)) << damage.what;
  }
}

TEST(AnonymousElectionTest, ATagVotesOnceOverARingAndThenByItself) {
  const auto election = Opened();
  const uint32_t ring = election->RingOf(0);
  // Both are made before one of them is in the log.
  const Ballot first = election->AnonymousBallot(0, kNorthern, 1, ring);
  const Ballot second = election->AnonymousBallot(0, kNorthern, 2, ring);
  EXPECT_THAT(Numbers(election->Check(election->AnonymousBallot(0, kNorthern, 1, {}))),
              ElementsAre("B2"));
  ASSERT_THAT(Numbers(election->Append(first)), IsEmpty());
  EXPECT_THAT(Numbers(election->Check(second)), ElementsAre("B3"));
  EXPECT_THAT(Numbers(election->Append(election->AnonymousBallot(0, kNorthern, 2, {}))), IsEmpty());
  EXPECT_THAT(Numbers(election->Check(second)), ElementsAre("B3"));
  EXPECT_EQ(election->state().voters(), 1u);
  EXPECT_EQ(election->state().LastSequence(election->TagOf(0)), 2u);
  // The same ciphertext under another tag.
  Ballot copy = election->Ballot(2, kNorthern);
  copy.contests = first.contests;
  EXPECT_THAT(Numbers(election->Check(copy)), Contains("B7"));
}

TEST(AnonymousElectionTest, ARingHasNoMoreTagsThanMembers) {
  const auto election = Opened();
  const uint32_t ring = election->RingOf(1);
  ASSERT_EQ(election->rings().CrowdOf(ring), 2u);
  // As if proofs could be forged: three tags in a ring of two.
  ElectionState state(std::get<SignedManifest>(election->entries()[0]));
  const Ballot good = election->Ballot(1, kSouthern);
  for (size_t i = 1; i < election->entries().size(); ++i) {
    const record::Entry& entry = election->entries()[i];
    if (const auto* order = std::get_if<poll::SignedOrder>(&entry)) {
      state.ApplyOrder(*order, i, election->roll().state, {}, nullptr);
    } else {
      state.ApplyTrusteeMessage(std::get<SignedTrusteeMessage>(entry), i);
    }
  }
  for (uint8_t i = 0; i < 3; ++i) {
    Ballot ballot = good;
    ballot.credential[0] ^= static_cast<uint8_t>(i + 1);
    for (ContestBallot& contest : ballot.contests) {
      contest.ciphertexts[0] = i;
      contest.ciphertexts[64] = static_cast<uint8_t>(i + 10);
    }
    const std::vector<Violation> found = state.CheckBallot(ballot);
    if (i == 2) {
      EXPECT_THAT(Numbers(found), ElementsAre("B2"));
      EXPECT_THAT(std::string(found[0].status.message()), HasSubstr("as many tags already"));
    } else {
      ASSERT_THAT(testing::Words(found), IsEmpty());
      state.ApplyBallot(ballot, 100u + i);
    }
  }
}

TEST(AnonymousElectionTest, TakesNoNamesAndAPseudonymousOneNoTags) {
  const auto anonymous = Opened();
  ElectionFixture named;
  named.RunCeremony();
  named.Open();
  EXPECT_THAT(Numbers(anonymous->state().CheckBallot(named.Ballot(0, kNorthern))),
              ElementsAre("S8"));
  EXPECT_THAT(Numbers(named.state().CheckBallot(anonymous->Ballot(0, kNorthern))),
              ElementsAre("S8"));
  EXPECT_THAT(Numbers(anonymous->state().CheckChallenge({})), ElementsAre("S8"));
  EXPECT_THAT(Numbers(anonymous->state().CheckBallotOpening({}, nullptr)), ElementsAre("S8"));
  EXPECT_THAT(Numbers(anonymous->Revoke({0})), ElementsAre("S8"));
  EXPECT_THAT(Numbers(anonymous->Restore({0})), ElementsAre("S8"));
  EXPECT_TRUE(anonymous->state().revoked().empty());
}

TEST(AnonymousElectionTest, IsOpenedWithRings) {
  ElectionFixture election(Anonymous());
  election.RunCeremony();
  const auto check = [&](const std::function<void(poll::OpenAnonymousElection&)>& spoil) {
    poll::OpenAnonymousElection opening = election.AnonymousOpening();
    spoil(opening);
    return Numbers(election.Check(election.Order(opening)));
  };
  EXPECT_THAT(check([](auto&) {}), IsEmpty());
  EXPECT_THAT(check([](auto& o) { ++o.rings; }), ElementsAre("B12"));
  EXPECT_THAT(check([](auto& o) { o.rings_hash[0] ^= 1; }), ElementsAre("B12"));
  EXPECT_THAT(check([](auto& o) { ++o.epoch; }), ElementsAre("S14"));
  EXPECT_THAT(check([](auto& o) { o.roll.root[0] ^= 1; }), ElementsAre("S14"));
  EXPECT_THAT(check([](auto& o) { o.election_key = o.verification_keys[0]; }), ElementsAre("S12"));
  EXPECT_THAT(check([](auto& o) { ++o.attempt; }), ElementsAre("S8"));
  EXPECT_THAT(Numbers(election.Check(election.Order(election.Opening()))), ElementsAre("S8"));
  election.Open();
  EXPECT_EQ(election.state().beacon(), ElectionFixture::kBeacon);
  EXPECT_EQ(election.state().opening()->roll, election.roll().state->pin());

  ElectionFixture named;
  named.RunCeremony();
  EXPECT_THAT(Numbers(named.Check(named.Order(poll::OpenAnonymousElection{named.Opening()}))),
              ElementsAre("S8"));
}

TEST(AnonymousElectionTest, NeedsARollThatFits) {
  const auto opening = [](ElectionOptions options) {
    options.anonymous = true;
    ElectionFixture election(std::move(options));
    election.RunCeremony();
    return Numbers(election.Check(election.Order(election.AnonymousOpening())));
  };
  ElectionOptions few;
  few.manifest = [](Manifest& manifest) { manifest.anonymous->fewest = 3; };
  EXPECT_THAT(opening(few), ElementsAre("B12"));  // two members in district 2
  ElectionOptions none;
  none.manifest = [](Manifest& manifest) { manifest.anonymous->categories = {7}; };
  EXPECT_THAT(opening(none), ElementsAre("B12"));
  ElectionOptions heavy;
  heavy.roll.weights = {2};
  EXPECT_THAT(opening(heavy), ElementsAre("S16"));
  ElectionOptions rare;
  rare.manifest = [](Manifest& manifest) { manifest.minimum_ballots = 4; };
  EXPECT_THAT(opening(rare), ElementsAre("S16", "S16"));  // contests 2 and 3 have three members
  // Nobody asks about those who may not vote.
  ElectionOptions others;
  others.roll = {"board.example/roll", 8, {1, 2}, {1, 1, 5, 5}, {1, 2}};
  EXPECT_THAT(opening(others), IsEmpty());
}

TEST(AnonymousElectionTest, OthersOnTheRollAreInNoRing) {
  ElectionOptions options = Anonymous();
  // Members 0 and 1 of category 1, 2 and 3 of category 2, and so on, by district in turn.
  options.roll = {"board.example/roll", 8, {1, 2}, {1}, {1, 2}};
  const auto election = Opened(options);
  size_t entitled = 0;
  for (size_t voter = 0; voter < 8; ++voter) {
    const bool may = election->roll().members[voter].category == 1;
    EXPECT_EQ(election->rings().Find(election->Credential(voter)).has_value(), may) << voter;
    if (may) ++entitled;
  }
  EXPECT_EQ(entitled, 4u);
}

TEST(AnonymousElectionTest, WantsNothingThatDoesNotGoWithIt) {
  const auto expect = [](absl::string_view words, const std::function<void(Manifest&)>& spoil) {
    ElectionOptions options = Anonymous();
    options.manifest = spoil;
    const ElectionFixture election(std::move(options));
    EXPECT_THAT(Numbers(election.violations()), ElementsAre("S1"));
    EXPECT_THAT(std::string(StatusOf(election.violations(), Check::kS1).message()),
                HasSubstr(std::string(words)));
  };
  expect("cannot be challenged", [](Manifest& m) { m.challenges = 1; });
  expect("ring_size is 65", [](Manifest& m) { m.anonymous->ring_size = 65; });
  expect("fewest is 1", [](Manifest& m) { m.anonymous->fewest = 1; });
  expect("fewest is 33", [](Manifest& m) { m.anonymous->fewest = 33; });
}

TEST(AnonymousElectionTest, BallotsHaveTheSizesStated) {
  const auto election = Opened();
  const Manifest& manifest = election->manifest();
  const Bytes ring = record::EncodeEntry(election->Ballot(0, kNorthern)).value();
  EXPECT_EQ(ring.size(), BallotSize(manifest, *manifest.FindStyle(1)));
  ASSERT_THAT(Numbers(election->Cast(0, kNorthern)), IsEmpty());
  const Bytes tag = record::EncodeEntry(election->Ballot(0, kNorthern)).value();
  EXPECT_EQ(ring.size() - tag.size(), 54 + 32 * 21 - 110);
}

// Together and one by one, whatever is wrong.
TEST(AnonymousElectionTest, BatchesSayWhatIsSaidOneByOne) {
  const auto election = Opened();
  std::vector<Ballot> ballots;
  for (size_t voter = 0; voter < 5; ++voter) {
    ballots.push_back(election->Ballot(voter, voter % 2 == 0 ? kNorthern : kSouthern));
    ASSERT_THAT(Numbers(election->Append(ballots.back())), IsEmpty());
    ballots.push_back(election->Ballot(voter, voter % 2 == 0 ? kNorthern : kSouthern));
  }
  RingOf(ballots[0]).responses[0] ^= 1;
  TagOf(ballots[1]).response[0] ^= 1;
  ballots[2].contests[0].responses[0] ^= 1;
  ballots[3].contests[0].challenges[0] ^= 1;
  std::fill_n(RingOf(ballots[4]).commitments.begin(), 32, 0xff);
  ballots[4].contests[0].responses[0] ^= 1;
  TagOf(ballots[5]).commitment.fill(0xff);
  RingOf(ballots[6]).ring = 9;
  const VotingContext& context = *election->state().voting();
  std::vector<const Ballot*> pointers;
  for (const Ballot& ballot : ballots) pointers.push_back(&ballot);
  roll::RingCache rings(1 << 20);
  for (const auto order : {roll::RingOrder::kAllAtOnce, roll::RingOrder::kByStage}) {
    auto together = VerifyBallotsVarTime(election->manifest(), context, pointers, election->rng());
    const std::vector<RingVerdict> of_rings =
        VerifyBallotRingsVarTime(context, pointers, rings, order, 1, election->rng());
    for (size_t i = 0; i < ballots.size(); ++i) {
      AddRingVerdict(of_rings[i].violations, together[i]);
      std::vector<Violation> alone = VerifyBallotVarTime(election->manifest(), context, ballots[i]);
      const RingAnswer* answer = ballots[i].ring_answer();
      if (answer != nullptr && answer->ring < election->rings().size()) {
        AddRingVerdict(VerifyBallotRingVarTime(context, ballots[i],
                                               *rings.Get(context.anonymous->rings, answer->ring)),
                       alone);
      }
      EXPECT_EQ(testing::Words(together[i]), testing::Words(alone)) << "ballot " << i;
      EXPECT_EQ(together[i].empty(), i > 5) << "ballot " << i;
    }
    if (order == roll::RingOrder::kByStage) {
      EXPECT_EQ(of_rings[0].refused_by, crypto::RingStage::kMember);
      EXPECT_EQ(of_rings[4].refused_by, crypto::RingStage::kForm);
    }
  }
  EXPECT_THAT(Numbers(VerifyBallotsVarTime(election->manifest(), context, pointers, election->rng(),
                                           BatchOrder::kCredentialsFirst)[1]),
              ElementsAre("B6"));
}

TEST(AnonymousElectionTest, BeforeTheOpeningOnlyPointsAndScalarsAreLookedAt) {
  const auto election = Opened();
  Ballot ballot = election->Ballot(0, kNorthern);
  EXPECT_THAT(VerifyBallotVarTime(election->manifest(), {}, ballot), IsEmpty());
  std::fill_n(RingOf(ballot).commitments.begin(), 32, 0xff);
  ballot.credential = {};
  EXPECT_THAT(Numbers(VerifyBallotVarTime(election->manifest(), {}, ballot)),
              ElementsAre("L3", "L3"));
}

}  // namespace
}  // namespace urna::election
