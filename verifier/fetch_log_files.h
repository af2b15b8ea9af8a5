// The static files of one log, in a directory or on the web.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "verifier/log_follower.h"

namespace urna::verifier {

// `source`: a directory, or a URL of http or https. `tls_roots`: PEM file, empty for the system's.
absl::StatusOr<LogFiles> OpenLogFiles(const std::string& source, const std::string& tls_roots);

}  // namespace urna::verifier
