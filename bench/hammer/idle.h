// Connections that are there and do nothing: they have had their handshake, or one answer, and keep
// still. Who is cut off comes again, so that there are always as many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace urna::bench {

struct IdleOptions {
  size_t count = 0;
  std::string server;  // host:port
  enum class Kind {
    kGrpcTls,    // TLS and HTTP/2; pings are answered
    kGrpcPlain,  // HTTP/2
    kHttp,       // one GET of `path`
  } kind = Kind::kGrpcTls;
  std::string path;
};

class IdleConnections {
 public:
  // Opens them, some at a time, and returns when all are there; DeadlineExceeded if they aren't
  // within `seconds`. They are kept by a thread of their own. Certificates are not looked at.
  static absl::StatusOr<std::unique_ptr<IdleConnections>> Open(const IdleOptions& options,
                                                               double seconds);
  ~IdleConnections();

  size_t open() const;          // at this moment
  uint64_t came_again() const;  // so many were cut off and opened anew

 private:
  struct Impl;
  explicit IdleConnections(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace urna::bench
