// The commands of urna-tally, in groups. Each group adds its subcommands to the parser; the one
// that was chosen is then run by main.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/console/console.h"
#include "core/crypto/signature.h"
#include "tally/context.h"

namespace urna::tally {

class Commands {
 public:
  // Both must outlive this.
  Commands(CLI::App& app, Context& context) : app_(app), context_(context) {}

  using Body = std::function<absl::Status()>;
  // Adds a command below `parent`; `body` runs if it is the one that was given.
  CLI::App* Add(CLI::App& parent, const std::string& name, const std::string& description,
                Body body);
  // A command that only has subcommands.
  CLI::App* AddGroup(const std::string& name, const std::string& description);

  CLI::App& app() { return app_; }
  Context& context() { return context_; }
  // Runs the command that was given.
  absl::Status Run() const;

 private:
  CLI::App& app_;
  Context& context_;
  Body chosen_;
};

// Makes a key file: `key new` and `trustee new`.
struct NewKeyOptions {
  std::string kind, name, out;
  bool rehearsal = false;
  console::PassphraseSource passphrase;
};
absl::Status MakeKeyFile(const NewKeyOptions& options, const Context& context);

// Opens a signing key of a kind.
absl::StatusOr<crypto::SigningKey> OpenSigningKey(const std::string& file, absl::string_view kind,
                                                  const console::PassphraseSource& passphrase);

void AddKeyCommands(Commands& commands);                        // key
void AddRollCommands(Commands& commands);                       // roll
void AddManifestCommands(Commands& commands);                   // manifest, sign, submit
void AddOrderCommands(Commands& commands);                      // order
void AddPetitionCommands(Commands& commands);                   // petition
void AddTrusteeCommands(Commands& commands);                    // trustee
void AddPollCommands(Commands& commands);                       // status, policy
void AddPabulibCommands(Commands& commands);                    // pabulib
void AddCertificateCommands(Commands& commands);                // certificate
void AddRollChangeCommand(Commands& commands, CLI::App& roll);  // roll change
void AddFromPabulib(Commands& commands, CLI::App& manifest);    // manifest from-pabulib

}  // namespace urna::tally
