// What the operator asks a running board on its own machine: the gRPC service Operation on a Unix
// socket in the data directory. Whoever may open the socket is let in, so it is its owner's alone.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/board.h"

namespace urna::server {

// The socket of the board in `data`.
std::string StatusSocketPath(const std::string& data);

class StatusSocket {
 public:
  // Takes the place of a socket that an earlier server left. InvalidArgument if the path is longer
  // than a socket's may be; Unavailable if it cannot be had. The board must outlive it.
  static absl::StatusOr<std::unique_ptr<StatusSocket>> Start(const Board& board,
                                                             const std::string& path);
  // Stops at once and takes the socket away.
  ~StatusSocket();

 private:
  struct Impl;
  explicit StatusSocket(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// One log of a board.
struct LogStatus {
  std::string origin;
  LogKind kind = LogKind::kRoll;
  LogPhase phase = LogPhase::kSetup;
  uint64_t entries = 0;
  uint64_t final_entries = 0;   // that have met the witness quorum
  uint64_t behind_seconds = 0;  // since more became final, or since all was
};

struct BoardStatus {
  std::string name;
  std::string version;
  Metrics::Totals totals;
  size_t waiting = 0;
  size_t uncommitted = 0;
  std::vector<LogStatus> logs;
  std::vector<WitnessStatus::Witness> witnesses;  // none if it has none
  bool has_quorum = false;
  std::string alarm;  // why it takes nothing new; empty if it does
};

// Asks the board that serves from there. Unavailable if none does; DeadlineExceeded if it has not
// answered within `patience`.
absl::StatusOr<BoardStatus> AskStatus(const std::string& path,
                                      std::chrono::milliseconds patience = std::chrono::seconds(5));

}  // namespace urna::server
