#include "core/base/numbered_checks.h"

#include "absl/strings/str_cat.h"
#include "core/base/check.h"

namespace urna {
namespace {

using enum Check;

constexpr PollKind kBoth = PollKind::kBoth;
constexpr PollKind kElection = PollKind::kElection;
constexpr PollKind kPetition = PollKind::kPetition;

std::vector<CheckInfo> MakeTable() {
  const Stage setup = Stage::kSetup;
  const Stage voting = Stage::kVoting;
  const Stage final_stage = Stage::kFinal;
  return {
      {kL1,
       "L1",
       "every log's checkpoint is well formed and signed by the log key of its first entry, under "
       "its origin",
       kBoth,
       setup,
       {}},
      {kL2,
       "L2",
       "the files are exactly those of the tree's size, and entries and every tile rebuild the "
       "root",
       kBoth,
       setup,
       {}},
      {kL3, "L3", "every entry is canonical", kBoth, setup, {}},
      {kL4,
       "L4",
       "the record has grown from the older checkpoint that was given",
       kBoth,
       setup,
       {kL1, kL2}},
      {kL5, "L5", "every receipt that was given is in the record", kBoth, setup, {kL1, kL2}},
      {kL6, "L6", "the witness quorum is met by the poll's checkpoint", kBoth, setup, {kL1}},
      {kL7,
       "L7",
       "every witnessed checkpoint in the log is of that log itself, and earlier",
       kBoth,
       setup,
       {kL2}},
      {kI1, "I1", "the log keys and origins are the policy's", kBoth, setup, {}},
      {kI2, "I2", "the officers and their quorum are the policy's", kBoth, setup, {}},
      {kI3, "I3", "the registrar is the policy's", kBoth, setup, {}},
      {kI4, "I4", "the trustees and their threshold are the policy's", kElection, setup, {}},
      {kI5, "I5", "the beacon of an anonymous poll is the policy's", kBoth, voting, {}},
      {kS1,
       "S1",
       "the first entry, and no other, is the manifest, and it follows the rules",
       kBoth,
       setup,
       {}},
      {kS2, "S2", "the manifest is signed by enough officers", kBoth, setup, {kS1}},
      {kS3,
       "S3",
       "the roll is whole, sorted, without repetition, and signed by its registrar",
       kBoth,
       voting,
       {kL3}},
      {kS4, "S4", "every roll member's enrolment is proved", kBoth, voting, {kL3}},
      {kS5, "S5", "orders are numbered and chained", kBoth, setup, {kS1, kL3}},
      {kS6, "S6", "orders are signed by enough officers", kBoth, setup, {kS1}},
      {kS7,
       "S7",
       "times of orders rise, and one off the schedule has a reason",
       kBoth,
       setup,
       {kS1}},
      {kS8,
       "S8",
       "every order and trustee message has its place: phases, attempts, rounds",
       kBoth,
       setup,
       {kS1, kL3}},
      {kS9, "S9", "trustee messages are signed by their trustees", kElection, setup, {kS1}},
      {kS10, "S10", "key commitments are opened and coefficients proved", kElection, setup, {kS8}},
      {kS11,
       "S11",
       "the attempt that is opened was acknowledged by all trustees, and nobody complained",
       kElection,
       voting,
       {kS8}},
      {kS12,
       "S12",
       "election key and verification keys are what the coefficients give",
       kElection,
       voting,
       {kS8, kS10}},
      {kS13,
       "S13",
       "drills are proved, and every trustee had one before the opening",
       kElection,
       voting,
       {kS12}},
      {kS14, "S14", "the opening pins the roll that is in the record", kBoth, voting, {}},
      {kS15,
       "S15",
       "revocations and restorations name members of the roll and have a reason",
       kElection,
       voting,
       {kS8}},
      {kS16,
       "S16",
       "no weight on the roll is so rare that totals would give votes away",
       kElection,
       voting,
       {kS1, kS14}},
      {kS17,
       "S17",
       "opening and closing lie between the witnesses' times",
       kBoth,
       voting,
       {kS8, kL6, kL7}},
      {kB1,
       "B1",
       "ballots have exactly the contests and options of their style",
       kElection,
       voting,
       {kS1}},
      {kB2,
       "B2",
       "the credential or ring of every ballot and challenge is on the roll, in a district of that "
       "style",
       kElection,
       voting,
       {kS3, kS14}},
      {kB3, "B3", "sequence numbers of a credential or tag rise", kElection, voting, {}},
      {kB4, "B4", "every cell is proved to be in its range", kElection, voting, {kB1, kB12}},
      {kB5,
       "B5",
       "every contest's sum, and its choice of a list, is proved to be in its range",
       kElection,
       voting,
       {kB1, kB12}},
      {kB6,
       "B6",
       "every ballot and challenge is proved by its credential or tag",
       kElection,
       voting,
       {kB1, kB12}},
      {kB7, "B7", "no ciphertext stands twice", kElection, voting, {}},
      {kB8,
       "B8",
       "ballots and challenges lie between opening and closing",
       kElection,
       voting,
       {kS8}},
      {kB9, "B9", "every limit of a contest is proved to be kept", kElection, voting, {kB1, kB12}},
      {kB10,
       "B10",
       "no challenged ballot is cast, and nobody challenges more than is allowed",
       kElection,
       voting,
       {}},
      {kB11, "B11", "openings are those of challenged ballots", kElection, voting, {kB10}},
      {kB12,
       "B12",
       "the rings of an anonymous election are those that roll, manifest and beacon give, none too "
       "small",
       kElection,
       voting,
       {kS1, kS3, kS14}},
      {kC1,
       "C1",
       "the counted set is what order sum pins",
       kElection,
       final_stage,
       {kL3, kS15, kB1, kB2, kB3, kB4, kB5, kB6, kB7, kB8, kB9, kB10, kB12}},
      {kC2,
       "C2",
       "the parts are those of the counted set, none below the minimum",
       kElection,
       final_stage,
       {kC1}},
      {kC3, "C3", "the sums are what order sum pins", kElection, final_stage, {kC2}},
      {kC4,
       "C4",
       "acknowledgements fit, and stand before the shares",
       kElection,
       final_stage,
       {kC3}},
      {kC5, "C5", "every decryption share is proved", kElection, final_stage, {kC3}},
      {kC6, "C6", "every part has shares of enough trustees", kElection, final_stage, {kC3}},
      {kC7,
       "C7",
       "the totals are the decryption of the sums",
       kElection,
       final_stage,
       {kC5, kC6, kC8}},
      {kC8,
       "C8",
       "the result has every part and every counted cell once, and possible totals",
       kElection,
       final_stage,
       {kC2}},
      {kC9,
       "C9",
       "the outcomes are what the result rules give from the totals",
       kElection,
       final_stage,
       {kC8}},
      {kP1, "P1", "the text is the one that was opened", kPetition, voting, {kS1}},
      {kP2, "P2", "petition acts lie between opening and closing", kPetition, voting, {kS8}},
      {kP3,
       "P3",
       "every signer is on the roll, in a district of the petition",
       kPetition,
       voting,
       {kS3, kS14}},
      {kP4, "P4", "every act is proved by its credential or tag", kPetition, voting, {kP8}},
      {kP5,
       "P5",
       "sequence numbers rise; who has signed may withdraw, who has not may sign",
       kPetition,
       voting,
       {}},
      {kP6,
       "P6",
       "the count and the districts' counts are those of the result",
       kPetition,
       final_stage,
       {kL3, kP1, kP2, kP3, kP4, kP5, kP10}},
      {kP7,
       "P7",
       "thresholds, and where each was reached, are those of the result",
       kPetition,
       final_stage,
       {kP6}},
      {kP8,
       "P8",
       "the rings of an anonymous petition are those that roll, manifest and beacon give, none too "
       "small",
       kPetition,
       voting,
       {kS1, kS3, kS14}},
      {kP9,
       "P9",
       "initiators are invited and confirm in time, for the text in force, and enough before it is "
       "submitted",
       kPetition,
       setup,
       {kS1}},
      {kP10,
       "P10",
       "paper batches are told apart, and none says more signatures than the roll has members for "
       "paper",
       kPetition,
       voting,
       {kS3, kS14}},
      {kP11,
       "P11",
       "minimums, and whether the petition has passed, are those of the result",
       kPetition,
       final_stage,
       {kP6}},
      {kP12,
       "P12",
       "steps have the codes and documents that they ask for; none expires or is handed over that "
       "may not",
       kPetition,
       setup,
       {kS1}},
  };
}

}  // namespace

const std::vector<CheckInfo>& AllChecks() {
  static const auto* const table = new std::vector<CheckInfo>(MakeTable());
  return *table;
}

const CheckInfo& InfoOf(Check check) {
  const CheckInfo& info = AllChecks()[static_cast<size_t>(check)];
  URNA_CHECK(info.check == check, "the table of checks is in the order of the enumeration");
  return info;
}

absl::string_view StageName(Stage stage) {
  switch (stage) {
    case Stage::kSetup:
      return "setup";
    case Stage::kVoting:
      return "voting";
    case Stage::kClosed:
      return "closed";
    case Stage::kFinal:
      return "final";
  }
  return "unknown";
}

absl::StatusOr<Stage> ParseStage(absl::string_view name) {
  for (Stage stage : {Stage::kSetup, Stage::kVoting, Stage::kClosed, Stage::kFinal}) {
    if (name == StageName(stage)) return stage;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("stage '", name, "' is none of setup, voting, closed, final"));
}

}  // namespace urna
