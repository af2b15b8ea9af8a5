// Reads public files over HTTP and HTTPS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "core/base/bytes.h"

namespace urna::remote {

struct HttpOptions {
  std::string root_certificates_file;  // PEM; empty: the system's
  int64_t connect_seconds = 15;
  int64_t stalled_seconds = 30;  // so long almost nothing came
  int64_t busy_retries = 5;      // of an answer 503, a second apart
};

// Keeps its connection between files. For one thread. Move-only.
class HttpReader {
 public:
  // Unavailable if the library cannot be had.
  static absl::StatusOr<HttpReader> Create(const HttpOptions& options);
  HttpReader(HttpReader&&) noexcept;
  HttpReader& operator=(HttpReader&&) noexcept;
  ~HttpReader();

  // The whole file. NotFound if the server has none; OutOfRange if it is longer than `max_bytes`;
  // Unavailable for everything else that went wrong on the way, such as a file that breaks off.
  // Every sentence names the URL.
  absl::StatusOr<Bytes> Get(const std::string& url, size_t max_bytes);

 private:
  struct Impl;
  explicit HttpReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace urna::remote
