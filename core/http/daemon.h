// An HTTP daemon of libmicrohttpd's: its listener, threads and limits, and who is too slow for
// them. What is answered is its handler's. Plain HTTP: what it is for is signed, and TLS is a
// proxy's. Nobody's address is kept or logged.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

struct MHD_Connection;

namespace urna::http {

struct DaemonOptions {
  std::string address = "127.0.0.1:0";  // host:port; port 0 picks a free one
  unsigned threads = 2;                 // two at least
  // At once; more wait to be taken. At most half of the files that the process may open.
  unsigned connections = 256;
  size_t head_bytes = 16'384;  // of one request's line and headers
  // A request must have come whole so long after its connection, or after the answer before.
  std::chrono::milliseconds request_time{20'000};
  std::chrono::milliseconds answer_time{20'000};  // the answer must have gone so long after that
  unsigned idle_seconds = 30;                     // nothing came or went
};

// Answers requests; on the daemon's threads, several at once.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;

  // Called when a request's head has come, for each part of its body, and when all has come: an
  // MHD_AccessHandlerCallback, with `path` as it was sent. `context` is null the first time, and
  // the handler's own until OnEnd. Whoever answers calls AnswerBegins first. False cuts the
  // connection.
  virtual bool OnRequest(MHD_Connection* connection, const char* path, const char* method,
                         const char* upload, size_t* upload_size, void** context) = 0;
  // The request is over, however it ended.
  virtual void OnEnd(void* context) = 0;

  // From now on the answer has its time.
  void AnswerBegins(MHD_Connection* connection) const;

 private:
  friend class Daemon;
  std::chrono::milliseconds answer_time_{};  // set before the first request
};

class Daemon {
 public:
  // InvalidArgument if the address is none; Unavailable if it cannot be had. The handler, which
  // serves one daemon, must outlive it.
  static absl::StatusOr<std::unique_ptr<Daemon>> Start(RequestHandler& handler,
                                                       const DaemonOptions& options);
  // Stops.
  ~Daemon();

  int port() const;
  const std::string& address() const;  // host:port, with the port that was picked
  unsigned connections() const;        // at once, as the process may have them

  // Cuts off whoever is connected. More than once does no harm.
  void Stop();

 private:
  struct Impl;
  explicit Daemon(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace urna::http
