// The checks of a roll's log: L1-L3 for its files, S3 and S4.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/audit/audit.h"
#include "core/record/directory.h"
#include "core/record/log_scan.h"

namespace urna::audit {

// A roll's log in a record, read as far as a poll's orders pin it (§12); what stands behind is
// looked at by L1 and L2 alone. Used by one thread.
class RollAudit {
 public:
  using State = std::shared_ptr<const roll::RollState>;

  // Reads RECORD/roll-<id> up to the pin of the opening. `options` and `findings` must outlive
  // this. `proved_before`: the opening, and so this very epoch, was verified before, and enrolments
  // are not proved again.
  RollAudit(const std::string& directory, const roll::RollPin& pin, const AuditOptions& options,
            bool proved_before, Findings& findings);
  ~RollAudit();

  // The roll as an order pins it, read on to there. Where an epoch ends at this size, the roll of
  // that epoch; else all that the log says. Null if there is no readable roll. `proved_before`: the
  // order was verified before.
  State At(uint64_t size, bool proved_before);

 private:
  class Reader;
  void ReportRoll(const std::string& name, const roll::RollPin& pin, const record::LogScan& scan);
  void ReadOn(uint64_t size, bool proved_before);
  void Keep(uint64_t size);
  State ReadAgain(uint64_t size) const;

  const AuditOptions& options_;
  Findings& findings_;
  std::unique_ptr<record::LogReader> log_;  // null if it cannot be read
  std::unique_ptr<Reader> reader_;
  std::map<uint64_t, State> epochs_;  // that are pinned, by the size of the log with their seals
  State whole_;                       // once all is read and was asked for
};

// L2 and L1 of one log: files against the tree, and the checkpoint against the log key.
void ReportFiles(const record::LogScan& scan, absl::string_view name, Findings& findings);
void CheckLogCheckpoint(const record::LogReader& log, absl::string_view name,
                        absl::string_view origin, const std::array<uint8_t, 32>& log_key,
                        const std::optional<Policy>& policy, Findings& findings);

// The key under its name, as manifests and headers have it.
absl::StatusOr<merkle::NoteVerifier> VerifierOf(absl::string_view name,
                                                const std::array<uint8_t, 32>& key);

}  // namespace urna::audit
