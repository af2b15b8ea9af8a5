#include "core/base/progress.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

namespace urna {
namespace {

using Steady = std::chrono::steady_clock;

constexpr size_t kBarWidth = 24;
constexpr double kKnownFrom = 1;  // seconds: before that nothing is said of the time left
constexpr auto kTerminalPause = std::chrono::milliseconds(100);
constexpr auto kFilePause = std::chrono::seconds(3);
// Takes the rest of a longer line away.
constexpr char kClearToEnd[] = "\x1b[K";

struct Shown {
  Steady::time_point started = Steady::now();
  Steady::time_point next;
  bool any = false;
};

}  // namespace

std::string ProgressLine(absl::string_view what, uint64_t done, uint64_t total) {
  return absl::StrCat(what, ": ", done, " of ", total);
}

std::string ProgressBar(absl::string_view what, uint64_t done, uint64_t total, double seconds) {
  const double part =
      total == 0 ? 1 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const auto full = static_cast<size_t>(part * kBarWidth);
  std::string bar = absl::StrCat(what, "  [", std::string(full, '#'),
                                 std::string(kBarWidth - full, ' '), "]  ", done, " of ", total);
  if (part > 0 && part < 1 && seconds >= kKnownFrom) {
    const double left = std::ceil(seconds / part * (1 - part));
    absl::StrAppend(&bar, ", ", static_cast<uint64_t>(left), " s left");
  }
  return bar;
}

Progress ShowProgress(std::string what, ProgressTo to) {
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  if (!terminal && to == ProgressTo::kTerminal) return {};
  const Steady::duration pause = terminal ? Steady::duration(kTerminalPause) : kFilePause;
  auto shown = std::make_shared<Shown>();
  shown->next = shown->started + pause;
  return [what = std::move(what), terminal, pause, shown](uint64_t done, uint64_t total) {
    const Steady::time_point now = Steady::now();
    const bool last = done >= total;
    if (now < shown->next && !(last && (terminal || shown->any))) return;
    shown->next = now + pause;
    shown->any = true;
    if (terminal) {
      const double seconds = std::chrono::duration<double>(now - shown->started).count();
      std::cerr << "\r" << ProgressBar(what, done, total, seconds) << kClearToEnd
                << (last ? "\n" : "") << std::flush;
    } else {
      std::cerr << ProgressLine(what, done, total) << std::endl;
    }
  };
}

}  // namespace urna
