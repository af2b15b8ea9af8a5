// What the audit says about honest records: at every stage, with and without a policy, with
// receipts and older checkpoints.
#include "core/audit/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "core/audit/verified_state.h"
#include "core/merkle/proof.h"
#include "core/merkle/tlog_proof.h"
#include "tests/core/audit/audit_kit.h"
#include "tests/support/witnesses.h"

namespace urna::audit {
namespace {

using election::Phase;
using testing::ElectionFixture;
using ::testing::HasSubstr;
using testing::TemporaryDirectory;

const ElectionFixture& FinishedElection() {
  static const auto* const election = [] {
    auto* made = new ElectionFixture();
    made->RunTo(Phase::kFinal);
    return made;
  }();
  return *election;
}

TEST(ReportTest, QuotesNoControlCharactersOfARecord) {
  Findings findings;
  findings.Fail(Check::kL1, "checkpoint",
                absl::InvalidArgumentError("the log 'a\x1b[2J\nL1   PASS' is another"));
  findings.NotRun(Check::kL2, "no tile '\xc2\x9b'");
  const std::string text =
      Report::Make(findings, PollKind::kElection, std::nullopt, Stage::kFinal).ToText();
  EXPECT_THAT(text, HasSubstr("- checkpoint: the log 'a [2J L1   PASS' is another\n"));
  EXPECT_THAT(text, HasSubstr("(no tile ' ')\n"));
}

TEST(AuditTest, PassesEveryCheckOfAnHonestElection) {
  const ElectionFixture& election = FinishedElection();
  const AuditResult result = AuditElection(election, ElectionOptionsOf(election));
  EXPECT_EQ(result.report.ExitStatus(), 0) << result.report.ToText();
  EXPECT_EQ(With(result.report, Outcome::kNotDue), "L4 L5 L6 I5 S17 B12");
  EXPECT_EQ(With(result.report, Outcome::kFail), "");
  EXPECT_EQ(With(result.report, Outcome::kNotRun), "");
  ASSERT_NE(result.election, nullptr);
  ASSERT_TRUE(result.election->published().has_value());
  EXPECT_EQ(result.election->published()->results, ElectionFixture::UsualTotals());
  // Three ballots of seven cells, two of two; sums of the first two contests, not of the third.
  EXPECT_EQ(result.report.Find(Check::kB4)->looked, 25u);
  EXPECT_EQ(result.report.Find(Check::kB4)->passed, 25u);
  EXPECT_EQ(result.report.Find(Check::kB5)->looked, 8u);
  EXPECT_EQ(result.report.Find(Check::kB6)->looked, 5u);
  EXPECT_EQ(result.report.Find(Check::kL2)->looked, 3u);  // the record, the poll's log, the roll's
  EXPECT_EQ(result.report.Find(Check::kC7)->looked, 7u);
  EXPECT_EQ(result.report.Find(Check::kS4)->looked, 5u);
  EXPECT_THAT(ResultText(result, "en"), ::testing::HasSubstr("Mayor"));
  EXPECT_THAT(ToJson(result), ::testing::HasSubstr("\"verified\": true"));
}

TEST(AuditTest, WithoutAPolicyTheIdentitiesAreNotRunAndTheStatusIsTwo) {
  const ElectionFixture& election = FinishedElection();
  AuditOptions options;
  const AuditResult result = AuditElection(election, options);
  EXPECT_EQ(result.report.ExitStatus(), 2);
  EXPECT_EQ(With(result.report, Outcome::kNotRun), "L6 I1 I2 I3 I4 S17");
  EXPECT_FALSE(result.report.verified());
}

TEST(AuditTest, APrefixIsNoResultUnlessItsStageIsNamed) {
  const std::pair<Phase, Stage> steps[] = {{Phase::kSetup, Stage::kSetup},
                                           {Phase::kVoting, Stage::kVoting},
                                           {Phase::kClosed, Stage::kClosed},
                                           {Phase::kSummed, Stage::kClosed}};
  for (const auto& [phase, stage] : steps) {
    ElectionFixture election;
    election.RunTo(phase);
    const AuditResult named = AuditElection(election, ElectionOptionsOf(election, stage));
    EXPECT_EQ(named.report.ExitStatus(), 0) << StageName(stage) << "\n" << named.report.ToText();
    const AuditResult final_asked = AuditElection(election, ElectionOptionsOf(election));
    EXPECT_EQ(final_asked.report.ExitStatus(), 2) << final_asked.report.ToText();
    EXPECT_EQ(With(final_asked.report, Outcome::kFail), "");
  }
}

TEST(AuditTest, PassesEveryCheckOfAnHonestPetition) {
  PetitionLog petition;
  petition.Open();
  petition.Sign(0, 1);
  petition.Sign(1, 1);
  petition.Withdraw(0, 2);
  petition.Sign(0, 5);
  petition.Sign(3, 1);
  petition.Close();
  petition.Finish();
  const AuditResult result = petition.Audit(petition.Options());
  EXPECT_EQ(result.report.ExitStatus(), 0) << result.report.ToText();
  EXPECT_EQ(With(result.report, Outcome::kNotDue), "L4 L5 L6 I5 S17 P8 P9 P10 P11 P12");
  ASSERT_NE(result.petition, nullptr);
  EXPECT_EQ(result.petition->count(), 3u);
  EXPECT_THAT(ResultText(result, "en"), ::testing::HasSubstr("3 signatures"));
}

TEST(AuditTest, PassesEveryCheckOfAnHonestAnonymousElection) {
  testing::ElectionOptions made;
  made.anonymous = true;
  ElectionFixture election(made);
  election.RunTo(election::Phase::kFinal);
  AuditOptions options = ElectionOptionsOf(election);
  options.policy->beacon = ElectionFixture::kBeacon;
  const AuditResult result = AuditElection(election, options);
  EXPECT_EQ(result.report.ExitStatus(), 0) << result.report.ToText();
  EXPECT_EQ(With(result.report, Outcome::kNotDue), "L4 L5 L6 S17");
  EXPECT_EQ(result.report.Find(Check::kB6)->looked, 5u);
  EXPECT_EQ(result.report.Find(Check::kB12)->looked, 1u);
  EXPECT_EQ(result.election->published()->results, ElectionFixture::UsualTotals());
  EXPECT_THAT(ResultText(result, "en"),
              ::testing::HasSubstr("one of at least 2 members of the roll"));
  EXPECT_THAT(ToJson(result), ::testing::HasSubstr("\"smallest_crowd\": 2"));

  // Nobody looked up what the beacon was.
  options.policy->beacon.reset();
  const AuditResult unknown = AuditElection(election, options);
  EXPECT_EQ(With(unknown.report, Outcome::kNotRun), "I5");
}

// Without the roll nobody is held not to be on it: what can be looked at is looked at.
TEST(AuditTest, AnAnonymousElectionWithoutItsRoll) {
  testing::ElectionOptions made;
  made.anonymous = true;
  ElectionFixture election(made);
  election.RunTo(election::Phase::kVoting);
  election.Append(election.AnonymousBallot(4, {{1, 0}, {1, 1, 0}, {2, 1}}, 1, std::nullopt));
  const testing::TemporaryDirectory directory;
  testing::WriteRecordFiles(directory.path(), election.people().poll_log.named.name,
                            election.people(), election.encoded(), election.roll(), false);
  AuditOptions options = ElectionOptionsOf(election, Stage::kVoting);
  options.policy->beacon = ElectionFixture::kBeacon;
  const AuditResult result = AuditRecord(directory.path(), options);
  for (Check check :
       {Check::kB2, Check::kB4, Check::kB5, Check::kB6, Check::kB9, Check::kB12, Check::kS16}) {
    EXPECT_EQ(result.report.Find(check)->outcome, Outcome::kNotRun) << InfoOf(check).number;
  }
  EXPECT_EQ(result.report.Find(Check::kB3)->outcome, Outcome::kPass);
  EXPECT_EQ(result.report.Find(Check::kB7)->outcome, Outcome::kPass);
  // All but the last, whose tag no ballot over a ring has had.
  EXPECT_EQ(result.election->voters(), 4u);
  EXPECT_EQ(result.election->ballots(), 5u);
}

TEST(AuditTest, PassesEveryCheckOfAnHonestAnonymousPetition) {
  PetitionLog petition(7, petition::PetitionKit::SmallRings());
  petition.Open();
  petition.SignInRing(0, 1);
  petition.SignInRing(1, 1);
  petition.ActByTag(0, petition::Act::kWithdraw, 2);
  petition.ActByTag(0, petition::Act::kSign, 5);
  petition.Close();
  petition.Finish();
  AuditOptions options = petition.Options();
  const AuditResult result = petition.Audit(options);
  EXPECT_EQ(result.report.ExitStatus(), 0) << result.report.ToText();
  EXPECT_EQ(With(result.report, Outcome::kNotDue), "L4 L5 L6 S17");
  EXPECT_EQ(result.report.Find(Check::kP4)->looked, 4u);
  EXPECT_EQ(result.petition->count(), 2u);
  EXPECT_THAT(ResultText(result, "en"),
              ::testing::HasSubstr("one of at least 2 members of the roll"));
  EXPECT_THAT(ToJson(result), ::testing::HasSubstr("\"smallest_crowd\": 2"));

  // Nobody looked up what the beacon was.
  options.policy->beacon.reset();
  const AuditResult unknown = petition.Audit(options);
  EXPECT_EQ(unknown.report.ExitStatus(), 2);
  EXPECT_EQ(With(unknown.report, Outcome::kNotRun), "I5");
}

TEST(AuditTest, PassesEveryCheckOfAPetitionWithALaterEpoch) {
  PetitionLog petition(7, petition::PetitionKit::SmallRings());
  petition::PetitionKit& kit = petition.kit;
  const crypto::Credential newcomer = crypto::Credential::Generate(kit.rng);
  petition.Open();
  petition.SignInRing(0, 1);
  kit.Change({testing::Addition(kit.roll, newcomer, 1, kit.rng)});
  petition.BringIn(kit.NextEpoch());
  petition.Act(kit.MakeRingOf(newcomer, 1, 2));
  petition.Act(kit.MakeRingOf(kit.roll.credentials[1], 1, 1));
  petition.BringIn(kit.NextEpoch(2));
  petition.ActByTag(0, petition::Act::kWithdraw, 2);
  petition.Close();
  petition.Finish();
  AuditOptions options = petition.Options();
  const AuditResult result = petition.Audit(options);
  EXPECT_EQ(result.report.ExitStatus(), 0) << result.report.ToText();
  EXPECT_EQ(result.petition->count(), 2u);
  EXPECT_EQ(result.report.Find(Check::kS14)->looked, 3u);
  EXPECT_EQ(result.report.Find(Check::kP8)->looked, 3u);
  EXPECT_EQ(result.report.Find(Check::kI5)->looked, 3u);
  // Header, six members, seal, change, seal: all of it is looked at.
  EXPECT_EQ(result.report.Find(Check::kS3)->looked, 7u);
  EXPECT_EQ(result.roll->epoch(), 1u);
  const std::string json = ToJson(result);
  EXPECT_THAT(json, ::testing::HasSubstr("\"rings\": 4"));
  EXPECT_THAT(json, ::testing::HasSubstr("\"smallest_crowd\": 2"));
  EXPECT_EQ(result.series.size(), 4u);

  options.policy->epoch_beacons.clear();
  const AuditResult unknown = petition.Audit(options);
  EXPECT_EQ(With(unknown.report, Outcome::kNotRun), "I5");
  EXPECT_THAT(unknown.report.Find(Check::kI5)->reason, ::testing::HasSubstr("epoch-beacon 2"));

  // What an auditor has verified up to the epoch need not be proved again.
  options = petition.Options();
  options.verified_prefix =
      VerifiedPrefix{8, testing::RootOf({petition.entries.begin(), petition.entries.begin() + 8})};
  EXPECT_EQ(petition.Audit(options).report.ExitStatus(), 0);
}

// What the series of a petition shows: orders at their indexes, and the counts before them.
TEST(AuditTest, SaysWhenThereWereHowManyOnlineAndOnPaper) {
  petition::AnonymousRules rules = petition::PetitionKit::SmallRings();
  rules.paper_categories = {2};
  PetitionLog petition(7, rules, {.members = 12, .districts = {1, 2, 3}, .categories = {1, 2}});
  petition.Open();
  petition.SignInRing(0, 1);
  const auto order = [&](decltype(poll::Order::act) act) {
    petition.Order(petition.kit.Next(std::move(act), petition.kit.state.orders().last_time() + 1));
  };
  order(poll::Step{poll::StepKind::kMark, 0, {}});
  order(poll::PaperBatch{"a", {1}, 1, {{1, 2, 0}}});
  petition.SignInRing(1, 1);
  petition.Close();
  petition.Finish();
  order(poll::Step{poll::StepKind::kVerify, 0, {}});
  const AuditResult result = petition.Audit(petition.Options());
  EXPECT_EQ(result.report.ExitStatus(), 0) << result.report.ToText();
  constexpr uint64_t kOpens = petition::PetitionKit::kOpens;
  constexpr uint64_t kCloses = petition::PetitionKit::kCloses;
  EXPECT_THAT(result.series, ::testing::ElementsAre(SeriesPoint{5, kOpens + 1, true, 1, 0},
                                                    SeriesPoint{6, kOpens + 2, true, 1, 0},
                                                    SeriesPoint{8, kCloses, true, 2, 2},
                                                    SeriesPoint{9, kCloses + 1, true, 2, 2}));
  const std::string json = ToJson(result);
  for (const char* words : {"\"state\": \"verified\"", "\"online\": 2", "\"passed\": true",
                            "\"by\": \"order\"", "\"districts_met\": 0"}) {
    EXPECT_THAT(json, ::testing::HasSubstr(words));
  }
  EXPECT_THAT(ResultText(result, "en"), ::testing::HasSubstr("4 signatures: 2 online, 2 on paper"));
}

TEST(AuditTest, APetitionThatWasGivenUpIsAskedForWhatItCameTo) {
  PetitionLog draft(7, petition::PetitionKit::SmallRings());
  draft.Order(
      draft.kit.Next(poll::Step{poll::StepKind::kWithdraw, 20, {}}, petition::PetitionKit::kOpens));
  const AuditResult early = draft.Audit(draft.Options());
  EXPECT_EQ(early.report.ExitStatus(), 0) << early.report.ToText();
  EXPECT_EQ(early.report.reached(), Stage::kFinal);
  EXPECT_EQ(With(early.report, Outcome::kNotDue),
            "L4 L5 L6 I5 S3 S4 S14 S17 P1 P2 P3 P4 P5 P6 P7 P8 P10 P11");
  EXPECT_THAT(ToJson(early), ::testing::HasSubstr("\"state\": \"withdrawn\""));

  PetitionLog collecting(7, petition::PetitionKit::SmallRings());
  collecting.Open();
  collecting.SignInRing(0, 1);
  collecting.Order(collecting.kit.Next(poll::Step{poll::StepKind::kWithdraw, 20, {}},
                                       petition::PetitionKit::kOpens + 5));
  const AuditResult late = collecting.Audit(collecting.Options());
  EXPECT_EQ(late.report.ExitStatus(), 0) << late.report.ToText();
  EXPECT_EQ(With(late.report, Outcome::kNotDue), "L4 L5 L6 S17 P6 P7 P11");
  EXPECT_EQ(late.series.size(), 1u);
}

// The rings hang on the roll: without it nothing is said to be proved.
TEST(AuditTest, WithoutTheRollNothingAnonymousIsProved) {
  PetitionLog petition(7, petition::PetitionKit::SmallRings());
  petition.Open();
  petition.SignInRing(0, 1);
  petition.ActByTag(0, petition::Act::kWithdraw, 2);
  const testing::TemporaryDirectory directory;
  testing::WriteRecordFiles(directory.path(), petition.kit.people.poll_log.named.name,
                            petition.kit.people, petition.entries, petition.kit.roll, false);
  const AuditResult result = AuditRecord(directory.path(), petition.Options(Stage::kVoting));
  EXPECT_EQ(result.report.ExitStatus(), 1);
  for (Check check : {Check::kP3, Check::kP4, Check::kP8}) {
    EXPECT_EQ(result.report.Find(check)->outcome, Outcome::kNotRun) << InfoOf(check).number;
  }
  EXPECT_EQ(result.report.Find(Check::kP5)->outcome, Outcome::kPass);
}

// A receipt for entry `index` of the first `size` entries.
Bytes ReceiptOf(const ElectionFixture& election, uint64_t index, uint64_t size) {
  const TemporaryDirectory directory;
  const std::vector<Bytes> entries(election.encoded().begin(),
                                   election.encoded().begin() + static_cast<ptrdiff_t>(size));
  testing::WriteLogFiles(directory.path(), election.people().poll_log.named.name,
                         election.people().poll_log, entries);
  const auto log = record::LogReader::Open(directory.path()).value();
  const auto proof = merkle::InclusionProof(size, index, log.nodes()).value();
  const std::string text =
      merkle::TlogProof::Create(index, proof, AsText(log.checkpoint_note())).value().Serialize();
  return ToBytes(AsBytes(text));
}

TEST(AuditTest, FindsReceiptsInTheRecordAndGrowthSinceAnOlderCheckpoint) {
  const ElectionFixture& election = FinishedElection();
  const uint64_t size = election.encoded().size();
  AuditOptions options = ElectionOptionsOf(election);
  options.receipts = {{"first", ReceiptOf(election, 20, 21)},
                      {"last", ReceiptOf(election, 3, size)}};
  const TemporaryDirectory older;
  const std::vector<Bytes> prefix(election.encoded().begin(), election.encoded().begin() + 9);
  testing::WriteLogFiles(older.path(), election.people().poll_log.named.name,
                         election.people().poll_log, prefix);
  options.older_checkpoints = {
      {"older", record::LogReader::Open(older.path()).value().checkpoint_note()}};
  const AuditResult result = AuditElection(election, options);
  EXPECT_EQ(result.report.ExitStatus(), 0) << result.report.ToText();
  EXPECT_EQ(result.report.Find(Check::kL5)->passed, 2u);
  EXPECT_EQ(result.report.Find(Check::kL4)->outcome, Outcome::kPass);
}

TEST(AuditTest, ARecordCutBehindAReceiptFailsThatReceipt) {
  ElectionFixture election;
  election.RunTo(Phase::kClosed);
  const Bytes receipt =
      ReceiptOf(election, election.encoded().size() - 1, election.encoded().size());
  ElectionFixture shorter;
  shorter.RunTo(Phase::kVoting);
  AuditOptions options = ElectionOptionsOf(shorter, Stage::kVoting);
  options.receipts = {{"cut", receipt}};
  const AuditResult result = AuditElection(shorter, options);
  EXPECT_EQ(With(result.report, Outcome::kFail), "L5") << result.report.ToText();
}

TEST(AuditTest, AVerifiedPrefixIsUsedOnlyIfItsRootIsTheRecords) {
  ElectionFixture election;
  election.RunTo(Phase::kVoting);
  election::Ballot bad = election.Ballot(2, {{0, 1}, {1, 0, 0}, {2, 0}});
  bad.contests[0].responses[0] ^= 1;
  election.Append(bad);
  AuditOptions options = ElectionOptionsOf(election, Stage::kVoting);
  // Somebody who says that he proved these very entries before is taken at his word …
  options.verified_prefix =
      VerifiedPrefix{election.encoded().size(), testing::RootOf(election.encoded())};
  EXPECT_EQ(With(AuditElection(election, options).report, Outcome::kFail), "");
  // … but not about others.
  options.verified_prefix->root[0] ^= 1;
  EXPECT_EQ(With(AuditElection(election, options).report, Outcome::kFail), "B4");
}

TEST(AuditTest, ACountFromAVerifiedPrefixIsTheSame) {
  const ElectionFixture& election = FinishedElection();
  const AuditResult whole = AuditElection(election, ElectionOptionsOf(election, Stage::kFinal));
  ASSERT_EQ(whole.report.ExitStatus(), 0) << whole.report.ToText();
  // Before the first ballot, among the ballots, behind the order sum, at the end.
  const uint64_t sum = whole.election->summed()->index;
  for (uint64_t size : {uint64_t{3}, sum - 3, sum + 2, whole.size}) {
    const std::vector<Bytes> prefix(election.encoded().begin(),
                                    election.encoded().begin() + static_cast<ptrdiff_t>(size));
    AuditOptions options = ElectionOptionsOf(election, Stage::kFinal);
    options.verified_prefix = VerifiedPrefix{size, testing::RootOf(prefix)};
    const AuditResult result = AuditElection(election, options);
    EXPECT_EQ(result.report.ToText(), whole.report.ToText()) << size;
  }
}

TEST(AuditTest, GivesTheSumsOfAClosedElectionIfTheyAreWanted) {
  ElectionFixture election;
  election.RunTo(Phase::kClosed);
  AuditOptions options = ElectionOptionsOf(election, Stage::kClosed);
  EXPECT_FALSE(AuditElection(election, options).sums.has_value());
  options.sum_closed = true;
  EXPECT_EQ(AuditElection(election, options).sums, election.Sums());
  election.LogSum();  // now they stand in the state
  const AuditResult summed = AuditElection(election, options);
  EXPECT_FALSE(summed.sums.has_value());
  EXPECT_EQ(summed.election->summed()->sums, election.Sums());
}

TEST(AuditTest, EnrolmentsOfAVerifiedOpeningAreNotProvedAgain) {
  testing::ElectionOptions fault;
  fault.make_roll = [](const testing::TestPeople& people, crypto::Rng& rng) {
    testing::TestRoll roll = testing::MakeRoll({"board.example/roll", 5, {1, 2}}, people.registrar,
                                               people.roll_log, rng);
    roll.members[1].responses[0] ^= 1;
    std::vector<Bytes> entries = roll.Entries();
    entries.pop_back();
    roll.seal = testing::SignRollSeal(people.registrar, roll.state->roll_id(),
                                      {1, roll.members.size(), testing::RootOf(entries)});
    auto state = std::make_shared<roll::RollState>(roll.header);
    for (const roll::RollMember& member : roll.members) state->ApplyMember(member);
    state->ApplySeal(roll.seal, testing::RootOf(roll.Entries()));
    roll.state = state;
    return roll;
  };
  ElectionFixture election(std::move(fault));
  election.RunTo(Phase::kVoting);
  AuditOptions options = ElectionOptionsOf(election, Stage::kVoting);
  EXPECT_EQ(With(AuditElection(election, options).report, Outcome::kFail), "S4");
  options.verified_prefix =
      VerifiedPrefix{election.encoded().size(), testing::RootOf(election.encoded())};
  EXPECT_EQ(With(AuditElection(election, options).report, Outcome::kFail), "");
}

TEST(VerifiedStateTest, IsTheCheckpointInAFormOfItsOwn) {
  const ElectionFixture& election = FinishedElection();
  const AuditResult result = AuditElection(election, ElectionOptionsOf(election, Stage::kFinal));
  const VerifiedState state = VerifiedState::Of(result.checkpoint_note).value();
  EXPECT_EQ(state.prefix.size, result.size);
  EXPECT_EQ(state.prefix.root, result.root);
  const VerifiedState read = VerifiedState::Parse(state.ToText()).value();
  EXPECT_EQ(read.checkpoint_note, result.checkpoint_note);
  EXPECT_EQ(read.prefix.size, result.size);
  EXPECT_EQ(read.prefix.root, result.root);
  // A published checkpoint says nothing about what somebody has verified.
  EXPECT_THAT(std::string(VerifiedState::Parse(AsText(result.checkpoint_note)).status().message()),
              HasSubstr("no state of a verifier"));
  EXPECT_FALSE(VerifiedState::Parse("").ok());
  const std::string text = state.ToText();
  EXPECT_FALSE(VerifiedState::Parse(text.substr(0, text.size() / 2)).ok());
}

TEST(AuditTest, SaysWhatIsMissing) {
  const TemporaryDirectory empty;
  const AuditResult result = AuditRecord(empty.path(), AuditOptions());
  EXPECT_EQ(result.report.ExitStatus(), 1);
  EXPECT_EQ(With(result.report, Outcome::kFail), "L1");
  EXPECT_EQ(With(result.report, Outcome::kPass), "");
  EXPECT_FALSE(result.report.reached().has_value());
}

TEST(AuditTest, APinnedRollThatIsMissingIsAFailure) {
  const ElectionFixture& election = FinishedElection();
  const TemporaryDirectory directory;
  testing::WriteRecordFiles(directory.path(), election.people().poll_log.named.name,
                            election.people(), election.encoded(), election.roll(), false);
  const AuditResult result = AuditRecord(directory.path(), ElectionOptionsOf(election));
  EXPECT_EQ(result.report.ExitStatus(), 1);
  EXPECT_THAT(With(result.report, Outcome::kFail), ::testing::HasSubstr("L2"));
  EXPECT_THAT(With(result.report, Outcome::kNotRun), ::testing::HasSubstr("S3 S4"));
}

TEST(AuditTest, AnEmptyLogIsNoRecord) {
  PetitionLog petition;
  petition.entries.clear();
  const AuditResult result = petition.Audit(petition.Options(Stage::kSetup));
  EXPECT_EQ(result.report.ExitStatus(), 1) << result.report.ToText();
}

TEST(ReportTest, NoCheckPassesThatNobodyMade) {
  const Findings nothing;
  const Report report = Report::Make(nothing, PollKind::kElection, Stage::kFinal, Stage::kFinal);
  EXPECT_EQ(With(report, Outcome::kPass), "");
  EXPECT_EQ(report.ExitStatus(), 2);
}

TEST(ReportTest, AFailureIsStrongerThanHavingRun) {
  Findings findings;
  for (const CheckInfo& info : AllChecks()) findings.Ran(info.check);
  EXPECT_EQ(Report::Make(findings, PollKind::kElection, Stage::kFinal, Stage::kFinal).ExitStatus(),
            0);
  findings.Fail(Check::kB4, "entry 3", absl::InvalidArgumentError("wrong"));
  const Report report = Report::Make(findings, PollKind::kElection, Stage::kFinal, Stage::kFinal);
  EXPECT_EQ(report.ExitStatus(), 1);
  EXPECT_EQ(With(report, Outcome::kFail), "B4");
  EXPECT_EQ(With(report, Outcome::kNotRun), "C1 C2 C3 C4 C5 C6 C7 C8 C9");
  EXPECT_THAT(report.ToText(), ::testing::HasSubstr("entry 3: wrong"));
}

TEST(PolicyTest, RefusesWhatIsMissingRepeatedOrUnknown) {
  const std::string good = testing::PolicyText(FinishedElection().people(), 2, 2);
  ASSERT_TRUE(Policy::Parse(good).ok()) << Policy::Parse(good).status();
  EXPECT_EQ(Policy::Parse(Policy::Parse(good)->ToText())->ToText(), Policy::Parse(good)->ToText());
  const auto without = [&](const std::string& word) {
    std::string text = good;
    const size_t at = text.find("\n" + word + " ");
    text.erase(at, text.find('\n', at + 1) - at);
    return text;
  };
  for (const char* word :
       {"log", "roll", "registrar", "officer-quorum", "trustee-threshold", "quorum"}) {
    const absl::Status status = Policy::Parse(without(word)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << word;
    EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr(word));
  }
  EXPECT_FALSE(Policy::Parse(good + "quorum none\n").ok());
  EXPECT_FALSE(Policy::Parse(good + "witnes x\n").ok());
  EXPECT_FALSE(Policy::Parse(good + "officer nonsense\n").ok());
  EXPECT_FALSE(Policy::Parse("").ok());
}

TEST(PolicyTest, TakesABeaconOnceInHex) {
  const std::string good = testing::PolicyText(FinishedElection().people(), 2, 2);
  const std::string hex(64, 'a');
  EXPECT_EQ(Policy::Parse(good)->beacon, std::nullopt);
  const auto policy = Policy::Parse(good + "beacon " + hex + "\n");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_EQ(ToHex(*policy->beacon), hex);
  EXPECT_EQ(Policy::Parse(policy->ToText())->beacon, policy->beacon);
  for (const std::string& bad : {std::string(63, 'a'), std::string(64, 'A'), std::string(66, 'a'),
                                 std::string(64, 'g'), hex + " " + hex, hex + "\nbeacon " + hex}) {
    EXPECT_FALSE(Policy::Parse(good + "beacon " + bad + "\n").ok()) << bad;
  }
}

TEST(PolicyTest, TakesABeaconForEveryLaterEpoch) {
  const std::string good = testing::PolicyText(FinishedElection().people(), 2, 2);
  const std::string hex(64, 'a'), other(64, 'b');
  const auto policy =
      Policy::Parse(good + "epoch-beacon 4294967295 " + hex + "\nepoch-beacon 2 " + other + "\n");
  ASSERT_TRUE(policy.ok()) << policy.status();
  ASSERT_EQ(policy->epoch_beacons.size(), 2u);
  EXPECT_EQ(ToHex(policy->epoch_beacons.at(2)), other);
  EXPECT_EQ(ToHex(policy->epoch_beacons.at(UINT32_MAX)), hex);
  EXPECT_EQ(policy->beacon, std::nullopt);
  EXPECT_EQ(Policy::Parse(policy->ToText())->epoch_beacons, policy->epoch_beacons);
  for (const std::string& bad :
       {hex, "1 " + hex, "0 " + hex, "02 " + hex, "+2 " + hex, "4294967296 " + hex, "x " + hex,
        "2  " + hex, std::string("2"), "2 " + hex.substr(1), "2 " + hex + " 2",
        "2 " + hex + "\nepoch-beacon 2 " + hex}) {
    EXPECT_FALSE(Policy::Parse(good + "epoch-beacon " + bad + "\n").ok()) << bad;
  }
}

TEST(PolicyTest, TakesWitnessesInTheFormOfWitnessPolicies) {
  const std::string none = "quorum none\n";
  std::string others = testing::PolicyText(FinishedElection().people(), 2, 2);
  others.erase(others.find(none), none.size());
  const std::string lines = testing::TestWitnesses().PolicyLines({"https://w.example"});
  for (const std::string& text : {others + lines, lines + "# more\n\n" + others}) {
    const absl::StatusOr<Policy> policy = Policy::Parse(text);
    ASSERT_TRUE(policy.ok()) << policy.status();
    EXPECT_TRUE(policy->witnesses.has_quorum());
    EXPECT_EQ(policy->witnesses.witnesses().size(), 3u);
    EXPECT_EQ(Policy::Parse(policy->ToText())->witnesses, policy->witnesses);
  }
  const std::string known = lines.substr(0, lines.find("group"));
  EXPECT_FALSE(Policy::Parse(others + known + none)->witnesses.has_quorum());
  const auto refused = [&](const std::string& bad, const std::string& why) {
    EXPECT_THAT(std::string(Policy::Parse(others + bad).status().message()),
                ::testing::HasSubstr(why))
        << bad;
  };
  refused(known, "no line 'quorum'");
  refused(lines + "quorum g\n", "a second line 'quorum'");
  refused("quorum g\n" + known, "defines 'g'");
  refused(known + "group g any  w0\nquorum g\n", "more than one space");
  refused(known + "group g any w0 \nquorum g\n", "more than one space");
  refused(known + "group g any\tw0\nquorum g\n", "a tab");
  refused(known + "group g 4 w0 w1 w2\nquorum g\n", "the group needs");
  // Lines are numbered as they stand in the file.
  refused("# one more\nquorum nobody\n",
          absl::StrCat("line ", std::count(others.begin(), others.end(), '\n') + 2));
}

}  // namespace
}  // namespace urna::audit
