// Where a call comes from, as far as limits want to know it.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace urna::server {

// From what gRPC calls a peer ("ipv4:192.0.2.1:4711", "ipv6:%5B2001:db8::1%5D:4711") the bytes that
// stand for whoever is there: the address of IPv4, the first 64 bits of IPv6, which one household
// has. Empty for this machine itself and for what is no address. For RateLimits and nothing else.
std::string PeerNetwork(absl::string_view peer);

}  // namespace urna::server
