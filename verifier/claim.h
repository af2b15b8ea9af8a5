// The command that judges a signer's claim of a signature. docs/protocol.md §8.3.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace urna::verifier {

// Puts `claim` under `app`. The one that the user gives sets `run`, which then returns the exit
// status.
void AddClaimCommand(CLI::App& app, std::function<int()>& run);

}  // namespace urna::verifier
