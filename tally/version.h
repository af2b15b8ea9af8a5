// How the tool calls itself in what it writes for others.
#pragma once

namespace urna::tally {

inline constexpr char kVersion[] = "urna-tally 0.1.0";

}  // namespace urna::tally
