// claim. docs/protocol.md §8.3.
#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/crypto/rng.h"
#include "core/petition/claim.h"
#include "voter/cli/commands.h"

namespace urna::voter {
namespace {

struct ClaimCommand {
  console::BoardOptions board;
  PollOptions poll;
  std::string credential;
  console::PassphraseSource passphrase;
  OutputOptions output;
  std::string sentence;
  std::string sentence_file;
  std::string out;
};

absl::StatusOr<std::string> SentenceOf(const ClaimCommand& options) {
  std::string sentence = options.sentence;
  if (!options.sentence_file.empty()) {
    URNA_ASSIGN_OR_RETURN(const Bytes bytes,
                          ReadFile(options.sentence_file, petition::kMaxClaimSentence + 1));
    absl::string_view text = AsText(bytes);
    absl::ConsumeSuffix(&text, "\n");
    sentence = std::string(text);
  }
  URNA_RETURN_IF_ERROR(petition::CheckClaimSentence(sentence));
  return sentence;
}

// The last act under the signer's tag, which must be to sign.
absl::StatusOr<OwnAct> SignatureOf(const PollView& poll) {
  if (poll.petition() == nullptr || !poll.petition()->anonymous.has_value()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "'", poll.origin, "' is no anonymous petition: its log says itself who has signed"));
  }
  if (!poll.signing.has_value() || poll.own.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("there is no signature of yours in '", poll.origin, "' to claim"));
  }
  const OwnAct& last = poll.own.back();
  if (last.act == petition::Act::kSign) return last;
  return absl::FailedPreconditionError(absl::StrCat("you have withdrawn your signature in '",
                                                    poll.origin, "', with entry ", last.index));
}

absl::Status MakeClaim(const ClaimCommand& options) {
  if (std::filesystem::exists(options.out)) {
    return absl::AlreadyExistsError(absl::StrCat(options.out, " is there already"));
  }
  URNA_ASSIGN_OR_RETURN(const std::string sentence, SentenceOf(options));
  URNA_ASSIGN_OR_RETURN(ReadOptions read, options.poll.Read());
  VoterOptions voter;
  voter.credential = options.credential;
  voter.passphrase = options.passphrase;
  URNA_ASSIGN_OR_RETURN(const crypto::SecretBytes passphrase, ReadPassphrase(voter));
  URNA_ASSIGN_OR_RETURN(const crypto::Credential credential,
                        OpenCredential(options.credential, passphrase));
  URNA_ASSIGN_OR_RETURN(const std::unique_ptr<Board> board, ConnectBoard(options.board));
  read.secrets = &credential;
  read.credential = credential.public_key().bytes();
  read.whole_log_limit = UINT64_MAX;  // so as not to tell the board which entry is looked for
  URNA_ASSIGN_OR_RETURN(const PollView poll, ReadPoll(*board, options.poll.poll, read));
  URNA_ASSIGN_OR_RETURN(const OwnAct signature, SignatureOf(poll));
  crypto::SystemRng rng;
  URNA_ASSIGN_OR_RETURN(
      const petition::Claim claim,
      petition::MakeClaim(poll.origin, poll.poll_id, *poll.signing, sentence, credential, rng));
  URNA_RETURN_IF_ERROR(petition::VerifyClaim(claim));
  URNA_RETURN_IF_ERROR(WriteFileDurably(options.out, AsBytes(claim.ToText())));
  if (options.output.json) {
    Print({{"claim_file", options.out},
           {"origin", poll.origin},
           {"poll_id", ToHex(poll.poll_id)},
           {"tag", ToHex(claim.tag)},
           {"claim", sentence},
           {"index", signature.index}});
    return absl::OkStatus();
  }
  PrintLine(PickText(poll.title(), options.output.language));
  PrintLine(absl::StrCat("Claim: ", options.out, ", of entry ", signature.index, " of the log."));
  PrintLine(
      "Whoever gets this file can show it to others, for ever: it proves that the signature, and "
      "every other act of its tag in this petition, is of one who knows your secret.");
  return absl::OkStatus();
}

}  // namespace

void AddClaimCommand(CLI::App& app, Run& run) {
  auto options = std::make_shared<ClaimCommand>();
  CLI::App* command = app.add_subcommand(
      "claim",
      "Prove in public, with a sentence, that a signature of an anonymous petition is yours; reads "
      "the whole log, as anybody does");
  options->board.AddTo(*command, true);
  options->poll.AddTo(*command);
  command->add_option("--credential", options->credential, "Your key file")->required();
  options->passphrase.AddTo(*command);
  CLI::Option* sentence =
      command->add_option("--sentence", options->sentence,
                          "What you have to say with it, as 'I am Mari Maasikas, and I signed "
                          "this': one line of at most 1,000 bytes");
  command->add_option("--sentence-file", options->sentence_file, "File with that line")
      ->excludes(sentence);
  command->add_option("--out", options->out, "The claim, a new file")->required();
  options->output.AddTo(*command, true);
  command->callback([&run, options] { run = [options] { return MakeClaim(*options); }; });
}

}  // namespace urna::voter
