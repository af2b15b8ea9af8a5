// `urna-verifier follow` and `urna-verifier evidence`: watching a log, and judging what somebody
// who watched it has found. docs/protocol.md §10.3.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace urna::verifier {

// Puts both under `app`; the one that the user gives sets `run`, which gives the exit status.
void AddFollowCommands(CLI::App& app, std::function<int()>& run);

}  // namespace urna::verifier
