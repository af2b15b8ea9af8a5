// host:port addresses, and whether a host is this machine: without TLS programs talk to it alone.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace urna {

// The host of `host:port`, without the brackets of an IPv6 address. InvalidArgument if either part
// is empty.
absl::StatusOr<std::string> HostOf(absl::string_view address);

// "localhost", ::1 or an IPv4 address in 127.0.0.0/8, in digits. Names are not looked up.
bool IsLoopbackHost(absl::string_view host);

}  // namespace urna
