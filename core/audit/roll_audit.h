// The checks of a roll's log: L1-L3 for its files, S3 and S4.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/audit/audit.h"

namespace urna::audit {

struct RollAudit {
  std::shared_ptr<const roll::RollState> state;  // null if there is no readable roll
};

// Reads RECORD/roll-<id>. `threads` as in AuditOptions.
RollAudit AuditRoll(const std::string& directory, const crypto::Hash32& roll_id, unsigned threads,
                    Findings& findings);

// L1 and L2 of one log: files against the tree, and the checkpoint against the log key.
void CheckLogFiles(const record::LogReader& log, absl::string_view name, Findings& findings);
void CheckLogCheckpoint(const record::LogReader& log, absl::string_view name,
                        absl::string_view origin, const std::array<uint8_t, 32>& log_key,
                        Findings& findings);

}  // namespace urna::audit
