// A witness over HTTP: POST /add-checkpoint and nothing else (docs/protocol.md §10.2). What comes
// and goes is signed, so that it is plain HTTP: TLS is a proxy's. Nobody's address is kept or
// logged.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "witness/witness.h"

namespace urna::witness {

struct HttpOptions {
  std::string address = "127.0.0.1:0";  // host:port; port 0 picks a free one
  unsigned threads = 4;                 // each may wait for the disk
  unsigned connections = 256;           // at once; more wait to be taken
  size_t head_bytes = 16'384;           // of one request's line and headers
  // A request must have come whole so long after its connection, or after the answer before.
  std::chrono::milliseconds request_time{20'000};
  std::chrono::milliseconds answer_time{20'000};  // the answer must have gone so long after that
  unsigned idle_seconds = 30;                     // nothing came or went
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
