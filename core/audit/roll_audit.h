// The checks of a roll's log: L1-L3 for its files, S3 and S4.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/audit/audit.h"
#include "core/record/log_scan.h"

namespace urna::audit {

// What a roll's log says, epoch by epoch.
class RollAudit {
 public:
  using State = std::shared_ptr<const roll::RollState>;

  // Null if there is no readable roll. Where an epoch ends at the size that is pinned, the roll of
  // that epoch; else all that the log says (§12).
  State At(uint64_t size) const;

  void KeepEpoch(uint64_t size, State state) { epochs_.emplace(size, std::move(state)); }
  void KeepWhole(State state) { whole_ = std::move(state); }

 private:
  std::map<uint64_t, State> epochs_;  // by the size of the log with their seals
  State whole_;
};

// Reads RECORD/roll-<id>; what stands behind the pinned epoch is looked at by L1 and L2 alone, if
// it ends where the pin says. `proved_before`: the poll's opening, and so this very epoch, was
// verified before, and enrolments are not proved again.
RollAudit AuditRoll(const std::string& directory, const roll::RollPin& pin,
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
