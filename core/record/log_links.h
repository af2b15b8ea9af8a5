// What entries say about logs: a first entry about its own, an opening order about the roll's.
// docs/protocol.md §4, §6.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "core/record/entry.h"
#include "core/roll/roll.h"

namespace urna::record {

struct LogIdentity {
  std::string origin;
  std::array<uint8_t, 32> log_key{};  // signs the log's checkpoints under the origin
};

// Nothing unless the entry is a manifest or a roll's header.
std::optional<LogIdentity> IdentityOf(const Entry& first);

// The roll that the order opens a poll with; nothing for every other entry. (A later epoch of it,
// which an order may bring in, is in the same log.)
std::optional<roll::RollPin> PinOf(const Entry& entry);

}  // namespace urna::record
