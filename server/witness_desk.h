// What the committer asks of whoever speaks with the board's witnesses (docs/protocol.md §10.4).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "core/merkle/witness_policy.h"
#include "server/log_state.h"

namespace urna::server {

// Thread-safe; nothing here waits for a witness or for the disk.
class WitnessDesk {
 public:
  virtual ~WitnessDesk() = default;

  virtual const merkle::WitnessPolicy& policy() const = 0;

  // FailedPrecondition with what to do while nothing new may be logged: a witness knows another
  // history than ours.
  virtual absl::Status CheckNoAlarm() const = 0;

  // The log has a new published checkpoint.
  virtual void Published(std::shared_ptr<const LogView> view) = 0;

  // An order waits for a checkpoint of this log that was the newest at `not_before` or later: it is
  // to be had from the witnesses and logged.
  virtual void Want(const std::string& origin, uint64_t not_before) = 0;
};

}  // namespace urna::server
