// `urna-verifier certificate`: what a petition's certificate says, who has signed it, and whether
// the record says the same. docs/protocol.md §14.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace urna::verifier {

// Puts it under `app`; if the user gives it, it sets `run`, which gives the exit status: 0
// attested, or with a record verified; 1 not; 2 the record could not be verified whole; 3 usage,
// input or output.
void AddCertificateCommand(CLI::App& app, std::function<int()>& run);

}  // namespace urna::verifier
