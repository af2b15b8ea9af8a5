// Files over HTTP, for GET and HEAD: the public ones of all logs (static_files.h), for mirrors,
// verifiers and browsers, with what caches and pages of other origins need to be told
// (docs/protocol.md §10); and the board's metrics, on a listener of their own.
//
// What is public is signed, so that it is plain HTTP: TLS is a proxy's. Nobody's address is kept or
// logged.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/http/daemon.h"
#include "server/board.h"
#include "server/static_files.h"

namespace urna::server {

struct HttpOptions : http::DaemonOptions {
  HttpOptions() {
    connections = 10'000;
    answer_time = std::chrono::milliseconds(300'000);
  }
  size_t answer_bytes = size_t{256} << 20;  // of all answers under way; then 503
};

class HttpServer {
 public:
  // The file at the path of a URL, escaped as it came. InvalidArgument if it can be no file's,
  // NotFound if there is none; all else is the board's own fault. Any thread.
  using ReadFile = std::function<absl::StatusOr<StaticFile>(absl::string_view path)>;

  // InvalidArgument if the address is none; Unavailable if it cannot be had.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(ReadFile read,
                                                           const HttpOptions& options);
  // The public files of a board, which must outlive it.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const Board& board,
                                                           const HttpOptions& options);
  // The metrics of a board, which must outlive it, at /metrics.
  static absl::StatusOr<std::unique_ptr<HttpServer>> StartMetrics(const Board& board,
                                                                  const HttpOptions& options);
  // Stops.
  ~HttpServer();

  int port() const;
  const std::string& address() const;  // host:port, with the port that was picked
  unsigned connections() const;        // at once, as the process may have them

  // Cuts off whoever is connected. More than once does no harm.
  void Stop();

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace urna::server
