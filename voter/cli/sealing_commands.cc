// seal, cast, challenge. docs/protocol.md §7.4.
#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/crypto/rng.h"
#include "voter/cli/commands.h"
#include "voter/opening_check.h"
#include "voter/sealed_voting.h"

namespace urna::voter {
namespace {

constexpr mode_t kOwnerOnly = 0600;

struct SealOptions {
  console::BoardOptions board;
  PollOptions poll;
  VoterOptions voter;
  OutputOptions output;
  ChoiceOptions choices;
  std::string sealed;
  bool replace = false;
  bool rehearsal = false;
};

void PrintSealed(const SealOptions& options, const PollView& poll, const crypto::Hash64& hash,
                 uint64_t challenges) {
  if (options.output.json) {
    Print({{"hash", ToHex(hash)},
           {"sealed_file", options.sealed},
           {"origin", poll.origin},
           {"poll_id", ToHex(poll.poll_id)},
           {"challenges_left", challenges}});
    return;
  }
  PrintLine("Write this down, or show it to your second device, before you go on:");
  PrintLine("");
  for (const std::string& line : HashLines(hash)) PrintLine(absl::StrCat("  ", line));
  PrintLine("");
  PrintLine("Then one of these:");
  PrintLine(
      absl::StrCat("  urna-voter cast --sealed ", options.sealed, " …        sends the ballot"));
  if (challenges > 0) {
    PrintLine(absl::StrCat("  urna-voter challenge --sealed ", options.sealed,
                           " …   opens it for you instead: it is not counted"));
  } else {
    PrintLine("(You may challenge no further ballot in this election.)");
  }
}

absl::Status Seal(const SealOptions& options) {
  if (std::filesystem::exists(options.sealed)) {
    return absl::AlreadyExistsError(
        absl::StrCat(options.sealed, " is there already; a sealed ballot is never overwritten"));
  }
  URNA_ASSIGN_OR_RETURN(const ReadOptions read, options.poll.Read());
  URNA_ASSIGN_OR_RETURN(const crypto::SecretBytes words, ReadPassphrase(options.voter));
  URNA_ASSIGN_OR_RETURN(const crypto::Credential credential,
                        OpenCredential(options.voter.credential, words));
  URNA_ASSIGN_OR_RETURN(const std::unique_ptr<Board> board, ConnectBoard(options.board));
  crypto::SystemRng rng;
  URNA_ASSIGN_OR_RETURN(
      Participant participant,
      Participant::Open(*board, options.poll.poll, credential, options.voter.receipts, read, rng));
  if (participant.poll().election() == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat(
        "'", participant.poll().origin, "' is a petition: it is signed, not voted on"));
  }
  const election::Manifest& manifest = *participant.poll().election();
  URNA_ASSIGN_OR_RETURN(const uint16_t style, participant.Style());
  URNA_ASSIGN_OR_RETURN(const election::Selections selections,
                        options.choices.Read(manifest, style));
  const SealedVoting voting{participant, credential, words, rng};
  URNA_ASSIGN_OR_RETURN(const crypto::Hash64 hash,
                        SealInto(options.sealed, voting, selections,
                                 options.replace ? PendingPolicy::kReplace : PendingPolicy::kRefuse,
                                 options.rehearsal ? crypto::PasswordStrength::kRehearsal
                                                   : crypto::PasswordStrength::kModerate));
  URNA_ASSIGN_OR_RETURN(const uint64_t used, participant.ChallengesUsed());
  PrintSealed(options, participant.poll(), hash,
              used < manifest.challenges ? manifest.challenges - used : 0);
  return absl::OkStatus();
}

// What cast and challenge share.
struct ChoiceCommand {
  console::BoardOptions board;
  VoterOptions voter;
  OutputOptions output;
  std::string sealed;
  std::string opening;
  bool whole_log = false;
  bool yes = false;

