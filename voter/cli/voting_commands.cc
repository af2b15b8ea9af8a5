// vote, sign, withdraw.
#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/base/utf8.h"
#include "core/crypto/rng.h"
#include "voter/cli/commands.h"
#include "voter/cli/policy_file.h"
#include "voter/enrolment.h"
#include "voter/participant.h"
#include "voter/selections.h"

namespace urna::voter {
namespace {

enum class What { kVote, kSign, kWithdraw };

struct ActOptions {
  console::BoardOptions board;
  PollOptions poll;
  VoterOptions voter;
  OutputOptions output;
  ChoiceOptions choices;
  bool retry = false;
  bool replace = false;
  std::string beacon;  // this and the rest: of anonymous polls
  std::string policy;
  bool yes = false;
  bool older_ring = false;
  bool few_members = false;
};

absl::Status CheckOptions(const ActOptions& options, What what) {
  if (options.retry && (options.replace || options.choices.given())) {
    return absl::InvalidArgumentError(
        "--retry sends the same bytes again: it goes without choices and without --replace");
  }
  if (what == What::kVote && !options.retry && !options.choices.given()) {
    return absl::InvalidArgumentError(
        "say what you vote for, with --choice, --choices-file or --blank");
  }
  return absl::OkStatus();
}

// The beacons that the policy has, by epoch, and the one that was given.
absl::Status TakeBeacons(const ActOptions& options, const VoterPolicy& policy, const PollView& poll,
                         SigningChecks& checks) {
  if (!options.beacon.empty()) {
    URNA_ASSIGN_OR_RETURN(checks.beacon, ParseHex32(options.beacon, "--beacon"));
  }
  if (poll.election() != nullptr) {
    if (checks.beacon.has_value() && policy.beacon.has_value() &&
        *checks.beacon != *policy.beacon) {
      return absl::InvalidArgumentError("--beacon is not the beacon of --policy");
    }
    if (!checks.beacon.has_value()) checks.beacon = policy.beacon;
    return absl::OkStatus();
  }
  if (!poll.signing.has_value() || poll.signing->anonymous == nullptr) return absl::OkStatus();
  const petition::RingEpochs& epochs = poll.signing->anonymous->epochs;
  checks.beacons = policy.epoch_beacons;
  if (policy.beacon.has_value()) checks.beacons[epochs.first().epoch] = *policy.beacon;
  const auto known = checks.beacons.find(epochs.newest().epoch);
  if (checks.beacon.has_value() && known != checks.beacons.end() &&
      known->second != *checks.beacon) {
    return absl::InvalidArgumentError("--beacon is not the beacon of --policy");
  }
  return absl::OkStatus();
}

// What an anonymous act waits for.
absl::StatusOr<SigningChecks> ChecksOf(const ActOptions& options, const VoterPolicy& policy,
                                       const PollView& poll) {
  SigningChecks checks;
  URNA_RETURN_IF_ERROR(TakeBeacons(options, policy, poll, checks));
  checks.older_ring = options.older_ring;
  checks.few_members = options.few_members;
  checks.say = [](absl::string_view sentences) { std::cerr << Printable(sentences) << "\n"; };
  if (policy.witnesses.has_quorum()) checks.witnesses = &policy.witnesses;
  const bool vote = poll.election() != nullptr;
  checks.show_beacon = [yes = options.yes, vote](absl::string_view source,
                                                 const crypto::Hash32& value) {
    return Confirm(
        absl::StrCat("Who hides you depends on a public value that nobody could choose. The ",
                     vote ? "election" : "petition", " takes it from\n  ", Printable(source),
                     "\nand the officers say that it is\n  ", ToHex(value),
                     "\nLook there whether it is this one, and ", vote ? "vote" : "sign",
                     " only if it is; --beacon HEX compares it for you."),
        yes);
  };
  return checks;
}

absl::StatusOr<Accepted> Perform(const ActOptions& options, What what, Participant& participant,
                                 std::vector<std::string>& words) {
  if (options.retry) return participant.Retry();
  const PendingPolicy pending = options.replace ? PendingPolicy::kReplace : PendingPolicy::kRefuse;
  VoterPolicy policy;
  if (!options.policy.empty()) {
    URNA_ASSIGN_OR_RETURN(policy, ReadVoterPolicy(options.policy));
  }
  URNA_RETURN_IF_ERROR(CheckLog(policy, participant.poll().log));
  URNA_ASSIGN_OR_RETURN(const SigningChecks checks, ChecksOf(options, policy, participant.poll()));
  if (what != What::kVote) {
    return participant.Act(what == What::kSign ? petition::Act::kSign : petition::Act::kWithdraw,
                           pending, checks);
  }
  if (participant.poll().election() == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat(
        "'", participant.poll().origin, "' is a petition: it is signed, not voted on"));
  }
  URNA_ASSIGN_OR_RETURN(const uint16_t style, participant.Style());
  const election::Manifest& manifest = *participant.poll().election();
  URNA_ASSIGN_OR_RETURN(const election::Selections selections,
                        options.choices.Read(manifest, style));
  words = DescribeSelections(manifest, style, selections, options.output.language);
  return participant.Vote(selections, pending, checks);
}

absl::Status Act(const ActOptions& options, What what) {
  URNA_RETURN_IF_ERROR(CheckOptions(options, what));
  URNA_ASSIGN_OR_RETURN(const ReadOptions read, options.poll.Read());
  URNA_ASSIGN_OR_RETURN(const crypto::SecretBytes passphrase, ReadPassphrase(options.voter));
  URNA_ASSIGN_OR_RETURN(const crypto::Credential credential,
                        OpenCredential(options.voter.credential, passphrase));
  URNA_ASSIGN_OR_RETURN(const std::unique_ptr<Board> board, ConnectBoard(options.board));
  crypto::SystemRng rng;
  URNA_ASSIGN_OR_RETURN(
      Participant participant,
      Participant::Open(*board, options.poll.poll, credential, options.voter.receipts, read, rng));
  std::vector<std::string> words;
  URNA_ASSIGN_OR_RETURN(const Accepted accepted, Perform(options, what, participant, words));
  if (options.output.json) {
    Print(AcceptedJson(participant.poll(), accepted));
    return absl::OkStatus();
  }
  PrintLine(PickText(participant.poll().title(), options.output.language));
  for (const std::string& line : words) PrintLine(absl::StrCat("  ", line));
  PrintLine(absl::StrCat("Your ",
                         what == What::kSign       ? "signature"
                         : what == What::kWithdraw ? "withdrawal"
                                                   : SubmissionName(accepted.kind),
                         " was accepted: entry ", accepted.index, " of the log, your number ",
                         accepted.sequence, "."));
  PrintLine(absl::StrCat("Receipt: ", accepted.receipt_file));
  PrintLine(absl::StrCat("Poll id: ", ToHex(participant.poll().poll_id)));
  return absl::OkStatus();
}

void AddAct(CLI::App& app, Run& run, What what, const char* name, const char* help) {
  auto options = std::make_shared<ActOptions>();
  CLI::App* command = app.add_subcommand(name, help);
  options->board.AddTo(*command, true);
  options->poll.AddTo(*command);
  options->voter.AddTo(*command);
  if (what == What::kVote) options->choices.AddTo(*command);
  command->add_flag("--retry", options->retry,
                    "Send again, byte for byte, what was sent and never answered");
  command->add_flag("--replace", options->replace,
                    "Make another, with a higher number, although an earlier one was never "
                    "answered");
  command->add_option(
      "--beacon", options->beacon,
      "Of an anonymous poll: the beacon in hex, as its source gives it, of a "
      "petition that of the newest epoch of the roll that was brought in (or of the "
      "one of --older-ring); otherwise you are shown source and value and asked");
  command->add_option("--policy", options->policy,
                      "Policy with the witnesses and, if you like, the beacon: an auditor's or a "
                      "witness policy. What is anonymous is made only once they have cosigned the "
                      "opening; exit status 2 before that");
  command->add_flag("--yes", options->yes, "You have compared the beacon: do not ask");
  if (what == What::kSign) {
    command->add_flag("--older-ring", options->older_ring,
                      "Sign over a ring of an older epoch of the roll that is still in force, if "
                      "you are in none of the newest; you are told how many others are like that");
    command->add_flag("--few-members", options->few_members,
                      "Sign although your district has less than nine tenths of the members that "
                      "it had when the petition was opened");
  }
  options->output.AddTo(*command, true);
  command->callback(
      [&run, options, what] { run = [options, what] { return Act(*options, what); }; });
}

}  // namespace

void AddVotingCommands(CLI::App& app, Run& run) {
  AddAct(app, run, What::kVote, "vote", "Cast a ballot; a later one replaces an earlier one");
  AddAct(app, run, What::kSign, "sign", "Sign a petition");
  AddAct(app, run, What::kWithdraw, "withdraw", "Withdraw your signature from a petition");
}

}  // namespace urna::voter
