// What fuzz targets share: a property that must hold of every input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "core/base/bytes.h"

namespace urna::testing {

// Ends the process with the sentence, which libFuzzer takes for a crash and keeps the input of.
inline void Require(bool holds, const char* sentence) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", sentence);
  std::abort();
}

inline absl::string_view Text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace urna::testing
