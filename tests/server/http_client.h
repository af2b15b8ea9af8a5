// A few lines of HTTP/1.1 over a socket, so that tests can also be clients that no library makes:
// slow ones, wrong ones, many at once.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace urna::testing {

struct HttpAnswer {
  int code = 0;
  std::map<std::string, std::string> headers;  // by name in lower case
  std::string body;
};

// One connection to a port of this machine. Move-only.
class HttpConnection {
 public:
  explicit HttpConnection(int port);
  ~HttpConnection();
  HttpConnection(HttpConnection&& other) noexcept;
  HttpConnection& operator=(HttpConnection&&) = delete;

  bool connected() const { return file_ >= 0; }
  // Nothing happens if the other side has gone.
  void Send(absl::string_view bytes);
  // Without a body.
  void Request(absl::string_view method, absl::string_view path, absl::string_view headers = "");
  // The next answer; `head` if it has no body for that. Unavailable if the connection ended before,
  // DeadlineExceeded if there was none in time.
  absl::StatusOr<HttpAnswer> Read(bool head = false,
                                  std::chrono::milliseconds wait = std::chrono::seconds(10));
  // Reads until the other side ends the connection; false if it does not in time.
  bool Ends(std::chrono::milliseconds wait);

 private:
  // Adds what comes next to `read_`.
  absl::Status More(std::chrono::steady_clock::time_point until);

  int file_ = -1;
  std::string read_;
};

// One request on a connection of its own.
absl::StatusOr<HttpAnswer> HttpRequest(int port, absl::string_view method, absl::string_view path,
                                       absl::string_view headers = "");

}  // namespace urna::testing
