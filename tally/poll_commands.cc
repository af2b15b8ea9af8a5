// status, policy.
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/audit/policy.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/merkle/witness_policy.h"
#include "core/record/directory.h"
#include "tally/commands.h"
#include "tally/poll_source.h"
#include "tally/roll_log.h"
#include "tally/status_report.h"

namespace urna::tally {
namespace {

absl::Status ShowStatus(const PollOptions& options, const Context& context) {
  // A record has its roll beside it; from a board only the poll's log is read.
  const std::string record = options.record;
  PollReplay replay;
  if (!record.empty()) {
    replay = PollReplay(
        [record](const roll::RollPin& pin) { return ReadRollOfRecord(record, pin); }, {});
  }
  URNA_ASSIGN_OR_RETURN(const std::unique_ptr<PollReader> reader,
                        PollReader::Open(options, std::move(replay)));
  const StatusReport report = ReportStatus(
      reader->replay(), static_cast<uint64_t>(context.clock.NowSeconds()), context.language);
  context.Answer(report.text, report.json);
  return absl::OkStatus();
}

struct PolicyOptions {
  PollOptions poll;
  std::string roll, witnesses, out;
};

// The roll's header: the one that the record or the board's opening pins, or --roll's.
absl::StatusOr<roll::RollHeader> RollHeaderFor(const PolicyOptions& options,
                                               const PollReplay& replay) {
  std::optional<roll::RollPin> pin;
  if (replay.election() != nullptr && replay.election()->opening()) {
    pin = replay.election()->opening()->roll;
  }
  if (replay.petition() != nullptr) pin = replay.petition()->roll_pin();
  Bytes first;
  if (!options.poll.record.empty()) {
    if (!pin) {
      return absl::FailedPreconditionError("the record pins no roll yet: the poll is not open");
    }
    URNA_ASSIGN_OR_RETURN(
        const record::LogReader log,
        record::LogReader::Open(record::RollDirectory(options.poll.record, pin->roll_id)));
    URNA_ASSIGN_OR_RETURN(first, log.ReadEntry(0));
  } else {
    URNA_ASSIGN_OR_RETURN(remote::BoardClient board, options.poll.board.Connect());
    std::string origin = options.roll;
    if (origin.empty()) {
      URNA_ASSIGN_OR_RETURN(const remote::PollSummary poll, board.GetPoll(options.poll.poll));
      origin = poll.roll_origin;
    }
    if (origin.empty()) {
      return absl::FailedPreconditionError("the poll pins no roll yet: name it with --roll");
    }
    URNA_ASSIGN_OR_RETURN(const std::vector<Bytes> entries, board.GetEntries(origin, 0, 1));
    if (entries.size() != 1) return absl::DataLossError("the board gives no header of the roll");
    first = entries.front();
  }
  URNA_ASSIGN_OR_RETURN(const record::Entry entry, record::DecodeEntry(first));
  const auto* header = std::get_if<roll::SignedRollHeader>(&entry);
  if (header == nullptr) return absl::DataLossError("the roll's log does not begin with a header");
  if (pin && options.roll.empty() && roll::RollId(header->body) != pin->roll_id) {
    return absl::DataLossError("the roll is not the one that the opening pins");
  }
  return header->header;
}

template <typename Manifest>
absl::StatusOr<audit::Policy> PolicyOf(const Manifest& manifest, const roll::RollHeader& roll) {
  URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier log,
                        LogVerifier(manifest.origin, manifest.log_key));
  URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier roll_log,
                        LogVerifier(roll.origin, roll.log_key));
  URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier registrar,
                        LogVerifier(manifest.registrar.name, manifest.registrar.key));
  audit::Policy out{log, roll_log, registrar, {}, manifest.officer_quorum, {}, 0, {}, {}};
  for (const roll::NamedKey& key : manifest.officers) {
    URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier officer, LogVerifier(key.name, key.key));
    out.officers.push_back(officer);
  }
  if constexpr (requires { manifest.trustees; }) {
    for (const roll::NamedKey& key : manifest.trustees) {
      URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier trustee, LogVerifier(key.name, key.key));
      out.trustees.push_back(trustee);
    }
    out.trustee_threshold = manifest.trustee_threshold;
  }
  return out;
}

