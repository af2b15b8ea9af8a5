#include "tally/commands.h"

namespace urna::tally {

CLI::App* Commands::Add(CLI::App& parent, const std::string& name, const std::string& description,
                        Body body) {
  CLI::App* command = parent.add_subcommand(name, description);
  command->callback([this, body = std::move(body)] { chosen_ = body; });
  return command;
}

CLI::App* Commands::AddGroup(const std::string& name, const std::string& description) {
  CLI::App* group = app_.add_subcommand(name, description);
  group->require_subcommand(1);
  return group;
}

absl::Status Commands::Run() const {
  if (!chosen_) return absl::InvalidArgumentError("no command was given");
  return chosen_();
}

}  // namespace urna::tally
