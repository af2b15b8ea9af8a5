// key new, key show.
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/console/key_file.h"
#include "tally/commands.h"
#include "tally/trustee_key.h"

namespace urna::tally {
namespace {

void AnswerKey(const std::string& file, const console::KeyFileLabel& label,
               const Context& context) {
  Json json;
  json["file"] = file;
  json["kind"] = label.kind;
  json["name"] = label.name;
  json["public"] = label.public_key;
  context.Answer(absl::StrCat(label.kind, " '", label.name, "'\n", label.public_key), json);
}

absl::Status ShowKey(const std::string& file, const Context& context) {
  URNA_ASSIGN_OR_RETURN(const console::KeyFileLabel label, console::ReadKeyFileLabel(file));
  AnswerKey(file, label, context);
  return absl::OkStatus();
}

}  // namespace

absl::Status MakeKeyFile(const NewKeyOptions& options, const Context& context) {
  URNA_ASSIGN_OR_RETURN(
      const crypto::SecretBytes passphrase,
      options.passphrase.Read(absl::StrCat("A passphrase for ", options.out), true));
  URNA_ASSIGN_OR_RETURN(const console::KeyFile key,
                        options.kind == "trustee"
                            ? NewTrusteeKeyFile(options.name, options.rehearsal, context.rng)
                            : console::NewSigningKeyFile(options.kind, options.name, context.rng));
  URNA_RETURN_IF_ERROR(console::WriteKeyFile(options.out, key, passphrase,
                                             options.rehearsal
                                                 ? crypto::PasswordStrength::kRehearsal
                                                 : crypto::PasswordStrength::kModerate,
                                             false, context.rng));
  AnswerKey(options.out, {key.kind, key.name, key.public_key}, context);
  return absl::OkStatus();
}

absl::StatusOr<crypto::SigningKey> OpenSigningKey(const std::string& file, absl::string_view kind,
                                                  const console::PassphraseSource& passphrase) {
  URNA_ASSIGN_OR_RETURN(const crypto::SecretBytes secret,
                        passphrase.Read(absl::StrCat("The passphrase of ", file)));
  URNA_ASSIGN_OR_RETURN(const console::KeyFile key, console::OpenKeyFile(file, kind, secret));
  return console::SigningKeyOf(key);
}

void AddKeyCommands(Commands& commands) {
  Context& context = commands.context();
  CLI::App* group = commands.AddGroup("key", "Keys of officers, registrars, trustees and auditors");

  auto make = std::make_shared<NewKeyOptions>();
  CLI::App* command = commands.Add(*group, "new", "Make a key; prints its public form (a vkey)",
                                   [make, &context] { return MakeKeyFile(*make, context); });
  command->add_option("--kind", make->kind, "officer, registrar, trustee, auditor or initiator")
      ->required()
      ->check(CLI::IsMember({"officer", "registrar", "trustee", "auditor", "initiator"}));
  command->add_option("--name", make->name, "Name of the key: no spaces, no '+'")->required();
  command->add_option("--out", make->out, "Key file to make; one that exists is never replaced")
      ->required();
  command->add_flag("--rehearsal", make->rehearsal,
                    "A box that anyone can break: fast, for tests and rehearsals alone");
  make->passphrase.AddTo(*command);

  auto file = std::make_shared<std::string>();
  command = commands.Add(*group, "show", "Kind, name and public key of a key file",
                         [file, &context] { return ShowKey(*file, context); });
  command->add_option("file", *file, "Key file")->required();
}

}  // namespace urna::tally
