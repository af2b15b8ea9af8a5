// What every command of urna-tally gets from main: randomness, the time, and how to answer.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/base/clock.h"
#include "core/base/progress.h"
#include "core/crypto/rng.h"

namespace urna::tally {

using Json = nlohmann::ordered_json;
using urna::Progress;
using urna::ProgressOf;

struct Context {
  crypto::Rng& rng;  // thread-safe
  const Clock& clock;
  bool json = false;      // answers as JSON
  bool progress = false;  // lines of progress even without a terminal
  unsigned threads = 0;   // 0: one a core
  std::string language = "en";

  // The one answer of a command, on standard output: `text`, or `json` if that was asked for.
  void Answer(const std::string& text, const Json& answer) const;
  // A line on standard error, for people only.
  void Say(const std::string& line) const;
  // On a terminal one line that is written over; with --progress a line every few seconds.
  Progress ShowProgress(const std::string& what) const;
  // The same for several that follow each other.
  ProgressOf ShowEachProgress() const;
};

// "2025-06-01T08:00:00Z"
std::string TimeText(uint64_t seconds);

}  // namespace urna::tally