// A witness policy's witnesses and quorum, without the logs that it names.
absl::StatusOr<merkle::WitnessPolicy> ReadWitnesses(const std::string& path) {
  if (path.empty()) return merkle::WitnessPolicy::WithoutWitnesses();
  URNA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(path, merkle::kMaxPolicySize));
  const absl::StatusOr<merkle::WitnessPolicy> whole = merkle::WitnessPolicy::Parse(AsText(text));
  if (!whole.ok()) return Annotate(whole.status(), path);
  std::string lines;
  for (absl::string_view line : absl::StrSplit(whole->ToText(), '\n', absl::SkipEmpty())) {
    if (!absl::StartsWith(line, "log ")) absl::StrAppend(&lines, line, "\n");
  }
  return merkle::WitnessPolicy::Parse(lines);
}

void TakeBeacons(const PollReplay& replay, audit::Policy& policy) {
  if (replay.election() != nullptr) {
    policy.beacon = replay.election()->beacon();
    return;
  }
  policy.beacon = replay.petition()->beacon();
  if (!policy.beacon.has_value()) return;
  const std::vector<petition::EpochRings>& epochs =
      replay.petition()->context()->anonymous->epochs.all();
  for (size_t i = 1; i < epochs.size(); ++i) {
    policy.epoch_beacons[epochs[i].epoch] = epochs[i].beacon;
  }
}

absl::Status MakePolicy(const PolicyOptions& options, const Context& context) {
  URNA_ASSIGN_OR_RETURN(const std::unique_ptr<PollReader> reader, PollReader::Open(options.poll));
  const PollReplay& replay = reader->replay();
  URNA_ASSIGN_OR_RETURN(const roll::RollHeader roll, RollHeaderFor(options, replay));
  URNA_ASSIGN_OR_RETURN(audit::Policy policy, replay.election() != nullptr
                                                  ? PolicyOf(replay.election()->manifest(), roll)
                                                  : PolicyOf(replay.petition()->manifest(), roll));
  URNA_ASSIGN_OR_RETURN(policy.witnesses, ReadWitnesses(options.witnesses));
  TakeBeacons(replay, policy);
  const std::string text = absl::StrCat(
      "# Policy for ", replay.origin(),
      ", written from the record itself: good for rehearsals.\n"
      "# Who audits in earnest gets these keys elsewhere, from the people who hold them.\n",
      policy.ToText());
  Json answer;
  answer["policy"] = text;
  if (options.out.empty()) {
    context.Answer(text, answer);
    return absl::OkStatus();
  }
  URNA_RETURN_IF_ERROR(WriteFileDurably(options.out, AsBytes(text)));
  answer["out"] = options.out;
  context.Answer(absl::StrCat("written to ", options.out,
                              ", from the record itself: an auditor gets these keys elsewhere"),
                 answer);
  return absl::OkStatus();
}

}  // namespace

void AddPollCommands(Commands& commands) {
  Context& context = commands.context();
  auto status = std::make_shared<PollOptions>();
  CLI::App* command =
      commands.Add(commands.app(), "status", "Where a poll stands, and what comes next",
                   [status, &context] { return ShowStatus(*status, context); });
  status->AddTo(*command);

  auto policy = std::make_shared<PolicyOptions>();
  command = commands.Add(commands.app(), "policy",
                         "Write a policy file from a record; for rehearsals, since an auditor gets "
                         "the keys elsewhere",
                         [policy, &context] { return MakePolicy(*policy, context); });
  policy->poll.AddTo(*command);
  command->add_option("--roll", policy->roll,
                      "Origin of the roll's log, while the poll does not pin one yet");
  command->add_option("--witnesses", policy->witnesses,
                      "Witness policy (C2SP tlog-policy) whose witnesses and quorum to ask for; "
                      "without it no witnesses are asked for");
  command->add_option("--out", policy->out, "Policy file to write, instead of standard output");
}

}  // namespace urna::tally
