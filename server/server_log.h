// The server's log on standard error: lines to read, or one JSON object a line.
//
// No line says who was there. Nothing of ours puts an address, a credential or anything that was
// cast into a sentence; should one get there all the same, whatever looks like the hexadecimal form
// of a key, a point or a hash is left out, and of what gRPC's own library says, which knows
// addresses, only the place in its source is shown.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace urna::server {

struct LogOptions {
  std::string level = "info";  // debug, info, warning, error or off
  bool json = false;           // {"time", "level", "message"}
};

// Makes it spdlog's default logger. Once, before other threads start.
void StartLog(const LogOptions& options);

// The sentence with "(left out)" for every 32 or more hexadecimal digits in a row.
std::string LeaveOutHex(absl::string_view sentence);

}  // namespace urna::server
