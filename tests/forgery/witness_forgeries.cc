// What a board can do about witnesses: show them less than it has, log what they never saw, say
// another time; and honest records that witnesses have seen. docs/protocol.md §10.4.
#include <fstream>

#include "absl/strings/str_cat.h"
#include "core/record/directory.h"
#include "tests/core/audit/audit_kit.h"
#include "tests/forgery/elections.h"
#include "tests/support/witnesses.h"

namespace urna::forgery {
namespace {

using testing::TestWitnesses;
using Times = std::vector<uint64_t>;

constexpr uint64_t kOpens = testing::kTestSchedule.opens;
constexpr uint64_t kCloses = testing::kTestSchedule.closes;

// When two of three witnesses, or more, cosign what: each may be left empty.
struct Story {
  Times before_opening = {0, kOpens - 600, kOpens - 599};
  Times after_opening = {kOpens + 600, 0, kOpens};
  Times before_closing = {kCloses - 600, kCloses - 600, kCloses - 600};
  Times after_closing = {};
  Times own = {kCloses + 600, kCloses + 600, 0};  // the record's checkpoint
};

// Logs the checkpoint of the log as it is.
void LogTimes(ElectionFixture& election, const TestWitnesses& witnesses, const Times& times) {
  if (times.empty()) return;
  const Bytes note = testing::SignedCheckpoint(election.people().poll_log.named.name,
                                               election.people().poll_log, election.encoded());
  election.Append(poll::WitnessedCheckpoint{witnesses.Cosign(note, times)});
}

// Gives the auditor witnesses, and the record's checkpoint their lines.
void Witness(Case& out, const TestWitnesses& witnesses, const Times& own) {
  const std::string none = "quorum none\n";
  out.policy.replace(out.policy.find(none), none.size(), witnesses.PolicyLines());
  const std::string directory = record::PollDirectory(out.record());
  const Bytes note = record::LogReader::Open(directory).value().checkpoint_note();
  const Bytes cosigned = witnesses.Cosign(note, own);
  std::ofstream(directory + "/checkpoint", std::ios::binary) << AsText(cosigned);
}

// A whole election; `while_open` may log more.
void Tell(Case& out, const Story& story,
          const std::function<void(ElectionFixture&, const TestWitnesses&)>& while_open = {}) {
  const TestWitnesses witnesses;
  ElectionFixture election;
  election.RunCeremony();
  LogTimes(election, witnesses, story.before_opening);
  election.Open();
  LogTimes(election, witnesses, story.after_opening);
  election.CastUsualBallots();
  if (while_open) while_open(election, witnesses);
  LogTimes(election, witnesses, story.before_closing);
  election.Close();
  LogTimes(election, witnesses, story.after_closing);
  election.LogSum();
  election.LogCountAcknowledgements();
  for (uint16_t trustee : {1, 2}) election.LogDecryptionShares(trustee);
  election.LogResult();
  out.Write(election);
  Witness(out, witnesses, story.own);
}

// The same with the note that the cheat makes of the log's own checkpoint, cosigned or not.
std::function<void(Case&)> LoggedNote(
    std::function<Bytes(const ElectionFixture&, const TestWitnesses&)> make) {
  return [make = std::move(make)](Case& out) {
    Tell(out, {}, [&make](ElectionFixture& election, const TestWitnesses& witnesses) {
      election.Append(poll::WitnessedCheckpoint{make(election, witnesses)});
    });
  };
}

std::function<void(Case&)> Told(Story story) {
  return [story = std::move(story)](Case& out) { Tell(out, story); };
}

const Times kWhileOpen = {kOpens + 900, kOpens + 900, kOpens + 900};

Bytes CheckpointOf(const ElectionFixture& election, const std::vector<Bytes>& entries) {
  return testing::SignedCheckpoint(election.people().poll_log.named.name,
                                   election.people().poll_log, entries);
}

// An honest checkpoint with a byte of its last line changed: of its time, or of its signature.
Bytes WithBadLine(const TestWitnesses& witnesses, ByteSpan note, size_t byte) {
  const Bytes cosigned = witnesses.Cosign(note, kWhileOpen);
  const merkle::Note parsed = merkle::Note::Parse(cosigned).value();
  std::vector<merkle::NoteSignature> lines = parsed.signatures();
  lines.back().signature.at(byte) ^= 1;
  return ToBytes(AsBytes(merkle::Note::Create(parsed.text(), lines).value().Serialize()));
}

// Changes the checkpoint of an honest record.
std::function<void(Case&)> WithCheckpoint(std::function<Bytes(const Bytes& note)> change) {
  return [change = std::move(change)](Case& out) {
    Tell(out, {});
    const std::string directory = record::PollDirectory(out.record());
    const Bytes note = record::LogReader::Open(directory).value().checkpoint_note();
    const Bytes changed = change(note);
    std::ofstream(directory + "/checkpoint", std::ios::binary) << AsText(changed);
  };
}

void AfterTheResult(Case& out) {
  const TestWitnesses witnesses;
  ElectionFixture election;
  election.RunTo(Phase::kFinal);
  LogTimes(election, witnesses, kWhileOpen);
  out.Write(election);
}

std::vector<Forgery> LineForgeries() {
  return {
      {{Check::kL1}, "SignatureLineOfAStranger", Cheat::kOperator, WithCheckpoint([](auto& note) {
         return TestWitnesses(1, 1, 5).Cosign(note, {kCloses});
       })},
      {{Check::kL1}, "CosignatureTwice", Cheat::kOperator, WithCheckpoint([](auto& note) {
         return TestWitnesses().Cosign(note, {kCloses});
       })},
      {{Check::kL1}, "CosignatureOfAnotherTime", Cheat::kOperator, WithCheckpoint([](auto& note) {
         const merkle::Note parsed = merkle::Note::Parse(note).value();
         std::vector<merkle::NoteSignature> lines = parsed.signatures();
         lines.back().signature.at(7) ^= 1;
         return ToBytes(AsBytes(merkle::Note::Create(parsed.text(), lines).value().Serialize()));
       })},
      {{Check::kL6}, "CosignedByTooFew", Cheat::kOperator, Told({.own = {0, 0, kCloses + 1}})},
      {{Check::kL6}, "CosignedByNobody", Cheat::kOperator, Told({.own = {}})},
  };
}

std::vector<Forgery> LoggedForgeries() {
  return {
      {{Check::kL7},
       "WitnessedCheckpointOfAnotherHistory",
       Cheat::kOperator,
       LoggedNote([](const ElectionFixture& election, const TestWitnesses& witnesses) {
         std::vector<Bytes> entries = election.encoded();
         entries.back() = {1, 2, 3};
         return witnesses.Cosign(CheckpointOf(election, entries), kWhileOpen);
       })},
      {{Check::kL7},
       "WitnessedCheckpointOfWhatComesLater",
       Cheat::kOperator,
       LoggedNote([](const ElectionFixture& election, const TestWitnesses& witnesses) {
         std::vector<Bytes> entries = election.encoded();
         entries.push_back({1, 2, 3});
         return witnesses.Cosign(CheckpointOf(election, entries), kWhileOpen);
       })},
      {{Check::kL7},
       "WitnessedCheckpointThatTheLogHasNotSigned",
       Cheat::kOperator,
       LoggedNote([](const ElectionFixture& election, const TestWitnesses& witnesses) {
         return witnesses.Cosign(
             testing::SignedCheckpoint(election.people().poll_log.named.name,
                                       election.people().roll_log, election.encoded()),
             kWhileOpen);
       })},
      {{Check::kL7},
       "LoggedCosignatureThatDoesNotVerify",
       Cheat::kOperator,
       LoggedNote([](const ElectionFixture& election, const TestWitnesses& witnesses) {
         return WithBadLine(witnesses, CheckpointOf(election, election.encoded()), 70);
       })},
      {{Check::kL7},
       "LoggedCosignatureOfAnotherTime",
       Cheat::kOperator,
       LoggedNote([](const ElectionFixture& election, const TestWitnesses& witnesses) {
         return WithBadLine(witnesses, CheckpointOf(election, election.encoded()), 7);
       })},
      {{Check::kL7},
       "LoggedNoteThatIsNoCheckpoint",
       Cheat::kOperator,
       LoggedNote([](const ElectionFixture&, const TestWitnesses&) {
         return ToBytes(AsBytes("a note\n"));
       })},
      {{Check::kS8}, "WitnessedCheckpointAfterTheResult", Cheat::kOperator, AfterTheResult},
  };
}

// Times of orders: what the witnesses show is the only thing that speaks against them.
std::vector<Forgery> TimeForgeries() {
  return {
      // Logged early and kept back: no witness's time stands before it.
      {{Check::kS17}, "OpenedWithoutWitnesses", Cheat::kOperator, Told({.before_opening = {}})},
      {{Check::kS17},
       "OpenedEarlierThanItSays",
       Cheat::kOperator,
       Told({.before_opening = {kOpens - 601, kOpens - 601, kOpens + 100}})},
      {{Check::kS17},
       "OpenedLaterThanItSays",
       Cheat::kOperator,
       Told({.after_opening = {kOpens + 601, kOpens + 601, kOpens}})},
      // The witnesses saw the log as it was before the closing; only that is shown later.
      {{Check::kS17},
       "ClosedEarlierThanItSays",
       Cheat::kOperator,
       Told({.before_closing = {}, .after_closing = {kCloses + 1, kCloses + 1, kCloses + 1}})},
      {{Check::kS17},
       "ClosedLaterThanItSays",
       Cheat::kOperator,
       Told({.own = {kCloses + 601, kCloses + 601, kCloses}})},
      {{Check::kS17},
       "ClosedLaterThanItSaysWithTimesOfTheLogBefore",
       Cheat::kOperator,
       [](Case& out) {
         // Logged after the closing, of the log before it: no time of the closing.
         const TestWitnesses witnesses;
         ElectionFixture election;
         election.RunCeremony();
         LogTimes(election, witnesses, Story().before_opening);
         election.Open();
         LogTimes(election, witnesses, Story().after_opening);
         election.CastUsualBallots();
         LogTimes(election, witnesses, Story().before_closing);
         const Bytes before = witnesses.Cosign(CheckpointOf(election, election.encoded()),
                                               {kCloses, kCloses, kCloses});
         election.Close();
         election.Append(poll::WitnessedCheckpoint{before});
         out.stage = Stage::kClosed;
         out.Write(election);
         Witness(out, witnesses, {kCloses + 700, kCloses + 700, kCloses + 700});
       }},
  };
}

void WitnessedPetition(Case& out) {
  const TestWitnesses witnesses;
  audit::PetitionLog petition;
  const auto log = [&](uint64_t time) {
    const Bytes note = testing::SignedCheckpoint(petition.kit.people.poll_log.named.name,
                                                 petition.kit.people.poll_log, petition.entries);
    petition.Add(poll::WitnessedCheckpoint{witnesses.Cosign(note, {time, time, time})});
    ++petition.kit.index;
  };
  const uint64_t opens = petition::PetitionKit::kOpens;
  const uint64_t closes = petition::PetitionKit::kCloses;
  log(opens);
  petition.Open();
  log(opens + 1);
  petition.Sign(0, 1);
  petition.Sign(1, 1);
  log(closes - 1);
  petition.Close();
  petition.Finish();
  out.Write(petition.kit.people, 0, petition.entries, petition.kit.roll, true);
  Witness(out, witnesses, {closes + 2, 0, closes + 3});
}

enum class Middle { kMark, kRollEpoch };

// An anonymous one with a mark or a roll epoch in the middle, which the witnesses have seen at
// other times than it says by `off` seconds.
void AnonymousPetition(Case& out, Middle middle, uint64_t off) {
  const TestWitnesses witnesses;
  audit::PetitionLog petition(7, petition::PetitionKit::SmallRings());
  const auto log = [&](uint64_t time) {
    const Bytes note = testing::SignedCheckpoint(petition.kit.people.poll_log.named.name,
                                                 petition.kit.people.poll_log, petition.entries);
    petition.Add(poll::WitnessedCheckpoint{witnesses.Cosign(note, {time, time, time})});
    ++petition.kit.index;
  };
  constexpr uint64_t kMiddle = (kOpens + kCloses) / 2;
  log(kOpens);
  petition.Open();
  log(kOpens + 1);
  petition.SignInRing(0, 1);
  log(kMiddle - off);
  if (middle == Middle::kMark) {
    petition.Order(petition.kit.Next(poll::Step{poll::StepKind::kMark, 0, {}}, kMiddle));
  } else {
    petition.kit.Change({testing::Moving(petition.kit.roll.members[2], 2)});
    petition.Order(petition.kit.Next(petition.kit.NextEpoch(), kMiddle));
  }
  log(kMiddle - off + 2);
  petition.SignInRing(1, 1);
  log(kCloses - 1);
  petition.Close();
  petition.Finish();
  out.Write(petition.kit.people, 0, petition.entries, petition.kit.roll, true);
  absl::StrAppend(&out.policy, "beacon ", ToHex(petition::PetitionKit::kBeacon),
                  "\nepoch-beacon 2 ", ToHex(petition::PetitionKit::kLaterBeacon), "\n");
  Witness(out, witnesses, {kCloses + 2, 0, kCloses + 3});
}

// An auditor who trusts no witness, but knows them, or who knows none and finds none in the
// checkpoint.
void QuorumNone(Case& out, bool known) {
  Tell(out, {.own = known ? Story().own : Times{}});
  const TestWitnesses witnesses;
  const std::string lines = witnesses.PolicyLines();
  const std::string kept = known ? lines.substr(0, lines.find("group")) : "";
  out.policy.replace(out.policy.find(lines), lines.size(), kept + "quorum none\n");
}

std::vector<Forgery> MarkForgeries() {
  return {
      {{Check::kS17},
       "MarkDatedLaterThanItWasLogged",
       Cheat::kOfficers,
       [](Case& out) { AnonymousPetition(out, Middle::kMark, 5000); }},
      // Of all the beacons that have come out by then the officers take one that they like.
      {{Check::kS17},
       "RollEpochDatedAsItsBeaconWants",
       Cheat::kOfficers,
       [](Case& out) { AnonymousPetition(out, Middle::kRollEpoch, 5000); }},
  };
}

}  // namespace

std::vector<Forgery> WitnessForgeries() {
  std::vector<Forgery> all;
  for (const auto& some : {LineForgeries(), LoggedForgeries(), TimeForgeries(), MarkForgeries()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

std::vector<Honest> HonestWitnessedRecords() {
  return {
      {"WitnessedElection", 0, Told({})},
      {"WitnessedElectionWithAllTimesInTheLog", 0,
       Told({.after_closing = {kCloses, kCloses + 600, 0},
             .own = {kCloses + 9000, kCloses + 9000, 0}})},
      {"WitnessedPetition", 0, WitnessedPetition},
      {"WitnessedPetitionWithAMark", 0,
       [](Case& out) { AnonymousPetition(out, Middle::kMark, 0); }},
      {"WitnessedPetitionWithARollEpoch", 0,
       [](Case& out) { AnonymousPetition(out, Middle::kRollEpoch, 0); }},
      {"WitnessedAndNobodyAsks", 0, [](Case& out) { QuorumNone(out, true); }},
      {"WitnessesOnlyInTheLog", 0, [](Case& out) { QuorumNone(out, false); }},
  };
}

}  // namespace urna::forgery
