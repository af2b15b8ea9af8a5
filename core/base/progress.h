// Shows people how far some long work has come: a bar that is written over on a terminal, a plain
// line now and then where standard error is a file.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/strings/string_view.h"

namespace urna {

// Told how much is done. May be empty: then nobody looks. Only one thread at a time may call it.
using Progress = std::function<void(uint64_t done, uint64_t total)>;

// Makes one for each of several works that follow each other; `what` is counted. May be empty: then
// nobody looks at any.
using ProgressOf = std::function<Progress(const std::string& what)>;

// That of one work, empty if nobody looks.
inline Progress Begin(const ProgressOf& of, const std::string& what) {
  return of ? of(what) : Progress();
}

enum class ProgressTo {
  kTerminal,        // nothing where there is no terminal
  kTerminalOrFile,  // there a line every few seconds, and a last one if there was one before
};

// On standard error. `what` is counted: "entries verified".
Progress ShowProgress(std::string what, ProgressTo to);
// The same for several; of those that are done in a moment nothing is shown.
ProgressOf ShowEachProgress(ProgressTo to);

// "entries verified  [#####     ]  512 of 1024, 3 s left"; the time left is reckoned from
// `seconds`, the time it took so far, and not said where it is not known.
std::string ProgressBar(absl::string_view what, uint64_t done, uint64_t total, double seconds);
// "entries verified: 512 of 1024"
std::string ProgressLine(absl::string_view what, uint64_t done, uint64_t total);

}  // namespace urna
