// A listening TCP socket, with sentences for what can be wrong with an address.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace urna::http {

struct ListenSocket {
  int file = -1;        // the caller's
  int port = 0;         // that was picked, if the address says 0
  std::string address;  // host:port, with that port
};

// Listens on host:port. InvalidArgument if the address is none; Unavailable if it cannot be had.
absl::StatusOr<ListenSocket> ListenOn(const std::string& address);

}  // namespace urna::http
