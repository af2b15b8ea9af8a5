// Records without fault, at every stage and with everything in them.
#include "absl/strings/str_cat.h"
#include "tests/forgery/elections.h"

namespace urna::forgery {

std::vector<Honest> HonestPetitions();           // petition_forgeries.cc
std::vector<Honest> HonestAnonymousPetitions();  // anonymous_forgeries.cc
std::vector<Honest> HonestEpochs();              // epoch_forgeries.cc
std::vector<Honest> HonestLives();               // life_forgeries.cc
std::vector<Honest> HonestWitnessedRecords();    // witness_forgeries.cc

namespace {

// Weights, districts, a blank vote, slack bits, a challenge with its opening, a revocation and a
// restoration, an outcome.
ElectionOptions Everything() {
  ElectionOptions options = RichElection();
  const auto rich = options.manifest;
  options.manifest = [rich](election::Manifest& m) {
    rich(m);
    m.contests[0].by_district = true;
    m.contests[0].result = election::MostVotes{1, election::MostVotes::Tie::kLeftOpen};
    m.contests[1].result = election::GreedyBudget{7, election::GreedyBudget::Reading::kSkip,
                                                  election::GreedyBudget::Tie::kLowerCost};
  };
  options.roll.weights = {1, 2};
  return options;
}

void Finish(ElectionFixture& election) {
  election.Close();
  election.LogSum();
  election.LogCountAcknowledgements();
  for (uint16_t trustee : {1, 3}) election.LogDecryptionShares(trustee);
  election.LogResult();
}

}  // namespace

std::unique_ptr<ElectionFixture> ElectionWithEverything() {
  auto made = std::make_unique<ElectionFixture>(Everything());
  ElectionFixture& election = *made;
  election.RunTo(Phase::kVoting);
  election.LogOpening(election.Challenge(kSouth, {{1, 0}}));
  election.Cast(kSouth, {{0, 1}});
  election.Revoke({0, 3});
  election.Restore({0});
  election.Cast(0, {{0, 0}, {0, 1, 1}, {0, 0, 1}});
  Finish(election);
  return made;
}

// One list of two, its candidates, and a seat for each two votes.
std::unique_ptr<ElectionFixture> ElectionWithLists() {
  ElectionOptions options;
  options.manifest = [](election::Manifest& m) {
    election::Contest& contest = m.contests[0];
    contest.rule = election::Rule::kLists;
    contest.blank = true;
    contest.lists = {{"greens", testing::English("Greens")}, {"reds", testing::English("Reds")}};
    contest.options[1].list = 1;
    contest.result = election::ListSeats{1, election::ListSeats::Method::kModifiedDHondt, 500};
  };
  auto made = std::make_unique<ElectionFixture>(std::move(options));
  ElectionFixture& election = *made;
  election.RunCeremony();
  election.Open();
  election.Cast(1, {{1, 0, 1, 0, 0}});
  election.Cast(3, {{0, 0, 0, 1, 0}});
  election.Cast(0, {{0, 1, 0, 1, 0}, {1, 0, 0}, {0, 0}});
  election.Cast(2, {{0, 0, 0, 0, 1}, {1, 0, 0}, {0, 0}});
  Finish(election);
  return made;
}

namespace {

// More values than branches: everything with slack bits.
void WithWideScores(Case& out) {
  ElectionOptions options;
  options.manifest = [](election::Manifest& m) {
    m.contests = {m.contests[0]};
    m.contests[0].rule = election::Rule::kScore;
    m.contests[0].option_max = 20;
    m.contests[0].sum_max = 30;
    m.styles = {{1, {1}}};
    m.districts[1].style = 1;
  };
  ElectionFixture election(std::move(options));
  election.RunCeremony();
  election.Open();
  election.Cast(0, {{20, 10}});
  election.Cast(1, {{0, 0}});
  election.Cast(2, {{7, 20}});
  Finish(election);
  out.Write(election);
}

// The first attempt of the key ceremony fails: trustee 3 complains about dealer 1, who shows the
// share.
void WithComplaint(Case& out) {
  ElectionFixture election;
  election.LogCommitments();
  election.LogCoefficients();
  election.LogShares();
  election.Append(election.Sign(election::KeyComplaint{1, 3, 1, 2}));
  election::KeyShareOpening opening{1, 1, 3, {}};
  opening.share = election.dealer(1).secrets.polynomial.ShareFor(3).ExposeForOpening().bytes();
  election.Append(election.Sign(opening));
  election.NewAttempt();
  election.RunTo(Phase::kFinal);
  out.Write(election);
}

// The roll has three epochs, and an entry that has no place in a roll behind them; the election
// pins the second epoch, and what follows is no business of its.
void OnALaterEpoch(Case& out) {
  ElectionOptions options;
  std::vector<Bytes> third;
  options.make_roll = [&third](const testing::TestPeople& people, crypto::Rng& rng) {
    testing::TestRoll roll =
        testing::MakeRoll(ElectionOptions().roll, people.registrar, people.roll_log, rng);
    testing::AddEpoch(roll, people.registrar, testing::UsualChanges(roll, people.registrar, rng));
    testing::TestRoll grown = roll.PublicPart();
    testing::ChangeRoll(
        grown, people.registrar,
        {{roll::ChangeKind::kRemove, {.credential = roll.members[0].credential}, {}},
         {roll::ChangeKind::kMove,
          {.credential = roll.members[1].credential, .district = 1, .category = 1},
          {}}});
    third.assign(grown.later.begin() + static_cast<ptrdiff_t>(roll.later.size()),
                 grown.later.end());
    return roll;
  };
  ElectionFixture election(std::move(options));
  election.RunTo(Phase::kFinal);
  testing::TestRoll grown = election.roll().PublicPart();
  grown.later.insert(grown.later.end(), third.begin(), third.end());
  grown.later.push_back(election.encoded().front());
  out.Write(election.people(), 2, election.encoded(), grown, true);
}

Honest Until(const char* name, Phase phase, Stage asked, int exit_status) {
  return {name, exit_status, [=](Case& out) { MakeTo(out, phase, {}, asked); }};
}

}  // namespace

// Everybody but one has voted, and one has voted twice.
Honest AnonymousUntil(const std::string& name, Phase phase, Stage stage) {
  return {name, 0, [=](Case& out) {
            ElectionOptions options;
            options.anonymous = true;
            MakeTo(out, phase, options, stage);
            absl::StrAppend(&out.policy, "beacon ", ToHex(ElectionFixture::kBeacon), "\n");
          }};
}

std::vector<Honest> HonestRecords() {
  std::vector<Honest> all = {
      Until("ElectionFinal", Phase::kFinal, Stage::kFinal, 0),
      Until("SetUp", Phase::kSetup, Stage::kSetup, 0),
      Until("Voting", Phase::kVoting, Stage::kVoting, 0),
      Until("Closed", Phase::kClosed, Stage::kClosed, 0),
      Until("Summed", Phase::kSummed, Stage::kClosed, 0),
      // A prefix of the log under an older checkpoint is no result.
      Until("SetUpIsNotFinal", Phase::kSetup, Stage::kFinal, 2),
      Until("VotingIsNotFinal", Phase::kVoting, Stage::kFinal, 2),
      Until("ClosedIsNotFinal", Phase::kClosed, Stage::kFinal, 2),
      Until("SummedIsNotFinal", Phase::kSummed, Stage::kFinal, 2),
      {"ElectionWithEverything", 0, [](Case& out) { out.Write(*ElectionWithEverything()); }},
      {"ElectionWithLists", 0, [](Case& out) { out.Write(*ElectionWithLists()); }},
      {"ElectionThatGrew", 0,
       [](Case& out) {
         const auto election = ElectionWithEverything();
         out.Write(*election);
         out.WriteOlder(*election, election->encoded().size() / 2);
       }},
      AnonymousUntil("AnonymousElection", Phase::kFinal, Stage::kFinal),
      AnonymousUntil("AnonymousElectionIsOpen", Phase::kVoting, Stage::kVoting),
      AnonymousUntil("AnonymousElectionIsSetUp", Phase::kSetup, Stage::kSetup),
      {"ElectionWithWideScores", 0, WithWideScores},
      {"ElectionAfterAComplaint", 0, WithComplaint},
      {"ElectionOnALaterEpochOfItsRoll", 0, OnALaterEpoch},
  };
  for (const auto& some : {HonestPetitions(), HonestAnonymousPetitions(), HonestEpochs(),
                           HonestLives(), HonestWitnessedRecords()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace urna::forgery
