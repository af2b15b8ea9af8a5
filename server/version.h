// What the board says of itself to whoever asks.
#pragma once

namespace urna::server {

inline constexpr char kVersion[] = "urna-server 0.1.0";

}  // namespace urna::server
