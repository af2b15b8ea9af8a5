#include "tally/context.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "absl/time/time.h"
#include "core/base/utf8.h"

namespace urna::tally {

void Context::Answer(const std::string& text, const Json& answer) const {
  if (json) {
    std::cout << answer.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
  } else {
    std::cout << PrintableLines(text) << (text.empty() || text.back() != '\n' ? "\n" : "");
  }
  std::cout.flush();
}

void Context::Say(const std::string& line) const {
  std::cerr << PrintableLines(line) << "\n" << std::flush;
}

Progress Context::ShowProgress(const std::string& what) const {
  return urna::ShowProgress(what, progress ? ProgressTo::kTerminalOrFile : ProgressTo::kTerminal);
}

ProgressOf Context::ShowEachProgress() const {
  return urna::ShowEachProgress(progress ? ProgressTo::kTerminalOrFile : ProgressTo::kTerminal);
}

std::string TimeText(uint64_t seconds) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                          absl::FromUnixSeconds(static_cast<int64_t>(seconds)),
                          absl::UTCTimeZone());
}

}  // namespace urna::tally