  void AddTo(CLI::App& command);
};

void ChoiceCommand::AddTo(CLI::App& command) {
  board.AddTo(command, true);
  command.add_option("--sealed", sealed, "The sealed ballot, as 'seal' wrote it")->required();
  voter.AddTo(command);
  AddWholeLog(command, whole_log);
  output.AddTo(command, true);
}

using Perform = std::function<absl::Status(SealedStore&, const SealedVoting&)>;

// Opens file, credential and poll.
absl::Status WithSealed(const ChoiceCommand& options, const Perform& perform) {
  URNA_ASSIGN_OR_RETURN(SealedStore sealed, SealedStore::Open(options.sealed));
  URNA_ASSIGN_OR_RETURN(const crypto::SecretBytes words, ReadPassphrase(options.voter));
  URNA_ASSIGN_OR_RETURN(const crypto::Credential credential,
                        OpenCredential(options.voter.credential, words));
  URNA_ASSIGN_OR_RETURN(const std::unique_ptr<Board> board, ConnectBoard(options.board));
  ReadOptions read;
  read.whole_log_limit = WholeLogLimit(options.whole_log);
  read.poll_id = sealed.label().poll_id;
  crypto::SystemRng rng;
  URNA_ASSIGN_OR_RETURN(Participant participant,
                        Participant::Open(*board, sealed.label().origin, credential,
                                          options.voter.receipts, read, rng));
  return perform(sealed, {participant, credential, words, rng});
}

absl::Status Cast(const ChoiceCommand& options) {
  return WithSealed(options, [&](SealedStore& sealed, const SealedVoting& voting) -> absl::Status {
    URNA_ASSIGN_OR_RETURN(const Accepted accepted, CastSealed(sealed, voting));
    const PollView& poll = voting.participant.poll();
    if (options.output.json) {
      Print(AcceptedJson(poll, accepted));
      return absl::OkStatus();
    }
    PrintLine(PickText(poll.title(), options.output.language));
    PrintLine(absl::StrCat("Your ballot was accepted: entry ", accepted.index,
                           " of the log, your number ", accepted.sequence, "."));
    PrintLine(absl::StrCat("Receipt: ", accepted.receipt_file));
    return absl::OkStatus();
  });
}

void PrintChallenged(const ChoiceCommand& options, const SealedStore& sealed, const PollView& poll,
                     const Accepted& accepted) {
  if (options.output.json) {
    Json json = AcceptedJson(poll, accepted);
    json["hash"] = ToHex(sealed.label().hash);
    json["opening_file"] = options.opening;
    Print(json);
    return;
  }
  PrintLine(PickText(poll.title(), options.output.language));
  PrintLine(absl::StrCat("The ballot is challenged: entry ", accepted.index,
                         " of the log. It will not be counted."));
  PrintLine(absl::StrCat("Its opening: ", options.opening));
  PrintLine("On a second device, with the hash that you wrote down before:");
  PrintLine(absl::StrCat("  urna-voter check-opening ", options.opening, " --hash '…' --poll ",
                         poll.origin, " --server …"));
  PrintLine("Then vote anew: this ballot can't be cast any more.");
}

// What became of a challenge that was not answered with a receipt.
absl::Status ExplainFailure(const absl::Status& status, const SealedStore& sealed) {
  if (sealed.state() != SealedState::kChallenged) return status;
  return absl::Status(
      status.code(),
      absl::StrCat(status.message(),
                   "; nothing of the ballot was given out, and it can't be cast "
                   "any more: ",
                   IsTransient(status) ? "the same command again goes on, and gives the opening"
                                       : "vote or seal anew"));
}

absl::Status Challenge(const ChoiceCommand& options) {
  if (std::filesystem::exists(options.opening)) {
    return absl::AlreadyExistsError(
        absl::StrCat(options.opening, " is there already; an opening is never overwritten"));
  }
  return WithSealed(options, [&](SealedStore& sealed, const SealedVoting& voting) -> absl::Status {
    URNA_RETURN_IF_ERROR(CheckMayChallenge(sealed, voting));
    if (sealed.state() == SealedState::kSealed) {
      URNA_RETURN_IF_ERROR(
          Confirm("A challenged ballot is not counted and can never be cast, whether the board "
                  "takes the challenge or not; you vote anew afterwards.",
                  options.yes));
    }
    const absl::StatusOr<Challenged> challenged = ChallengeSealed(sealed, voting);
    if (!challenged.ok()) return ExplainFailure(challenged.status(), sealed);
    URNA_RETURN_IF_ERROR(WriteNewFileDurably(
        options.opening, AsBytes(OpeningText(challenged->opening)), kOwnerOnly));
    PrintChallenged(options, sealed, voting.participant.poll(), challenged->accepted);
    return absl::OkStatus();
  });
}

}  // namespace

void AddSealingCommands(CLI::App& app, Run& run) {
  auto seal = std::make_shared<SealOptions>();
  CLI::App* seals = app.add_subcommand(
      "seal", "Make a ballot and keep it; you then cast it, or challenge it to see what it holds");
  seal->board.AddTo(*seals, true);
  seal->poll.AddTo(*seals);
  seal->voter.AddTo(*seals);
  seal->choices.AddTo(*seals);
  seals->add_option("--sealed", seal->sealed, "File for the sealed ballot; not overwritten")
      ->required();
  seals->add_flag("--replace", seal->replace,
                  "Although an earlier ballot was sent and never answered");
  seals->add_flag("--rehearsal", seal->rehearsal, "Protect the file only weakly, but at once");
  seal->output.AddTo(*seals, false);
  seals->callback([&run, seal] { run = [seal] { return Seal(*seal); }; });

  auto cast = std::make_shared<ChoiceCommand>();
  CLI::App* casts = app.add_subcommand(
      "cast",
      "Send a sealed ballot; the same again sends the same bytes and gets the same receipt");
  cast->AddTo(*casts);
  casts->callback([&run, cast] { run = [cast] { return Cast(*cast); }; });

  auto challenge = std::make_shared<ChoiceCommand>();
  CLI::App* challenges = app.add_subcommand(
      "challenge", "Give up casting a sealed ballot and have it opened, to check your device");
  challenge->AddTo(*challenges);
  challenges
      ->add_option("--opening", challenge->opening,
                   "File for the opening, for your second device; not overwritten")
      ->required();
  challenges->add_flag("--yes", challenge->yes, "Do not ask whether you mean it");
  challenges->callback([&run, challenge] { run = [challenge] { return Challenge(*challenge); }; });
}

}  // namespace urna::voter
