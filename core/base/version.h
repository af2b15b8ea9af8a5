// The version of Urna, which is that of the project in CMakeLists.txt.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace urna {

// How a program calls itself in what it writes for others: "urna-tally 0.1.0".
std::string WithVersion(absl::string_view program);

}  // namespace urna
