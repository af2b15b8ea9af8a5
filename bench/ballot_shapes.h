// The ballots that are measured, each by its name: contests that all look alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "core/election/manifest.h"

namespace urna::bench {

struct Shape {
  const char* name;
  uint16_t contests;
  size_t options;
  uint32_t most;  // that may be chosen
};
inline constexpr Shape kShapes[] = {
    {"1-of-3", 1, 3, 1}, {"1-of-5", 1, 5, 1}, {"10x1-of-4", 10, 4, 1}, {"1-of-100", 1, 100, 1}};

// Null if no shape has this name.
const Shape* FindShape(absl::string_view name);
// "1-of-3, 1-of-5, …"
std::string ShapeNames();

// The contests of such a ballot, one style that has them all, and one district.
void AddContests(const Shape& shape, election::Manifest& manifest);

}  // namespace urna::bench
