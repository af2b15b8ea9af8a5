#include "tally/context.h"

#include <unistd.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/time/time.h"

namespace urna::tally {

void Context::Answer(const std::string& text, const Json& answer) const {
  if (json) {
    std::cout << answer.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
  } else {
    std::cout << text << (text.empty() || text.back() != '\n' ? "\n" : "");
  }
  std::cout.flush();
}

void Context::Say(const std::string& line) const { std::cerr << line << "\n" << std::flush; }

Progress Context::ShowProgress(const std::string& what) const {
  using Steady = std::chrono::steady_clock;
  const bool terminal = isatty(STDERR_FILENO) != 0;
  if (!terminal && !progress) return {};
  const auto pause = terminal ? std::chrono::milliseconds(100) : std::chrono::milliseconds(3000);
  auto next = std::make_shared<Steady::time_point>(Steady::now() + pause);
  return [what, terminal, pause, next](uint64_t done, uint64_t total) {
    const bool last = done >= total;
    if (!last && Steady::now() < *next) return;
    *next = Steady::now() + pause;
    std::cerr << (terminal ? "\r" : "") << what << ": " << done << " of " << total
              << (last || !terminal ? "\n" : "") << std::flush;
  };
}

std::string TimeText(uint64_t seconds) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                          absl::FromUnixSeconds(static_cast<int64_t>(seconds)),
                          absl::UTCTimeZone());
}

}  // namespace urna::tally
