// The listening side: port, TLS, health and reflection, orderly end.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/board.h"

namespace urna::server {

struct ListenOptions {
  std::string address = "127.0.0.1:0";  // host:port; port 0 picks a free one
  std::string tls_certificate_file;     // PEM, with chain
  std::string tls_key_file;             // PEM
  bool insecure_anywhere = false;       // without TLS beyond this machine
};

class GrpcServer {
 public:
  // FailedPrecondition if it would listen without TLS beyond this machine; Unavailable if the
  // address cannot be had. The board must outlive it.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(Board& board,
                                                           const ListenOptions& options);
  // Shuts down at once.
  ~GrpcServer();

  int port() const;
  const std::string& address() const;  // host:port, with the port that was picked

  // Takes no new calls, waits up to `grace_seconds` for those under way, then cuts them off. The
  // board must still be running.
  void Shutdown(int64_t grace_seconds);

 private:
  struct Impl;
  explicit GrpcServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace urna::server
