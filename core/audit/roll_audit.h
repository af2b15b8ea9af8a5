// The checks of a roll's log: L1-L3 for its files, S3 and S4.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/audit/audit.h"
#include "core/record/log_scan.h"

namespace urna::audit {

struct RollAudit {
  std::shared_ptr<const roll::RollState> state;  // null if there is no readable roll
};

// Reads RECORD/roll-<id>. `proved_before`: the poll's opening, and so
// this very roll, was verified before, and enrolments are not proved again.
RollAudit AuditRoll(const std::string& directory, const crypto::Hash32& roll_id,
                    const AuditOptions& options, bool proved_before, Findings& findings);

// L2 and L1 of one log: files against the tree, and the checkpoint against the log key.
void ReportFiles(const record::LogScan& scan, absl::string_view name, Findings& findings);
void CheckLogCheckpoint(const record::LogReader& log, absl::string_view name,
                        absl::string_view origin, const std::array<uint8_t, 32>& log_key,
                        const std::optional<Policy>& policy, Findings& findings);

// The key under its name, as manifests and headers have it.
absl::StatusOr<merkle::NoteVerifier> VerifierOf(absl::string_view name,
                                                const std::array<uint8_t, 32>& key);

}  // namespace urna::audit
