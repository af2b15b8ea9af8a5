// credential new, credential show.
#include <memory>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/console/key_file.h"
#include "core/crypto/rng.h"
#include "voter/cli/commands.h"
#include "voter/enrolment.h"
#include "voter/roll_reader.h"

namespace urna::voter {
namespace {

constexpr size_t kHex32 = 64;  // characters

struct NewOptions {
  console::BoardOptions board;
  console::PassphraseSource passphrase;
  OutputOptions output;
  std::string roll;
  std::string nonce;
  std::string out;
  std::string name = "voter";
  bool rehearsal = false;
};

// The id that --roll is or names.
absl::StatusOr<crypto::Hash32> RollIdOf(const NewOptions& options) {
  if (options.roll.size() == kHex32 && options.roll.find('/') == std::string::npos) {
    return ParseHex32(options.roll, "--roll");
  }
  if (!options.board.given()) {
    return absl::InvalidArgumentError(
        "--roll is a roll id of 64 hex digits, or an origin together with --server");
  }
  URNA_ASSIGN_OR_RETURN(const std::unique_ptr<Board> board, ConnectBoard(options.board));
  URNA_ASSIGN_OR_RETURN(const RollIdentity identity, ReadRollIdentity(*board, options.roll));
  if (!options.output.json) {
    PrintLine(absl::StrCat("Roll '", options.roll, "' of registrar '",
                           identity.header.registrar.name, "', id ", ToHex(identity.id)));
  }
  return identity.id;
}

absl::Status NewCredential(const NewOptions& options) {
  URNA_ASSIGN_OR_RETURN(const auto nonce, ParseHex32(options.nonce, "--nonce"));
  URNA_ASSIGN_OR_RETURN(const crypto::Hash32 roll_id, RollIdOf(options));
  URNA_ASSIGN_OR_RETURN(const crypto::SecretBytes passphrase,
                        options.passphrase.Read("New passphrase of the credential", true));
  crypto::SystemRng rng;
  const crypto::Credential credential = crypto::Credential::Generate(rng);
  const Enrolment enrolment = MakeEnrolment(roll_id, nonce, credential, rng);
  console::KeyFile key{"credential", options.name, ToHex(enrolment.credential),
                       credential.ExposeForKeyFile()};
  URNA_RETURN_IF_ERROR(console::WriteKeyFile(options.out, key, passphrase,
                                             options.rehearsal
                                                 ? crypto::PasswordStrength::kRehearsal
                                                 : crypto::PasswordStrength::kModerate,
                                             false, rng));
  const std::string enrolment_file = options.out + ".enrolment.json";
  const std::string line = EnrolmentLine(enrolment) + "\n";
  URNA_RETURN_IF_ERROR(WriteNewFileDurably(enrolment_file, AsBytes(line), 0644));
  if (options.output.json) {
    Print({{"credential", ToHex(enrolment.credential)},
           {"roll_id", ToHex(roll_id)},
           {"key_file", options.out},
           {"enrolment_file", enrolment_file}});
    return absl::OkStatus();
  }
  PrintLine(absl::StrCat("Credential ", ToHex(enrolment.credential)));
  PrintLine(absl::StrCat("Your secret is in ", options.out, ": keep it, and its passphrase."));
  PrintLine(absl::StrCat("Send ", enrolment_file, " to the registrar; nothing in it is secret."));
  return absl::OkStatus();
}

struct ShowOptions {
  OutputOptions output;
  std::string file;
};

absl::Status ShowCredential(const ShowOptions& options) {
  URNA_ASSIGN_OR_RETURN(const console::KeyFileLabel label, console::ReadKeyFileLabel(options.file));
  if (label.kind != "credential" && label.kind != "credentials") {
    return absl::InvalidArgumentError(
        absl::StrCat(options.file, ": a key of kind '", label.kind, "', not 'credential'"));
  }
  const bool one = label.kind == "credential";
  if (options.output.json) {
    Print({{"kind", label.kind},
           {"name", label.name},
           {one ? "credential" : "roll_id", label.public_key}});
    return absl::OkStatus();
  }
  PrintLine(one ? absl::StrCat("Credential ", label.public_key, " ('", label.name, "')")
                : absl::StrCat(label.name, " for the roll ", label.public_key));
  return absl::OkStatus();
}

}  // namespace

void AddCredentialCommands(CLI::App& app, Run& run) {
  CLI::App* credential =
      app.add_subcommand("credential", "Your credential: what you vote and sign with");
  credential->require_subcommand(1);

  auto make = std::make_shared<NewOptions>();
  CLI::App* add = credential->add_subcommand("new",
                                             "Make a credential for a roll: a key file for you, "
                                             "and FILE.enrolment.json for the registrar");
  add->add_option("--roll", make->roll,
                  "The roll's id in hex, or (with --server) the origin of its log")
      ->required();
  add->add_option("--nonce", make->nonce, "The registrar's nonce for you, in hex")->required();
  add->add_option("--out", make->out, "Key file to write")->required();
  add->add_option("--name", make->name, "A name for the key file, for yourself")
      ->capture_default_str();
  add->add_flag("--rehearsal", make->rehearsal, "Protect the key file only weakly, but at once");
  make->board.AddTo(*add, false);
  make->passphrase.AddTo(*add);
  make->output.AddTo(*add, false);
  add->callback([&run, make] { run = [make] { return NewCredential(*make); }; });

  auto show = std::make_shared<ShowOptions>();
  CLI::App* shown = credential->add_subcommand("show", "What a key file is; needs no passphrase");
  shown->add_option("file", show->file, "Key file")->required();
  show->output.AddTo(*shown, false);
  shown->callback([&run, show] { run = [show] { return ShowCredential(*show); }; });
}

}  // namespace urna::voter
