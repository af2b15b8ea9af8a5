// Cheats with an anonymous election: rings, tags and the beacon. docs/protocol.md §4.1, §7.6.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/crypto/tag_proof.h"
#include "tests/forgery/elections.h"
#include "tests/support/verdicts.h"

namespace urna::forgery {
namespace {

using election::Ballot;
using election::RingAnswer;
using election::Selections;
using election::TagAnswer;

// Members 0, 2 and 4 are of district 1, the others of 2. Members 0 to 3 have voted, 0 twice.
constexpr size_t kVoted = 0, kNotYet = 4;

const Selections kNorthern = {{1, 0}, {1, 1, 0}, {2, 1}};

ElectionOptions Anonymous() {
  ElectionOptions options;
  options.anonymous = true;
  return options;
}

// With the beacon that its source gave.
void Write(Case& out, const ElectionFixture& election, Stage stage,
           const crypto::Hash32& beacon = ElectionFixture::kBeacon) {
  out.stage = stage;
  out.Write(election);
  absl::StrAppend(&out.policy, "beacon ", ToHex(beacon), "\n");
}

// An election that is open, with the usual ballots and one more entry by the cheat.
std::function<void(Case&)> With(const std::function<record::Entry(ElectionFixture&)>& make,
                                ElectionOptions options = Anonymous()) {
  return [=](Case& out) {
    ElectionFixture election(options);
    election.RunTo(Phase::kVoting);
    election.Append(make(election));
    Write(out, election, Stage::kVoting);
  };
}

RingAnswer& RingOf(Ballot& ballot) { return std::get<RingAnswer>(ballot.anonymous); }
TagAnswer& TagOf(Ballot& ballot) { return std::get<TagAnswer>(ballot.anonymous); }

// The ballot over a ring of who has not voted yet, spoilt when it was proved.
std::function<void(Case&)> RingBallotThat(
    const std::function<void(ElectionFixture&, Ballot&)>& spoil) {
  return With([=](ElectionFixture& election) {
    Ballot ballot = election.Ballot(kNotYet, kNorthern);
    spoil(election, ballot);
    return ballot;
  });
}

// The same of one that a tag casts again.
std::function<void(Case&)> TagBallotThat(
    const std::function<void(ElectionFixture&, Ballot&)>& spoil) {
  return With([=](ElectionFixture& election) {
    Ballot ballot = election.Ballot(kVoted, kNorthern);
    spoil(election, ballot);
    return ballot;
  });
}

// An opening that is spoilt before it is signed, and nothing else.
std::function<void(Case&)> Opening(const std::function<void(poll::OpenAnonymousElection&)>& spoil,
                                   ElectionOptions options = Anonymous()) {
  return [=](Case& out) {
    ElectionFixture election(options);
    election.RunCeremony();
    poll::OpenAnonymousElection opening = election.AnonymousOpening();
    if (spoil) spoil(opening);
    election.Append(election.Order(opening));
    Write(out, election, Stage::kVoting, opening.beacon);
  };
}

// A manifest that breaks a rule, signed all the same.
std::function<void(Case&)> Rules(const std::function<void(election::Manifest&)>& spoil) {
  return [=](Case& out) {
    ElectionOptions options = Anonymous();
    options.manifest = spoil;
    const ElectionFixture election(std::move(options));
    Write(out, election, Stage::kSetup);
  };
}

// As a voter of the same roll in another election, with another tag base, would make it here.
Ballot OfAnotherElection(ElectionFixture& election) {
  election::VotingContext context = *election.state().voting();
  context.anonymous = std::make_shared<const election::AnonymousVoting>(election::AnonymousVoting{
      crypto::TagBase(election.rng().Array<32>()), context.anonymous->rings});
  return election::MakeAnonymousBallot(election.manifest(), context, 1, kNorthern, 1,
                                       election.RingOf(kNotYet),
                                       election.roll().credentials[kNotYet], election.rng())
      .value();
}

std::vector<Forgery> RingForgeries() {
  return {
      {{Check::kB2},
       "BallotOverARingThatThereIsNot",
       Cheat::kVoter,
       RingBallotThat([](ElectionFixture& election, Ballot& ballot) {
         RingOf(ballot).ring = election.rings().size();
       })},
      {{Check::kB4, Check::kB5, Check::kB6},
       "RingBallotWithASecondTag",
       Cheat::kVoter,
       RingBallotThat([](ElectionFixture& election, Ballot& ballot) {
         ballot.credential = crypto::TagOf(crypto::Credential::Generate(election.rng()),
                                           election.state().voting()->anonymous->tag_base)
                                 .bytes();
       })},
      {{Check::kB4, Check::kB5, Check::kB6},
       "BallotOfAnotherAnonymousElection",
       Cheat::kVoter,
       With(
           [](ElectionFixture& election) -> record::Entry { return OfAnotherElection(election); })},
      {{Check::kB6},
       "SpoiltRingResponse",
       Cheat::kVoter,
       RingBallotThat([](ElectionFixture&, Ballot& ballot) { RingOf(ballot).responses[0] ^= 1; })},
      {{Check::kB4},
       "SpoiltRangeProofOverARing",
       Cheat::kVoter,
       RingBallotThat(
           [](ElectionFixture&, Ballot& ballot) { ballot.contests[0].responses[0] ^= 1; })},
      {{Check::kL3},
       "RingBallotWithTheIdentityAsTag",
       Cheat::kVoter,
       RingBallotThat([](ElectionFixture&, Ballot& ballot) { ballot.credential = {}; })},
      {{Check::kL3},
       "RingCommitmentThatIsNoPoint",
       Cheat::kVoter,
       RingBallotThat([](ElectionFixture&, Ballot& ballot) {
         std::fill_n(RingOf(ballot).commitments.begin(), 32, 0xff);
       })},
      {{Check::kB3},
       "SecondRingBallotOfATag",
       Cheat::kVoter,
       With([](ElectionFixture& election) -> record::Entry {
         return election.AnonymousBallot(kVoted, kNorthern, 9, election.RingOf(kVoted));
       })},
      {{Check::kB7},
       "SameRandomnessTwiceByTag",
       Cheat::kVoter,
       [](Case& out) {
         // The same device, the same randomness: the second ballot has the first one's cells.
         ElectionFixture election(Anonymous());
         election.RunTo(Phase::kVoting);
         crypto::SeededRng first(5), second(5);
         const auto make = [&](uint64_t sequence, crypto::Rng& rng) {
           return election::MakeAnonymousBallot(election.manifest(), *election.state().voting(), 1,
                                                kNorthern, sequence, std::nullopt,
                                                election.roll().credentials[kVoted], rng)
               .value();
         };
         election.Append(make(7, first));
         election.Append(make(8, second));
         Write(out, election, Stage::kVoting);
       }},
      {{Check::kB8},
       "RingBallotAfterTheClosing",
       Cheat::kOperator,
       [](Case& out) {
         ElectionFixture election(Anonymous());
         election.RunTo(Phase::kClosed);
         election.Append(election.Ballot(kNotYet, kNorthern));
         Write(out, election, Stage::kClosed);
       }},
  };
}

std::vector<Forgery> TagForgeries() {
  return {
      {{Check::kB2},
       "TagThatNoBallotOverARingHasHad",
       Cheat::kVoter,
       With([](ElectionFixture& election) -> record::Entry {
         return election.AnonymousBallot(kNotYet, kNorthern, 1, std::nullopt);
       })},
      {{Check::kB2},
       "StyleOfAnotherDistrictByTag",
       Cheat::kVoter,
       With([](ElectionFixture& election) -> record::Entry {
         return election::MakeAnonymousBallot(election.manifest(), *election.state().voting(), 2,
                                              {{1, 0}}, 9, std::nullopt,
                                              election.roll().credentials[kVoted], election.rng())
             .value();
       })},
      {{Check::kB3},
       "TagBallotWithAnEarlierSequence",
       Cheat::kOperator,
       With([](ElectionFixture& election) -> record::Entry {
         return election.AnonymousBallot(kVoted, kNorthern, 2, std::nullopt);
       })},
      {{Check::kB6},
       "TagBallotByAnother",
       Cheat::kVoter,
       TagBallotThat([](ElectionFixture&, Ballot& ballot) { TagOf(ballot).response[0] ^= 1; })},
      {{Check::kL3},
       "TagBallotWhoseCommitmentIsNoPoint",
       Cheat::kVoter,
       TagBallotThat(
           [](ElectionFixture&, Ballot& ballot) { TagOf(ballot).commitment.fill(0xff); })},
      {{Check::kC1},
       "TagIsCountedTwice",
       Cheat::kOfficers,
       [](Case& out) {
         ElectionOptions options =
             ChangeOrder<poll::Sum>([](poll::Order&, poll::Sum& sum) { ++sum.counted; });
         options.anonymous = true;
         ElectionFixture election(std::move(options));
         election.RunTo(Phase::kFinal);
         Write(out, election, Stage::kFinal);
       }},
  };
}

std::vector<Forgery> OpeningForgeries() {
  ElectionOptions few = Anonymous();
  few.manifest = [](election::Manifest& manifest) { manifest.anonymous->fewest = 3; };
  ElectionOptions heavy = Anonymous();
  heavy.roll.weights = {2};
  return {
      {{Check::kB12},
       "OneRingTooManyInAnElection",
       Cheat::kOfficers,
       Opening([](poll::OpenAnonymousElection& opening) { ++opening.rings; })},
      {{Check::kB12},
       "OtherRingsInAnElection",
       Cheat::kOfficers,
       Opening([](poll::OpenAnonymousElection& opening) { opening.rings_hash[0] ^= 1; })},
      {{Check::kB12}, "DistrictTooSmallToVoteIn", Cheat::kOfficers, Opening(nullptr, few)},
      {{Check::kS14},
       "AnotherEpochThanThePinnedOne",
       Cheat::kOfficers,
       Opening([](poll::OpenAnonymousElection& opening) { ++opening.epoch; })},
      {{Check::kS16}, "WeightInAnAnonymousElection", Cheat::kOfficers, Opening(nullptr, heavy)},
      {{Check::kS8},
       "RevocationInAnAnonymousElection",
       Cheat::kOfficers,
       With([](ElectionFixture& election) -> record::Entry {
         return election.Order(poll::Revoke{election.Credentials({0})}, "They voted on paper.");
       })},
      {{Check::kS8},
       "NamedBallotInAnAnonymousElection",
       Cheat::kVoter,
       With([](ElectionFixture& election) -> record::Entry {
         return election::MakeBallot(election.manifest(), *election.state().voting(), 1, kNorthern,
                                     1, election.roll().credentials[kNotYet], election.rng())
             .value();
       })},
      {{Check::kS8},
       "AnonymousBallotInAPseudonymousElection",
       Cheat::kVoter,
       [](Case& out) {
         ElectionFixture other(Anonymous());
         other.RunTo(Phase::kVoting);
         const Ballot ballot = other.Ballot(kNotYet, kNorthern);
         ElectionFixture election;
         election.RunTo(Phase::kVoting);
         election.Append(ballot);
         Write(out, election, Stage::kVoting);
       }},
      {{Check::kS1},
       "ChallengesInAnAnonymousElection",
       Cheat::kOfficers,
       Rules([](election::Manifest& manifest) { manifest.challenges = 1; })},
      {{Check::kS1},
       "RingSizeOfNoRingInAnElection",
       Cheat::kOfficers,
       Rules([](election::Manifest& manifest) { manifest.anonymous->ring_size = 128; })},
      {{Check::kI5},
       "AnotherBeaconThanTheElectionsSourceGave",
       Cheat::kOfficers,
       [](Case& out) {
         ElectionFixture election(Anonymous());
         election.RunTo(Phase::kFinal);
         crypto::Hash32 published = ElectionFixture::kBeacon;
         published[31] ^= 1;
         Write(out, election, Stage::kFinal, published);
       }},
  };
}

}  // namespace

std::vector<Forgery> AnonymousElectionForgeries() {
  std::vector<Forgery> out = RingForgeries();
  for (auto more : {TagForgeries, OpeningForgeries}) {
    for (Forgery& forgery : more()) out.push_back(std::move(forgery));
  }
  return out;
}

}  // namespace urna::forgery
