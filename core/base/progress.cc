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

// Whether works that are done in a moment are shown, too.
enum class Quick { kShown, kNot };

class Shown {
 public:
  Shown(std::string what, Quick quick)
      : what_(std::move(what)),
        quick_(quick),
        terminal_(::isatty(STDERR_FILENO) != 0),
        pause_(terminal_ ? Steady::duration(kTerminalPause) : kFilePause),
        next_(started_ + pause_) {}
  // What is said next begins a line of its own.
  ~Shown() {
    if (terminal_ && any_ && !ended_) std::cerr << std::endl;
  }
  Shown(const Shown&) = delete;
  Shown& operator=(const Shown&) = delete;

  void Show(uint64_t done, uint64_t total) {
    const Steady::time_point now = Steady::now();
    const bool last = done >= total;
    const bool even_if_quick = any_ || (terminal_ && quick_ == Quick::kShown);
    if (now < next_ && !(last && even_if_quick)) return;
    next_ = now + pause_;
    any_ = true;
    ended_ = last;
    if (terminal_) {
      const double seconds = std::chrono::duration<double>(now - started_).count();
      std::cerr << "\r" << ProgressBar(what_, done, total, seconds) << kClearToEnd
                << (last ? "\n" : "") << std::flush;
    } else {
      std::cerr << ProgressLine(what_, done, total) << std::endl;
    }
  }

 private:
  const std::string what_;
  const Quick quick_;
  const bool terminal_;
  const Steady::duration pause_;
  const Steady::time_point started_ = Steady::now();
  Steady::time_point next_;
  bool any_ = false;
  bool ended_ = false;
};

bool AnybodyLooks(ProgressTo to) {
  return to == ProgressTo::kTerminalOrFile || ::isatty(STDERR_FILENO) != 0;
}

Progress MakeProgress(std::string what, Quick quick) {
  auto shown = std::make_shared<Shown>(std::move(what), quick);
  return [shown](uint64_t done, uint64_t total) { shown->Show(done, total); };
}

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
  if (!AnybodyLooks(to)) return {};
  return MakeProgress(std::move(what), Quick::kShown);
}

ProgressOf ShowEachProgress(ProgressTo to) {
  if (!AnybodyLooks(to)) return {};
  return [](const std::string& what) { return MakeProgress(what, Quick::kNot); };
}

}  // namespace urna
