// A witness over HTTP: POST /add-checkpoint and nothing else (docs/protocol.md §10.2). What comes
// and goes is signed, so that it is plain HTTP: TLS is a proxy's. Nobody's address is kept or
// logged.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "core/http/daemon.h"
#include "witness/witness.h"

namespace urna::witness {

struct HttpOptions : http::DaemonOptions {
  HttpOptions() { threads = 4; }  // each may wait for the disk
};

class HttpServer {
 public:
  // InvalidArgument if the address is none; Unavailable if it cannot be had. The witness must
  // outlive it.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(Witness& witness,
                                                           const HttpOptions& options);
  // Stops; whoever is connected is cut off.
  ~HttpServer();

  int port() const;
  const std::string& address() const;  // host:port, with the port that was picked

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace urna::witness
