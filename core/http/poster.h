// Posts small bodies over HTTP and HTTPS and takes small answers: how a log asks its witnesses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace urna::http {

struct PostOptions {
  std::string root_certificates_file;  // PEM; empty: the system's
  int64_t connect_seconds = 5;
  int64_t total_seconds = 20;  // from the first moment to the answer's last byte
  size_t reply_bytes = 1 << 16;
  // Asked about once a second while something is under way; true gives it up. May be empty.
  std::function<bool()> give_up;
};

struct PostReply {
  int code = 0;
  std::string content_type;  // empty if it has none
  std::string body;
};

// Keeps its connection between calls. For one thread. Move-only.
class Poster {
 public:
  // Unavailable if the library cannot be had.
  static absl::StatusOr<Poster> Create(const PostOptions& options);
  Poster(Poster&&) noexcept;
  Poster& operator=(Poster&&) noexcept;
  ~Poster();

  // The answer, whatever its code; redirects are answers, too. Unavailable if there is none that is
  // whole, OutOfRange if it is longer than it may be. Every sentence names the URL.
  absl::StatusOr<PostReply> Post(const std::string& url, absl::string_view body);

 private:
  struct Impl;
  explicit Poster(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace urna::http
