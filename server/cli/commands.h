// The commands of urna-server. Each Add… puts its subcommand under `app`; the one that the user
// gives sets `run`, which Main then calls for the exit status.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "absl/status/status.h"
#include "core/base/progress.h"

namespace urna::server {

enum ExitStatus : int { kDone = 0, kRefused = 1, kNotRun = 2, kUsage = 3 };

using Run = std::function<int()>;

int Main(int argc, char** argv);

void AddInitCommand(CLI::App& app, Run& run);
void AddServeCommand(CLI::App& app, Run& run);
void AddExportCommand(CLI::App& app, Run& run);
void AddInfoCommand(CLI::App& app, Run& run);
void AddStatusCommand(CLI::App& app, Run& run);
void AddFsckCommand(CLI::App& app, Run& run);
void AddBackupCommands(CLI::App& app, Run& run);

// Of works that take long: a bar on a terminal, else a line now and then; nothing beside JSON.
ProgressOf ShowProgressUnless(bool json);

// Prints the sentence; the exit status that goes with it.
int Fail(const absl::Status& status);

}  // namespace urna::server
