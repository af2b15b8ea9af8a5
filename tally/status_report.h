// Where a poll stands and what comes next, in words and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/string_view.h"
#include "tally/context.h"
#include "tally/poll_replay.h"

namespace urna::tally {

struct StatusReport {
  std::string text;
  Json json;
};

// `now`: seconds, to say what is due.
StatusReport ReportStatus(const PollReplay& replay, uint64_t now, absl::string_view language);

}  // namespace urna::tally
