// The listening side: ports, TLS, limits of connections, health and reflection, orderly end.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/board.h"

namespace urna::server {

// What one connection may take. Who needs more comes again: clients do so by themselves.
struct ConnectionLimits {
  int message_bytes = 1 << 20;                  // of a request; an entry has at most 65,535
  int header_bytes = 8 << 10;                   // of a call's metadata
  int streams = 128;                            // calls at once
  size_t memory_bytes = size_t{1} << 30;        // of all connections together
  std::chrono::milliseconds handshake{10'000};  // TLS, and the first words of HTTP/2
  std::chrono::milliseconds idle{300'000};      // no call under way
  std::chrono::milliseconds age{900'000};       // then calls under way get `grace`
  std::chrono::milliseconds grace{300'000};     // long downloads
  std::chrono::milliseconds keepalive{60'000};  // asks whether the other side is still there …
  std::chrono::milliseconds keepalive_answer{20'000};  // … which it must say so soon
  std::chrono::milliseconds least_ping{30'000};        // who asks us more often is sent away
};

struct ListenOptions {
  std::string address = "127.0.0.1:0";  // host:port; port 0 picks a free one
  std::string tls_certificate_file;     // PEM, with chain; read again when it changes
  std::string tls_key_file;             // PEM
  unsigned tls_refresh_seconds = 60;    // how often the files are looked at
  bool insecure_anywhere = false;       // without TLS beyond this machine

  // Where Administration is served, and only there; empty: on `address` too. Same certificate.
  std::string administration_address;
  std::string client_roots_file;  // PEM; who administers shows a certificate under one of them

  ConnectionLimits limits;
};

class GrpcServer {
 public:
  // FailedPrecondition if it would listen without TLS beyond this machine; Unavailable if an
  // address cannot be had; errors of MakeTls; InvalidArgument if clients' certificates are wanted
  // without a listener of their own, or without TLS. The board must outlive it.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(Board& board,
                                                           const ListenOptions& options);
  // Shuts down at once.
  ~GrpcServer();

  int port() const;
  const std::string& address() const;                 // host:port, with the port that was picked
  const std::string& administration_address() const;  // empty: the same

  // Takes no new calls, waits up to `grace_seconds` for those under way, then cuts them off. The
  // board must still be running.
  void Shutdown(int64_t grace_seconds);

 private:
  struct Impl;
  explicit GrpcServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace urna::server
